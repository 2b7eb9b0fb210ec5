//! The rules of Braze's Connected Content client around a plain [`Fetch`].

use super::fetch::{Fetch, FetchFailure, Method, Reply, Request};
use super::outcome::{CallRecord, shortened};
use parking_lot::Mutex;
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

/// Seconds a GET stays cached without `:cache_max_age`, which is also the least that option can ask for.
const CACHE_S_DEFAULT: i64 = 300;
/// The most that `:cache_max_age` can ask for.
const CACHE_S_MAX: i64 = 14_400;
/// Further tries that `:retry` makes.
const RETRIES_MAX: u32 = 5;
/// Braze's number for a host that it considers unhealthy.
const UNHEALTHY: u16 = 598;
/// Braze's number for a connection error or a timeout.
const NO_ANSWER: u16 = 599;

/// Hosts that a preview may call: `host`, `host:port`, or `*.domain`. Nothing else is ever requested.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AllowList(Vec<String>);

impl AllowList {
    /// From entries such as `rec.example.com`, `127.0.0.1:4100`, `*.example.com`; case does not matter.
    pub fn new(entries: impl IntoIterator<Item = String>) -> Self {
        Self(entries.into_iter().map(|e| e.to_ascii_lowercase()).collect())
    }

    /// Whether `authority` (`host` or `host:port`) may be called.
    pub fn admits(&self, authority: &str) -> bool {
        let authority = authority.to_ascii_lowercase();
        let host = host_of(&authority);
        self.0.iter().any(|entry| match entry.strip_prefix("*.") {
            Some(domain) => host.strip_suffix(domain).is_some_and(|before| before.ends_with('.')),
            None => *entry == authority || *entry == host,
        })
    }
}

/// A stored login that `:basic_auth` or `:auth_credentials` names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Credential {
    /// For `:basic_auth NAME`.
    Basic {
        /// Sent in the Authorization header.
        username: String,
        /// Sent in the Authorization header.
        password: String,
    },
    /// For `:auth_credentials NAME`.
    Headers(BTreeMap<String, String>),
}

/// A failure to rehearse: every call ends this way without being made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FailMode {
    /// The endpoint answers 404.
    NotFound,
    /// The endpoint answers 500.
    ServerError,
    /// The endpoint does not answer within two seconds.
    Timeout,
    /// Braze holds the host for unhealthy.
    Unhealthy,
}

impl FailMode {
    /// The words of `--fail-mode`.
    pub const WORDS: &[(&str, FailMode)] = &[
        ("404", FailMode::NotFound),
        ("500", FailMode::ServerError),
        ("timeout", FailMode::Timeout),
        ("598", FailMode::Unhealthy),
    ];

    fn status(self) -> (u16, &'static str) {
        match self {
            FailMode::NotFound => (404, "rehearsed: the endpoint answers 404"),
            FailMode::ServerError => (500, "rehearsed: the endpoint answers 500"),
            FailMode::Timeout => (NO_ANSWER, "rehearsed: no answer within 2 seconds"),
            FailMode::Unhealthy => (UNHEALTHY, "rehearsed: Braze holds the host for unhealthy and does not call it"),
        }
    }
}

/// The request of a `connected_content` tag, after Liquid.
#[derive(Debug, Clone, Default)]
pub(super) struct Wanted {
    pub url: String,
    pub post: bool,
    pub body: Option<String>,
    pub content_type: Option<String>,
    pub headers: BTreeMap<String, String>,
    pub basic_auth: Option<String>,
    pub auth_credentials: Option<String>,
    pub cache_max_age_s: Option<i64>,
    pub no_cache: bool,
    pub retry: bool,
}

/// The result of a call as the template gets it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Got {
    /// A 2xx answer.
    Body { status: u16, text: String },
    /// Anything else: an empty string, the variable stays nil.
    Nothing,
    /// `:retry` was used up; the message is aborted.
    Abort(String),
}

/// The key of a cached answer: method, URL, body. Neither user nor campaign is part of it, as at Braze.
type CacheKey = (Method, String, Option<String>);

