//! Serde forms of values that JSON has no form of its own for.

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use tastemaker_domain::words::Word;

/// The newest format version of records and of entries of streams, the number under `v`.
pub const FORMAT_NEWEST: u64 = 1;

/// The version tag of format 1: the number 1, and nothing else when read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct One;

impl Serialize for One {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_u64(1)
    }
}

impl<'de> Deserialize<'de> for One {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match u64::deserialize(deserializer)? {
            1 => Ok(One),
            other => Err(D::Error::custom(format!("format version {other} is not known, the newest is 1"))),
        }
    }
}

fn read_word<W: Word, E: serde::de::Error>(word: &str) -> Result<W, E> {
    W::from_word(word).ok_or_else(|| E::custom(format!("unknown word {word:?}")))
}

/// `#[serde(with = "word")]`.
pub mod word {
    use super::{Word, read_word};
    use serde::{Deserialize, Deserializer, Serializer};

    pub fn serialize<W: Word + Copy, S: Serializer>(value: &W, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(value.word())
    }

    pub fn deserialize<'de, W: Word, D: Deserializer<'de>>(deserializer: D) -> Result<W, D::Error> {
        read_word(&String::deserialize(deserializer)?)
    }
}

/// `#[serde(with = "optional_word")]`.
pub mod optional_word {
    use super::{Word, read_word};
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    pub fn serialize<W: Word + Copy, S: Serializer>(value: &Option<W>, serializer: S) -> Result<S::Ok, S::Error> {
        value.map(Word::word).serialize(serializer)
    }

    pub fn deserialize<'de, W: Word, D: Deserializer<'de>>(deserializer: D) -> Result<Option<W>, D::Error> {
        Option::<String>::deserialize(deserializer)?.map(|word| read_word(&word)).transpose()
    }
}

/// `#[serde(with = "finite")]`: numbers that are refused when written, because JSON would turn them into a null that
/// cannot be read back.
pub mod finite {
    use serde::{Deserialize, Deserializer, Serialize, Serializer};
    use std::collections::BTreeMap;

    pub fn serialize<S: Serializer>(values: &BTreeMap<String, f64>, serializer: S) -> Result<S::Ok, S::Error> {
        if let Some((name, value)) = values.iter().find(|(_, value)| !value.is_finite()) {
            return Err(serde::ser::Error::custom(format!("{name} is {value}, which is not a finite number")));
        }
        values.serialize(serializer)
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<BTreeMap<String, f64>, D::Error> {
        BTreeMap::deserialize(deserializer)
    }
}
