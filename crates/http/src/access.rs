//! Access to the `/recommendations` family and Braze's receivers, by token and address.

use crate::client_address::{Cidr, Network};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::header::AUTHORIZATION;
use http::{HeaderMap, HeaderValue};
use sha2::{Digest, Sha256};
use std::fmt;
use std::net::IpAddr;
use subtle::{Choice, ConstantTimeEq};

/// The scope that stands for all.
pub const EVERYTHING: &str = "*";

/// A token with what it opens.
#[derive(Clone)]
pub struct Key {
    /// For logs.
    pub name: String,
    /// Tokens are compared by digest, so that the time tells neither their content nor their length.
    digest: [u8; 32],
    /// Recommenders, and the words `related`, `popular`, `rerank`, `events`, `currents`, `webhook`; [`EVERYTHING`] is all.
    scopes: Vec<String>,
    /// Addresses from which it opens; empty is everywhere.
    allow: Vec<Cidr>,
}

impl Key {
    /// A key that opens everything from everywhere. An empty token opens nothing.
    pub fn new(name: impl Into<String>, token: &str) -> Self {
        let digest = Sha256::digest(token).into();
        let scopes = if token.is_empty() { Vec::new() } else { vec![EVERYTHING.to_owned()] };
        Self { name: name.into(), digest, scopes, allow: Vec::new() }
    }

    /// The same key for some scopes only.
    pub fn scoped(self, scopes: Vec<String>) -> Self {
        Self { scopes, ..self }
    }

    /// The same key for some addresses only.
    pub fn allowed_from(self, allow: Vec<Cidr>) -> Self {
        Self { allow, ..self }
    }

    fn opens(&self, scope: &str) -> bool {
        self.scopes.iter().any(|s| s == EVERYTHING || s == scope)
    }
}

/// The door.
#[derive(Clone)]
pub struct Access {
    /// Absent for listeners that only this machine reaches: everybody may ask.
    keys: Option<Vec<Key>>,
    /// The addresses that may call at all.
    network: Network,
}

impl fmt::Debug for Access {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = self.keys.as_ref().map(|keys| keys.iter().map(|key| key.name.as_str()).collect::<Vec<_>>());
        f.debug_struct("Access").field("keys", &names).field("network", &self.network).finish()
    }
}

/// Why somebody may not call. Neither says which part was wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Barred {
    /// No token that is known.
    Unauthorized,
    /// From there, or there, not with this token.
    Forbidden,
}

impl Access {
    /// Everybody who can reach the listener.
    pub fn open() -> Self {
        Self { keys: None, network: Network::default() }
    }

    /// Callers that present one of these.
    pub fn keys(keys: Vec<Key>) -> Self {
        Self { keys: Some(keys), network: Network::default() }
    }

    /// From these addresses only.
    pub fn from_network(self, network: Network) -> Self {
        Self { network, ..self }
    }

    /// Whether everybody may ask.
    pub fn is_open(&self) -> bool {
        self.keys.is_none()
    }

    /// The caller's address: the connection's, or what a trusted proxy says it is. A proxy's own where that is not to be read.
    pub fn client(&self, peer: Option<IpAddr>, headers: &HeaderMap) -> Option<IpAddr> {
        self.network.client(peer, headers).or(peer)
    }

    /// Whether the other end of a connection is a proxy whose word counts.
    pub fn trusts(&self, peer: Option<IpAddr>) -> bool {
        peer.is_some_and(|peer| self.network.trusts(peer))
    }

    /// Judges a caller by address and headers: a token as Basic password or user, as Bearer, or as `X-Api-Key`.
    pub fn admits(&self, peer: Option<IpAddr>, headers: &HeaderMap, scope: &str) -> Result<(), Barred> {
        if !self.network.admits(peer, headers) {
            return Err(Barred::Forbidden);
        }
        let Some(keys) = &self.keys else { return Ok(()) };
        let presented: Vec<[u8; 32]> = presented(headers).iter().map(|token| Sha256::digest(token).into()).collect();
        let known = |key: &Key| {
            let same = presented.iter().fold(Choice::from(0), |found, given| found | given.ct_eq(&key.digest));
            bool::from(same)
        };
        // Every key is compared, whichever is right.
        let known: Vec<&Key> = keys.iter().filter(|key| known(key)).collect();
        if known.is_empty() {
            return Err(Barred::Unauthorized);
        }
        let client = self.network.client(peer, headers);
        let here = |key: &Key| key.allow.is_empty() || client.is_some_and(|c| key.allow.iter().any(|b| b.holds(c)));
        let opens = known.iter().any(|key| key.opens(scope) && here(key));
        if opens { Ok(()) } else { Err(Barred::Forbidden) }
    }
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
    found.retain(|token| !token.is_empty());
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(name: &'static str, value: &str) -> HeaderMap {
        HeaderMap::from_iter([(http::HeaderName::from_static(name), HeaderValue::from_str(value).expect("a value"))])
    }

    fn one(token: &str) -> Access {
        Access::keys(vec![Key::new("k", token)])
    }

    #[test]
    fn three_ways_in_and_no_other() {
        let access = one("s3cret");
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
            let expected = if admitted { Ok(()) } else { Err(Barred::Unauthorized) };
            assert_eq!(access.admits(None, &headers(name, &value), "default"), expected, "{name}: {value}");
        }
        assert_eq!(Access::open().admits(None, &HeaderMap::new(), "default"), Ok(()));
        assert_eq!(one("").admits(None, &headers("x-api-key", ""), "default"), Err(Barred::Unauthorized));
    }

    #[test]
    fn keys_open_their_scopes_from_their_addresses() {
        let block = |text: &str| text.parse().expect("a block");
        let access = Access::keys(vec![
            Key::new("braze", "a")
                .scoped(vec!["home".into(), "related".into()])
                .allowed_from(vec![block("10.0.0.0/8")]),
            Key::new("all", "b"),
        ]);
        let admits = |peer: &str, token: &str, scope: &str| {
            access.admits(peer.parse().ok(), &headers("x-api-key", token), scope)
        };
        assert_eq!(admits("10.1.1.1", "a", "home"), Ok(()));
        assert_eq!(admits("10.1.1.1", "a", "popular"), Err(Barred::Forbidden));
        assert_eq!(admits("11.1.1.1", "a", "home"), Err(Barred::Forbidden));
        assert_eq!(admits("11.1.1.1", "b", "popular"), Ok(()));
        assert_eq!(admits("11.1.1.1", "c", "popular"), Err(Barred::Unauthorized));
        assert_eq!(
            admits("unknown", "a", "home"),
            Err(Barred::Forbidden),
            "an address that is not known is in no block"
        );
        assert_eq!(admits("unknown", "b", "home"), Ok(()));
        assert!(!Key::new("empty", "").opens("home"));
        let fenced = access.from_network(Network { allow: vec![block("10.0.0.0/8")], ..Network::default() });
        assert_eq!(fenced.admits("11.1.1.1".parse().ok(), &headers("x-api-key", "b"), "home"), Err(Barred::Forbidden));
        assert_eq!(fenced.admits("10.1.1.1".parse().ok(), &headers("x-api-key", "b"), "home"), Ok(()));
    }
}