#[derive(Clone)]
struct Cached {
    until_s: i64,
    status: u16,
    text: String,
}

struct Inner {
    fetch: Box<dyn Fetch>,
    allowed: AllowList,
    credentials: BTreeMap<String, Credential>,
    fail_mode: Option<FailMode>,
    cache: Mutex<HashMap<CacheKey, Cached>>,
}

/// Calls endpoints as Braze does. Clones share the cache.
#[derive(Clone)]
pub struct Client(Arc<Inner>);

impl Client {
    /// A client with an empty cache.
    pub fn new(
        fetch: Box<dyn Fetch>,
        allowed: AllowList,
        credentials: BTreeMap<String, Credential>,
        fail_mode: Option<FailMode>,
    ) -> Self {
        Self(Arc::new(Inner { fetch, allowed, credentials, fail_mode, cache: Mutex::default() }))
    }

    /// Makes the call, or answers from the cache, and notes it in `record`.
    pub(super) fn call(&self, wanted: &Wanted, now_s: i64, record: &mut CallRecord) -> Got {
        let request = match self.request(wanted, record) {
            Ok(request) => request,
            Err(problem) => {
                record.note = Some(problem);
                return Got::Nothing;
            }
        };
        let key = (request.method, request.url.clone(), request.body.clone());
        let keep_s = cache_seconds(wanted);
        if keep_s > 0
            && let Some(cached) = self.cached(&key, now_s)
        {
            record.cached = true;
            record.status = cached.status;
            record.response = shortened(&cached.text);
            return Got::Body { status: cached.status, text: cached.text };
        }
        let tries_max = if wanted.retry { 1 + RETRIES_MAX } else { 1 };
        loop {
            record.tries += 1;
            let answer = self.send(&request, record);
            match answer {
                Some(reply) if (200..300).contains(&reply.status) => {
                    let text = String::from_utf8_lossy(&reply.body).into_owned();
                    record.response = shortened(&text);
                    if keep_s > 0 {
                        let cached = Cached { until_s: now_s + keep_s, status: reply.status, text: text.clone() };
                        self.0.cache.lock().insert(key, cached);
                    }
                    return Got::Body { status: reply.status, text };
                }
                Some(reply) => record.response = shortened(&String::from_utf8_lossy(&reply.body)),
                None => {}
            }
            if record.status < 500 || !wanted.retry {
                return Got::Nothing;
            }
            if record.tries == tries_max {
                return Got::Abort(format!("connected_content failed {tries_max} times, last with {}", record.status));
            }
        }
    }

    fn cached(&self, key: &CacheKey, now_s: i64) -> Option<Cached> {
        let cache = self.0.cache.lock();
        cache.get(key).filter(|cached| now_s < cached.until_s).cloned()
    }

    fn send(&self, request: &Request, record: &mut CallRecord) -> Option<Reply> {
        if let Some(mode) = self.0.fail_mode {
            let (status, note) = mode.status();
            record.status = status;
            record.note = Some(note.to_owned());
            return None;
        }
        match self.0.fetch.fetch(request) {
            Ok(reply) => {
                record.status = reply.status;
                record.took_ms = reply.took_ms;
                if (300..400).contains(&reply.status) {
                    record.note = Some("redirects are not followed".to_owned());
                }
                Some(reply)
            }
            Err(failure) => {
                record.status = NO_ANSWER;
                record.note = Some(match failure {
                    FetchFailure::Connection(text) => format!("connection error: {text}"),
                    other => other.to_string(),
                });
                None
            }
        }
    }

    /// The names of the stored logins, for those who named another.
    fn stored(&self) -> String {
        let names: Vec<&str> = self.0.credentials.keys().map(String::as_str).collect();
        if names.is_empty() {
            "; give some with --credentials".to_owned()
        } else {
            format!("; there are {}", names.join(", "))
        }
    }

