//! Roles and policies of the account. They are remembered for set-up scripts and grant nothing: whoever has a key may do
//! everything.

mod managed;

pub use managed::{listed, policy_path};

use crate::resource::TimeMs;
use std::collections::BTreeMap;

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
    fn policies_by_arn() {
        let own = "arn:aws:iam::123456789012:policy/shop/read";
        let managed = "arn:aws:iam::aws:policy/service-role/AmazonPersonalizeFullAccess";
        assert_eq!((policy_name(own), is_managed(own)), ("read", false));
        assert_eq!((policy_name(managed), is_managed(managed)), ("AmazonPersonalizeFullAccess", true));
        assert!(!is_managed("arn:aws:iam::aws:policy/") && !is_managed("arn:aws:iam::aws:role/x"));
    }
}
