//! A price as the customer wrote it: digits stay those digits, whatever a float would make of them.

use serde::{Serialize, Serializer};
use serde_json::value::RawValue;
use tastemaker_domain::recommendation::MetadataValue;

pub(super) enum Price<'a> {
    Number(&'a RawValue),
    Text(&'a str),
}

impl<'a> Price<'a> {
    pub fn new(value: &'a MetadataValue) -> Option<Self> {
        match value {
            MetadataValue::Number(text) => number(text).map(Price::Number),
            MetadataValue::Text(text) if text.trim().is_empty() => None,
            MetadataValue::Text(text) => Some(number(text.trim()).map_or(Price::Text(text), Price::Number)),
            MetadataValue::Boolean(_) => None,
        }
    }
}

impl Serialize for Price<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Price::Number(raw) => raw.serialize(serializer),
            Price::Text(text) => serializer.serialize_str(text),
        }
    }
}

/// `text` itself when JSON's grammar calls it a number.
fn number(text: &str) -> Option<&RawValue> {
    let begins = text.starts_with(|c: char| c == '-' || c.is_ascii_digit());
    if begins { serde_json::from_str(text).ok() } else { None }
}
