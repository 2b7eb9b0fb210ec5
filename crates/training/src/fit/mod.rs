//! From a dataset to the files of an artifact: checks, split, hyperparameter search, training, offline evaluation, refit.
//!
//! 1. check the minimum data, and that there is memory enough
//! 2. split: a tenth of the users is held out (`eval::split::personalize`)
//! 3. where asked for, search hyperparameters among the other users (`hpo`)
//! 4. train on the other users
//! 5. evaluate on the held-out users, with the popularity baseline beside it
//! 6. refit on all users, continuing from the evaluated model (docs/decisions/0010)
//! 7. where the lists of the evaluated or the refitted model are worse than the popular items beyond noise, reduce the evaluated model
//!    to its best part, or to popularity, and go on from 5 (docs/decisions/0036)
//! 8. write the artifact's files

mod actions;
mod checkpoints;
mod data_requirements;
mod digest;
mod error;
mod evaluation;
mod hpo;
mod memory;
mod objective_metrics;
mod outcome;
mod packing;
mod popularity_check;
pub mod report;
mod request;
mod segmentation;
mod semantic;
mod train_request;
mod trend;
mod update;

pub use error::FitError;
pub use memory::{PlannedTraining, TrainingSize, memory_needed};
pub use outcome::FitOutcome;
pub use request::{FitRequest, Tuning};
pub use update::{Updated, update};

use crate::catalog::popularity;
use checkpoints::FinishedModels;
use evaluation::Evaluator;
use packing::pack;
use parking_lot::Mutex;
use popularity_check::{Compared, PopularityCheck, TestRequestsByTime, interactions_by_item, reduction_note};
use report::{Findings, PopularityFacts, REPORT_FILE, TrainingReport};
use tastemaker_data::Dataset;
use tastemaker_domain::parameters::resolve;
use tastemaker_domain::recipe::EvaluationProtocol;
use tastemaker_domain::tuning::{best, tuned, with_trial};
use tastemaker_eval::split;
use tastemaker_learn::models::popularity::PopularityModel;
use tastemaker_learn::sentences;
use tastemaker_learn::{EpochEnd, Progress, TrainContext};
use tastemaker_recipes::artifact::EnsembleFacts;
use tastemaker_recipes::{ArtifactFiles, Model, Reduction, TrainRequest};

