//! Packing of a trained model into the files of its artifact.

use super::error::FitError;
use super::outcome::FitOutcome;
use super::report::{REPORT_FILE, TrainingReport};
use super::request::FitRequest;
use crate::catalog::{CATALOG_FILE, Catalog};
use std::collections::BTreeMap;
use tastemaker_domain::parameters::resolve;
use tastemaker_domain::solution_config::SolutionConfig;
use tastemaker_eval::Report;
use tastemaker_learn::sentences::ITEMS;
use tastemaker_learn::{Progress, TrainContext};
use tastemaker_recipes::{ArtifactFiles, Model};

/// The files of `model` beside `companions`; `config` has the parameters that it was trained with.
pub(super) fn pack(
    request: &FitRequest,
    model: &Model,
    config: &SolutionConfig,
    mut companions: ArtifactFiles,
    context: &TrainContext,
) -> Result<ArtifactFiles, FitError> {
    let FitRequest { recipe, dataset, contexts, .. } = *request;
    (context.progress)(Progress::of("write", ITEMS.with(&[&dataset.items.len()])));
    let impressions = contexts.map_or_else(Vec::new, |contexts| contexts.shown(&dataset.items));
    let catalog = Catalog { impressions, ..Catalog::new(dataset) };
    companions.insert(CATALOG_FILE.to_owned(), catalog.to_bytes()?);
    Ok(recipe.write(model, config, context.seed, companions)?)
}

/// The outcome of a training whose model was evaluated in a way of its own. `catalogs` come in place of the usual one.
pub(super) fn brief_outcome(
    request: &FitRequest,
    context: &TrainContext,
    served: &Model,
    (users, baseline): (Report, Report),
    catalogs: Option<ArtifactFiles>,
) -> Result<FitOutcome, FitError> {
    let FitRequest { recipe, dataset, config, .. } = *request;
    let values = resolve(recipe.descriptor, config).map_err(tastemaker_recipes::Error::from)?;
    let parameters = values.iter().map(|(name, value)| (name.to_owned(), value.to_string())).collect();
    let report = TrainingReport::brief(recipe.descriptor.name, parameters, served.users_trained, &users, &baseline);
    (context.progress)(Progress::of("write", ITEMS.with(&[&dataset.items.len()])));
    let mut files = match catalogs {
        Some(catalogs) => catalogs,
        None => ArtifactFiles::from([(CATALOG_FILE.to_owned(), Catalog::new(dataset).to_bytes()?)]),
    };
    files.insert(REPORT_FILE.to_owned(), report.to_json().map_err(|error| FitError::Internal(error.to_string()))?);
    let files = recipe.write(served, config, context.seed, files)?;
    Ok(FitOutcome { report, users, files, trials: Vec::new(), tuned: BTreeMap::new() })
}
