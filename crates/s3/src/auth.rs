//! Authentication of requests by their heads, before anything of their bodies is read.

use std::time::SystemTime;

use http::header::AUTHORIZATION;
use http::request::Parts;
use http::uri::PathAndQuery;
use http::{HeaderMap, StatusCode, Uri};
use s3s::{S3Error, S3Result, s3_error};
use tastemaker_wire::sigv4::{ChunkSignatures, Identity, RequestParts, S3Payload, verify_s3};

use crate::errors::refusal;
use crate::secrets::SecretLookup;
use crate::sigv2;

/// Parameters of a query that carry its signature and mean nothing else.
const SIGNATURE_PARAMETERS: [&str; 12] = [
    "X-Amz-Algorithm",
    "X-Amz-Content-Sha256",
    "X-Amz-Credential",
    "X-Amz-Date",
    "X-Amz-Expires",
    "X-Amz-Security-Token",
    "X-Amz-Signature",
    "X-Amz-SignedHeaders",
    "x-amz-security-token",
    "AWSAccessKeyId",
    "Expires",
    "Signature",
];

/// The claims of an authentic request about its body.
pub(crate) struct Authentic {
    /// The signer.
    pub(crate) caller: Identity,
    pub(crate) payload: S3Payload,
    pub(crate) signatures: Option<ChunkSignatures>,
}

/// Verifies the signature of a request's head. `bucket` is the one that the host names.
pub(crate) fn authenticate(
    parts: &Parts,
    bucket: Option<&str>,
    lookup: &SecretLookup,
    now: SystemTime,
) -> S3Result<Authentic> {
    if parts.headers.get(AUTHORIZATION).is_none() && sigv2::is_presigned(&parts.uri) {
        let caller = sigv2::verify_presigned(parts, bucket, lookup, now)?;
        return Ok(Authentic { caller, payload: S3Payload::Unsigned, signatures: None });
    }
    if parts.headers.get(AUTHORIZATION).is_some_and(|value| value.as_bytes().starts_with(b"AWS ")) {
        return Err(s3_error!(
            InvalidRequest,
            "The authorization mechanism you have provided is not supported. Please use AWS4-HMAC-SHA256."
        ));
    }
    let request = RequestParts { method: &parts.method, uri: &parts.uri, headers: &parts.headers };
    let verified = verify_s3(&request, |key| lookup(key), now)
        .map_err(|error| refusal(error, parts.headers.contains_key(AUTHORIZATION)))?;
    Ok(Authentic { caller: verified.identity, payload: verified.payload, signatures: Some(verified.chunks) })
}

/// Takes the signature out of a verified request, so that what comes after can neither check it otherwise nor log it.
pub(crate) fn forget_signature(parts: &mut Parts) -> S3Result<()> {
    parts.headers.remove(AUTHORIZATION);
    parts.headers.remove("x-amz-security-token");
    hide_keys(&mut parts.headers);
    let Some(query) = parts.uri.query() else { return Ok(()) };
    let kept: Vec<&str> = query.split('&').filter(|pair| !is_of_signature(pair)).collect();
    let path = parts.uri.path();
    let path = if kept.is_empty() { path.to_owned() } else { format!("{path}?{}", kept.join("&")) };
    let mut uri = std::mem::take(&mut parts.uri).into_parts();
    uri.path_and_query = Some(PathAndQuery::try_from(path).map_err(|error| s3_error!(error, InvalidURI))?);
    parts.uri = Uri::from_parts(uri).map_err(|error| s3_error!(error, InvalidURI))?;
    Ok(())
}

fn is_of_signature(pair: &str) -> bool {
    let name = pair.split_once('=').map_or(pair, |(name, _)| name);
    let name = percent_encoding::percent_decode_str(name).decode_utf8_lossy();
    SIGNATURE_PARAMETERS.iter().any(|parameter| *parameter == name)
}

/// Keeps encryption keys of clients out of logs.
fn hide_keys(headers: &mut HeaderMap) {
    for (name, value) in headers.iter_mut() {
        if name.as_str().ends_with("customer-key") {
            value.set_sensitive(true);
        }
    }
}

/// The refusal of one request too many.
pub(crate) fn slow_down() -> S3Error {
    let mut error = s3_error!(SlowDown, "Too many transfers are under way; please reduce your request rate.");
    error.set_status_code(StatusCode::SERVICE_UNAVAILABLE);
    error
}

#[cfg(test)]
mod tests {
    use super::*;
    use tastemaker_wire::sigv4::{SignatureError, SignatureFault};

    #[test]
    fn every_fault_has_the_code_that_s3_gives_it() {
        for (fault, in_header, code) in [
            (SignatureFault::Missing, true, "AccessDenied"),
            (SignatureFault::Expired, false, "AccessDenied"),
            (SignatureFault::HeaderNotSigned, true, "AccessDenied"),
            (SignatureFault::Malformed, true, "AuthorizationHeaderMalformed"),
            (SignatureFault::Malformed, false, "AuthorizationQueryParametersError"),
            (SignatureFault::Undeclared, true, "InvalidRequest"),
            (SignatureFault::UnknownKey, true, "InvalidAccessKeyId"),
            (SignatureFault::InvalidToken, true, "InvalidToken"),
            (SignatureFault::ExpiredToken, false, "ExpiredToken"),
            (SignatureFault::Skewed, true, "RequestTimeTooSkewed"),
            (SignatureFault::Mismatch, true, "SignatureDoesNotMatch"),
        ] {
            let shape = tastemaker_wire::ErrorShape::InvalidSignatureException;
            let error = SignatureError { fault, shape, message: "m".into() };
            let error = refusal(error, in_header);
            assert_eq!((error.code().as_str(), error.message()), (code, Some("m")), "{fault:?}");
        }
    }

    #[test]
    fn nothing_of_the_signature_is_left_and_all_else_is() {
        for (uri, expected) in [
            ("/b/k", "/b/k"),
            ("/b/k?uploads", "/b/k?uploads"),
            ("/b/k?X-Amz-Signature=0&X-Amz-Date=1&partNumber=1", "/b/k?partNumber=1"),
            ("/b/k?X%2DAmz-Signature=0&response-expires=x", "/b/k?response-expires=x"),
            ("/b/k?AWSAccessKeyId=a&Signature=0&Expires=1", "/b/k"),
        ] {
            let request = http::Request::get(uri).header("authorization", "secret").header("x-amz-date", "1");
            let key = "x-amz-server-side-encryption-customer-key";
            let (mut parts, ()) = request.header(key, "k").body(()).expect("a request").into_parts();
            forget_signature(&mut parts).expect("a uri");
            assert_eq!(parts.uri, expected);
            assert!(!parts.headers.contains_key("authorization") && parts.headers.contains_key("x-amz-date"));
            assert!(parts.headers[key].is_sensitive());
        }
    }
}
