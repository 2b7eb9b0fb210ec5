//! Offline evaluation: the lists of a model for held-out users, and the metrics of these lists.

use super::error::FitError;
use crate::scoring::{self, ListRequest, RankOptions};
use tastemaker_data::{Dataset, ItemIx, Table};
use tastemaker_eval::{Report, TestUser, metrics, report};
use tastemaker_learn::{Event, Scorer, ScoringContext, Scratch, TrainContext};
use tastemaker_recipes::Recipe;

/// Users whose scores are looked at one by one.
const PROBES: usize = 50;

/// Held-out users with the requests that are made for them. Nothing that a user has seen is left out of the lists: data with
/// repeat interactions would otherwise be misjudged.
pub(super) struct Evaluator<'a> {
    tests: &'a [TestUser],
    requests: Vec<ListRequest<'a>>,
    catalog_len: usize,
}

/// The lists of a model and their metrics.
pub(super) struct Evaluation {
    pub report: Report,
    /// Item indices, best first, for each held-out user.
    pub lists: Vec<Vec<u32>>,
}

impl<'a> Evaluator<'a> {
    /// `tests` are held out of `dataset`; `users` has their metadata.
    pub(super) fn new(recipe: &Recipe, dataset: &Dataset, users: Option<&'a Table>, tests: &'a [TestUser]) -> Self {
        Self::at(recipe, dataset, users, tests, &[])
    }

    /// The same with requests at the times `now_s`, one for each test or none at all.
    pub(super) fn at(
        recipe: &Recipe,
        dataset: &Dataset,
        users: Option<&'a Table>,
        tests: &'a [TestUser],
        now_s: &[Option<i64>],
    ) -> Self {
        let request = |(at, test): (usize, &TestUser)| {
            let sequence = dataset.sequence(test.user);
            let event = |n: usize| Event {
                item: ItemIx(sequence.items[n]),
                time_s: sequence.times[n],
                event_type: sequence.event_types[n],
                value: sequence.value(n),
            };
            let item = recipe.descriptor.needs_item.then(|| test.input.last().map(|&item| ItemIx(item))).flatten();
            let row = |table: &Table| table.ids.get(dataset.users.id(test.user.0));
            let user_metadata = users.and_then(|table| Some((table, row(table)? as usize)));
            let now_s = now_s.get(at).copied().flatten();
            ListRequest { history: (0..test.input.len()).map(event).collect(), now_s, item, user_metadata }
        };
        Self { tests, requests: tests.iter().enumerate().map(request).collect(), catalog_len: dataset.items.len() }
    }

    /// Whether every score is finite, for a stranger and for some of the users.
    pub(super) fn finite(&self, scorer: &dyn Scorer) -> bool {
        let mut scratch = Scratch::default();
        let stranger = ListRequest::default();
        let probes = std::iter::once(&stranger).chain(self.requests.iter().take(PROBES));
        probes.into_iter().all(|request| {
            let state = scorer.encode(&request.history, &mut scratch);
            let context = request.context(scorer, state.events);
            let ask = ScoringContext {
                now_s: request.now_s,
                item: request.item,
                context: &context,
                ..ScoringContext::default()
            };
            scorer.scores(&state, &ask, &mut scratch).iter().all(|score| score.is_finite())
        })
    }

    /// The lists of a model, and their metrics.
    pub(super) fn evaluate(&self, scorer: &dyn Scorer, context: &TrainContext) -> Result<Evaluation, FitError> {
        context.cancel.check().map_err(|_| FitError::Cancelled)?;
        let options = RankOptions { list_len: metrics::LIST_LEN, exclude_seen: false, threads: context.threads };
        let lists = scoring::rank(scorer, &self.requests, &options)?;
        let items = |list: Vec<(u32, f32)>| list.into_iter().map(|(item, _)| item).collect();
        let lists: Vec<Vec<u32>> = lists.into_iter().map(items).collect();
        Ok(Evaluation { report: report(self.tests, &lists, self.catalog_len), lists })
    }
}
