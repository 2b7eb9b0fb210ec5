//! `cargo xtask quality cold`: new items and new users against simple methods, by the example `cold_start` of `training`.

use super::tools::{call, unzip};
use super::{Table, release_example};
use crate::page;
use anyhow::Result;
use std::fs;
use std::path::Path;
use std::process::Command;

const ITEMS: Table = Table {
    name: "cold items",
    head: "| data | ranked | method | HR@10 | NDCG@10 | NDCG@10 against content kNN |\n|---|---|---|---|---|---|\n",
};
const USERS: Table = Table {
    name: "cold users",
    head: "| data | method | HR@10 | NDCG@10 | NDCG@10 against popularity |\n|---|---|---|---|---|\n",
};

/// The new items: those of a split's truth, or a tenth of the items of some data.
enum NewItems {
    OfSplit(&'static str),
    Tenth(&'static str),
}

struct ItemRun {
    title: &'static str,
    new: NewItems,
    /// Settings of the example.
    settings: &'static [&'static str],
}

const ITEM_RUNS: &[ItemRun] = &[
    ItemRun {
        title: "amazon23-beauty-small/T",
        new: NewItems::OfSplit("amazon23-beauty-small/T"),
        settings: &["without=N_RATINGS,AVG_RATING"],
    },
    ItemRun { title: "ml-100k, a tenth of the items", new: NewItems::Tenth("ml-100k"), settings: &[] },
];

/// Data and the columns of its users that take part.
const USER_RUNS: &[(&str, &str)] = &[("ml-100k", "AGE,GENDER,OCCUPATION")];

/// Writes the tables into docs/quality.md.
pub fn run(root: &Path) -> Result<()> {
    let shared = root.join("../shared");
    let example = release_example(root, "TASTEMAKER_COLD_START", "cold_start")?;
    let scratch = std::env::temp_dir().join(format!("tastemaker-cold-{}", std::process::id()));
    fs::create_dir_all(&scratch)?;
    let (train, table, test) = (scratch.join("train.csv"), scratch.join("table.csv"), scratch.join("test.jsonl"));
    let page = root.join("docs/quality.md");
    for run in ITEM_RUNS {
        let mut command = Command::new(&example);
        let data = match run.new {
            NewItems::OfSplit(split) => {
                unzip(&shared.join("splits").join(split).join("train.csv.gz"), &train)?;
                unzip(&shared.join("splits").join(split).join("test.jsonl.gz"), &test)?;
                split.split('/').next().unwrap_or_default()
            }
            NewItems::Tenth(data) => {
                unzip(&shared.join("data").join(data).join("interactions.csv.gz"), &train)?;
                data
            }
        };
        unzip(&shared.join("data").join(data).join("items.csv.gz"), &table)?;
        command.arg("items").arg(&train).arg(&table);
        match run.new {
            NewItems::OfSplit(_) => command.arg(&test),
            NewItems::Tenth(_) => command.arg("tenth"),
        };
        rows(&page, &ITEMS, run.title, command.args(run.settings))?;
    }
    for (data, columns) in USER_RUNS {
        unzip(&shared.join("data").join(data).join("interactions.csv.gz"), &train)?;
        unzip(&shared.join("data").join(data).join("users.csv.gz"), &table)?;
        let mut command = Command::new(&example);
        rows(&page, &USERS, data, command.arg("users").arg(&train).arg(&table).arg(columns))?;
    }
    fs::remove_dir_all(&scratch).ok();
    Ok(())
}

/// Replaces the rows of `title` in a table by what the command prints.
fn rows(page: &Path, table: &Table, title: &str, command: &mut Command) -> Result<()> {
    let printed = String::from_utf8(call(command)?)?;
    let key = format!("| {title} |");
    let own: String = printed.lines().map(|row| format!("{key} {row}\n")).collect();
    page::rewrite(page, table.name, |rows| {
        let others = rows.lines().skip(2).filter(|row| !row.starts_with(&key));
        let others: String = others.map(|row| format!("{row}\n")).collect();
        format!("{}{others}{own}", table.head)
    })
}
