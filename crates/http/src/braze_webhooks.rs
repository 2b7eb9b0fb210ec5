//! Receivers of Braze's Currents batches and webhooks: `POST /braze/currents` and `POST /braze/webhook/{mapping}`.
//!
//! An event is durable before the 200, so that a crash loses nothing that Braze believes delivered; its id makes a second
//! delivery harmless. What no rule knows, and what does not fit the Interactions schema, is counted and dropped: Braze
//! switches a connector off that is refused for long. When nothing can be kept the answer is 503, and Braze sends again.

use crate::observability;
use crate::recommendations::dataset_group::{events_dataset_group, try_again};
use crate::recommendations::{Refusal, finish};
use crate::reply::{self, JSON};
use crate::routing::{Sender, WEBHOOK_PATH};
use crate::state::HttpState;
use axum::body::Body;
use http::request::Parts;
use http::{Method, Response, StatusCode};
use serde_json::{Value, json};
use tastemaker_braze::inbound::{BadBatch, Inbound, Mapping, batch, webhook};
use tastemaker_service::events::{ExternalEvent, NewEvent, put_external};

/// Takes a delivery of a sender who may send it.
pub async fn answer(state: &HttpState, sender: Sender, parts: &Parts, body: Body, request_id: &str) -> Response<Body> {
    let outcome = match parts.method {
        Method::POST => take(state, sender, parts, body).await,
        _ => {
            let message = format!("{} is not allowed here; use POST.", parts.method);
            Err(Refusal::new(StatusCode::METHOD_NOT_ALLOWED, "MethodNotAllowed", message))
        }
    };
    let response = match outcome {
        Ok(taken) => reply::with_body(StatusCode::OK, JSON, taken.to_string()),
        Err(refusal) => refusal.response(request_id),
    };
    finish(response, request_id)
}

async fn take(state: &HttpState, sender: Sender, parts: &Parts, body: Body) -> Result<Value, Refusal> {
    let held = state.read_body(parts, body).await;
    let mapping = match sender {
        Sender::Currents => &state.recommendations.currents,
        Sender::Webhook => mapping(state, parts.uri.path())?,
    };
    let held = held?;
    let events = match sender {
        Sender::Currents => batch(&held.bytes),
        Sender::Webhook => webhook(&held.bytes),
    };
    let events = events.map_err(|BadBatch(problem)| Refusal::invalid(problem))?;
    let known: Vec<Vec<Inbound>> = events.iter().map(|event| mapping.interactions(event)).collect();
    let ignored = known.iter().filter(|found| found.is_empty()).count();
    let external: Vec<ExternalEvent> = known.into_iter().flatten().map(|found| external(found, state)).collect();
    let found = external.len();
    let refused = match found {
        0 => Vec::new(),
        _ => put_external(&state.service, &events_dataset_group(state).await?, external).await.map_err(try_again)?,
    };
    if let Some((_, error)) = refused.first() {
        tracing::warn!(refused = refused.len(), %error, "Braze's events do not fit the Interactions schema");
    }
    observability::inbound(found - refused.len(), refused.len(), ignored);
    Ok(
        json!({"events": events.len(), "interactions": found - refused.len(), "refused": refused.len(), "ignored": ignored}),
    )
}

fn mapping<'a>(state: &'a HttpState, path: &str) -> Result<&'a Mapping, Refusal> {
    let name = path.strip_prefix(WEBHOOK_PATH).unwrap_or_default().trim_end_matches('/');
    let name = percent_encoding::percent_decode_str(name).decode_utf8_lossy();
    state.recommendations.webhooks.get(name.as_ref()).ok_or_else(|| {
        Refusal::unknown(format!("There is no webhook mapping '{name}'; mappings stand under [braze.webhook]."))
    })
}

fn external(found: Inbound, state: &HttpState) -> ExternalEvent {
    ExternalEvent {
        user_id: found.user_id,
        event: NewEvent {
            event_id: Some(within_256(found.event_id)),
            event_type: found.event_type,
            event_value: found.value.map(f64::from),
            item_id: Some(found.item_id),
            sent_at_s: found.sent_at.unwrap_or_else(|| state.now_s() as f64),
            recommendation_id: found.recommendation_id,
            ..NewEvent::default()
        },
    }
}

/// An id of any length as one that events may have, still different for different ids.
fn within_256(id: String) -> String {
    use sha2::Digest;
    match id.chars().count() {
        0..=256 => id,
        _ => sha2::Sha256::digest(id).iter().map(|byte| format!("{byte:02x}")).collect(),
    }
}
