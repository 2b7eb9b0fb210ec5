//! Trains a network on a leave-one-out split and prints HR@10 and NDCG@10 over the full ranking.
//!
//! `cargo run --release -p tastemaker-training --example leave_one_out -- gru|transformer DIRECTORY [name=value ...]`. Names are fields
//! of the network's configuration and of `TrainerConfig`, besides `threads`, `seed` and `seen=keep`.
//!
//! The directory holds `train.csv` with columns USER_ID, ITEM_ID, TIMESTAMP (events in order within a user),
//! `valid.jsonl` and `test.jsonl` with `{"user", "input", "truth"}` lines.

#![allow(
    clippy::disallowed_methods,
    clippy::disallowed_types,
    reason = "a command of its own, with files and settings"
)]

use std::path::Path;
use tastemaker_data::{Bitmap, DatasetBuilder, IdMap, ItemIx, UserIx};
use tastemaker_eval::{TestUser, judge};
use tastemaker_learn::networks::gru::{self, GruConfig};
use tastemaker_learn::networks::transformer::{self, TransformerConfig};
use tastemaker_learn::networks::{SoftmaxMode, Trained, TrainerConfig};
use tastemaker_learn::{
    Cancel, Error, Event, Progress, Scorer, ScoringContext, Scratch, Sequences, TimedSequences, TrainContext,
    Validation,
};

type Failure = Box<dyn std::error::Error>;

/// The three parts of a split, in the same indices.
struct Split {
    training: tastemaker_data::Dataset,
    validation: Vec<TestUser>,
    test: Vec<TestUser>,
}

fn read(directory: &Path) -> Result<Split, Failure> {
    let mut builder = DatasetBuilder::new();
    let text = std::fs::read_to_string(directory.join("train.csv"))?;
    let mut lines = text.lines();
    let header: Vec<&str> = lines.next().unwrap_or_default().split(',').collect();
    let column = |name: &str| header.iter().position(|h| *h == name).ok_or(format!("no column {name}"));
    let (user, item, time) = (column("USER_ID")?, column("ITEM_ID")?, column("TIMESTAMP")?);
    for line in lines {
        let cells: Vec<&str> = line.split(',').collect();
        builder.push(cells[user], cells[item], cells[time].parse::<f64>()? as i64, None, None);
    }
    let rows = |name: &str| -> Result<Vec<serde_json::Value>, Failure> {
        let text = std::fs::read_to_string(directory.join(name))?;
        Ok(text.lines().map(serde_json::from_str).collect::<Result<_, _>>()?)
    };
    let (validation, test) = (rows("valid.jsonl")?, rows("test.jsonl")?);
    let ids = |row: &serde_json::Value, name: &str| -> Vec<String> {
        row[name].as_array().into_iter().flatten().filter_map(|id| Some(id.as_str()?.to_owned())).collect()
    };
    for row in validation.iter().chain(&test) {
        ["input", "truth"].iter().flat_map(|name| ids(row, name)).for_each(|id| builder.add_item(&id));
    }
    let training = builder.build();
    let held_out = |rows: Vec<serde_json::Value>, items: &IdMap| -> Vec<TestUser> {
        let known = |row, name| ids(row, name).iter().filter_map(|id| items.get(id)).collect();
        let user = |row| TestUser { user: UserIx(0), input: known(row, "input"), truth: known(row, "truth") };
        rows.iter().map(user).collect()
    };
    let (validation, test) = (held_out(validation, &training.items), held_out(test, &training.items));
    Ok(Split { training, validation, test })
}

fn main() -> Result<(), Failure> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [network, directory, settings @ ..] = &arguments[..] else {
        return Err("arguments are gru|transformer DIRECTORY [name=value ...]".into());
    };
    let split = read(Path::new(directory))?;
    match &**network {
        "gru" => run(&split, settings, set_gru, |config, histories, validation, context| {
            gru::train(config, &histories.sequences, Some(validation), None, context)
        }),
        "transformer" => run(&split, settings, set_transformer, |config, histories, validation, context| {
            transformer::train(config, histories, Some(validation), None, context)
        }),
        other => Err(format!("no such network: {other}").into()),
    }
}

fn set_gru(config: &mut GruConfig, name: &str, value: &str) -> Result<(), Failure> {
    match name {
        "items" => config.items = value.parse()?,
        "hidden" => config.hidden = value.parse()?,
        "bptt" => config.bptt = value.parse()?,
        "dropout_input" => config.dropout_input = value.parse()?,
        "tied" => config.tied = value.parse()?,
        _ => set(&mut config.training, name, value)?,
    }
    Ok(())
}

