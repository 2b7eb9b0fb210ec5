//! Users with their access keys, roles and policies of the account.

mod managed;
mod managed_documents;
pub mod policy;
pub mod presets;
mod usage;

pub use managed::{listed, policy_path};
pub use managed_documents::managed_document;
pub use usage::KeyCounts;

use crate::resource::TimeMs;
use std::collections::BTreeMap;
use std::fmt;

/// A role with what was put on it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(missing_docs)]
pub struct Role {
    /// Its identity: unique whatever its path.
    pub name: String,
    /// Begins and ends with `/`.
    pub path: String,
    pub arn: String,
    /// `AROA` and 17 letters and digits.
    pub id: String,
    /// The document as it came.
    pub trust_policy: String,
    pub description: Option<String>,
    pub max_session_s: u32,
    pub tags: BTreeMap<String, String>,
    /// Attached policies: ARN to name.
    pub attached: BTreeMap<String, String>,
    /// Inline policies: name to document.
    pub inline: BTreeMap<String, String>,
    pub created_ms: TimeMs,
}

/// A user with what was put on it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(missing_docs)]
pub struct User {
    /// Its identity: unique whatever its path.
    pub name: String,
    /// Begins and ends with `/`.
    pub path: String,
    pub arn: String,
    /// `AIDA` and 17 letters and digits.
    pub id: String,
    pub tags: BTreeMap<String, String>,
    /// Attached policies: ARN to name.
    pub attached: BTreeMap<String, String>,
    /// Inline policies: name to document.
    pub inline: BTreeMap<String, String>,
    pub created_ms: TimeMs,
}

/// A long-term access key of a user.
#[derive(Clone, PartialEq, Eq)]
#[allow(missing_docs)]
pub struct AccessKey {
    /// `AKIA` and 16 letters and digits.
    pub id: String,
    /// What requests are signed with. Signatures are verified with the secret itself, so it is kept as it is.
    pub secret: String,
    pub user: String,
    /// Whether it may be used; one that may not can be switched on again.
    pub active: bool,
    /// The time from which it may not be used any more, of a key that another has replaced.
    pub expires_ms: Option<TimeMs>,
    pub created_ms: TimeMs,
}

impl AccessKey {
    /// Whether requests may be signed with it now.
    pub fn is_usable(&self, now_ms: TimeMs) -> bool {
        self.active && !self.is_expired(now_ms)
    }

    /// Whether its time is over.
    pub fn is_expired(&self, now_ms: TimeMs) -> bool {
        self.expires_ms.is_some_and(|end| now_ms >= end)
    }
}

/// Without the secret, which belongs into no log.
impl fmt::Debug for AccessKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { id, user, active, expires_ms, .. } = self;
        let mut shown = f.debug_struct("AccessKey");
        shown
            .field("id", id)
            .field("user", user)
            .field("active", active)
            .field("expires_ms", expires_ms)
            .finish_non_exhaustive()
    }
}

/// A policy of the account's own.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(missing_docs)]
pub struct Policy {
    pub name: String,
    pub path: String,
    /// Its identity.
    pub arn: String,
    /// `ANPA` and 17 letters and digits.
    pub id: String,
    /// The document as it came.
    pub document: String,
    pub description: Option<String>,
    pub tags: BTreeMap<String, String>,
    pub created_ms: TimeMs,
}

/// The name at the end of a policy's ARN.
pub fn policy_name(arn: &str) -> &str {
    arn.rsplit('/').next().unwrap_or(arn)
}

/// Whether a policy is one of AWS's own, all of which are taken to exist.
pub fn is_managed(policy_arn: &str) -> bool {
    policy_arn.split(':').nth(4) == Some("aws")
        && policy_arn.contains(":policy/")
        && !policy_name(policy_arn).is_empty()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_end_and_their_secrets_are_not_shown() {
        let key = AccessKey {
            id: "AKIAEXAMPLE".into(),
            secret: "very secret".into(),
            user: "shop".into(),
            active: true,
            expires_ms: Some(1_000),
            created_ms: 0,
        };
        assert!(key.is_usable(999) && !key.is_usable(1_000));
        assert!(!AccessKey { active: false, ..key.clone() }.is_usable(0));
        let shown = format!("{key:?}");
        assert!(shown.contains("AKIAEXAMPLE") && !shown.contains("very secret"), "{shown}");
    }

    #[test]
    fn policies_by_arn() {
        let own = "arn:aws:iam::123456789012:policy/shop/read";
        let managed = "arn:aws:iam::aws:policy/service-role/AmazonPersonalizeFullAccess";
        assert_eq!((policy_name(own), is_managed(own)), ("read", false));
        assert_eq!((policy_name(managed), is_managed(managed)), ("AmazonPersonalizeFullAccess", true));
        assert!(!is_managed("arn:aws:iam::aws:policy/") && !is_managed("arn:aws:iam::aws:role/x"));
    }
}
