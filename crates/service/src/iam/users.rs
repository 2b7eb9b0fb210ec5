//! Users: the holders of access keys.

use super::access_keys;
use super::changes::{changes_identities, unique_id};
use super::policy_holders::{check_bare, find};
use crate::Ctx;
use std::collections::BTreeMap;
use tastemaker_domain::iam::User;
use tastemaker_domain::{Error, Result};
use tastemaker_store::records;

/// Users of an account: AWS's quota.
const USERS_MAX: usize = 5_000;

/// The customer's part of a user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewUser {
    /// Unique in the account, in any case of letters.
    pub name: String,
    /// Begins and ends with `/`.
    pub path: String,
    /// The customer's own notes.
    pub tags: BTreeMap<String, String>,
}

/// Makes a user, who may do nothing and has no key yet.
pub async fn create_user(ctx: &Ctx, new: NewUser) -> Result<User> {
    let user = User {
        arn: format!("arn:aws:iam::{}:user{}{}", ctx.account, new.path, new.name),
        name: new.name,
        path: new.path,
        id: unique_id("AIDA"),
        tags: new.tags,
        attached: BTreeMap::new(),
        inline: BTreeMap::new(),
        created_ms: ctx.now(),
    };
    let made = &user;
    ctx.transact(|tx| async move {
        let users = list_users(ctx, "/").await?;
        if users.iter().any(|other| other.name.eq_ignore_ascii_case(&made.name)) {
            return Err(Error::AlreadyExists(format!("User with name {} already exists.", made.name)));
        }
        if users.len() >= USERS_MAX {
            return Err(Error::LimitExceeded(format!("Cannot exceed quota for UsersPerAccount: {USERS_MAX}")));
        }
        changes_identities(&tx)?;
        Ok(tx.create(made)?)
    })
    .await?;
    Ok(user)
}

/// The user of this name.
pub async fn user(ctx: &Ctx, name: &str) -> Result<User> {
    Ok(find::<User>(ctx, name).await?.1)
}

/// The users whose path starts with `path_prefix`, by name.
pub async fn list_users(ctx: &Ctx, path_prefix: &str) -> Result<Vec<User>> {
    let all = records::list::<User>(&*ctx.stores.records).await?;
    Ok(all.into_iter().map(|(_, user)| user).filter(|user| user.path.starts_with(path_prefix)).collect())
}

/// Removes a user without keys and policies.
pub async fn delete_user(ctx: &Ctx, name: &str) -> Result<()> {
    ctx.transact(|tx| async move {
        let (version, mut user) = find::<User>(ctx, name).await?;
        if !access_keys::of_user(ctx, name).await?.is_empty() {
            return Err(Error::InUse("Cannot delete entity, must delete access keys first.".to_owned()));
        }
        check_bare(&mut user)?;
        changes_identities(&tx)?;
        tx.remove(version, &user);
        Ok(())
    })
    .await
}
