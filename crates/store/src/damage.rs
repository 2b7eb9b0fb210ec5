//! Stored values that cannot be read: each is passed over, counted, and told once, so that one of them stops nothing else.
//! It stays where it is, for a repair by hand or a build that reads it.

use std::collections::HashSet;
use std::sync::LazyLock;

use parking_lot::Mutex;

use crate::{Error, Result};

/// The counter of damaged values by their kind.
pub const DAMAGED: &str = "tastemaker_damaged_values_total";

/// Messages that are remembered as told; a damaged database has as many as it has values.
const TOLD_MAX: usize = 10_000;

/// The messages that this process has told. Lists are read every few seconds.
static TOLD: LazyLock<Mutex<HashSet<String>>> = LazyLock::new(Mutex::default);

/// The kind of a stored value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A record of a resource or job.
    Record,
    /// An entry of a stream.
    Event,
}

impl Kind {
    fn label(self) -> &'static str {
        match self {
            Self::Record => "record",
            Self::Event => "event",
        }
    }

    /// The file of a data directory that holds values of the kind.
    fn file(self) -> &'static str {
        match self {
            Self::Record => "records.sqlite",
            Self::Event => "events.sqlite",
        }
    }
}

/// Nothing in place of a value that is damaged, which is counted and told. The error of a decoder names the key, or the
/// stream and the position.
pub fn skip_damaged<T>(kind: Kind, decoded: Result<T>) -> Result<Option<T>> {
    let what = match decoded {
        Ok(value) => return Ok(Some(value)),
        Err(Error::Corrupt(what)) => what,
        Err(error) => return Err(error),
    };
    let mut told = TOLD.lock();
    if told.len() < TOLD_MAX && told.insert(what.clone()) {
        drop(told);
        metrics::counter!(DAMAGED, "kind" => kind.label()).increment(1);
        tracing::error!(file = kind.file(), what, "a damaged value is passed over and stays where it is");
    }
    Ok(None)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_damage_is_passed_over() {
        assert_eq!(skip_damaged(Kind::Event, Ok(1)).expect("whole"), Some(1));
        let corrupt = || Err::<i32, _>(Error::Corrupt("stream at position 7".into()));
        assert_eq!(skip_damaged(Kind::Event, corrupt()).expect("passed over"), None);
        assert!(TOLD.lock().contains("stream at position 7"));
        let other = skip_damaged::<i32>(Kind::Record, Err(Error::Unavailable("disk".into())));
        assert!(matches!(other, Err(Error::Unavailable(_))));
    }

    #[test]
    fn kinds_are_told_by_their_names_and_files() {
        let told = [Kind::Record, Kind::Event].map(|kind| (kind.label(), kind.file()));
        assert_eq!(told, [("record", "records.sqlite"), ("event", "events.sqlite")]);
    }
}
