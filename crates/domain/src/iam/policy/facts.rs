//! The values that conditions and policy variables ask for, by condition key.

use std::collections::BTreeMap;

/// What is known of a request, by condition key in any case of letters.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Facts(BTreeMap<String, Vec<String>>);

impl Facts {
    /// Adds a value of a key; a key may have several.
    pub fn add(&mut self, key: &str, value: impl Into<String>) {
        self.0.entry(key.to_ascii_lowercase()).or_default().push(value.into());
    }

    /// The values of a key in lower-case letters; none when the request does not have it.
    pub(super) fn values(&self, lower_key: &str) -> &[String] {
        self.0.get(lower_key).map_or(&[], Vec::as_slice)
    }
}
