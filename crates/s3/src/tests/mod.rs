//! Tests of the endpoint: operations through the protocol crate's trait, and requests through the service as they come off
//! the wire.

mod buckets;
mod chunked;
mod clean_up;
mod door;
mod interrupted;
mod noise;
mod operations;
mod policies;
mod races;

use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use aws_sigv4::http_request::{
    PayloadChecksumKind, PercentEncodingMode, SignableBody, SignableRequest, SignatureLocation, SigningSettings,
    UriPathNormalizationMode, sign,
};
use bytes::Bytes;
use futures::{Stream, StreamExt, TryStreamExt};
use http::{HeaderMap, Request, StatusCode};
use http_body::Frame;
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt, StreamBody};
use s3s::StdError;
use tastemaker_store::{Blobs, MemoryBlobs, MemoryRecords, Records};
use tower::Service;

use crate::limits::Patience;
use crate::service::with_patience;
use crate::{S3Config, S3Service};

pub(crate) const KEY: &str = "TMEXAMPLEKEY00000001";
pub(crate) const SECRET: &str = "tm/Secret+Example0123456789abcdefghijklmno";
pub(crate) const HOST: &str = "127.0.0.1:4100";
pub(crate) const NOW_S: u64 = 1_700_000_000;

/// The silence that ends a body in these tests.
pub(crate) const IDLE: Duration = Duration::from_millis(200);

pub(crate) type TestBody = UnsyncBoxBody<Bytes, StdError>;

pub(crate) fn now() -> SystemTime {
    UNIX_EPOCH + Duration::from_secs(NOW_S)
}

/// The endpoint over memory.
pub(crate) struct Door {
    pub(crate) service: S3Service,
    pub(crate) records: Arc<MemoryRecords>,
    pub(crate) blobs: Arc<MemoryBlobs>,
}

impl Door {
    pub(crate) fn new() -> Self {
        let (records, blobs) = (Arc::new(MemoryRecords::new()), Arc::new(MemoryBlobs::new()));
        let service = over(records.clone(), blobs.clone());
        Self { service, records, blobs }
    }

    /// The same, but waits longer for the silent.
    pub(crate) fn patient(mut self, idle: Duration) -> Self {
        self.service = waiting(self.records.clone(), self.blobs.clone(), idle);
        self
    }

    /// With a bucket `shop`.
    pub(crate) async fn with_bucket() -> Self {
        let door = Self::new();
        let made = door.send(signed("PUT", "/shop", &[], b"", None).map(|()| whole(b""))).await;
        assert_eq!(made.status, 200, "{}", made.text);
        door
    }

    pub(crate) async fn send(&self, request: Request<TestBody>) -> Reply {
        let Ok(response) = self.service.clone().call(request).await;
        let (parts, body) = response.into_parts();
        let text = BodyExt::collect(body).await.expect("a body").to_bytes();
        Reply { status: parts.status, headers: parts.headers, text: String::from_utf8_lossy(&text).into_owned() }
    }

    /// Sends a signed request.
    pub(crate) async fn ask(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &[u8]) -> Reply {
        self.send(signed(method, path, headers, body, None).map(|()| whole(body))).await
    }

    pub(crate) async fn blob_count(&self) -> usize {
        self.blobs.list("").await.expect("list").len()
    }
}

pub(crate) fn over(records: Arc<dyn Records>, blobs: Arc<dyn Blobs>) -> S3Service {
    waiting(records, blobs, IDLE)
}

fn waiting(records: Arc<dyn Records>, blobs: Arc<dyn Blobs>, idle: Duration) -> S3Service {
    let config = S3Config {
        records,
        blobs,
        region: "us-east-1".into(),
        credentials: Arc::new(|key| (key == KEY).then(|| SECRET.to_owned())),
        host_domains: vec!["localhost".into()],
        clock: Arc::new(now),
    };
    with_patience(config, Patience { body_idle: idle, form_fields: 2 * idle, drain: idle })
}

/// An answer read whole.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) text: String,
}

impl Reply {
    /// The code of an error document; otherwise the status.
    pub(crate) fn code(&self) -> String {
        let code = self.text.split_once("<Code>").and_then(|(_, rest)| rest.split_once("</Code>"));
        code.map_or_else(|| self.status.as_u16().to_string(), |(code, _)| code.to_owned())
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }
}

pub(crate) fn whole(bytes: &[u8]) -> TestBody {
    streamed(futures::stream::iter(Some(Ok(Bytes::copy_from_slice(bytes)))))
}

pub(crate) fn streamed(chunks: impl Stream<Item = Result<Bytes, StdError>> + Send + 'static) -> TestBody {
    StreamBody::new(chunks.map_ok(Frame::data)).boxed_unsync()
}

/// Chunks, and then silence.
pub(crate) fn stalled(chunks: &[&[u8]]) -> TestBody {
    let chunks: Vec<_> = chunks.iter().map(|chunk| Ok(Bytes::copy_from_slice(chunk))).collect();
    streamed(futures::stream::iter(chunks).chain(futures::stream::pending()))
}

/// A head that the SDK for Rust signed over a whole body; with `expires_s`, presigned.
pub(crate) fn signed(
    method: &str,
    path: &str,
    headers: &[(&str, &str)],
    body: &[u8],
    expires_s: Option<u64>,
) -> Request<()> {
    let payload = if expires_s.is_some() { SignableBody::UnsignedPayload } else { SignableBody::Bytes(body) };
    let length = body.len().to_string();
    let mut request = signed_over(method, path, headers, payload, expires_s, SECRET);
    request.headers_mut().insert("content-length", length.parse().expect("a header"));
    request
}

pub(crate) fn signed_over(
    method: &str,
    path: &str,
    headers: &[(&str, &str)],
    payload: SignableBody<'_>,
    expires_s: Option<u64>,
    secret: &str,
) -> Request<()> {
    let mut settings = SigningSettings::default();
    settings.percent_encoding_mode = PercentEncodingMode::Single;
    settings.uri_path_normalization_mode = UriPathNormalizationMode::Disabled;
    settings.payload_checksum_kind = PayloadChecksumKind::XAmzSha256;
    if let Some(expires_s) = expires_s {
        settings.signature_location = SignatureLocation::QueryParams;
        settings.expires_in = Some(Duration::from_secs(expires_s));
    }
    let identity = aws_credential_types::Credentials::new(KEY, secret, None, None, "test").into();
    let parameters = aws_sigv4::sign::v4::SigningParams::builder()
        .identity(&identity)
        .region("us-east-1")
        .name("s3")
        .time(now())
        .settings(settings)
        .build()
        .expect("parameters")
        .into();
    let url = format!("http://{HOST}{path}");
    let signable = SignableRequest::new(method, &url, headers.iter().copied(), payload).expect("a request");
    let (instructions, _) = sign(signable, &parameters).expect("a signature").into_parts();
    let mut request = Request::builder().method(method).uri(&url);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let mut request = request.body(()).expect("a request");
    instructions.apply_to_request_http1x(&mut request);
    let (mut parts, ()) = request.into_parts();
    parts.uri = parts.uri.path_and_query().expect("a path").as_str().parse().expect("a uri");
    parts.headers.insert("host", HOST.parse().expect("a host"));
    Request::from_parts(parts, ())
}
