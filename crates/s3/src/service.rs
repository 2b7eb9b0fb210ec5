//! The endpoint as a service: authentication by the head, admission, the declared payload, and then the protocol.

use std::convert::Infallible;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::SystemTime;

use bytes::Bytes;
use futures::TryStreamExt;
use futures::future::BoxFuture;
use http::header::{CONTENT_LENGTH, EXPECT, HOST, HeaderMap};
use http::request::Parts;
use http::{HeaderValue, Method, Request, Response, StatusCode};
use http_body_util::BodyExt;
use s3s::auth::SimpleAuth;
use s3s::config::{S3Config as ProtocolConfig, StaticConfigProvider};
use s3s::service::S3ServiceBuilder;
use s3s::{Body, S3Error, S3Result, StdError, s3_error};
use tastemaker_store::{Blobs, Records};
use tastemaker_wire::authorizer::RequestAuthorizer;
use tastemaker_wire::sigv4::S3Payload;
use tokio::sync::Semaphore;

use crate::auth::{Authentic, authenticate, forget_signature, slow_down};
use crate::authorization::{Access, Authorization};
use crate::declared::{Declared, RawBody, Trailers};
use crate::endpoint::Endpoint;
use crate::forms::{Forms, is_form};
use crate::host::{Domains, SharedDomains};
use crate::limits::{DRAIN_BYTES_MAX, Patience, TRANSFERS_IN_FLIGHT_MAX, XML_BYTES_MAX};
use crate::operations::attributes;
use crate::payload::{Faults, checked, drain, handed_on, timed};
use crate::ranges;
use crate::secrets::SecretLookup;
use crate::state::State;

/// The header with the length of an `aws-chunked` body's bytes proper.
const DECODED_LENGTH: &str = "x-amz-decoded-content-length";

/// The parameters that make the body of a PUT to an object a document.
const DOCUMENTS_OF_OBJECTS: [&str; 5] = ["acl", "legal-hold", "restore", "retention", "tagging"];

/// The parts of the server that the endpoint stands on.
pub struct S3Config {
    /// Buckets, objects' metadata and unfinished uploads.
    pub records: Arc<dyn Records>,
    /// Objects' bytes, below `s3/`.
    pub blobs: Arc<dyn Blobs>,
    /// The region that buckets are said to lie in, unless they were made with another.
    pub region: String,
    /// The keys whose signatures are accepted.
    pub credentials: SecretLookup,
    /// Host names, without port, below which `bucket.host` names a bucket: `localhost`, `s3.example.com`. A request to any
    /// other host is path style.
    pub host_domains: Vec<String>,
    /// The time that objects are stamped with and signatures are held against.
    pub clock: Arc<dyn Fn() -> SystemTime + Send + Sync>,
}

/// The endpoint as a tower service.
#[derive(Clone)]
pub struct S3Service {
    shared: Arc<Shared>,
}

struct Shared {
    protocol: s3s::service::S3Service,
    state: State,
    lookup: SecretLookup,
    domains: Arc<Domains>,
    transfers: Semaphore,
    patience: Patience,
}

/// Builds the endpoint.
pub fn service(config: S3Config) -> S3Service {
    with_patience(config, Patience::default())
}

pub(crate) fn with_patience(config: S3Config, patience: Patience) -> S3Service {
    let S3Config { records, blobs, region, credentials, host_domains, clock } = config;
    let state = State { records, blobs, region, clock };
    let domains = Arc::new(Domains::new(host_domains));
    let mut builder = S3ServiceBuilder::new(Endpoint::new(state.clone()));
    // Signatures are verified before; the protocol crate checks access only where it has somebody to ask about keys.
    builder.set_auth(SimpleAuth::new());
    builder.set_access(Access);
    builder.set_host(SharedDomains(domains.clone()));
    builder.set_config(Arc::new(StaticConfigProvider::new(Arc::new(protocol_config()))));
    let protocol = builder.build();
    let transfers = Semaphore::new(TRANSFERS_IN_FLIGHT_MAX);
    S3Service { shared: Arc::new(Shared { protocol, state, lookup: credentials, domains, transfers, patience }) }
}

/// Forms never reach the protocol crate; if one did, nothing of it should be held.
fn protocol_config() -> ProtocolConfig {
    let mut config = ProtocolConfig::default();
    config.xml_max_body_size = XML_BYTES_MAX;
    config.post_object_max_file_size = 0;
    config.form_max_field_size = 0;
    config.form_max_fields_size = 0;
    config.form_max_parts = 0;
    config
}

impl S3Service {
    async fn answer(self, parts: Parts, body: RawBody, length: Option<u64>) -> Response<Body> {
        let shared = &self.shared;
        let body = timed(body, shared.patience.body_idle);
        // A client that waits for "100 Continue" sends nothing when it is refused at once.
        let waits = parts.headers.contains_key(EXPECT);
        let mut rest = None;
        let answered = if is_form(&parts) {
            let forms = Forms {
                state: &shared.state,
                lookup: &shared.lookup,
                transfers: &shared.transfers,
                now: (shared.state.clock)(),
                fields_time_max: shared.patience.form_fields,
            };
            forms.answer(&parts, shared.bucket(&parts).as_deref(), body, &mut rest).await
        } else {
            shared.answer(parts, body, length, &mut rest).await
        };
        if let Some(rest) = rest.filter(|_| !waits) {
            drain(rest, DRAIN_BYTES_MAX, shared.patience.drain).await;
        }
        answered.unwrap_or_else(refused)
    }
}

impl Shared {
    /// The bucket that the host names.
    fn bucket(&self, parts: &Parts) -> Option<String> {
        let host = parts.headers.get(HOST).and_then(|host| host.to_str().ok());
        let host = host.or_else(|| parts.uri.authority().map(|authority| authority.as_str()))?;
        self.domains.bucket(host)
    }

