//! The memory of a training: asked for by what the records say of its data, before any of it is read, and again when it is gathered.

use super::outcome::{GRACE, recipe_of};
use crate::blobs::dataset_arn;
use crate::leased_job::LeasedJob;
use crate::stop::{Stop, abandoned};
use crate::training_memory::{MemoryNeed, MemoryShare};
use tastemaker_domain::dataset_statistics::DatasetStatistics;
use tastemaker_domain::resource::{Dataset, SolutionVersion};
use tastemaker_domain::schema::DatasetType;
use tastemaker_store::records;
use tastemaker_training::fit::{FitRequest, PlannedTraining, TrainingSize, memory_needed};

/// Waits for the memory of a training whose data is not read yet; [`Stop::Failed`] with both numbers where what is known of the data
/// already needs more than there is.
pub(super) async fn before_gathering(
    work: &LeasedJob,
    version: &SolutionVersion,
    trials: usize,
) -> Result<MemoryShare, Stop> {
    // A recipe that this build does not have is told when its turn comes.
    let Ok(recipe) = recipe_of(version) else { return take(work, 0, trials).await };
    let planned = PlannedTraining { recipe, config: &version.config, size: known_size(work, version).await? };
    let share = take(work, planned.memory_needed().unwrap_or(0), trials).await?;
    // Parameters that cannot be read are judged by the training, with all its other rules.
    if planned.memory_needed().is_ok() {
        planned.check_memory(share.granted)?;
    }
    Ok(share)
}

/// The share of a training whose data is gathered: the one it has, if that is enough, or another one.
pub(super) async fn when_gathered(
    work: &LeasedJob,
    request: &FitRequest<'_>,
    trials: usize,
    share: MemoryShare,
) -> Result<MemoryShare, Stop> {
    let least = memory_needed(request).unwrap_or(0);
    if share.granted.is_none_or(|granted| least <= granted) {
        return Ok(share);
    }
    drop(share);
    take(work, least, trials).await
}

/// Waits for `least` bytes, and for more where `trials` of a search may run side by side.
async fn take(work: &LeasedJob, least: u64, trials: usize) -> Result<MemoryShare, Stop> {
    let need = MemoryNeed { least, most: least.saturating_mul(trials.max(1) as u64) };
    let available = &*work.ctx.available_memory;
    tokio::select! {
        share = work.ctx.training_memory.take(need, available) => Ok(share),
        () = abandoned(&work.cancel, GRACE) => Err(Stop::Shutdown),
    }
}

/// The size of a training's data by the records: the rows of datasets and, where they are of the same rows, their statistics. What is
/// not known, such as the rows that a threshold lets pass, counts as nothing, and so do streamed events.
async fn known_size(work: &LeasedJob, version: &SolutionVersion) -> Result<TrainingSize, Stop> {
    let items = found(work, version, DatasetType::Items).await?;
    let items = items.as_ref();
    let own_items = items.and_then(|(_, statistics)| statistics.as_ref()?.metadata.as_ref());
    let mut size = TrainingSize {
        items: own_items.map_or(0, |metadata| metadata.ids),
        has_item_metadata: items.is_some(),
        ..TrainingSize::default()
    };
    let Some((dataset, statistics)) = found(work, version, DatasetType::Interactions).await? else { return Ok(size) };
    let interactions = statistics.as_ref().and_then(|statistics| statistics.interactions.as_ref());
    if version.config.event_value_threshold.is_some() || !version.config.events.is_empty() {
        return Ok(size);
    }
    if let Some(wanted) = &version.event_type {
        let of_type = interactions.and_then(|known| {
            known.event_types.iter().find(|found| found.name.to_lowercase() == wanted.to_lowercase())
        });
        if let Some(found) = of_type {
            (size.interactions, size.users) = (found.rows, found.users);
        }
        return Ok(size);
    }
    size.interactions = dataset.bulk_rows;
    if let Some(known) = interactions {
        // Items in the Items dataset that were never taken are items, too.
        let never_taken = own_items.and_then(|metadata| metadata.without_interactions).unwrap_or(0);
        size.interactions -= known.duplicates.min(size.interactions);
        (size.users, size.items) = (known.users, size.items.max(known.items + never_taken));
    }
    Ok(size)
}

/// A dataset of the version's group, with its statistics where they are of its present rows.
async fn found(
    work: &LeasedJob,
    version: &SolutionVersion,
    dataset_type: DatasetType,
) -> Result<Option<(Dataset, Option<DatasetStatistics>)>, Stop> {
    let arn = dataset_arn(&version.dataset_group_arn, dataset_type);
    let Some((_, dataset)) = work.load::<Dataset>(&arn).await? else { return Ok(None) };
    // Statistics that cannot be read are made anew elsewhere.
    let statistics = records::load::<DatasetStatistics>(&*work.ctx.stores.records, &arn).await.ok().flatten();
    let statistics = statistics.map(|(_, statistics)| statistics).filter(|found| found.rows == dataset.bulk_rows);
    Ok(Some((dataset, statistics)))
}
