//! `trainingMode` UPDATE: the last FULL version with the items and events of now.
//!
//! Its metrics stay those of the FULL version: that model has seen every user, so none is left to evaluate it on. Its lists are compared
//! with the most popular items all the same.

use super::gathered::Gathered;
use super::journal::Journal;
use super::memory;
use super::outcome::{GRACE, TrainingOutcome, recipe_of, report_of, seed, warn_of};
use crate::deployer::open::files_of;
use crate::leased_job::LeasedJob;
use crate::low_priority::at_low_priority;
use crate::stop::{Stop, abandoned};
use crate::training_memory::MemoryShare;
use std::sync::Arc;
use tastemaker_domain::resource::{SolutionVersion, TrainingMode};
use tastemaker_domain::tuning::with_trial;
use tastemaker_domain::{Member, Status};
use tastemaker_learn::TrainContext;
use tastemaker_recipes::{ArtifactFiles, artifact};
use tastemaker_store::records;
use tastemaker_training::catalog::{CATALOG_FILE, Catalog};
use tastemaker_training::fit::{self, FitRequest};

/// The version to go on from.
pub(super) struct Base {
    version: SolutionVersion,
    files: ArtifactFiles,
    /// Its items in the model's order.
    pub(super) items: Vec<String>,
}

/// The solution's newest ACTIVE version of mode FULL.
pub(super) async fn base_of(work: &LeasedJob, version: &SolutionVersion) -> Result<Base, Stop> {
    let under = format!("{}/", version.solution_arn);
    let versions = records::list_under::<SolutionVersion>(&*work.ctx.stores.records, &under).await?;
    let ready = |v: &SolutionVersion| v.training_mode == TrainingMode::Full && v.status == Status::Active;
    let full = versions.into_iter().map(|(_, v)| v).filter(ready).max_by_key(|v| v.created_ms);
    let found = full.and_then(|v| v.artifact_key.clone().map(|key| (v, key)));
    let (base, key) = found.ok_or_else(|| {
        Stop::Failed(format!(
            "{} has no ACTIVE version of {} FULL to update. Train one.",
            version.solution_arn,
            Member::TrainingMode
        ))
    })?;
    let files = files_of(&work.ctx, &base.arn, &key).await?;
    let catalog = artifact::file(&files, CATALOG_FILE).and_then(Catalog::from_bytes);
    let catalog = catalog.map_err(|error| {
        Stop::Failed(format!("The model of {} cannot be opened: {error}. Train with FULL.", base.arn))
    })?;
    Ok(Base { version: base, files, items: catalog.items.iter().map(str::to_owned).collect() })
}

/// Folds `gathered` into `base`.
pub(super) async fn update(
    work: &LeasedJob,
    version: &SolutionVersion,
    gathered: Gathered,
    base: Base,
    share: MemoryShare,
    journal: &Arc<Journal>,
) -> Result<TrainingOutcome, Stop> {
    let recipe = recipe_of(version)?;
    let config = with_trial(&version.config, &version.tuned_parameters);
    let share = memory::when_gathered(work, &gathered.request(recipe, &config), 1, share).await?;
    let (group, threads, memory_bytes) = (version.dataset_group_arn.clone(), work.ctx.threads, share.granted);
    let (cancel, report) = (work.cancel.clone(), report_of(work, version, journal));
    let Base { version: base, files, .. } = base;
    let updated = at_low_priority(move || {
        let context = TrainContext {
            seed: seed(&group),
            threads,
            cancel: &cancel,
            progress: &report,
            checkpoints: &tastemaker_learn::NoCheckpoints,
        };
        fit::update(&FitRequest { memory_bytes, ..gathered.request(recipe, &config) }, &files, &context)
    });
    let fit::Updated { files, notes } = tokio::select! {
        updated = updated => updated??,
        () = abandoned(&work.cancel, GRACE) => return Err(Stop::Shutdown),
    };
    warn_of(work, version, &notes, journal);
    Ok(TrainingOutcome {
        files,
        metrics: base.metrics,
        baseline_metrics: base.baseline_metrics,
        tuned_parameters: base.tuned_parameters,
    })
}
