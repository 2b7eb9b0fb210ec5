//! `trainingMode` UPDATE: a trained model with the items and events of now, without another training.

use super::error::FitError;
use super::memory;
use super::packing::pack;
use super::popularity_check::{PopularityCheck, TestRequestsByTime, reduction_note};
use super::report::{ListsByRequestTime, REPORT_FILE, TrainingReport};
use super::request::FitRequest;
use tastemaker_domain::parameters::resolve;
use tastemaker_learn::sentences::ITEMS;
use tastemaker_learn::{Progress, TrainContext};
use tastemaker_recipes::{ArtifactFiles, Reduction};

/// The outcome of `trainingMode` UPDATE.
#[derive(Debug, Clone)]
pub struct Updated {
    /// The artifact. Its `metrics.json` is that of the base, but for the comparison of the served lists with the most popular items.
    pub files: ArtifactFiles,
    /// Departures from the plan, in sentences; also in `metrics.json`.
    pub notes: Vec<String>,
}

/// The artifact of `base` with the items and events of `request.dataset`, whose first items are those of `base`. It is not evaluated, as
/// the model has seen every user; where its lists are worse than the most popular items beyond noise it is reduced as in [`super::fit`].
pub fn update(request: &FitRequest, base: &ArtifactFiles, context: &TrainContext) -> Result<Updated, FitError> {
    let FitRequest { recipe, dataset, config, .. } = *request;
    let values = resolve(recipe.descriptor, config).map_err(tastemaker_recipes::Error::from)?;
    memory::of_request(request, &values).map_err(FitError::Invalid)?;
    let model = recipe.reopen(base)?;
    (context.progress)(Progress::of("update", ITEMS.with(&[&dataset.items.len()])));
    let on_all = request.of(dataset);
    let mut updated = recipe.update(&on_all, &model, context)?;
    let mut notes = Vec::new();
    let mut lists = None;
    if recipe.lists_for_users() {
        let test_requests = TestRequestsByTime::of_all(dataset, &[]);
        let check = PopularityCheck::new(recipe, dataset, request.users, &test_requests, dataset, context)?;
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
fn updated_report(text: &[u8], lists: Option<ListsByRequestTime>, notes: &[String]) -> Result<Vec<u8>, FitError> {
    let internal = |error: serde_json::Error| FitError::Internal(format!("{REPORT_FILE}: {error}"));
    let mut report = TrainingReport::from_json(text).map_err(internal)?;
    if let Some(lists) = lists {
        report.against_popularity.get_or_insert_default().served = lists;
    }
    report.notes.extend_from_slice(notes);
    report.to_json().map_err(internal)
}
