//! Protection against web pages that make a browser on this machine or in this network call, and the headers by which pages of
//! chosen origins may (cross-origin resource sharing).
//!
//! A browser says in `Host` by which name it came here, and in `Origin` whose page it acts for. A page can change neither,
//! but it chooses the name: it may point a name of its own at 127.0.0.1 (DNS rebinding). So a listener that answers without
//! a token answers to its own names only, and no page of another origin reads an answer or posts unless it is allowed.

use axum::body::Body;
use http::header::{
    ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN,
    ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_MAX_AGE, ACCESS_CONTROL_REQUEST_HEADERS,
    ACCESS_CONTROL_REQUEST_METHOD, CONTENT_TYPE, HOST, ORIGIN, VARY,
};
use http::request::Parts;
use http::{HeaderMap, HeaderValue, Method, Response, StatusCode};
use std::fmt;

/// The names by which this machine calls itself.
const LOOPBACK_NAMES: &[&str] = &["localhost", "127.0.0.1", "[::1]"];
/// Stands for pages of every origin in the list of those that may.
const ANY_ORIGIN: &str = "*";
/// Methods that a page of an allowed origin may use; each path still has its own.
const METHODS: &str = "GET, HEAD, POST, PUT, DELETE, OPTIONS";
/// Headers of plain callers and of the AWS SDKs, for a preflight that does not say which it wants.
pub const HEADERS: &str = "Authorization, Content-Type, X-Amz-Date, X-Amz-Security-Token, X-Amz-Target, \
     X-Amz-Content-Sha256, X-Amz-User-Agent, Amz-Sdk-Invocation-Id, Amz-Sdk-Request, X-Api-Key, Accept, If-None-Match, \
     Cache-Control";
/// Headers of answers that a page may read.
const EXPOSED: &str = "ETag, Age, X-Recommendation-Id, X-Recommendation-Source, X-Personalize-Recipe, X-Request-Id, \
     x-amzn-RequestId, x-amzn-ErrorType";
/// Seconds for which a browser may remember a preflight.
pub const PREFLIGHT_AGE_S: &str = "86400";

/// The names and origins that a listener answers to.
#[derive(Debug, Clone, Default)]
pub struct BrowserPolicy {
    /// Names in `Host` to which requests without proof of their sender are answered; `None` is all, for listeners that want a
    /// token of everybody.
    hosts: Option<Vec<String>>,
    /// Origins as browsers write them, in lower case, or [`ANY_ORIGIN`].
    origins: Vec<String>,
}

impl BrowserPolicy {
    /// A listener that others reach: every name, and pages of `origins` (`https://shop.example`, `*`).
    pub fn for_everybody(origins: &[String]) -> Result<Self, String> {
        Ok(Self { hosts: None, origins: checked_origins(origins)? })
    }

    /// A listener that only this machine reaches: its own names and `hosts`, and besides `origins` the pages that this
    /// machine serves.
    pub fn for_loopback(hosts: &[String], origins: &[String]) -> Result<Self, String> {
        let mut names: Vec<String> = LOOPBACK_NAMES.iter().map(|name| (*name).to_owned()).collect();
        for host in hosts {
            let name = authority(host).filter(|(name, port)| !name.is_empty() && port.is_empty());
            let (name, _) = name.ok_or_else(|| format!("'{host}' is no name of a host such as rec.example.com"))?;
            names.push(name);
        }
        Ok(Self { hosts: Some(names), origins: checked_origins(origins)? })
    }

    /// Whether a request came by a name that is this listener's. One without any name comes from no browser.
    pub fn knows_host(&self, parts: &Parts) -> bool {
        let (Some(names), Some(host)) = (&self.hosts, host(parts)) else { return true };
        authority(host).is_some_and(|(name, _)| names.contains(&name))
    }

