//! `cargo xtask quality`: every recipe on every split of the research data beside the repository, scored by its scorer.

use anyhow::{Context, Result, bail};
use serde_json::Value;
use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

/// Splits by data set and protocol (LOO leave-one-out, A Personalize's, T temporal).
const SPLITS: &[&str] = &[
    "ml-1m/LOO",
    "ml-1m/A",
    "ml-100k/A",
    "ml-100k/T",
    "ml-latest-small/LOO",
    "amazon-beauty-5core/LOO",
    "personalize-poc/A",
    "online-retail-ii/T",
    "yoochoose-100k/A",
    "amazon23-beauty-small/T",
];

const RECIPES: &[&str] = &["aws-user-personalization", "aws-popularity-count"];

const BEGIN: &str = "<!-- begin: cargo xtask quality -->";
const END: &str = "<!-- end: cargo xtask quality -->";

/// Trains, recommends and scores; writes the table into docs/quality.md. `only` limits the splits by prefix.
pub fn run(root: &Path, only: Option<&str>) -> Result<()> {
    let shared = root.join("../shared");
    let scorer = shared.join("score.py");
    if !scorer.exists() {
        bail!("the research data and its scorer are not beside the repository (../shared)");
    }
    let binary = release_binary(root)?;
    let scratch = std::env::temp_dir().join(format!("tastemaker-quality-{}", std::process::id()));
    fs::create_dir_all(&scratch)?;
    let mut table = String::from(
        "| split | recipe | HR@10 | NDCG@10 | MRR@25 | P@10 | coverage@25 | learn s | peak MB |\n|---|---|---|---|---|---|---|---|---|\n",
    );
    for split in SPLITS.iter().filter(|s| only.is_none_or(|o| s.starts_with(o))) {
        for recipe in RECIPES {
            let row = one(&binary, &scorer, &shared.join("splits").join(split), recipe, &scratch)
                .with_context(|| format!("{split} {recipe}"))?;
            println!("{split} {recipe} {row}");
            let _ = writeln!(table, "| {split} | {recipe} | {row} |");
        }
    }
    fs::remove_dir_all(&scratch).ok();
    if only.is_none() {
        replace(&root.join("docs/quality.md"), &table)?;
    }
    Ok(())
}

fn one(binary: &Path, scorer: &Path, split: &Path, recipe: &str, scratch: &Path) -> Result<String> {
    let (train, histories) = (scratch.join("train.csv"), scratch.join("histories.csv"));
    let (model, out) = (scratch.join("model"), scratch.join("predictions.jsonl"));
    fs::remove_dir_all(&model).ok();
    let unzipped = Command::new("gzip").args(["-dc"]).arg(split.join("train.csv.gz")).output()?;
    fs::write(&train, unzipped.stdout)?;
    call(Command::new("python3").arg(scorer).arg("histories").arg(split).arg(&histories))?;
    let started = Instant::now();
    let mut learn = Command::new(binary);
    learn.args(["learn", "--recipe", recipe, "--interactions"]).arg(&train).arg("--model-dir").arg(&model);
    call(&mut learn)?;
    let seconds = started.elapsed().as_secs_f64();
    let meta: Value = serde_json::from_slice(&fs::read(split.join("meta.json"))?)?;
    let mut recommend = Command::new(binary);
    recommend.args(["recommend", "--num-results", "100", "--model-dir"]).arg(&model);
    recommend.arg("--histories").arg(&histories).arg("--out").arg(&out);
    if meta["exclude_seen"].as_bool().unwrap_or(true) {
        recommend.arg("--exclude-seen");
    }
    call(&mut recommend)?;
    let scored: Value =
        serde_json::from_slice(&call(Command::new("python3").arg(scorer).arg("score").arg(split).arg(&out))?)?;
    let run: Value = serde_json::from_slice(&fs::read(model.join("run.json"))?)?;
    let value = |key: &str| format!("{:.4}", scored[key].as_f64().unwrap_or(f64::NAN));
    let keys = ["hr@10", "ndcg@10", "mrr@25", "precision@10", "coverage@25"];
    let values: Vec<_> = keys.into_iter().map(value).collect();
    let peak = run["peak_memory_mb"].as_f64().map_or("-".to_owned(), |mb| format!("{mb:.0}"));
    Ok(format!("{} | {seconds:.1} | {peak}", values.join(" | ")))
}

fn release_binary(root: &Path) -> Result<PathBuf> {
    call(Command::new("cargo").args(["build", "--release", "--quiet", "--package", "tastemaker"]).current_dir(root))?;
    let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), PathBuf::from);
    Ok(target.join("release/tastemaker"))
}

fn call(command: &mut Command) -> Result<Vec<u8>> {
    let output = command.output().with_context(|| format!("cannot run {command:?}"))?;
    if !output.status.success() {
        bail!("{command:?}: {}", String::from_utf8_lossy(&output.stderr));
    }
    Ok(output.stdout)
}

/// Replaces what stands between the two marks.
fn replace(path: &Path, table: &str) -> Result<()> {
    let text = fs::read_to_string(path)?;
    let parts = text.split_once(BEGIN).and_then(|(before, rest)| Some((before, rest.split_once(END)?.1)));
    let (before, after) = parts.with_context(|| format!("{}: no {BEGIN} ... {END}", path.display()))?;
    fs::write(path, format!("{before}{BEGIN}\n{table}{END}{after}"))?;
    Ok(())
}
