use super::*;
use crate::sigv4::date::parse_basic;
use crate::sigv4::{SignatureFault, SignedPolicy, verify_policy};
use aws_sigv4::http_request::{
    PayloadChecksumKind, PercentEncodingMode, SignableBody, SignableRequest, SignatureLocation, SigningSettings,
    UriPathNormalizationMode, sign,
};
use http::{Method, Uri};
use sha2::{Digest, Sha256};
use std::time::Duration;

/// The key of the examples in "Authenticating Requests (AWS Signature Version 4)" of S3's API reference.
const ACCESS_KEY: &str = "AKIAIOSFODNN7EXAMPLE";
const SECRET: &str = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";
const THEN: &str = "20130524T000000Z";

fn lookup(key: &str) -> Option<String> {
    (key == ACCESS_KEY).then(|| SECRET.to_owned())
}

fn at(basic: &str) -> SystemTime {
    parse_basic(basic).unwrap().into()
}

#[derive(Clone)]
struct Head {
    method: Method,
    uri: Uri,
    headers: HeaderMap,
}

impl Head {
    fn verify_at(&self, now: &str) -> Result<S3Request, SignatureError> {
        verify_s3(&RequestParts { method: &self.method, uri: &self.uri, headers: &self.headers }, lookup, at(now))
    }

    fn fault(&self) -> Option<SignatureFault> {
        self.verify_at(THEN).err().map(|error| error.fault)
    }

    fn with(&self, name: &'static str, value: &str) -> Head {
        let mut head = self.clone();
        head.headers.append(name, value.parse().unwrap());
        head
    }

    fn without(&self, name: &str) -> Head {
        let mut head = self.clone();
        head.headers.remove(name);
        head
    }

    fn at_uri(&self, from: &str, to: &str) -> Head {
        Head { uri: self.uri.to_string().replacen(from, to, 1).parse().unwrap(), ..self.clone() }
    }
}

