//! Dispatch of every request to what answers it, with its id, the limits, the handling of panics and the measurement.

use crate::authorize::s3_authorizer;
use crate::body::drain;
use crate::browsers::BrowserPolicy;
use crate::campaign_metrics::CampaignMetrics;
use crate::console::{Console, ConsoleMount};
use crate::console_paths::to_console;
use crate::errors::{Failure, INTERNAL_MESSAGE};
use crate::limits::{
    BODY_PROGRESS_TIME_MAX, EVENTS_IN_FLIGHT_MAX, METRICS_UPKEEP_REQUESTS, REQUEST_TIME_MAX, REQUESTS_IN_FLIGHT_MAX,
};
use crate::recommendations::{RecommendationsApi, Refusal, events};
use crate::refuse::refuse;
use crate::reply::{self, Compressible, ERROR_TYPE_HEADER, REQUEST_ID_HEADER};
use crate::request_facts::{self, RequestFacts};
use crate::request_log::FinishedRequest;
use crate::request_pool::RequestPool;
use crate::routing::{Endpoint, Route, route};
use crate::state::HttpState;
use crate::{
    aws, braze_webhooks, head, inspect, metrics_page, observability, openapi, query_protocol, recommendations, roles,
    s3_refusals, ssm,
};
use axum::Router;
use axum::body::{Body, HttpBody};
use axum::extract::State;
use futures::FutureExt;
use http::header::{CONNECTION, CONTENT_LENGTH, EXPECT};
use http::request::Parts;
use http::{HeaderMap, HeaderName, HeaderValue, Request, Response, StatusCode, Version};
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;
use tastemaker_domain::role::Roles;
use tastemaker_wire::sigv4::credential_scope;
use tastemaker_wire::{ErrorShape, Service};
use tower_http::compression::CompressionLayer;

/// State that all requests share: everything they can reach, and the number of each kind that is served at once.
struct Dispatcher {
    state: Arc<HttpState>,
    recommendations: RecommendationsApi,
    console: Option<Console>,
    requests: RequestPool,
    events: RequestPool,
    campaigns: CampaignMetrics,
    served: AtomicU64,
}

/// Answers every request. Further routes may be added to it: a route wins over the dispatcher's own judgement.
pub fn router(state: impl Into<Arc<HttpState>>) -> Router {
    routed(state.into(), None)
}

/// The same with a web console.
pub fn router_with_console(state: impl Into<Arc<HttpState>>, console: ConsoleMount) -> Router {
    routed(state.into(), Some(Console::new(console)))
}

fn routed(state: Arc<HttpState>, console: Option<Console>) -> Router {
    let dispatcher = Dispatcher {
        recommendations: RecommendationsApi::new(&state.recommendations),
        state,
        console,
        requests: RequestPool::new(REQUESTS_IN_FLIGHT_MAX),
        events: RequestPool::new(EVENTS_IN_FLIGHT_MAX),
        campaigns: CampaignMetrics::default(),
        served: AtomicU64::new(0),
    };
    let compressible = |_: StatusCode, _: Version, _: &HeaderMap, extensions: &http::Extensions| {
        extensions.get::<Compressible>().is_some()
    };
    Router::new()
        .fallback(handle)
        .with_state(Arc::new(dispatcher))
        .layer(CompressionLayer::new().gzip(true).compress_when(compressible))
}

