//! `[[webhooks]]`: the receivers of changes of resources' statuses.

use crate::webhooks::{Receiver, Secret, Signer, Wanted};
use anyhow::{Context, Result, bail};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::HashSet;
use std::path::PathBuf;
use std::time::Duration;
use url::Url;

/// `[[webhooks]]`: a receiver of changes of resources' statuses.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct WebhookConfig {
    /// The address that each change is sent to by POST: `https://` or, within networks that are trusted, `http://`. Addresses of
    /// this machine and of private networks are allowed. A redirection is not followed.
    pub url: String,
    /// The secret that signs each message: `whsec_` and base64 of 24 to 64 bytes, or any other text of at least 16 characters.
    #[serde(default, skip_serializing)]
    #[schemars(with = "Option<String>", extend("x-secret" = true))]
    pub secret: Option<Secret>,
    /// A file with the secret instead.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub secret_file: Option<PathBuf>,
    /// The changes that are sent: a kind of resource as `solution-version`, or a kind and a status as `campaign:ACTIVE`; `*` for all
    /// kinds. Without it all of them.
    #[serde(default)]
    pub events: Vec<String>,
    /// The ARNs of dataset groups whose resources are told of, in which each `*` stands for any characters. Without it all of them.
    #[serde(default)]
    pub dataset_groups: Vec<String>,
    /// Seconds for which an answer is waited for.
    #[serde(default = "timeout_s")]
    pub timeout_s: u64,
    /// Attempts after which a change that the receiver did not take goes to the dead letters.
    #[serde(default = "attempts")]
    pub attempts: u32,
    /// Seconds before the second attempt. Each later wait is twice as long, up to an hour, and each is shortened by up to a half at random.
    #[serde(default = "retry_s")]
    pub retry_s: u64,
}

fn timeout_s() -> u64 {
    10
}

fn attempts() -> u32 {
    16
}

fn retry_s() -> u64 {
    5
}

impl WebhookConfig {
    /// The receiver that it describes. Reads the file of the secret.
    fn receiver(&self) -> Result<Receiver> {
        let url = Url::parse(&self.url).map_err(|error| anyhow::anyhow!("url: '{}': {error}", self.url))?;
        if !matches!(url.scheme(), "http" | "https") || url.host_str().is_none() {
            bail!("url must begin with https:// or http:// and name a host, not '{}'", self.url);
        }
        if !url.username().is_empty() || url.password().is_some() || url.fragment().is_some() {
            bail!("url must have no user, password or fragment; the secret signs messages instead");
        }
        let secret = match (&self.secret, &self.secret_file) {
            (Some(secret), None) => secret.clone(),
            (None, Some(file)) => {
                let text = std::fs::read_to_string(file);
                let text = text.with_context(|| format!("secret_file: cannot read {}", file.display()))?;
                Secret::new(text.trim_end_matches(['\n', '\r']))
            }
            (Some(_), Some(_)) => bail!("secret and secret_file are both set; leave one out"),
            (None, None) => bail!("secret or secret_file is missing: receivers know messages by their signature"),
        };
        let events = self.events.iter().map(|event| Wanted::parse(event)).collect::<Result<Vec<_>>>()?;
        if let Some(pattern) =
            self.dataset_groups.iter().find(|pattern| !pattern.starts_with("arn:") && *pattern != "*")
        {
            bail!("dataset_groups: '{pattern}' is no ARN of a dataset group, in which * may stand for any characters");
        }
        if self.timeout_s == 0 || self.attempts == 0 || self.retry_s == 0 {
            bail!("timeout_s, attempts and retry_s must be at least 1");
        }
        Ok(Receiver {
            signer: Signer::new(&secret).context(if self.secret.is_some() { "secret" } else { "secret_file" })?,
            url: self.url.clone(),
            host: url.host_str().unwrap_or_default().to_owned(),
            events,
            dataset_groups: self.dataset_groups.clone(),
            timeout: Duration::from_secs(self.timeout_s),
            attempts: self.attempts,
            retry: Duration::from_secs(self.retry_s),
        })
    }
}

