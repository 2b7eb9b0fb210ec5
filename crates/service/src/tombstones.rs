//! Tombstones: deleted resources that Describe still shows for a moment. A resource is gone when its Delete answers, so that
//! nothing waits for it and its name is free; but scripts expect that they can delete and describe in one breath, and see
//! DELETE PENDING.

use crate::Ctx;
use crate::lookup::{Resource, find};
use tastemaker_domain::resource::TimeMs;
use tastemaker_domain::{Error, MemberPath, Result};
use tastemaker_store::Transaction;
use tastemaker_store::records::{forget_tombstones, load_tombstone, put_tombstone};

/// The time for which Describe shows what was deleted.
pub(crate) const SHOWN_MS: TimeMs = 2_000;

/// Deleted resources that one deletion forgets at most; more than it adds.
const FORGOTTEN_MAX: usize = 16;

/// Removes a resource that nobody has written since it was read, and shows it as DELETE PENDING for [`SHOWN_MS`].
pub(crate) async fn remove<R: Resource>(ctx: &Ctx, tx: &Transaction, version: u64, resource: &R) -> Result<()> {
    let now = ctx.now();
    for write in forget_tombstones(&*ctx.stores.records, now - SHOWN_MS, FORGOTTEN_MAX).await? {
        tx.write(write);
    }
    tx.remove(version, resource);
    tx.write(put_tombstone(resource, now)?);
    Ok(())
}

async fn shown<R: Resource>(ctx: &Ctx, arn: &str) -> Result<Option<R>> {
    let now = ctx.now();
    Ok(load_tombstone(&*ctx.stores.records, arn, now - SHOWN_MS, now + SHOWN_MS).await?)
}

/// For Describe: the resource that the request's `member` names, or what is shown of it.
pub(crate) async fn describe<R: Resource>(ctx: &Ctx, member: impl Into<MemberPath>, arn: &str) -> Result<R> {
    R::ARN.check(member, arn)?;
    if let Some((_, resource)) = find(ctx, arn).await? {
        return Ok(resource);
    }
    shown(ctx, arn).await?.ok_or_else(|| Error::unknown(arn))
}

/// For Delete: the resource that the request's `member` names and its version; nothing if it is being deleted already.
pub(crate) async fn deletable<R: Resource>(
    ctx: &Ctx,
    member: impl Into<MemberPath>,
    arn: &str,
) -> Result<Option<(u64, R)>> {
    R::ARN.check(member, arn)?;
    match find(ctx, arn).await? {
        Some(found) => Ok(Some(found)),
        None if shown::<R>(ctx, arn).await?.is_some() => Ok(None),
        None => Err(Error::unknown(arn)),
    }
}
