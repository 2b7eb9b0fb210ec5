//! Questions to held-out users' models, and the marks.

use super::FitError;
use crate::scoring::{self, Question, RankOptions};
use tastemaker_data::{Dataset, ItemIx, Table};
use tastemaker_eval::{Report, TestUser, metrics, report};
use tastemaker_learn::{Event, Scorer, ScoringContext, Scratch, TrainContext};
use tastemaker_recipes::Recipe;

/// Users whose scores are looked at one by one.
const PROBES: usize = 50;

/// Held-out users with what is asked about them. Nothing that a user has seen is left out of the lists: data with repeat
/// interactions would otherwise be misjudged.
pub(super) struct Exam<'a> {
    tests: &'a [TestUser],
    questions: Vec<Question<'a>>,
    catalogue_len: usize,
}

/// The lists that a model gave, and what they are worth.
pub(super) struct Marks {
    pub report: Report,
    /// Item indices, best first, for each held-out user.
    pub lists: Vec<Vec<u32>>,
}

impl<'a> Exam<'a> {
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
        let question = |(at, test): (usize, &TestUser)| {
            let sequence = dataset.sequence(test.user);
            let event = |n: usize| Event {
                item: ItemIx(sequence.items[n]),
                time_s: sequence.times[n],
                event_type: sequence.event_types[n],
                value: sequence.values[n],
            };
            let item = recipe.descriptor.needs_item.then(|| test.input.last().map(|&item| ItemIx(item))).flatten();
            let row = |table: &Table| table.ids.get(dataset.users.id(test.user.0));
            let person = users.and_then(|table| Some((table, row(table)? as usize)));
            let now_s = now_s.get(at).copied().flatten();
            Question { history: (0..test.input.len()).map(event).collect(), now_s, item, person }
        };
        Self { tests, questions: tests.iter().enumerate().map(question).collect(), catalogue_len: dataset.items.len() }
    }

    /// Whether every score is finite, for a stranger and for some of the users.
    pub(super) fn finite(&self, scorer: &dyn Scorer) -> bool {
        let mut scratch = Scratch::default();
        let stranger = Question::default();
        let asked = std::iter::once(&stranger).chain(self.questions.iter().take(PROBES));
        asked.into_iter().all(|question| {
            let state = scorer.encode(&question.history, &mut scratch);
            let context = question.context(scorer, state.events);
            let ask = ScoringContext {
                now_s: question.now_s,
                item: question.item,
                context: &context,
                ..ScoringContext::default()
            };
            scorer.scores(&state, &ask, &mut scratch).iter().all(|score| score.is_finite())
        })
    }

    /// The marks of a model.
    pub(super) fn judge(&self, scorer: &dyn Scorer, context: &TrainContext) -> Result<Marks, FitError> {
        context.cancel.check().map_err(|_| FitError::Cancelled)?;
        let options = RankOptions { list_len: metrics::LIST_LEN, exclude_seen: false, threads: context.threads };
        let lists = scoring::rank(scorer, &self.questions, &options)?;
        let items = |list: Vec<(u32, f32)>| list.into_iter().map(|(item, _)| item).collect();
        let lists: Vec<Vec<u32>> = lists.into_iter().map(items).collect();
        Ok(Marks { report: report(self.tests, &lists, self.catalogue_len), lists })
    }
}
