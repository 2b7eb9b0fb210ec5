//! The `/recommendations` family: lists for Braze's Connected Content and every plain HTTP client.
//!
//! | path | what |
//! |---|---|
//! | `GET /recommendations`, `/recommendations/{recommender}` | for a user |
//! | `GET /related`, `/similar` | related to an item, in the order of a user's taste if one is named |
//! | `GET /popular` | the same for everybody |
//! | `GET` and `POST /rerank` | the caller's items in order |
//! | `POST /events` | what users did |
//!
//! A list is computed from the campaign's snapshot and waits for no storage but, where several processes share the log, for its end. It never redirects and ignores the content
//! type; what cannot be had within the time budget is replaced by a prepared list. Equal requests get equal bytes within
//! the cache window, as long as their user does nothing.
//!
//! request -> [`access`](crate::access) -> `braze::query` -> plan (which model, which filter) -> response_cache (said
//! already?) -> degrade (in time?) -> compute -> `braze::shape` -> respond

mod answering;
mod compute;
mod config;
pub mod dataset_group;
mod degrade;
pub mod events;
mod plan;
mod refusal;
mod respond;
mod response_cache;
mod warn_once;

pub use config::{BUDGET_DEFAULT, CACHE_DEFAULT, RecommendationsConfig, RecommenderSettings};
pub use refusal::Refusal;
pub use respond::{finish, options};

use crate::access::{Access, Barred};
use crate::client_address::Peer;
use crate::request_facts;
use crate::routing::{Endpoint, RECOMMENDATIONS_PATH};
use crate::state::HttpState;
use axum::body::Body;
use http::header::CACHE_CONTROL;
use http::request::Parts;
use http::{Method, Response, StatusCode};
use plan::{Plan, plan, scope};
use response_cache::{CacheKey, CachedResponse, Origin, ResponseCache, Terms};
use std::sync::Arc;
use tastemaker_braze::query::{Params, Request, credential_in};
use tastemaker_braze::shape::{About, render};
use tastemaker_domain::recommendation::{RecommendationList, RecommendedItem, Source};
use tastemaker_domain::{Error, Result as DomainResult};
use tastemaker_serving::ImpressionList;

/// State that the `/recommendations` family keeps between requests.
pub struct RecommendationsApi {
    responses: ResponseCache,
}

impl RecommendationsApi {
    /// An API that has answered nothing yet.
    pub fn new(config: &RecommendationsConfig) -> Self {
        Self { responses: ResponseCache::new(config.cache) }
    }
}

/// Whether a request for a list has a body that counts.
pub fn reads_body(endpoint: Endpoint, parts: &Parts) -> bool {
    endpoint == Endpoint::Rerank && parts.method == Method::POST
}

/// Answers a request for a list. `body` is that of a request that [`reads_body`].
pub async fn answer(
    api: &RecommendationsApi,
    state: &Arc<HttpState>,
    endpoint: Endpoint,
    parts: &Parts,
    body: Option<&[u8]>,
    request_id: &str,
) -> Response<Body> {
    let methods = if endpoint == Endpoint::Rerank { "GET, HEAD, POST, OPTIONS" } else { "GET, HEAD, OPTIONS" };
    let response = match parts.method {
        Method::OPTIONS => options(methods),
        Method::GET | Method::HEAD => respond::to(list(api, state, endpoint, parts, None).await, parts, request_id),
        Method::POST if reads_body(endpoint, parts) => {
            respond::to(list(api, state, endpoint, parts, body).await, parts, request_id)
        }
        _ => respond::not_allowed(&parts.method, methods, request_id),
    };
    finish(response, request_id)
}

/// Judges the caller before anything else is said.
pub fn admit(access: &Access, parts: &Parts, scope: &str) -> Result<(), Refusal> {
    let peer = parts.extensions.get::<Peer>().map(|peer| peer.0);
    let query = parts.uri.query().unwrap_or_default();
    let admitted = access.admits(peer, &parts.headers, scope);
    if !access.is_open()
        && admitted != Err(Barred::Forbidden)
        && let Some(name) = credential_in(query)
    {
        return Err(Refusal::invalid(format!(
            "The parameter '{name}' is not accepted: URLs are logged. Send credentials in headers."
        )));
    }
    admitted.map_err(|barred| match barred {
        Barred::Unauthorized => Refusal::new(StatusCode::UNAUTHORIZED, "UnauthorizedException", "Unauthorized."),
        Barred::Forbidden => Refusal::new(StatusCode::FORBIDDEN, "ForbiddenException", "Forbidden."),
    })
}

/// The name after `/recommendations/`, percent-decoded; an ARN may stand there as it is.
fn recommender_in(path: &str) -> Option<String> {
    let rest = path.strip_prefix(RECOMMENDATIONS_PATH)?;
    let rest = rest.strip_suffix('/').unwrap_or(rest);
    let name = percent_encoding::percent_decode_str(rest).decode_utf8_lossy().into_owned();
    (!name.is_empty()).then_some(name)
}