    /// The request on the wire, or why there can be none.
    fn request(&self, wanted: &Wanted, record: &mut CallRecord) -> Result<Request, String> {
        let url: String = wanted.url.chars().filter(|&c| c != '\u{a0}').collect();
        record.url.clone_from(&url);
        let (authority, userinfo, url) = checked_url(&url)?;
        if !self.0.allowed.admits(&authority) {
            return Err(format!("not requested: {authority} is not on the allow-list of this preview (--allow)"));
        }
        if !default_port(&authority) {
            record.note = Some("Braze calls the ports 80 and 443 only".to_owned());
        }
        let method = if wanted.post { Method::Post } else { Method::Get };
        let content_type = wanted.content_type.as_deref().unwrap_or(match method {
            Method::Get => "application/json",
            Method::Post => "application/x-www-form-urlencoded",
        });
        let accept = wanted.content_type.as_deref().unwrap_or("*/*");
        let mut headers = BTreeMap::from(
            [
                ("User-Agent", "Braze Sender 0000000000000000000000000000000000000000"),
                ("X-Braze-Sender-Version", "preview"),
                ("Accept", accept),
                ("Content-Type", content_type),
            ]
            .map(|(name, value)| (name.to_owned(), value.to_owned())),
        );
        if let Some(userinfo) = userinfo {
            headers.insert("Authorization".into(), basic(&percent_decoded(&userinfo)));
        }
        if let Some(name) = &wanted.basic_auth {
            match self.0.credentials.get(name) {
                Some(Credential::Basic { username, password }) => {
                    headers.insert("Authorization".into(), basic(&format!("{username}:{password}")));
                }
                _ => {
                    return Err(format!(
                        "not requested: there is no stored login '{name}' for :basic_auth{}",
                        self.stored()
                    ));
                }
            }
        }
        if let Some(name) = &wanted.auth_credentials {
            match self.0.credentials.get(name) {
                Some(Credential::Headers(stored)) => headers.extend(stored.clone()),
                _ => {
                    return Err(format!(
                        "not requested: there is no stored header set '{name}' for :auth_credentials{}",
                        self.stored()
                    ));
                }
            }
        }
        let secret: Vec<String> = headers.keys().filter(|name| !shown(name)).cloned().collect();
        headers.extend(wanted.headers.clone());
        record.request_headers = headers
            .iter()
            .map(|(name, value)| {
                let starred = secret.contains(name) || name.eq_ignore_ascii_case("authorization");
                (name.clone(), if starred { "***".to_owned() } else { value.clone() })
            })
            .collect();
        let body = (method == Method::Post).then(|| {
            let body = wanted.body.clone().unwrap_or_default();
            if content_type.starts_with("application/json") { form_as_json(&body) } else { body }
        });
        record.request_body.clone_from(&body);
        Ok(Request { method, url, headers, body })
    }
}

/// Headers that a client always sends, as opposed to a login's.
fn shown(name: &str) -> bool {
    ["User-Agent", "X-Braze-Sender-Version", "Accept", "Content-Type"].contains(&name)
}

/// Seconds that an answer is kept; 0 is not at all.
fn cache_seconds(wanted: &Wanted) -> i64 {
    let asked = wanted.cache_max_age_s.map(|s| s.clamp(CACHE_S_DEFAULT, CACHE_S_MAX));
    match (wanted.no_cache, wanted.post) {
        (true, _) => 0,
        (false, true) => asked.unwrap_or(0),
        (false, false) => asked.unwrap_or(CACHE_S_DEFAULT),
    }
}

