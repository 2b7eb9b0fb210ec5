//! The interface between a service that knows which rights a request needs and the one who knows which its caller has.

use crate::sigv4::Identity;
use std::fmt;
use std::sync::Arc;

/// One right that a request needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Permission {
    /// `s3:GetObject`.
    pub action: String,
    /// The ARN of the resource.
    pub resource: String,
    /// Values of condition keys, as `s3:prefix`.
    pub facts: Vec<(String, String)>,
}

/// Decides on the requests of verified callers.
pub trait Authorizer: Send + Sync {
    /// Takes a request of a caller in; the seconds after which it may be sent again, if there have been too many.
    fn admit(&self, caller: &Identity) -> Result<(), u64>;

    /// Whether the caller has a right; the sentence that refuses it, if not.
    fn allows(&self, caller: &Identity, permission: &Permission) -> Result<(), String>;
}

/// The one who decides on a request, in its extensions.
#[derive(Clone)]
pub struct RequestAuthorizer(pub Arc<dyn Authorizer>);

impl fmt::Debug for RequestAuthorizer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RequestAuthorizer(..)")
    }
}
