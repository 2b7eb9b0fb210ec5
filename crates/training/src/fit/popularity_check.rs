//! Comparison of a model's lists with those of the most popular items, for users in session and in the next session.
//!
//! The quality of a list is the mean of NDCG@10 and the reciprocal rank within 25, measured by what the user took next. A model whose
//! lists are worse than the popular items beyond noise ([`Comparison::is_worse`]) does not become a version. Popular is what had
//! been taken most at the time of the request: models do not know the future either.

use super::error::FitError;
use super::evaluation::Evaluator;
use super::report::{ListFacts, ListsByRequestTime};
use std::collections::BTreeSet;
use tastemaker_data::{Dataset, Table, UserIx};
use tastemaker_eval::comparison::Comparison;
use tastemaker_eval::split::TRUTH_ONE_IN;
use tastemaker_eval::{Report, TestUser, bias};
use tastemaker_learn::ensemble::{Ensemble, Parts, RETURN_AFTER_S, Signal, WeightedSignals, Weights};
use tastemaker_learn::models::time_decayed_popularity::TimeDecayedPopularity;
use tastemaker_learn::sentences::{REDUCED, Sentence, WORSE_IN_SESSION, WORSE_NEXT_SESSION, WORSE_TWICE};
use tastemaker_learn::{Scorer, TrainContext};
use tastemaker_recipes::artifact::EnsembleFacts;
use tastemaker_recipes::{Model, Recipe};

/// Users beside the test users whose lists are looked at, at most.
const USERS_MAX: usize = 500;
/// Items of a list that make it another list.
const LIST_HEAD: usize = 10;
const NDCG: &str = "normalized_discounted_cumulative_gain_at_10";
const MRR: &str = "mean_reciprocal_rank_at_25";

/// The lists of the most popular items, to compare those of models with.
pub(super) struct PopularityCheck<'a> {
    /// `[items]`: how often each item was taken.
    counts: Vec<f64>,
    within: Baseline<'a>,
    after: Baseline<'a>,
}

/// The requests of one time, and what the most popular items are worth as their answers.
struct Baseline<'a> {
    evaluator: Evaluator<'a>,
    popular: Vec<f64>,
    popular_lists: Vec<Vec<u32>>,
}

/// Histories of users, each cut where a list is requested, with what the user took next.
#[derive(Debug, Default, PartialEq)]
pub(super) struct TestRequests {
    tests: Vec<TestUser>,
    /// The time of each request where it is not that of the last event.
    now_s: Vec<Option<i64>>,
}

/// Histories cut before their newest tenth, and before what came after the user's last absence.
#[derive(Debug, Default, PartialEq)]
pub(super) struct TestRequestsByTime {
    within: TestRequests,
    after: TestRequests,
}

impl TestRequestsByTime {
    /// The test users and as many others as are looked at, evenly spread.
    pub(super) fn of_all(dataset: &Dataset, tests: &[TestUser]) -> Self {
        let users = dataset.users.len();
        let spread = (0..users as u32).step_by(users.div_ceil(USERS_MAX).max(1)).map(UserIx);
        let all: BTreeSet<u32> = tests.iter().map(|test| test.user.0).chain(spread.map(|user| user.0)).collect();
        Self::of(dataset, all.into_iter().map(UserIx))
    }

    /// The test users alone.
    pub(super) fn of_tests(dataset: &Dataset, tests: &[TestUser]) -> Self {
        Self::of(dataset, tests.iter().map(|test| test.user))
    }

    fn of(dataset: &Dataset, users: impl Iterator<Item = UserIx>) -> Self {
        let mut requests = Self::default();
        for user in users {
            let sequence = dataset.sequence(user);
            let events = sequence.items.len();
            let truth_len = events.div_ceil(TRUTH_ONE_IN);
            let test = |at: usize| {
                let mut truth = sequence.items[at..events.min(at + truth_len)].to_vec();
                truth.sort_unstable();
                truth.dedup();
                TestUser { user, input: sequence.items[..at].to_vec(), truth }
            };
            if events > truth_len {
                requests.within.tests.push(test(events - truth_len));
                requests.within.now_s.push(None);
            }
            let absence = |at: &usize| sequence.times[*at].saturating_sub(sequence.times[*at - 1]) >= RETURN_AFTER_S;
            if let Some(at) = (1..events).rev().find(absence) {
                requests.after.tests.push(test(at));
                requests.after.now_s.push(Some(sequence.times[at]));
            }
        }
        requests
    }
}

