//! Percent-encoding of query strings and URL templates.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode, utf8_percent_encode};

/// The bytes that RFC 3986 does not list as unreserved, which are percent-encoded.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// Splits a query string at `&` and decodes names and values once: `+` is a space and `%41` is a byte. A `%` that two
/// hexadecimal digits do not follow stands for itself.
pub(crate) fn pairs(query: &str) -> impl Iterator<Item = (Vec<u8>, Vec<u8>)> {
    query.split('&').filter(|pair| !pair.is_empty()).map(|pair| {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        (decode(name), decode(value))
    })
}

/// The bytes that a name or value stands for, which need not be UTF-8.
pub(crate) fn decode(text: &str) -> Vec<u8> {
    percent_decode(text.replace('+', " ").as_bytes()).collect()
}

/// `text` with every byte but RFC 3986's unreserved characters written as `%XX`, so that it fits any part of a URL.
pub(crate) fn encode(text: &str) -> String {
    utf8_percent_encode(text, RESERVED).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decodes_exactly_once() {
        for (text, wanted) in
            [("a+b", "a b"), ("a%2Bb", "a+b"), ("%2541", "%41"), ("100%", "100%"), ("%zz%4", "%zz%4"), ("%C3%A9", "é")]
        {
            assert_eq!(decode(text), wanted.as_bytes(), "{text}");
        }
    }

    #[test]
    fn encodes_all_but_unreserved() {
        assert_eq!(encode("a-1_~.Z"), "a-1_~.Z");
        assert_eq!(encode("a b/ü&?"), "a%20b%2F%C3%BC%26%3F");
    }
}
