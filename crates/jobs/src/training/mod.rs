//! Training from a dataset to the files of an artifact, free of storage: what the train job and `tastemaker learn` share.
//!
//! 1. check the minimum data, and that there is memory enough
//! 2. split: a tenth of the users is held out (`eval::split::personalize`)
//! 3. where asked for, search hyperparameters among the other users ([`tuning`])
//! 4. train on the other users
//! 5. judge on the held-out users, with the popularity baseline beside it
//! 6. refit on all users, continuing from the judged model (docs/decisions/0010)
//! 7. where the lists of the judged or the refitted model are worse than the popular items beyond noise, reduce the judged model
//!    to its best part, or to popularity, and go on from 5 (docs/decisions/0036)
//! 8. write the artifact's files

mod actions;
mod exam;
mod meaning;
pub mod memory;
mod minimum;
mod popularity_check;
mod preferences;
pub mod report;
mod segments;
mod trend;
mod tuning;

pub use actions::Responses;
pub use tuning::Tuning;

use crate::catalog::{CATALOG_FILE, Catalog, popularity};
use exam::Exam;
use popularity_check::{Compared, Occasions, PopularityCheck};
use report::{Findings, ListsByQuestion, PopularityFacts, REPORT_FILE, TrainingReport};
use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use tastemaker_data::{ContextCounts, Dataset, Table};
use tastemaker_domain::parameters::resolve;
use tastemaker_domain::recipe::EvaluationProtocol;
use tastemaker_domain::schema::Schema;
use tastemaker_domain::solution_config::SolutionConfig;
use tastemaker_domain::tuning::{Trial, best, tuned, with_trial};
use tastemaker_eval::{Report, split};
use tastemaker_learn::models::popularity::PopularityModel;
use tastemaker_learn::{EpochEnd, Progress, TrainContext};
use tastemaker_recipes::artifact::EnsembleFacts;
use tastemaker_recipes::{ArtifactFiles, Model, Recipe, Reduction, TrainRequest};

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
    /// What these columns are.
    pub item_schema: Option<&'a Schema>,
    /// The columns of the Users dataset that training uses.
    pub users: Option<&'a Table>,
    /// What users did with actions; needed by recipes of actions alone.
    pub responses: Option<Responses<'a>>,
    /// Under which circumstances items were interacted with.
    pub contexts: Option<&'a ContextCounts>,
    /// The customer's parameters.
    pub config: &'a SolutionConfig,
    /// A search for hyperparameters to make first.
    pub tuning: Option<Tuning<'a>>,
    /// Memory that the training may take; see [`memory::available_bytes`].
    pub memory_bytes: Option<u64>,
}

impl<'a> FitRequest<'a> {
    /// Interactions alone, all of them bulk.
    pub fn new(recipe: &'a Recipe, dataset: &'a Dataset, config: &'a SolutionConfig) -> Self {
        Self {
            recipe,
            dataset,
            histories: dataset,
            items: None,
            item_schema: None,
            users: None,
            responses: None,
            contexts: None,
            config,
            tuning: None,
            memory_bytes: None,
        }
    }

    /// The same with the interactions of `dataset`, for the recipe.
    fn of<'b>(&'b self, dataset: &'b Dataset) -> TrainRequest<'b> {
        TrainRequest {
            items: self.items,
            item_schema: self.item_schema,
            users: self.users,
            contexts: self.contexts,
            ..TrainRequest::new(dataset, self.config)
        }
    }
}

