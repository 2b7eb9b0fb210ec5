//! `GET /recommendations?user_id=`: what Braze's Connected Content and every plain HTTP client asks.
//!
//! Nothing here waits: the answer comes from the campaign's snapshot. It never redirects, ignores the content type, and
//! the body depends on nothing random, so equal requests get equal bytes.

use crate::limits::CAMPAIGNS_NAMED_MAX;
use crate::recommend::recommend;
use crate::reply::{self, Compressible, JSON};
use crate::state::HttpState;
use crate::token;
use axum::body::Body;
use http::header::{
    ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN,
    ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_MAX_AGE, ALLOW, CACHE_CONTROL, WWW_AUTHENTICATE,
};
use http::request::Parts;
use http::{HeaderName, HeaderValue, Method, Response, StatusCode};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use tastemaker_braze::flat;
use tastemaker_braze::query::{RecommendationsQuery, credential_in};
use tastemaker_domain::recommendation::{RecommendationQuery, Source};
use tastemaker_domain::{Error, arn};
use tastemaker_serving::Snapshot;

const METHODS: HeaderValue = HeaderValue::from_static("GET, HEAD, OPTIONS");
const SOURCE_HEADER: HeaderName = HeaderName::from_static("x-recommendation-source");
const ID_HEADER: HeaderName = HeaderName::from_static("x-recommendation-id");
const RECIPE_HEADER: HeaderName = HeaderName::from_static("x-personalize-recipe");
const EXPOSED: HeaderValue = HeaderValue::from_static(
    "X-Recommendation-Id, X-Recommendation-Source, X-Personalize-Recipe, X-Request-Id, x-amzn-RequestId",
);

/// Why a request gets no list.
struct Refusal {
    status: StatusCode,
    code: &'static str,
    message: String,
}

impl Refusal {
    fn new(status: StatusCode, code: &'static str, message: impl Into<String>) -> Self {
        Self { status, code, message: message.into() }
    }
}

/// Answers GET, HEAD and OPTIONS.
pub fn answer(state: &HttpState, parts: &Parts, request_id: &str) -> Response<Body> {
    let mut response = match parts.method {
        Method::GET | Method::HEAD => {
            list(state, parts).unwrap_or_else(|r| reply::json_error(r.status, r.code, &r.message, request_id))
        }
        Method::OPTIONS => preflight(),
        _ => {
            let message = format!("{} is not allowed here; use GET.", parts.method);
            reply::json_error(StatusCode::METHOD_NOT_ALLOWED, "MethodNotAllowed", &message, request_id)
        }
    };
    let status = response.status();
    let headers = response.headers_mut();
    match status {
        StatusCode::METHOD_NOT_ALLOWED => drop(headers.insert(ALLOW, METHODS)),
        StatusCode::UNAUTHORIZED => {
            drop(headers.insert(WWW_AUTHENTICATE, HeaderValue::from_static("Basic realm=\"tastemaker\"")));
        }
        _ => {}
    }
    headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    headers.insert(ACCESS_CONTROL_EXPOSE_HEADERS, EXPOSED);
    if let Ok(id) = HeaderValue::from_str(request_id) {
        headers.insert(HeaderName::from_static("x-request-id"), id);
    }
    response.extensions_mut().insert(Compressible);
    response
}

fn preflight() -> Response<Body> {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::NO_CONTENT;
    let headers = response.headers_mut();
    headers.insert(ALLOW, METHODS);
    headers.insert(ACCESS_CONTROL_ALLOW_METHODS, METHODS);
    headers.insert(
        ACCESS_CONTROL_ALLOW_HEADERS,
        HeaderValue::from_static("Authorization, X-Api-Key, Content-Type, Accept"),
    );
    headers.insert(ACCESS_CONTROL_MAX_AGE, HeaderValue::from_static("86400"));
    response
}

