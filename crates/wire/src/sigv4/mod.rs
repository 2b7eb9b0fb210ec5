//! Verification of requests that are signed with Signature Version 4.
//!
//! [`credential_scope`] reads the scope without verifying, for routing; [`verify`] checks key, time, body and signature of
//! header-signed and presigned (query-signed) requests. Paths are encoded once more than on the wire, as every service but
//! S3 does; S3 requests are not for this module.
//!
//! Canonicalization follows the client's own list of signed headers. [`Signer`] signs requests of our own; the tests hold
//! both sides against `aws-sigv4`.

mod authorization;
mod canonical;
mod date;
mod error;
mod region;
mod signing;

use crate::errors::ErrorShape;
use http::HeaderMap;
use std::time::SystemTime;
use subtle::ConstantTimeEq;
use time::{Duration, OffsetDateTime};

pub use authorization::{ALGORITHM, PRESIGNED_SECONDS_MAX, Scope};
pub use canonical::RequestParts;
pub use error::SignatureError;
pub use region::is_region;
pub use signing::{Signer, Unsigned};

use authorization::{Authorization, Place};
use date::{basic, parse_basic, parse_http_date};
use error::shortened;
use signing::{hmac, signing_key};

/// How far the signing time may be from the server's clock, in minutes.
pub const SKEW_MINUTES_MAX: i64 = 15;

/// How the body takes part in the signature.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Payload {
    /// The SHA-256 of the whole body. A header `x-amz-content-sha256` that says anything else is refused, so that an
    /// `UNSIGNED-PAYLOAD` cannot carry an unverified body.
    Sha256([u8; 32]),
    /// What the header `x-amz-content-sha256` declares, else `UNSIGNED-PAYLOAD`: for streamed bodies, which the caller
    /// checks against the declaration.
    AsDeclared,
}

impl Payload {
    /// The payload of a body that was read whole.
    pub fn of(body: &[u8]) -> Payload {
        use sha2::Digest;
        Payload::Sha256(sha2::Sha256::digest(body).into())
    }
}

/// Who signed a verified request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    /// The known access key.
    pub access_key: String,
    /// The region of the scope.
    pub region: String,
    /// The signing name of the scope; whether it fits the route is the caller's to decide.
    pub service: String,
    /// The day of the scope in UTC, as `20260102`.
    pub scope_date: String,
}

/// The scope that a signed or presigned request claims; `None` when there is none or it is malformed.
///
/// `query` is the raw query of the request target, without `?`.
pub fn credential_scope(headers: &HeaderMap, query: Option<&str>) -> Option<Scope> {
    Authorization::parse(headers, query).ok().map(|authorization| authorization.scope)
}

/// Verifies a request: the key is known to `lookup` (access key to secret), the signing time fits `now`, the body is the
/// signed one, and the signature is the one that the secret gives.
///
/// # Errors
/// `MissingAuthenticationTokenException` without any signature, `IncompleteSignatureException` for a malformed one,
/// `UnrecognizedClientException` for an unknown key, `RequestExpired` for a presigned request past its end,
/// `InvalidSignatureException` for everything else.
pub fn verify(
    parts: &RequestParts<'_>,
    payload: Payload,
    lookup: impl Fn(&str) -> Option<String>,
    now: SystemTime,
) -> Result<Identity, SignatureError> {
    let authorization = Authorization::parse(parts.headers, parts.uri.query())?;
    let scope = &authorization.scope;
    if !is_region(&scope.region) {
        return Err(SignatureError::invalid(format!(
            "Credential should be scoped to a valid region, not '{}'.",
            shortened(&scope.region),
        )));
    }
    let secret = lookup(&scope.access_key).ok_or_else(|| {
        SignatureError::new(
            ErrorShape::UnrecognizedClientException,
            format!(
                "The security token included in the request is invalid: the access key '{}' is not known here. Run \
                 eval \"$(tastemaker env)\" to use this server's credentials.",
                shortened(&scope.access_key),
            ),
        )
    })?;
    let signed_at = signing_time(&authorization, parts.headers)?;
    check_time(&authorization, signed_at, now.into())?;
    check_signed_headers(&authorization, parts.headers)?;
    let hash = payload_hash(parts.headers, payload)?;
    let canonical = canonical::request(parts, &authorization, &hash)?;
    let amz_date = basic(signed_at);
    let string_to_sign = format!(
        "{ALGORITHM}\n{amz_date}\n{}/{}/{}/aws4_request\n{}",
        scope.date,
        scope.region,
        scope.service,
        canonical::sha256_hex(&canonical),
    );
    let key = signing_key(&secret, &amz_date[..8], &scope.region, &scope.service);
    let expected = hex::encode(hmac(&key, string_to_sign.as_bytes()));
    if !bool::from(expected.as_bytes().ct_eq(authorization.signature.as_bytes())) {
        return Err(SignatureError::invalid(
            "The request signature we calculated does not match the signature you provided. Check that the secret key \
             belongs to the access key and that the endpoint is this server's (eval \"$(tastemaker env)\" sets both), \
             and that no proxy rewrites the Host header or the path.",
        ));
    }
    Ok(Identity {
        access_key: scope.access_key.clone(),
        region: scope.region.clone(),
        service: scope.service.clone(),
        scope_date: scope.date.clone(),
    })
}