/// The receivers that a configuration names.
pub fn receivers(webhooks: &[WebhookConfig]) -> Result<Vec<Receiver>> {
    let mut seen = HashSet::new();
    let mut receivers = Vec::with_capacity(webhooks.len());
    for (n, webhook) in webhooks.iter().enumerate() {
        let receiver = webhook.receiver().with_context(|| format!("[[webhooks]] number {}", n + 1))?;
        if !seen.insert(webhook.url.clone()) {
            bail!("[[webhooks]] number {}: url '{}' is named twice", n + 1, webhook.url);
        }
        receivers.push(receiver);
    }
    Ok(receivers)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test_config::config;

    const SECRET: &str = "secret = 'a long enough secret'";

    #[test]
    fn every_key_reaches_the_receiver() -> Result<()> {
        let (_dir, config, _) = config(&format!(
            "[[webhooks]]\nurl = 'https://hooks.example/tastemaker'\n{SECRET}\nevents = ['solution-version', '*:CREATE FAILED']\n\
             dataset_groups = ['arn:aws:personalize:*:dataset-group/shop']\ntimeout_s = 3\nattempts = 4\nretry_s = 2\n"
        ))?;
        let receivers = receivers(&config.webhooks)?;
        let one = &receivers[0];
        assert_eq!((one.timeout, one.attempts, one.retry), (Duration::from_secs(3), 4, Duration::from_secs(2)));
        assert_eq!((one.host.as_str(), one.events.len(), one.dataset_groups.len()), ("hooks.example", 2, 1));
        assert!(one.events[0].wants("solution-version", "ACTIVE") && !one.events[0].wants("campaign", "ACTIVE"));
        assert!(one.events[1].wants("filter", "CREATE FAILED") && !one.events[1].wants("filter", "ACTIVE"));
        let shown = format!("{config:?}{:?}", config.settings);
        assert!(!shown.contains("long enough"), "{shown}");
        Ok(())
    }

    #[test]
    fn what_makes_no_sense_is_refused_at_the_start() {
        let url = "url = 'https://h/x'";
        for (toml, words) in [
            (format!("url = 'ftp://h'\n{SECRET}"), "[[webhooks]] number 1: url must begin with https://"),
            (format!("url = 'hooks'\n{SECRET}"), "url: 'hooks'"),
            (format!("url = 'https://u:p@h/'\n{SECRET}"), "no user, password or fragment"),
            (url.to_owned(), "secret or secret_file is missing"),
            (format!("{url}\nsecret = 'short'"), "secret: must have at least 16 characters"),
            (format!("{url}\nsecret = 'whsec_???'"), "secret: must be whsec_ and base64"),
            (format!("{url}\nsecret_file = 'DIR/absent'"), "secret_file: cannot read"),
            (format!("{url}\nsecret_file = 'DIR/token'\n{SECRET}"), "both set"),
            (
                format!("{url}\n{SECRET}\nevents = ['campain']"),
                "'campain' is no kind of resource; there are *, dataset-group",
            ),
            (format!("{url}\n{SECRET}\nevents = ['campaign:DONE']"), "'DONE' is no status; there are ACTIVE"),
            (format!("{url}\n{SECRET}\ndataset_groups = ['shop']"), "'shop' is no ARN of a dataset group"),
            (format!("{url}\n{SECRET}\nattempts = 0"), "must be at least 1"),
            (format!("{url}\n{SECRET}\n[[webhooks]]\n{url}\n{SECRET}"), "number 2: url 'https://h/x' is named twice"),
            (format!("{url}\n{SECRET}\nevent = []"), "did you mean events?"),
        ] {
            let refused = config(&format!("[[webhooks]]\n{toml}\n")).expect_err(&toml);
            assert!(format!("{refused:#}").contains(words), "{words}: {refused:#}");
        }
    }
}