/// A trained, judged and packed model.
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
/// Progress is reported under the stages `split`, `tune`, `train`, `validate`, `judge`, `refit` and `write`.
pub fn fit(request: &FitRequest, context: &TrainContext) -> Result<FitOutcome, FitError> {
    let FitRequest { recipe, dataset, config, tuning, .. } = *request;
    recipe.check_data(&request.of(dataset)).map_err(|error| FitError::TooLittleData(error.to_string()))?;
    match recipe.descriptor.evaluation {
        EvaluationProtocol::Segments => return segments::fit(request, context),
        EvaluationProtocol::Actions => return actions::fit(request, context),
        EvaluationProtocol::Coverage => return meaning::fit(request, context),
        EvaluationProtocol::NextItems => {}
    }
    minimum::check(dataset).map_err(FitError::TooLittleData)?;
    let values = resolve(recipe.descriptor, config).map_err(tastemaker_recipes::Error::from)?;
    let room = memory::side_by_side(request, &values).map_err(FitError::Invalid)?;
    let say = |stage, note: String| (context.progress)(Progress::of(stage, note));

    let split = split::personalize(dataset, context.seed);
    say("split", format!("{} training users, {} test users", split.train.users.len(), split.tests.len()));
    let trials = match &tuning {
        Some(tuning) => tuning::search(request, &split.train, tuning, room, context)?,
        None => Vec::new(),
    };
    // Without any trial that could be judged, the defaults.
    let chosen = best(&trials).or(trials.first()).map(|trial| with_trial(config, &trial.parameters));
    let config = chosen.as_ref().unwrap_or(config);
    let values = resolve(recipe.descriptor, config).map_err(tastemaker_recipes::Error::from)?;
    let tuned = tuning.map(|_| tuned(recipe.descriptor, &values)).unwrap_or_default();

    let on_train = TrainRequest { config, ..request.of(&split.train) };
    let curve: Mutex<Vec<EpochEnd>> = Mutex::default();
    let watched = |p: Progress| {
        if let Some(epoch) = p.epoch {
            let mut curve = curve.lock().unwrap_or_else(PoisonError::into_inner);
            // A training that diverged begins anew.
            curve.truncate(epoch.number.saturating_sub(1));
            curve.push(epoch);
        }
        (context.progress)(p);
    };
    let mut judged = recipe.train(&on_train, &TrainContext { progress: &watched, ..*context })?;
    let curve = curve.into_inner().unwrap_or_else(PoisonError::into_inner);

    let as_refit = |p: Progress| (context.progress)(Progress { stage: "refit", ..p });
    let refit_context = TrainContext { progress: &as_refit, ..*context };
    let exam = Exam::new(recipe, dataset, request.users, &split.tests);
    let popular = PopularityModel::from_counts(popularity(&split.train))
        .map_err(|error| FitError::Internal(error.to_string()))?;
    let baseline = exam.judge(&popular, context)?;
    let occasions = [Occasions::of_tests(dataset, &split.tests), Occasions::of_all(dataset, &split.tests)];
    let check = |which: usize, training: &Dataset| {
        PopularityCheck::new(recipe, dataset, request.users, &occasions[which], training, context)
    };
    let checks = if recipe.lists_for_users() { Some([check(0, &split.train)?, check(1, dataset)?]) } else { None };
    let compare = |which: usize, model: &Model| match &checks {
        Some(checks) => {
            let scorer = recipe.scorer_without_objective(model, config)?;
            checks[which].compare(&*scorer, context).map(Some)
        }
        None => Ok(None),
    };
    let mut notes: Vec<String> = Vec::new();
    let mut reductions = [Reduction::BestPart, Reduction::Popularity].into_iter();
    let (served, against_popularity) = loop {
        say("judge", format!("{} test users", split.tests.len()));
        let of_judged = compare(0, &judged)?;
        let mut why = worse(&of_judged);
        // The most popular items themselves may fall short of what all users together take most; there is nothing less.
        if why.is_none() || reductions.len() == 0 {
            let on_all = TrainRequest { config, warm_start: Some(&judged), ..request.of(dataset) };
            let (served, note) = to_serve(&judged, recipe.train(&on_all, &refit_context), &exam)?;
            let of_served = compare(1, &served)?;
            why = worse(&of_served);
            if why.is_none() || reductions.len() == 0 {
                notes.extend(note);
                let lists = of_judged.zip(of_served);
                break (served, lists.map(|(a, b)| PopularityFacts { judged: a.lists, served: b.lists }));
            }
        }
        if let Some((why, to)) = why.zip(reductions.next()) {
            judged = recipe.reduced(&on_train, &judged, to, context)?;
            let note = reduction_note(&why, &judged);
            say("judge", note.clone());
            notes.push(note);
        }
    };
    if judged.blend.as_ref().is_some_and(EnsembleFacts::is_popularity_alone) {
        notes.push(
            "Nothing that was learned beats popularity on held-out users: the version recommends popular items."
                .to_owned(),
        );
    }
    notes.splice(0..0, judged.blend.iter().flat_map(|blend| blend.notes.clone()));

    let mut marks = exam.judge(&*judged.scorer, context)?;
    marks.report.means.extend(preferences::metrics(request, &split.tests, &marks.lists));
    let mut report = TrainingReport::new(Findings {
        recipe: recipe.descriptor.name,
        parameters: values.iter().map(|(name, value)| (name.to_owned(), value.to_string())).collect(),
        training_users: judged.users_trained,
        counts: interactions_by_item(&split.train),
        model: &marks,
        baseline: &baseline,
        taken: split.tests.iter().map(|test| test.truth.clone()).collect(),
        against_popularity,
        notes,
        blend: judged.blend.clone(),
        curve,
        trials: &trials,
        seed: context.seed,
    });

    if let Some(value) = trend::accuracy(request, context)? {
        report.metrics.insert(trend::KEY.to_owned(), (value * 1e4).round() / 1e4);
    }

    let text = report.to_json().map_err(|error| FitError::Internal(error.to_string()))?;
    let files = pack(request, &served, config, ArtifactFiles::from([(REPORT_FILE.to_owned(), text)]), context)?;
    Ok(FitOutcome { report, users: marks.report, files, trials, tuned })
}

