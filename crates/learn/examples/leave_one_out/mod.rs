//! A leave-one-out split in a directory, and the test metrics of a model on it.
//!
//! The directory holds `train.csv` with columns USER_ID, ITEM_ID, TIMESTAMP (events in order within a user),
//! `valid.jsonl` and `test.jsonl` with `{"user", "input", "truth"}` lines.

use std::collections::HashMap;
use std::path::Path;
use tastemaker_data::{Bitmap, ItemIx};
use tastemaker_learn::networks::{SoftmaxMode, TrainerConfig};
use tastemaker_learn::{Event, Scorer, ScoringContext, Scratch, Sequences, TimedSequences};

pub type Failure = Box<dyn std::error::Error>;

/// Users' events, and where in each history the held-out ones begin.
#[derive(Default)]
pub struct Histories {
    offsets: Vec<usize>,
    items: Vec<u32>,
    pub first_target: Vec<usize>,
}

impl Histories {
    fn push(&mut self, input: impl Iterator<Item = u32>, truth: impl Iterator<Item = u32>) {
        if self.offsets.is_empty() {
            self.offsets.push(0);
        }
        let from = self.items.len();
        self.items.extend(input);
        self.first_target.push(self.items.len() - from);
        self.items.extend(truth);
        self.offsets.push(self.items.len());
    }

    pub fn sequences(&self) -> Sequences<'_> {
        Sequences { offsets: &self.offsets, items: &self.items, weights: &[] }
    }

    pub fn untimed(&self) -> TimedSequences<'_> {
        TimedSequences { sequences: self.sequences(), times: &[] }
    }
}

fn held_out(path: &Path, ids: &mut HashMap<String, u32>) -> Result<Histories, Failure> {
    let mut histories = Histories::default();
    for line in std::fs::read_to_string(path)?.lines() {
        let row: serde_json::Value = serde_json::from_str(line)?;
        let mut items = |name: &str| -> Vec<u32> {
            let list = row[name].as_array().into_iter().flatten();
            list.map(|id| index(ids, id.as_str().unwrap_or_default())).collect()
        };
        let (input, truth) = (items("input"), items("truth"));
        histories.push(input.into_iter(), truth.into_iter());
    }
    Ok(histories)
}

fn index(ids: &mut HashMap<String, u32>, id: &str) -> u32 {
    let next = ids.len() as u32;
    *ids.entry(id.to_owned()).or_insert(next)
}

/// The three parts of a split.
pub struct Split {
    pub training: Histories,
    pub valid: Histories,
    pub test: Histories,
    pub items: usize,
}

pub fn read(directory: &Path) -> Result<Split, Failure> {
    let mut ids = HashMap::new();
    let mut events: Vec<(String, u32, f64)> = Vec::new();
    let text = std::fs::read_to_string(directory.join("train.csv"))?;
    let mut lines = text.lines();
    let header: Vec<&str> = lines.next().unwrap_or_default().split(',').collect();
    let column = |name: &str| header.iter().position(|h| *h == name).ok_or(format!("no column {name}"));
    let (user, item, time) = (column("USER_ID")?, column("ITEM_ID")?, column("TIMESTAMP")?);
    for line in lines {
        let cells: Vec<&str> = line.split(',').collect();
        events.push((cells[user].to_owned(), index(&mut ids, cells[item]), cells[time].parse()?));
    }
    events.sort_by(|a, b| a.0.cmp(&b.0).then(a.2.total_cmp(&b.2)));
    let mut training = Histories::default();
    for user in events.chunk_by(|a, b| a.0 == b.0) {
        training.push(user.iter().map(|e| e.1), std::iter::empty());
    }
    let valid = held_out(&directory.join("valid.jsonl"), &mut ids)?;
    let test = held_out(&directory.join("test.jsonl"), &mut ids)?;
    Ok(Split { training, valid, test, items: ids.len() })
}

/// Sets a field of the schedule by its name; `negatives` also asks for the sampled softmax.
pub fn set(training: &mut TrainerConfig, name: &str, value: &str) -> Result<(), Failure> {
    match name {
        "epochs_max" => training.epochs_max = value.parse()?,
        "updates" => training.updates = value.parse()?,
        "patience" => training.patience = value.parse()?,
        "batch" => training.batch = value.parse()?,
        "learning_rate" => training.learning_rate = value.parse()?,
        "dropout_output" => training.dropout_output = value.parse()?,
        "weight_decay" => training.weight_decay = value.parse()?,
        "negatives" => (training.negatives, training.softmax) = (value.parse()?, SoftmaxMode::Sampled),
        "sampled_share" => training.sampled_share = value.parse()?,
        _ => return Err(format!("no such field: {name}").into()),
    }
    Ok(())
}

/// Prints HR@10 and NDCG@10 over the full ranking of the test events.
pub fn judge(model: &dyn Scorer, test: &Histories, exclude_seen: bool) {
    let (mut scratch, mut hits, mut gain, mut users) = (Scratch::default(), 0.0, 0.0, 0.0);
    let scoring = std::time::Instant::now();
    for (user, &from) in test.first_target.iter().enumerate() {
        let history: Vec<Event> = test.sequences().user(user).iter().map(|&i| Event::new(ItemIx(i), 0)).collect();
        let (input, truth) = history.split_at(from);
        let state = model.encode(input, &mut scratch);
        let mut allowed = Bitmap::full(model.item_count());
        input.iter().filter(|_| exclude_seen).for_each(|event| allowed.clear(event.item));
        let ranked = model.top_k(&state, &ScoringContext::default(), 10, Some(&allowed), &mut scratch);
        users += 1.0;
        if let Some(rank) = ranked.items.iter().position(|(item, _)| truth.iter().any(|event| event.item == *item)) {
            hits += 1.0;
            gain += 1.0 / (rank as f64 + 2.0).log2();
        }
    }
    println!(
        "test HR@10 {:.4} NDCG@10 {:.4}; {:.0} users/s on one thread",
        hits / users,
        gain / users,
        users / scoring.elapsed().as_secs_f64()
    );
}
