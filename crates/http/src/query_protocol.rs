//! The services of set-up scripts that speak the AWS query protocol (forms in, XML out): STS's callers and
//! temporary credentials, IAM's roles and policies, and a clear refusal of everything else.

use crate::authenticate::authenticate;
use crate::errors::Failure;
use crate::iam::{self, Form, IamError};
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
    answered(sts::answer(&state, &identity, &action, &form, request_id).await, &action, request_id)
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
    let (form, _) = match open(&state, parts, body, "iam").await {
        Ok(opened) => opened,
        Err(failure) => return refused(&failure, request_id),
    };
    let action = action(&form);
    answered(iam::answer(&state.service, &action, &form, request_id).await, &action, request_id)
}

async fn open(state: &HttpState, parts: &Parts, body: Body, service: &str) -> Result<(Form, Identity), Failure> {
    let held = state.read_body(parts, body).await?;
    let identity = authenticate(state, parts, &held.bytes, service)?;
    request_facts::access_key(identity.access_key.clone());
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
    error(status, query_code(failure), &failure.message, request_id)
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