    /// Judges an unsigned request. With `open`, nothing else proves its sender: then its name counts, and it may not post
    /// what a page can post without asking.
    pub fn check(&self, parts: &Parts, open: bool) -> Result<(), Unwelcome> {
        if open && !self.knows_host(parts) {
            return Err(Unwelcome::Host(shown(host(parts).unwrap_or_default())));
        }
        if parts.method != Method::POST {
            return Ok(());
        }
        if let Some(origin) = parts.headers.get(ORIGIN)
            && self.allowed(parts).is_none()
        {
            return Err(Unwelcome::Origin(shown(&String::from_utf8_lossy(origin.as_bytes()))));
        }
        let content_type = parts.headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
        if open && !is_json(content_type) {
            return Err(Unwelcome::ContentType(shown(content_type)));
        }
        Ok(())
    }

    /// The origin of the page for which a request is made, if it may read the answer.
    pub fn allowed(&self, parts: &Parts) -> Option<HeaderValue> {
        let value = parts.headers.get(ORIGIN)?;
        let origin = value.to_str().ok()?.to_ascii_lowercase();
        let page = origin.split_once("://").map(|(_, page)| page)?;
        let own = || host(parts).is_some_and(|host| host.eq_ignore_ascii_case(page)) && self.knows_host(parts);
        let of_this_machine =
            || self.hosts.is_some() && authority(page).is_some_and(|(name, _)| LOOPBACK_NAMES.contains(&name.as_str()));
        let listed = || self.origins.iter().any(|listed| *listed == origin || listed == ANY_ORIGIN);
        (listed() || own() || of_this_machine()).then(|| value.clone())
    }

    /// The answer to a browser that asks before a page may call; `None` when that is not what a request is.
    pub fn preflight(&self, parts: &Parts) -> Option<Response<Body>> {
        let asks = parts.method == Method::OPTIONS && parts.headers.contains_key(ACCESS_CONTROL_REQUEST_METHOD);
        if !asks || !parts.headers.contains_key(ORIGIN) {
            return None;
        }
        let mut response = Response::new(Body::empty());
        *response.status_mut() = StatusCode::NO_CONTENT;
        if self.allowed(parts).is_some() {
            let wanted = parts.headers.get(ACCESS_CONTROL_REQUEST_HEADERS).cloned();
            let headers = response.headers_mut();
            headers.insert(ACCESS_CONTROL_ALLOW_METHODS, HeaderValue::from_static(METHODS));
            headers.insert(ACCESS_CONTROL_ALLOW_HEADERS, wanted.unwrap_or(HeaderValue::from_static(HEADERS)));
            headers.insert(ACCESS_CONTROL_MAX_AGE, HeaderValue::from_static(PREFLIGHT_AGE_S));
        }
        Some(response)
    }

    /// Lets the page of an allowed origin read an answer.
    pub fn share(origin: Option<HeaderValue>, headers: &mut HeaderMap) {
        let Some(origin) = origin else { return };
        headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, origin);
        headers.insert(ACCESS_CONTROL_EXPOSE_HEADERS, HeaderValue::from_static(EXPOSED));
        let varies = |value: &HeaderValue| value.to_str().is_ok_and(|text| text.contains("Origin"));
        if !headers.get_all(VARY).iter().any(varies) {
            headers.append(VARY, HeaderValue::from_static("Origin"));
        }
    }
}

/// Why an unsigned request is refused before anything else is looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unwelcome {
    /// It came by a name that is not this listener's.
    Host(String),
    /// It posts for a page of another origin.
    Origin(String),
    /// It posts what is not declared as JSON.
    ContentType(String),
}

impl Unwelcome {
    /// The status and the code of the refusal.
    pub fn status(&self) -> (StatusCode, &'static str) {
        match self {
            Unwelcome::Host(_) | Unwelcome::Origin(_) => (StatusCode::FORBIDDEN, "ForbiddenException"),
            Unwelcome::ContentType(_) => (StatusCode::UNSUPPORTED_MEDIA_TYPE, "UnsupportedMediaTypeException"),
        }
    }
}

