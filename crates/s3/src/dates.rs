//! Dates as headers write them.

use s3s::dto::{Timestamp, TimestampFormat};

pub(crate) fn http_date(date: &Timestamp) -> Option<String> {
    let mut text = Vec::new();
    date.format(TimestampFormat::HttpDate, &mut text).ok()?;
    String::from_utf8(text).ok()
}
