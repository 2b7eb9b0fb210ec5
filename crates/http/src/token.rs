//! The token that opens the `/recommendations` family.

use crate::state::Access;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::header::AUTHORIZATION;
use http::{HeaderMap, HeaderValue};
use subtle::ConstantTimeEq;

/// Whether the headers carry the token: as Basic password or user, as Bearer, or as `X-Api-Key`. The time taken does not
/// tell how much of a wrong token is right.
pub fn admits(access: &Access, headers: &HeaderMap) -> bool {
    match access {
        Access::Open => true,
        Access::Token(token) => presented(headers).iter().any(|given| same(given, token)),
    }
}

fn same(given: &[u8], token: &str) -> bool {
    !token.is_empty() && given.ct_eq(token.as_bytes()).into()
}

fn presented(headers: &HeaderMap) -> Vec<Vec<u8>> {
    let mut found: Vec<Vec<u8>> =
        headers.get("x-api-key").map(HeaderValue::as_bytes).map(<[u8]>::to_vec).into_iter().collect();
    let authorization = headers.get(AUTHORIZATION).and_then(|v| v.to_str().ok()).unwrap_or_default();
    let (scheme, value) = authorization.split_once(' ').unwrap_or_default();
    let value = value.trim();
    if scheme.eq_ignore_ascii_case("bearer") {
        found.push(value.as_bytes().to_vec());
    } else if scheme.eq_ignore_ascii_case("basic")
        && let Ok(pair) = STANDARD.decode(value)
    {
        found.extend(pair.splitn(2, |&b| b == b':').map(<[u8]>::to_vec));
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(name: &'static str, value: &str) -> HeaderMap {
        HeaderMap::from_iter([(http::HeaderName::from_static(name), HeaderValue::from_str(value).expect("a value"))])
    }

    #[test]
    fn three_ways_in_and_no_other() {
        let access = Access::Token("s3cret".into());
        let basic = |pair: &str| format!("Basic {}", STANDARD.encode(pair));
        for (name, value, admitted) in [
            ("authorization", "Bearer s3cret".to_owned(), true),
            ("authorization", "bearer  s3cret".to_owned(), true),
            ("authorization", basic("anyone:s3cret"), true),
            ("authorization", basic("s3cret:"), true),
            ("x-api-key", "s3cret".to_owned(), true),
            ("authorization", "Bearer s3cre".to_owned(), false),
            ("authorization", "Bearer s3cretx".to_owned(), false),
            ("authorization", "s3cret".to_owned(), false),
            ("authorization", "Basic !!".to_owned(), false),
            ("authorization", basic("a:b"), false),
            ("x-api-key", String::new(), false),
            ("x-token", "s3cret".to_owned(), false),
        ] {
            assert_eq!(admits(&access, &headers(name, &value)), admitted, "{name}: {value}");
        }
        assert!(admits(&Access::Open, &HeaderMap::new()));
        assert!(!admits(&Access::Token(String::new()), &headers("x-api-key", "")));
    }
}
