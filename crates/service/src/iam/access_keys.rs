//! Access keys of users: made, switched off and on, replaced and deleted.

use super::changes::changes_identities;
use super::policy_holders::find;
use crate::Ctx;
use tastemaker_domain::iam::{AccessKey, User};
use tastemaker_domain::resource::TimeMs;
use tastemaker_domain::{Error, Result};
use tastemaker_store::records::key_usage_key;
use tastemaker_store::{Transaction, Write, records};
use uuid::Uuid;

/// Keys of one user: AWS's quota.
pub const KEYS_PER_USER_MAX: usize = 2;

/// Milliseconds for which a key holds after another has taken its place.
pub const ROTATED_KEY_MS: TimeMs = 24 * 60 * 60 * 1000;

/// Makes a key of a user.
pub async fn create_access_key(ctx: &Ctx, user_name: &str) -> Result<AccessKey> {
    let key = new_key(ctx, user_name);
    let made = &key;
    ctx.transact(|tx| async move {
        add(ctx, &tx, made).await?;
        changes_identities(&tx)
    })
    .await?;
    Ok(key)
}

/// Makes a key in the place of another, which holds for [`ROTATED_KEY_MS`] more.
pub async fn rotate_access_key(ctx: &Ctx, id: &str) -> Result<AccessKey> {
    let user = access_key(ctx, id).await?.user;
    let key = new_key(ctx, &user);
    let made = &key;
    ctx.transact(|tx| async move {
        let (version, mut old) = find_key(ctx, id).await?;
        if !old.is_usable(ctx.now()) {
            return Err(Error::InvalidInput(format!(
                "The access key {id} is not in use, so there is nothing to replace; make one with CreateAccessKey."
            )));
        }
        if old.expires_ms.is_some() {
            return Err(Error::InvalidInput(format!(
                "The access key {id} has been replaced already and ends by itself."
            )));
        }
        add(ctx, &tx, made).await?;
        old.expires_ms = Some(made.created_ms.saturating_add(ROTATED_KEY_MS));
        changes_identities(&tx)?;
        Ok(tx.replace(version, &old)?)
    })
    .await?;
    Ok(key)
}

/// Adds a key to its user, in the place of those whose time is over.
async fn add(ctx: &Ctx, tx: &Transaction, key: &AccessKey) -> Result<()> {
    // The user's record is written anew, so that two additions at the same time see one another.
    let (version, user) = find::<User>(ctx, &key.user).await?;
    tx.touch(version, &user)?;
    let mut kept = 0;
    for (version, other) in of_user(ctx, &key.user).await? {
        if other.is_expired(ctx.now()) {
            tx.remove(version, &other);
        } else {
            kept += 1;
        }
    }
    if kept >= KEYS_PER_USER_MAX {
        return Err(Error::LimitExceeded(format!("Cannot exceed quota for AccessKeysPerUser: {KEYS_PER_USER_MAX}")));
    }
    Ok(tx.create(key)?)
}

fn new_key(ctx: &Ctx, user_name: &str) -> AccessKey {
    let random = || Uuid::new_v4().simple().to_string();
    AccessKey {
        id: format!("AKIA{}", &random().to_ascii_uppercase()[..16]),
        secret: format!("{}{}", random(), &random()[..8]),
        user: user_name.to_owned(),
        active: true,
        expires_ms: None,
        created_ms: ctx.now(),
    }
}

/// The key of an id.
pub async fn access_key(ctx: &Ctx, id: &str) -> Result<AccessKey> {
    Ok(find_key(ctx, id).await?.1)
}

async fn find_key(ctx: &Ctx, id: &str) -> Result<(u64, AccessKey)> {
    let found = records::load::<AccessKey>(&*ctx.stores.records, id).await?;
    found.ok_or_else(|| no_key(id))
}

fn no_key(id: &str) -> Error {
    Error::NotFound(format!("The Access Key with id {id} cannot be found."))
}

/// The keys of a user, by id.
pub async fn list_access_keys(ctx: &Ctx, user_name: &str) -> Result<Vec<AccessKey>> {
    find::<User>(ctx, user_name).await?;
    Ok(of_user(ctx, user_name).await?.into_iter().map(|(_, key)| key).collect())
}

pub(super) async fn of_user(ctx: &Ctx, user_name: &str) -> Result<Vec<(u64, AccessKey)>> {
    let mut all = records::list::<AccessKey>(&*ctx.stores.records).await?;
    all.retain(|(_, key)| key.user == user_name);
    Ok(all)
}

async fn find_of_user(ctx: &Ctx, user_name: &str, id: &str) -> Result<(u64, AccessKey)> {
    find::<User>(ctx, user_name).await?;
    let (version, key) = find_key(ctx, id).await?;
    if key.user == user_name { Ok((version, key)) } else { Err(no_key(id)) }
}

/// Switches a key of a user on or off.
pub async fn set_access_key_active(ctx: &Ctx, user_name: &str, id: &str, active: bool) -> Result<()> {
    ctx.transact(|tx| async move {
        let (version, mut key) = find_of_user(ctx, user_name, id).await?;
        if active && key.is_expired(ctx.now()) {
            return Err(Error::InvalidInput(format!(
                "The access key {id} has been replaced and its time is over; make another with CreateAccessKey."
            )));
        }
        key.active = active;
        changes_identities(&tx)?;
        Ok(tx.replace(version, &key)?)
    })
    .await
}

/// Deletes a key of a user.
pub async fn delete_access_key(ctx: &Ctx, user_name: &str, id: &str) -> Result<()> {
    ctx.transact(|tx| async move {
        let (version, key) = find_of_user(ctx, user_name, id).await?;
        changes_identities(&tx)?;
        tx.remove(version, &key);
        tx.write(Write::Delete { key: key_usage_key(id) });
        Ok(())
    })
    .await
}
