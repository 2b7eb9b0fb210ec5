//! `cargo bench -p tastemaker-learn --bench counting`: the counting and closed-form components against numpy, scipy, LAPACK
//! and `implicit` in the same run, on one thread.
//!
//! The peers need a Python with numpy, scipy and implicit: `PYTHON=... cargo bench`. An argument sets the items of the inverse
//! (12,000), which takes a minute on each side.

#![allow(clippy::disallowed_methods, clippy::disallowed_types, reason = "a benchmark takes times and settings")]

use std::hint::black_box;
use std::process::Command;
use std::time::Instant;
use tastemaker_learn::Sequences;
use tastemaker_learn::models::als::{AlsConfig, ItemFactors};
use tastemaker_learn::models::cooccurrence::{Window, directed};
use tastemaker_learn::models::ease::{EaseConfig, ease};
use tastemaker_learn::{Cancel, TrainContext};

/// Skewed histories; as `log` in `peers.py`.
fn log(users: usize, length: usize, items: usize) -> (Vec<usize>, Vec<u32>) {
    let item = |i: usize| {
        let draw = (i as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 40;
        let share = (draw as f64 + 0.5) / f64::from(1 << 24);
        (items as f64 * share.powi(3)) as u32
    };
    ((0..=users).map(|u| u * length).collect(), (0..users * length).map(item).collect())
}

/// The fastest of some rounds in seconds.
fn fastest(rounds: usize, mut run: impl FnMut()) -> f64 {
    let mut best = f64::INFINITY;
    for _ in 0..rounds {
        let began = Instant::now();
        run();
        best = best.min(began.elapsed().as_secs_f64());
    }
    best
}

/// Prints `ours` seconds beside the peer's.
fn compare(what: &str, ours: f64, peer: &str, case: &[&str]) {
    let python = std::env::var("PYTHON").unwrap_or_else(|_| "python3".to_owned());
    let script = format!("{}/benches/peers.py", env!("CARGO_MANIFEST_DIR"));
    print!("{what:<58}{:9.1} ms", ours * 1e3);
    match Command::new(&python).arg(script).args(case).output() {
        Ok(run) if run.status.success() => {
            let theirs: f64 = String::from_utf8_lossy(&run.stdout).trim().parse().unwrap_or(f64::NAN);
            println!("  {peer} {:9.1} ms, {:.2} times as long", theirs * 1e3, theirs / ours);
        }
        _ => println!("  {peer}: not measured, {python} lacks it (set PYTHON)"),
    }
}

fn main() {
    let inverse_items = std::env::args().skip(1).find_map(|a| a.parse().ok()).unwrap_or(12_000);
    let pool = match rayon::ThreadPoolBuilder::new().num_threads(1).build() {
        Ok(pool) => pool,
        Err(error) => panic!("{error}"),
    };
    let cancel = Cancel::new();
    pool.install(|| {
        let (offsets, events) = log(6_000, 165, 3_500);
        let sequences = Sequences { offsets: &offsets, items: &events, weights: &[] };
        let time = fastest(3, || {
            black_box(directed(&sequences, 3_500, Window::default(), &cancel).ok());
        });
        compare("co-occurrence, 990,000 events, window 10", time, "scipy", &["cooccurrence"]);

        let epochs = |epochs| {
            let config = AlsConfig { epochs, ..AlsConfig::default() };
            let context = TrainContext {
                seed: 1,
                threads: 1,
                cancel: &cancel,
                progress: &|_| {},
                checkpoints: &tastemaker_learn::NoCheckpoints,
            };
            fastest(2, || {
                black_box(ItemFactors::train(&sequences, 3_500, &config, &context).ok());
            })
        };
        compare("iALS, an epoch of 64 factors", (epochs(9) - epochs(1)) / 8.0, "implicit", &["ials"]);

        let (offsets, events) = log(20_000, 9, inverse_items);
        let sequences = Sequences { offsets: &offsets, items: &events, weights: &[] };
        let config = EaseConfig { lambda: 100.0, row_max: 1000, items_max: inverse_items };
        let time = fastest(1, || {
            black_box(ease(&sequences, inverse_items, &config, &cancel).ok());
        });
        let what = format!("EASE of {inverse_items} items, with matrix and rows");
        compare(&what, time, "LAPACK's inverse alone", &["inverse", &inverse_items.to_string()]);
    });
}