async fn list(
    api: &RecommendationsApi,
    state: &Arc<HttpState>,
    endpoint: Endpoint,
    parts: &Parts,
    body: Option<&[u8]>,
) -> Result<(Arc<CachedResponse>, i64), Refusal> {
    let access = &state.recommendations.access;
    let asked = request(parts, body);
    // Whoever may not ask does not learn whether the question was a good one.
    let wanted = asked.as_ref().map_or("", |request| scope(endpoint, request));
    admit(access, parts, wanted).or_else(|refusal| match (&asked, refusal.status) {
        (Err(_), StatusCode::FORBIDDEN) if admit(access, parts, scope(endpoint, &Request::default())).is_ok() => Ok(()),
        _ => Err(refusal),
    })?;
    let plan = plan(state, endpoint, asked?)?;
    request_facts::campaign(plan.snapshot.shared_campaign_arn());
    request_facts::user(plan.request.user());
    state.catch_up(&plan.snapshot, plan.request.user()).await;
    let key = CacheKey { endpoint, request: plan.request.clone() };
    let now_ms = (state.service.clock)();
    let events_seen = plan.request.user().map_or(0, |user| plan.snapshot.events_seen(user));
    let anew = parts.headers.get(CACHE_CONTROL).is_some_and(|value| value.as_bytes() == b"no-cache");
    if !anew && let Some(said) = api.responses.get(&key, now_ms, events_seen) {
        request_facts::source(said.origin.source());
        return Ok((said, now_ms));
    }
    let plan = Arc::new(plan);
    let terms = Terms {
        recommendation_id: state.recommendation_ids.make(),
        for_everybody: plan.request.user().is_none() && access.is_open(),
        events_seen,
        made_ms: now_ms,
    };
    let computed = {
        let (state, plan, id) = (state.clone(), plan.clone(), terms.recommendation_id.clone());
        degrade::within(&state.clone(), &plan.clone(), move || compute::list(&state, &plan, &id)).await
    };
    let (items, origin, recipe) = match computed {
        Ok(Ok(RecommendationList { items, source, recipe })) => {
            let origin = if source == Source::Model { Origin::Model } else { Origin::ColdStart };
            (items, origin, recipe)
        }
        Ok(Err(error @ (Error::NotFound(_) | Error::InvalidInput(_) | Error::InvalidMember { .. }))) => {
            return Err(error.into());
        }
        missed => {
            tracing::warn!(arn = plan.snapshot.campaign_arn(), missed = ?missed.as_ref().err(), "a prepared list stands in");
            let Some(items) = degrade::stand_in(state, &plan) else {
                let cause = match missed {
                    Ok(Err(error)) => error,
                    _ => Error::Internal(format!("{} has no list within its time", plan.snapshot.campaign_arn())),
                };
                return Err(cause.into());
            };
            (items, Origin::Fallback, plan.snapshot.recipe().name)
        }
    };
    request_facts::source(origin.source());
    enough(&plan, items.len())?;
    let answer = said(state, &plan, &items, (origin, recipe), terms)?;
    Ok((api.responses.keep(key, answer, anew), now_ms))
}

fn request(parts: &Parts, body: Option<&[u8]>) -> Result<Request, Refusal> {
    let query = Params::of_query(parts.uri.query().unwrap_or_default());
    let params = if let Some(body) = body { query.and(Params::of_json(body)?) } else { query };
    let mut request = Request::of(&params)?;
    if let Some(name) = recommender_in(parts.uri.path()) {
        request.recommender = Some(name);
    }
    Ok(request)
}

/// With `strict`, too few items are nothing: Liquid sees nil and the message can be aborted.
fn enough(plan: &Plan, found: usize) -> Result<(), Refusal> {
    let wanted = plan.min_results.max(1);
    if plan.request.strict && found < wanted {
        return Err(Refusal::unknown(format!("{found} items were found, and strict=1 asks for at least {wanted}.")));
    }
    Ok(())
}

fn said(
    state: &HttpState,
    plan: &Plan,
    items: &[RecommendedItem],
    (origin, recipe): (Origin, &'static str),
    terms: Terms,
) -> DomainResult<CachedResponse> {
    let about = About { recommendation_id: &terms.recommendation_id, source: origin.word() };
    let body = render(items, &plan.look, &state.recommendations.fields, about);
    let body = body.map_err(|error| Error::Internal(error.to_string()))?;
    if origin != Origin::Fallback {
        let item_ids = items.iter().map(|item| &*item.item_id);
        let list = ImpressionList::new(plan.snapshot.campaign_arn().into(), item_ids);
        state.serving.impressions.remember(&terms.recommendation_id, list);
    }
    Ok(CachedResponse::new(body, origin, recipe, terms))
}
