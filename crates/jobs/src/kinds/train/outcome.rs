//! The outcome of a training, and what FULL and UPDATE trainings have in common.

use super::journal::Journal;
use crate::leased_job::LeasedJob;
use crate::progress_log::ProgressLog;
use crate::stop::Stop;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;
use tastemaker_domain::resource::SolutionVersion;
use tastemaker_learn::Progress;
use tastemaker_recipes::{ArtifactFiles, Recipe};
use tastemaker_training::fit::FitOutcome;

/// The visible result of a training.
pub(super) struct TrainingOutcome {
    pub files: ArtifactFiles,
    pub metrics: BTreeMap<String, f64>,
    pub baseline_metrics: BTreeMap<String, f64>,
    pub tuned_parameters: BTreeMap<String, String>,
}

impl From<FitOutcome> for TrainingOutcome {
    fn from(fit: FitOutcome) -> Self {
        Self {
            files: fit.files,
            metrics: fit.report.metrics,
            baseline_metrics: fit.report.popularity_baseline,
            tuned_parameters: fit.tuned,
        }
    }
}

/// The time that a training has to notice by itself that its switch was thrown: a stop is through within a second.
pub(super) const GRACE: Duration = Duration::from_millis(700);

/// The recipe of a version. Every recipe that a solution may be made of can be trained, so one that cannot was stored by another
/// build.
pub(super) fn recipe_of(version: &SolutionVersion) -> Result<&'static Recipe, Stop> {
    tastemaker_recipes::by_arn(&version.recipe_arn)
        .ok_or_else(|| Stop::Failed(format!("This build of Tastemaker has no recipe {}.", version.recipe_arn)))
}

/// Tells operators what went otherwise than planned.
pub(super) fn warn_of(work: &LeasedJob, version: &SolutionVersion, notes: &[String], journal: &Journal) {
    for note in notes {
        tracing::warn!(version = version.arn, "{note}");
        journal.line(work.ctx.now(), note);
    }
}

/// Tells operators how far the training of a version has come, and the journal.
pub(super) fn report_of(
    work: &LeasedJob,
    version: &SolutionVersion,
    journal: &Arc<Journal>,
) -> impl Fn(Progress) + Send + Sync + 'static {
    let (arn, sink, log) = (version.arn.clone(), work.ctx.progress.clone(), ProgressLog::default());
    let (clock, journal) = (work.ctx.clock.clone(), journal.clone());
    move |progress| {
        journal.see(&progress);
        if log.note(&arn, &progress) {
            journal.progress_line(clock(), &progress);
        }
        sink(&arn, &progress);
    }
}

/// The seed of a version's random choices: the first eight bytes of the SHA-256 of its dataset group's ARN, so that all
/// versions over the same data are evaluated on the same held-out users.
pub(super) fn seed(group_arn: &str) -> u64 {
    Sha256::digest(group_arn).iter().take(8).fold(0, |seed, &byte| seed << 8 | u64::from(byte))
}
