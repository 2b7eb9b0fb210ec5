//! The common parts of users and roles: attached policies, inline policies and tags.

use super::changes::{changes_identities, counted_chars};
use crate::Ctx;
use std::collections::BTreeMap;
use tastemaker_domain::iam::{Role, User};
use tastemaker_domain::{Error, Result};
use tastemaker_store::records::{self, Record};

/// A record that policies are put on.
pub trait PolicyHolder: Record {
    /// The word for it in texts.
    const WORD: &'static str;
    /// Characters that all inline policies may have together, spaces not counted: AWS's quota.
    const INLINE_CHARS_MAX: usize;

    /// Attached policies: ARN to name.
    fn attached(&mut self) -> &mut BTreeMap<String, String>;
    /// Inline policies: name to document.
    fn inline(&mut self) -> &mut BTreeMap<String, String>;
    /// The customer's own notes.
    fn tags(&mut self) -> &mut BTreeMap<String, String>;
}

macro_rules! policy_holder {
    ($record:ident, $word:literal, $chars_max:literal) => {
        impl PolicyHolder for $record {
            const WORD: &'static str = $word;
            const INLINE_CHARS_MAX: usize = $chars_max;

            fn attached(&mut self) -> &mut BTreeMap<String, String> {
                &mut self.attached
            }

            fn inline(&mut self) -> &mut BTreeMap<String, String> {
                &mut self.inline
            }

            fn tags(&mut self) -> &mut BTreeMap<String, String> {
                &mut self.tags
            }
        }
    };
}

policy_holder!(Role, "role", 10_240);
policy_holder!(User, "user", 2_048);

pub(super) async fn find<R: PolicyHolder>(ctx: &Ctx, name: &str) -> Result<(u64, R)> {
    let found = records::load::<R>(&*ctx.stores.records, name).await?;
    found.ok_or_else(|| Error::NotFound(format!("The {} with name {name} cannot be found.", R::WORD)))
}

pub(super) async fn change<R: PolicyHolder>(
    ctx: &Ctx,
    name: &str,
    change: impl Fn(&mut R) -> Result<()> + Sync,
) -> Result<()> {
    let change = &change;
    ctx.transact(|tx| async move {
        let (version, mut holder) = find::<R>(ctx, name).await?;
        change(&mut holder)?;
        changes_identities(&tx)?;
        Ok(tx.replace(version, &holder)?)
    })
    .await
}

/// Refuses to delete what has policies.
pub(super) fn check_bare<R: PolicyHolder>(holder: &mut R) -> Result<()> {
    if !holder.attached().is_empty() {
        return Err(Error::InUse("Cannot delete entity, must detach all policies first.".to_owned()));
    }
    if !holder.inline().is_empty() {
        return Err(Error::InUse("Cannot delete entity, must delete policies first.".to_owned()));
    }
    Ok(())
}

/// Takes a policy off a user or a role.
pub async fn detach<R: PolicyHolder>(ctx: &Ctx, name: &str, policy_arn: &str) -> Result<()> {
    change::<R>(ctx, name, |holder| match holder.attached().remove(policy_arn) {
        Some(_) => Ok(()),
        None => Err(Error::NotFound(format!("Policy {policy_arn} was not found."))),
    })
    .await
}

/// Writes an inline policy of a user or a role.
pub async fn put_inline<R: PolicyHolder>(ctx: &Ctx, name: &str, policy_name: &str, document: &str) -> Result<()> {
    change::<R>(ctx, name, |holder| {
        holder.inline().insert(policy_name.to_owned(), document.to_owned());
        let chars: usize = holder.inline().values().map(|document| counted_chars(document)).sum();
        if chars > R::INLINE_CHARS_MAX {
            let text = format!("Maximum policy size of {} bytes exceeded for {} {name}", R::INLINE_CHARS_MAX, R::WORD);
            return Err(Error::LimitExceeded(text));
        }
        Ok(())
    })
    .await
}

/// The document of an inline policy.
pub async fn inline<R: PolicyHolder>(ctx: &Ctx, name: &str, policy_name: &str) -> Result<String> {
    let (_, mut holder) = find::<R>(ctx, name).await?;
    holder.inline().remove(policy_name).ok_or_else(|| no_inline::<R>(policy_name))
}

/// Removes an inline policy of a user or a role.
pub async fn delete_inline<R: PolicyHolder>(ctx: &Ctx, name: &str, policy_name: &str) -> Result<()> {
    change::<R>(ctx, name, |holder| match holder.inline().remove(policy_name) {
        Some(_) => Ok(()),
        None => Err(no_inline::<R>(policy_name)),
    })
    .await
}

/// Changes the notes of a user or a role: adds `added`, then takes away `removed`.
pub async fn retag<R: PolicyHolder>(
    ctx: &Ctx,
    name: &str,
    added: &BTreeMap<String, String>,
    removed: &[String],
) -> Result<()> {
    change::<R>(ctx, name, |holder| {
        holder.tags().extend(added.clone());
        holder.tags().retain(|key, _| !removed.contains(key));
        Ok(())
    })
    .await
}

fn no_inline<R: PolicyHolder>(name: &str) -> Error {
    Error::NotFound(format!("The {} policy with name {name} cannot be found.", R::WORD))
}
