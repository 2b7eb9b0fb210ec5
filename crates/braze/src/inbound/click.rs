//! The recommendation behind a clicked URL.
//!
//! With `track=1` the endpoint adds `rid=<recommendation id>` and `rid_item=<item id>` to every item's URL; the click events of
//! Currents carry that URL.

use crate::urlencoding;

/// The contents of a tracked URL.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Click {
    /// `RID-...`.
    pub recommendation_id: String,
    /// The item whose URL it was.
    pub item_id: String,
}

impl Click {
    /// From a clicked URL; `None` when it was not tracked.
    pub fn of(url: &str) -> Option<Self> {
        let query = url.split_once('?')?.1.split('#').next()?;
        let (mut rid, mut item) = (None, None);
        for (name, value) in urlencoding::pairs(query) {
            let slot = match name.as_slice() {
                b"rid" => &mut rid,
                b"rid_item" => &mut item,
                _ => continue,
            };
            *slot = String::from_utf8(value).ok().filter(|text| !text.is_empty());
        }
        Some(Self { recommendation_id: rid?, item_id: item? })
    }

    /// `url` with the members of a tracked URL added before its fragment.
    pub fn track(url: &str, recommendation_id: &str, item_id: &str) -> String {
        let (before, fragment) = match url.split_once('#') {
            Some((before, fragment)) => (before, Some(fragment)),
            None => (url, None),
        };
        let joint = if !before.contains('?') {
            "?"
        } else if before.ends_with(['?', '&']) {
            ""
        } else {
            "&"
        };
        let (rid, item) = (urlencoding::encode(recommendation_id), urlencoding::encode(item_id));
        let fragment = fragment.map(|text| format!("#{text}")).unwrap_or_default();
        format!("{before}{joint}rid={rid}&rid_item={item}{fragment}")
    }
}
