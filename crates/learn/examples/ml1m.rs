//! Trains the GRU on a leave-one-out split and prints HR@10 and NDCG@10 over the full ranking.
//!
//! `cargo run --release -p tastemaker-learn --example ml1m -- DIRECTORY [name=value ...]`, with the directory of
//! `leave_one_out`. Names are fields of `GruConfig` and `TrainerConfig`, besides `threads`, `seed` and `seen=keep`.

#![allow(
    clippy::disallowed_methods,
    clippy::disallowed_types,
    reason = "a command of its own, with files and settings"
)]

mod leave_one_out;

use leave_one_out::Failure;
use std::path::Path;
use tastemaker_learn::networks::gru::{GruConfig, train};
use tastemaker_learn::{Cancel, TrainContext, Validation};

fn main() -> Result<(), Failure> {
    let mut args = std::env::args().skip(1);
    let directory = args.next().ok_or("usage: ml1m DIRECTORY [name=value ...]")?;
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
            "dropout_input" => config.dropout_input = value.parse()?,
            "tied" => config.tied = value.parse()?,
            _ => leave_one_out::set(&mut config.training, name, value)?,
        }
    }

    let split = leave_one_out::read(Path::new(&directory))?;
    config.items = split.items;
    let training = split.training.sequences();
    println!("{} users, {} items, {} events; {config:?}", training.len(), split.items, training.items.len());

    let began = std::time::Instant::now();
    let validation =
        Validation { histories: split.valid.untimed(), first_target: &split.valid.first_target, exclude_seen };
    let cancel = Cancel::new();
    let progress = |p: tastemaker_learn::Progress| {
        if p.stage == "validate" {
            println!("{:7.1} s  {}", began.elapsed().as_secs_f64(), p.note);
        }
    };
    let ctx = TrainContext { seed, threads, cancel: &cancel, progress: &progress };
    let trained = train(&config, &training, Some(&validation), None, &ctx)?;
    println!("best epoch {} after {:.1} s", trained.best_epoch, began.elapsed().as_secs_f64());

    leave_one_out::judge(&trained.model, &split.test, exclude_seen);
    Ok(())
}
