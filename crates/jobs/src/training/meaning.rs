//! Training of recipes that need no interactions: there is nobody to hold out, and what is said of the model is how much of the
//! catalogue its lists reach.

use super::{FitError, FitOutcome, FitRequest, judged};
use crate::scoring::{self, Question};
use tastemaker_data::ItemIx;
use tastemaker_eval::{Report, metrics};
use tastemaker_learn::{Progress, TrainContext};

/// Items whose lists are looked at, evenly spread over all.
const LISTS_MAX: usize = 2000;
const COVERAGE: &str = "coverage";

pub(super) fn fit(request: &FitRequest, context: &TrainContext) -> Result<FitOutcome, FitError> {
    let FitRequest { recipe, dataset, .. } = *request;
    let served = recipe.train(&request.of(dataset), context)?;
    let items = dataset.items.len();
    let asked = (0..items as u32).step_by(items.div_ceil(LISTS_MAX).max(1));
    let questions: Vec<Question> =
        asked.map(|item| Question { item: Some(ItemIx(item)), ..Question::default() }).collect();
    let note = format!("{} lists", questions.len());
    (context.progress)(Progress::of("judge", note));
    let options = scoring::RankOptions { list_len: metrics::LIST_LEN, exclude_seen: false, threads: context.threads };
    let lists = scoring::rank(&*served.scorer, &questions, &options)?;
    let mut reached: Vec<u32> = lists.iter().flatten().map(|(item, _)| *item).collect();
    reached.sort_unstable();
    reached.dedup();
    let report = |reached: usize| Report {
        users: questions.len(),
        means: [(COVERAGE, reached as f64 / items.max(1) as f64)].into_iter().collect(),
        ..Report::default()
    };
    let (report, popular) = (report(reached.len()), report(metrics::LIST_LEN.min(items)));
    judged(request, context, &served, (report, popular), None)
}
