//! Items that nobody had taken before, for users with a history.

use crate::measure::{Measured, draw};
use crate::{Failure, Interaction, recipe, trained};
use std::collections::{BTreeMap, HashMap, HashSet};
use tastemaker_data::{Column, DatasetBuilder, Table};
use tastemaker_domain::solution_config::SolutionConfig;
use tastemaker_training::fit::FitRequest;
use tastemaker_training::scoring::{NamedEvent, NamedHistory, RankOptions};

const SEED: u64 = 7;
/// The share of the items that is kept out of the training.
const HELD_OUT: f64 = 0.1;

/// The users who took new items, and which.
type Wanted = BTreeMap<String, HashSet<String>>;

pub(crate) fn run(all: Vec<Interaction>, table: &Table, truth: &str, config: &SolutionConfig) -> Result<(), Failure> {
    let (train, wanted) = if truth == "tenth" { without_a_tenth(all) } else { of_a_split(all, truth)? };
    let known: HashSet<&str> = train.iter().map(|event| event.item.as_str()).collect();
    let mut builder = DatasetBuilder::new();
    train.iter().for_each(|event| builder.push(&event.user, &event.item, event.time_s, None, None));
    table.ids.iter().for_each(|id| builder.add_item(id));
    let dataset = builder.build();
    let opened = trained(&FitRequest { items: Some(table), ..FitRequest::new(recipe()?, &dataset, config) })?;

    let mut histories: HashMap<&str, Vec<NamedEvent>> = HashMap::new();
    for event in &train {
        let named = NamedEvent { item: &event.item, time_s: event.time_s, event_type: "", value: f32::NAN };
        histories.entry(&event.user).or_default().push(named);
    }
    histories.values_mut().for_each(|events| events.sort_by_key(|event| event.time_s));
    let users: Vec<&String> = wanted.keys().filter(|user| histories.contains_key(user.as_str())).collect();
    let items: Vec<&str> = dataset.items.iter().collect();
    let content = Content::new(table, &items);
    let mut count: HashMap<&str, f64> = HashMap::new();
    train.iter().for_each(|event| *count.entry(&event.item).or_default() += 1.0);

    let mut measured: BTreeMap<(&str, usize), Measured> = BTreeMap::new();
    for chunk in users.chunks(100) {
        let asked: Vec<NamedHistory> = chunk
            .iter()
            .map(|user| NamedHistory { events: histories[user.as_str()].clone(), user, ..NamedHistory::default() })
            .collect();
        let options = RankOptions { list_len: items.len(), exclude_seen: true, threads: 2 };
        for (user, list) in chunk.iter().zip(opened.recommend(&asked, &options)?) {
            let history: HashSet<&str> = histories[user.as_str()].iter().map(|event| event.item).collect();
            let truth: HashSet<&str> = wanted[*user].iter().map(String::as_str).collect();
            let likeness = content.scores(&items, &history);
            // Equal scores in an order that is drawn anew for every user.
            let order = |score: &dyn Fn(usize) -> f64| {
                let key = |at: usize| (score(at), draw(SEED, &format!("{user} {}", items[at])));
                let mut keyed: Vec<((f64, f64), usize)> = (0..items.len()).map(|at| (key(at), at)).collect();
                keyed.sort_by(|a, b| b.0.partial_cmp(&a.0).unwrap_or(std::cmp::Ordering::Equal));
                keyed.into_iter().map(|(_, at)| items[at]).filter(|item| !history.contains(item)).collect::<Vec<_>>()
            };
            let lists = [
                ("1 popularity", order(&|at| count.get(items[at]).copied().unwrap_or(0.0))),
                ("2 content kNN", order(&|at| likeness[at])),
                ("3 aws-user-personalization", list.iter().map(|(item, _)| *item).collect()),
            ];
            for (name, list) in &lists {
                let new = list.iter().copied().filter(|item| !known.contains(item));
                measured.entry((name, 0)).or_default().add(new, &truth);
                measured.entry((name, 1)).or_default().add(list.iter().copied(), &truth);
            }
        }
    }
    for (pool, ranked) in ["new items", "all items"].into_iter().enumerate() {
        let knn = &measured[&("2 content kNN", pool)];
        for ((name, _), values) in measured.iter().filter(|((_, of), _)| *of == pool) {
            let against = (*name != "2 content kNN").then_some(knn);
            println!("{ranked} | {} | {}", &name[2..], values.cells(against));
        }
    }
    let new = items.iter().filter(|item| !known.contains(*item)).count();
    eprintln!("{} users, {new} new items of {}", measured[&("2 content kNN", 0)].users(), items.len());
    Ok(())
}

