//! A router that can be exchanged while requests are answered.

use axum::Router;
use axum::body::Body;
use http::{Request, Response};
use parking_lot::RwLock;
use std::convert::Infallible;
use std::sync::Arc;
use std::task::{Context, Poll};
use tower::Service;

/// The router of a listener. Each request is answered to its end by the router that was there when it came.
#[derive(Clone, Debug)]
pub struct LiveRouter(Arc<RwLock<Router>>);

impl LiveRouter {
    /// Takes `router` for the requests that come from now on.
    pub fn replace(&self, router: Router) {
        *self.0.write() = router;
    }

    /// The router of the next request.
    pub(crate) fn current(&self) -> Router {
        self.0.read().clone()
    }
}

impl From<Router> for LiveRouter {
    fn from(router: Router) -> Self {
        Self(Arc::new(RwLock::new(router)))
    }
}

impl Service<Request<Body>> for LiveRouter {
    type Response = Response<Body>;
    type Error = Infallible;
    type Future = <Router as Service<Request<Body>>>::Future;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        self.current().call(request)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::routing::get;
    use http::StatusCode;
    use tower::ServiceExt;

    #[tokio::test]
    async fn the_next_request_goes_to_the_new_router() {
        let live = LiveRouter::from(Router::new().route("/old", get(|| async {})));
        let status = async |path: &str| {
            let request = Request::get(path).body(Body::empty()).expect("a request");
            live.clone().oneshot(request).await.unwrap_or_else(|never| match never {}).status()
        };
        assert_eq!((status("/old").await, status("/new").await), (StatusCode::OK, StatusCode::NOT_FOUND));
        live.replace(Router::new().route("/new", get(|| async {})));
        assert_eq!((status("/old").await, status("/new").await), (StatusCode::NOT_FOUND, StatusCode::OK));
    }
}
