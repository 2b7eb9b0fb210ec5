use super::*;
use crate::errors::ErrorShape;
use http::{Method, Uri};
use proptest::prelude::*;
use serde_json::Value;

const ACCESS_KEY: &str = "TMEXAMPLEKEY00000001";
const SECRET: &str = "tm/Secret+Example0123456789abcdefghijklmno";

/// A request in owned parts, as a test changes it.
#[derive(Clone)]
struct Request {
    name: String,
    method: Method,
    uri: String,
    headers: HeaderMap,
    body: Vec<u8>,
}

impl Request {
    fn verify_at(&self, now: &str) -> Result<Identity, SignatureError> {
        let uri: Uri = self.uri.parse().unwrap();
        let parts = RequestParts { method: &self.method, uri: &uri, headers: &self.headers };
        let lookup = |key: &str| (key == ACCESS_KEY).then(|| SECRET.to_owned());
        verify(&parts, Payload::of(&self.body), lookup, parse_basic(now).unwrap().into())
    }

    fn verify(&self) -> Result<Identity, SignatureError> {
        self.verify_at("20260102T030405Z")
    }

    fn set(&mut self, name: &'static str, value: &str) {
        self.headers.insert(name, value.parse().unwrap());
    }
}

/// Requests that botocore 1.43.11 signed with its clock at 2026-01-02T03:04:05Z: real clients for the services, and
/// `SigV4Auth` / `SigV4QueryAuth` directly for headers and queries that the clients do not send.
fn vectors() -> Vec<Request> {
    let file: Value = serde_json::from_str(include_str!("botocore_vectors.json")).unwrap();
    let requests = file["requests"].as_array().unwrap().iter().map(|vector| {
        let mut headers = HeaderMap::new();
        for pair in vector["headers"].as_array().unwrap() {
            let name: http::HeaderName = pair[0].as_str().unwrap().parse().unwrap();
            headers.append(name, pair[1].as_str().unwrap().parse().unwrap());
        }
        Request {
            name: vector["name"].as_str().unwrap().to_owned(),
            method: vector["method"].as_str().unwrap().parse().unwrap(),
            uri: vector["target"].as_str().unwrap().to_owned(),
            headers,
            body: vector["body"].as_str().unwrap().as_bytes().to_vec(),
        }
    });
    requests.collect()
}

fn vector(name: &str) -> Request {
    vectors().into_iter().find(|request| request.name == name).unwrap()
}

fn check_refused(request: &Request, now: &str, shape: ErrorShape, text: &str) {
    let error = request.verify_at(now).unwrap_err();
    assert_eq!(error.shape, shape, "{error}");
    assert!(error.message.contains(text), "{error}");
}

#[test]
fn what_botocore_signs_holds() {
    let vectors = vectors();
    assert_eq!(vectors.len(), 14);
    for request in vectors {
        let identity = request.verify().unwrap_or_else(|error| panic!("{}: {error}", request.name));
        assert_eq!(identity.access_key, ACCESS_KEY);
        assert_eq!(identity.scope_date, "20260102");
    }
}

#[test]
fn any_change_breaks_the_signature() {
    for request in vectors() {
        let text = "does not match";
        let mut changed = request.clone();
        changed.method = Method::PUT;
        check_refused(&changed, "20260102T030405Z", ErrorShape::InvalidSignatureException, text);
        changed = request.clone();
        changed.uri = changed.uri.replacen('/', "/x", 1);
        check_refused(&changed, "20260102T030405Z", ErrorShape::InvalidSignatureException, text);
        changed = request.clone();
        changed.set("host", "other.example");
        check_refused(&changed, "20260102T030405Z", ErrorShape::InvalidSignatureException, text);
        changed = request.clone();
        changed.body.push(b' ');
        check_refused(&changed, "20260102T030405Z", ErrorShape::InvalidSignatureException, "");
    }
}

#[test]
fn identity_and_scope_name_region_and_service() {
    let request = vector("control_plane");
    let identity = request.verify().unwrap();
    assert_eq!((identity.region.as_str(), identity.service.as_str()), ("eu-west-1", "personalize"));
    let scope = credential_scope(&request.headers, None).unwrap();
    assert_eq!((scope.access_key.as_str(), scope.service.as_str()), (ACCESS_KEY, "personalize"));

    let presigned = vector("presigned");
    let uri: Uri = presigned.uri.parse().unwrap();
    assert_eq!(credential_scope(&presigned.headers, uri.query()).unwrap().service, "sts");
    assert_eq!(credential_scope(&HeaderMap::new(), Some("user_id=1")), None);
}

