//! Related items: lists for each test user's last input, judged against what that user took next.

use super::picture::{self, Bar};
use super::standard_errors;
use super::tools::{Tools, call, children_cpu_s, unzip};
use crate::page;
use anyhow::{Context, Result};
use serde_json::Value;
use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::Instant;

const POPULAR: &str = "popular items";
const COSINE: &str = "cosine of users, shrunk by 20";
const DIRECTED: &str = "directed co-occurrence";
const SIMS: &str = "aws-sims";
const SIMILAR: &str = "aws-similar-items";
const TOGETHER: &str = "aws-ecomm-frequently-bought-together";
/// Models beside the recipes, by their names in the example `baselines` of `training`.
const BASELINES: &[(&str, &str)] = &[(POPULAR, "popular"), (COSINE, "cosine"), (DIRECTED, "directed")];
const ALL: &[&str] = &[POPULAR, COSINE, DIRECTED, SIMS, SIMILAR];

/// A split, its models, whether there is metadata, and the marks of `aws-similar-items`: HR@10, NDCG@10, and the aims beyond.
struct Split {
    name: &'static str,
    models: &'static [&'static str],
    items: bool,
    marks: [[f64; 2]; 2],
}

const SPLITS: &[Split] = &[
    Split { name: "yoochoose-100k/A", models: ALL, items: false, marks: [[0.36, 0.235], [0.40, 0.26]] },
    Split {
        name: "online-retail-ii/A",
        models: &[POPULAR, COSINE, DIRECTED, SIMS, SIMILAR, TOGETHER],
        items: true,
        marks: [[0.49, 0.178], [0.53, 0.20]],
    },
    Split { name: "ml-1m/A", models: ALL, items: true, marks: [[0.51, 0.122], [0.55, 0.135]] },
    Split { name: "personalize-poc/A", models: ALL, items: true, marks: [[0.34, 0.07], [0.40, 0.09]] },
    Split { name: "amazon-beauty-5core/LOO", models: ALL, items: true, marks: [[0.078, 0.050], [0.085, 0.055]] },
];

const HEAD: &str = "| split | recipe | HR@10 | NDCG@10 | HR@25 | coverage@25 | marks | learn s | CPU s | peak MB |\n\
                    |---|---|---|---|---|---|---|---|---|---|\n";

/// A row of the table, and what the picture shows of it.
struct Row {
    cells: String,
    bar: Bar,
}

/// Trains, lists and scores, and writes the table and a picture for each split.
pub(super) fn run(tools: &Tools, shared: &Path, scratch: &Path, root: &Path, only: Option<&str>) -> Result<()> {
    let page = root.join("docs/quality.md");
    for split in SPLITS.iter().filter(|split| only.is_none_or(|prefix| split.name.starts_with(prefix))) {
        let mut rows = Vec::new();
        for model in split.models {
            let row = one(tools, shared, split, model, scratch).with_context(|| format!("{} {model}", split.name))?;
            println!("{}", row.cells);
            rows.push(row);
        }
        let bars: Vec<Bar> = rows.iter().map(|row| row.bar.clone()).collect();
        let picture = root.join("docs/quality").join(format!("related-{}.svg", split.name.replace('/', "-")));
        picture::draw(&picture, &format!("Related items, {}: NDCG@10 and its standard error", split.name), &bars)?;
        let own: String = rows.iter().map(|row| row.cells.clone() + "\n").collect();
        page::rewrite(&page, "related", |former| table(former, split.name, &own))?;
    }
    Ok(())
}

/// The table with a split's rows replaced, splits in their order.
fn table(former: &str, split: &str, rows: &str) -> String {
    let of = |name: &str| {
        let kept = former.lines().filter(|line| line.starts_with(&format!("| {name} |")));
        if name == split { rows.to_owned() } else { kept.map(|line| format!("{line}\n")).collect() }
    };
    HEAD.to_owned() + &SPLITS.iter().map(|split| of(split.name)).collect::<String>()
}