/// What `trainingMode` UPDATE makes.
#[derive(Debug, Clone)]
pub struct Updated {
    /// The artifact. Its `metrics.json` is that of the base, but for the comparison of the served lists with the most popular items.
    pub files: ArtifactFiles,
    /// What went otherwise than planned, in sentences; also in `metrics.json`.
    pub notes: Vec<String>,
}

/// The artifact of `base` with the items and events of `request.dataset`, whose first items are those of `base`. It is not judged, as
/// the model has seen every user; where its lists are worse than the most popular items beyond noise it is reduced as in [`fit`].
pub fn update(request: &FitRequest, base: &ArtifactFiles, context: &TrainContext) -> Result<Updated, FitError> {
    let FitRequest { recipe, dataset, config, .. } = *request;
    let values = resolve(recipe.descriptor, config).map_err(tastemaker_recipes::Error::from)?;
    memory::side_by_side(request, &values).map_err(FitError::Invalid)?;
    let model = recipe.reopen(base)?;
    (context.progress)(Progress::of("update", format!("{} items", dataset.items.len())));
    let on_all = request.of(dataset);
    let mut updated = recipe.update(&on_all, &model, context)?;
    let mut notes = Vec::new();
    let mut lists = None;
    if recipe.lists_for_users() {
        let occasions = Occasions::of_all(dataset, &[]);
        let check = PopularityCheck::new(recipe, dataset, request.users, &occasions, dataset, context)?;
        let mut reductions = [Reduction::BestPart, Reduction::Popularity].into_iter();
        lists = loop {
            let compared = check.compare(&*recipe.scorer_without_objective(&updated, config)?, context)?;
            let Some((why, to)) = compared.worse.zip(reductions.next()) else { break Some(compared.lists) };
            updated = recipe.reduced(&on_all, &updated, to, context)?;
            let note = reduction_note(&why, &updated);
            (context.progress)(Progress::of("update", note.clone()));
            notes.push(note);
        };
    }
    let report = base.get(REPORT_FILE).map(|text| updated_report(text, lists, &notes)).transpose()?;
    let report = report.map(|text| (REPORT_FILE.to_owned(), text));
    let files = pack(request, &updated, config, report.into_iter().collect(), context)?;
    Ok(Updated { files, notes })
}

/// The report `text` of a model that was updated since.
fn updated_report(text: &[u8], lists: Option<ListsByQuestion>, notes: &[String]) -> Result<Vec<u8>, FitError> {
    let internal = |error: serde_json::Error| FitError::Internal(format!("{REPORT_FILE}: {error}"));
    let mut report = TrainingReport::from_json(text).map_err(internal)?;
    if let Some(lists) = lists {
        report.against_popularity.get_or_insert_default().served = lists;
    }
    report.notes.extend_from_slice(notes);
    report.to_json().map_err(internal)
}

