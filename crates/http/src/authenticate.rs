//! Authentication of callers for the services that sign with Signature Version 4 and a whole body.

use crate::errors::Failure;
use crate::state::HttpState;
use http::request::Parts;
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use tastemaker_wire::ErrorShape;
use tastemaker_wire::sigv4::{Identity, Payload, RequestParts, credential_scope, is_region, verify};

/// Verifies the signature over head and body for `service`.
pub fn authenticate(state: &HttpState, parts: &Parts, body: &[u8], service: &str) -> Result<Identity, Failure> {
    let now_ms = u64::try_from((state.service.clock)()).unwrap_or_default();
    let now: SystemTime = UNIX_EPOCH + Duration::from_millis(now_ms);
    let request = RequestParts { method: &parts.method, uri: &parts.uri, headers: &parts.headers };
    let lookup = |key: &str| state.credentials.secret(key).map(str::to_owned);
    let identity =
        verify(&request, Payload::of(body), lookup, now).map_err(|error| Failure::new(error.shape, error.message))?;
    if identity.service != service {
        let message = format!("Credential should be scoped to correct service: '{service}'.");
        return Err(Failure::new(ErrorShape::InvalidSignatureException, message));
    }
    Ok(identity)
}

/// Refuses a request whose signature cannot hold, before its body is read.
pub fn precheck(state: &HttpState, parts: &Parts, service: &str) -> Result<(), Failure> {
    let scope = credential_scope(&parts.headers, parts.uri.query());
    match scope {
        Some(scope) if state.credentials.secret(&scope.access_key).is_some() && is_region(&scope.region) => Ok(()),
        _ => authenticate(state, parts, &[], service).map(|_| ()),
    }
}