fn one(tools: &Tools, shared: &Path, split: &Split, model: &str, scratch: &Path) -> Result<Row> {
    let folder = shared.join("splits").join(split.name);
    let [train, asked, items, out, trained] =
        ["train.csv", "asked.txt", "items.csv", "lists.jsonl", "model"].map(|name| scratch.join(name));
    fs::remove_dir_all(&trained).ok();
    unzip(&folder.join("train.csv.gz"), &train)?;
    call(Command::new("python3").arg(&tools.scorer).arg("items").arg(&folder).arg(&asked))?;
    let (started, cpu) = (Instant::now(), children_cpu_s());
    let mut facts = "- | - | -".to_owned();
    let baseline = BASELINES.iter().find(|(name, _)| *name == model);
    if let Some((_, name)) = baseline {
        call(Command::new(&tools.baselines).arg("related").arg(name).args([&train, &asked, &out]))?;
    } else {
        let mut learn = Command::new(&tools.binary);
        learn.args(["learn", "--recipe", model, "--interactions"]).arg(&train).arg("--model-dir").arg(&trained);
        if split.items && model == SIMILAR {
            let data = split.name.split('/').next().unwrap_or_default();
            unzip(&shared.join("data").join(data).join("items.csv.gz"), &items)?;
            learn.arg("--items").arg(&items);
        }
        call(&mut learn)?;
        let (seconds, cpu) = (started.elapsed().as_secs_f64(), children_cpu_s() - cpu);
        let run: Value = serde_json::from_slice(&fs::read(trained.join("run.json"))?)?;
        facts = format!("{seconds:.0} | {cpu:.0} | {:.0}", run["peak_memory_mb"].as_f64().unwrap_or(f64::NAN));
        let mut similar = Command::new(&tools.binary);
        similar.args(["similar", "--num-results", "100", "--model-dir"]).arg(&trained);
        call(similar.arg("--items").arg(&asked).arg("--out").arg(&out))?;
    }
    let answer = call(Command::new("python3").arg(&tools.scorer).arg("related").arg(&folder).arg(&out))?;
    let scored: Value = serde_json::from_slice(&answer)?;
    let errors = standard_errors::of_lists(&folder, &out, true, &scored)?;
    let value = |key: &str| scored[key].as_f64().unwrap_or(f64::NAN);
    let (hits, ndcg) = (value("hr@10"), value("ndcg@10"));
    let marks = if model == SIMILAR { marks(split, hits, ndcg) } else { "-".to_owned() };
    let cells = format!(
        "| {} | {model} | {hits:.4} ± {:.4} | {ndcg:.4} ± {:.4} | {:.4} | {:.4} | {marks} | {facts} |",
        split.name,
        errors.hr_at_10,
        errors.ndcg_at_10,
        value("hr@25"),
        value("coverage@25"),
    );
    let bar =
        Bar { name: model.to_owned(), value: ndcg, standard_error: errors.ndcg_at_10, is_ours: baseline.is_none() };
    Ok(Row { cells, bar })
}

/// Which marks are met.
fn marks(split: &Split, hits: f64, ndcg: f64) -> String {
    let [must, aim] = split.marks;
    let judge = |name: &str, value: f64, at: usize| {
        let found = if value >= aim[at] { "aim" } else { "met" };
        let word = if value >= must[at] { found } else { "**missed**" };
        format!("{name} {}: {word}", must[at])
    };
    format!("{}, {}", judge("HR@10", hits, 0), judge("NDCG@10", ndcg, 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_of_other_splits_stay_and_marks_are_judged() {
        let former = format!("{HEAD}| ml-1m/A | a |\n| yoochoose-100k/A | b |\n| gone/A | c |\n");
        let new = table(&former, "yoochoose-100k/A", "| yoochoose-100k/A | new |\n");
        assert_eq!(new, format!("{HEAD}| yoochoose-100k/A | new |\n| ml-1m/A | a |\n"));
        assert_eq!(marks(&SPLITS[0], 0.37, 0.1), "HR@10 0.36: met, NDCG@10 0.235: **missed**");
        assert_eq!(marks(&SPLITS[0], 0.41, 0.26), "HR@10 0.36: aim, NDCG@10 0.235: aim");
    }
}