#[test]
fn another_secret_does_not_match_and_says_what_to_check() {
    let request = vector("control_plane");
    let uri: Uri = request.uri.parse().unwrap();
    let parts = RequestParts { method: &request.method, uri: &uri, headers: &request.headers };
    let now = parse_basic("20260102T030405Z").unwrap().into();
    let error = verify(&parts, Payload::of(&request.body), |_| Some("other".to_owned()), now).unwrap_err();
    assert_eq!(error.shape, ErrorShape::InvalidSignatureException);
    assert!(error.message.contains("secret key") && error.message.contains("endpoint"), "{error}");
}

#[test]
fn an_unknown_key_is_told_where_to_get_one() {
    let request = vector("control_plane");
    let uri: Uri = request.uri.parse().unwrap();
    let parts = RequestParts { method: &request.method, uri: &uri, headers: &request.headers };
    let now = parse_basic("20260102T030405Z").unwrap().into();
    let error = verify(&parts, Payload::of(&request.body), |_| None, now).unwrap_err();
    assert_eq!(error.shape, ErrorShape::UnrecognizedClientException);
    assert!(error.message.contains("eval \"$(tastemaker env)\"") && error.message.contains(ACCESS_KEY), "{error}");
}

#[test]
fn time_has_limits() {
    let signed = vector("control_plane");
    assert!(signed.verify_at("20260102T031905Z").is_ok());
    assert!(signed.verify_at("20260102T024905Z").is_ok());
    let invalid = ErrorShape::InvalidSignatureException;
    check_refused(
        &signed,
        "20260102T031906Z",
        invalid,
        "Signature expired: 20260102T030405Z is now earlier than 20260102T030406Z (20260102T031906Z - 15 min.)",
    );
    check_refused(&signed, "20260102T024904Z", invalid, "Signature not yet current: 20260102T030405Z is still later");

    let presigned = vector("presigned");
    assert!(presigned.verify_at("20260102T030505Z").is_ok());
    check_refused(&presigned, "20260102T030506Z", ErrorShape::RequestExpired, "60 seconds from 20260102T030405Z");
    check_refused(&presigned, "20260102T024904Z", invalid, "not yet current");

    let mut other_day = signed;
    other_day.set("x-amz-date", "20260103T030405Z");
    check_refused(&other_day, "20260103T030405Z", invalid, "'20260102' != '20260103'");
}

#[test]
fn malformed_signatures_are_named() {
    use ErrorShape::*;
    let now = "20260102T030405Z";
    let mut request = vector("control_plane");
    request.headers.remove("authorization");
    check_refused(&request, now, MissingAuthenticationTokenException, "Missing Authentication Token");
    for (authorization, text) in [
        ("Bearer abc", "Unsupported AWS 'algorithm': 'Bearer'"),
        ("AWS4-ECDSA-P256-SHA256 Credential=a", "Unsupported AWS 'algorithm'"),
        ("AWS4-HMAC-SHA256", "requires 'Credential' parameter. Authorization header requires 'SignedHeaders'"),
        ("AWS4-HMAC-SHA256 Credential=a/b/c/d/aws4_request, SignedHeaders=host", "requires 'Signature' parameter"),
        ("AWS4-HMAC-SHA256 Credential=a/b, SignedHeaders=host, Signature=0", "found 'a/b'"),
        ("AWS4-HMAC-SHA256 Credential=/d/r/s/aws4_request, SignedHeaders=host, Signature=0", "Credential must"),
        ("AWS4-HMAC-SHA256 Credential=a/d/EU/s/aws4_request, SignedHeaders=host, Signature=0", "found 'EU'"),
    ] {
        request.set("authorization", authorization);
        check_refused(&request, now, IncompleteSignatureException, text);
    }
    let mut undated = vector("control_plane");
    undated.headers.remove("x-amz-date");
    check_refused(&undated, now, IncompleteSignatureException, "'X-Amz-Date' or a 'Date'");
    undated.set("x-amz-date", "tomorrow");
    check_refused(&undated, now, IncompleteSignatureException, "basic format");
    let mut presigned = vector("presigned");
    presigned.uri = presigned.uri.replace("X-Amz-Expires=60", "X-Amz-Expires=604801");
    check_refused(&presigned, now, IncompleteSignatureException, "found '604801'");
    presigned.uri = presigned.uri.replace("&X-Amz-Expires=604801", "");
    check_refused(&presigned, now, IncompleteSignatureException, "requires 'X-Amz-Expires'");
}

#[test]
fn a_declared_hash_must_be_that_of_the_body() {
    for declared in ["UNSIGNED-PAYLOAD", "STREAMING-AWS4-HMAC-SHA256-PAYLOAD", "00"] {
        let mut request = vector("content_sha256_header");
        request.set("x-amz-content-sha256", declared);
        let text = format!("x-amz-content-sha256 says '{declared}'");
        check_refused(&request, "20260102T030405Z", ErrorShape::InvalidSignatureException, &text);
    }
}

