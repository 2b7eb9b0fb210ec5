//! Requests that look into a running server. They are signed as the API's requests are, and named `Tastemaker.<Operation>` in
//! the target header.

use crate::authenticate::{admit, authenticate};
use crate::authorize::Authorization;
use crate::errors::Failure;
use crate::in_process::InProcessApi;
use crate::inspect_port::CallApi;
use crate::key_usage::KeyFamily;
use crate::reply;
use crate::routing::{TARGET_HEADER, TARGET_PREFIX};
use crate::state::HttpState;
use axum::body::Body;
use futures::FutureExt;
use http::Response;
use http::request::Parts;
use serde_json::Value;
use std::sync::Arc;
use tastemaker_wire::{ErrorShape, Service};

/// Answers a request.
pub async fn answer(state: Arc<HttpState>, parts: &Parts, body: Body) -> Response<Body> {
    reply::aws(Service::Personalize, call(state, parts, body).await)
}

async fn call(state: Arc<HttpState>, parts: &Parts, body: Body) -> Result<Vec<u8>, Failure> {
    let held = state.read_body(parts, body).await?;
    let identity = authenticate(&state, parts, &held.bytes, "personalize")?;
    let target = parts.headers.get(TARGET_HEADER).and_then(|target| target.to_str().ok()).unwrap_or_default();
    let operation = target.strip_prefix(TARGET_PREFIX).unwrap_or_default();
    admit(&state, &identity, KeyFamily::Control)?;
    if let Some(authorization) = Authorization::limited(&state, parts, &identity) {
        let allowed = authorization.require_now(&format!("tastemaker:{operation}"), "*");
        allowed.map_err(|sentence| Failure::new(ErrorShape::AccessDeniedException, sentence))?;
    }
    let inspect = state.inspect.clone().filter(|inspect| inspect.operations().contains(&operation));
    let Some(inspect) = inspect else {
        let named: String = target.chars().take(200).collect();
        return Err(Failure::new(ErrorShape::UnknownOperationException, format!("There is no operation '{named}'.")));
    };
    let input = match &held.bytes[..] {
        [] => Value::Object(serde_json::Map::new()),
        bytes => {
            serde_json::from_slice(bytes).map_err(|error| Failure::invalid(format!("The body is no JSON: {error}")))?
        }
    };
    let output = inspect.call(api(&state, identity.region), operation, input).await?;
    Ok(output.to_string().into_bytes())
}

/// The operations of the API for a caller of `region`.
fn api(state: &Arc<HttpState>, region: String) -> CallApi {
    let api = InProcessApi::new(state.clone());
    Arc::new(move |operation, input| {
        let (api, region) = (api.clone(), region.clone());
        let answer = async move { api.call(&region, operation, &input).await.map_err(|refused| refused.message) };
        answer.boxed()
    })
}
