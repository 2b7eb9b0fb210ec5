//! `cargo xtask quality`: the recipes and some baselines on the splits of the research data beside the repository, scored by its scorer.

pub mod cold;
mod picture;
mod related;
mod standard_errors;
mod tools;

use crate::cargo::cargo;
use crate::page;
use anyhow::{Context, Result, bail};
use serde_json::Value;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;
use tools::{Tools, call, children_cpu_s, unzip};

const V1: &str = "aws-user-personalization";
const V2: &str = "aws-user-personalization-v2";
const POPULARITY: &str = "aws-popularity-count";
/// Models beside the recipes, by their names in the table and in the example `baselines` of `training`.
const BASELINES: &[(&str, &str)] = &[("item-kNN", "item-knn"), ("co-occurrence", "co-occurrence"), ("EASE", "ease")];
const ITEM_KNN: &str = BASELINES[0].0;
const COOCCURRENCE: &str = BASELINES[1].0;
const EASE: &str = BASELINES[2].0;

/// A split (LOO leave-one-out, A Personalize's, T temporal), a recipe, and whether it is given the items' metadata.
struct Run {
    split: &'static str,
    recipe: &'static str,
    items: bool,
}

const fn run_of(split: &'static str, recipe: &'static str) -> Run {
    Run { split, recipe, items: false }
}

const RUNS: &[Run] = &[
    run_of("ml-1m/LOO", POPULARITY),
    run_of("ml-1m/LOO", ITEM_KNN),
    run_of("ml-1m/LOO", COOCCURRENCE),
    run_of("ml-1m/LOO", EASE),
    run_of("ml-1m/LOO", V1),
    run_of("ml-1m/LOO", V2),
    run_of("amazon-beauty-5core/LOO", POPULARITY),
    run_of("amazon-beauty-5core/LOO", ITEM_KNN),
    run_of("amazon-beauty-5core/LOO", COOCCURRENCE),
    run_of("amazon-beauty-5core/LOO", EASE),
    run_of("amazon-beauty-5core/LOO", V1),
    run_of("amazon-beauty-5core/LOO", V2),
    run_of("ml-1m/A", POPULARITY),
    run_of("ml-1m/A", ITEM_KNN),
    run_of("ml-1m/A", COOCCURRENCE),
    run_of("ml-1m/A", EASE),
    run_of("ml-1m/A", V1),
    run_of("ml-100k/A", POPULARITY),
    run_of("ml-100k/A", ITEM_KNN),
    run_of("ml-100k/A", COOCCURRENCE),
    run_of("ml-100k/A", EASE),
    run_of("ml-100k/A", V1),
    run_of("ml-100k/A", V2),
    run_of("online-retail-ii/A", POPULARITY),
    run_of("online-retail-ii/A", ITEM_KNN),
    run_of("online-retail-ii/A", COOCCURRENCE),
    run_of("online-retail-ii/A", EASE),
    run_of("online-retail-ii/A", V1),
    run_of("online-retail-ii/T", POPULARITY),
    run_of("online-retail-ii/T", ITEM_KNN),
    run_of("online-retail-ii/T", COOCCURRENCE),
    run_of("online-retail-ii/T", EASE),
    run_of("online-retail-ii/T", V1),
    run_of("yoochoose-100k/A", POPULARITY),
    run_of("yoochoose-100k/A", ITEM_KNN),
    run_of("yoochoose-100k/A", COOCCURRENCE),
    run_of("yoochoose-100k/A", EASE),
    run_of("yoochoose-100k/A", V1),
    run_of("ml-100k/T", POPULARITY),
    run_of("ml-100k/T", ITEM_KNN),
    run_of("ml-100k/T", COOCCURRENCE),
    run_of("ml-100k/T", EASE),
    run_of("ml-100k/T", V1),
    run_of("personalize-poc/A", POPULARITY),
    run_of("personalize-poc/A", ITEM_KNN),
    run_of("personalize-poc/A", COOCCURRENCE),
    run_of("personalize-poc/A", EASE),
    run_of("personalize-poc/A", V1),
    run_of("amazon23-beauty-small/T", POPULARITY),
    run_of("amazon23-beauty-small/T", ITEM_KNN),
    run_of("amazon23-beauty-small/T", COOCCURRENCE),
    run_of("amazon23-beauty-small/T", EASE),
    run_of("amazon23-beauty-small/T", V1),
    Run { split: "amazon23-beauty-small/T", recipe: V1, items: true },
];