/// A head of the API reference's examples of chunked uploads.
fn example(payload: &str, signed: &str, signature: &str, more: &[(&'static str, &str)]) -> Head {
    let authorization = format!(
        "AWS4-HMAC-SHA256 Credential={ACCESS_KEY}/20130524/us-east-1/s3/aws4_request,SignedHeaders={signed},\
         Signature={signature}"
    );
    let uri = Uri::from_static("/examplebucket/chunkObject.txt");
    let mut head = Head { method: Method::PUT, uri, headers: HeaderMap::new() };
    for (name, value) in [
        ("host", "s3.amazonaws.com"),
        ("x-amz-date", THEN),
        ("x-amz-storage-class", "REDUCED_REDUNDANCY"),
        ("content-encoding", "aws-chunked"),
        ("x-amz-decoded-content-length", "66560"),
        ("x-amz-content-sha256", payload),
        ("authorization", &authorization),
    ] {
        head = head.with(name, value);
    }
    more.iter().fold(head, |head, (name, value)| head.with(name, value))
}

fn sha256(bytes: &[u8]) -> [u8; 32] {
    Sha256::digest(bytes).into()
}

#[test]
fn the_reference_s_chunks_continue_the_signature_of_the_head() {
    let head = example(
        "STREAMING-AWS4-HMAC-SHA256-PAYLOAD",
        "content-encoding;content-length;host;x-amz-content-sha256;x-amz-date;x-amz-decoded-content-length;\
         x-amz-storage-class",
        "4f232c4386841ef735655705268965c44a0e4690baa4adea153f7db9fa80a0a9",
        &[("content-length", "66824")],
    );
    let mut request = head.verify_at(THEN).unwrap();
    assert_eq!(request.payload, S3Payload::SignedChunks { trailer: false });
    assert_eq!((request.presigned, request.identity.access_key.as_str()), (false, ACCESS_KEY));
    let chunks = &mut request.chunks;
    let (first, second, last) = (
        b"ad80c730a21e5b8d04586a2213dd63b9a0e99e0e2307b0ade35a65485a288648",
        b"0055627c9e194cb4542bae2aa5492e3c1575bbb81b612b7d234b86a503ef5497",
        b"b6c6ea8a5354eaf15b3cb7646744f4275b71ea724fed81ceb9323e279d449df9",
    );
    assert!(!chunks.accept_chunk(&sha256(&[b'a'; 1024]), second), "not before the first");
    assert!(!chunks.accept_chunk(&sha256(&[b'b'; 65536]), first), "other bytes");
    assert!(chunks.accept_chunk(&sha256(&[b'a'; 65536]), first));
    assert!(!chunks.accept_chunk(&sha256(&[b'a'; 65536]), first), "not twice");
    assert!(chunks.accept_chunk(&sha256(&[b'a'; 1024]), second));
    assert!(chunks.accept_chunk(&sha256(b""), last));
    assert_eq!(format!("{chunks:?}"), "ChunkSignatures { .. }");
}

#[test]
fn the_reference_s_trailing_headers_are_signed_behind_the_last_chunk() {
    let head = example(
        "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER",
        "content-encoding;host;x-amz-content-sha256;x-amz-date;x-amz-decoded-content-length;x-amz-storage-class;\
         x-amz-trailer",
        "106e2a8a18243abcf37539882f36619c00e2dfc72633413f02d3b74544bfeb8e",
        &[("x-amz-trailer", "x-amz-checksum-crc32c")],
    );
    let mut request = head.verify_at(THEN).unwrap();
    assert_eq!(request.payload, S3Payload::SignedChunks { trailer: true });
    for (bytes, signature) in [
        (65536, b"b474d8862b1487a5145d686f57f013e54db672cee1c953b3010fb58501ef5aa2"),
        (1024, b"1c1344b170168f8e65b41376b44b20fe354e373826ccbbe2c1d40a8cae51e5c7"),
        (0, b"2ca2aba2005185cf7159c6277faf83795951dd77a3a99e6e65d5c9f85863f992"),
    ] {
        assert!(request.chunks.accept_chunk(&sha256(&vec![b'a'; bytes]), signature));
    }
    let signature = b"d81f82fc3505edab99d459891051a732e8730629a2e4a59689829ca17fe2e435";
    assert!(!request.chunks.accept_trailer(b"x-amz-checksum-crc32c:AAAAAA==\n", signature));
    assert!(request.chunks.accept_trailer(b"x-amz-checksum-crc32c:sOO8/Q==\n", signature));
}

/// An independent signer: `aws-sigv4`, as the SDK for Rust uses it for S3.
fn sdk(method: &str, url: &str, headers: &[(&str, &str)], body: SignableBody<'_>, expires_s: Option<u64>) -> Head {
    sdk_of("s3", method, url, headers, body, expires_s)
}

fn sdk_of(
    service: &str,
    method: &str,
    url: &str,
    headers: &[(&str, &str)],
    body: SignableBody<'_>,
    expires_s: Option<u64>,
) -> Head {
    let mut settings = SigningSettings::default();
    settings.percent_encoding_mode = PercentEncodingMode::Single;
    settings.uri_path_normalization_mode = UriPathNormalizationMode::Disabled;
    settings.payload_checksum_kind = PayloadChecksumKind::XAmzSha256;
    if let Some(expires_s) = expires_s {
        settings.signature_location = SignatureLocation::QueryParams;
        settings.expires_in = Some(Duration::from_secs(expires_s));
    }
    let identity = aws_credential_types::Credentials::new(ACCESS_KEY, SECRET, None, None, "test").into();
    let parameters = aws_sigv4::sign::v4::SigningParams::builder()
        .identity(&identity)
        .region("eu-west-1")
        .name(service)
        .time(at(THEN))
        .settings(settings)
        .build()
        .unwrap()
        .into();
    let signable = SignableRequest::new(method, url, headers.iter().copied(), body).unwrap();
    let (instructions, _) = sign(signable, &parameters).unwrap().into_parts();
    let mut signed = http::Request::builder().method(method).uri(url);
    for (name, value) in headers {
        signed = signed.header(*name, *value);
    }
    let mut signed = signed.body(()).unwrap();
    instructions.apply_to_request_http1x(&mut signed);
    let (mut parts, ()) = signed.into_parts();
    let host = parts.uri.authority().unwrap().as_str().parse().unwrap();
    parts.headers.insert("host", host);
    let uri = parts.uri.path_and_query().unwrap().as_str().parse().unwrap();
    Head { method: parts.method, uri, headers: parts.headers }
}

#[test]
fn what_the_sdk_signs_holds_and_no_change_of_it_does() {
    for path in [
        "/b/k",
        "/b",
        "/",
        "/b/a%20b%2Bc%EC%BD%94",
        "/b/a/../c//d/.",
        "/b/k?uploadId=a%2Bb&partNumber=1",
        "/b?uploads=",
    ] {
        let url = format!("http://127.0.0.1:4100{path}");
        let headers = [("x-amz-acl", "private"), ("content-type", "text/csv")];
        for expires_s in [None, Some(60)] {
            for bytes in [Some(&b"abc"[..]), None] {
                let body = bytes.filter(|_| expires_s.is_none());
                let body = body.map_or(SignableBody::UnsignedPayload, SignableBody::Bytes);
                let head = sdk("PUT", &url, &headers, body, expires_s);
                let request = head.verify_at(THEN).unwrap_or_else(|error| panic!("{} {error}", head.uri));
                assert_eq!((request.presigned, request.identity.service.as_str()), (expires_s.is_some(), "s3"));
                let mismatch = Some(SignatureFault::Mismatch);
                assert_eq!(Head { method: Method::GET, ..head.clone() }.fault(), mismatch);
                assert_eq!(head.at_uri("/", "/x").fault(), mismatch);
                let join = if head.uri.query().is_some() { "&" } else { "?" };
                let more = Head { uri: format!("{}{join}acl", head.uri).parse().unwrap(), ..head.clone() };
                assert_eq!(more.fault(), mismatch);
                assert_eq!(head.with("x-amz-acl", "public-read").fault(), mismatch);
                assert_eq!(head.without("host").with("host", "other.example").fault(), mismatch);
                assert_eq!(head.with("x-other", "1").fault(), None);
            }
        }
    }
}

#[test]
fn a_bare_path_may_be_signed_as_it_is_sent_or_encoded() {
    let head = sdk("GET", "http://h.example/b/a%2B1", &[], SignableBody::UnsignedPayload, None);
    assert_eq!(head.at_uri("a%2B1", "a+1").fault(), None, "sent bare, signed encoded");
    assert_eq!(head.at_uri("a%2B1", "a%2b1").fault(), None);
    assert_eq!(head.at_uri("a%2B1", "a%201").fault(), Some(SignatureFault::Mismatch));
}

#[test]
fn every_amazon_header_must_be_signed() {
    for expires_s in [None, Some(60)] {
        let head = sdk("PUT", "http://h.example/b/k", &[], SignableBody::UnsignedPayload, expires_s);
        assert_eq!(head.fault(), None);
        for name in ["x-amz-copy-source", "x-amz-acl", "x-amz-meta-a", "x-amz-tagging", "x-amz-security-token"] {
            let forged = head.with(name, "/secrets/customers.csv");
            assert_eq!(forged.fault(), Some(SignatureFault::HeaderNotSigned), "{name}");
            assert!(forged.verify_at(THEN).unwrap_err().message.contains(name));
        }
        assert_eq!(head.with("x-amz-user-agent", "aws-sdk-js/3").fault(), None, "browsers' SDKs leave it out");
        assert_eq!(head.with("x-amzn-trace-id", "Root=1").fault(), None, "proxies add it");
    }
    let presigned = sdk("PUT", "http://h.example/b/k", &[], SignableBody::UnsignedPayload, Some(60));
    let unhosted = presigned.at_uri("X-Amz-SignedHeaders=host", "X-Amz-SignedHeaders=x");
    assert_eq!(unhosted.fault(), Some(SignatureFault::HeaderNotSigned));
}

#[test]
fn the_payload_is_declared_and_its_declaration_signed() {
    let hash = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
    let signed = sdk("PUT", "http://h.example/b/k", &[], SignableBody::Bytes(b"abc"), None);
    let mut expected = [0; 32];
    hex::decode_to_slice(hash, &mut expected).unwrap();
    assert_eq!(signed.verify_at(THEN).unwrap().payload, S3Payload::Sha256(expected));
    let undeclared = Some(SignatureFault::Undeclared);
    assert_eq!(signed.without("x-amz-content-sha256").fault(), undeclared);
    assert_eq!(signed.with("x-amz-content-sha256", hash).fault(), undeclared, "twice");
    let swapped = signed.without("x-amz-content-sha256").with("x-amz-content-sha256", "UNSIGNED-PAYLOAD");
    assert_eq!(swapped.fault(), Some(SignatureFault::Mismatch));
    for declared in ["STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD", "abc", "", &hash[1..], &format!("{hash}00")] {
        let body = SignableBody::Precomputed(declared.to_owned());
        assert_eq!(sdk("PUT", "http://h.example/b/k", &[], body, None).fault(), undeclared, "{declared}");
    }
    for (declared, expected) in [
        ("UNSIGNED-PAYLOAD", S3Payload::Unsigned),
        ("STREAMING-UNSIGNED-PAYLOAD-TRAILER", S3Payload::UnsignedChunks),
        ("STREAMING-AWS4-HMAC-SHA256-PAYLOAD", S3Payload::SignedChunks { trailer: false }),
        ("STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER", S3Payload::SignedChunks { trailer: true }),
    ] {
        let head = sdk("PUT", "http://h.example/b/k", &[], SignableBody::Precomputed(declared.to_owned()), None);
        assert_eq!(head.verify_at(THEN).unwrap().payload, expected);
    }
    // The header of a presigned request must be signed like every other.
    let presigned = sdk("PUT", "http://h.example/b/k", &[], SignableBody::UnsignedPayload, Some(60));
    assert_eq!(presigned.verify_at(THEN).unwrap().payload, S3Payload::Unsigned);
    let declared = presigned.with("x-amz-content-sha256", "UNSIGNED-PAYLOAD");
    assert_eq!(declared.fault(), Some(SignatureFault::HeaderNotSigned));
    for streamed in ["STREAMING-UNSIGNED-PAYLOAD-TRAILER", "STREAMING-AWS4-HMAC-SHA256-PAYLOAD"] {
        let body = SignableBody::Precomputed(streamed.to_owned());
        let headers = [("x-amz-content-sha256", streamed)];
        assert_eq!(sdk("PUT", "http://h.example/b/k", &headers, body, Some(60)).fault(), undeclared, "{streamed}");
    }
}

#[test]
fn time_has_the_limits_that_every_service_has() {
    let signed = sdk("GET", "http://h.example/b/k", &[], SignableBody::UnsignedPayload, None);
    let fault = |head: &Head, now: &str| head.verify_at(now).err().map(|error| error.fault);
    assert_eq!(fault(&signed, "20130524T001500Z"), None);
    assert_eq!(fault(&signed, "20130524T001501Z"), Some(SignatureFault::Skewed));
    assert_eq!(fault(&signed, "20130523T234459Z"), Some(SignatureFault::Skewed));
    let presigned = sdk("GET", "http://h.example/b/k", &[], SignableBody::UnsignedPayload, Some(604_800));
    assert_eq!(fault(&presigned, "20130531T000000Z"), None);
    assert_eq!(fault(&presigned, "20130531T000001Z"), Some(SignatureFault::Expired));
    assert_eq!(fault(&presigned, "20130523T234459Z"), Some(SignatureFault::Skewed));
    let longer = sdk("GET", "http://h.example/b/k", &[], SignableBody::UnsignedPayload, Some(604_801));
    assert_eq!(longer.fault(), Some(SignatureFault::Malformed));
}

#[test]
fn scopes_and_keys_of_others_are_refused() {
    let other = sdk_of("personalize", "GET", "http://h.example/b/k", &[], SignableBody::UnsignedPayload, None);
    let error = other.verify_at(THEN).unwrap_err();
    assert_eq!((error.fault, error.message.contains("'personalize'")), (SignatureFault::Malformed, true));
    let head = sdk("GET", "http://h.example/b/k", &[], SignableBody::UnsignedPayload, None);
    let parts = RequestParts { method: &head.method, uri: &head.uri, headers: &head.headers };
    assert_eq!(verify_s3(&parts, |_| None, at(THEN)).unwrap_err().fault, SignatureFault::UnknownKey);
    let wrong = verify_s3(&parts, |_| Some("other".to_owned()), at(THEN)).unwrap_err();
    assert_eq!(wrong.fault, SignatureFault::Mismatch);
    assert_eq!(head.without("authorization").fault(), Some(SignatureFault::Missing));
}

/// "Browser-based uploads" of the API reference: its policy, credential and signature.
const POLICY: &str = "eyAiZXhwaXJhdGlvbiI6ICIyMDE1LTEyLTMwVDEyOjAwOjAwLjAwMFoiLA0KICAiY29uZGl0aW9ucyI6IFsNCiAgICB7ImJ1Y2tldCI6ICJzaWd2NGV4YW1wbGVidWNrZXQifSwNCiAgICBbInN0YXJ0cy13aXRoIiwgIiRrZXkiLCAidXNlci91c2VyMS8iXSwNCiAgICB7ImFjbCI6ICJwdWJsaWMtcmVhZCJ9LA0KICAgIHsic3VjY2Vzc19hY3Rpb25fcmVkaXJlY3QiOiAiaHR0cDovL3NpZ3Y0ZXhhbXBsZWJ1Y2tldC5zMy5hbWF6b25hd3MuY29tL3N1Y2Nlc3NmdWxfdXBsb2FkLmh0bWwifSwNCiAgICBbInN0YXJ0cy13aXRoIiwgIiRDb250ZW50LVR5cGUiLCAiaW1hZ2UvIl0sDQogICAgeyJ4LWFtei1tZXRhLXV1aWQiOiAiMTQzNjUxMjM2NTEyNzQifSwNCiAgICB7IngtYW16LXNlcnZlci1zaWRlLWVuY3J5cHRpb24iOiAiQUVTMjU2In0sDQogICAgWyJzdGFydHMtd2l0aCIsICIkeC1hbXotbWV0YS10YWciLCAiIl0sDQoNCiAgICB7IngtYW16LWNyZWRlbnRpYWwiOiAiQUtJQUlPU0ZPRE5ON0VYQU1QTEUvMjAxNTEyMjkvdXMtZWFzdC0xL3MzL2F3czRfcmVxdWVzdCJ9LA0KICAgIHsieC1hbXotYWxnb3JpdGhtIjogIkFXUzQtSE1BQy1TSEEyNTYifSwNCiAgICB7IngtYW16LWRhdGUiOiAiMjAxNTEyMjlUMDAwMDAwWiIgfQ0KICBdDQp9";

#[test]
fn the_reference_s_policy_holds_for_seven_days() {
    let form = SignedPolicy {
        policy: POLICY,
        algorithm: "AWS4-HMAC-SHA256",
        credential: "AKIAIOSFODNN7EXAMPLE/20151229/us-east-1/s3/aws4_request",
        date: "20151229T000000Z",
        signature: "8afdbf4008c03f22c2cd3cdb72e4afbb1f6a588f3255ac628749a66d7f09699e",
        token: None,
    };
    let check = |form: SignedPolicy<'_>, now: &str| {
        verify_policy(&form, lookup, at(now)).map(|identity| identity.access_key).map_err(|error| error.fault)
    };
    let now = "20151229T000000Z";
    assert_eq!(check(form, now).as_deref(), Ok(ACCESS_KEY));
    assert_eq!(check(form, "20160105T000000Z").as_deref(), Ok(ACCESS_KEY));
    assert_eq!(check(form, "20160105T000001Z"), Err(SignatureFault::Expired));
    assert_eq!(check(form, "20151228T234459Z"), Err(SignatureFault::Skewed));
    let (other, day) = (format!("{POLICY}="), "20151230T000000Z");
    let (bare, sts) = ("AKIAIOSFODNN7EXAMPLE", "AKIAIOSFODNN7EXAMPLE/20151229/us-east-1/sts/aws4_request");
    let stranger = "AKIAIOSFODNN7STRANGE/20151229/us-east-1/s3/aws4_request";
    for (form, fault) in [
        (SignedPolicy { policy: &other, ..form }, SignatureFault::Mismatch),
        (SignedPolicy { signature: "", ..form }, SignatureFault::Mismatch),
        (SignedPolicy { date: day, ..form }, SignatureFault::Mismatch),
        (SignedPolicy { date: "now", ..form }, SignatureFault::Malformed),
        (SignedPolicy { algorithm: "AWS4", ..form }, SignatureFault::Malformed),
        (SignedPolicy { credential: bare, ..form }, SignatureFault::Malformed),
        (SignedPolicy { credential: sts, ..form }, SignatureFault::Malformed),
        (SignedPolicy { credential: stranger, ..form }, SignatureFault::UnknownKey),
    ] {
        assert_eq!(check(form, now), Err(fault), "{form:?}");
    }
}
