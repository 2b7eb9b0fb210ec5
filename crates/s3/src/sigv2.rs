//! Signature Version 2 of presigned requests and of forms, which boto3 still makes by default in the oldest regions.
//!
//! Headers are not signed with it by any SDK of today, and are refused. A presigned request may carry nothing that its
//! signature does not cover, and holds for at most as long as one of Version 4.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use http::header::{CONTENT_TYPE, HeaderMap};
use http::request::Parts;
use http::{HeaderValue, Uri};
use s3s::{S3Result, s3_error};
use sha1::Sha1;
use subtle::ConstantTimeEq;
use tastemaker_wire::sigv4::{Identity, PRESIGNED_SECONDS_MAX, TOKEN_HEADER, secret_of};

use crate::errors::refusal;
use crate::secrets::SecretLookup;

/// Parameters that the signature covers, sorted.
const SIGNED_PARAMETERS: [&str; 35] = [
    "accelerate",
    "acl",
    "analytics",
    "cors",
    "defaultObjectAcl",
    "delete",
    "inventory",
    "lifecycle",
    "location",
    "logging",
    "metrics",
    "notification",
    "object-lock",
    "partNumber",
    "policy",
    "replication",
    "requestPayment",
    "response-cache-control",
    "response-content-disposition",
    "response-content-encoding",
    "response-content-language",
    "response-content-type",
    "response-expires",
    "restore",
    "select",
    "select-type",
    "storageClass",
    "tagging",
    "torrent",
    "uploadId",
    "uploads",
    "versionId",
    "versioning",
    "versions",
    "website",
];

/// Parameters that the signature does not cover, and that choose no operation: those of the signature itself, those of
/// lists, and headers that boto3 repeats in the query, as it does those that begin with `x-amz-`.
const FREE_PARAMETERS: [&str; 20] = [
    "AWSAccessKeyId",
    "Expires",
    "Signature",
    "content-md5",
    "content-type",
    "continuation-token",
    "delimiter",
    "encoding-type",
    "fetch-owner",
    "key-marker",
    "list-type",
    "marker",
    "max-keys",
    "max-parts",
    "max-uploads",
    "part-number-marker",
    "prefix",
    "start-after",
    "upload-id-marker",
    "x-id",
];

/// True for a query that is signed with Version 2.
pub(crate) fn is_presigned(uri: &Uri) -> bool {
    pairs(uri).iter().any(|(name, _)| name == "AWSAccessKeyId")
}

/// Verifies a presigned request. `bucket` is the one that the host names.
pub(crate) fn verify_presigned(
    parts: &Parts,
    bucket: Option<&str>,
    lookup: &SecretLookup,
    now: SystemTime,
) -> S3Result<Identity> {
    let pairs = pairs(&parts.uri);
    let parameter = |wanted: &str| {
        let mut values = pairs.iter().filter(|(name, _)| name == wanted).map(|(_, value)| value.as_str());
        match (values.next(), values.next()) {
            (Some(value), None) => Ok(value),
            _ => Err(s3_error!(AccessDenied, "Query-string authentication requires the parameter {wanted} once.")),
        }
    };
    let (key, expires, signature) = (parameter("AWSAccessKeyId")?, parameter("Expires")?, parameter("Signature")?);
    if let Some((name, _)) = pairs.iter().find(|(name, _)| !is_allowed(name)) {
        return Err(s3_error!(
            AccessDenied,
            "The parameter {name:?} is not covered by Signature Version 2. Please use AWS4-HMAC-SHA256."
        ));
    }
    check_expiration(expires, now)?;
    if parts.headers.get("x-amz-content-sha256").is_some_and(|value| value.as_bytes().starts_with(b"STREAMING-")) {
        return Err(s3_error!(InvalidRequest, "A presigned request cannot send its body in chunks."));
    }
    // boto3 signs the token as a header and sends it as a parameter.
    let in_query = pairs.iter().find(|(name, _)| name == TOKEN_HEADER).map(|(_, value)| value.as_str());
    let in_header = parts.headers.get(TOKEN_HEADER).and_then(|value| value.to_str().ok());
    let mut headers = parts.headers.clone();
    if let (None, Some(token)) = (in_header, in_query) {
        let token = HeaderValue::from_str(token).map_err(|error| s3_error!(error, InvalidToken))?;
        headers.insert(TOKEN_HEADER, token);
    }
    let string_to_sign = string_to_sign(parts, &headers, bucket, &pairs, expires);
    let key = Presented { key, token: in_header.or(in_query), now };
    check_signature(lookup, &key, &string_to_sign, signature)
}