/// Marks that a personal recipe should reach on a split: the scorer's key, the mark, and the aim beyond it.
const MARKS: &[(&str, &str, &str, f64, f64)] = &[
    ("ml-1m/LOO", V1, "hr@10", 0.300, 0.329),
    ("ml-1m/LOO", V1, "ndcg@10", 0.175, 0.189),
    ("ml-1m/LOO", V2, "hr@10", 0.315, 0.329),
    ("ml-1m/LOO", V2, "ndcg@10", 0.182, 0.189),
    ("amazon-beauty-5core/LOO", "", "hr@10", 0.089, 0.095),
    ("amazon-beauty-5core/LOO", "", "ndcg@10", 0.0555, 0.059),
    ("ml-1m/A", "", "mrr@25", 0.375, 0.41),
    ("ml-1m/A", "", "ndcg@10", 0.218, 0.245),
    ("ml-100k/A", "", "ndcg@10", 0.20, 0.22),
    ("online-retail-ii/A", "", "ndcg@10", 0.197, 0.205),
    ("online-retail-ii/T", "", "ndcg@10", 0.331, 0.345),
    ("yoochoose-100k/A", "", "mrr@25", 0.379, 0.40),
    ("yoochoose-100k/A", "", "hr@10", 0.63, 0.66),
    ("ml-100k/T", "", "ndcg@10", 0.215, 0.23),
    ("personalize-poc/A", "", "mrr@25", 0.39, 0.42),
    ("amazon23-beauty-small/T", "", "ndcg@10", 0.015, 0.03),
];

/// A generated table of `docs/quality.md`: its name in the marks around it, and its head.
struct Table {
    name: &'static str,
    head: &'static str,
}

const RESULTS: Table = Table {
    name: "results",
    head: "| split | recipe | HR@10 | NDCG@10 | MRR@25 | P@10 | coverage@25 | marks | learn s | CPU s | peak MB |\n\
           |---|---|---|---|---|---|---|---|---|---|---|\n",
};
const ABLATION: Table = Table {
    name: "ablation",
    head: "| split | recipe | part | ensemble, in session | without it | ensemble, next session | without it |\n\
           |---|---|---|---|---|---|---|\n",
};

/// Trains, recommends and scores, and writes the rows into the tables of docs/quality.md; `only` limits the splits by prefix, and
/// the other rows then stay. `related` or `related/SPLIT` is the table of related items.
pub fn run(root: &Path, only: Option<&str>) -> Result<()> {
    let shared = root.join("../shared");
    let scorer = shared.join("score.py");
    if !scorer.exists() {
        bail!("the research data and its scorer are not beside the repository (../shared)");
    }
    let (binary, baselines) = release_binaries(root)?;
    let tools = Tools { binary, baselines, scorer };
    let scratch = std::env::temp_dir().join(format!("tastemaker-quality-{}", std::process::id()));
    fs::create_dir_all(&scratch)?;
    let page = root.join("docs/quality.md");
    let of_related = only.and_then(|only| only.strip_prefix("related"));
    if of_related.is_some() || only.is_none() {
        let split = of_related.map(|rest| rest.trim_start_matches('/')).filter(|rest| !rest.is_empty());
        related::run(&tools, &shared, &scratch, root, split)?;
    }
    for run in RUNS.iter().filter(|run| only.is_none_or(|prefix| run.split.starts_with(prefix))) {
        let (result, parts) =
            one(&tools, &shared, run, &scratch).with_context(|| format!("{} {}", run.split, run.recipe))?;
        println!("{} {} {result}", run.split, run.title());
        // Row by row, so that what was measured is kept if a later one fails.
        replace(&page, &RESULTS, run, vec![result])?;
        replace(&page, &ABLATION, run, parts)?;
    }
    fs::remove_dir_all(&scratch).ok();
    Ok(())
}

