//! The clock of this machine.

use std::time::{SystemTime, UNIX_EPOCH};
use tastemaker_domain::resource::TimeMs;

/// Milliseconds since the Unix epoch.
pub fn now_ms() -> TimeMs {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    TimeMs::try_from(since.as_millis()).unwrap_or(TimeMs::MAX)
}
