//! Roles: what temporary credentials are given out for.

use super::changes::{changes_identities, unique_id};
use super::policy_holders::{change, check_bare, find};
use crate::Ctx;
use std::collections::BTreeMap;
use tastemaker_domain::iam::Role;
use tastemaker_domain::{Error, Result};
use tastemaker_store::records;

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
        changes_identities(&tx)?;
        Ok(tx.create(made)?)
    })
    .await?;
    Ok(role)
}

/// The role of this name.
pub async fn role(ctx: &Ctx, name: &str) -> Result<Role> {
    Ok(find::<Role>(ctx, name).await?.1)
}

/// The roles whose path starts with `path_prefix`, by name.
pub async fn list_roles(ctx: &Ctx, path_prefix: &str) -> Result<Vec<Role>> {
    let all = records::list::<Role>(&*ctx.stores.records).await?;
    Ok(all.into_iter().map(|(_, role)| role).filter(|role| role.path.starts_with(path_prefix)).collect())
}

/// Removes a role without policies.
pub async fn delete_role(ctx: &Ctx, name: &str) -> Result<()> {
    ctx.transact(|tx| async move {
        let (version, mut role) = find::<Role>(ctx, name).await?;
        check_bare(&mut role)?;
        changes_identities(&tx)?;
        tx.remove(version, &role);
        Ok(())
    })
    .await
}

/// Replaces who may take on the role.
pub async fn set_trust_policy(ctx: &Ctx, name: &str, document: &str) -> Result<()> {
    change::<Role>(ctx, name, |role| {
        role.trust_policy = document.to_owned();
        Ok(())
    })
    .await
}

/// Replaces what is given of a role's description and longest session.
pub async fn update_role(ctx: &Ctx, name: &str, description: Option<&str>, max_session_s: Option<u32>) -> Result<()> {
    change::<Role>(ctx, name, |role| {
        if let Some(description) = description {
            role.description = Some(description.to_owned());
        }
        role.max_session_s = max_session_s.unwrap_or(role.max_session_s);
        Ok(())
    })
    .await
}