impl Run {
    fn title(&self) -> String {
        format!("{}{}", self.recipe, if self.items { ", with metadata" } else { "" })
    }

    /// The beginning of this run's row.
    fn key(&self) -> String {
        format!("| {} | {} |", self.split, self.title())
    }

    fn order(key: &str) -> usize {
        RUNS.iter().position(|run| key.starts_with(&run.key())).unwrap_or(RUNS.len())
    }
}

/// The cells after the key: those of the result, and those of each part of the ensemble.
fn one(tools: &Tools, shared: &Path, run: &Run, scratch: &Path) -> Result<(String, Vec<String>)> {
    let Tools { binary, baselines, scorer } = tools;
    let split = shared.join("splits").join(run.split);
    let (train, histories) = (scratch.join("train.csv"), scratch.join("histories.csv"));
    let (model, out) = (scratch.join("model"), scratch.join("predictions.jsonl"));
    fs::remove_dir_all(&model).ok();
    unzip(&split.join("train.csv.gz"), &train)?;
    call(Command::new("python3").arg(scorer).arg("histories").arg(&split).arg(&histories))?;
    let (started, cpu) = (Instant::now(), children_cpu_s());
    let meta: Value = serde_json::from_slice(&fs::read(split.join("meta.json"))?)?;
    let exclude_seen = meta["exclude_seen"].as_bool().unwrap_or(true);
    if let Some((_, model)) = BASELINES.iter().find(|(name, _)| *name == run.recipe) {
        let mut lists = Command::new(baselines);
        lists.arg(model).args([&train, &histories, &out]).args((!exclude_seen).then_some("seen"));
        call(&mut lists)?;
        let cpu = children_cpu_s() - cpu;
        let values = values(&scored(scorer, &split, &out)?);
        return Ok((format!(" {} | - | - | {cpu:.0} | - |", values.join(" | ")), Vec::new()));
    }
    let mut learn = Command::new(binary);
    learn.args(["learn", "--recipe", run.recipe, "--interactions"]).arg(&train).arg("--model-dir").arg(&model);
    if run.items {
        let name = run.split.split('/').next().unwrap_or_default();
        let items = scratch.join("items.csv");
        unzip(&shared.join("data").join(name).join("items.csv.gz"), &items)?;
        learn.arg("--items").arg(&items);
    }
    call(&mut learn)?;
    let (seconds, cpu) = (started.elapsed().as_secs_f64(), children_cpu_s() - cpu);
    let mut recommend = Command::new(binary);
    recommend.args(["recommend", "--num-results", "100", "--model-dir"]).arg(&model);
    recommend.arg("--histories").arg(&histories).arg("--out").arg(&out);
    if exclude_seen {
        recommend.arg("--exclude-seen");
    }
    call(&mut recommend)?;
    let scored = scored(scorer, &split, &out)?;
    let manifest: Value = serde_json::from_slice(&fs::read(model.join("manifest.json"))?)?;
    let facts: Value = serde_json::from_slice(&fs::read(model.join("run.json"))?)?;
    let values = values(&scored);
    let peak = facts["peak_memory_mb"].as_f64().map_or("-".to_owned(), |mb| format!("{mb:.0}"));
    let marks = marks(run, &scored);
    Ok((
        format!(" {} | {marks} | {seconds:.0} | {cpu:.0} | {peak} |", values.join(" | ")),
        parts(&manifest["ensemble"]),
    ))
}

