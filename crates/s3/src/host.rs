//! The bucket that a host name means.

use std::sync::Arc;

use s3s::S3Result;
use s3s::host::{S3Host, VirtualHost};

/// Base domains below which a host names a bucket; every other host, an address included, means path style.
pub(crate) struct Domains {
    domains: Vec<String>,
}

impl Domains {
    pub(crate) fn new(domains: Vec<String>) -> Self {
        Self { domains: domains.into_iter().map(|domain| domain.to_ascii_lowercase()).collect() }
    }

    pub(crate) fn bucket(&self, host: &str) -> Option<String> {
        let name = match host.rsplit_once(':') {
            Some((name, port)) if port.bytes().all(|b| b.is_ascii_digit()) => name,
            _ => host,
        };
        let name = name.to_ascii_lowercase();
        let below = |domain: &String| name.strip_suffix(domain.as_str())?.strip_suffix('.').map(str::to_owned);
        self.domains.iter().find_map(below).filter(|bucket| !bucket.is_empty())
    }
}

#[derive(Clone)]
pub(crate) struct SharedDomains(pub(crate) Arc<Domains>);

impl S3Host for SharedDomains {
    fn parse_host_header<'a>(&'a self, host: &'a str) -> S3Result<VirtualHost<'a>> {
        let parsed = VirtualHost::new(host);
        Ok(match self.0.bucket(host) {
            Some(bucket) => parsed.with_bucket(bucket),
            None => parsed,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_names_below_a_domain_are_buckets() {
        let domains = Domains::new(vec!["localhost".into(), "S3.example.com".into()]);
        for (host, expected) in [
            ("localhost:4100", None),
            ("127.0.0.1:4100", None),
            ("[::1]:4100", None),
            ("other.example.com", None),
            ("mylocalhost", None),
            ("data.localhost:4100", Some("data")),
            ("data.localhost:x4100", None),
            ("my.data.localhost", Some("my.data")),
            ("Data.s3.EXAMPLE.com", Some("data")),
            (".localhost", None),
        ] {
            assert_eq!(domains.bucket(host).as_deref(), expected, "{host}");
        }
    }
}