fn list(state: &HttpState, parts: &Parts) -> Result<Response<Body>, Refusal> {
    let query = parts.uri.query().unwrap_or_default();
    if !token::admits(&state.recommendations.access, &parts.headers) {
        if let Some(name) = credential_in(query) {
            let message =
                format!("The parameter '{name}' is not accepted: URLs are logged. Send credentials in headers.");
            return Err(Refusal::new(StatusCode::BAD_REQUEST, "ValidationException", message));
        }
        return Err(Refusal::new(StatusCode::UNAUTHORIZED, "UnauthorizedException", "Unauthorized."));
    }
    let query = RecommendationsQuery::parse(query)
        .map_err(|bad| Refusal::new(StatusCode::BAD_REQUEST, "ValidationException", bad.0))?;
    let (campaign_arn, snapshot) = campaign(state)?;
    let fields = &state.recommendations.fields;
    let existing = state.serving.item_columns(&snapshot);
    let existing: Vec<&str> = existing.iter().map(String::as_str).collect();
    let (columns, missing) = fields.resolve(&existing);
    warn_once_of(&missing);
    let query = RecommendationQuery {
        campaign_arn,
        user_id: (!query.user_id.is_empty()).then_some(query.user_id),
        num_results: query.num_results,
        metadata_columns: columns.to_request(),
        ..RecommendationQuery::default()
    };
    let list = recommend(state, &query).map_err(unanswerable)?;
    let body = flat::render(&list.items, &columns, fields).map_err(|e| unanswerable(Error::Internal(e.to_string())))?;
    let mut response = reply::with_body(StatusCode::OK, JSON, body);
    let headers = response.headers_mut();
    let source = match list.source {
        Source::Model => "model",
        Source::ColdStart => "cold-start",
        Source::Prepared => "fallback",
    };
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("private, max-age=60"));
    headers.insert(SOURCE_HEADER, HeaderValue::from_static(source));
    headers.insert(RECIPE_HEADER, HeaderValue::from_static(list.recipe));
    if let Ok(id) = HeaderValue::from_str(&crate::recommend::new_id()) {
        headers.insert(ID_HEADER, id);
    }
    Ok(response)
}

/// The campaign that answers: the configured one, else the only one that ranks by users.
fn campaign(state: &HttpState) -> Result<(String, Arc<Snapshot>), Refusal> {
    let held: Vec<_> = state
        .serving
        .campaign_arns()
        .into_iter()
        .filter_map(|arn| Some((arn.clone(), state.serving.held(&arn)?)))
        .collect();
    if held.is_empty() && !state.readiness.is_ready() {
        let message = "The campaigns are being loaded; try again shortly.";
        return Err(Refusal::new(StatusCode::SERVICE_UNAVAILABLE, "ServiceUnavailableException", message));
    }
    let names: Vec<&str> = held.iter().map(|(arn, _)| name(arn)).take(CAMPAIGNS_NAMED_MAX).collect();
    let choices = match names.is_empty() {
        true => "No campaign is ACTIVE; create one first.".to_owned(),
        false => format!("ACTIVE campaigns: {}.", names.join(", ")),
    };
    let none = |problem: String| {
        Err(Refusal::new(StatusCode::NOT_FOUND, "ResourceNotFoundException", format!("{problem} {choices}")))
    };
    if let Some(wanted) = &state.recommendations.campaign {
        let named = |arn: &str| name(arn) == wanted;
        let here = |arn: &str| arn::region(arn) == Some(state.default_region.as_str());
        let chosen = held.iter().find(|(arn, _)| named(arn) && here(arn)).or(held.iter().find(|(arn, _)| named(arn)));
        return match chosen {
            Some(found) => Ok(found.clone()),
            None => none(format!("The configured campaign '{wanted}' is not ACTIVE.")),
        };
    }
    let personal: Vec<_> = held.iter().filter(|(_, snapshot)| snapshot.is_personal()).collect();
    match personal.as_slice() {
        [only] => Ok((*only).clone()),
        [] => {
            none("There is no ACTIVE campaign of a user-personalization recipe; set recommendations.campaign.".into())
        }
        _ => none(format!("{} campaigns could answer; set recommendations.campaign to one.", personal.len())),
    }
}

fn name(campaign_arn: &str) -> &str {
    campaign_arn.rsplit('/').next().unwrap_or(campaign_arn)
}

/// A configured column that the Items dataset lacks empties a field of every answer; operators read it once.
fn warn_once_of(missing: &[&str]) {
    static WARNED: AtomicBool = AtomicBool::new(false);
    if !missing.is_empty() && !WARNED.swap(true, Ordering::Relaxed) {
        tracing::warn!(columns = ?missing, "recommendations.columns names columns that the Items dataset lacks");
    }
}

fn unanswerable(error: Error) -> Refusal {
    match error {
        Error::NotFound(message) => Refusal::new(StatusCode::NOT_FOUND, "ResourceNotFoundException", message),
        other => {
            let failure = crate::errors::Failure::from(other);
            Refusal::new(StatusCode::INTERNAL_SERVER_ERROR, "InternalServerError", failure.message)
        }
    }
}
