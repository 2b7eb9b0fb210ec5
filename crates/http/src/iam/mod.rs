//! The identity service as far as set-up scripts use it: roles and policies are remembered and grant nothing.

mod error;
mod form;
mod page;
mod policies;
mod policy_document;
mod roles;

pub use error::IamError;
pub use form::Form;

use crate::xml;
use page::IamResult;
use std::future::Future;
use std::pin::Pin;
use tastemaker_service::Ctx;

const NAMESPACE: &str = "https://iam.amazonaws.com/doc/2010-05-08/";

type Handler = for<'a> fn(&'a Ctx, &'a Form) -> Pin<Box<dyn Future<Output = IamResult> + Send + 'a>>;

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
    "ListEntitiesForPolicy": policies::list_entities,
    "ListInstanceProfilesForRole": roles::list_instance_profiles,
    "ListPolicies": policies::list,
    "ListPolicyVersions": policies::list_versions,
    "ListRolePolicies": roles::list_inline,
    "ListRoleTags": roles::list_tags,
    "ListRoles": roles::list,
    "PutRolePolicy": roles::put_inline,
    "TagRole": roles::tag,
    "UntagRole": roles::untag,
    "UpdateAssumeRolePolicy": roles::update_trust,
    "UpdateRole": roles::update,
}

/// Answers an action: the whole document, or `None` for an action that is not built.
pub async fn answer(ctx: &Ctx, action: &str, form: &Form, request_id: &str) -> Option<Result<String, IamError>> {
    let (name, handler) = ACTIONS.iter().find(|(name, _)| *name == action)?;
    Some(handler(ctx, form).await.map(|content| {
        let result = if content.is_empty() { content } else { xml::element(&format!("{name}Result"), &content) };
        format!(
            "<{name}Response xmlns=\"{NAMESPACE}\">{result}<ResponseMetadata><RequestId>{request_id}</RequestId>\
             </ResponseMetadata></{name}Response>"
        )
    }))
}
