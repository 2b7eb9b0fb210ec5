//! `cargo bench -p tastemaker-learn`: a training step against PyTorch's, encoding and scanning.
//!
//! Fastest times on one thread. PyTorch's row needs a Python with `torch`: `PYTHON=... cargo bench`.

#![allow(clippy::disallowed_methods, clippy::disallowed_types, reason = "a benchmark takes times and settings")]

use std::hint::black_box;
use std::process::Command;
use std::time::{Duration, Instant};
use tastemaker_data::ItemIx;
use tastemaker_learn::networks::gru::{GruConfig, GruModel, train};
use tastemaker_learn::networks::transformer::{self, TransformerConfig, TransformerModel};
use tastemaker_learn::networks::{SoftmaxMode, TrainerConfig};
use tastemaker_learn::{
    Cancel, Event, Progress, Scorer, ScoringContext, Scratch, Sequences, TimedSequences, TrainContext,
};

/// The fastest time in milliseconds: what the machine can do when nobody else uses it.
fn fastest(times: Vec<Duration>) -> f64 {
    times.into_iter().min().map_or(f64::NAN, |t| t.as_secs_f64() * 1e3)
}

fn repeat(rounds: usize, mut run: impl FnMut()) -> f64 {
    let mut times = Vec::new();
    for _ in 0..rounds {
        let began = Instant::now();
        run();
        times.push(began.elapsed());
    }
    fastest(times)
}

