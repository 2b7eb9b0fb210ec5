//! Times and names as people read them.

use tastemaker_domain::resource::TimeMs;
use time::OffsetDateTime;
use time::macros::format_description;

/// A time as text, in UTC and to the second.
pub fn time_text(ms: TimeMs) -> String {
    seconds_text(ms.div_euclid(1000))
}

/// The same of seconds since the Unix epoch; the number itself where no calendar has the time.
pub fn seconds_text(seconds: i64) -> String {
    let format = format_description!("[year]-[month]-[day]T[hour]:[minute]:[second]Z");
    let time = OffsetDateTime::from_unix_timestamp(seconds).ok();
    time.and_then(|time| time.format(format).ok()).unwrap_or_else(|| seconds.to_string())
}

/// The last part of an ARN: a name.
pub fn name_of(arn: &str) -> &str {
    arn.split_once('/').map_or(arn, |(_, name)| name)
}
