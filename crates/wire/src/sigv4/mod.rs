//! Verification of requests that are signed with Signature Version 4, for every service of this server.
//!
//! [`credential_scope`] reads the scope without verifying, for routing. [`verify`] checks key, time, body and signature of
//! header-signed and presigned (query-signed) requests of services that sign the whole body. [`verify_s3`] does the same
//! for S3, whose paths are encoded once instead of twice and whose bodies stream: the caller checks the body against the
//! declared [`S3Payload`], and chunks against [`ChunkSignatures`]. [`verify_policy`] checks the policies of S3's forms. One
//! set of limits holds for all, and one kind of temporary credentials ([`Session`]): the clock skew, the longest validity, and the headers that must be signed.
//!
//! Canonicalization follows the client's own list of signed headers. [`Signer`] signs requests of our own; the tests hold
//! both sides against `aws-sigv4`.

mod authorization;
mod canonical;
mod date;
mod error;
mod policy;
mod region;
mod s3;
mod session;
mod signing;

use http::HeaderMap;
use std::time::SystemTime;
use subtle::ConstantTimeEq;
use time::{Duration, OffsetDateTime};

pub use authorization::{ALGORITHM, PRESIGNED_SECONDS_MAX, Scope};
pub use canonical::RequestParts;
pub use error::{SignatureError, SignatureFault};
pub use policy::{SignedPolicy, verify_policy};
pub use region::is_region;
pub use s3::{ChunkSignatures, S3Payload, S3Request, verify_s3};
pub use session::{Session, SessionCredentials, TEMPORARY_PREFIX, TOKEN_HEADER, secret_of};
pub use signing::{Signer, Unsigned};

use authorization::{Authorization, Place};
use date::{basic, parse_basic, parse_http_date};
use error::shortened;
use region::check_region;
use signing::{hmac, signing_key};

/// The greatest distance of the signing time from the server's clock, in minutes.
pub const SKEW_MINUTES_MAX: i64 = 15;

/// The one `x-amz-` header that SDKs leave out of some signatures; nothing acts upon it.
const UNSIGNED_HEADER: &str = "x-amz-user-agent";

/// The SHA-256 of a whole body. A header `x-amz-content-sha256` that says anything else is refused, so that an
/// `UNSIGNED-PAYLOAD` cannot carry an unverified body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Payload([u8; 32]);

impl Payload {
    /// The payload of a body that was read whole.
    pub fn of(body: &[u8]) -> Payload {
        use sha2::Digest;
        Payload(sha2::Sha256::digest(body).into())
    }
}

/// The signer of a verified request.
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
    /// The session of temporary credentials.
    pub session: Option<Session>,
}

/// The scope that a signed or presigned request claims; `None` when there is none or it is malformed.
///
/// `query` is the raw query of the request target, without `?`.
pub fn credential_scope(headers: &HeaderMap, query: Option<&str>) -> Option<Scope> {
    Authorization::parse(headers, query).ok().map(|authorization| authorization.scope)
}

/// Whether a signed or presigned request names a key that somebody has: a long-term one, or a temporary one with its token.
pub fn names_known_key(
    headers: &HeaderMap,
    query: Option<&str>,
    lookup: impl Fn(&str) -> Option<String>,
    now: SystemTime,
) -> bool {
    let Ok(Authorization { scope, place, .. }) = Authorization::parse(headers, query) else { return false };
    let token = session::presented(&place, headers, query);
    is_region(&scope.region) && matches!(secret_of(&scope.access_key, token.as_deref(), lookup, now), Ok(Some(_)))
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
    let claim = Claim::open(parts, lookup, now)?;
    let hash = payload_hash(parts.headers, payload)?;
    let path = canonical::path(parts.uri.path());
    if !claim.holds(&canonical::request(parts, &claim.authorization, &path, &hash)?) {
        return Err(mismatch());
    }
    Ok(claim.identity())
}

/// A claim of authenticity whose key is known and whose time and signed headers keep the rules; the signature is not yet
/// verified.
struct Claim {
    authorization: Authorization,
    session: Option<Session>,
    /// The signing time, as `20260102T030405Z`.
    date: String,
    key: [u8; 32],
}

impl Claim {
    fn open(
        parts: &RequestParts<'_>,
        lookup: impl Fn(&str) -> Option<String>,
        now: SystemTime,
    ) -> Result<Claim, SignatureError> {
        let authorization = Authorization::parse(parts.headers, parts.uri.query())?;
        check_region(&authorization.scope.region)?;
        let token = session::presented(&authorization.place, parts.headers, parts.uri.query());
        let (secret, session) = secret_of(&authorization.scope.access_key, token.as_deref(), lookup, now)?
            .ok_or_else(|| unknown_key(&authorization.scope))?;
        let signed_at = signing_time(&authorization, parts.headers)?;
        check_time(&authorization.place, signed_at, now.into())?;
        check_signed_headers(&authorization, parts.headers)?;
        let date = basic(signed_at);
        let key = signing_key(&secret, &date[..8], &authorization.scope.region, &authorization.scope.service);
        Ok(Claim { authorization, session, date, key })
    }

