//! The ids of events in their streams.
//!
//! A sender's event id alone does not tell events apart: an order of three products is sent as three events with the order's
//! number, and some senders use one id for everything. So an entry's id is the event id and, behind a separator, a digest of
//! the user, the item (or action) and the event type. Entries of earlier builds have the event id alone.

use sha2::{Digest, Sha256};

/// Stands between the two parts; no sender writes it.
const SEPARATOR: char = '\u{1f}';

/// Bytes of the digest, which only has to tell apart the events with one event id.
const DIGEST_BYTES: usize = 8;

/// The id of an entry: equal for events that are one event sent twice.
pub(super) fn entry_id(event_id: &str, parts: [&str; 3]) -> String {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update((part.len() as u64).to_le_bytes());
        hash.update(part);
    }
    format!("{event_id}{SEPARATOR}{}", hex::encode(&hash.finalize()[..DIGEST_BYTES]))
}

/// The sender's event id in the id of an entry.
pub(super) fn event_id(entry_id: &str) -> &str {
    let is_digest =
        |text: &str| text.len() == 2 * DIGEST_BYTES && text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
    match entry_id.rsplit_once(SEPARATOR) {
        Some((event_id, digest)) if is_digest(digest) => event_id,
        _ => entry_id,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn an_entry_is_told_by_all_parts_and_gives_the_event_id_back() {
        let ids = [
            entry_id("o", ["u", "a", "View"]),
            entry_id("o", ["u", "b", "View"]),
            entry_id("o", ["v", "a", "View"]),
            entry_id("o", ["u", "a", "Buy"]),
            entry_id("o", ["ua", "", "View"]),
        ];
        assert_eq!(ids.iter().collect::<HashSet<_>>().len(), ids.len());
        assert!(ids.iter().all(|id| event_id(id) == "o"), "{ids:?}");
        assert_eq!(entry_id("o", ["u", "a", "View"]), ids[0]);
        let nested = entry_id(&ids[0], ["u", "a", "View"]);
        assert_eq!(event_id(&nested), ids[0]);
        for older in ["o", "", "o\u{1f}", "o\u{1f}0123", "o\u{1f}0123456789ABCDEF", "0123456789abcdef"] {
            assert_eq!(event_id(older), older);
        }
    }
}
