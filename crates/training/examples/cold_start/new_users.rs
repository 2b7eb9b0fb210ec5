//! Users without a history, of whom only their metadata is known.

use crate::measure::{Measured, draw};
use crate::{Failure, Interaction, recipe, trained};
use std::collections::{BTreeMap, HashMap, HashSet};
use tastemaker_data::{DatasetBuilder, Table};
use tastemaker_domain::solution_config::SolutionConfig;
use tastemaker_learn::rescoring::UserFeatures;
use tastemaker_training::fit::FitRequest;
use tastemaker_training::scoring::{NamedHistory, RankOptions};

const SEED: u64 = 7;
/// One user in this many is kept out of a training.
const FOLDS: usize = 5;
const POPULARITY: &str = "popularity";

pub(crate) fn run(all: &[Interaction], table: &Table, config: &SolutionConfig) -> Result<(), Failure> {
    let mut taken: BTreeMap<&str, HashSet<&str>> = BTreeMap::new();
    for event in all {
        taken.entry(&event.user).or_default().insert(&event.item);
    }
    let fold = |user: &str| (draw(SEED, user) * FOLDS as f64) as usize;
    let mut measured: BTreeMap<String, Measured> = BTreeMap::new();
    for out in 0..FOLDS {
        let mut builder = DatasetBuilder::new();
        let train = all.iter().filter(|event| fold(&event.user) != out);
        train.for_each(|event| builder.push(&event.user, &event.item, event.time_s, None, None));
        let dataset = builder.build();
        let opened = trained(&FitRequest { users: Some(table), ..FitRequest::new(recipe()?, &dataset, config) })?;
        let strangers: Vec<(&str, usize)> = taken
            .keys()
            .filter(|user| fold(user) == out)
            .filter_map(|user| Some((*user, table.ids.get(user)? as usize)))
            .collect();
        let asked: Vec<NamedHistory> = strangers
            .iter()
            .map(|&(user, row)| NamedHistory { user, user_metadata: Some((table, row)), ..NamedHistory::default() })
            .collect();
        let options = RankOptions { list_len: 10, exclude_seen: false, threads: 2 };
        let lists = opened.recommend(&asked, &options)?;
        // By column, and by nothing: how many users of each category took each item.
        let segments: Vec<(String, Table)> =
            (0..table.columns.len()).map(|at| (table.columns[at].0.clone(), table.only(at))).collect();
        let segments: Vec<(String, Segments)> = std::iter::once((POPULARITY.to_owned(), None))
            .chain(segments.iter().map(|(name, one)| (format!("popularity by {name}"), Some(one))))
            .map(|(name, one)| (name, Segments::new(one, &taken, |user| fold(user) != out)))
            .collect();
        for (&(user, row), list) in strangers.iter().zip(&lists) {
            let truth = &taken[user];
            let own = measured.entry("aws-user-personalization".to_owned()).or_default();
            own.add(list.iter().map(|(item, _)| *item), truth);
            for (name, segments) in &segments {
                let list = segments.list(row);
                measured.entry(name.clone()).or_default().add(list.into_iter(), truth);
            }
        }
    }
    let popularity = &measured[POPULARITY];
    for (name, values) in &measured {
        println!("{name} | {}", values.cells((name != POPULARITY).then_some(popularity)));
    }
    eprintln!("{} users", popularity.users());
    Ok(())
}

/// The items that users of each category took.
struct Segments<'a> {
    categories: Option<(UserFeatures, &'a Table)>,
    /// By category; `None` of everybody.
    counts: HashMap<Option<u32>, HashMap<&'a str, usize>>,
}

impl<'a> Segments<'a> {
    fn new(
        column: Option<&'a Table>,
        taken: &BTreeMap<&'a str, HashSet<&'a str>>,
        is_known: impl Fn(&str) -> bool,
    ) -> Self {
        let categories = column.map(|column| (UserFeatures::of(column), column));
        let mut found = Self { categories, counts: HashMap::new() };
        for (user, items) in taken.iter().filter(|(user, _)| is_known(user)) {
            let row = column.and_then(|column| column.ids.get(user)).map(|row| row as usize);
            let own: Vec<u32> = row.map(|row| found.of(row)).unwrap_or_default();
            for category in std::iter::once(None).chain(own.into_iter().map(Some)) {
                let counts = found.counts.entry(category).or_default();
                items.iter().for_each(|item| *counts.entry(item).or_default() += 1);
            }
        }
        found
    }

    fn of(&self, row: usize) -> Vec<u32> {
        self.categories.as_ref().map(|(features, column)| features.categories(column, row)).unwrap_or_default()
    }

    /// The ten items that most users of the same category took, of equals those that most users took.
    fn list(&self, row: usize) -> Vec<&'a str> {
        let none = HashMap::new();
        let everybody = self.counts.get(&None).unwrap_or(&none);
        let own = self.of(row).first().and_then(|category| self.counts.get(&Some(*category))).unwrap_or(everybody);
        let key = |item: &&str| (own.get(item).copied().unwrap_or(0), everybody.get(item).copied().unwrap_or(0));
        let mut items: Vec<&'a str> = everybody.keys().copied().collect();
        items.sort_by(|a, b| key(b).cmp(&key(a)).then(a.cmp(b)));
        items.truncate(10);
        items
    }
}
