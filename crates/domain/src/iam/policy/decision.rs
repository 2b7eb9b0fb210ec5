//! The decision on a request by all policies that bear on it.

use super::document::{PolicyDocument, Question};
use std::sync::Arc;

/// The policies of a caller.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Permissions {
    /// Those of the user or the role.
    pub identity: Vec<Arc<PolicyDocument>>,
    /// The one that came with temporary credentials, which grants nothing and takes away.
    pub session: Option<Arc<PolicyDocument>>,
}

/// Whether a request may be done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decision {
    /// It may.
    Allowed,
    /// It may not, and why.
    Denied(Denial),
}

/// Why a request may not be done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Denial {
    /// No policy of the user or the role allows it.
    NoIdentityPolicy,
    /// A policy of the user or the role denies it.
    DenyInIdentityPolicy,
    /// The session policy does not allow it.
    NoSessionPolicy,
    /// The session policy denies it.
    DenyInSessionPolicy,
}

impl Denial {
    /// The end of AWS's sentence on a denied request.
    pub fn because(self, action: &str) -> String {
        match self {
            Self::NoIdentityPolicy => format!("because no identity-based policy allows the {action} action"),
            Self::DenyInIdentityPolicy => "with an explicit deny in an identity-based policy".to_owned(),
            Self::NoSessionPolicy => format!("because no session policy allows the {action} action"),
            Self::DenyInSessionPolicy => "with an explicit deny in a session policy".to_owned(),
        }
    }
}

impl Permissions {
    /// Decides on a request: an explicit denial anywhere wins, and every kind of policy must allow it.
    pub fn decide(&self, question: &Question<'_>) -> Decision {
        let denial = if self.identity.iter().any(|policy| policy.denies(question)) {
            Denial::DenyInIdentityPolicy
        } else if self.session.as_ref().is_some_and(|policy| policy.denies(question)) {
            Denial::DenyInSessionPolicy
        } else if !self.identity.iter().any(|policy| policy.allows(question)) {
            Denial::NoIdentityPolicy
        } else if self.session.as_ref().is_some_and(|policy| !policy.allows(question)) {
            Denial::NoSessionPolicy
        } else {
            return Decision::Allowed;
        };
        Decision::Denied(denial)
    }

    /// Whether a condition asks for tags of the request's resource.
    pub fn ask_for_resource_tags(&self) -> bool {
        self.identity.iter().chain(&self.session).any(|policy| policy.asks_for_resource_tags())
    }
}