/// How a model is worse than the most popular items beyond noise, if it is.
fn worse(compared: &Option<Compared>) -> Option<String> {
    compared.as_ref().and_then(|compared| compared.worse.clone())
}

/// What is said of a model that was reduced to `judged`.
fn reduction_note(why: &str, judged: &Model) -> String {
    let parts: Vec<&str> = judged.blend.iter().flat_map(EnsembleFacts::component_names).collect();
    format!(
        "The lists of the model were worse than the most popular items ({why}): it is reduced to {}.",
        parts.join(" and ")
    )
}

/// Interactions of each item.
fn interactions_by_item(dataset: &Dataset) -> Vec<f64> {
    let mut counts = vec![0.0; dataset.items.len()];
    dataset.item_column().iter().for_each(|&item| counts[item as usize] += 1.0);
    counts
}

/// The model of all users, or, where it came to nothing, the judged one with a note that says so. A judged model that is not
/// finite either is no model.
fn to_serve(
    judged: &Model,
    refitted: Result<Model, tastemaker_recipes::Error>,
    exam: &Exam,
) -> Result<(Model, Option<String>), FitError> {
    let why = match refitted {
        Ok(model) if exam.finite(&*model.scorer) => return Ok((model, None)),
        Ok(_) => "it has scores that are not finite".to_owned(),
        Err(tastemaker_recipes::Error::Diverged(text)) => text,
        Err(error) => return Err(error.into()),
    };
    match exam.finite(&*judged.scorer) {
        true => {
            let note =
                format!("The refit on all users came to nothing ({why}); the model without the test users serves.");
            Ok((judged.clone(), Some(note)))
        }
        false => Err(FitError::Diverged(format!("Training did not converge: {why}."))),
    }
}

/// The files of `model` beside `companions`; `config` has the parameters that it was trained with.
fn pack(
    request: &FitRequest,
    model: &Model,
    config: &SolutionConfig,
    mut companions: ArtifactFiles,
    context: &TrainContext,
) -> Result<ArtifactFiles, FitError> {
    let FitRequest { recipe, dataset, histories, contexts, .. } = *request;
    (context.progress)(Progress::of("write", format!("{} items", dataset.items.len())));
    let impressions = contexts.map_or_else(Vec::new, |contexts| contexts.shown(&dataset.items));
    let catalog = Catalog { impressions, ..Catalog::new(dataset, histories) };
    companions.insert(CATALOG_FILE.to_owned(), catalog.to_bytes()?);
    Ok(recipe.write(model, config, context.seed, companions)?)
}

/// The outcome of a training whose model was judged in a way of its own. `catalogs` come in place of the usual one.
fn judged(
    request: &FitRequest,
    context: &TrainContext,
    served: &Model,
    (users, baseline): (Report, Report),
    catalogs: Option<ArtifactFiles>,
) -> Result<FitOutcome, FitError> {
    let FitRequest { recipe, dataset, histories, config, .. } = *request;
    let values = resolve(recipe.descriptor, config).map_err(tastemaker_recipes::Error::from)?;
    let parameters = values.iter().map(|(name, value)| (name.to_owned(), value.to_string())).collect();
    let report = TrainingReport::brief(recipe.descriptor.name, parameters, served.users_trained, &users, &baseline);
    (context.progress)(Progress::of("write", format!("{} items", dataset.items.len())));
    let mut files = match catalogs {
        Some(catalogs) => catalogs,
        None => ArtifactFiles::from([(CATALOG_FILE.to_owned(), Catalog::new(dataset, histories).to_bytes()?)]),
    };
    files.insert(REPORT_FILE.to_owned(), report.to_json().map_err(|error| FitError::Internal(error.to_string()))?);
    let files = recipe.write(served, config, context.seed, files)?;
    Ok(FitOutcome { report, users, files, trials: Vec::new(), tuned: BTreeMap::new() })
}

#[cfg(test)]
mod odd_datasets;
#[cfg(test)]
mod tests;