/// The access key of a request, with the session token that came along.
pub(crate) struct Presented<'a> {
    pub(crate) key: &'a str,
    pub(crate) token: Option<&'a str>,
    pub(crate) now: SystemTime,
}

fn is_allowed(name: &str) -> bool {
    SIGNED_PARAMETERS.contains(&name) || FREE_PARAMETERS.contains(&name) || name.starts_with("x-amz-")
}

/// Verifies the policy of a form.
pub(crate) fn verify_policy(
    lookup: &SecretLookup,
    key: &Presented<'_>,
    policy: &str,
    signature: &str,
) -> S3Result<Identity> {
    check_signature(lookup, key, policy.as_bytes(), signature)
}

fn check_signature(
    lookup: &SecretLookup,
    key: &Presented<'_>,
    string_to_sign: &[u8],
    claimed: &str,
) -> S3Result<Identity> {
    let found = secret_of(key.key, key.token, |key| lookup(key), key.now).map_err(|error| refusal(error, false))?;
    let (secret, session) = found.ok_or_else(|| {
        s3_error!(
            InvalidAccessKeyId,
            "The access key is not known here. Run eval \"$(tastemaker env)\" to use this server's credentials."
        )
    })?;
    // HMAC hashes a key that is longer than a block, so every length is fine.
    let mac = Hmac::<Sha1>::new_from_slice(secret.as_bytes()).map_err(|error| s3_error!(error, InternalError))?;
    let expected = mac.chain_update(string_to_sign).finalize().into_bytes();
    let claimed = BASE64_STANDARD.decode(claimed).unwrap_or_default();
    if bool::from(expected.ct_eq(&claimed)) {
        // This version signs for no region and no day.
        return Ok(Identity {
            access_key: key.key.to_owned(),
            region: String::new(),
            service: "s3".to_owned(),
            scope_date: String::new(),
            session,
        });
    }
    Err(s3_error!(
        SignatureDoesNotMatch,
        "The request signature we calculated does not match the signature you provided. Check your key and signing \
         method."
    ))
}

fn check_expiration(expires: &str, now: SystemTime) -> S3Result<()> {
    let seconds = expires.parse().ok().filter(|_| expires.bytes().all(|byte| byte.is_ascii_digit()));
    let end = seconds.and_then(|seconds| UNIX_EPOCH.checked_add(Duration::from_secs(seconds)));
    let end =
        end.ok_or_else(|| s3_error!(AccessDenied, "Invalid date (should be seconds since epoch): {expires:?}"))?;
    check_end(end, now)
}

/// Refuses what has ended, and what ends later than the longest validity allows.
pub(crate) fn check_end(end: SystemTime, now: SystemTime) -> S3Result<()> {
    match end.duration_since(now) {
        Err(_) => Err(s3_error!(AccessDenied, "Request has expired.")),
        Ok(left) if left > Duration::from_secs(PRESIGNED_SECONDS_MAX.unsigned_abs()) => {
            Err(s3_error!(AccessDenied, "A signature may hold for at most {PRESIGNED_SECONDS_MAX} seconds from now."))
        }
        Ok(_) => Ok(()),
    }
}

/// Decoded names and values of the query.
fn pairs(uri: &Uri) -> Vec<(String, String)> {
    form_urlencoded::parse(uri.query().unwrap_or_default().as_bytes()).into_owned().collect()
}

