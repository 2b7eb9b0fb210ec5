//! Authentication of callers for the services that sign with Signature Version 4 and a whole body.

use crate::errors::Failure;
use crate::key_usage::KeyFamily;
use crate::request_facts::{self, Part};
use crate::state::HttpState;
use http::request::Parts;
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use tastemaker_wire::ErrorShape;
use tastemaker_wire::sigv4::{Identity, Payload, RequestParts, names_known_key, verify};

/// Verifies the signature over head and body for `service`.
pub fn authenticate(state: &HttpState, parts: &Parts, body: &[u8], service: &str) -> Result<Identity, Failure> {
    let request = RequestParts { method: &parts.method, uri: &parts.uri, headers: &parts.headers };
    let lookup = |key: &str| secret(state, key);
    let verified = request_facts::timed(Part::Authenticate, || verify(&request, Payload::of(body), lookup, now(state)));
    let identity = verified.map_err(|error| Failure::new(error.shape, error.message))?;
    if identity.service != service {
        let message = format!("Credential should be scoped to correct service: '{service}'.");
        return Err(Failure::new(ErrorShape::InvalidSignatureException, message));
    }
    Ok(identity)
}

/// Counts a request of a verified caller for its key, and refuses one that its key has no room for.
pub fn admit(state: &HttpState, caller: &Identity, family: KeyFamily) -> Result<(), Failure> {
    let (usage, admitted) = state.keys.admit(parent(caller), family, (state.service.clock)());
    request_facts::key(&usage);
    admitted.map_err(|retry_after_s| Failure {
        retry_after_s: Some(retry_after_s),
        ..Failure::new(
            ErrorShape::ThrottlingException,
            format!("Rate exceeded: this access key has sent as many {} requests as it may.", family.word()),
        )
    })
}

/// The long-term key that stands behind a caller.
pub fn parent(caller: &Identity) -> &str {
    caller.session.as_ref().map_or(&caller.access_key, |session| &session.parent)
}

fn secret(state: &HttpState, key_id: &str) -> Option<String> {
    state.identities.secret(key_id, (state.service.clock)())
}

/// The time that signatures are held against.
pub fn now(state: &HttpState) -> SystemTime {
    UNIX_EPOCH + Duration::from_millis(u64::try_from((state.service.clock)()).unwrap_or_default())
}

/// Refuses a request whose signature cannot hold, before its body is read.
pub fn precheck(state: &HttpState, parts: &Parts, service: &str) -> Result<(), Failure> {
    if names_known_key(&parts.headers, parts.uri.query(), |key| secret(state, key), now(state)) {
        return Ok(());
    }
    authenticate(state, parts, &[], service).map(|_| ())
}
