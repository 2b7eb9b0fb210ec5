//! New items and new users against simple methods: the tables on the cold start in `docs/quality.md`.
//!
//! ```text
//! cargo run --release -p tastemaker-training --example cold_start -- items INTERACTIONS.csv ITEMS.csv TEST.jsonl|tenth [without=COLUMN,COLUMN] [name=value ...]
//! cargo run --release -p tastemaker-training --example cold_start -- users INTERACTIONS.csv USERS.csv COLUMN,COLUMN [name=value ...]
//! ```
//! `items` asks who takes items that nobody had taken before: those of a split's `TEST.jsonl` (`{"user", "truth"}` lines), or a tenth of all
//! items, drawn with a seed, whose interactions are kept out of the training. `users` keeps every fifth user out of the training, every
//! user once. `name=value` are hyperparameters of `aws-user-personalization`. Prints rows of a table.

#![allow(
    clippy::disallowed_methods,
    clippy::disallowed_types,
    reason = "a command of its own, with files and settings"
)]

mod measure;
mod new_items;
mod new_users;

use tastemaker_data::{Column, Table, TableBuilder};
use tastemaker_domain::solution_config::SolutionConfig;
use tastemaker_learn::{Cancel, TrainContext};
use tastemaker_training::fit::{FitRequest, fit};
use tastemaker_training::scoring::Opened;

pub(crate) type Failure = Box<dyn std::error::Error>;

/// An interaction by external ids.
pub(crate) struct Interaction {
    pub(crate) user: String,
    pub(crate) item: String,
    pub(crate) time_s: i64,
}

fn main() -> Result<(), Failure> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [what, interactions, table, third, settings @ ..] = &arguments[..] else {
        return Err(
            "arguments are items|users INTERACTIONS.csv TABLE.csv TEST.jsonl|tenth|COLUMNS [name=value ...]".into()
        );
    };
    let mut config = SolutionConfig::default();
    let mut without: Vec<String> = Vec::new();
    for setting in settings {
        let (name, value) = setting.split_once('=').ok_or(format!("name=value, not {setting}"))?;
        if name == "without" {
            without = value.split(',').map(str::to_owned).collect();
        } else {
            config.algorithm_hyper_parameters.insert(name.to_owned(), value.to_owned());
        }
    }
    let interactions = read_interactions(interactions)?;
    match &**what {
        "items" => new_items::run(interactions, &read_table(table, &without, None)?, third, &config),
        "users" => {
            let only: Vec<String> = third.split(',').map(str::to_owned).collect();
            new_users::run(&interactions, &read_table(table, &[], Some(&only))?, &config)
        }
        other => Err(format!("no such question: {other}").into()),
    }
}

/// Trains `aws-user-personalization` and opens it.
pub(crate) fn trained(request: &FitRequest) -> Result<Opened, Failure> {
    let cancel = Cancel::new();
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let context = TrainContext {
        seed: 1,
        threads,
        cancel: &cancel,
        progress: &|_| {},
        checkpoints: &tastemaker_learn::NoCheckpoints,
    };
    Ok(Opened::new(&fit(request, &context)?.files)?)
}

pub(crate) fn recipe() -> Result<&'static tastemaker_recipes::Recipe, Failure> {
    Ok(tastemaker_recipes::by_name("aws-user-personalization").ok_or("the recipe is not known")?)
}

fn read_interactions(path: &str) -> Result<Vec<Interaction>, Failure> {
    let (header, rows) = read_csv(path)?;
    let column = |name: &str| header.iter().position(|h| h == name).ok_or(format!("no column {name}"));
    let (user, item, time) = (column("USER_ID")?, column("ITEM_ID")?, column("TIMESTAMP")?);
    let one = |row: &Vec<String>| {
        let time_s = row[time].parse::<f64>()? as i64;
        Ok(Interaction { user: row[user].clone(), item: row[item].clone(), time_s })
    };
    rows.iter().map(one).collect()
}

/// A table of metadata; a column is one of numbers if all its values are.
fn read_table(path: &str, without: &[String], only: Option<&[String]>) -> Result<Table, Failure> {
    let (header, rows) = read_csv(path)?;
    let wanted = |name: &String| !without.contains(name) && only.is_none_or(|only| only.contains(name));
    let columns: Vec<usize> = (1..header.len()).filter(|&at| wanted(&header[at])).collect();
    let is_numeric = |at: usize| rows.iter().all(|row| row[at].is_empty() || row[at].parse::<f64>().is_ok());
    let kind = |at: usize| if is_numeric(at) { Column::Number(Vec::new()) } else { Column::Text(Vec::new()) };
    let mut builder = TableBuilder::new(columns.iter().map(|&at| (header[at].clone(), kind(at))).collect());
    for row in &rows {
        let value = |name: &str| {
            let at = header.iter().position(|h| h == name)?;
            Some(row[at].as_str()).filter(|value| !value.is_empty())
        };
        builder.set_texts(&row[0], value);
    }
    Ok(builder.build())
}

/// The header and the rows of a CSV file with quotes.
fn read_csv(path: &str) -> Result<(Vec<String>, Vec<Vec<String>>), Failure> {
    let text = std::fs::read_to_string(path).map_err(|e| format!("{path}: {e}"))?;
    let (mut rows, mut row, mut cell, mut is_quoted) = (Vec::new(), Vec::new(), String::new(), false);
    let mut letters = text.chars().filter(|c| *c != '\r').peekable();
    while let Some(letter) = letters.next() {
        match letter {
            '"' if is_quoted && letters.peek() == Some(&'"') => cell.extend(letters.next()),
            '"' => is_quoted = !is_quoted,
            ',' if !is_quoted => row.push(std::mem::take(&mut cell)),
            '\n' if !is_quoted => {
                row.push(std::mem::take(&mut cell));
                rows.push(std::mem::take(&mut row));
            }
            other => cell.push(other),
        }
    }
    if !row.is_empty() {
        row.push(cell);
        rows.push(row);
    }
    let mut rows = rows.into_iter();
    let header: Vec<String> = rows.next().ok_or(format!("{path} is empty"))?;
    let rows: Vec<Vec<String>> = rows.filter(|row: &Vec<String>| row.len() == header.len()).collect();
    Ok((header, rows))
}
