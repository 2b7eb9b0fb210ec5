//! The header `Range` as RFC 9110 has it: what is no range of bytes, or more than one, is passed over.

use http::header::{HeaderMap, HeaderValue, IF_RANGE, RANGE};
use s3s::S3Result;
use s3s::dto::Range;
use tastemaker_store::objects::ObjectRecord;

/// Leaves the one range of bytes that is asked for, in the form that the protocol crate reads; everything else that the
/// header can hold is taken out, so that the whole object is answered.
pub(crate) fn keep_usable(headers: &mut HeaderMap) {
    if !headers.contains_key(RANGE) {
        return;
    }
    let several = headers.get_all(RANGE).iter().nth(1).is_some();
    let text = headers.get(RANGE).and_then(|value| value.to_str().ok()).filter(|_| !several);
    let value = text.and_then(usable).and_then(|range| HeaderValue::from_str(&range.to_header_string()).ok());
    headers.remove(RANGE);
    if let Some(value) = value {
        headers.insert(RANGE, value);
    }
}

fn usable(text: &str) -> Option<Range> {
    let (unit, range) = text.split_once('=')?;
    if !unit.trim().eq_ignore_ascii_case("bytes") {
        return None;
    }
    let (first, last) = range.trim().split_once('-')?;
    match (first.trim(), last.trim()) {
        ("", length) => Some(Range::Suffix { length: position(length)? }),
        (first, "") => Some(Range::Int { first: position(first)?, last: None }),
        (first, last) => {
            let (first, last) = (position(first)?, position(last)?);
            (first <= last).then_some(Range::Int { first, last: Some(last) })
        }
    }
}

/// A number of digits; a number beyond every object's end is the greatest that the protocol crate reads.
fn position(digits: &str) -> Option<u64> {
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let greatest = i64::MAX as u64;
    Some(digits.parse().map_or(greatest, |position: u64| position.min(greatest)))
}

/// The bytes that a range names of an object of this size; none when that are no bytes, as at the end of an empty object,
/// which is answered whole.
pub(crate) fn extent(range: &Range, size_bytes: u64) -> S3Result<Option<std::ops::Range<u64>>> {
    let extent = range.check(size_bytes)?;
    Ok(Some(extent).filter(|extent| !extent.is_empty()))
}

/// True when the range holds for this state of the object: there is no `If-Range`, or it is the object's tag.
pub(crate) fn holds_for(headers: &HeaderMap, object: &ObjectRecord) -> bool {
    let Some(condition) = headers.get(IF_RANGE) else { return true };
    let condition = condition.as_bytes().trim_ascii();
    if condition.ends_with(b"\"") {
        // A weak tag never holds for a range.
        return condition == format!("\"{}\"", object.etag).as_bytes();
    }
    let modified = std::time::UNIX_EPOCH + std::time::Duration::from_secs(object.last_modified_ms / 1_000);
    let modified = s3s::dto::Timestamp::from(modified);
    crate::dates::http_date(&modified).is_some_and(|date| date.as_bytes() == condition)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_range_of_bytes_is_kept_and_nothing_else() {
        for (given, expected) in [
            ("bytes=0-4", Some("bytes=0-4")),
            ("Bytes = 0-4 ", Some("bytes=0-4")),
            ("bytes=7-", Some("bytes=7-")),
            ("bytes=-3", Some("bytes=-3")),
            ("bytes=-0", Some("bytes=-0")),
            ("bytes=5-99999999999999999999", Some("bytes=5-9223372036854775807")),
            ("bytes=99999999999999999999-", Some("bytes=9223372036854775807-")),
            ("bytes=4-0", None),
            ("bytes=a-b", None),
            ("bytes=-", None),
            ("bytes=+1-2", None),
            ("bytes=0-1,3-4", None),
            ("bytes=", None),
            ("bytes", None),
            ("items=0-4", None),
            ("", None),
        ] {
            let mut headers = HeaderMap::from_iter([(RANGE, HeaderValue::from_str(given).expect("a value"))]);
            keep_usable(&mut headers);
            assert_eq!(headers.get(RANGE).and_then(|value| value.to_str().ok()), expected, "{given}");
        }
        let mut headers = HeaderMap::new();
        for text in ["bytes=0-1", "bytes=2-3"] {
            headers.append(RANGE, HeaderValue::from_static(text));
        }
        keep_usable(&mut headers);
        assert!(headers.is_empty());
    }

    #[test]
    fn a_range_holds_for_the_state_it_names() {
        let object = ObjectRecord { etag: "abc".into(), last_modified_ms: 784_111_777_500, ..ObjectRecord::default() };
        for (condition, expected) in [
            ("\"abc\"", true),
            ("\"xyz\"", false),
            ("W/\"abc\"", false),
            ("Sun, 06 Nov 1994 08:49:37 GMT", true),
            ("Sun, 06 Nov 1994 08:49:38 GMT", false),
            ("nonsense", false),
        ] {
            let headers = HeaderMap::from_iter([(IF_RANGE, HeaderValue::from_static(condition))]);
            assert_eq!(holds_for(&headers, &object), expected, "{condition}");
        }
        assert!(holds_for(&HeaderMap::new(), &object));
    }
}