/// A fixed scramble of `i` into `0..items`.
fn item(i: usize, items: usize) -> u32 {
    ((i as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 33) as u32 % items as u32
}

/// Trains 128 histories of `32 * steps` events side by side, so that an epoch is `steps` steps.
fn training(config: &GruConfig, steps: usize) -> (GruModel, f64) {
    let events: Vec<u32> = (0..128 * 32 * steps).map(|i| item(i, config.items)).collect();
    let offsets: Vec<usize> = (0..=128).map(|u| u * 32 * steps).collect();
    let sequences = Sequences { offsets: &offsets, items: &events, weights: &[] };
    timed_steps(|ctx| train(config, &sequences, None, None, ctx).map(|trained| trained.model))
}

/// Trains on this many histories of `length` events each.
fn transformer(config: &TransformerConfig, histories: usize) -> (TransformerModel, f64) {
    let length = config.length;
    let events: Vec<u32> = (0..histories * length).map(|i| item(i, config.items)).collect();
    let offsets: Vec<usize> = (0..=histories).map(|u| u * length).collect();
    let sequences = Sequences { offsets: &offsets, items: &events, weights: &[] };
    let histories = TimedSequences { sequences, times: &[] };
    timed_steps(|ctx| transformer::train(config, &histories, None, None, ctx).map(|trained| trained.model))
}

/// The model that `train` returns, and its fastest step on one thread.
fn timed_steps<M>(train: impl FnOnce(&TrainContext) -> Result<M, tastemaker_learn::Error>) -> (M, f64) {
    let cancel = Cancel::new();
    let times = std::sync::Mutex::new(Vec::new());
    let progress = |p: Progress| {
        if p.stage == "train"
            && let Ok(mut times) = times.lock()
        {
            times.push(Instant::now());
        }
    };
    let model = match train(&TrainContext {
        seed: 1,
        threads: 1,
        cancel: &cancel,
        progress: &progress,
        checkpoints: &tastemaker_learn::NoCheckpoints,
    }) {
        Ok(model) => model,
        Err(error) => panic!("{error}"),
    };
    // With fewer than a hundred steps an epoch, every step reports; the first ones fill the buffers.
    let times = times.into_inner().unwrap_or_default();
    let steps = times.windows(2).skip(3).map(|w| w[1] - w[0]).collect();
    (model, fastest(steps))
}

/// Prints how the step that took us `ours` milliseconds fares in PyTorch.
fn pytorch(script: &str, case: &[&str], ours: f64) {
    let python = std::env::var("PYTHON").unwrap_or_else(|_| "python3".to_owned());
    let script = format!("{}/benches/{script}", env!("CARGO_MANIFEST_DIR"));
    match Command::new(&python).arg(script).args(case).output() {
        Ok(run) if run.status.success() => {
            let torch: f64 = String::from_utf8_lossy(&run.stdout).trim().parse().unwrap_or(f64::NAN);
            println!("  the same in PyTorch                    {torch:9.2} ms, {:.2} times as long", torch / ours);
        }
        _ => println!("  PyTorch: not measured, {python} has no torch (set PYTHON)"),
    }
}

/// SASRec's cases S and F, and what a request costs.
fn transformers() {
    let usual = TransformerConfig::default();
    let training = TrainerConfig {
        epochs_max: 1,
        updates: 0,
        batch: 128 * 50,
        dropout_output: 0.0,
        softmax: SoftmaxMode::Sampled,
        negatives: 256,
        ..usual.training
    };
    let s = TransformerConfig {
        items: 50_000,
        hidden: 64,
        feed_forward: 64,
        heads: 2,
        blocks: 2,
        length: 50,
        gated: false,
        timed: false,
        dropout: 0.0,
        training,
    };
    let (model, step) = transformer(&s, 128 * 40);
    println!("training step, case S                    {step:9.2} ms");
    pytorch("pytorch_sasrec.py", &["S"], step);
    let training = TrainerConfig { batch: 64 * 200, softmax: SoftmaxMode::Full, ..training };
    let f = TransformerConfig { items: 3_500, length: 200, training, ..s.clone() };
    let (long, step) = transformer(&f, 64 * 12);
    println!("training step, case F                    {step:9.2} ms");
    pytorch("pytorch_sasrec.py", &["F"], step);
    let training = TrainerConfig { epochs_max: 0, ..usual.training };
    let usual = TransformerConfig { items: 3_500, training, ..usual };
    let (usual, _) = transformer(&usual, 1);
    let mut scratch = Scratch::default();
    for (what, model, events) in
        [("S", &model, 50), ("F", &long, 200), ("the defaults, 50 events", &usual, 50), ("the defaults", &usual, 200)]
    {
        let history: Vec<Event> = (0..events).map(|i| Event::new(ItemIx(item(i, 3_500)), 60 * i as i64)).collect();
        let state = model.encode(&history, &mut scratch);
        let request = repeat(100, || {
            black_box(model.top_k(&state, &ScoringContext::default(), 25, None, &mut scratch));
        });
        let name = format!("encode {events} and rank, {what}");
        println!("{name:<41}{:9.1} us", request * 1e3);
    }
}

fn main() {
    transformers();
    let schedule = TrainerConfig {
        batch: 128,
        epochs_max: 1,
        dropout_output: 0.0,
        softmax: SoftmaxMode::Sampled,
        negatives: 256,
        ..GruConfig::default().training
    };
    let g = GruConfig { items: 50_000, hidden: 128, bptt: 32, dropout_input: 0.0, tied: false, training: schedule };
    let (model, rust) = training(&g, 40);
    println!("training step, case G                    {rust:9.2} ms");
    pytorch("pytorch_gru.py", &[], rust);
    let full = TrainerConfig { softmax: SoftmaxMode::Full, ..schedule };
    let (_, full) = training(&GruConfig { items: 3_500, tied: true, training: full, ..g.clone() }, 12);
    println!("training step, full softmax, 3,500 items {full:9.2} ms");

    let mut scratch = Scratch::default();
    let history: Vec<Event> = (0..50).map(|i| Event::new(ItemIx(item(i, 50_000)), 0)).collect();
    let encode = repeat(200, || {
        black_box(model.encode(&history, &mut scratch));
    });
    println!("encode a history of 50                   {:9.1} us", encode * 1e3);
    let mut state = model.encode(&history, &mut scratch);
    let one = repeat(2000, || model.observe(&mut state, black_box(Event::new(ItemIx(7), 0)), &mut scratch));
    println!("observe one event                        {:9.1} us", one * 1e3);
    let scan = repeat(200, || {
        black_box(model.top_k(&state, &ScoringContext::default(), 25, None, &mut scratch));
    });
    println!("top 25 of 50,000, 128 wide               {:9.1} us", scan * 1e3);
    let untrained = TrainerConfig { epochs_max: 0, ..schedule };
    let (narrow, _) = training(&GruConfig { hidden: 64, training: untrained, ..g }, 1);
    let state = narrow.encode(&history, &mut scratch);
    let scan = repeat(200, || {
        black_box(narrow.top_k(&state, &ScoringContext::default(), 25, None, &mut scratch));
    });
    println!("top 25 of 50,000, 64 wide                {:9.1} us", scan * 1e3);
}