impl fmt::Display for Unwelcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Unwelcome::Host(host) => write!(
                f,
                "The Host '{host}' is not a name of this server, which answers unsigned requests for localhost, 127.0.0.1, \
                 [::1] and the names in http.hosts."
            ),
            Unwelcome::Origin(origin) => {
                write!(f, "Pages of the origin '{origin}' may not post here; http.origins lists those that may.")
            }
            Unwelcome::ContentType(given) => {
                write!(f, "The content type of an unsigned request must be application/json, not '{given}'.")
            }
        }
    }
}

/// The name and port by which a request came: `Host`, or the authority of HTTP/2.
fn host(parts: &Parts) -> Option<&str> {
    // A header that is no text is a name that nobody has.
    let header = parts.headers.get(HOST).map(|value| value.to_str().unwrap_or("?"));
    header.or_else(|| parts.uri.authority().map(|authority| authority.as_str()))
}

/// The name in lower case and the port of `name:port` or `[address]:port`; without a port that is empty.
fn authority(text: &str) -> Option<(String, &str)> {
    let end = if text.starts_with('[') { text.find(']')? + 1 } else { text.find(':').unwrap_or(text.len()) };
    let (name, port) = text.split_at(end);
    let port = match port {
        "" => "",
        _ => port.strip_prefix(':').filter(|port| port.bytes().all(|b| b.is_ascii_digit()))?,
    };
    Some((name.trim_end_matches('.').to_ascii_lowercase(), port))
}

/// Origins in lower case, each `*` or a scheme and a host as a browser writes them.
fn checked_origins(origins: &[String]) -> Result<Vec<String>, String> {
    let check = |origin: &String| {
        let lower = origin.to_ascii_lowercase();
        let page = lower.strip_prefix("https://").or(lower.strip_prefix("http://")).and_then(authority);
        match page {
            Some((name, _)) if !name.is_empty() && !name.contains(['/', '@', ' ', '*']) => Ok(lower),
            _ if lower == ANY_ORIGIN => Ok(lower),
            _ => Err(format!("'{origin}' is no origin such as https://shop.example, nor * for all")),
        }
    };
    origins.iter().map(check).collect()
}

/// Whether a media type is JSON's. A page of another origin cannot send one without asking.
fn is_json(content_type: &str) -> bool {
    let essence = content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    let subtype = essence.strip_prefix("application/").unwrap_or_default();
    subtype == "json" || subtype.ends_with("+json") || subtype.starts_with("x-amz-json-")
}

