//! The names by which the console may be called. A web page can point a name of its own at this server (DNS rebinding), but not
//! an address, so addresses are taken and names only when they are known.

use http::HeaderMap;
use http::header::HOST;
use std::net::IpAddr;

/// Names that are always this machine's.
const LOOPBACK_NAMES: &[&str] = &["localhost"];

/// The `Host` of a request that is not one of ours; `None` for those that are, and where there is none.
pub(crate) fn stranger<'a>(headers: &'a HeaderMap, known: &[String]) -> Option<&'a str> {
    let host = headers.get(HOST)?.to_str().unwrap_or("?");
    let name = name(host).unwrap_or_default();
    let address = name.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(&name);
    let ours = address.parse::<IpAddr>().is_ok()
        || LOOPBACK_NAMES.contains(&name.as_str())
        || name.ends_with(".localhost")
        || known.contains(&name);
    (!ours).then_some(host)
}

/// Whether a request came by a name or address of this machine alone.
pub(crate) fn is_of_this_machine(headers: &HeaderMap) -> bool {
    let name = headers.get(HOST).and_then(|host| name(host.to_str().ok()?)).unwrap_or_default();
    let address = name.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>();
    LOOPBACK_NAMES.contains(&name.as_str())
        || name.ends_with(".localhost")
        || address.is_ok_and(|address| address.is_loopback())
}

/// The name of `name:port`, in lower case.
fn name(host: &str) -> Option<String> {
    let end = if host.starts_with('[') { host.find(']')? + 1 } else { host.find(':').unwrap_or(host.len()) };
    let (name, port) = host.split_at(end);
    let is_port =
        port.is_empty() || port.strip_prefix(':').is_some_and(|port| port.bytes().all(|b| b.is_ascii_digit()));
    is_port.then(|| name.trim_end_matches('.').to_ascii_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_others_are_strangers() {
        let known = ["rec.example.com".to_owned()];
        for (host, ours) in [
            ("localhost:4100", true),
            ("LOCALHOST", true),
            ("shop.localhost:4100", true),
            ("127.0.0.1:4100", true),
            ("10.1.2.3:4100", true),
            ("[::1]:4100", true),
            ("rec.example.com", true),
            ("Rec.Example.com.:443", true),
            ("evil.example", false),
            ("127.0.0.1.evil.example:4100", false),
            ("rec.example.com.evil.example", false),
            ("localhost:x", false),
            ("[::1", false),
            ("", false),
        ] {
            let headers = HeaderMap::from_iter([(HOST, host.parse().expect("a value"))]);
            assert_eq!(stranger(&headers, &known), (!ours).then_some(host), "{host}");
        }
        assert_eq!(stranger(&HeaderMap::new(), &known), None);
    }
}