async fn handle(State(dispatcher): State<Arc<Dispatcher>>, request: Request<Body>) -> Response<Body> {
    let started = Instant::now();
    let id = uuid::Uuid::new_v4();
    let request_id = id.to_string();
    let (parts, body) = request.into_parts();
    let route = route(&parts, dispatcher.console.as_ref().map(|console| &console.paths));
    let listener = &dispatcher.state.listener;
    let span = listener.tracer.as_ref().map(|tracer| tracer.begin(route.label(), &parts.headers));
    let (method, request_bytes) = (parts.method.clone(), body.size_hint().exact());
    // The endpoint of S3 verifies signatures itself, so that only an answer tells whether this one holds.
    let claimed = if route == Route::S3 { credential_scope(&parts.headers, parts.uri.query()) } else { None };
    // No page of another origin reads the console's.
    let page = if route == Route::Console { None } else { dispatcher.state.listener.browsers.allowed(&parts) };
    let awaits = parts.version <= Version::HTTP_11 && parts.headers.contains_key(EXPECT);
    let bodyless = body.is_end_stream();
    let bytes_in = declared_bytes(&parts.headers).unwrap_or_default();
    let guarded = AssertUnwindSafe(limited(&dispatcher, route, parts, body, &request_id)).catch_unwind();
    let (guarded, mut facts) =
        request_facts::noted(RequestFacts::new(id, started, listener.log.user_ids), guarded).await;
    let mut response = match guarded {
        Ok(response) => response,
        Err(_) => {
            tracing::error!(request_id, operation = route.label(), "a request handler panicked");
            refuse(route, &Failure::new(ErrorShape::InternalServerError, INTERNAL_MESSAGE), &request_id)
        }
    };
    BrowserPolicy::share(page, response.headers_mut());
    if let Ok(id) = HeaderValue::from_str(&request_id) {
        if route == Route::S3 {
            let header = HeaderName::from_static("x-amz-request-id");
            response.headers_mut().entry(header).or_insert_with(|| id.clone());
        }
        response.headers_mut().insert(REQUEST_ID_HEADER, id);
    }
    // A final answer instead of `100 Continue` leaves botocore's connection unable to read the next one.
    if awaits && (bodyless || !response.status().is_success()) {
        response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
    }
    if let Some(key) = &facts.key {
        let known = response.body().size_hint().exact().or_else(|| declared_bytes(response.headers()));
        key.transferred(bytes_in, known.unwrap_or_default());
    }
    let (took, status) = (started.elapsed(), response.status());
    if lists(route) {
        dispatcher.state.traffic.answered(status, took, &facts, dispatcher.state.now_ms());
    }
    if let (Some(scope), true) = (claimed, status.as_u16() < 400) {
        facts.access_key_id = Some(scope.access_key);
    }
    dispatcher.state.traffic.served(route.label(), status, took);
    observability::served(route, &method, status, took);
    if let (Some(campaign_arn), true) = (&facts.campaign_arn, lists(route)) {
        dispatcher.campaigns.served(campaign_arn, status, took);
    }
    let trace_id = span.as_ref().map(|span| span.trace_id());
    let finished = FinishedRequest {
        facts: &facts,
        request_id: &request_id,
        operation: route.label(),
        method: &method,
        status,
        error: response.headers().get(ERROR_TYPE_HEADER).and_then(|name| name.to_str().ok()),
        took,
        request_bytes,
        response_bytes: response.body().size_hint().exact(),
        trace_id: trace_id.as_deref(),
    };
    listener.log.write(&finished);
    if let Some(span) = span {
        span.end(&finished);
    }
    if dispatcher.served.fetch_add(1, Ordering::Relaxed) % METRICS_UPKEEP_REQUESTS == METRICS_UPKEEP_REQUESTS - 1 {
        dispatcher.state.metrics.run_upkeep();
    }
    response
}

