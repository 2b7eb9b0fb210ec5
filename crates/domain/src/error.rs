//! The error of a use case: the meanings of failure that AWS distinguishes, free of any transport.

use crate::MemberPath;

/// Why a use case was refused. Each variant is a decision the caller can take; the edge maps it to an AWS error code.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// A field is missing, malformed, out of range or contradicts another; the text names field, rule and value.
    #[error("{0}")]
    InvalidInput(String),
    /// The same, of one member of the request, so that a form can show the text beside its field.
    #[error("{text}")]
    InvalidMember {
        /// The way to the member.
        member: MemberPath,
        /// The text, as in [`InvalidInput`](Self::InvalidInput).
        text: String,
    },
    /// The named resource does not exist.
    #[error("{0}")]
    NotFound(String),
    /// A resource of that kind and name exists already.
    #[error("{0}")]
    AlreadyExists(String),
    /// The resource's state, or another resource that uses it, forbids the call.
    #[error("{0}")]
    InUse(String),
    /// A quota would be exceeded; the text carries the number.
    #[error("{0}")]
    LimitExceeded(String),
    /// A pagination token that this server did not issue for this query.
    #[error("{0}")]
    InvalidNextToken(String),
    /// More tags than a resource may carry.
    #[error("{0}")]
    TooManyTags(String),
    /// More tag keys than one call may remove.
    #[error("{0}")]
    TooManyTagKeys(String),
    /// The server cannot take more work now; the caller may retry.
    #[error("{0}")]
    Throttled(String),
    /// Storage cannot serve at the moment, for instance because the disk is full; the caller may retry.
    #[error("{0}")]
    Unavailable(String),
    /// Storage or an internal invariant failed; the text is for operators.
    #[error("{0}")]
    Internal(String),
}

/// Shorthand for results of use cases.
pub type Result<T, E = Error> = std::result::Result<T, E>;

impl Error {
    /// A member that is missing, malformed, out of range or contradicts another.
    pub fn invalid(member: impl Into<MemberPath>, text: impl Into<String>) -> Self {
        Self::InvalidMember { member: member.into(), text: text.into() }
    }

    /// This error, as one of `member` where it is about the input and names no member yet.
    #[must_use]
    pub fn of_member(self, member: impl Into<MemberPath>) -> Self {
        match self {
            Self::InvalidInput(text) => Self::invalid(member, text),
            other => other,
        }
    }

    /// The member of the request that the text is about.
    pub fn member(&self) -> Option<&MemberPath> {
        match self {
            Self::InvalidMember { member, .. } => Some(member),
            _ => None,
        }
    }

    /// An unknown resource, in AWS's words.
    pub fn unknown(arn: &str) -> Self {
        Self::NotFound(format!("Resource {arn} does not exist."))
    }

    /// A name that is taken, in AWS's words.
    pub fn exists(arn: &str) -> Self {
        Self::AlreadyExists(format!("Another resource with Arn {arn} already exists."))
    }
}