fn set_transformer(config: &mut TransformerConfig, name: &str, value: &str) -> Result<(), Failure> {
    match name {
        "items" => config.items = value.parse()?,
        "hidden" => config.hidden = value.parse()?,
        "feed_forward" => config.feed_forward = value.parse()?,
        "heads" => config.heads = value.parse()?,
        "blocks" => config.blocks = value.parse()?,
        "length" => config.length = value.parse()?,
        "gated" => config.gated = value.parse()?,
        "timed" => config.timed = value.parse()?,
        "dropout" => config.dropout = value.parse()?,
        _ => set(&mut config.training, name, value)?,
    }
    Ok(())
}

/// Trains a configuration, whose fields `set` sets by name, as `settings` say, and prints its test metrics.
fn run<C: Default + std::fmt::Debug, M: Scorer>(
    split: &Split,
    settings: &[String],
    set: impl Fn(&mut C, &str, &str) -> Result<(), Failure>,
    train: impl Fn(&C, &TimedSequences<'_>, &Validation<'_>, &TrainContext<'_>) -> Result<Trained<M>, Error>,
) -> Result<(), Failure> {
    let mut config = C::default();
    let (mut threads, mut seed, mut exclude_seen) = (2, 1, true);
    for setting in settings {
        let (name, value) = setting.split_once('=').ok_or("settings are name=value")?;
        match name {
            "threads" => threads = value.parse()?,
            "seed" => seed = value.parse()?,
            "seen" => exclude_seen = value != "keep",
            _ => set(&mut config, name, value)?,
        }
    }
    let (training, items) = (&split.training, split.training.items.len());
    set(&mut config, "items", &items.to_string())?;
    println!("{} users, {items} items, {} events; {config:?}", training.users.len(), training.len());

    let began = std::time::Instant::now();
    let untimed = |offsets, items| TimedSequences { sequences: Sequences { offsets, items, weights: &[] }, times: &[] };
    let (mut offsets, mut events) = (vec![0], Vec::new());
    for user in &split.validation {
        events.extend(user.input.iter().chain(&user.truth));
        offsets.push(events.len());
    }
    let first_target: Vec<usize> = split.validation.iter().map(|user| user.input.len()).collect();
    let histories = untimed(&offsets[..], &events[..]);
    let validation = Validation { histories, first_target: &first_target, exclude_seen };
    let cancel = Cancel::new();
    let progress = |p: Progress| {
        if p.stage == "validate" {
            println!("{:7.1} s  {}", began.elapsed().as_secs_f64(), p.note);
        }
    };
    let context = TrainContext {
        seed,
        threads,
        cancel: &cancel,
        progress: &progress,
        checkpoints: &tastemaker_learn::NoCheckpoints,
    };
    let histories = untimed(training.offsets(), training.item_column());
    let trained = train(&config, &histories, &validation, &context)?;
    println!("best epoch {} after {:.1} s", trained.best_epoch, began.elapsed().as_secs_f64());

    let report = judge(&split.test, items, |input| rank(&trained.model, input, exclude_seen));
    let found = report.per_user["precision_at_10"].iter().filter(|precision| **precision > 0.0).count();
    let gain = report.mean("normalized_discounted_cumulative_gain_at_10").unwrap_or(0.0);
    println!("test HR@10 {:.4} NDCG@10 {gain:.4}", found as f64 / report.users as f64);
    Ok(())
}

/// The best ten of all items after `input`.
fn rank(model: &dyn Scorer, input: &[u32], exclude_seen: bool) -> Vec<u32> {
    let mut scratch = Scratch::default();
    let history: Vec<Event> = input.iter().map(|&item| Event::new(ItemIx(item), 0)).collect();
    let state = model.encode(&history, &mut scratch);
    let mut allowed = Bitmap::full(model.item_count());
    input.iter().filter(|_| exclude_seen).for_each(|&item| allowed.clear(ItemIx(item)));
    let ranked = model.top_k(&state, &ScoringContext::default(), 10, Some(&allowed), &mut scratch);
    ranked.items.into_iter().map(|(item, _)| item.0).collect()
}

/// Sets a field of the schedule by its name; `negatives` also asks for the sampled softmax.
fn set(training: &mut TrainerConfig, name: &str, value: &str) -> Result<(), Failure> {
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
