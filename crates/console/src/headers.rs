//! The headers of every answer: nothing is loaded from elsewhere, nothing runs that is written into a page, nobody frames it.

use http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HeaderName, REFERRER_POLICY, STRICT_TRANSPORT_SECURITY,
    X_CONTENT_TYPE_OPTIONS,
};
use http::{HeaderMap, HeaderValue};

/// The policy for what pages may load. `image_hosts` are origins besides the console's own from which pictures come.
pub(crate) fn content_security_policy(image_hosts: &[String]) -> HeaderValue {
    let images: String = image_hosts.iter().map(|host| format!(" {host}")).collect();
    let policy = format!(
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:{images}; connect-src 'self'; \
         font-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    );
    // Origins are checked when settings are read.
    HeaderValue::from_str(&policy).unwrap_or(HeaderValue::from_static("default-src 'none'"))
}

/// Puts the headers on an answer. What an answer says of caching itself is kept. With `strict_transport` the browser shall come
/// over TLS for half a year.
pub(crate) fn protect(headers: &mut HeaderMap, policy: &HeaderValue, strict_transport: bool) {
    if strict_transport {
        headers.insert(STRICT_TRANSPORT_SECURITY, HeaderValue::from_static("max-age=15552000"));
    }
    headers.insert(CONTENT_SECURITY_POLICY, policy.clone());
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(REFERRER_POLICY, HeaderValue::from_static("same-origin"));
    let opener = HeaderName::from_static("cross-origin-opener-policy");
    headers.insert(opener, HeaderValue::from_static("same-origin"));
    let permissions = HeaderName::from_static("permissions-policy");
    headers.insert(permissions, HeaderValue::from_static("camera=(), microphone=(), geolocation=()"));
    let html = headers.get(CONTENT_TYPE).is_none_or(|value| value.as_bytes().starts_with(b"text/html"));
    if html || !headers.contains_key(CACHE_CONTROL) {
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
}

/// Whether a text is an origin from which pictures may come, such as `https://cdn.shop.example`.
pub fn is_image_host(text: &str) -> bool {
    let rest = text.strip_prefix("https://").or(text.strip_prefix("http://"));
    let plain = |c: char| c.is_ascii_alphanumeric() || "-.:*[]".contains(c);
    rest.is_some_and(|rest| !rest.is_empty() && rest.chars().all(plain))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pictures_come_from_listed_origins_only() {
        let policy = content_security_policy(&["https://cdn.shop.example".into()]);
        let policy = policy.to_str().expect("text");
        assert!(policy.contains("img-src 'self' data: https://cdn.shop.example; connect-src"), "{policy}");
        assert!(!policy.contains("unsafe"));
        for (host, fits) in [
            ("https://cdn.shop.example", true),
            ("http://127.0.0.1:9000", true),
            ("https://*.shop.example", true),
            ("cdn.shop.example", false),
            ("https://a b", false),
            ("https://a; script-src *", false),
            ("https://a/b", false),
            ("", false),
        ] {
            assert_eq!(is_image_host(host), fits, "{host}");
        }
    }
}
