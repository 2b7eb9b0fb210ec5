//! Signatures of the policies that browsers' forms carry.

use super::authorization::{PRESIGNED_SECONDS_MAX, Place, check_algorithm, scope};
use super::date::parse_basic;
use super::error::SignatureError;
use super::region::check_region;
use super::s3::check_service;
use super::session::secret_of;
use super::signing::signing_key;
use super::{Identity, check_day, check_time, is_signature, mismatch, unknown_key};
use std::time::SystemTime;

/// The fields of a form that sign its policy.
#[derive(Clone, Copy, Debug)]
pub struct SignedPolicy<'a> {
    /// The policy as the form carries it, in base64.
    pub policy: &'a str,
    /// `x-amz-algorithm`.
    pub algorithm: &'a str,
    /// `x-amz-credential`.
    pub credential: &'a str,
    /// `x-amz-date`.
    pub date: &'a str,
    /// `x-amz-signature`.
    pub signature: &'a str,
    /// `x-amz-security-token`, of temporary credentials.
    pub token: Option<&'a str>,
}

/// Verifies the signature of a form's policy, which holds for at most [`PRESIGNED_SECONDS_MAX`] seconds. The conditions of
/// the policy and its own expiration are the caller's to check.
pub fn verify_policy(
    form: &SignedPolicy<'_>,
    lookup: impl Fn(&str) -> Option<String>,
    now: SystemTime,
) -> Result<Identity, SignatureError> {
    check_algorithm(form.algorithm)?;
    let scope = scope(form.credential)?;
    check_service(&scope)?;
    check_region(&scope.region)?;
    let (secret, session) =
        secret_of(&scope.access_key, form.token, lookup, now)?.ok_or_else(|| unknown_key(&scope))?;
    let signed_at = parse_basic(form.date).ok_or_else(|| {
        SignatureError::incomplete("x-amz-date must be in ISO-8601 'basic format', as 20260102T030405Z.")
    })?;
    check_day(&scope, signed_at)?;
    let place = Place::Query { date: String::new(), expires_seconds: PRESIGNED_SECONDS_MAX };
    check_time(&place, signed_at, now.into())?;
    let key = signing_key(&secret, &scope.date, &scope.region, &scope.service);
    if !is_signature(&key, form.policy.as_bytes(), form.signature.as_bytes()) {
        return Err(mismatch());
    }
    Ok(Identity { session, ..Identity::of(&scope) })
}
