//! Judgement of a request by its head alone, before a permit is taken and before its body is read.

use crate::authenticate::precheck;
use crate::errors::Failure;
use crate::limits::STRANGERS_FORM_BYTES_MAX;
use crate::other_services;
use crate::recommendations::{self, admit, finish};
use crate::refuse::refuse;
use crate::reply;
use crate::routing::{Route, Sender};
use crate::state::HttpState;
use axum::body::Body;
use http::header::{CONTENT_LENGTH, WWW_AUTHENTICATE};
use http::request::Parts;
use http::{HeaderValue, Method, Response, StatusCode};
use tastemaker_wire::ErrorShape;

/// The answer to a request that its head shows to be refused: the wrong name or page, no token that opens the route, no
/// signature of a known key. `None` for all others.
pub fn refusal(state: &HttpState, route: Route, parts: &Parts, request_id: &str) -> Option<Response<Body>> {
    let access = &state.recommendations.access;
    // A signature proves its sender, and so does a token where one is wanted.
    let open = match route {
        Route::Recommendations(_) | Route::Events | Route::Braze(_) => access.is_open(),
        Route::Metrics => state.listener.metrics.is_open(),
        Route::OpenApi | Route::Ready => true,
        Route::OtherService => return Some(other_services::answer(parts, request_id)),
        Route::WebIdentity => return form_of_stranger(route, parts, request_id),
        _ => return signature(state, route, parts, request_id),
    };
    if let Err(unwelcome) = state.listener.browsers.check(parts, open) {
        let (status, code) = unwelcome.status();
        return Some(reply::json_error(status, code, &unwelcome.to_string(), request_id));
    }
    if route == Route::Metrics {
        return metrics(state, parts, request_id);
    }
    let scope = match route {
        Route::Events => "events",
        Route::Braze(Sender::Currents) => "currents",
        Route::Braze(Sender::Webhook) => "webhook",
        Route::Recommendations(endpoint) if recommendations::reads_body(endpoint, parts) => "rerank",
        _ => return None,
    };
    if parts.method != Method::POST {
        return None;
    }
    let refused = admit(access, parts, scope).err()?;
    Some(finish(refused.response(request_id), request_id))
}

fn signature(state: &HttpState, route: Route, parts: &Parts, request_id: &str) -> Option<Response<Body>> {
    let service = match route {
        Route::Personalize(_) | Route::UnknownOperation(_) | Route::Inspect => "personalize",
        Route::Sts => "sts",
        Route::Iam => "iam",
        Route::Ssm => "ssm",
        _ => return None,
    };
    precheck(state, parts, service).err().map(|failure| refuse(route, &failure, request_id))
}

/// Refuses a form that is too large to be read from somebody who is not known yet.
fn form_of_stranger(route: Route, parts: &Parts, request_id: &str) -> Option<Response<Body>> {
    let length = parts.headers.get(CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse::<usize>().ok());
    if length.is_some_and(|bytes| bytes <= STRANGERS_FORM_BYTES_MAX) {
        return None;
    }
    let message =
        format!("A form without a signature declares its length, of at most {STRANGERS_FORM_BYTES_MAX} bytes.");
    let failure = Failure::new(ErrorShape::RequestEntityTooLargeException, message);
    Some(refuse(route, &failure, request_id))
}

fn metrics(state: &HttpState, parts: &Parts, request_id: &str) -> Option<Response<Body>> {
    state.listener.metrics.admits(None, &parts.headers, "metrics").err()?;
    let message = "/metrics wants a token on this listener: send the recommendations_token of credentials.json, or the token \
                   of http.metrics_token_file, as Authorization: Bearer.";
    let mut response = reply::json_error(StatusCode::UNAUTHORIZED, "UnauthorizedException", message, request_id);
    response.headers_mut().insert(WWW_AUTHENTICATE, HeaderValue::from_static("Basic realm=\"tastemaker\""));
    Some(response)
}
