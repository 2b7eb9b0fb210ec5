//! The canonical request: method, path, query, signed headers and payload hash in the one form that both sides hash.

use super::authorization::{Authorization, Place};
use super::error::{SignatureError, shortened};
use http::{HeaderMap, Method, Uri};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode, percent_encode};
use sha2::{Digest, Sha256};

/// The parts of a request that a signature covers, as they came off the wire.
#[derive(Clone, Copy, Debug)]
pub struct RequestParts<'a> {
    /// The method.
    pub method: &'a Method,
    /// The request target with its percent-encoding untouched; its authority stands in for a missing `Host` (HTTP/2).
    pub uri: &'a Uri,
    /// Every header.
    pub headers: &'a HeaderMap,
}

/// Everything but RFC 3986's unreserved characters.
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');
const ENCODED_IN_PATH: &AsciiSet = &ENCODED.remove(b'/');

/// The canonical request in bytes; header values need not be UTF-8.
pub(super) fn request(
    parts: &RequestParts<'_>,
    authorization: &Authorization,
    path: &str,
    payload_hash: &str,
) -> Result<Vec<u8>, SignatureError> {
    let presigned = matches!(authorization.place, Place::Query { .. });
    let mut out = Vec::new();
    for line in [parts.method.as_str(), path, &query(parts.uri.query().unwrap_or(""), presigned)] {
        out.extend_from_slice(line.as_bytes());
        out.push(b'\n');
    }
    for name in &authorization.signed_headers {
        let value = header(parts, name).ok_or_else(|| {
            SignatureError::invalid(format!("The signed header '{}' is not in the request.", shortened(name)))
        })?;
        out.extend_from_slice(name.as_bytes());
        out.push(b':');
        out.extend_from_slice(&value);
        out.push(b'\n');
    }
    out.push(b'\n');
    out.extend_from_slice(authorization.signed_headers.join(";").as_bytes());
    out.push(b'\n');
    out.extend_from_slice(payload_hash.as_bytes());
    Ok(out)
}

/// The lower-case hexadecimal SHA-256.
pub(super) fn sha256_hex(bytes: &[u8]) -> String {
    hex::encode(Sha256::digest(bytes))
}

/// Dot segments go as in RFC 3986 section 5.2.4, empty segments go too, then the path as on the wire is encoded a second
/// time.
pub(super) fn path(wire: &str) -> String {
    let mut segments: Vec<&str> = Vec::new();
    for segment in wire.split('/') {
        match segment {
            "" | "." => {}
            ".." => {
                segments.pop();
            }
            other => segments.push(other),
        }
    }
    let ends_in_folder = matches!(wire.rsplit('/').next(), Some("" | "." | ".."));
    let last = if ends_in_folder && !segments.is_empty() { "/" } else { "" };
    let normal = format!("/{}{last}", segments.join("/"));
    percent_encode(normal.as_bytes(), ENCODED_IN_PATH).to_string()
}

/// S3's form of the path: every byte encoded once in the one canonical way; segments stay as they are.
pub(super) fn s3_path(wire: &str) -> String {
    let bytes: Vec<u8> = percent_decode(wire.as_bytes()).collect();
    percent_encode(&bytes, ENCODED_IN_PATH).to_string()
}

/// Pairs decoded, encoded in the one canonical way and sorted; the signature of a presigned request is not part of it.
fn query(wire: &str, presigned: bool) -> String {
    let mut pairs: Vec<(String, String)> = wire
        .split('&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| pair.split_once('=').unwrap_or((pair, "")))
        .filter(|(name, _)| !(presigned && *name == "X-Amz-Signature"))
        .map(|(name, value)| (recoded(name), recoded(value)))
        .collect();
    pairs.sort();
    let pairs: Vec<String> = pairs.into_iter().map(|(name, value)| format!("{name}={value}")).collect();
    pairs.join("&")
}

fn recoded(text: &str) -> String {
    let plus_is_space = text.replace('+', "%20");
    let bytes: Vec<u8> = percent_decode(plus_is_space.as_bytes()).collect();
    percent_encode(&bytes, ENCODED).to_string()
}

/// The values of a header joined by commas, each trimmed and with runs of blanks made one.
fn header(parts: &RequestParts<'_>, name: &str) -> Option<Vec<u8>> {
    let mut values = parts.headers.get_all(name).iter().peekable();
    if values.peek().is_none() {
        let authority = parts.uri.authority().filter(|_| name == "host")?;
        return Some(authority.as_str().as_bytes().to_vec());
    }
    let values: Vec<Vec<u8>> = values.map(|value| single_spaced(value.as_bytes())).collect();
    Some(values.join(&b","[..]))
}

fn single_spaced(value: &[u8]) -> Vec<u8> {
    let words: Vec<&[u8]> = value.split(u8::is_ascii_whitespace).filter(|word| !word.is_empty()).collect();
    words.join(&b" "[..])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_normal_and_encoded_twice() {
        for (wire, canonical) in [
            ("", "/"),
            ("/", "/"),
            ("//", "/"),
            ("/rt/recommendations", "/rt/recommendations"),
            ("/rt/", "/rt/"),
            ("/a/./b/../c//d", "/a/c/d"),
            ("/../a", "/a"),
            ("/a/.", "/a/"),
            ("/a/b/..", "/a/"),
            ("/caf%C3%A9 x", "/caf%25C3%25A9%20x"),
            ("/a~b-c_d.e", "/a~b-c_d.e"),
        ] {
            assert_eq!(path(wire), canonical, "{wire}");
        }
    }

    #[test]
    fn paths_of_s3_are_encoded_once_and_keep_their_segments() {
        for (wire, canonical) in [
            ("/", "/"),
            ("/b/a/../c//d/.", "/b/a/../c//d/."),
            ("/b/a+b", "/b/a%2Bb"),
            ("/b/a%2bb%20%7E", "/b/a%2Bb%20~"),
            ("/b/%EC%BD%94", "/b/%EC%BD%94"),
            ("/b/%FF", "/b/%FF"),
            ("/b/a(1)", "/b/a%281%29"),
        ] {
            assert_eq!(s3_path(wire), canonical, "{wire}");
        }
    }

    #[test]
    fn queries_are_sorted_and_encoded_once() {
        for (wire, presigned, canonical) in [
            ("", false, ""),
            ("b=2&a=1", false, "a=1&b=2"),
            ("flag&a=%7e%2f", false, "a=~%2F&flag="),
            ("a=x+y", false, "a=x%20y"),
            ("a=1&X-Amz-Signature=00", true, "a=1"),
            ("a=1&X-Amz-Signature=00", false, "X-Amz-Signature=00&a=1"),
        ] {
            assert_eq!(query(wire, presigned), canonical, "{wire}");
        }
    }
}
