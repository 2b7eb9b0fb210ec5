//! Rules of the configuration on the buckets outside that may be reached.

use std::collections::HashMap;
use std::sync::Arc;

use parking_lot::Mutex;

use super::bucket::ExternalBucket;
use super::failure::{ExternalError, of_client};
use super::pattern::{self, matches};
use crate::remote::{Completion, Provider, RemoteSettings, open};
use crate::{Error, Result};

/// A rule: buckets whose names match are reached by these settings.
#[derive(Clone, Debug)]
pub struct ExternalRule {
    /// A bucket's name, in which each `*` stands for any characters.
    pub bucket: String,
    /// The protocol behind the name: an `s3://` location may lie at Google or Azure.
    pub provider: Provider,
    /// The access to it.
    pub settings: RemoteSettings,
}

/// The buckets that may be reached. The first rule that matches a name counts.
#[derive(Debug, Default)]
pub struct ExternalBuckets(Mutex<Reached>);

/// The rules as they are now, and the clients that they made.
#[derive(Debug, Default)]
struct Reached {
    rules: Vec<ExternalRule>,
    opened: HashMap<String, ExternalBucket>,
}

impl ExternalBuckets {
    /// Buckets by rules, each of which must make sense.
    pub fn new(rules: Vec<ExternalRule>) -> Result<Self> {
        for rule in &rules {
            let name = |text: String| Error::backend("external buckets", format!("bucket '{}': {text}", rule.bucket));
            pattern::check(&rule.bucket).map_err(&name)?;
            rule.settings.check(rule.provider).map_err(|error| name(error.to_string()))?;
        }
        Ok(Self(Mutex::new(Reached { rules, opened: HashMap::new() })))
    }

    /// Takes the rules of others in the place of its own. A client that somebody holds goes on.
    pub fn replace(&self, others: &Self) {
        let rules = others.0.lock().rules.clone();
        *self.0.lock() = Reached { rules, opened: HashMap::new() };
    }

    /// Empty buckets of these names in memory, for tests.
    pub fn in_memory(names: &[&str]) -> Self {
        let rule = |name: &&str| ExternalRule {
            bucket: (*name).to_owned(),
            provider: Provider::S3,
            settings: RemoteSettings::default(),
        };
        let bucket = |name: &&str| {
            let store = Arc::new(object_store::memory::InMemory::new());
            ((*name).to_owned(), ExternalBucket::new(store, name, Provider::S3.scheme()))
        };
        let (rules, opened) = (names.iter().map(rule).collect(), names.iter().map(bucket).collect());
        Self(Mutex::new(Reached { rules, opened }))
    }

    /// The names of buckets that rules spell out.
    pub fn names(&self) -> Vec<String> {
        let reached = self.0.lock();
        let names = reached.rules.iter().map(|rule| &rule.bucket).filter(|name| !name.contains('*'));
        let mut names: Vec<String> = names.cloned().collect();
        names.sort_unstable();
        names.dedup();
        names
    }

    /// The bucket of that name, if a rule names it. No request is sent.
    pub fn find(&self, name: &str) -> Result<Option<ExternalBucket>, ExternalError> {
        let reached = &mut *self.0.lock();
        let Some(rule) = reached.rules.iter().find(|rule| matches(&rule.bucket, name)) else { return Ok(None) };
        if let Some(bucket) = reached.opened.get(name) {
            return Ok(Some(bucket.clone()));
        }
        let bucket = client(rule.provider, name, &rule.settings)?.called("s3");
        reached.opened.insert(name.to_owned(), bucket.clone());
        Ok(Some(bucket))
    }
}

/// The client of a bucket.
pub(super) fn client(
    provider: Provider,
    name: &str,
    settings: &RemoteSettings,
) -> Result<ExternalBucket, ExternalError> {
    let opened = open(provider, name, settings, Completion::Replaces).map_err(|error| of_client(name, &error))?;
    Ok(ExternalBucket::new(opened.store, name, provider.scheme()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_rule_that_matches_counts_and_others_are_not_reached() {
        let rule = |bucket: &str, port: u16| ExternalRule {
            bucket: bucket.into(),
            provider: Provider::S3,
            settings: RemoteSettings {
                endpoint: Some(format!("http://127.0.0.1:{port}")),
                credentials: crate::remote::Credentials::Anonymous,
                ..RemoteSettings::default()
            },
        };
        let buckets = ExternalBuckets::new(vec![rule("shop-eu", 1), rule("shop-*", 2)]).expect("rules");
        assert!(buckets.find("shop-eu").expect("a client").is_some());
        assert!(buckets.find("shop-us").expect("a client").is_some());
        assert!(buckets.find("shop").expect("no client").is_none());
        assert_eq!(buckets.names(), ["shop-eu"]);
        assert!(ExternalBuckets::default().find("shop-eu").expect("no client").is_none());
        buckets.replace(&ExternalBuckets::new(vec![rule("press", 3)]).expect("a rule"));
        assert_eq!(buckets.names(), ["press"]);
        assert!(buckets.find("shop-eu").expect("no client").is_none(), "a client of a former rule is not handed out");
        assert!(buckets.find("press").expect("a client").is_some());
        for (bucket, words) in [("", "empty"), ("a/b", "a/b")] {
            let refused = ExternalBuckets::new(vec![rule(bucket, 1)]).expect_err(bucket).to_string();
            assert!(refused.contains(words), "{refused}");
        }
        let wrong = ExternalRule {
            settings: RemoteSettings { endpoint: Some("host".into()), ..RemoteSettings::default() },
            ..rule("shop", 1)
        };
        let refused = ExternalBuckets::new(vec![wrong]).expect_err("no endpoint").to_string();
        assert!(refused.contains("bucket 'shop'") && refused.contains("endpoint 'host'"), "{refused}");
    }
}
