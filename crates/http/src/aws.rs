//! Requests of the three Personalize services, from signature and body to the operation's answer.

use crate::authenticate::{admit, authenticate};
use crate::authorize::{Authorization, of_operation};
use crate::errors::Failure;
use crate::key_usage::KeyFamily;
use crate::operations::{self, Context};
use crate::reply;
use crate::request_facts;
use crate::routing::TARGET_HEADER;
use crate::state::HttpState;
use axum::body::Body;
use http::Response;
use http::request::Parts;
use std::sync::Arc;
use tastemaker_domain::arn::Scope;
use tastemaker_service::Caller;
use tastemaker_wire::{ErrorShape, Operation, Service};

/// Answers a request for a known operation.
pub async fn operation(state: Arc<HttpState>, operation: Operation, parts: &Parts, body: Body) -> Response<Body> {
    reply::aws(operation.service(), call(&state, operation, parts, body).await)
}

async fn call(state: &HttpState, operation: Operation, parts: &Parts, body: Body) -> Result<Vec<u8>, Failure> {
    let held = state.read_body(parts, body).await?;
    let identity = authenticate(state, parts, &held.bytes, "personalize")?;
    admit(state, &identity, family(operation))?;
    let caller = Caller { scope: Scope::new(&identity.region, &state.service.account) };
    let judged = match Authorization::limited(state, parts, &identity) {
        Some(authorization) => of_operation(state, authorization, &caller.scope, operation, &held.bytes).await,
        None => Ok(()),
    };
    request_facts::access_key(identity.access_key);
    judged?;
    let answered = operations::dispatch(operation, &Context { state, caller: &caller }, &held.bytes).await;
    if let (Err(failure), Service::Events) = (&answered, operation.service()) {
        note_refused(state, operation, &held.bytes, failure);
    }
    answered
}

/// Notes a call that sent events or rows and was refused, with the tracker or dataset that it named.
fn note_refused(state: &HttpState, operation: Operation, body: &[u8], failure: &Failure) {
    let input: serde_json::Value = serde_json::from_slice(body).unwrap_or_default();
    let target = ["trackingId", "datasetArn"].iter().find_map(|member| input[*member].as_str()).unwrap_or_default();
    let call = [operation.name(), target, failure.shape.name(), &failure.message];
    state.traffic.refused_events(call, (state.service.clock)());
}

fn family(operation: Operation) -> KeyFamily {
    match operation.service() {
        Service::Personalize => KeyFamily::Control,
        Service::Runtime => KeyFamily::Recommendations,
        Service::Events => KeyFamily::Events,
    }
}

/// Answers a request that names no operation: first whether its signature holds, then that there is no such operation.
pub async fn unknown(state: Arc<HttpState>, service: Service, parts: &Parts, body: Body) -> Response<Body> {
    let outcome = async {
        let held = state.read_body(parts, body).await?;
        let identity = authenticate(&state, parts, &held.bytes, "personalize")?;
        admit(&state, &identity, KeyFamily::Control)?;
        let target = parts.headers.get(TARGET_HEADER).map(|t| String::from_utf8_lossy(t.as_bytes()).into_owned());
        let named = target.unwrap_or_else(|| format!("{} {}", parts.method, parts.uri.path()));
        let named: String = named.chars().take(200).collect();
        Err(Failure::new(ErrorShape::UnknownOperationException, format!("There is no operation '{named}'.")))
    };
    reply::aws(service, outcome.await)
}