impl<'a> PopularityCheck<'a> {
    /// Prepares the baseline for models trained on `training`: `requests` are those of users of `dataset`, who have the metadata `users`.
    pub(super) fn new(
        recipe: &Recipe,
        dataset: &Dataset,
        users: Option<&'a Table>,
        requests: &'a TestRequestsByTime,
        training: &Dataset,
        context: &TrainContext,
    ) -> Result<Self, FitError> {
        let popular = popular(training);
        let baseline = |requests: &'a TestRequests| {
            let evaluator = Evaluator::at(recipe, dataset, users, &requests.tests, &requests.now_s);
            let evaluation = evaluator.evaluate(&popular, context)?;
            Ok::<_, FitError>(Baseline {
                evaluator,
                popular: quality(&evaluation.report),
                popular_lists: evaluation.lists,
            })
        };
        let (within, after) = (baseline(&requests.within)?, baseline(&requests.after)?);
        Ok(Self { counts: interactions_by_item(training), within, after })
    }

    /// The model's lists beside those of the popular items.
    pub(super) fn compare(&self, scorer: &dyn Scorer, context: &TrainContext) -> Result<Compared, FitError> {
        let mut sentences = Vec::new();
        let mut facts = |baseline: &Baseline, when: Sentence| -> Result<Option<ListFacts>, FitError> {
            if baseline.popular.is_empty() {
                return Ok(None);
            }
            let evaluation = baseline.evaluator.evaluate(scorer, context)?;
            let comparison = Comparison::new(&quality(&evaluation.report), &baseline.popular);
            if comparison.is_worse() {
                sentences.push(when.with(&[
                    &comparison.users,
                    &format_args!("{:.4}", comparison.model),
                    &format_args!("{:.4}", comparison.baseline),
                ]));
            }
            let popularity = |lists: &[Vec<u32>]| bias::popularity_bias(lists, &self.counts).mean_popularity;
            Ok(Some(ListFacts::new(
                &comparison,
                [popularity(&evaluation.lists), popularity(&baseline.popular_lists)],
                distinct(&evaluation.lists),
            )))
        };
        let lists = ListsByRequestTime {
            in_session: facts(&self.within, WORSE_IN_SESSION)?,
            next_session: facts(&self.after, WORSE_NEXT_SESSION)?,
        };
        let worse = match &sentences[..] {
            [] => None,
            [one] => Some(one.clone()),
            [within, after, ..] => Some(WORSE_TWICE.with(&[within, after])),
        };
        Ok(Compared { lists, worse })
    }
}

/// The items by how often they had been taken at the time of the request.
fn popular(training: &Dataset) -> Ensemble {
    let items = training.items.len();
    let popular = TimeDecayedPopularity::new(training.item_column(), training.time_column(), items);
    let weights = || Weights { of: vec![1.0], temperature: 1.0 };
    let signals = vec![Signal::POPULARITY];
    let weighted = WeightedSignals { signals, in_session: weights(), next_session: weights() };
    Ensemble::new(Parts { items, popular, ..Parts::default() }, weighted)
}

/// The outcome of a comparison.
pub(super) struct Compared {
    pub lists: ListsByRequestTime,
    /// A sentence that says by how much the model is worse, if it is beyond noise.
    pub worse: Option<String>,
}

/// Interactions of each item.
pub(super) fn interactions_by_item(dataset: &Dataset) -> Vec<f64> {
    let mut counts = vec![0.0; dataset.items.len()];
    dataset.item_column().iter().for_each(|&item| counts[item as usize] += 1.0);
    counts
}

/// The note on a model that was reduced to `evaluated`.
pub(super) fn reduction_note(why: &str, evaluated: &Model) -> String {
    let parts: Vec<&str> = evaluated.blend.iter().flat_map(EnsembleFacts::component_names).collect();
    REDUCED.with(&[&why, &parts.join(" and ")])
}

/// By user.
fn quality(report: &Report) -> Vec<f64> {
    let values = |key| report.per_user.get(key).map_or(&[][..], Vec::as_slice);
    values(NDCG).iter().zip(values(MRR)).map(|(ndcg, rank)| (ndcg + rank) / 2.0).collect()
}

/// The number of different heads of the lists.
fn distinct(lists: &[Vec<u32>]) -> usize {
    lists.iter().map(|list| &list[..list.len().min(LIST_HEAD)]).collect::<BTreeSet<_>>().len()
}

#[cfg(test)]
mod tests {
    use super::*;
    use tastemaker_data::DatasetBuilder;

    #[test]
    fn users_are_asked_within_a_visit_and_after_their_last_absence() {
        let mut builder = DatasetBuilder::new();
        let hour = 3600;
        for (n, hours) in [0, 1, 9, 10, 30, 31].into_iter().enumerate() {
            builder.push("ann", &format!("i{n}"), hours * hour, None, None);
        }
        for n in 0..20 {
            builder.push("bob", &format!("i{}", n % 6), n, None, None);
        }
        builder.push("eve", "i0", 0, None, None);
        let dataset = builder.build();
        let requests = TestRequestsByTime::of_all(&dataset, &[]);
        let asked = |asked: &TestRequests| -> Vec<(u32, usize, Vec<u32>, Option<i64>)> {
            let tests = asked.tests.iter().zip(&asked.now_s);
            tests.map(|(test, now)| (test.user.0, test.input.len(), test.truth.clone(), *now)).collect()
        };
        assert_eq!(asked(&requests.within), [(0, 5, vec![5], None), (1, 18, vec![0, 1], None)]);
        assert_eq!(asked(&requests.after), [(0, 4, vec![4], Some(30 * hour))]);
        let tests = [TestUser { user: UserIx(1), input: vec![], truth: vec![] }];
        assert_eq!(asked(&TestRequestsByTime::of_tests(&dataset, &tests).within).len(), 1);
    }
}
