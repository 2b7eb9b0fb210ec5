//! Training of recipes that need no interactions. No user can be held out; the model is evaluated by how much of the catalog its
//! lists reach.

use super::error::FitError;
use super::outcome::FitOutcome;
use super::packing::brief_outcome;
use super::request::FitRequest;
use crate::scoring::{self, ListRequest};
use tastemaker_data::ItemIx;
use tastemaker_eval::{Report, metrics};
use tastemaker_learn::sentences::LISTS;
use tastemaker_learn::{Progress, TrainContext};

/// Items whose lists are looked at, evenly spread over all.
const LISTS_MAX: usize = 2000;
const COVERAGE: &str = "coverage";

pub(super) fn fit(request: &FitRequest, context: &TrainContext) -> Result<FitOutcome, FitError> {
    let FitRequest { recipe, dataset, .. } = *request;
    let served = recipe.train(&request.of(dataset), context)?;
    let items = dataset.items.len();
    let sampled = (0..items as u32).step_by(items.div_ceil(LISTS_MAX).max(1));
    let requests: Vec<ListRequest> =
        sampled.map(|item| ListRequest { item: Some(ItemIx(item)), ..ListRequest::default() }).collect();
    let note = LISTS.with(&[&requests.len()]);
    (context.progress)(Progress::of("evaluate", note));
    let options = scoring::RankOptions { list_len: metrics::LIST_LEN, exclude_seen: false, threads: context.threads };
    let lists = scoring::rank(&*served.scorer, &requests, &options)?;
    let mut reached: Vec<u32> = lists.iter().flatten().map(|(item, _)| *item).collect();
    reached.sort_unstable();
    reached.dedup();
    let report = |reached: usize| Report {
        users: requests.len(),
        means: [(COVERAGE, reached as f64 / items.max(1) as f64)].into_iter().collect(),
        ..Report::default()
    };
    let (report, popular) = (report(reached.len()), report(metrics::LIST_LEN.min(items)));
    brief_outcome(request, context, &served, (report, popular), None)
}
