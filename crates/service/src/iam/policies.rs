//! Policies of the account's own, and AWS's.

use super::changes::{changes_identities, counted_chars, unique_id};
use super::roles::list_roles;
use super::users::list_users;
use crate::Ctx;
use std::collections::{BTreeMap, BTreeSet};
use tastemaker_domain::iam::{Policy, listed, managed_document, policy_name, policy_path};
use tastemaker_domain::{Error, Result};
use tastemaker_store::records;

/// Characters of a policy, spaces not counted: AWS's quota.
const POLICY_CHARS_MAX: usize = 6_144;

/// The customer's part of a policy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewPolicy {
    /// Unique in the account.
    pub name: String,
    /// Begins and ends with `/`.
    pub path: String,
    /// A policy of permissions.
    pub document: String,
    /// For people.
    pub description: Option<String>,
    /// The customer's own notes.
    pub tags: BTreeMap<String, String>,
}

/// Makes a policy.
pub async fn create_policy(ctx: &Ctx, new: NewPolicy) -> Result<Policy> {
    if counted_chars(&new.document) > POLICY_CHARS_MAX {
        return Err(Error::LimitExceeded(format!("Cannot exceed quota for PolicySize: {POLICY_CHARS_MAX}")));
    }
    let policy = Policy {
        arn: format!("arn:aws:iam::{}:policy{}{}", ctx.account, new.path, new.name),
        name: new.name,
        path: new.path,
        id: unique_id("ANPA"),
        document: new.document,
        description: new.description,
        tags: new.tags,
        created_ms: ctx.now(),
    };
    let made = &policy;
    ctx.transact(|tx| async move {
        if list_policies(ctx, "/").await?.iter().any(|other| other.name.eq_ignore_ascii_case(&made.name)) {
            return Err(Error::AlreadyExists(format!(
                "A policy called {} already exists. Duplicate names are not allowed.",
                made.name
            )));
        }
        changes_identities(&tx)?;
        Ok(tx.create(made)?)
    })
    .await?;
    Ok(policy)
}

pub(super) async fn find_policy(ctx: &Ctx, arn: &str) -> Result<Option<(u64, Policy)>> {
    Ok(records::load::<Policy>(&*ctx.stores.records, arn).await?)
}

/// The policy with this ARN and the number of users and roles it is attached to. AWS's own date from 1970.
pub async fn policy(ctx: &Ctx, arn: &str) -> Result<(Policy, usize)> {
    let found = match find_policy(ctx, arn).await? {
        Some((_, policy)) => policy,
        None => managed(arn).ok_or_else(|| no_policy(arn))?,
    };
    let attached = attachment_counts(ctx).await?.get(arn).copied().unwrap_or_default();
    Ok((found, attached))
}

/// One of AWS's own.
fn managed(arn: &str) -> Option<Policy> {
    Some(Policy {
        document: managed_document(arn)?.to_owned(),
        name: policy_name(arn).to_owned(),
        path: policy_path(arn).to_owned(),
        arn: arn.to_owned(),
        id: "ANPA00000000000000000".to_owned(),
        description: None,
        tags: BTreeMap::new(),
        created_ms: 0,
    })
}

/// AWS's own policies that set-up scripts look for, and those that a user or a role has, by ARN.
pub async fn list_managed_policies(ctx: &Ctx) -> Result<Vec<Policy>> {
    let attached = attachment_counts(ctx).await?.into_keys();
    let arns: BTreeSet<String> = listed().chain(attached).collect();
    Ok(arns.iter().filter_map(|arn| managed(arn)).collect())
}

/// The account's own policies whose path starts with `path_prefix`, by ARN.
pub async fn list_policies(ctx: &Ctx, path_prefix: &str) -> Result<Vec<Policy>> {
    let all = records::list::<Policy>(&*ctx.stores.records).await?;
    Ok(all.into_iter().map(|(_, policy)| policy).filter(|policy| policy.path.starts_with(path_prefix)).collect())
}

/// The number of users and roles that each policy is attached to, by its ARN.
pub async fn attachment_counts(ctx: &Ctx) -> Result<BTreeMap<String, usize>> {
    let users = list_users(ctx, "/").await?.into_iter().map(|user| user.attached);
    let roles = list_roles(ctx, "/").await?.into_iter().map(|role| role.attached);
    let mut counts = BTreeMap::new();
    for arn in users.chain(roles).flat_map(BTreeMap::into_keys) {
        *counts.entry(arn).or_default() += 1;
    }
    Ok(counts)
}

/// Removes a policy that no user or role has.
pub async fn delete_policy(ctx: &Ctx, arn: &str) -> Result<()> {
    ctx.transact(|tx| async move {
        let (version, policy) = find_policy(ctx, arn).await?.ok_or_else(|| no_policy(arn))?;
        if attachment_counts(ctx).await?.contains_key(arn) {
            return Err(Error::InUse("Cannot delete a policy attached to entities.".to_owned()));
        }
        changes_identities(&tx)?;
        tx.remove(version, &policy);
        Ok(())
    })
    .await
}

fn no_policy(arn: &str) -> Error {
    Error::NotFound(format!("Policy {arn} was not found."))
}