/// What the scorer says about lists.
fn scored(scorer: &Path, split: &Path, lists: &Path) -> Result<Value> {
    let answer = call(Command::new("python3").arg(scorer).arg("score").arg(split).arg(lists))?;
    Ok(serde_json::from_slice(&answer)?)
}

fn values(scored: &Value) -> [String; 5] {
    let value = |key: &str| format!("{:.4}", scored[key].as_f64().unwrap_or(f64::NAN));
    ["hr@10", "ndcg@10", "mrr@25", "precision@10", "coverage@25"].map(value)
}

/// Which marks are met.
fn marks(run: &Run, scored: &Value) -> String {
    let of =
        MARKS.iter().filter(|m| m.0 == run.split && (m.1 == run.recipe || m.1.is_empty()) && run.recipe != POPULARITY);
    let judge = |&(_, _, key, must, aim): &(&str, &str, &str, f64, f64)| {
        let value = scored[key].as_f64().unwrap_or(f64::NAN);
        let (name, found) = (key.to_uppercase(), if value >= aim { "aim" } else { "met" });
        if value >= must { format!("{name} {must}: {found}") } else { format!("{name} {must}: **missed**") }
    };
    let judged: Vec<String> = of.map(judge).collect();
    if judged.is_empty() { "-".to_owned() } else { judged.join(", ") }
}

/// The quality of the ensemble without each of its parts, by the report of its fit.
fn parts(ensemble: &Value) -> Vec<String> {
    let number = |value: &Value| value.as_f64().map_or("-".to_owned(), |x| format!("{x:.4}"));
    let components = ensemble["components"].as_array().into_iter().flatten();
    let row = |part: &Value| {
        let (name, without) = (part["name"].as_str().unwrap_or("-"), &part["without"]);
        let cells = [&ensemble["quality"][0], &without[0], &ensemble["quality"][1], &without[1]].map(number);
        format!(" {name} | {} |", cells.join(" | "))
    };
    components.map(row).collect()
}

/// The binary of the README's command and the example of the baselines, or those that `TASTEMAKER_BINARY` and
/// `TASTEMAKER_BASELINES` name.
fn release_binaries(root: &Path) -> Result<(PathBuf, PathBuf)> {
    Ok((
        made(root, "TASTEMAKER_BINARY", &[], "release/tastemaker")?,
        release_example(root, "TASTEMAKER_BASELINES", "baselines")?,
    ))
}

/// An example of `training`, or the program that the environment's `variable` names.
fn release_example(root: &Path, variable: &str, example: &str) -> Result<PathBuf> {
    let what = ["--package", "tastemaker-training", "--example", example];
    made(root, variable, &what, &format!("release/examples/{example}"))
}

/// The program that cargo builds, or the program that the environment's `variable` names.
fn made(root: &Path, variable: &str, what: &[&str], path: &str) -> Result<PathBuf> {
    if let Some(given) = std::env::var_os(variable) {
        return Ok(given.into());
    }
    call(cargo().args(["build", "--release", "--quiet"]).args(what).current_dir(root))?;
    let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), PathBuf::from);
    Ok(target.join(path))
}

/// Replaces the rows of `run` in a table of the page by these cells; rows of runs that are no longer made go.
fn replace(page: &Path, table: &Table, run: &Run, cells: Vec<String>) -> Result<()> {
    page::rewrite(page, table.name, |rows| {
        let mut by_run: BTreeMap<usize, Vec<String>> = BTreeMap::new();
        for row in rows.lines().filter(|row| !row.starts_with(&run.key()) && Run::order(row) < RUNS.len()) {
            by_run.entry(Run::order(row)).or_default().push(row.to_owned());
        }
        let own = cells.into_iter().map(|cells| format!("{}{cells}", run.key())).collect();
        by_run.insert(Run::order(&run.key()), own);
        let body: String = by_run.into_values().flatten().map(|row| row + "\n").collect();
        format!("{}{body}", table.head)
    })
}
