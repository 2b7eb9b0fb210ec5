//! The frame around every request: id, limits, panics, measurement.

use crate::classify::{Destination, classify};
use crate::errors::{Failure, INTERNAL_MESSAGE};
use crate::limits::{
    EVENTS_IN_FLIGHT_MAX, METRICS_UPKEEP_REQUESTS, REQUEST_TIME_MAX, REQUESTS_IN_FLIGHT_MAX, TRANSFERS_IN_FLIGHT_MAX,
};
use crate::recommendations::{Endpoint, Family, Refusal, events};
use crate::reply::{self, Compressible, REQUEST_ID_HEADER};
use crate::state::HttpState;
use crate::{aws, inbound, observability, openapi, query_protocol, recommendations, s3_refusals};
use axum::Router;
use axum::body::{Body, HttpBody};
use axum::extract::State;
use futures::FutureExt;
use http::header::{CONNECTION, EXPECT};
use http::request::Parts;
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, Response, StatusCode, Version};
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;
use tastemaker_wire::{ErrorShape, Service};
use tokio::sync::{Semaphore, TryAcquireError};
use tower_http::compression::CompressionLayer;

struct Edge {
    state: Arc<HttpState>,
    family: Family,
    requests: Semaphore,
    events: Semaphore,
    transfers: Semaphore,
    served: AtomicU64,
}

/// Answers every request. Further routes may be added to it: a route wins over the edge's own judgement.
pub fn router(state: HttpState) -> Router {
    let state = Arc::new(state);
    let edge = Edge {
        family: Family::new(&state.recommendations),
        state,
        requests: Semaphore::new(REQUESTS_IN_FLIGHT_MAX),
        events: Semaphore::new(EVENTS_IN_FLIGHT_MAX),
        transfers: Semaphore::new(TRANSFERS_IN_FLIGHT_MAX),
        served: AtomicU64::new(0),
    };
    let compressible = |_: StatusCode, _: Version, _: &HeaderMap, extensions: &http::Extensions| {
        extensions.get::<Compressible>().is_some()
    };
    Router::new()
        .fallback(handle)
        .with_state(Arc::new(edge))
        .layer(CompressionLayer::new().gzip(true).compress_when(compressible))
}

async fn handle(State(edge): State<Arc<Edge>>, request: Request<Body>) -> Response<Body> {
    let started = Instant::now();
    let request_id = uuid::Uuid::new_v4().to_string();
    let (parts, body) = request.into_parts();
    let destination = classify(&parts);
    let awaits = parts.version <= Version::HTTP_11 && parts.headers.contains_key(EXPECT);
    let bodyless = body.is_end_stream();
    let guarded = AssertUnwindSafe(limited(&edge, destination, parts, body, &request_id)).catch_unwind();
    let mut response = match guarded.await {
        Ok(response) => response,
        Err(_) => {
            tracing::error!(request_id, operation = destination.label(), "a request handler panicked");
            refuse(destination, &Failure::new(ErrorShape::InternalServerError, INTERNAL_MESSAGE), &request_id)
        }
    };
    if let Ok(id) = HeaderValue::from_str(&request_id) {
        if destination == Destination::S3 {
            let header = HeaderName::from_static("x-amz-request-id");
            response.headers_mut().entry(header).or_insert_with(|| id.clone());
        }
        response.headers_mut().insert(REQUEST_ID_HEADER, id);
    }
    // A final answer instead of `100 Continue` leaves botocore's connection unable to read the next one.
    if awaits && (bodyless || !response.status().is_success()) {
        response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
    }
    observability::served(destination, response.status(), started.elapsed(), &request_id);
    if edge.served.fetch_add(1, Ordering::Relaxed) % METRICS_UPKEEP_REQUESTS == METRICS_UPKEEP_REQUESTS - 1 {
        edge.state.metrics.run_upkeep();
    }
    response
}

