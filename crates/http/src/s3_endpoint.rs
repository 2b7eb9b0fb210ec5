//! The embedded S3 endpoint as the dispatcher holds it.

use axum::body::{Body, HttpBody};
use bytes::Bytes;
use http::{Request, Response};
use std::convert::Infallible;
use tower::util::BoxCloneSyncService;
use tower::{Service, ServiceExt};

/// A service that answers S3's requests. It authenticates them by itself, bounds how many it serves at once, and times their
/// bodies.
#[derive(Clone)]
pub struct S3Endpoint(BoxCloneSyncService<Request<Body>, Response<Body>, Infallible>);

impl S3Endpoint {
    /// Takes a service whatever its body is.
    pub fn new<S, B>(service: S) -> Self
    where
        S: Service<Request<Body>, Response = Response<B>, Error = Infallible> + Clone + Send + Sync + 'static,
        S::Future: Send,
        B: HttpBody<Data = Bytes> + Send + 'static,
        B::Error: Into<axum::BoxError>,
    {
        Self(BoxCloneSyncService::new(service.map_response(|response: Response<B>| response.map(Body::new))))
    }

    pub(crate) async fn call(&self, request: Request<Body>) -> Response<Body> {
        match self.0.clone().call(request).await {
            Ok(response) => response,
            Err(never) => match never {},
        }
    }
}