/// `host[:port]`, `user:password` if the URL has it, and the URL without it.
fn checked_url(url: &str) -> Result<(String, Option<String>, String), String> {
    let Some((scheme, rest)) = url.split_once("://") else {
        let hint = match url.split_once(":/") {
            Some((scheme, _)) => format!(" ({scheme}: needs two slashes)"),
            None => String::new(),
        };
        return Err(format!("not requested: the URL is not absolute{hint}; write https://host/path"));
    };
    if !scheme.eq_ignore_ascii_case("http") && !scheme.eq_ignore_ascii_case("https") {
        return Err(format!("not requested: '{scheme}' is neither http nor https"));
    }
    if let Some(bad) = url.chars().find(|c| c.is_whitespace() || c.is_control() || "<>\"{}|\\^`".contains(*c)) {
        return Err(format!("not requested: the URL has an unescaped '{bad}'; use the filter url_param_escape"));
    }
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let (authority, path) = rest.split_at(end);
    let (userinfo, host) = match authority.rsplit_once('@') {
        Some((userinfo, host)) => (Some(userinfo.to_owned()), host),
        None => (None, authority),
    };
    if host_of(host).is_empty() {
        return Err("not requested: the URL has no host".to_owned());
    }
    Ok((host.to_owned(), userinfo, format!("{scheme}://{host}{path}")))
}

fn host_of(authority: &str) -> &str {
    match authority.strip_prefix('[') {
        Some(rest) => rest.split(']').next().unwrap_or_default(),
        None => authority.split(':').next().unwrap_or_default(),
    }
}

fn default_port(authority: &str) -> bool {
    match authority.rsplit_once(':') {
        Some((_, port)) if !port.ends_with(']') => port == "80" || port == "443",
        _ => true,
    }
}

fn percent_decoded(text: &str) -> String {
    String::from_utf8_lossy(&crate::urlencoding::decode(text)).into_owned()
}

fn basic(login: &str) -> String {
    use base64::Engine;
    format!("Basic {}", base64::engine::general_purpose::STANDARD.encode(login))
}

/// `a=1&b=x` as `{"a":"1","b":"x"}`; a body that is JSON already stays as it is.
fn form_as_json(body: &str) -> String {
    if serde_json::from_str::<serde_json::Value>(body).is_ok() {
        return body.to_owned();
    }
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let pairs = crate::urlencoding::pairs(body).map(|(name, value)| (text(&name), text(&value).into()));
    serde_json::Value::Object(pairs.collect()).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_allow_list_compares_whole_hosts() {
        let list = AllowList::new(["rec.example.com".into(), "127.0.0.1:4100".into(), "*.shop.test".into()]);
        for (authority, admitted) in [
            ("rec.example.com", true),
            ("REC.example.com:8443", true),
            ("xrec.example.com", false),
            ("rec.example.com.evil.test", false),
            ("127.0.0.1:4100", true),
            ("127.0.0.1:80", false),
            ("a.shop.test", true),
            ("shop.test", false),
            ("evilshop.test", false),
        ] {
            assert_eq!(list.admits(authority), admitted, "{authority}");
        }
    }

    #[test]
    fn urls_must_be_absolute_and_escaped() {
        for (url, problem) in [
            ("https:/rec.example.com/x", "two slashes"),
            ("/recommendations", "not absolute"),
            ("ftp://h/x", "neither http nor https"),
            ("https://h/?user_id=a b", "url_param_escape"),
            ("https:///x", "no host"),
        ] {
            let error = checked_url(url).unwrap_err();
            assert!(error.contains(problem), "{url}: {error}");
        }
        let (host, login, url) = checked_url("https://u:p%40@h:8443/x?y").unwrap();
        assert_eq!((host.as_str(), login.as_deref(), url.as_str()), ("h:8443", Some("u:p%40"), "https://h:8443/x?y"));
    }

    #[test]
    fn bodies_and_cache_times() {
        assert_eq!(form_as_json("a=1&b=x+y"), r#"{"a":"1","b":"x y"}"#);
        assert_eq!(form_as_json(r#"{"a":1}"#), r#"{"a":1}"#);
        let wanted = |post, cache_max_age_s, no_cache| Wanted { post, cache_max_age_s, no_cache, ..Default::default() };
        for (wanted, seconds) in [
            (wanted(false, None, false), 300),
            (wanted(false, Some(10), false), 300),
            (wanted(false, Some(99_999), false), 14_400),
            (wanted(false, None, true), 0),
            (wanted(true, None, false), 0),
            (wanted(true, Some(600), false), 600),
        ] {
            assert_eq!(cache_seconds(&wanted), seconds, "{wanted:?}");
        }
    }
}
