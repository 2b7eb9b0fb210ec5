//! Tests that no training on odd data ends in lists worse than those of the most popular items.

use super::*;
use crate::scoring::{NamedEvent, NamedHistory, Opened, RankOptions};
use tastemaker_data::table::Value;
use tastemaker_data::{Column, DatasetBuilder, Table, TableBuilder, UserIx};
use tastemaker_domain::solution_config::SolutionConfig;
use tastemaker_eval::comparison::Comparison;
use tastemaker_eval::{TestUser, report};
use tastemaker_learn::Cancel;

const DAY_S: i64 = 86_400;
const FIRST_S: i64 = 1_600_000_000;
/// Interactions of a dataset, about: the least that trains is 1,000.
const EVENTS: usize = 1100;

/// The share of the quality of the popular items of all times that those of the time of a request reach at least.
const KNOWN_SHARE: f64 = 0.8;

/// A dataset and its Items dataset.
struct Data {
    dataset: Dataset,
    items: Option<Table>,
}

/// Pseudo-random numbers (splitmix64).
struct Draw(u64);

impl Draw {
    fn below(&mut self, n: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut x = self.0;
        x = (x ^ x >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        x = (x ^ x >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((x ^ x >> 31) % n as u64) as usize
    }

    /// An item of a catalog in which few are taken often and most once.
    fn popular(&mut self, items: usize) -> usize {
        let unit = self.below(1 << 20) as f64 / f64::from(1 << 20);
        ((items as f64).powf(unit) - 1.0) as usize
    }
}

/// Users with visits on several days; `item` chooses what is taken.
fn visits(users: usize, seed: u64, mut item: impl FnMut(&mut Draw, usize) -> String) -> DatasetBuilder {
    let mut draw = Draw(seed);
    let mut builder = DatasetBuilder::new();
    for user in 0..users {
        let mut time_s = FIRST_S + draw.below(40) as i64 * DAY_S;
        for k in 0..EVENTS / users {
            time_s += if k % 6 == 5 { 3 * DAY_S } else { 60 };
            let item = item(&mut draw, user);
            builder.push(&format!("u{user}"), &item, time_s, None, None);
        }
    }
    builder
}

fn table(builder: &DatasetBuilder, name: &str, column: Column, value: impl Fn(usize) -> Value) -> Table {
    let mut table = TableBuilder::new(vec![(name.to_owned(), column)]);
    for (n, id) in builder.clone().build().items.iter().enumerate() {
        table.set(id, [Some(value(n))]);
    }
    table.build()
}

/// Users half of whose items nobody else takes, and one whom recipes leave out of their training for a long history of such items:
/// these look as if nobody had taken them.
fn long_tail(seed: u64) -> DatasetBuilder {
    let mut once = 0;
    let mut builder = visits(110, seed, |draw, _| {
        once += 1;
        if draw.below(2) == 0 { format!("i{}", draw.popular(60)) } else { format!("once{once}") }
    });
    (0..300).for_each(|n| builder.push("robot", &format!("robot{n}"), FIRST_S + n * 600, None, None));
    builder
}

/// Items of which nothing is known but when they were made.
fn no_content(seed: u64) -> Data {
    let builder = long_tail(seed);
    let created = |n: usize| Value::Integer(FIRST_S + n as i64);
    let items = table(&builder, "CREATION_TIMESTAMP", Column::Integer(vec![]), created);
    Data { dataset: builder.build(), items: Some(items) }
}

/// An Items dataset whose import is still to come.
fn empty_items(seed: u64) -> Data {
    let items = TableBuilder::new(vec![("GENRE".to_owned(), Column::Text(vec![]))]).build();
    Data { dataset: long_tail(seed).build(), items: Some(items) }
}

fn with_unseen_items(seed: u64, category: impl Fn(usize) -> Value) -> Data {
    let mut builder = visits(44, seed, |draw, _| format!("i{}", draw.popular(300)));
    (0..200).for_each(|n| builder.add_item(&format!("unseen{n}")));
    let items = table(&builder, "CATEGORY", Column::Text(vec![]), category);
    Data { dataset: builder.build(), items: Some(items) }
}

/// One category for all items, 200 of which nobody has taken.
fn one_category(seed: u64) -> Data {
    with_unseen_items(seed, |_| Value::Text("film".into()))
}

/// Two categories that say nothing of who likes what, and 200 items that nobody has taken.
fn two_categories(seed: u64) -> Data {
    with_unseen_items(seed, |n| Value::Text(["film", "series"][n % 2].into()))
}

/// Every user has items of their own, so that nothing can be known of what comes next.
fn all_new(seed: u64) -> Data {
    let mut next = 0;
    let builder = visits(44, seed, |_, _| {
        next += 1;
        format!("i{next}")
    });
    let items = table(&builder, "CATEGORY", Column::Text(vec![]), |n| Value::Text(format!("c{}", n % 7).into()));
    Data { dataset: builder.build(), items: Some(items) }
}

/// All interactions at one moment.
fn equal_times(seed: u64) -> Data {
    let mut draw = Draw(seed);
    let mut builder = DatasetBuilder::new();
    // Equal rows count once.
    for n in 0..2 * EVENTS {
        builder.push(&format!("u{}", n % 44), &format!("i{}", draw.popular(400)), FIRST_S, None, None);
    }
    Data { dataset: builder.build(), items: None }
}

/// One user, a robot, has most of the interactions.
fn one_heavy_user(seed: u64) -> Data {
    let mut builder = visits(100, seed, |draw, _| format!("i{}", draw.popular(80)));
    let mut draw = Draw(seed ^ 1);
    for n in 0..2000 {
        builder.push("robot", &format!("r{}", draw.below(400)), FIRST_S + n * 30, None, None);
    }
    Data { dataset: builder.build(), items: None }
}

/// Each user takes the same item again and again.
fn duplicates(seed: u64) -> Data {
    Data { dataset: visits(44, seed, |_, user| format!("i{}", user % 9)).build(), items: None }
}

/// A name for failures, and the data for a seed.
type OddData = (&'static str, fn(u64) -> Data);

const ODD: [OddData; 8] = [
    ("no content", no_content),
    ("empty items", empty_items),
    ("one category", one_category),
    ("two categories", two_categories),
    ("all new", all_new),
    ("equal times", equal_times),
    ("one heavy user", one_heavy_user),
    ("duplicates", duplicates),
];

/// A user's events, the items they took next, and the time at which the list is requested.
struct TimedTest {
    test: TestUser,
    times: Vec<i64>,
    now_s: Option<i64>,
}

/// Every user before the newest tenth of their events, as in a visit or as if it were a week later.
fn timed_tests(dataset: &Dataset, later_s: Option<i64>) -> Vec<TimedTest> {
    let user = |user: u32| {
        let sequence = dataset.sequence(UserIx(user));
        let at = sequence.items.len() - sequence.items.len().div_ceil(10);
        let mut truth = sequence.items[at..].to_vec();
        truth.sort_unstable();
        truth.dedup();
        let test = TestUser { user: UserIx(user), input: sequence.items[..at].to_vec(), truth };
        let times = sequence.times[..at].to_vec();
        let now_s = later_s.zip(times.last().copied()).map(|(later, last)| last + later);
        TimedTest { test, times, now_s }
    };
    (0..dataset.users.len() as u32).map(user).filter(|timed| !timed.times.is_empty()).collect()
}

fn quality(tests: &[TestUser], lists: &[Vec<u32>], items: usize) -> Vec<f64> {
    let report = report(tests, lists, items);
    let values = |key: &str| report.per_user[key].clone();
    let pairs = values("normalized_discounted_cumulative_gain_at_10").into_iter();
    pairs.zip(values("mean_reciprocal_rank_at_25")).map(|(ndcg, rank)| (ndcg + rank) / 2.0).collect()
}

fn check(recipe: &str, (name, data): OddData, seed: u64) {
    let Data { dataset, items } = data(seed);
    let recipe = tastemaker_recipes::by_name(recipe).unwrap();
    let mut config = SolutionConfig::default();
    if recipe.descriptor.parameters.iter().any(|parameter| parameter.name == "hidden_dimension") {
        config.algorithm_hyper_parameters.insert("hidden_dimension".to_owned(), "32".to_owned());
    }
    let cancel = Cancel::new();
    let context = TrainContext {
        seed,
        threads: 2,
        cancel: &cancel,
        progress: &|_| {},
        checkpoints: &tastemaker_learn::NoCheckpoints,
    };
    let request = FitRequest { items: items.as_ref(), ..FitRequest::new(recipe, &dataset, &config) };
    let outcome = fit(&request, &context).unwrap();
    let what = format!("{} on {name}, seed {seed}", recipe.descriptor.name);

    let report = &outcome.report;
    let values = report.metrics.values().chain(report.popularity_baseline.values());
    assert!(values.into_iter().all(|value| value.is_sign_positive()), "{what}: {:?}", report.metrics);
    let facts = report.against_popularity.as_ref().unwrap();
    let within = facts.served.in_session.as_ref().unwrap();
    assert!(within.users > 0 && within.distinct_lists > 0, "{what}: {facts:?}");

    let opened = Opened::new(&outcome.files).unwrap();
    let counts = crate::catalog::popularity(&dataset);
    let mut popular: Vec<u32> = (0..dataset.items.len() as u32).collect();
    popular.sort_by(|&a, &b| counts[b as usize].total_cmp(&counts[a as usize]).then(a.cmp(&b)));
    popular.truncate(25);
    for later_s in [None, Some(7 * DAY_S)] {
        let timed = timed_tests(&dataset, later_s);
        let histories: Vec<NamedHistory> = timed
            .iter()
            .map(|timed| NamedHistory {
                events: timed
                    .test
                    .input
                    .iter()
                    .zip(&timed.times)
                    .map(|(&item, &time_s)| NamedEvent {
                        item: dataset.items.id(item),
                        time_s,
                        event_type: "",
                        value: f32::NAN,
                    })
                    .collect(),
                user: "",
                now_s: timed.now_s,
                user_metadata: None,
            })
            .collect();
        let options = RankOptions { list_len: 25, exclude_seen: false, threads: 2 };
        let lists = opened.recommend(&histories, &options).unwrap();
        assert!(lists.iter().flatten().all(|(_, score)| score.is_finite()));
        let index = |list: &Vec<(&str, f32)>| -> Vec<u32> {
            list.iter().map(|(id, _)| dataset.item_ix(id).unwrap().0).collect()
        };
        let lists: Vec<Vec<u32>> = lists.iter().map(index).collect();
        let tests: Vec<TestUser> = timed.into_iter().map(|timed| timed.test).collect();
        let model = quality(&tests, &lists, dataset.items.len());
        let popular = vec![popular.clone(); tests.len()];
        let comparison = Comparison::new(&model, &quality(&tests, &popular, dataset.items.len()));
        // These popular items are those of all times, which a model asked about the past does not know yet.
        let worse = comparison.is_worse() && comparison.model < KNOWN_SHARE * comparison.baseline;
        assert!(!worse, "{what}, asked {later_s:?} later: {comparison:?}, {:?}", report.notes);
    }
}

/// Twenty seeds, each on `data_per_seed` of the odd data in turn.
fn twenty_seeds(recipe: &str, data_per_seed: usize) {
    for seed in 0..20 {
        (0..data_per_seed).for_each(|k| check(recipe, ODD[(seed + k) % ODD.len()], seed as u64));
    }
}

#[test]
fn user_personalization_on_all_odd_data() {
    twenty_seeds("aws-user-personalization", ODD.len());
}

#[test]
fn user_personalization_v2() {
    twenty_seeds("aws-user-personalization-v2", 2);
}

#[test]
fn personalized_ranking() {
    twenty_seeds("aws-personalized-ranking", 2);
}

#[test]
fn personalized_ranking_v2() {
    twenty_seeds("aws-personalized-ranking-v2", 1);
}

#[test]
fn recommended_for_you() {
    twenty_seeds("aws-ecomm-recommended-for-you", 2);
}

#[test]
fn top_picks() {
    twenty_seeds("aws-vod-top-picks", 2);
}