async fn limited(edge: &Edge, destination: Destination, parts: Parts, body: Body, request_id: &str) -> Response<Body> {
    let state = &edge.state;
    let pool = match destination {
        // They have a time budget of their own, and answer within it whatever else is under way.
        Destination::Recommendations(endpoint) => return list(edge, endpoint, &parts, body, request_id).await,
        Destination::Health => return text(StatusCode::OK, "OK"),
        Destination::Ready if state.readiness.is_ready() => return text(StatusCode::OK, "READY"),
        Destination::Ready => return text(StatusCode::SERVICE_UNAVAILABLE, "NOT READY"),
        Destination::Metrics => {
            observability::collect(&state.serving, &state.admission);
            return reply::with_body(StatusCode::OK, "text/plain; version=0.0.4", state.metrics.render());
        }
        Destination::OpenApi => return openapi::answer(),
        Destination::Nothing => {
            let message = format!("Nothing answers {} {}.", parts.method, parts.uri.path());
            return reply::json_error(StatusCode::NOT_FOUND, "UnknownOperationException", &message, request_id);
        }
        Destination::S3 => &edge.transfers,
        Destination::Personalize(operation) if operation.service() == Service::Events => &edge.events,
        Destination::Events | Destination::Braze(_) => &edge.events,
        _ => &edge.requests,
    };
    let permit = pool.try_acquire();
    if let Err(TryAcquireError::NoPermits | TryAcquireError::Closed) = permit {
        let failure =
            Failure::new(ErrorShape::ThrottlingException, "Too many requests are under way; try again shortly.");
        return refuse(destination, &failure, request_id);
    }
    if destination == Destination::S3 {
        return s3(state, parts, body, request_id).await;
    }
    let answer = answer(state, destination, &parts, body, request_id);
    tokio::time::timeout(REQUEST_TIME_MAX, answer).await.unwrap_or_else(|_| {
        let message = format!("The request took longer than {} seconds.", REQUEST_TIME_MAX.as_secs());
        refuse(destination, &Failure::new(ErrorShape::ServiceUnavailableException, message), request_id)
    })
}

async fn answer(
    state: &Arc<HttpState>,
    destination: Destination,
    parts: &Parts,
    body: Body,
    request_id: &str,
) -> Response<Body> {
    match destination {
        Destination::Personalize(operation) => aws::operation(state.clone(), operation, parts, body).await,
        Destination::UnknownOperation(service) => aws::unknown(state.clone(), service, parts, body).await,
        Destination::Sts => query_protocol::sts(state.clone(), parts, body, request_id).await,
        Destination::Iam => query_protocol::iam(state.clone(), parts, body, request_id).await,
        Destination::Events => events::answer(state, parts, body, request_id).await,
        Destination::Braze(sender) => inbound::answer(state, sender, parts, body, request_id).await,
        other => {
            let message = format!("{} has no handler", other.label());
            refuse(other, &Failure::internal(&message), request_id)
        }
    }
}

async fn list(edge: &Edge, endpoint: Endpoint, parts: &Parts, body: Body, request_id: &str) -> Response<Body> {
    let held = match parts.method {
        Method::POST => match tokio::time::timeout(REQUEST_TIME_MAX, edge.state.admission.bodies.read(body)).await {
            Ok(Ok(held)) => Some(held),
            Ok(Err(failure)) => {
                return recommendations::finish(Refusal::from(failure).response(request_id), request_id);
            }
            Err(_) => return recommendations::finish(Refusal::late().response(request_id), request_id),
        },
        _ => None,
    };
    let body = held.as_ref().map(|held| &*held.bytes);
    recommendations::answer(&edge.family, &edge.state, endpoint, parts, body, request_id).await
}

async fn s3(state: &HttpState, parts: Parts, body: Body, request_id: &str) -> Response<Body> {
    let mut service = state.s3.clone();
    let answer = tower::Service::call(&mut service, Request::from_parts(parts, body)).await;
    match answer {
        Ok(response) => s3_refusals::explained(response.map(Body::new)).await,
        Err(error) => {
            tracing::error!(?error, request_id, "the S3 endpoint failed");
            query_protocol::s3_error(StatusCode::INTERNAL_SERVER_ERROR, "InternalError", INTERNAL_MESSAGE, request_id)
        }
    }
}

/// A refusal in the form that the destination's clients read.
fn refuse(destination: Destination, failure: &Failure, request_id: &str) -> Response<Body> {
    let status = reply::status(failure.shape.http_status(Service::Personalize));
    match destination {
        Destination::Personalize(operation) => reply::aws(operation.service(), Err(failure.clone())),
        Destination::UnknownOperation(service) => reply::aws(service, Err(failure.clone())),
        Destination::S3 if failure.shape == ErrorShape::ThrottlingException => {
            query_protocol::s3_error(StatusCode::SERVICE_UNAVAILABLE, "SlowDown", &failure.message, request_id)
        }
        Destination::S3 => query_protocol::s3_error(status, "InternalError", &failure.message, request_id),
        Destination::Sts | Destination::Iam => query_protocol::refused(failure, request_id),
        // Braze sends again what a server could not take, and gives up on other refusals.
        Destination::Braze(_) => {
            let status = StatusCode::SERVICE_UNAVAILABLE;
            reply::json_error(status, ErrorShape::ServiceUnavailableException.name(), &failure.message, request_id)
        }
        Destination::Events => {
            let status = reply::status(failure.shape.http_status(Service::Events));
            reply::json_error(status, failure.shape.name(), &failure.message, request_id)
        }
        _ => reply::json_error(status, failure.shape.name(), &failure.message, request_id),
    }
}

fn text(status: StatusCode, word: &'static str) -> Response<Body> {
    reply::with_body(status, "text/plain; charset=utf-8", word)
}
