//! The services of set-up scripts that speak the AWS query protocol (forms in, XML out): STS's callers and
//! temporary credentials, IAM's users, roles and policies, and a clear refusal of everything else.

use crate::authenticate::{admit, authenticate};
use crate::authorize::{Authorization, of_iam};
use crate::errors::Failure;
use crate::iam::{self, Account, Form, IamError};
use crate::key_usage::KeyFamily;
use crate::reply;
use crate::request_facts;
use crate::state::HttpState;
use crate::sts;
use crate::xml::escaped;
use axum::body::Body;
use http::request::Parts;
use http::{Response, StatusCode};
use std::sync::Arc;
use tastemaker_wire::Service;
use tastemaker_wire::sigv4::Identity;

const XML: &str = "text/xml";

/// Answers the token service.
pub async fn sts(state: Arc<HttpState>, parts: &Parts, body: Body, request_id: &str) -> Response<Body> {
    let (form, identity) = match open(&state, parts, body, "sts").await {
        Ok(opened) => opened,
        Err(failure) => return refused(&failure, request_id),
    };
    let action = action(&form);
    if let Some(authorization) = Authorization::limited(&state, parts, &identity)
        && let Some((action, resource)) = sts::right(&state, &action, &form)
        && let Err(sentence) = authorization.require(action, &[resource]).await
    {
        return answered(Some(Err(IamError::denied(sentence))), action, request_id);
    }
    answered(sts::answer(&state, parts, &identity, &action, &form, request_id).await, &action, request_id)
}

/// Answers a form without a signature: the actions that need none, of which one is here, or that there is none.
pub async fn web_identity(state: Arc<HttpState>, parts: &Parts, body: Body, request_id: &str) -> Response<Body> {
    let held = match state.read_body(parts, body).await {
        Ok(held) => held,
        Err(failure) => return refused(&failure, request_id),
    };
    let form = Form::read(&held.bytes, "");
    let action = action(&form);
    if action == sts::SAML {
        return unavailable(&action, request_id);
    }
    if action != sts::WEB_IDENTITY {
        return match authenticate(&state, parts, &held.bytes, "sts") {
            Err(failure) => refused(&failure, request_id),
            Ok(_) => unavailable(&action, request_id),
        };
    }
    answered(Some(sts::answer_unsigned(&state, &form, request_id).await), &action, request_id)
}

fn answered(outcome: Option<Result<String, IamError>>, action: &str, request_id: &str) -> Response<Body> {
    match outcome {
        None => unavailable(action, request_id),
        Some(Ok(document)) => reply::with_body(StatusCode::OK, XML, document),
        Some(Err(refusal)) => error(refusal.status, refusal.code, &refusal.message, request_id),
    }
}

/// Answers the identity service.
pub async fn iam(state: Arc<HttpState>, parts: &Parts, body: Body, request_id: &str) -> Response<Body> {
    let (mut form, identity) = match open(&state, parts, body, "iam").await {
        Ok(opened) => opened,
        Err(failure) => return refused(&failure, request_id),
    };
    let action = action(&form);
    if let Some(authorization) = Authorization::limited(&state, parts, &identity) {
        if let Some(name) = authorization.user_name().filter(|_| iam::is_about_a_user(&action)) {
            form.set_default("UserName", name);
        }
        let resources = of_iam(&state.service, &state.identities, &action, &form);
        if let Err(sentence) = authorization.require(&format!("iam:{action}"), &resources).await {
            return answered(Some(Err(IamError::denied(sentence))), &action, request_id);
        }
    }
    let account = Account { ctx: &state.service, usage: Some(&state.keys), region: &state.default_region };
    let outcome = iam::answer(&account, &action, &form, request_id).await;
    if outcome.is_some()
        && let Err(error) = state.identities.refresh(&*state.service.stores.records).await
    {
        // What was committed counts all the same; it is read again with the next change.
        tracing::warn!(%error, "users and keys cannot be read after a change");
    }
    answered(outcome, &action, request_id)
}

async fn open(state: &HttpState, parts: &Parts, body: Body, service: &str) -> Result<(Form, Identity), Failure> {
    let held = state.read_body(parts, body).await?;
    let identity = authenticate(state, parts, &held.bytes, service)?;
    request_facts::access_key(identity.access_key.clone());
    admit(state, &identity, KeyFamily::Control)?;
    Ok((Form::read(&held.bytes, parts.uri.query().unwrap_or_default()), identity))
}

fn action(form: &Form) -> String {
    form.get("Action").unwrap_or_default().trim().chars().take(100).collect()
}

fn unavailable(action: &str, request_id: &str) -> Response<Body> {
    let message = format!("'{action}' is not available in this version of Tastemaker.");
    error(StatusCode::BAD_REQUEST, "InvalidAction", &message, request_id)
}

/// A refusal in the query protocol's form.
pub fn refused(failure: &Failure, request_id: &str) -> Response<Body> {
    let status = reply::status(failure.shape.http_status(Service::Personalize));
    reply::later(error(status, query_code(failure), &failure.message, request_id), failure)
}

/// The query protocol's names of the authentication failures; JSON's end in `Exception`.
fn query_code(failure: &Failure) -> &'static str {
    let name = failure.shape.name();
    match name {
        "UnrecognizedClientException" => "InvalidClientTokenId",
        "InvalidSignatureException" => "SignatureDoesNotMatch",
        _ => name.strip_suffix("Exception").unwrap_or(name),
    }
}

fn error(status: StatusCode, code: &str, message: &str, request_id: &str) -> Response<Body> {
    let kind = if status.is_server_error() { "Receiver" } else { "Sender" };
    let text = format!(
        "<ErrorResponse><Error><Type>{kind}</Type><Code>{code}</Code><Message>{}</Message></Error>\
         <RequestId>{request_id}</RequestId></ErrorResponse>",
        escaped(message),
    );
    reply::with_body(status, XML, text)
}

/// An error answer in S3's form.
pub fn s3_error(status: StatusCode, code: &str, message: &str, request_id: &str) -> Response<Body> {
    let text = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?><Error><Code>{code}</Code><Message>{}</Message>\
         <RequestId>{request_id}</RequestId></Error>",
        escaped(message),
    );
    reply::with_body(status, "application/xml", text)
}