/// As much of a client's text as a message shows.
fn shown(text: &str) -> String {
    text.chars().take(100).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::Request;

    fn parts(method: &str, headers: &[(&str, &str)]) -> Parts {
        let mut request = Request::builder().method(method).uri("/events");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        request.body(()).expect("a request").into_parts().0
    }

    fn loopback() -> BrowserPolicy {
        let texts = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>();
        BrowserPolicy::for_loopback(&texts(&["Rec.example.com"]), &texts(&["https://shop.example"])).expect("both fit")
    }

    #[test]
    fn a_listener_of_this_machine_knows_its_names() {
        for (host, known) in [
            ("localhost", true),
            ("LocalHost:4100", true),
            ("localhost.:4100", true),
            ("127.0.0.1:4100", true),
            ("[::1]", true),
            ("[::1]:4100", true),
            ("rec.example.com", true),
            ("rec.example.com:443", true),
            ("evil.example", false),
            ("evil.example:4100", false),
            ("localhost.evil.example", false),
            ("127.0.0.1.evil.example", false),
            ("127.0.0.1:x", false),
            ("[::1", false),
            ("", false),
        ] {
            assert_eq!(loopback().knows_host(&parts("GET", &[("host", host)])), known, "{host}");
            assert!(BrowserPolicy::default().knows_host(&parts("GET", &[("host", host)])));
        }
        assert!(loopback().knows_host(&parts("GET", &[])), "no browser leaves it out");
        let (http2, ()) = Request::get("http://evil.example/x").body(()).expect("a request").into_parts();
        assert!(!loopback().knows_host(&http2));
    }

    #[test]
    fn pages_that_may_read() {
        let everybody = BrowserPolicy::for_everybody(&["https://shop.example".to_owned()]).expect("fits");
        let all = BrowserPolicy::for_everybody(&["*".to_owned()]).expect("fits");
        for (host, origin, here, there) in [
            ("127.0.0.1:4100", "https://shop.example", true, true),
            ("127.0.0.1:4100", "https://SHOP.example", true, true),
            ("127.0.0.1:4100", "http://shop.example", false, false),
            ("127.0.0.1:4100", "https://shop.example.evil.example", false, false),
            ("127.0.0.1:4100", "http://localhost:3000", true, false),
            ("127.0.0.1:4100", "http://[::1]:3000", true, false),
            ("127.0.0.1:4100", "null", false, false),
            ("rec.example.com", "https://rec.example.com", true, true),
            ("evil.example:4100", "http://evil.example:4100", false, true),
        ] {
            let parts = parts("GET", &[("host", host), ("origin", origin)]);
            assert_eq!(loopback().allowed(&parts).is_some(), here, "{host} {origin}");
            assert_eq!(everybody.allowed(&parts).is_some(), there, "{host} {origin}");
            assert_eq!(all.allowed(&parts).is_some(), origin != "null", "{host} {origin}");
        }
        assert_eq!(loopback().allowed(&parts("GET", &[("host", "localhost")])), None);
    }

    #[test]
    fn unsigned_posts_are_json_and_of_no_foreign_page() {
        let own = ("host", "127.0.0.1:4100");
        let json = ("content-type", "application/json; charset=utf-8");
        let foreign = ("origin", "https://evil.example");
        let policy = loopback();
        assert_eq!(policy.check(&parts("POST", &[own, json]), true), Ok(()));
        assert_eq!(policy.check(&parts("POST", &[own, json, ("origin", "https://shop.example")]), true), Ok(()));
        for (headers, open, word) in [
            (&[own, json, foreign][..], true, "'https://evil.example' may not post"),
            (&[own, json, foreign], false, "'https://evil.example' may not post"),
            (&[own, json, ("origin", "null")], true, "'null'"),
            (&[own], true, "application/json, not ''"),
            (&[own, ("content-type", "text/plain")], true, "'text/plain'"),
            (&[own, ("content-type", "text/plain; application/json")], true, "'text/plain"),
            (&[("host", "evil.example:4100"), json], true, "'evil.example:4100' is not a name"),
        ] {
            let refused = policy.check(&parts("POST", headers), open).expect_err(word);
            assert!(refused.to_string().contains(word), "{refused}");
        }
        let proven = [("host", "proxy.example"), ("content-type", "text/plain")];
        assert_eq!(policy.check(&parts("POST", &proven), false), Ok(()), "its token says enough");
        assert_eq!(
            policy.check(&parts("GET", &[own, foreign]), true),
            Ok(()),
            "it is answered and the page cannot read"
        );
        assert!(policy.check(&parts("GET", &[("host", "evil.example")]), true).is_err());
    }

    #[test]
    fn settings_that_do_not_fit_are_named() {
        for origin in ["shop.example", "https://", "https://shop.example/", "https://a b", "ftp://x", "https://*.x", ""]
        {
            let refused = BrowserPolicy::for_everybody(&[origin.to_owned()]).expect_err(origin);
            assert!(refused.contains(&format!("'{origin}'")), "{refused}");
        }
        for host in ["", "https://rec.example.com", "rec.example.com:443"] {
            assert!(BrowserPolicy::for_loopback(&[host.to_owned()], &[]).is_err(), "{host}");
        }
    }
}
