//! The outcome of a training.

use super::report::TrainingReport;
use std::collections::BTreeMap;
use tastemaker_domain::tuning::Trial;
use tastemaker_eval::Report;
use tastemaker_recipes::ArtifactFiles;

/// A trained, evaluated and packed model.
#[derive(Debug, Clone)]
pub struct FitOutcome {
    /// Offline metrics by AWS's key, the popularity baseline's, and all that is in `metrics.json`.
    pub report: TrainingReport,
    /// The metrics with their per-user values.
    pub users: Report,
    /// The artifact: `manifest.json`, `model.safetensors`, `catalog.safetensors`, `metrics.json`.
    pub files: ArtifactFiles,
    /// The trials of the search for hyperparameters, by number.
    pub trials: Vec<Trial>,
    /// The algorithm's hyperparameters as the search left them; empty without one.
    pub tuned: BTreeMap<String, String>,
}
