//! Training from a dataset to the files of an artifact, free of storage: what the train job and `tastemaker learn` share.
//!
//! 1. check the minimum data
//! 2. split: a tenth of the users is held out (`eval::split::personalize`)
//! 3. train on the other users
//! 4. judge on the held-out users, with the popularity baseline beside it
//! 5. refit on all users, continuing from the judged model (docs/decisions/0010)
//! 6. write the artifact's files

mod minimum;

use crate::catalog::{CATALOG_FILE, Catalog, popularity};
use crate::scoring::{self, Question};
use std::collections::BTreeMap;
use tastemaker_data::{Dataset, ItemIx, Table};
use tastemaker_domain::solution_config::SolutionConfig;
use tastemaker_eval::{Report, TestUser, metrics, report, split};
use tastemaker_learn::popularity::PopularityModel;
use tastemaker_learn::{Event, Progress, Scorer, TrainContext};
use tastemaker_recipes::{ArtifactFiles, Recipe, TrainRequest};

/// What to train on.
#[derive(Debug, Clone, Copy)]
pub struct FitRequest<'a> {
    /// The recipe.
    pub recipe: &'a Recipe,
    /// All interactions, filtered by event type and value, with the Items dataset's ids among its items.
    pub dataset: &'a Dataset,
    /// Whose histories the artifact carries: the bulk part of `dataset` (or `dataset` itself).
    pub histories: &'a Dataset,
    /// The columns of the Items dataset that training uses.
    pub items: Option<&'a Table>,
    /// The customer's parameters.
    pub config: &'a SolutionConfig,
}

/// A trained, judged and packed model.
#[derive(Debug, Clone)]
pub struct FitOutcome {
    /// Offline metrics by AWS's key, rounded to four decimals.
    pub metrics: BTreeMap<String, f64>,
    /// The same of the popularity baseline on the same held-out users.
    pub baseline_metrics: BTreeMap<String, f64>,
    /// The metrics with their per-user values.
    pub report: Report,
    /// The baseline's.
    pub baseline: Report,
    /// The artifact: `manifest.json`, `model.safetensors`, `catalog.safetensors`.
    pub files: ArtifactFiles,
}

/// Why no model came about. The texts of the first three are for the customer and say what to change.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[allow(missing_docs)]
pub enum FitError {
    #[error("{0}")]
    TooLittleData(String),
    #[error("{0}")]
    Invalid(String),
    #[error("{0}")]
    Diverged(String),
    #[error("training was cancelled")]
    Cancelled,
    /// An invariant of this program failed; the text is for operators.
    #[error("{0}")]
    Internal(String),
}

impl From<tastemaker_recipes::Error> for FitError {
    fn from(error: tastemaker_recipes::Error) -> Self {
        use tastemaker_recipes::Error;
        match error {
            Error::Cancelled => Self::Cancelled,
            Error::Invalid(text) => Self::Invalid(text),
            Error::Diverged(text) => Self::Diverged(text),
            Error::Artifact(text) => Self::Internal(text),
        }
    }
}

/// Trains, judges, refits and packs a model. The same request, seed and thread count give the same files and metrics.
///
/// Progress is reported under the stages `split`, `train`, `validate`, `judge`, `refit` and `write`. Nothing a test user
/// has seen is excluded from the lists that are judged: data with repeat interactions would otherwise be misjudged.
pub fn fit(request: &FitRequest, context: &TrainContext) -> Result<FitOutcome, FitError> {
    let FitRequest { recipe, dataset, histories, items, config } = *request;
    recipe.check_data(dataset).map_err(|error| FitError::TooLittleData(error.to_string()))?;
    minimum::check(dataset).map_err(FitError::TooLittleData)?;
    let say = |stage, note: String| (context.progress)(Progress { stage, done: 0, total: 1, note });

    let split = split::personalize(dataset, context.seed);
    say("split", format!("{} training users, {} test users", split.train.users.len(), split.tests.len()));
    let on_train = TrainRequest { dataset: &split.train, items, config, warm_start: None };
    let judged = recipe.train(&on_train, context)?;

    say("judge", format!("{} test users", split.tests.len()));
    let question = |test: &TestUser| {
        let sequence = dataset.sequence(test.user);
        let event = |n: usize| Event {
            item: ItemIx(sequence.items[n]),
            time_s: sequence.times[n],
            event_type: sequence.event_types[n],
            value: sequence.values[n],
        };
        let item = recipe.descriptor.needs_item.then(|| test.input.last().map(|&item| ItemIx(item))).flatten();
        Question { history: (0..test.input.len()).map(event).collect(), now_s: None, item }
    };
    let questions: Vec<Question> = split.tests.iter().map(question).collect();
    let judge = |scorer: &dyn Scorer| -> Result<Report, FitError> {
        context.cancel.check().map_err(|_| FitError::Cancelled)?;
        let options =
            scoring::RankOptions { list_len: metrics::LIST_LEN, exclude_seen: false, threads: context.threads };
        let lists = scoring::rank(scorer, &questions, &options)?;
        let items = |list: Vec<(u32, f32)>| list.into_iter().map(|(item, _)| item).collect();
        let lists: Vec<Vec<u32>> = lists.into_iter().map(items).collect();
        Ok(report(&split.tests, &lists, dataset.items.len()))
    };
    let report = judge(&*judged.scorer)?;
    let popular = PopularityModel::from_counts(popularity(&split.train))
        .map_err(|error| FitError::Internal(error.to_string()))?;
    let baseline = judge(&popular)?;

    let as_refit = |p: Progress| (context.progress)(Progress { stage: "refit", ..p });
    let refit_context = TrainContext { progress: &as_refit, ..*context };
    let on_all = TrainRequest { dataset, items, config, warm_start: Some(&judged) };
    let served = recipe.train(&on_all, &refit_context)?;

    say("write", format!("{} items", dataset.items.len()));
    let catalog = Catalog::new(dataset, histories).to_bytes()?;
    let companions = ArtifactFiles::from([(CATALOG_FILE.to_owned(), catalog)]);
    let files = recipe.write(&served, config, context.seed, companions)?;
    Ok(FitOutcome { metrics: report.rounded(), baseline_metrics: baseline.rounded(), report, baseline, files })
}

#[cfg(test)]
mod tests;