#[test]
fn host_and_target_are_always_signed() {
    let mut request = vector("runtime_with_prefix");
    request.set("x-amz-target", "AmazonPersonalize.DeleteSchema");
    check_refused(&request, "20260102T030405Z", ErrorShape::InvalidSignatureException, "'x-amz-target' must be one");
    request.set(
        "authorization",
        "AWS4-HMAC-SHA256 Credential=TMEXAMPLEKEY00000001/20260102/r/personalize/aws4_request, \
         SignedHeaders=x-amz-date, Signature=0",
    );
    check_refused(&request, "20260102T030405Z", ErrorShape::InvalidSignatureException, "'host' must be one");
}

#[test]
fn every_header_of_amazon_is_signed() {
    for name in ["x-amz-security-token", "x-amz-meta-a"] {
        let mut request = vector("control_plane");
        request.headers.insert(http::HeaderName::from_static(name), "v".parse().unwrap());
        let text = format!("'{name}' must be one of the SignedHeaders");
        check_refused(&request, "20260102T030405Z", ErrorShape::InvalidSignatureException, &text);
    }
    let mut request = vector("control_plane");
    request.set("x-amz-user-agent", "aws-sdk-js/3");
    request.set("amz-sdk-request", "attempt=1");
    assert!(request.verify().is_ok());
}

#[test]
fn a_region_is_at_most_32_letters_digits_and_hyphens() {
    let long = "r".repeat(33);
    for (region, text) in [(&long[1..], "does not match"), (&long, "scoped to a valid region"), ("a'b", "not 'a'b'")] {
        let mut request = vector("control_plane");
        let authorization = request.headers["authorization"].to_str().unwrap().replace("eu-west-1", region);
        request.set("authorization", &authorization);
        check_refused(&request, "20260102T030405Z", ErrorShape::InvalidSignatureException, text);
    }
}

#[test]
fn an_authority_stands_in_for_the_host_header() {
    let mut request = vector("control_plane");
    request.headers.remove("host");
    request.uri = "http://127.0.0.1:4100/".to_owned();
    assert!(request.verify().is_ok());
}

/// An independent signer: `aws-sigv4`, which the SDK for Rust uses.
fn sign_with_sdk(
    method: &str,
    url: &str,
    headers: &[(&str, &str)],
    body: &[u8],
    token: Option<&str>,
    presigned: bool,
) -> Request {
    use aws_sigv4::http_request::{
        PayloadChecksumKind, SignableBody, SignableRequest, SignatureLocation, SigningSettings, sign,
    };
    let mut settings = SigningSettings::default();
    settings.payload_checksum_kind =
        if presigned { PayloadChecksumKind::NoHeader } else { PayloadChecksumKind::XAmzSha256 };
    if presigned {
        settings.signature_location = SignatureLocation::QueryParams;
        settings.expires_in = Some(std::time::Duration::from_secs(60));
    }
    let credentials =
        aws_credential_types::Credentials::new(ACCESS_KEY, SECRET, token.map(str::to_owned), None, "test");
    let identity: aws_smithy_runtime_api::client::identity::Identity = credentials.into();
    let parameters = aws_sigv4::sign::v4::SigningParams::builder()
        .identity(&identity)
        .region("us-east-1")
        .name("personalize")
        .time(parse_basic("20260102T030405Z").unwrap().into())
        .settings(settings)
        .build()
        .unwrap()
        .into();
    let signable = SignableRequest::new(method, url, headers.iter().copied(), SignableBody::Bytes(body)).unwrap();
    let (instructions, _) = sign(signable, &parameters).unwrap().into_parts();
    let mut builder = http::Request::builder().method(method).uri(url);
    for (name, value) in headers {
        builder = builder.header(*name, *value);
    }
    let mut signed = builder.body(()).unwrap();
    instructions.apply_to_request_http1x(&mut signed);
    let mut headers = signed.headers().clone();
    headers.insert("host", signed.uri().authority().unwrap().as_str().parse().unwrap());
    Request {
        name: url.to_owned(),
        method: signed.method().clone(),
        uri: signed.uri().path_and_query().unwrap().to_string(),
        headers,
        body: body.to_vec(),
    }
}

#[test]
fn our_own_signer_gives_what_the_sdk_gives() {
    let headers = [("content-type", "application/json"), ("x-amz-target", "AmazonPersonalize.Describe  It")];
    let now = parse_basic("20260102T030405Z").unwrap().into();
    for (service, path) in [("personalize", "/"), ("personalize", "/events"), ("s3", "/bucket/a/../b%20c")] {
        let signer = Signer { access_key: ACCESS_KEY, secret_key: SECRET, region: "us-east-1", service };
        let unsigned = Unsigned { method: "POST", host: "127.0.0.1:4100", path, headers: &headers, body: b"{}" };
        let mut ours = signer.sign(&unsigned, now);
        ours.sort();
        assert_eq!(ours, headers_of_the_sdk(service, path, &headers), "{service} {path}");
    }
}

