//! The values that conditions and policy variables ask for, by condition key.

use std::collections::BTreeMap;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

/// What is known of a request, by condition key in any case of letters.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Facts(BTreeMap<String, Vec<String>>);

impl Facts {
    /// Those of a time in seconds since the Unix epoch.
    pub fn at(now_s: i64) -> Self {
        let mut facts = Self::default();
        let now = OffsetDateTime::from_unix_timestamp(now_s).unwrap_or(OffsetDateTime::UNIX_EPOCH);
        facts.add("aws:CurrentTime", now.format(&Rfc3339).unwrap_or_default());
        facts.add("aws:EpochTime", now_s.to_string());
        facts
    }

    /// Adds a value of a key; a key may have several.
    pub fn add(&mut self, key: &str, value: impl Into<String>) {
        self.0.entry(key.to_ascii_lowercase()).or_default().push(value.into());
    }

    /// The values of a key in lower-case letters; none when the request does not have it.
    pub(super) fn values(&self, lower_key: &str) -> &[String] {
        self.0.get(lower_key).map_or(&[], Vec::as_slice)
    }
}
