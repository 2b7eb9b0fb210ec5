//! The right to give tags to a session.

use super::credentials::SessionTerms;
use crate::authorize::Authorization;
use crate::iam::IamError;
use crate::state::HttpState;
use http::request::Parts;
use tastemaker_wire::sigv4::Identity;

/// The right to give tags to a session.
pub const TAG_SESSION: &str = "sts:TagSession";

/// Refuses tags of a caller whose policies do not let it give such.
pub fn may_tag(
    state: &HttpState,
    parts: &Parts,
    caller: &Identity,
    resource: &str,
    terms: &SessionTerms,
) -> Result<(), IamError> {
    if terms.tags.is_empty() {
        return Ok(());
    }
    let Some(mut authorization) = Authorization::limited(state, parts, caller) else { return Ok(()) };
    for (key, value) in &terms.tags {
        authorization.add_fact(&format!("aws:RequestTag/{key}"), value);
        authorization.add_fact("aws:TagKeys", key);
    }
    for key in &terms.transitive {
        authorization.add_fact("sts:TransitiveTagKeys", key);
    }
    authorization.require_now(TAG_SESSION, resource).map_err(IamError::denied)
}
