//! XML as the query protocol and S3 send it.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use std::collections::BTreeMap;
use tastemaker_domain::resource::TimeMs;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

/// The bytes that RFC 3986 does not list as unreserved, which are percent-encoded.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// Text as an element's content.
pub fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

/// An element with text.
pub fn text(name: &str, text: &str) -> String {
    format!("<{name}>{}</{name}>", escaped(text))
}

/// An element with text, or nothing.
pub fn optional(name: &str, value: Option<&str>) -> String {
    value.map(|value| text(name, value)).unwrap_or_default()
}

/// An element with elements.
pub fn element(name: &str, content: &str) -> String {
    format!("<{name}>{content}</{name}>")
}

/// A list of elements.
pub fn list(name: &str, members: impl IntoIterator<Item = String>) -> String {
    let members: String = members.into_iter().map(|member| element("member", &member)).collect();
    element(name, &members)
}

/// A resource's tags, or nothing.
pub fn tags(tags: &BTreeMap<String, String>) -> String {
    let members = tags.iter().map(|(key, value)| text("Key", key) + &text("Value", value));
    if tags.is_empty() { String::new() } else { list("Tags", members) }
}

/// A policy document as IAM sends it: percent-encoded.
pub fn document(name: &str, json: &str) -> String {
    text(name, &utf8_percent_encode(json, RESERVED).to_string())
}

/// A time to the second, as IAM sends it.
pub fn date(name: &str, ms: TimeMs) -> String {
    let moment = OffsetDateTime::from_unix_timestamp(ms.div_euclid(1000)).unwrap_or(OffsetDateTime::UNIX_EPOCH);
    text(name, &moment.format(&Rfc3339).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms() {
        assert_eq!(text("A", "a<b&\"c\""), "<A>a&lt;b&amp;&quot;c&quot;</A>");
        assert_eq!(list("L", ["<X>1</X>".to_owned()]), "<L><member><X>1</X></member></L>");
        assert_eq!(document("D", r#"{"a": "ü/*"}"#), "<D>%7B%22a%22%3A%20%22%C3%BC%2F%2A%22%7D</D>");
        assert_eq!(date("T", 1_767_323_045_678), "<T>2026-01-02T03:04:05Z</T>");
    }
}
