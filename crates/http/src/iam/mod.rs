//! The identity service: users with their access keys, roles, and the policies on both.
//!
//! Two actions are not AWS's: `RotateAccessKey` makes a key in the place of another, which ends by itself a day later, and
//! `ListAccessKeyUsage` lists keys with their counts.

mod access_keys;
mod account;
mod error;
mod form;
mod page;
mod policies;
mod policy_document;
mod roles;
mod users;

pub use account::Account;
pub use error::IamError;
pub use form::Form;

use crate::xml;
use page::IamResult;
use std::future::Future;
use std::pin::Pin;

const NAMESPACE: &str = "https://iam.amazonaws.com/doc/2010-05-08/";

/// Whether an action is about a user, who is the caller when the request does not say.
pub fn is_about_a_user(action: &str) -> bool {
    const ACTIONS: [&str; 6] =
        ["CreateAccessKey", "DeleteAccessKey", "GetUser", "ListAccessKeys", "RotateAccessKey", "UpdateAccessKey"];
    ACTIONS.contains(&action)
}

type Handler = for<'a> fn(&'a Account<'a>, &'a Form) -> Pin<Box<dyn Future<Output = IamResult> + Send + 'a>>;

/// The actions, and whether they have a result element.
macro_rules! actions {
    ($($name:literal: $function:path,)+) => {
        const ACTIONS: &[(&str, Handler)] = &[$(($name, |account, form| Box::pin($function(account, form)))),+];
    };
}

actions! {
    "AttachRolePolicy": roles::attach,
    "AttachUserPolicy": users::attach,
    "CreateAccessKey": access_keys::create,
    "CreatePolicy": policies::create,
    "CreateRole": roles::create,
    "CreateServiceLinkedRole": roles::create_service_linked,
    "CreateUser": users::create,
    "DeleteAccessKey": access_keys::delete,
    "DeletePolicy": policies::delete,
    "DeleteRole": roles::delete,
    "DeleteRolePolicy": roles::delete_inline,
    "DeleteUser": users::delete,
    "DeleteUserPolicy": users::delete_inline,
    "DetachRolePolicy": roles::detach,
    "DetachUserPolicy": users::detach,
    "GetAccessKeyLastUsed": access_keys::last_used,
    "GetPolicy": policies::get,
    "GetPolicyVersion": policies::get_version,
    "GetRole": roles::get,
    "GetRolePolicy": roles::get_inline,
    "GetUser": users::get,
    "GetUserPolicy": users::get_inline,
    "ListAccessKeyUsage": access_keys::list_usage,
    "ListAccessKeys": access_keys::list,
    "ListAttachedRolePolicies": roles::list_attached,
    "ListAttachedUserPolicies": users::list_attached,
    "ListEntitiesForPolicy": policies::list_entities,
    "ListGroupsForUser": users::list_groups,
    "ListInstanceProfilesForRole": roles::list_instance_profiles,
    "ListPolicies": policies::list,
    "ListPolicyVersions": policies::list_versions,
    "ListRolePolicies": roles::list_inline,
    "ListRoleTags": roles::list_tags,
    "ListRoles": roles::list,
    "ListUserPolicies": users::list_inline,
    "ListUserTags": users::list_tags,
    "ListUsers": users::list,
    "PutRolePolicy": roles::put_inline,
    "PutUserPolicy": users::put_inline,
    "RotateAccessKey": access_keys::rotate,
    "TagRole": roles::tag,
    "TagUser": users::tag,
    "UntagRole": roles::untag,
    "UntagUser": users::untag,
    "UpdateAccessKey": access_keys::update,
    "UpdateAssumeRolePolicy": roles::update_trust,
    "UpdateRole": roles::update,
}

/// Answers an action: the whole document, or `None` for an action that is not built.
pub async fn answer(
    account: &Account<'_>,
    action: &str,
    form: &Form,
    request_id: &str,
) -> Option<Result<String, IamError>> {
    let (name, handler) = ACTIONS.iter().find(|(name, _)| *name == action)?;
    Some(handler(account, form).await.map(|content| {
        let result = if content.is_empty() { content } else { xml::element(&format!("{name}Result"), &content) };
        format!(
            "<{name}Response xmlns=\"{NAMESPACE}\">{result}<ResponseMetadata><RequestId>{request_id}</RequestId>\
             </ResponseMetadata></{name}Response>"
        )
    }))
}
