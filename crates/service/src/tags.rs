//! Tags of every resource that AWS lets one tag.
//!
//! For creators: give `New...` a member `tags: Tags` (from `common::tags(request.tags)?` in `http`) and commit the record
//! with `tx.create_tagged(&record, &new.tags)?`. `tx.remove` takes the tags along; a job adds `records::delete_tags`.

use crate::Ctx;
use tastemaker_domain::arn::resource_part;
use tastemaker_domain::tags::Tags;
use tastemaker_domain::{Error, Member, Result};
use tastemaker_store::{Precondition, records};

/// The resources that may carry tags: the first word of the ARN's resource part, and the number of its parts. The word is also the first
/// segment of the record's key, except that three parts of a solution are a version.
const TAGGABLE: &[(&str, &[usize])] = &[
    ("batch-inference-job", &[2]),
    ("batch-segment-job", &[2]),
    ("campaign", &[2]),
    ("data-deletion-job", &[2]),
    ("dataset", &[3]),
    ("dataset-export-job", &[2]),
    ("dataset-group", &[2]),
    ("dataset-import-job", &[2]),
    ("event-tracker", &[2]),
    ("filter", &[2]),
    ("recommender", &[2]),
    ("solution", &[2, 3]),
];

/// The record key of the taggable resource with this ARN.
fn resource_key(arn: &str) -> Result<String> {
    let parts: Vec<&str> = resource_part(arn).unwrap_or_default().split('/').collect();
    let kind = TAGGABLE.iter().find(|(word, counts)| *word == parts[0] && counts.contains(&parts.len()));
    match kind {
        Some(("solution", _)) if parts.len() == 3 => Ok(format!("solution-version/{arn}")),
        Some((word, _)) => Ok(format!("{word}/{arn}")),
        None => {
            let words: Vec<_> = TAGGABLE.iter().map(|(word, _)| *word).collect();
            Err(Error::InvalidInput(format!(
                "The value '{arn}' at '{}' is not the ARN of a resource with tags, which are [{}].",
                Member::ResourceArn,
                words.join(", ")
            )))
        }
    }
}

async fn require(ctx: &Ctx, arn: &str) -> Result<String> {
    let key = resource_key(arn)?;
    match ctx.stores.records.get(&key).await? {
        Some(_) => Ok(key),
        None => Err(Error::unknown(arn)),
    }
}

/// The tags that are kept for an ARN, whether there is such a resource or not.
pub async fn stored(ctx: &Ctx, arn: &str) -> Result<Tags> {
    Ok(records::load_tags(&*ctx.stores.records, arn).await?.1)
}

/// The tags of the resource with this ARN.
pub async fn list(ctx: &Ctx, resource_arn: &str) -> Result<Tags> {
    require(ctx, resource_arn).await?;
    Ok(records::load_tags(&*ctx.stores.records, resource_arn).await?.1)
}

/// Adds tags; a key that the resource has gets the new value.
pub async fn add(ctx: &Ctx, resource_arn: &str, tags: Tags) -> Result<()> {
    change(ctx, resource_arn, |before| before.with(tags.clone())).await
}

/// Removes the tags with these keys.
pub async fn remove(ctx: &Ctx, resource_arn: &str, keys: &[String]) -> Result<()> {
    change(ctx, resource_arn, |before| before.without(keys)).await
}

async fn change(ctx: &Ctx, arn: &str, change: impl Fn(Tags) -> Result<Tags> + Sync) -> Result<()> {
    let change = &change;
    ctx.transact(|tx| async move {
        let key = require(ctx, arn).await?;
        let (version, before) = records::load_tags(&*ctx.stores.records, arn).await?;
        let after = change(before)?;
        tx.require(Precondition::Exists(key));
        tx.unchanged_key(version, records::tags_key(arn));
        Ok(tx.set_tags(arn, &after)?)
    })
    .await
}
