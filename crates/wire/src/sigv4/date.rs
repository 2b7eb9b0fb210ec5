//! Signing times as headers and queries write them.

use time::macros::format_description;
use time::{OffsetDateTime, PrimitiveDateTime};

/// `20260102T030405Z`; `moment` is in UTC.
pub(super) fn basic(moment: OffsetDateTime) -> String {
    format!(
        "{:04}{:02}{:02}T{:02}{:02}{:02}Z",
        moment.year(),
        u8::from(moment.month()),
        moment.day(),
        moment.hour(),
        moment.minute(),
        moment.second(),
    )
}

pub(super) fn parse_basic(text: &str) -> Option<OffsetDateTime> {
    let format = format_description!("[year][month][day]T[hour][minute][second]Z");
    PrimitiveDateTime::parse(text.trim(), &format).ok().map(PrimitiveDateTime::assume_utc)
}

pub(super) fn parse_http_date(text: &str) -> Option<OffsetDateTime> {
    let moment = OffsetDateTime::parse(text.trim(), &time::format_description::well_known::Rfc2822).ok()?;
    moment.checked_to_offset(time::UtcOffset::UTC)
}
