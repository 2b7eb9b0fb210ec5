//! `cargo bench -p tastemaker --bench scale -- [<millions of rows>x<items>[:<recipe>]]...`: CPU seconds, bytes of memory for a gathered row,
//! peak memory and its estimate of whole trainings on synthetic interactions, and how they grow.
#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

use serde_json::Value;
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;
use std::process::{Command, Stdio};

const EVENTS_PER_USER: usize = 20;
/// One event in so many takes the follower of the item before.
const FOLLOWS_ONE_IN: u64 = 3;
/// The recipe of sizes without one.
const RECIPE: &str = "aws-user-personalization";
/// Trainings of minutes at most, of every family of recipes.
const SMALL: &[&str] = &[
    "0.1x2000:aws-popularity-count",
    "1x20000:aws-popularity-count",
    "5x50000:aws-popularity-count",
    "0.1x2000:aws-sims",
    "0.5x10000:aws-sims",
    "1x30000:aws-sims",
    "0.1x2000:aws-similar-items",
    "0.3x10000:aws-similar-items",
    "0.1x2000",
    "0.3x5000",
    "0.3x20000",
    "0.1x2000:aws-user-personalization-v2",
];

/// Rows and items of a training, and its recipe.
#[derive(Clone)]
struct Size {
    rows: usize,
    items: usize,
    recipe: String,
}

/// The cost of a training.
struct Taken {
    seconds: f64,
    cpu_seconds: f64,
    network_cpu_seconds: f64,
    gathered_mb: f64,
    peak_mb: f64,
    estimate_mb: f64,
}

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let mut sizes: Vec<Size> = arguments.iter().filter_map(|argument| size(argument)).collect();
    if sizes.is_empty() {
        sizes = SMALL.iter().filter_map(|argument| size(argument)).collect();
    }
    println!(
        "| recipe | rows | items | s | CPU s | of the network | gathered, bytes a row | peak MB | estimate / peak | CPU exponent | peak exponent |"
    );
    println!("|---|---|---|---|---|---|---|---|---|---|---|");
    let mut before: Option<(Size, Taken)> = None;
    for size in sizes {
        let taken = train(&size);
        let exponents = match &before {
            Some((less, was)) if less.recipe == size.recipe => {
                let grown = if size.rows == less.rows {
                    (size.items as f64 / less.items as f64).ln()
                } else {
                    (size.rows as f64 / less.rows as f64).ln()
                };
                let exponent = |now: f64, then: f64| format!("{:.2}", (now / then).ln() / grown);
                // Sizes side by side say nothing about growth.
                if grown.abs() < 0.01 {
                    ["-".to_owned(), "-".to_owned()]
                } else {
                    [exponent(taken.cpu_seconds, was.cpu_seconds), exponent(taken.peak_mb, was.peak_mb)]
                }
            }
            _ => ["-".to_owned(), "-".to_owned()],
        };
        println!(
            "| {} | {} | {} | {:.0} | {:.0} | {:.0} | {:.0} | {:.0} | {:.2} | {} | {} |",
            size.recipe,
            size.rows,
            size.items,
            taken.seconds,
            taken.cpu_seconds,
            taken.network_cpu_seconds,
            taken.gathered_mb * f64::from(1 << 20) / size.rows as f64,
            taken.peak_mb,
            taken.estimate_mb / taken.peak_mb,
            exponents[0],
            exponents[1]
        );
        std::io::stdout().flush().unwrap();
        before = Some((size, taken));
    }
}

/// `<millions of rows>x<items>[:<recipe>]`, such as `0.5x20000:aws-sims`.
fn size(argument: &str) -> Option<Size> {
    let (size, recipe) = argument.split_once(':').unwrap_or((argument, RECIPE));
    let (rows, items) = size.split_once('x')?;
    Some(Size {
        rows: (rows.parse::<f64>().ok()? * 1e6) as usize,
        items: items.parse().ok()?,
        recipe: recipe.to_owned(),
    })
}

/// Trains by the command and reads what it noted of itself.
fn train(size: &Size) -> Taken {
    let folder = tempfile::tempdir().unwrap();
    let (data, model) = (folder.path().join("interactions.csv"), folder.path().join("model"));
    write(&data, size);
    let mut command = Command::new(env!("CARGO_BIN_EXE_tastemaker"));
    command.args(["learn", "--recipe", &size.recipe, "--interactions"]).arg(&data).arg("--model-dir").arg(&model);
    let ended = command.stdout(Stdio::null()).status().unwrap();
    assert!(ended.success(), "{command:?} ended with {ended}");
    let run: Value = serde_json::from_slice(&std::fs::read(model.join("run.json")).unwrap()).unwrap();
    let number = |value: &Value| value.as_f64().unwrap();
    let cpu_seconds = |of: fn(&str) -> bool| {
        let stages = run["stages"].as_array().unwrap().iter();
        stages.filter(|stage| of(stage["stage"].as_str().unwrap())).map(|stage| number(&stage["cpu_seconds"])).sum()
    };
    Taken {
        seconds: number(&run["seconds"]),
        cpu_seconds: cpu_seconds(|_| true),
        network_cpu_seconds: cpu_seconds(|stage| stage.ends_with("network")),
        gathered_mb: number(&run["gathered_memory_mb"]),
        peak_mb: number(&run["peak_memory_mb"]),
        estimate_mb: number(&run["estimated_memory_mb"]),
    }
}

/// Interactions of users one after the other; every item occurs at least once.
fn write(path: &Path, size: &Size) {
    let Size { rows, items, .. } = *size;
    // Cumulative shares of Zipf's law.
    let mut shares: Vec<f64> = (1..=items).map(|rank| 1.0 / rank as f64).collect();
    let mut sum = 0.0;
    shares.iter_mut().for_each(|share| {
        sum += *share;
        *share = sum;
    });
    let mut state = 1u64;
    let mut draw = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        state >> 33
    };
    let mut file = BufWriter::new(File::create(path).unwrap());
    writeln!(file, "USER_ID,ITEM_ID,TIMESTAMP").unwrap();
    let mut before = 0;
    for row in 0..rows {
        let (user, at) = (row / EVENTS_PER_USER, row % EVENTS_PER_USER);
        let item = if row < items {
            row
        } else if at > 0 && draw() % FOLLOWS_ONE_IN == 0 {
            // The same follower for everybody.
            (before * 7919 + 13) % items
        } else {
            let wanted = draw() as f64 / (1u64 << 31) as f64 * sum;
            shares.partition_point(|&share| share < wanted).min(items - 1)
        };
        writeln!(file, "u{user},i{item},{}", 1_600_000_000 + user + 60 * at).unwrap();
        before = item;
    }
    file.flush().unwrap();
}
