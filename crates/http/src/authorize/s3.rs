//! The decision on requests to the embedded S3.

use super::rights::{Authorization, Circumstances, Rights};
use crate::authenticate::admit;
use crate::key_usage::KeyFamily;
use crate::state::HttpState;
use http::request::Parts;
use std::sync::Arc;
use tastemaker_wire::authorizer::{Authorizer, Permission, RequestAuthorizer};
use tastemaker_wire::sigv4::Identity;

struct S3Authorizer {
    state: Arc<HttpState>,
    circumstances: Circumstances,
}

/// The one who decides on a request to S3.
pub fn s3_authorizer(state: &Arc<HttpState>, parts: &Parts) -> RequestAuthorizer {
    let circumstances = Circumstances::of(state, parts);
    RequestAuthorizer(Arc::new(S3Authorizer { state: state.clone(), circumstances }))
}

impl Authorizer for S3Authorizer {
    fn admit(&self, caller: &Identity) -> Result<(), u64> {
        admit(&self.state, caller, KeyFamily::Storage).map_err(|failure| failure.retry_after_s.unwrap_or(1))
    }

    fn allows(&self, caller: &Identity, permission: &Permission) -> Result<(), String> {
        let rights = Rights::of(&self.state, caller);
        if matches!(rights, Rights::Everything) {
            return Ok(());
        }
        let mut authorization = Authorization::with(&self.state, &self.circumstances, caller, rights);
        for (key, value) in &permission.facts {
            authorization.add_fact(key, value);
        }
        authorization.require_now(&permission.action, &permission.resource)
    }
}