    async fn answer(
        &self,
        mut parts: Parts,
        body: RawBody,
        length: Option<u64>,
        rest: &mut Option<RawBody>,
    ) -> S3Result<Response<Body>> {
        let admitted = (|| {
            let bucket = self.bucket(&parts);
            let authentic = authenticate(&parts, bucket.as_deref(), &self.lookup, (self.state.clock)())?;
            let authorizer = parts.extensions.get::<RequestAuthorizer>();
            if let Some(authorization) = Authorization::open(authorizer, &authentic.caller)? {
                parts.extensions.insert(authorization);
            }
            let permit = self.transfers.try_acquire().map_err(|_| slow_down())?;
            let declared = declared(&mut parts, authentic, length)?;
            if declared.length > XML_BYTES_MAX as u64 && is_document(&parts, bucket.is_some()) {
                let message = "Your request was too big; a document may have at most";
                return Err(s3_error!(MaxMessageLengthExceeded, "{message} {XML_BYTES_MAX} bytes."));
            }
            forget_signature(&mut parts)?;
            ranges::keep_usable(&mut parts.headers);
            Ok((permit, declared))
        })();
        let (_permit, declared) = match admitted {
            Ok(admitted) => admitted,
            Err(error) => {
                *rest = Some(body);
                return Err(error);
            }
        };
        let shows_attributes = attributes::are_asked_for(&parts);
        let (trailers, faults) = (Trailers::default(), Faults::default());
        parts.extensions.insert(trailers.clone());
        let body = handed_on(checked(body, declared, trailers), faults.clone());
        let answered = self.protocol.call(Request::from_parts(parts, body)).await;
        let response = answered.map_err(|error| {
            let error = StdError::from(error);
            tracing::error!(%error, "the S3 protocol failed");
            s3_error!(InternalError, "We encountered an internal error. Please try again.")
        })?;
        // Operations that read their body whole call any fault of it their own.
        match faults.take() {
            Some(fault) if !response.status().is_success() => Err(fault.into()),
            _ if shows_attributes => Ok(attributes::with_bare_tag(response)),
            _ => Ok(response),
        }
    }
}

/// The claims of the head about the body; the length that follows the head is made that of the bytes proper.
fn declared(parts: &mut Parts, authentic: Authentic, length: Option<u64>) -> S3Result<Declared> {
    let headers = &mut parts.headers;
    let Authentic { payload, signatures, .. } = authentic;
    let chunked = matches!(payload, S3Payload::SignedChunks { .. } | S3Payload::UnsignedChunks);
    let length = if chunked { decoded_length(headers)? } else { length };
    // Requests of other methods have no body.
    let bodyless = (parts.method != Method::PUT && parts.method != Method::POST).then_some(0);
    let length = length.or(bodyless);
    let length =
        length.ok_or_else(|| s3_error!(MissingContentLength, "You must provide the Content-Length HTTP header."))?;
    if chunked {
        headers.insert(CONTENT_LENGTH, HeaderValue::from(length));
    }
    let announced = headers.get_all("x-amz-trailer").iter().filter_map(|value| value.to_str().ok());
    let announced = announced.flat_map(|names| names.split(',')).map(|name| name.trim().to_ascii_lowercase()).collect();
    Ok(Declared { payload, signatures, length, announced })
}

/// True for a request whose body is a document, which is read whole; those of objects and parts stream.
fn is_document(parts: &Parts, host_bucket: bool) -> bool {
    let path = parts.uri.path().trim_start_matches('/').trim_end_matches('/');
    let of_bucket = if host_bucket { path.is_empty() } else { !path.contains('/') };
    let mut names =
        parts.uri.query().unwrap_or_default().split('&').map(|pair| pair.split('=').next().unwrap_or_default());
    parts.method == Method::POST || of_bucket || names.any(|name| DOCUMENTS_OF_OBJECTS.contains(&name))
}

fn decoded_length(headers: &HeaderMap) -> S3Result<Option<u64>> {
    let Some(value) = headers.get(DECODED_LENGTH) else { return Ok(None) };
    let length = value.to_str().ok().filter(|text| text.bytes().all(|byte| byte.is_ascii_digit()));
    let length = length.and_then(|text| text.parse().ok());
    length.map(Some).ok_or_else(|| s3_error!(InvalidArgument, "{DECODED_LENGTH} must be a number of bytes."))
}

/// The answer that refuses a request.
fn refused(error: S3Error) -> Response<Body> {
    error.to_http_response().unwrap_or_else(|_| {
        let mut response = Response::new(Body::empty());
        *response.status_mut() = StatusCode::INTERNAL_SERVER_ERROR;
        response
    })
}

impl<B> tower::Service<Request<B>> for S3Service
where
    B: http_body::Body<Data = Bytes> + Send + 'static,
    B::Error: Into<StdError>,
{
    type Response = Response<Body>;
    type Error = Infallible;
    type Future = BoxFuture<'static, Result<Response<Body>, Infallible>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        let (parts, body) = request.into_parts();
        let length = length(&parts.headers, &body);
        let body: RawBody = Box::pin(body.into_data_stream().map_err(Into::into));
        let service = self.clone();
        Box::pin(async move { Ok(service.answer(parts, body, length).await) })
    }
}

/// The length of a body, if it is known before it is read.
fn length(headers: &HeaderMap, body: &impl http_body::Body) -> Option<u64> {
    let declared = headers.get(CONTENT_LENGTH).and_then(|value| value.to_str().ok()).and_then(|text| text.parse().ok());
    declared.or_else(|| body.size_hint().exact()).or_else(|| body.is_end_stream().then_some(0))
}
