//! Quotas that hold under concurrency: every create under a quota rewrites the quota's guard, so that of two that counted the
//! same only one commits.

use crate::Ctx;
use crate::lookup::{Resource, all_under, scope_of};
use tastemaker_domain::{Error, Result};
use tastemaker_store::{Transaction, Write, records};

/// The scope in which resources are counted.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Within<'a> {
    /// `arn:<partition>:personalize:<region>:<account>:`, or any ARN that starts with it.
    Region(&'a str),
    /// A dataset group's ARN.
    Group(&'a str),
}

/// One quota.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Quota<'a> {
    /// The key below `limits` in the configuration.
    pub key: &'static str,
    /// The counted resources with their state: `solutions`, `dataset import jobs in CREATE PENDING or CREATE IN_PROGRESS`.
    pub what: &'static str,
    /// From [`Ctx::quotas`].
    pub max: usize,
    pub within: Within<'a>,
}

/// Refuses a create when the quota is used up; `counts` says whether a resource of the region takes a place.
pub(crate) async fn enforce<R: Resource>(
    ctx: &Ctx,
    tx: &Transaction,
    quota: Quota<'_>,
    counts: impl Fn(&R) -> bool,
) -> Result<()> {
    let arn = match quota.within {
        Within::Region(arn) | Within::Group(arn) => arn,
    };
    let place = match quota.within {
        Within::Region(arn) => scope_of(arn),
        Within::Group(arn) => arn,
    };
    let key = records::guard_key(quota.key, place);
    // The guard is read before the count: whoever commits in between makes this create judge again.
    tx.unchanged_key(ctx.stores.records.get(&key).await?.map(|found| found.version), key.clone());
    tx.write(Write::Put { key, value: Vec::new().into() });
    if records::count_under::<R>(&*ctx.stores.records, scope_of(arn)).await? < quota.max {
        return Ok(());
    }
    let used = all_under::<R>(ctx, scope_of(arn)).await?.iter().filter(|(_, resource)| counts(resource)).count();
    if used < quota.max {
        return Ok(());
    }
    let place = match quota.within {
        Within::Region(arn) => format!("region {}", tastemaker_domain::arn::region(arn).unwrap_or_default()),
        Within::Group(arn) => arn.to_owned(),
    };
    Err(Error::LimitExceeded(format!(
        "There are {used} {}; at most {} may be in {place} (limits.{} of the server's configuration).",
        quota.what, quota.max, quota.key
    )))
}
