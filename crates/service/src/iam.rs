//! Roles and policies: kept so that set-up scripts run, and without any effect.

use crate::Ctx;
use std::collections::{BTreeMap, BTreeSet};
use tastemaker_domain::iam::{Policy, Role, is_managed, listed, policy_name, policy_path};
use tastemaker_domain::{Error, Result};
use tastemaker_store::records;
use uuid::Uuid;

/// The customer's part of a role.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewRole {
    /// Unique in the account, in any case of letters.
    pub name: String,
    /// Begins and ends with `/`.
    pub path: String,
    /// A JSON object.
    pub trust_policy: String,
    /// For people.
    pub description: Option<String>,
    /// Seconds.
    pub max_session_s: u32,
    /// The customer's own notes.
    pub tags: BTreeMap<String, String>,
}

/// The customer's part of a policy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewPolicy {
    /// Unique in the account.
    pub name: String,
    /// Begins and ends with `/`.
    pub path: String,
    /// A JSON object.
    pub document: String,
    /// For people.
    pub description: Option<String>,
    /// The customer's own notes.
    pub tags: BTreeMap<String, String>,
}

/// Makes a role.
pub async fn create_role(ctx: &Ctx, new: NewRole) -> Result<Role> {
    let role = Role {
        arn: format!("arn:aws:iam::{}:role{}{}", ctx.account, new.path, new.name),
        name: new.name,
        path: new.path,
        id: unique_id("AROA"),
        trust_policy: new.trust_policy,
        description: new.description,
        max_session_s: new.max_session_s,
        tags: new.tags,
        attached: BTreeMap::new(),
        inline: BTreeMap::new(),
        created_ms: ctx.now(),
    };
    let made = &role;
    ctx.transact(|tx| async move {
        let named = |other: &Role| other.name.eq_ignore_ascii_case(&made.name);
        if list_roles(ctx, "/").await?.iter().any(named) {
            return Err(Error::AlreadyExists(format!("Role with name {} already exists.", made.name)));
        }
        Ok(tx.create(made)?)
    })
    .await?;
    Ok(role)
}

/// The role of this name.
pub async fn role(ctx: &Ctx, name: &str) -> Result<Role> {
    Ok(find_role(ctx, name).await?.1)
}

async fn find_role(ctx: &Ctx, name: &str) -> Result<(u64, Role)> {
    let found = records::load::<Role>(&*ctx.stores.records, name).await?;
    found.ok_or_else(|| Error::NotFound(format!("The role with name {name} cannot be found.")))
}

/// The roles whose path starts with `path_prefix`, by name.
pub async fn list_roles(ctx: &Ctx, path_prefix: &str) -> Result<Vec<Role>> {
    let all = records::list::<Role>(&*ctx.stores.records).await?;
    Ok(all.into_iter().map(|(_, role)| role).filter(|role| role.path.starts_with(path_prefix)).collect())
}

/// Removes a role without policies.
pub async fn delete_role(ctx: &Ctx, name: &str) -> Result<()> {
    ctx.transact(|tx| async move {
        let (version, role) = find_role(ctx, name).await?;
        if !role.attached.is_empty() {
            return Err(Error::InUse("Cannot delete entity, must detach all policies first.".to_owned()));
        }
        if !role.inline.is_empty() {
            return Err(Error::InUse("Cannot delete entity, must delete policies first.".to_owned()));
        }
        tx.remove(version, &role);
        Ok(())
    })
    .await
}

async fn change_role(ctx: &Ctx, name: &str, change: impl Fn(&mut Role) -> Result<()> + Sync) -> Result<()> {
    let change = &change;
    ctx.transact(|tx| async move {
        let (version, mut role) = find_role(ctx, name).await?;
        change(&mut role)?;
        Ok(tx.replace(version, &role)?)
    })
    .await
}

/// Replaces who may take on the role.
pub async fn set_trust_policy(ctx: &Ctx, name: &str, document: &str) -> Result<()> {
    change_role(ctx, name, |role| {
        role.trust_policy = document.to_owned();
        Ok(())
    })
    .await
}

/// Puts a policy, AWS's or the account's, on a role.
pub async fn attach(ctx: &Ctx, role_name: &str, policy_arn: &str) -> Result<()> {
    ctx.transact(|tx| async move {
        let (version, mut role) = find_role(ctx, role_name).await?;
        if !is_managed(policy_arn) {
            let missing = || Error::NotFound(format!("Policy {policy_arn} does not exist or is not attachable."));
            let (at, policy) = find_policy(ctx, policy_arn).await?.ok_or_else(missing)?;
            tx.touch(at, &policy)?;
        }
        role.attached.insert(policy_arn.to_owned(), policy_name(policy_arn).to_owned());
        Ok(tx.replace(version, &role)?)
    })
    .await
}

/// Takes a policy off a role.
pub async fn detach(ctx: &Ctx, role_name: &str, policy_arn: &str) -> Result<()> {
    change_role(ctx, role_name, |role| match role.attached.remove(policy_arn) {
        Some(_) => Ok(()),
        None => Err(Error::NotFound(format!("Policy {policy_arn} was not found."))),
    })
    .await
}

