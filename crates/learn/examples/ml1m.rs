//! Trains the GRU on a leave-one-out split and prints HR@10 and NDCG@10 over the full ranking.
//!
//! `cargo run --release -p tastemaker-learn --example ml1m -- DIRECTORY [name=value ...]`, where the
//! directory holds `train.csv` with columns USER_ID, ITEM_ID, TIMESTAMP (events in order within a
//! user), `valid.jsonl` and `test.jsonl` with `{"user", "input", "truth"}` lines. Names are fields of
//! `GruConfig`, besides `threads`, `seed` and `seen=keep`.

use std::collections::HashMap;
use std::path::Path;
use tastemaker_data::{Bitmap, ItemIx};
use tastemaker_learn::gru::{GruConfig, Output, Sequences, Validation, train};
use tastemaker_learn::{Ask, Cancel, Event, Scorer, Scratch, TrainContext};

type Failure = Box<dyn std::error::Error>;

#[derive(Default)]
struct Histories {
    offsets: Vec<usize>,
    items: Vec<u32>,
    first_target: Vec<usize>,
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

    fn sequences(&self) -> Sequences<'_> {
        Sequences { offsets: &self.offsets, items: &self.items, weights: &[] }
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

fn main() -> Result<(), Failure> {
    let mut args = std::env::args().skip(1);
    let directory = args.next().ok_or("usage: ml1m DIRECTORY [name=value ...]")?;
    let directory = Path::new(&directory);
    let mut config = GruConfig::default();
    let (mut threads, mut seed, mut exclude_seen) = (2, 1, true);
    for arg in args {
        let (name, value) = arg.split_once('=').ok_or("arguments are name=value")?;
        match name {
            "threads" => threads = value.parse()?,
            "seed" => seed = value.parse()?,
            "seen" => exclude_seen = value != "keep",
            "hidden" => config.hidden = value.parse()?,
            "bptt" => config.bptt = value.parse()?,
            "epochs_max" => config.epochs_max = value.parse()?,
            "updates" => config.updates = value.parse()?,
            "patience" => config.patience = value.parse()?,
            "batch" => config.batch = value.parse()?,
            "learning_rate" => config.learning_rate = value.parse()?,
            "dropout_input" => config.dropout_input = value.parse()?,
            "dropout_output" => config.dropout_output = value.parse()?,
            "weight_decay" => config.weight_decay = value.parse()?,
            "negatives" => {
                config.negatives = value.parse()?;
                config.output = Output::Sampled;
            }
            "tied" => config.tied = value.parse()?,
            _ => return Err(format!("no such field: {name}").into()),
        }
    }

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
    config.items = ids.len();
    println!("{} users, {} items, {} events; {config:?}", training.first_target.len(), ids.len(), events.len());

    let began = std::time::Instant::now();
    let validation = Validation { sequences: valid.sequences(), first_target: &valid.first_target, exclude_seen };
    let cancel = Cancel::new();
    let progress = |p: tastemaker_learn::Progress| {
        if p.stage == "validate" {
            println!("{:7.1} s  {}", began.elapsed().as_secs_f64(), p.note);
        }
    };
    let ctx = TrainContext { seed, threads, cancel: &cancel, progress: &progress };
    let trained = train(&config, &training.sequences(), Some(&validation), None, &ctx)?;
    println!("best epoch {} after {:.1} s", trained.best_epoch, began.elapsed().as_secs_f64());

    let (mut scratch, mut hits, mut gain, mut users) = (Scratch::default(), 0.0, 0.0, 0.0);
    let scoring = std::time::Instant::now();
    for (user, &from) in test.first_target.iter().enumerate() {
        let history: Vec<Event> = test.sequences().user(user).iter().map(|&i| Event::new(ItemIx(i), 0)).collect();
        let (input, truth) = history.split_at(from);
        let state = trained.model.encode(input, &mut scratch);
        let mut allowed = Bitmap::full(config.items);
        input.iter().filter(|_| exclude_seen).for_each(|event| allowed.clear(event.item));
        let ranked = trained.model.top_k(&state, &Ask::default(), 10, Some(&allowed), &mut scratch);
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
    Ok(())
}
