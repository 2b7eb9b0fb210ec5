//! The limits of a reading: the last time of rows that count, and the switch that ends it.

use crate::ImportError;

/// The limits of a reading: a time and a switch.
#[derive(Clone, Copy)]
pub struct ReadLimits<'a> {
    /// Rows later than this, in seconds, are left out; all count without it.
    pub until_s: Option<i64>,
    /// Asked before each batch of rows whether the caller wants no more.
    pub cancelled: &'a dyn Fn() -> bool,
}

impl Default for ReadLimits<'_> {
    fn default() -> Self {
        Self { until_s: None, cancelled: &|| false }
    }
}

impl ReadLimits<'_> {
    pub(crate) fn check(&self) -> Result<(), ImportError> {
        if (self.cancelled)() { Err(ImportError::Cancelled) } else { Ok(()) }
    }

    pub(super) fn takes(&self, time_s: i64) -> bool {
        self.until_s.is_none_or(|until_s| time_s <= until_s)
    }
}