/// The length of a body by its headers.
fn declared_bytes(headers: &HeaderMap) -> Option<u64> {
    headers.get(CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}

/// Whether a route answers with a list of items or actions.
fn lists(route: Route) -> bool {
    match route {
        Route::Personalize(operation) => operation.service() == Service::Runtime,
        Route::Recommendations(_) => true,
        _ => false,
    }
}

async fn limited(dispatcher: &Dispatcher, route: Route, parts: Parts, body: Body, request_id: &str) -> Response<Body> {
    let state = &dispatcher.state;
    let of_another_role = roles::refusal(state.listener.roles, route, request_id);
    match (route, &dispatcher.console) {
        (Route::Console | Route::Front, _) if of_another_role.is_some() => {}
        (Route::Console, Some(console)) => return console.answer(state, parts, body, request_id).await,
        (Route::Front, _) => return to_console(parts.uri.path()),
        _ => {}
    }
    if let Some(preflight) = state.listener.browsers.preflight(&parts) {
        return preflight;
    }
    if let Some(refused) = of_another_role.or_else(|| head::refusal(state, route, &parts, request_id)) {
        // A client that waits for `100 Continue` sends no body to a refusal.
        if !parts.headers.contains_key(EXPECT) {
            let drained = drain(body, BODY_PROGRESS_TIME_MAX);
            tokio::time::timeout(REQUEST_TIME_MAX, drained).await.ok();
        }
        return refused;
    }
    let pool = match route {
        // They have a time budget of their own, and answer within it whatever else is under way.
        Route::Recommendations(endpoint) => return list(dispatcher, endpoint, &parts, body, request_id).await,
        Route::Health => return text(StatusCode::OK, "OK"),
        Route::Ready if state.readiness.is_ready() => return ready(state, &parts),
        Route::Ready => return text(StatusCode::SERVICE_UNAVAILABLE, "NOT READY"),
        Route::Metrics => {
            state.keys.publish();
            return reply::with_body(StatusCode::OK, "text/plain; version=0.0.4", metrics_page::render(state).await);
        }
        Route::OpenApi => return openapi::answer(),
        Route::Nothing => {
            let message = format!("Nothing answers {} {}.", parts.method, parts.uri.path());
            return reply::json_error(StatusCode::NOT_FOUND, "UnknownOperationException", &message, request_id);
        }
        // It takes its permits itself, once it knows who asks.
        Route::S3 => return s3(state, parts, body).await,
        Route::Personalize(operation) if operation.service() == Service::Events => &dispatcher.events,
        Route::Events | Route::Braze(_) => &dispatcher.events,
        _ => &dispatcher.requests,
    };
    let Some(_permit) = pool.try_acquire(state.client(&parts)) else {
        let message = "Too many requests are under way; try again shortly.";
        return refuse(route, &Failure::new(ErrorShape::ThrottlingException, message), request_id);
    };
    let answer = answer(state, route, &parts, body, request_id);
    tokio::time::timeout(REQUEST_TIME_MAX, answer).await.unwrap_or_else(|_| {
        let message = format!("The request took longer than {} seconds.", REQUEST_TIME_MAX.as_secs());
        refuse(route, &Failure::new(ErrorShape::ServiceUnavailableException, message), request_id)
    })
}

/// Ready, and the campaigns that do not answer all the same: the others do. Which and why is for those who may read
/// `/metrics`.
fn ready(state: &HttpState, parts: &Parts) -> Response<Body> {
    let failures = state.serving.campaigns.failures();
    let known = state.listener.metrics.admits(None, &parts.headers, "metrics").is_ok();
    let lines: String = match failures.len() {
        0 => String::new(),
        _ if known => failures.iter().map(|(arn, reason)| format!("\n{arn} cannot be loaded: {reason}")).collect(),
        n => format!("\n{n} of the campaigns cannot be loaded; send the token of /metrics to see which and why"),
    };
    let roles = state.listener.roles;
    let roles = if roles == Roles::all() { String::new() } else { format!("\nroles: {roles}") };
    text(StatusCode::OK, format!("READY{roles}{lines}"))
}

async fn answer(state: &Arc<HttpState>, route: Route, parts: &Parts, body: Body, request_id: &str) -> Response<Body> {
    match route {
        Route::Personalize(operation) => aws::operation(state.clone(), operation, parts, body).await,
        Route::UnknownOperation(service) => aws::unknown(state.clone(), service, parts, body).await,
        Route::Sts => query_protocol::sts(state.clone(), parts, body, request_id).await,
        Route::WebIdentity => query_protocol::web_identity(state.clone(), parts, body, request_id).await,
        Route::Ssm => ssm::answer(state.clone(), parts, body).await,
        Route::Inspect => inspect::answer(state.clone(), parts, body).await,
        Route::Iam => query_protocol::iam(state.clone(), parts, body, request_id).await,
        Route::Events => events::answer(state, parts, body, request_id).await,
        Route::Braze(sender) => braze_webhooks::answer(state, sender, parts, body, request_id).await,
        other => {
            let message = format!("{} has no handler", other.label());
            refuse(other, &Failure::internal(&message), request_id)
        }
    }
}

async fn list(
    dispatcher: &Dispatcher,
    endpoint: Endpoint,
    parts: &Parts,
    body: Body,
    request_id: &str,
) -> Response<Body> {
    let mut held = None;
    if recommendations::reads_body(endpoint, parts) {
        let read = tokio::time::timeout(REQUEST_TIME_MAX, dispatcher.state.read_body(parts, body)).await;
        match read.map_or_else(|_| Err(Refusal::late()), |read| read.map_err(Refusal::from)) {
            Ok(body) => held = Some(body),
            Err(refusal) => return recommendations::finish(refusal.response(request_id), request_id),
        }
    }
    let body = held.as_ref().map(|held| &*held.bytes);
    recommendations::answer(&dispatcher.recommendations, &dispatcher.state, endpoint, parts, body, request_id).await
}

async fn s3(state: &Arc<HttpState>, mut parts: Parts, body: Body) -> Response<Body> {
    let authorizer = s3_authorizer(state, &parts);
    parts.extensions.insert(authorizer);
    s3_refusals::explained(state.s3.call(Request::from_parts(parts, body)).await).await
}

fn text(status: StatusCode, word: impl Into<Body>) -> Response<Body> {
    reply::with_body(status, "text/plain; charset=utf-8", word)
}