fn headers_of_the_sdk(service: &str, path: &str, headers: &[(&str, &str)]) -> Vec<(&'static str, String)> {
    use aws_sigv4::http_request::{
        PayloadChecksumKind, PercentEncodingMode, SignableBody, SignableRequest, SigningSettings,
        UriPathNormalizationMode, sign,
    };
    let mut settings = SigningSettings::default();
    if service == "s3" {
        settings.payload_checksum_kind = PayloadChecksumKind::XAmzSha256;
        settings.percent_encoding_mode = PercentEncodingMode::Single;
        settings.uri_path_normalization_mode = UriPathNormalizationMode::Disabled;
    }
    let identity = aws_credential_types::Credentials::new(ACCESS_KEY, SECRET, None, None, "test").into();
    let parameters = aws_sigv4::sign::v4::SigningParams::builder()
        .identity(&identity)
        .region("us-east-1")
        .name(service)
        .time(parse_basic("20260102T030405Z").unwrap().into())
        .settings(settings)
        .build()
        .unwrap()
        .into();
    let url = format!("http://127.0.0.1:4100{path}");
    let request = SignableRequest::new("POST", &url, headers.iter().copied(), SignableBody::Bytes(b"{}")).unwrap();
    let (instructions, _) = sign(request, &parameters).unwrap().into_parts();
    let mut signed = http::Request::builder().method("POST").uri(&url).body(()).unwrap();
    instructions.apply_to_request_http1x(&mut signed);
    let value = |name: &'static str| signed.headers().get(name).map(|v| (name, v.to_str().unwrap().to_owned()));
    ["authorization", "x-amz-content-sha256", "x-amz-date"].into_iter().filter_map(value).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn what_the_rust_sdk_signs_holds(
        path in "(/[a-zA-Z0-9._~-]{0,6}|/%[2-7][0-9A-F]){0,4}",
        query in proptest::collection::vec(("[a-zA-Z0-9]{1,4}", "[a-zA-Z0-9._~-]{0,6}|%[2-7][0-9A-F]"), 0..4),
        value in "[ -~]{0,20}",
        body in proptest::collection::vec(any::<u8>(), 0..64),
        token in proptest::option::of("[a-zA-Z0-9+/=]{1,20}"),
        presigned: bool,
    ) {
        let query: Vec<String> = query.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let url = format!("http://127.0.0.1:4100{}?{}", if path.is_empty() { "/" } else { &path }, query.join("&"));
        let headers = [("content-type", "application/json"), ("x-custom", value.trim())];
        let request = sign_with_sdk("POST", &url, &headers, &body, token.as_deref(), presigned);
        prop_assert!(request.verify().is_ok(), "{} {:?}: {:?}", request.uri, request.headers, request.verify());
    }

    #[test]
    fn nothing_panics_on_any_header_or_query(
        authorization in "(AWS4-HMAC-SHA256 )?[ -~]{0,80}",
        date in "\\PC{0,24}|[0-9]{8}T[0-9]{6}Z|[A-Z][a-z]{2}, 31 Dec 9999 23:59:59 -1200",
        query in "(X-Amz-[A-Za-z]{4,13}=[!-~]{0,12}&){0,6}",
        dated: bool,
    ) {
        let mut headers = HeaderMap::new();
        if let Ok(value) = authorization.parse() {
            headers.insert("authorization", value);
        }
        if let Ok(value) = http::HeaderValue::from_str(&date) {
            headers.insert(if dated { "date" } else { "x-amz-date" }, value);
        }
        let uri: Uri = format!("/?{}", query.replace(['"', '<', '>', '#', '`', '{', '}', '|', '\\', '^'], "")).parse().unwrap();
        let parts = RequestParts { method: &Method::GET, uri: &uri, headers: &headers };
        let now = parse_basic("20260102T030405Z").unwrap().into();
        prop_assert!(verify(&parts, Payload::of(b""), |_| Some(String::new()), now).is_err());
        headers.insert("authorization", "AWS4-HMAC-SHA256 Credential=a/99991231/r/s/aws4_request, SignedHeaders=host, Signature=0".parse().unwrap());
        let parts = RequestParts { method: &Method::GET, uri: &uri, headers: &headers };
        prop_assert!(verify(&parts, Payload::of(b""), |_| Some(String::new()), now).is_err());
    }
}