fn signing_time(authorization: &Authorization, headers: &HeaderMap) -> Result<OffsetDateTime, SignatureError> {
    let header = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let signed_at = match &authorization.place {
        Place::Query { date, .. } => parse_basic(date),
        Place::Header => match (header("x-amz-date"), header("date")) {
            (Some(date), _) => parse_basic(date),
            (None, Some(date)) => parse_basic(date).or_else(|| parse_http_date(date)),
            (None, None) => {
                return Err(SignatureError::incomplete(
                    "Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header.",
                ));
            }
        },
    };
    let signed_at = signed_at.ok_or_else(|| {
        SignatureError::incomplete("The date of the request must be in ISO-8601 'basic format', as 20260102T030405Z.")
    })?;
    let day = &basic(signed_at)[..8];
    if day != authorization.scope.date {
        return Err(SignatureError::invalid(format!(
            "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: '{}' != '{day}'.",
            shortened(&authorization.scope.date),
        )));
    }
    Ok(signed_at)
}

fn check_time(
    authorization: &Authorization,
    signed_at: OffsetDateTime,
    now: OffsetDateTime,
) -> Result<(), SignatureError> {
    let skew = Duration::minutes(SKEW_MINUTES_MAX);
    if signed_at - now > skew {
        return Err(SignatureError::invalid(format!(
            "Signature not yet current: {} is still later than {} ({} + {SKEW_MINUTES_MAX} min.)",
            basic(signed_at),
            basic(now + skew),
            basic(now),
        )));
    }
    match authorization.place {
        Place::Query { expires_seconds, .. } if now - signed_at > Duration::seconds(expires_seconds) => {
            Err(SignatureError::new(
                ErrorShape::RequestExpired,
                format!("Request has expired: it was valid for {expires_seconds} seconds from {}.", basic(signed_at)),
            ))
        }
        Place::Header if now - signed_at > skew => Err(SignatureError::invalid(format!(
            "Signature expired: {} is now earlier than {} ({} - {SKEW_MINUTES_MAX} min.)",
            basic(signed_at),
            basic(now - skew),
            basic(now),
        ))),
        _ => Ok(()),
    }
}

/// Host names the server, `X-Amz-Target` the operation: neither may be swapped under a signature.
fn check_signed_headers(authorization: &Authorization, headers: &HeaderMap) -> Result<(), SignatureError> {
    for name in ["host", "x-amz-target"] {
        let needed = name == "host" || headers.contains_key(name);
        if needed && !authorization.signed_headers.iter().any(|signed| signed == name) {
            return Err(SignatureError::invalid(format!("The header '{name}' must be one of the SignedHeaders.")));
        }
    }
    Ok(())
}

fn payload_hash(headers: &HeaderMap, payload: Payload) -> Result<String, SignatureError> {
    let declared = headers.get("x-amz-content-sha256").and_then(|value| value.to_str().ok());
    match (payload, declared) {
        (Payload::AsDeclared, declared) => Ok(declared.unwrap_or("UNSIGNED-PAYLOAD").to_owned()),
        (Payload::Sha256(hash), declared) => {
            let hash = hex::encode(hash);
            match declared {
                Some(declared) if declared != hash => Err(SignatureError::invalid(format!(
                    "The header x-amz-content-sha256 says '{}', but the SHA-256 of the body is '{hash}'.",
                    shortened(declared),
                ))),
                _ => Ok(hash),
            }
        }
    }
}

#[cfg(test)]
mod tests;
