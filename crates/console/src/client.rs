//! The sender of a request, as the server that passes it on knows it, and what of its headers may be believed.

use http::HeaderMap;
use std::net::IpAddr;

/// Headers by which proxies say that they passed a request on.
const FORWARDED: &[&str] = &["x-forwarded-for", "forwarded", "x-real-ip", "x-forwarded-host", "via"];

/// The sender of a request; the server puts it into the request's extensions.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Client {
    /// The other end of the connection.
    pub peer: Option<IpAddr>,
    /// The client's address, by the word of trusted proxies.
    pub address: Option<IpAddr>,
    /// Whether the connection is a trusted proxy's, so that its `X-Forwarded-` headers count.
    pub by_trusted_proxy: bool,
    /// Whether the connection has TLS.
    pub over_tls: bool,
    /// The id of the request in the log.
    pub request_id: String,
}

impl Client {
    /// The path before `/console` in the browser's address bar.
    pub(crate) fn prefix(&self, headers: &HeaderMap, configured: &str) -> String {
        let said = headers.get("x-forwarded-prefix").and_then(|value| value.to_str().ok());
        match said.filter(|_| self.by_trusted_proxy).map(|text| text.trim_end_matches('/')) {
            Some(prefix) if is_path(prefix) => prefix.to_owned(),
            _ => configured.to_owned(),
        }
    }

    /// Whether the browser came over TLS: by the word of a trusted proxy that has one, else as the connection is.
    pub(crate) fn tls(&self, headers: &HeaderMap) -> bool {
        let said = headers.get("x-forwarded-proto").and_then(|value| value.to_str().ok());
        match said.filter(|_| self.by_trusted_proxy).and_then(|said| said.split(',').next()) {
            Some(scheme) => scheme.trim().eq_ignore_ascii_case("https"),
            None => self.over_tls,
        }
    }

    /// Whether a program on this machine asks, for itself and not for somebody behind it.
    pub(crate) fn is_local(&self, headers: &HeaderMap) -> bool {
        let loopback = self.peer.is_some_and(|peer| peer.to_canonical().is_loopback());
        loopback && !FORWARDED.iter().any(|name| headers.contains_key(*name))
    }
}

/// Whether a text is empty or a path of plain segments, as `/rec` or `/a/b`.
pub fn is_path(text: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_.~".contains(c);
    let segment =
        |segment: &str| !segment.is_empty() && segment.chars().all(plain) && !segment.trim_matches('.').is_empty();
    text.is_empty() || text.strip_prefix('/').is_some_and(|rest| rest.split('/').all(segment))
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::HeaderName;

    fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
        pairs.iter().map(|(name, value)| (HeaderName::from_static(name), value.parse().expect("a value"))).collect()
    }

    #[test]
    fn only_a_trusted_proxy_says_where_the_console_is() {
        let said = headers(&[("x-forwarded-prefix", "/a/b/"), ("x-forwarded-proto", "https")]);
        let proxy = Client { by_trusted_proxy: true, ..Client::default() };
        assert_eq!((proxy.prefix(&said, "/rec").as_str(), proxy.tls(&said)), ("/a/b", true));
        assert_eq!((Client::default().prefix(&said, "/rec").as_str(), Client::default().tls(&said)), ("/rec", false));
        let direct = Client { over_tls: true, ..Client::default() };
        assert!(direct.tls(&headers(&[("x-forwarded-proto", "http")])), "nobody's word");
        let passed_on = Client { over_tls: true, ..proxy.clone() };
        assert!(!passed_on.tls(&headers(&[("x-forwarded-proto", "http")])) && passed_on.tls(&HeaderMap::new()));
        for wrong in ["//evil.example", "a", "/a/../b", "/a?x", "/\"x", "https://evil.example"] {
            assert_eq!(proxy.prefix(&headers(&[("x-forwarded-prefix", wrong)]), "/rec"), "/rec", "{wrong}");
        }
        assert!(is_path("") && is_path("/a/b-c") && !is_path("/") && !is_path("a"));
    }

    #[test]
    fn whoever_a_proxy_passes_on_is_not_local() {
        let local = Client { peer: Some([127, 0, 0, 1].into()), ..Client::default() };
        assert!(local.is_local(&HeaderMap::new()));
        assert!(!local.is_local(&headers(&[("x-forwarded-for", "10.0.0.1")])));
        let remote = Client { peer: Some([10, 0, 0, 1].into()), ..Client::default() };
        assert!(!remote.is_local(&HeaderMap::new()) && !Client::default().is_local(&HeaderMap::new()));
    }
}
