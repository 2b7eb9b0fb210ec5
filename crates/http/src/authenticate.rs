//! Authentication of callers for the services that sign with Signature Version 4 and a whole body.

use crate::errors::Failure;
use crate::request_facts::{self, Part};
use crate::state::HttpState;
use http::request::Parts;
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use tastemaker_wire::ErrorShape;
use tastemaker_wire::sigv4::{Identity, Payload, RequestParts, names_known_key, verify};

/// Verifies the signature over head and body for `service`.
pub fn authenticate(state: &HttpState, parts: &Parts, body: &[u8], service: &str) -> Result<Identity, Failure> {
    let request = RequestParts { method: &parts.method, uri: &parts.uri, headers: &parts.headers };
    let lookup = |key: &str| state.credentials.secret(key).map(str::to_owned);
    let verified = request_facts::timed(Part::Authenticate, || verify(&request, Payload::of(body), lookup, now(state)));
    let identity = verified.map_err(|error| Failure::new(error.shape, error.message))?;
    if identity.service != service {
        let message = format!("Credential should be scoped to correct service: '{service}'.");
        return Err(Failure::new(ErrorShape::InvalidSignatureException, message));
    }
    Ok(identity)
}

/// The time that signatures are held against.
pub fn now(state: &HttpState) -> SystemTime {
    UNIX_EPOCH + Duration::from_millis(u64::try_from((state.service.clock)()).unwrap_or_default())
}

/// Refuses a request whose signature cannot hold, before its body is read.
pub fn precheck(state: &HttpState, parts: &Parts, service: &str) -> Result<(), Failure> {
    let lookup = |key: &str| state.credentials.secret(key).map(str::to_owned);
    if names_known_key(&parts.headers, parts.uri.query(), lookup, now(state)) {
        return Ok(());
    }
    authenticate(state, parts, &[], service).map(|_| ())
}
