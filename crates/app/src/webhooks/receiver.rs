//! A receiver of changes: which it wants, and one attempt to send it one.

use super::event::event;
use super::signature::Signer;
use super::wanted::Wanted;
use sha2::{Digest, Sha256};
use std::time::Duration;
use tastemaker_store::records::StateChange;

/// The most characters of an answer that are kept.
const ANSWER_CHARS_MAX: usize = 200;
/// The most bytes of an answer that are read.
const ANSWER_BYTES_MAX: u64 = 16 << 10;

/// A receiver of changes.
#[derive(Debug, Clone)]
pub struct Receiver {
    /// The address that changes are sent to.
    pub url: String,
    /// Its host, for logs and metrics: the rest of an address may be a secret.
    pub host: String,
    /// The maker of signatures.
    pub signer: Signer,
    /// The changes that it wants; all of them where there is none.
    pub events: Vec<Wanted>,
    /// The dataset groups whose resources it wants to hear of, as patterns of ARNs; all of them where there is none.
    pub dataset_groups: Vec<String>,
    /// Time for which an answer is waited for.
    pub timeout: Duration,
    /// Attempts before a change goes to the dead letters.
    pub attempts: u32,
    /// Time before the second attempt.
    pub retry: Duration,
}

impl Receiver {
    /// The name under which its changes are stored: of its address, so that another address is another receiver.
    pub fn id(&self) -> String {
        let mut id = hex::encode(Sha256::digest(self.url.as_bytes()));
        id.truncate(12);
        id
    }

    /// Whether it is told of a change.
    pub fn wants(&self, change: &StateChange) -> bool {
        let of_event =
            self.events.is_empty() || self.events.iter().any(|event| event.wants(&change.kind, &change.status));
        let of_group = || {
            let group = change.dataset_group_arn.as_deref().unwrap_or_default();
            self.dataset_groups.iter().any(|pattern| matches(pattern, group))
        };
        of_event && (self.dataset_groups.is_empty() || of_group())
    }

    /// A client. A redirection is an answer like others: it is not followed.
    pub fn agent(&self) -> ureq::Agent {
        let config = ureq::Agent::config_builder()
            .timeout_global(Some(self.timeout))
            .max_redirects(0)
            .max_redirects_will_error(false)
            .http_status_as_error(false)
            .user_agent(concat!("tastemaker/", env!("CARGO_PKG_VERSION")))
            .build();
        config.into()
    }

    /// Sends a change once; the status of the answer, or what was wrong.
    pub fn send(&self, agent: &ureq::Agent, change: &StateChange, now_s: i64) -> Result<u16, String> {
        let body = event(change).to_string();
        let request = agent
            .post(&self.url)
            .content_type("application/json")
            .header("webhook-id", &change.id)
            .header("webhook-timestamp", now_s.to_string())
            .header("webhook-signature", self.signer.sign(&change.id, now_s, &body));
        let mut answer = request.send(body.as_str()).map_err(|error| error.to_string())?;
        let status = answer.status();
        if status.is_success() {
            return Ok(status.as_u16());
        }
        let text = answer.body_mut().with_config().limit(ANSWER_BYTES_MAX).lossy_utf8(true).read_to_string();
        let text: String = text.unwrap_or_default().trim().chars().take(ANSWER_CHARS_MAX).collect();
        let after = if text.is_empty() { String::new() } else { format!(": {text}") };
        Err(format!("HTTP status {}{after}", status.as_u16()))
    }
}

/// Whether a text is one of a pattern in which each `*` stands for any characters.
fn matches(pattern: &str, text: &str) -> bool {
    let mut parts = pattern.split('*');
    let Some(mut rest) = parts.next().and_then(|first| text.strip_prefix(first)) else { return false };
    let parts: Vec<&str> = parts.collect();
    let Some((last, middle)) = parts.split_last() else { return rest.is_empty() };
    for part in middle {
        match rest.find(part) {
            Some(at) => rest = &rest[at + part.len()..],
            None => return false,
        }
    }
    rest.ends_with(last)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_stands_for_any_characters() {
        for (pattern, text, is_one) in [
            ("a*c", "abc", true),
            ("a*c", "ac", true),
            ("a*c", "acd", false),
            ("*", "", true),
            ("*group/shop", "arn:aws:personalize:r:1:dataset-group/shop", true),
            ("arn:*:dataset-group/*-prod", "arn:aws:personalize:r:1:dataset-group/shop-prod", true),
            ("arn:*:dataset-group/*-prod", "arn:aws:personalize:r:1:dataset-group/shop-test", false),
            ("abc", "abc", true),
            ("abc", "abcd", false),
            ("ab*ba", "aba", false),
        ] {
            assert_eq!(matches(pattern, text), is_one, "{pattern} {text}");
        }
    }
}