    /// The scope as strings to sign have it.
    fn scope(&self) -> String {
        let Scope { date, region, service, .. } = &self.authorization.scope;
        format!("{date}/{region}/{service}/aws4_request")
    }

    /// True if the claimed signature is that of the canonical request.
    fn holds(&self, canonical: &[u8]) -> bool {
        let hash = canonical::sha256_hex(canonical);
        let string_to_sign = format!("{ALGORITHM}\n{}\n{}\n{hash}", self.date, self.scope());
        is_signature(&self.key, string_to_sign.as_bytes(), self.authorization.signature.as_bytes())
    }

    fn identity(&self) -> Identity {
        Identity { session: self.session.clone(), ..Identity::of(&self.authorization.scope) }
    }
}

impl Identity {
    fn of(scope: &Scope) -> Identity {
        Identity {
            access_key: scope.access_key.clone(),
            region: scope.region.clone(),
            service: scope.service.clone(),
            scope_date: scope.date.clone(),
            session: None,
        }
    }
}

/// Compares in constant time.
fn is_signature(key: &[u8; 32], string_to_sign: &[u8], claimed: &[u8]) -> bool {
    hex::encode(hmac(key, string_to_sign)).as_bytes().ct_eq(claimed).into()
}

fn unknown_key(scope: &Scope) -> SignatureError {
    SignatureError::new(
        SignatureFault::UnknownKey,
        format!(
            "The security token included in the request is invalid: the access key '{}' is not known here. Run \
             eval \"$(tastemaker env)\" to use this server's credentials.",
            shortened(&scope.access_key),
        ),
    )
}

fn mismatch() -> SignatureError {
    SignatureError::invalid(
        "The request signature we calculated does not match the signature you provided. Check that the secret key \
         belongs to the access key and that the endpoint is this server's (eval \"$(tastemaker env)\" sets both), \
         and that no proxy rewrites the Host header or the path.",
    )
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
    check_day(&authorization.scope, signed_at)?;
    Ok(signed_at)
}

fn check_day(scope: &Scope, signed_at: OffsetDateTime) -> Result<(), SignatureError> {
    let day = &basic(signed_at)[..8];
    if day == scope.date {
        return Ok(());
    }
    Err(SignatureError::invalid(format!(
        "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: '{}' != '{day}'.",
        shortened(&scope.date),
    )))
}

fn check_time(place: &Place, signed_at: OffsetDateTime, now: OffsetDateTime) -> Result<(), SignatureError> {
    let skew = Duration::minutes(SKEW_MINUTES_MAX);
    if signed_at - now > skew {
        return Err(SignatureError::new(
            SignatureFault::Skewed,
            format!(
                "Signature not yet current: {} is still later than {} ({} + {SKEW_MINUTES_MAX} min.)",
                basic(signed_at),
                basic(now + skew),
                basic(now),
            ),
        ));
    }
    match *place {
        Place::Query { expires_seconds, .. } if now - signed_at > Duration::seconds(expires_seconds) => {
            Err(SignatureError::new(
                SignatureFault::Expired,
                format!("Request has expired: it was valid for {expires_seconds} seconds from {}.", basic(signed_at)),
            ))
        }
        Place::Header if now - signed_at > skew => Err(SignatureError::new(
            SignatureFault::Skewed,
            format!(
                "Signature expired: {} is now earlier than {} ({} - {SKEW_MINUTES_MAX} min.)",
                basic(signed_at),
                basic(now - skew),
                basic(now),
            ),
        )),
        _ => Ok(()),
    }
}

/// `host` names the server, and every `x-amz-` header changes the meaning of the request: none may be added or swapped
/// under a signature.
fn check_signed_headers(authorization: &Authorization, headers: &HeaderMap) -> Result<(), SignatureError> {
    let means = |name: &&str| name.starts_with("x-amz-") && *name != UNSIGNED_HEADER;
    for name in std::iter::once("host").chain(headers.keys().map(|name| name.as_str()).filter(means)) {
        if !authorization.signed_headers.iter().any(|signed| signed == name) {
            return Err(SignatureError::new(
                SignatureFault::HeaderNotSigned,
                format!("The header '{}' must be one of the SignedHeaders.", shortened(name)),
            ));
        }
    }
    Ok(())
}

fn payload_hash(headers: &HeaderMap, payload: Payload) -> Result<String, SignatureError> {
    let declared = headers.get("x-amz-content-sha256").and_then(|value| value.to_str().ok());
    let hash = hex::encode(payload.0);
    match declared {
        Some(declared) if declared != hash => Err(SignatureError::new(
            SignatureFault::PayloadMismatch,
            format!(
                "The header x-amz-content-sha256 says '{}', but the SHA-256 of the body is '{hash}'.",
                shortened(declared),
            ),
        )),
        _ => Ok(hash),
    }
}

#[cfg(test)]
mod claims_tests;
#[cfg(test)]
mod tests;
