//! The attachment of policies to users and roles.

use super::changes::changes_identities;
use super::policies::find_policy;
use super::policy_holders::{PolicyHolder, find};
use crate::Ctx;
use tastemaker_domain::iam::{is_managed, policy_name};
use tastemaker_domain::{Error, Result};

/// Policies that may be attached to one user or role: AWS's quota.
const ATTACHED_MAX: usize = 10;

/// Puts a policy, AWS's or the account's, on a user or a role.
pub async fn attach<R: PolicyHolder>(ctx: &Ctx, name: &str, policy_arn: &str) -> Result<()> {
    ctx.transact(|tx| async move {
        let (version, mut holder) = find::<R>(ctx, name).await?;
        if !is_managed(policy_arn) {
            let missing = || Error::NotFound(format!("Policy {policy_arn} does not exist or is not attachable."));
            let (at, policy) = find_policy(ctx, policy_arn).await?.ok_or_else(missing)?;
            tx.touch(at, &policy)?;
        }
        holder.attached().insert(policy_arn.to_owned(), policy_name(policy_arn).to_owned());
        if holder.attached().len() > ATTACHED_MAX {
            let text = format!("Cannot exceed quota for PoliciesPer{}: {ATTACHED_MAX}", title_case(R::WORD));
            return Err(Error::LimitExceeded(text));
        }
        changes_identities(&tx)?;
        Ok(tx.replace(version, &holder)?)
    })
    .await
}

fn title_case(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map(|first| first.to_ascii_uppercase().to_string() + letters.as_str()).unwrap_or_default()
}
