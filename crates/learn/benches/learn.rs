//! `cargo bench -p tastemaker-learn`: a training step against PyTorch's, encoding and scanning.
//!
//! Fastest times on one thread. PyTorch's row needs a Python with `torch`: `PYTHON=... cargo bench`.

use std::hint::black_box;
use std::process::Command;
use std::time::{Duration, Instant};
use tastemaker_data::ItemIx;
use tastemaker_learn::gru::{GruConfig, GruModel, Output, Sequences, train};
use tastemaker_learn::{Ask, Cancel, Event, Progress, Scorer, Scratch, TrainContext};

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
    let cancel = Cancel::new();
    let times = std::sync::Mutex::new(Vec::new());
    let progress = |p: Progress| {
        if p.stage == "train"
            && let Ok(mut times) = times.lock()
        {
            times.push(Instant::now());
        }
    };
    let ctx = TrainContext { seed: 1, threads: 1, cancel: &cancel, progress: &progress };
    let trained = match train(config, &sequences, None, None, &ctx) {
        Ok(trained) => trained,
        Err(error) => panic!("{error}"),
    };
    // With fewer than a hundred steps an epoch, every step reports; the first ones fill the buffers.
    let times = times.into_inner().unwrap_or_default();
    let steps = times.windows(2).skip(3).map(|w| w[1] - w[0]).collect();
    (trained.model, fastest(steps))
}

fn main() {
    let g = GruConfig {
        items: 50_000,
        hidden: 128,
        bptt: 32,
        batch: 128,
        epochs_max: 1,
        dropout_input: 0.0,
        dropout_output: 0.0,
        output: Output::Sampled,
        negatives: 256,
        tied: false,
        ..GruConfig::default()
    };
    let (model, rust) = training(&g, 40);
    println!("training step, case G                    {rust:9.2} ms");
    let python = std::env::var("PYTHON").unwrap_or_else(|_| "python3".to_owned());
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/benches/pytorch_gru.py");
    match Command::new(&python).arg(script).output() {
        Ok(run) if run.status.success() => {
            let text = String::from_utf8_lossy(&run.stdout);
            let torch: f64 = text.trim().parse().unwrap_or(f64::NAN);
            println!("  the same in PyTorch                    {torch:9.2} ms, {:.2} times as long", torch / rust);
        }
        _ => println!("  PyTorch: not measured, {python} has no torch (set PYTHON)"),
    }
    let (_, full) = training(&GruConfig { items: 3_500, output: Output::Full, tied: true, ..g.clone() }, 12);
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
        black_box(model.top_k(&state, &Ask::default(), 25, None, &mut scratch));
    });
    println!("top 25 of 50,000, 128 wide               {:9.1} us", scan * 1e3);
    let (narrow, _) = training(&GruConfig { hidden: 64, epochs_max: 0, ..g }, 1);
    let state = narrow.encode(&history, &mut scratch);
    let scan = repeat(200, || {
        black_box(narrow.top_k(&state, &Ask::default(), 25, None, &mut scratch));
    });
    println!("top 25 of 50,000, 64 wide                {:9.1} us", scan * 1e3);
}
