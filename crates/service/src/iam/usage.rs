//! The counts of users' access keys, which all processes add to.

use crate::Ctx;
use std::collections::BTreeMap;
use tastemaker_domain::Result;
use tastemaker_domain::iam::{AccessKey, KeyCounts};
use tastemaker_store::Precondition;
use tastemaker_store::records::{self, key_usage_key, load_key_usage, put_key_usage};

/// The counts of a key that are kept.
pub async fn key_usage(ctx: &Ctx, id: &str) -> Result<KeyCounts> {
    Ok(load_key_usage(&*ctx.stores.records, id).await?.map(|(_, counts)| counts).unwrap_or_default())
}

/// The counts that are kept, by the ids of the keys.
pub async fn key_usages(ctx: &Ctx) -> Result<BTreeMap<String, KeyCounts>> {
    Ok(records::key_usages(&*ctx.stores.records).await?)
}

/// Adds to the counts of a user's key; a key that is gone, and the server's own, have none.
pub async fn add_key_usage(ctx: &Ctx, id: &str, more: KeyCounts) -> Result<()> {
    ctx.transact(|tx| async move {
        let records = &*ctx.stores.records;
        if records::load::<AccessKey>(records, id).await?.is_none() {
            return Ok(());
        }
        let kept = load_key_usage(records, id).await?;
        let key = key_usage_key(id);
        tx.require(match &kept {
            Some((version, _)) => Precondition::Version(key, *version),
            None => Precondition::Absent(key),
        });
        let before = kept.map(|(_, counts)| counts).unwrap_or_default();
        tx.write(put_key_usage(id, &before.plus(more))?);
        Ok(())
    })
    .await
}