/// Everything but the interactions with a tenth of the items, which are what is wanted.
fn without_a_tenth(all: Vec<Interaction>) -> (Vec<Interaction>, Wanted) {
    let (new, train): (Vec<_>, Vec<_>) = all.into_iter().partition(|event| draw(SEED, &event.item) < HELD_OUT);
    let mut wanted = Wanted::new();
    for event in new {
        wanted.entry(event.user).or_default().insert(event.item);
    }
    (train, wanted)
}

/// The new items among the truth of a split.
fn of_a_split(train: Vec<Interaction>, path: &str) -> Result<(Vec<Interaction>, Wanted), Failure> {
    let known: HashSet<&str> = train.iter().map(|event| event.item.as_str()).collect();
    let mut wanted = Wanted::new();
    for line in std::fs::read_to_string(path)?.lines() {
        let row: serde_json::Value = serde_json::from_str(line)?;
        let truth = row["truth"].as_array().into_iter().flatten().filter_map(|item| item.as_str());
        let new: HashSet<String> = truth.filter(|item| !known.contains(item)).map(str::to_owned).collect();
        if let Some(user) = row["user"].as_str().filter(|_| !new.is_empty()) {
            wanted.insert(user.to_owned(), new);
        }
    }
    Ok((train, wanted))
}

/// TF-IDF of whole words of texts and of values separated by `|`; the baseline, so nothing of the product's own is used.
struct Content {
    /// `[items]`: by feature, of unit length.
    rows: Vec<HashMap<String, f64>>,
    having: HashMap<String, Vec<(usize, f64)>>,
}

impl Content {
    fn new(table: &Table, items: &[&str]) -> Self {
        let features = |id: &str| {
            let mut found: HashMap<String, f64> = HashMap::new();
            let Some(row) = table.ids.get(id) else { return found };
            for (name, column) in &table.columns {
                let Column::Text(values) = column else { continue };
                let Some(text) = values[row as usize].as_deref() else { continue };
                let parts: Vec<String> = match text.contains('|') {
                    true => text.split('|').map(str::to_owned).collect(),
                    false => {
                        let words = text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
                        words.map(str::to_lowercase).collect()
                    }
                };
                parts.iter().for_each(|part| *found.entry(format!("{name} {part}")).or_default() += 1.0);
            }
            found
        };
        let mut rows: Vec<HashMap<String, f64>> = items.iter().map(|id| features(id)).collect();
        let mut count: HashMap<String, f64> = HashMap::new();
        rows.iter().flat_map(HashMap::keys).for_each(|key| *count.entry(key.clone()).or_default() += 1.0);
        for row in &mut rows {
            row.iter_mut().for_each(|(key, n)| *n = (1.0 + n.ln()) * (items.len() as f64 / count[key]).ln());
            let length = row.values().map(|x| x * x).sum::<f64>().sqrt().max(1e-12);
            row.values_mut().for_each(|x| *x /= length);
        }
        let mut having: HashMap<String, Vec<(usize, f64)>> = HashMap::new();
        for (at, row) in rows.iter().enumerate() {
            row.iter().for_each(|(key, x)| having.entry(key.clone()).or_default().push((at, *x)));
        }
        Self { rows, having }
    }

    /// `[items]`: the sum of the cosines to the items of a history.
    fn scores(&self, items: &[&str], history: &HashSet<&str>) -> Vec<f64> {
        let mut profile: BTreeMap<&str, f64> = BTreeMap::new();
        for (_, row) in items.iter().zip(&self.rows).filter(|(item, _)| history.contains(*item)) {
            row.iter().for_each(|(key, x)| *profile.entry(key).or_default() += x);
        }
        let mut scores = vec![0.0; items.len()];
        for (key, x) in profile {
            self.having[key].iter().for_each(|&(at, y)| scores[at] += x * y);
        }
        scores
    }
}