/// Writes an inline policy of a role.
pub async fn put_inline(ctx: &Ctx, role_name: &str, policy_name: &str, document: &str) -> Result<()> {
    change_role(ctx, role_name, |role| {
        role.inline.insert(policy_name.to_owned(), document.to_owned());
        Ok(())
    })
    .await
}

/// The document of a role's inline policy.
pub async fn inline(ctx: &Ctx, role_name: &str, policy_name: &str) -> Result<String> {
    let mut role = role(ctx, role_name).await?;
    role.inline.remove(policy_name).ok_or_else(|| no_inline(policy_name))
}

/// Removes an inline policy of a role.
pub async fn delete_inline(ctx: &Ctx, role_name: &str, policy_name: &str) -> Result<()> {
    change_role(ctx, role_name, |role| match role.inline.remove(policy_name) {
        Some(_) => Ok(()),
        None => Err(no_inline(policy_name)),
    })
    .await
}

fn no_inline(name: &str) -> Error {
    Error::NotFound(format!("The role policy with name {name} cannot be found."))
}

/// Makes a policy.
pub async fn create_policy(ctx: &Ctx, new: NewPolicy) -> Result<Policy> {
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
        Ok(tx.create(made)?)
    })
    .await?;
    Ok(policy)
}

async fn find_policy(ctx: &Ctx, arn: &str) -> Result<Option<(u64, Policy)>> {
    Ok(records::load::<Policy>(&*ctx.stores.records, arn).await?)
}

/// The policy with this ARN and the number of roles it is attached to. AWS's own have an empty document and date from 1970.
pub async fn policy(ctx: &Ctx, arn: &str) -> Result<(Policy, usize)> {
    let found = match find_policy(ctx, arn).await? {
        Some((_, policy)) => policy,
        None if is_managed(arn) => managed(arn),
        None => return Err(no_policy(arn)),
    };
    let attached = list_roles(ctx, "/").await?.iter().filter(|role| role.attached.contains_key(arn)).count();
    Ok((found, attached))
}

fn managed(arn: &str) -> Policy {
    Policy {
        name: policy_name(arn).to_owned(),
        path: policy_path(arn).to_owned(),
        arn: arn.to_owned(),
        id: "ANPA00000000000000000".to_owned(),
        document: "{}".to_owned(),
        description: None,
        tags: BTreeMap::new(),
        created_ms: 0,
    }
}

/// AWS's own policies that set-up scripts look for, and those that a role has, by ARN.
pub async fn list_managed_policies(ctx: &Ctx) -> Result<Vec<Policy>> {
    let roles = list_roles(ctx, "/").await?;
    let attached = roles.iter().flat_map(|role| role.attached.keys()).filter(|arn| is_managed(arn)).cloned();
    let arns: BTreeSet<String> = listed().chain(attached).collect();
    Ok(arns.iter().map(|arn| managed(arn)).collect())
}

/// Changes a role's notes: adds `added`, then takes away `removed`.
pub async fn retag_role(ctx: &Ctx, name: &str, added: &BTreeMap<String, String>, removed: &[String]) -> Result<()> {
    change_role(ctx, name, |role| {
        role.tags.extend(added.clone());
        role.tags.retain(|key, _| !removed.contains(key));
        Ok(())
    })
    .await
}

/// Replaces what is given of a role's description and longest session.
pub async fn update_role(ctx: &Ctx, name: &str, description: Option<&str>, max_session_s: Option<u32>) -> Result<()> {
    change_role(ctx, name, |role| {
        if let Some(description) = description {
            role.description = Some(description.to_owned());
        }
        role.max_session_s = max_session_s.unwrap_or(role.max_session_s);
        Ok(())
    })
    .await
}

fn no_policy(arn: &str) -> Error {
    Error::NotFound(format!("Policy {arn} was not found."))
}

/// The account's own policies whose path starts with `path_prefix`, by ARN.
pub async fn list_policies(ctx: &Ctx, path_prefix: &str) -> Result<Vec<Policy>> {
    let all = records::list::<Policy>(&*ctx.stores.records).await?;
    Ok(all.into_iter().map(|(_, policy)| policy).filter(|policy| policy.path.starts_with(path_prefix)).collect())
}

/// Removes a policy that no role has.
pub async fn delete_policy(ctx: &Ctx, arn: &str) -> Result<()> {
    ctx.transact(|tx| async move {
        let (version, policy) = find_policy(ctx, arn).await?.ok_or_else(|| no_policy(arn))?;
        if list_roles(ctx, "/").await?.iter().any(|role| role.attached.contains_key(arn)) {
            return Err(Error::InUse("Cannot delete a policy attached to entities.".to_owned()));
        }
        tx.remove(version, &policy);
        Ok(())
    })
    .await
}

fn unique_id(prefix: &str) -> String {
    format!("{prefix}{}", &Uuid::new_v4().simple().to_string().to_ascii_uppercase()[..17])
}
