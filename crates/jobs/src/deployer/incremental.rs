//! Models that take in new and changed items without training: solutions with `performIncrementalUpdate`.
//!
//! The newest ACTIVE version of such a solution gets a model of the same vocabulary over the items as they are now, under a fresh
//! key that one commit puts in the place of the old; deployments follow as after any other change of a model. Nothing is lost if
//! the process dies in between, and files that nobody names are swept at the next start.

use super::open::artifact_of;
use crate::blobs::{blocking, dataset_arn};
use crate::context::{JobsCtx, millis};
use crate::stop::Stop;
use crate::tables;
use parking_lot::Mutex;
use std::collections::HashMap;
use tastemaker_data::{Dataset as Interactions, DatasetBuilder, Table};
use tastemaker_domain::Status;
use tastemaker_domain::resource::{Dataset, Solution, SolutionVersion, TimeMs};
use tastemaker_domain::schema::{DatasetType, Schema};
use tastemaker_recipes::{ArtifactFiles, Error, ItemsRefresh};
use tastemaker_store::{Precondition, records};
use tastemaker_training::catalog::{CATALOG_FILE, Catalog};
use uuid::Uuid;

/// The rows that the models of this process were last made from, by version.
#[derive(Debug, Default)]
pub(crate) struct Refreshed(Mutex<HashMap<String, Seen>>);

#[derive(Debug, Clone, PartialEq)]
struct Seen {
    at_ms: TimeMs,
    schema_arn: String,
    files: Vec<String>,
    /// The position of the last streamed row.
    upto: u64,
}

/// Refreshes what is due. Versions that cannot be refreshed keep their model; returns them with the reason.
pub(crate) async fn refresh(
    ctx: &JobsCtx,
    refreshed: &Refreshed,
) -> Result<Vec<(String, String)>, tastemaker_store::Error> {
    let mut failed = Vec::new();
    let solutions = records::list::<Solution>(&*ctx.stores.records).await?;
    let wanted = |s: &Solution| s.perform_incremental_update && s.status == Status::Active;
    for (_, solution) in solutions.iter().filter(|(_, solution)| wanted(solution)) {
        let prefix = format!("{}/", solution.arn);
        let versions = records::list_under::<SolutionVersion>(&*ctx.stores.records, &prefix).await?;
        let newest = versions.into_iter().filter(|(_, v)| v.status == Status::Active).max_by_key(|(_, v)| v.created_ms);
        let Some((at, version)) = newest else { continue };
        match one(ctx, refreshed, at, &version).await {
            Ok(()) | Err(Stop::Conflict | Stop::Lost | Stop::Shutdown) => {}
            Err(Stop::Failed(reason)) => failed.push((version.arn, reason)),
            Err(Stop::Retry(error)) => failed.push((version.arn, error.to_string())),
        }
    }
    Ok(failed)
}

async fn one(ctx: &JobsCtx, refreshed: &Refreshed, at: u64, version: &SolutionVersion) -> Result<(), Stop> {
    let now_ms = ctx.now();
    let last = refreshed.0.lock().get(&version.arn).cloned();
    let pause_ms = millis(ctx.settings.incremental);
    if last.as_ref().is_some_and(|last| (last.at_ms..last.at_ms.saturating_add(pause_ms)).contains(&now_ms)) {
        return Ok(());
    }
    let arn = dataset_arn(&version.dataset_group_arn, DatasetType::Items);
    let Some((_, dataset)) = records::load::<Dataset>(&*ctx.stores.records, &arn).await? else { return Ok(()) };
    let Some(items) = tables::load(ctx, &version.dataset_group_arn, DatasetType::Items).await? else { return Ok(()) };
    let seen = Seen { at_ms: now_ms, schema_arn: dataset.schema_arn, files: dataset.bulk_files, upto: items.upto };
    let same = |last: Seen| Seen { at_ms: now_ms, ..last } == seen;
    if !last.is_some_and(same) {
        let files = artifact_of(ctx, version).await?;
        let tables::Records { table, schema, .. } = items;
        let made = blocking(move || remade(files, &table, &schema)).await?;
        let made = made.map_err(|error| Stop::Failed(format!("{}: {error}", version.arn)))?;
        if let Some(files) = made {
            replace(ctx, at, version, files).await?;
        }
    }
    refreshed.0.lock().insert(version.arn.clone(), seen);
    Ok(())
}

/// The artifact over the items of `table`; `None` if it would be the same.
fn remade(mut files: ArtifactFiles, table: &Table, schema: &Schema) -> Result<Option<ArtifactFiles>, Error> {
    let manifest = tastemaker_recipes::artifact::verify(&files)?;
    let recipe = tastemaker_recipes::by_name(&manifest.recipe)
        .ok_or_else(|| Error::Artifact(format!("recipe '{}' is not known to this build", manifest.recipe)))?;
    let before = Catalog::from_bytes(tastemaker_recipes::artifact::file(&files, CATALOG_FILE)?)?;
    // Items keep their places, so that histories stay right; new ones follow.
    let mut builder = DatasetBuilder::new();
    before.items.iter().chain(table.ids.iter()).for_each(|id| builder.add_item(id));
    let all: Interactions = builder.build();
    let refresh = ItemsRefresh { before: &before.items, items: &all.items, table, schema };
    let model = recipe.refresh_items(&files, &refresh)?;
    let mut popularity = before.popularity.clone();
    popularity.resize(all.items.len(), 0.0);
    let catalog = Catalog { items: all.items, popularity, ..before };
    let companions = ArtifactFiles::from([(CATALOG_FILE.to_owned(), catalog.to_bytes()?)]);
    let made = recipe.write(&model, &Default::default(), manifest.seed, companions)?;
    files.retain(|name, bytes| made.get(name) == Some(bytes));
    Ok((files.len() != made.len()).then_some(made))
}

async fn replace(ctx: &JobsCtx, at: u64, version: &SolutionVersion, files: ArtifactFiles) -> Result<(), Stop> {
    let Some(old) = version.artifact_key.clone() else { return Ok(()) };
    let parent = old.rsplit_once('/').map_or(old.as_str(), |(parent, _)| parent);
    let key = format!("{parent}/items-{}", Uuid::new_v4().simple());
    for (name, bytes) in files {
        ctx.stores.blobs.put(&format!("{key}/{name}"), bytes.into()).await?;
    }
    let changed = SolutionVersion { artifact_key: Some(key), ..version.clone() };
    let unchanged = Precondition::Version(records::key::<SolutionVersion>(&version.arn), at);
    ctx.stores.records.commit(vec![unchanged], vec![records::put(&changed)?]).await?;
    for blob in ctx.stores.blobs.list(&format!("{old}/")).await? {
        ctx.stores.blobs.delete(&blob.key).await?;
    }
    Ok(())
}