/// Trains, evaluates, refits and packs a model. The same request, seed and thread count give the same files and metrics.
///
/// Progress is reported under the stages `split`, `tune`, `train`, `validate`, `evaluate`, `refit` and `write`.
pub fn fit(request: &FitRequest, context: &TrainContext) -> Result<FitOutcome, FitError> {
    let FitRequest { recipe, dataset, config, tuning, .. } = *request;
    recipe.check_data(&request.of(dataset)).map_err(|error| FitError::TooLittleData(error.to_string()))?;
    match recipe.descriptor.evaluation {
        EvaluationProtocol::Segments => return segmentation::fit(request, context),
        EvaluationProtocol::Actions => return actions::fit(request, context),
        EvaluationProtocol::Coverage => return semantic::fit(request, context),
        EvaluationProtocol::NextItems => {}
    }
    data_requirements::check(dataset).map_err(FitError::TooLittleData)?;
    let values = resolve(recipe.descriptor, config).map_err(tastemaker_recipes::Error::from)?;
    let room = memory::of_request(request, &values).map_err(FitError::Invalid)?;
    let say = |stage, note: String| (context.progress)(Progress::of(stage, note));

    let split = split::personalize(dataset, context.seed);
    say("split", sentences::SPLIT_USERS.with(&[&split.train.users.len(), &split.tests.len()]));
    let trials = match &tuning {
        Some(tuning) => hpo::search(request, &split.train, tuning, room, context)?,
        None => Vec::new(),
    };
    // Without any trial that could be evaluated, the defaults.
    let chosen = best(&trials).or(trials.first()).map(|trial| with_trial(config, &trial.parameters));
    let config = chosen.as_ref().unwrap_or(config);
    let values = resolve(recipe.descriptor, config).map_err(tastemaker_recipes::Error::from)?;
    let tuned = tuning.map(|_| tuned(recipe.descriptor, &values)).unwrap_or_default();

    let on_train = TrainRequest { config, ..request.of(&split.train) };
    let curve: Mutex<Vec<EpochEnd>> = Mutex::default();
    let watched = |p: Progress| {
        if let Some(epoch) = p.epoch {
            let mut curve = curve.lock();
            // A training that diverged begins anew.
            curve.truncate(epoch.number.saturating_sub(1));
            curve.push(epoch);
        }
        (context.progress)(p);
    };
    let finished = FinishedModels::of(request, context);
    let train = || recipe.train(&on_train, &TrainContext { progress: &watched, ..*context });
    let mut evaluated = finished.model("evaluated", Some(&curve), train)?;
    let curve = curve.into_inner();

    let as_refit = |p: Progress| (context.progress)(Progress { stage: "refit", ..p });
    let refit_context = TrainContext { progress: &as_refit, ..*context };
    let evaluator = Evaluator::new(recipe, dataset, request.users, &split.tests);
    let popular = PopularityModel::from_counts(popularity(&split.train))
        .map_err(|error| FitError::Internal(error.to_string()))?;
    let baseline = evaluator.evaluate(&popular, context)?;
    let test_requests =
        [TestRequestsByTime::of_tests(dataset, &split.tests), TestRequestsByTime::of_all(dataset, &split.tests)];
    let check = |which: usize, training: &Dataset| {
        PopularityCheck::new(recipe, dataset, request.users, &test_requests[which], training, context)
    };
    let checks = if recipe.lists_for_users() { Some([check(0, &split.train)?, check(1, dataset)?]) } else { None };
    let compare = |which: usize, model: &Model| match &checks {
        Some(checks) => {
            let scorer = recipe.scorer_without_objective(model, config)?;
            checks[which].compare(&*scorer, context).map(Some)
        }
        None => Ok(None),
    };
    let legacy = |other: &str| sentences::LEGACY.with(&[&recipe.descriptor.name, &other]);
    let mut notes: Vec<String> = recipe.descriptor.replaced_by.map(legacy).into_iter().collect();
    let mut reductions = [Reduction::BestPart, Reduction::Popularity].into_iter();
    let (served, against_popularity) = loop {
        say("evaluate", sentences::TEST_USERS.with(&[&split.tests.len()]));
        let of_evaluated = compare(0, &evaluated)?;
        let mut why = worse(&of_evaluated);
        // The most popular items themselves may fall short of what all users together take most; there is nothing less.
        if why.is_none() || reductions.len() == 0 {
            let on_all = TrainRequest { config, warm_start: Some(&evaluated), ..request.of(dataset) };
            let name = format!("served-{}", reductions.len());
            let refitted = finished.model(&name, None, || recipe.train(&on_all, &refit_context));
            let (served, note) = to_serve(&evaluated, refitted, &evaluator)?;
            let of_served = compare(1, &served)?;
            why = worse(&of_served);
            if why.is_none() || reductions.len() == 0 {
                notes.extend(note);
                let lists = of_evaluated.zip(of_served);
                break (served, lists.map(|(a, b)| PopularityFacts { evaluated: a.lists, served: b.lists }));
            }
        }
        if let Some((why, to)) = why.zip(reductions.next()) {
            let name = format!("reduced-{}", reductions.len());
            evaluated = finished.model(&name, None, || recipe.reduced(&on_train, &evaluated, to, context))?;
            let note = reduction_note(&why, &evaluated);
            say("evaluate", note.clone());
            notes.push(note);
        }
    };
    if evaluated.blend.as_ref().is_some_and(EnsembleFacts::is_only_popularity) {
        notes.push(sentences::ONLY_POPULARITY.with(&[]));
    }
    let after_legacy = usize::from(recipe.descriptor.replaced_by.is_some());
    notes.splice(after_legacy..after_legacy, evaluated.blend.iter().flat_map(|blend| blend.notes.clone()));

    let mut evaluation = evaluator.evaluate(&*evaluated.scorer, context)?;
    evaluation.report.means.extend(objective_metrics::metrics(request, &split.tests, &evaluation.lists));
    let mut report = TrainingReport::new(Findings {
        recipe: recipe.descriptor.name,
        parameters: values.iter().map(|(name, value)| (name.to_owned(), value.to_string())).collect(),
        training_users: evaluated.users_trained,
        counts: interactions_by_item(&split.train),
        model: &evaluation,
        baseline: &baseline,
        taken: split.tests.iter().map(|test| test.truth.clone()).collect(),
        against_popularity,
        notes,
        blend: evaluated.blend.clone(),
        curve,
        trials: &trials,
        seed: context.seed,
    });

    if let Some(value) = trend::accuracy(request, context)? {
        report.metrics.insert(trend::KEY.to_owned(), (value * 1e4).round() / 1e4);
    }

    // The artifact is written without the copy of the training users beside it.
    drop(split);
    let text = report.to_json().map_err(|error| FitError::Internal(error.to_string()))?;
    let files = pack(request, &served, config, ArtifactFiles::from([(REPORT_FILE.to_owned(), text)]), context)?;
    Ok(FitOutcome { report, users: evaluation.report, files, trials, tuned })
}

/// The sentence that says by how much a model is worse than the most popular items, if it is beyond noise.
fn worse(compared: &Option<Compared>) -> Option<String> {
    compared.as_ref().and_then(|compared| compared.worse.clone())
}

/// The model of all users, or, where it came to nothing, the evaluated one with a note that says so. An evaluated model that is not
/// finite either is no model.
fn to_serve(
    evaluated: &Model,
    refitted: Result<Model, tastemaker_recipes::Error>,
    evaluator: &Evaluator,
) -> Result<(Model, Option<String>), FitError> {
    let why = match refitted {
        Ok(model) if evaluator.finite(&*model.scorer) => return Ok((model, None)),
        Ok(_) => sentences::NOT_FINITE.with(&[]),
        Err(tastemaker_recipes::Error::Diverged(text)) => text,
        Err(error) => return Err(error.into()),
    };
    match evaluator.finite(&*evaluated.scorer) {
        true => Ok((evaluated.clone(), Some(sentences::REFIT_FAILED.with(&[&why])))),
        false => Err(FitError::Diverged(sentences::DIVERGED.with(&[&why]))),
    }
}

#[cfg(test)]
mod odd_datasets;
#[cfg(test)]
mod tests;
