//! The web console's place in the server: the paths below which its pages are, its permits, and what its pages learn of a
//! request. The pages themselves are another crate's router.
//!
//! Its permits are its own, so that people who click never take those of the API.

use crate::client_address::Peer;
use crate::console_paths::{ConsolePaths, is_multipart};
use crate::limits::{
    CONSOLE_BODY_SILENCE_MAX, CONSOLE_PAGES_MAX, CONSOLE_STREAMS_MAX, CONSOLE_UPLOADS_MAX, REQUEST_TIME_MAX,
};
use crate::reply::{self, Compressible};
use crate::request_pool::{OwnedPermit, RequestPool};
use crate::server::OverTls;
use crate::state::HttpState;
use axum::Router;
use axum::body::{Body, HttpBody};
use bytes::Bytes;
use http::header::{CONTENT_TYPE, HOST, RETRY_AFTER};
use http::request::Parts;
use http::uri::PathAndQuery;
use http::{HeaderValue, Method, Request, Response, StatusCode, Uri};
use http_body::Frame;
use std::net::IpAddr;
use std::pin::Pin;
use std::task::{Context, Poll};
use tokio::time::{Instant, Sleep};
use tower::ServiceExt;

/// A console to be answered by the server.
#[derive(Debug, Clone)]
pub struct ConsoleMount {
    /// The path before `/console`, such as `/rec`; mostly empty. The console answers without it as well, for proxies that
    /// take it away.
    pub base_path: String,
    /// Its pages, by their paths below the console's.
    pub pages: Router,
}

/// The sender of a request, as the server knows it; in the extensions of requests to the console's pages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConsoleClient {
    /// The other end of the connection.
    pub peer: Option<IpAddr>,
    /// The client's address, by the word of trusted proxies.
    pub address: Option<IpAddr>,
    /// Whether the connection is a trusted proxy's, so that its `X-Forwarded-` headers count.
    pub by_trusted_proxy: bool,
    /// Whether the connection has TLS.
    pub over_tls: bool,
    /// The id of the request in the log.
    pub request_id: String,
}

/// The console with its permits.
pub(crate) struct Console {
    /// The paths that are the console's.
    pub paths: ConsolePaths,
    router: Router,
    pages: RequestPool,
    uploads: RequestPool,
    streams: RequestPool,
}

impl Console {
    /// With all permits free.
    pub fn new(mount: ConsoleMount) -> Self {
        Self {
            paths: ConsolePaths { base_path: mount.base_path },
            router: mount.pages,
            pages: RequestPool::new(CONSOLE_PAGES_MAX),
            uploads: RequestPool::new(CONSOLE_UPLOADS_MAX),
            streams: RequestPool::new(CONSOLE_STREAMS_MAX),
        }
    }

    /// Answers a request for one of its pages.
    pub async fn answer(&self, state: &HttpState, mut parts: Parts, body: Body, request_id: &str) -> Response<Body> {
        let client = client(state, &parts, request_id);
        let address = client.address;
        let upload = parts.method == Method::POST && is_multipart(&parts);
        let pool = if upload { &self.uploads } else { &self.pages };
        let Some(permit) = pool.try_acquire_owned(address) else { return busy(request_id) };
        let host = parts.uri.authority().and_then(|host| HeaderValue::from_str(host.as_str()).ok());
        let rest = self.paths.below(parts.uri.path()).unwrap_or_default();
        parts.uri = match below_uri(rest, parts.uri.query()) {
            Some(uri) => uri,
            None => return reply::json_error(StatusCode::BAD_REQUEST, "BadRequest", "The path is none.", request_id),
        };
        parts.extensions.insert(client);
        // HTTP/2 names the host in the request line, which ends here.
        if let (Some(host), false) = (host, parts.headers.contains_key(HOST)) {
            parts.headers.insert(HOST, host);
        }
        let body = Body::new(Impatient::new(body));
        let answer = self.router.clone().oneshot(Request::from_parts(parts, body));
        let answered = async { answer.await.unwrap_or_else(|never| match never {}) };
        let mut response = if upload {
            answered.await
        } else {
            match tokio::time::timeout(REQUEST_TIME_MAX, answered).await {
                Ok(response) => response,
                Err(_) => return late(request_id),
            }
        };
        drop(permit);
        let content_type = response.headers().get(CONTENT_TYPE).map(HeaderValue::as_bytes).unwrap_or_default();
        if content_type.starts_with(b"text/event-stream") {
            let Some(permit) = self.streams.try_acquire_owned(address) else { return busy(request_id) };
            return response.map(|body| Body::new(Counted { body, _permit: permit }));
        }
        if content_type.starts_with(b"text/html") {
            response.extensions_mut().insert(Compressible);
        }
        response
    }
}

fn client(state: &HttpState, parts: &Parts, request_id: &str) -> ConsoleClient {
    let peer = parts.extensions.get::<Peer>().map(|peer| peer.0);
    ConsoleClient {
        peer,
        address: state.client(parts),
        by_trusted_proxy: state.recommendations.access.trusts(peer),
        over_tls: parts.extensions.get::<OverTls>().is_some(),
        request_id: request_id.to_owned(),
    }
}

/// The address of a page as the console's router knows it.
fn below_uri(rest: &str, query: Option<&str>) -> Option<Uri> {
    let path = if rest.is_empty() { "/" } else { rest };
    let text = match query {
        Some(query) => format!("{path}?{query}"),
        None => path.to_owned(),
    };
    Some(Uri::from(text.parse::<PathAndQuery>().ok()?))
}

fn busy(request_id: &str) -> Response<Body> {
    let message = "Too many pages, uploads or live pages of the console are open; try again shortly.";
    let mut response =
        reply::json_error(StatusCode::SERVICE_UNAVAILABLE, "ServiceUnavailableException", message, request_id);
    response.headers_mut().insert(RETRY_AFTER, HeaderValue::from_static("2"));
    response
}

fn late(request_id: &str) -> Response<Body> {
    let message = format!("The page took longer than {} seconds.", REQUEST_TIME_MAX.as_secs());
    reply::json_error(StatusCode::SERVICE_UNAVAILABLE, "ServiceUnavailableException", &message, request_id)
}

/// A request body that fails when nothing of it arrives for [`CONSOLE_BODY_SILENCE_MAX`].
struct Impatient {
    body: Body,
    silence: Pin<Box<Sleep>>,
}

impl Impatient {
    fn new(body: Body) -> Self {
        Self { body, silence: Box::pin(tokio::time::sleep(CONSOLE_BODY_SILENCE_MAX)) }
    }
}

impl HttpBody for Impatient {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Self::Data>, Self::Error>>> {
        if let Poll::Ready(frame) = Pin::new(&mut self.body).poll_frame(context) {
            self.silence.as_mut().reset(Instant::now() + CONSOLE_BODY_SILENCE_MAX);
            return Poll::Ready(frame);
        }
        std::task::ready!(self.silence.as_mut().poll(context));
        let message = format!("nothing of the body arrived for {} seconds", CONSOLE_BODY_SILENCE_MAX.as_secs());
        Poll::Ready(Some(Err(axum::Error::new(std::io::Error::new(std::io::ErrorKind::TimedOut, message)))))
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> http_body::SizeHint {
        self.body.size_hint()
    }
}

/// The body of a live page, which counts until it ends.
struct Counted {
    body: Body,
    _permit: OwnedPermit,
}

impl HttpBody for Counted {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Self::Data>, Self::Error>>> {
        Pin::new(&mut self.body).poll_frame(context)
    }
}
