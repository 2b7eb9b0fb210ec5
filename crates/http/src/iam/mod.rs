//! The identity service as far as set-up scripts use it: roles and policies are remembered and grant nothing.

mod form;
mod policies;
mod roles;
mod xml;

pub use form::Form;

use http::StatusCode;
use std::future::Future;
use std::pin::Pin;
use tastemaker_domain::Error;
use tastemaker_service::Ctx;

const NAMESPACE: &str = "https://iam.amazonaws.com/doc/2010-05-08/";

/// What an action answers: the content of its result element; nothing for actions without one.
type Answer = Result<String, Refusal>;
type Handler = for<'a> fn(&'a Ctx, &'a Form) -> Pin<Box<dyn Future<Output = Answer> + Send + 'a>>;

/// The actions, and whether they have a result element.
macro_rules! actions {
    ($($name:literal: $function:path,)+) => {
        const ACTIONS: &[(&str, Handler)] = &[$(($name, |ctx, form| Box::pin($function(ctx, form)))),+];
    };
}

actions! {
    "AttachRolePolicy": roles::attach,
    "CreatePolicy": policies::create,
    "CreateRole": roles::create,
    "CreateServiceLinkedRole": roles::create_service_linked,
    "DeletePolicy": policies::delete,
    "DeleteRole": roles::delete,
    "DeleteRolePolicy": roles::delete_inline,
    "DetachRolePolicy": roles::detach,
    "GetPolicy": policies::get,
    "GetPolicyVersion": policies::get_version,
    "GetRole": roles::get,
    "GetRolePolicy": roles::get_inline,
    "ListAttachedRolePolicies": roles::list_attached,
    "ListPolicies": policies::list,
    "ListRolePolicies": roles::list_inline,
    "ListRoles": roles::list,
    "PutRolePolicy": roles::put_inline,
    "UpdateAssumeRolePolicy": roles::update_trust,
}

/// A refusal with IAM's name and status.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    pub status: StatusCode,
    pub code: &'static str,
    pub message: String,
}

impl Refusal {
    fn validation(text: String) -> Self {
        let message = format!("1 validation error detected: {text}");
        Self { status: StatusCode::BAD_REQUEST, code: "ValidationError", message }
    }

    fn malformed(message: String) -> Self {
        Self { status: StatusCode::BAD_REQUEST, code: "MalformedPolicyDocument", message }
    }
}

impl From<Error> for Refusal {
    fn from(error: Error) -> Self {
        let (status, code) = match &error {
            Error::NotFound(_) => (StatusCode::NOT_FOUND, "NoSuchEntity"),
            Error::AlreadyExists(_) => (StatusCode::CONFLICT, "EntityAlreadyExists"),
            Error::InUse(_) => (StatusCode::CONFLICT, "DeleteConflict"),
            Error::Throttled(_) => (StatusCode::BAD_REQUEST, "Throttling"),
            Error::Internal(cause) => {
                tracing::error!(cause, "request failed");
                let message = crate::errors::INTERNAL_MESSAGE.to_owned();
                return Self { status: StatusCode::INTERNAL_SERVER_ERROR, code: "ServiceFailure", message };
            }
            _ => (StatusCode::BAD_REQUEST, "InvalidInput"),
        };
        Self { status, code, message: error.to_string() }
    }
}

/// Answers an action: the whole document, or `None` for an action that is not built.
pub async fn answer(ctx: &Ctx, action: &str, form: &Form, request_id: &str) -> Option<Result<String, Refusal>> {
    let (name, handler) = ACTIONS.iter().find(|(name, _)| *name == action)?;
    let result = match handler(ctx, form).await {
        Ok(content) => content,
        Err(refusal) => return Some(Err(refusal)),
    };
    let result = if result.is_empty() { result } else { xml::element(&format!("{name}Result"), &result) };
    Some(Ok(format!(
        "<{name}Response xmlns=\"{NAMESPACE}\">{result}<ResponseMetadata><RequestId>{request_id}</RequestId>\
         </ResponseMetadata></{name}Response>"
    )))
}

/// A page of a list by the entries' names: `MaxItems` (100) from after `Marker`, as the list's XML.
fn page<T>(form: &Form, list: &str, entries: Vec<T>, name: impl Fn(&T) -> &str, show: impl Fn(&T) -> String) -> Answer {
    let max = match form.get("MaxItems") {
        None => 100,
        Some(text) => text.parse().ok().filter(|n| (1..=1000).contains(n)).ok_or_else(|| {
            Refusal::validation(format!(
                "Value '{text}' at 'maxItems' failed to satisfy constraint: Member must be in [1, 1000]"
            ))
        })?,
    };
    let mut rest: Vec<&T> =
        entries.iter().filter(|e| form.get("Marker").is_none_or(|marker| name(e) > marker)).collect();
    let truncated = rest.len() > max;
    rest.truncate(max);
    let marker = rest.last().filter(|_| truncated).map(|last| xml::text("Marker", name(last))).unwrap_or_default();
    Ok(format!(
        "{}{}{marker}",
        xml::list(list, rest.into_iter().map(show)),
        xml::text("IsTruncated", if truncated { "true" } else { "false" })
    ))
}