fn string_to_sign(
    parts: &Parts,
    headers: &HeaderMap,
    bucket: Option<&str>,
    pairs: &[(String, String)],
    expires: &str,
) -> Vec<u8> {
    let header = |name: &str| headers.get(name).map(|value| value.as_bytes()).unwrap_or_default();
    let mut text = Vec::new();
    for line in
        [parts.method.as_str().as_bytes(), header("content-md5"), header(CONTENT_TYPE.as_str()), expires.as_bytes()]
    {
        text.extend_from_slice(line);
        text.push(b'\n');
    }
    amz_headers(headers, &mut text);
    if let Some(bucket) = bucket {
        text.extend_from_slice(format!("/{bucket}").as_bytes());
    }
    text.extend_from_slice(parts.uri.path().as_bytes());
    let mut signed: Vec<_> = pairs.iter().filter(|(name, _)| SIGNED_PARAMETERS.contains(&name.as_str())).collect();
    signed.sort();
    let signed =
        signed.iter().map(|(name, value)| if value.is_empty() { name.clone() } else { format!("{name}={value}") });
    let signed = signed.collect::<Vec<_>>().join("&");
    if !signed.is_empty() {
        text.extend_from_slice(format!("?{signed}").as_bytes());
    }
    text
}

/// Every `x-amz-` header, sorted by name.
fn amz_headers(headers: &HeaderMap, text: &mut Vec<u8>) {
    let mut names: Vec<_> =
        headers.keys().map(|name| name.as_str()).filter(|name| name.starts_with("x-amz-")).collect();
    names.sort_unstable();
    for name in names {
        let values = headers.get_all(name).iter().map(|value| value.as_bytes().trim_ascii());
        text.extend_from_slice(name.as_bytes());
        text.push(b':');
        text.extend_from_slice(&values.collect::<Vec<_>>().join(&b","[..]));
        text.push(b'\n');
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;

    /// Three seconds before the example of the documentation ends.
    const NOW_S: u64 = 1_175_139_617;
    /// "Query string request authentication" in S3's "Signing and authenticating REST requests"; the signature is that of the
    /// bucket `johnsmith`, which the page named at first.
    const EXAMPLE: &str = "/photos/puppy.jpg?AWSAccessKeyId=AKIAIOSFODNN7EXAMPLE&Signature=NpgCjnDzrM%2BWFzoENXmpNDUsSn8%3D\
                           &Expires=1175139620";

    fn lookup() -> SecretLookup {
        let secret = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";
        Arc::new(move |key| (key == "AKIAIOSFODNN7EXAMPLE").then(|| secret.to_owned()))
    }

    fn check(method: &str, uri: &str, headers: &[(&str, &str)], bucket: Option<&str>, at_s: u64) -> String {
        let mut request = http::Request::builder().method(method).uri(uri);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let (parts, ()) = request.body(()).expect("a request").into_parts();
        let verified = verify_presigned(&parts, bucket, &lookup(), UNIX_EPOCH + Duration::from_secs(at_s));
        verified.map_or_else(|error| error.code().as_str().to_owned(), |_| "ok".to_owned())
    }

    /// A presigned request that botocore would make of the same parts.
    fn sign(method: &str, path: &str, query: &str, headers: &str, expires: u64) -> String {
        let text = format!("{method}\n\n\n{expires}\n{headers}{path}{query}");
        let secret = lookup()("AKIAIOSFODNN7EXAMPLE").expect("a secret");
        let mac = Hmac::<Sha1>::new_from_slice(secret.as_bytes()).expect("any length");
        let signature = BASE64_STANDARD.encode(mac.chain_update(text).finalize().into_bytes());
        let signature = percent_encoding::utf8_percent_encode(&signature, percent_encoding::NON_ALPHANUMERIC);
        let join = if query.is_empty() { "?" } else { "&" };
        format!("{path}{query}{join}AWSAccessKeyId=AKIAIOSFODNN7EXAMPLE&Signature={signature}&Expires={expires}")
    }

    #[test]
    fn the_example_of_the_documentation_holds_and_no_change_of_it_does() {
        let bucket = Some("johnsmith");
        assert_eq!(check("GET", EXAMPLE, &[], bucket, NOW_S), "ok");
        assert_eq!(check("PUT", EXAMPLE, &[], bucket, NOW_S), "SignatureDoesNotMatch");
        assert_eq!(check("GET", EXAMPLE, &[], Some("other"), NOW_S), "SignatureDoesNotMatch");
        assert_eq!(check("GET", EXAMPLE, &[], None, NOW_S), "SignatureDoesNotMatch");
        assert_eq!(check("GET", &EXAMPLE.replace("puppy", "cat"), &[], bucket, NOW_S), "SignatureDoesNotMatch");
        assert_eq!(check("GET", EXAMPLE, &[("content-type", "a/b")], bucket, NOW_S), "SignatureDoesNotMatch");
        assert_eq!(check("GET", EXAMPLE, &[("content-md5", "x")], bucket, NOW_S), "SignatureDoesNotMatch");
        let source = [("x-amz-copy-source", "/secrets/customers.csv")];
        assert_eq!(check("GET", EXAMPLE, &source, bucket, NOW_S), "SignatureDoesNotMatch");
        assert_eq!(check("GET", &EXAMPLE.replace("EXAMPLE&", "OTHER&"), &[], bucket, NOW_S), "InvalidAccessKeyId");
        assert_eq!(check("GET", &EXAMPLE.replace("5139620", "5139621"), &[], bucket, NOW_S), "SignatureDoesNotMatch");
    }

    #[test]
    fn it_holds_until_it_ends_and_not_for_longer_than_seven_days() {
        let bucket = Some("johnsmith");
        assert_eq!(check("GET", EXAMPLE, &[], bucket, 1_175_139_620), "ok");
        assert_eq!(check("GET", EXAMPLE, &[], bucket, 1_175_139_621), "AccessDenied");
        assert_eq!(check("GET", EXAMPLE, &[], bucket, 1_175_139_620 - 604_800), "ok");
        assert_eq!(check("GET", EXAMPLE, &[], bucket, 1_175_139_620 - 604_801), "AccessDenied");
        for expires in ["", "-1", "+5", "1e3", "99999999999999999999"] {
            let uri = EXAMPLE.replace("1175139620", expires);
            assert_eq!(check("GET", &uri, &[], bucket, NOW_S), "AccessDenied", "{expires}");
        }
    }

    #[test]
    fn parameters_are_covered_or_refused() {
        let at = |uri: &str| check("GET", uri, &[], None, NOW_S);
        let signed = sign("GET", "/b/k", "?partNumber=1&uploadId=u", "", NOW_S + 9);
        assert_eq!(at(&signed), "ok");
        assert_eq!(at(&signed.replace("uploadId=u", "uploadId=v")), "SignatureDoesNotMatch");
        assert_eq!(at(&sign("GET", "/b", "?uploads", "", NOW_S + 9)), "ok");
        let list = sign("GET", "/b", "", "", NOW_S + 9);
        assert_eq!(at(&format!("{list}&list-type=2&prefix=a")), "ok", "lists have unsigned parameters");
        assert_eq!(at(&format!("{list}&x-amz-meta-a=b&content-type=c")), "ok", "boto3 repeats headers");
        assert_eq!(at(&format!("{list}&tagging")), "SignatureDoesNotMatch");
        assert_eq!(at(&format!("{list}&encryption")), "AccessDenied");
        assert_eq!(at(&format!("{list}&Expires={}", NOW_S + 99)), "AccessDenied", "twice");
        assert_eq!(at("/b?AWSAccessKeyId=AKIAIOSFODNN7EXAMPLE&Expires=1175139620"), "AccessDenied");
    }

    #[test]
    fn headers_of_amazon_are_covered_in_their_order() {
        let uri = sign("PUT", "/b/k", "", "x-amz-acl:private\nx-amz-meta-a:one,two\n", NOW_S + 9);
        let headers = [("x-amz-meta-a", " one "), ("x-amz-meta-a", "two"), ("x-amz-acl", "private"), ("x-other", "o")];
        assert_eq!(check("PUT", &uri, &headers, None, NOW_S), "ok");
        assert_eq!(check("PUT", &uri, &headers[..3], None, NOW_S), "ok");
        assert_eq!(check("PUT", &uri, &headers[..2], None, NOW_S), "SignatureDoesNotMatch");
        let uri = sign("PUT", "/b/k", "", "x-amz-content-sha256:STREAMING-AWS4\n", NOW_S + 9);
        assert_eq!(check("PUT", &uri, &[("x-amz-content-sha256", "STREAMING-AWS4")], None, NOW_S), "InvalidRequest");
    }
}
