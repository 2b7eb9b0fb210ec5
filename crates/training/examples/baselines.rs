//! Lists of the simplest models that look at what users took: the baselines of `docs/quality.md`.
//!
//! `cargo run --release -p tastemaker-training --example baselines -- item-knn|ease|co-occurrence TRAIN.csv HISTORIES.csv OUT.jsonl [seen]`
//!
//! `… -- related popular|cosine|directed TRAIN.csv ITEMS.txt OUT.jsonl` lists related items instead: the most popular, by the cosine of two
//! items' users shrunk by 20, or by directed co-occurrence. A line of the output is `{"item", "items"}`.
//!
//! Every event of a history counts the same, whenever it was, and nothing is fitted to the data: item-kNN is the cosine of two items'
//! users over all items, EASE has a lambda of 200, co-occurrence is directed within ten steps. `seen` keeps what the user has taken.
//! Files have the columns USER_ID, ITEM_ID, TIMESTAMP; a line of the output is `{"user", "items"}`, a hundred items, best first.

#![allow(clippy::disallowed_methods, clippy::disallowed_types, reason = "a command of its own, with files")]

use std::io::Write;
use tastemaker_data::{Dataset, DatasetBuilder};
use tastemaker_learn::item_matrix::ItemMatrix;
use tastemaker_learn::models::cooccurrence::{Window, directed};
use tastemaker_learn::models::ease::{EaseConfig, ease};
use tastemaker_learn::models::popularity::unique_user_counts;
use tastemaker_learn::models::sims::{SimsConfig, sims};
use tastemaker_learn::{Cancel, Sequences};

type Failure = Box<dyn std::error::Error>;

const LIST: usize = 100;

fn read(path: &str) -> Result<Dataset, Failure> {
    let mut builder = DatasetBuilder::new();
    let text = std::fs::read_to_string(path)?;
    let mut lines = text.lines();
    let header: Vec<&str> = lines.next().unwrap_or_default().split(',').collect();
    let column = |name: &str| header.iter().position(|h| *h == name).ok_or(format!("no column {name}"));
    let (user, item, time) = (column("USER_ID")?, column("ITEM_ID")?, column("TIMESTAMP")?);
    for line in lines {
        let cells: Vec<&str> = line.split(',').collect();
        builder.push(cells[user], cells[item], cells[time].parse::<f64>()? as i64, None, None);
    }
    Ok(builder.build())
}

fn main() -> Result<(), Failure> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if let [word, model, train, asked, out] = &arguments[..]
        && word == "related"
    {
        return related(model, &read(train)?, asked, out);
    }
    let [model, train, histories, out, rest @ ..] = &arguments[..] else {
        return Err("arguments are item-knn|ease|co-occurrence TRAIN.csv HISTORIES.csv OUT.jsonl [seen]".into());
    };
    let keeps_seen = rest.iter().any(|word| word == "seen");
    let (train, histories) = (read(train)?, read(histories)?);
    let (items, cancel) = (train.items.len(), Cancel::new());
    let sequences = Sequences { offsets: train.offsets(), items: train.item_column(), weights: &[] };
    let users = unique_user_counts(&sequences, items);
    // What a row of the matrix counts when its item is in the history.
    let mut shares = vec![1.0f32; items];
    let matrix = match &**model {
        "item-knn" => {
            // The division by the other root is the matrix's own.
            shares.iter_mut().zip(&users).for_each(|(share, users)| *share = users.sqrt());
            let config = SimsConfig { popularity_discount: 0.5, min_cointeractions: 1, row_max: items };
            sims(&sequences, items, &config, &cancel)?
        }
        "ease" => ease(&sequences, items, &EaseConfig { lambda: 200.0, row_max: items, items_max: 13_000 }, &cancel)?,
        "co-occurrence" => directed(&sequences, items, Window::default(), &cancel)?,
        other => return Err(format!("no such model: {other}").into()),
    };
    let mut file = std::io::BufWriter::new(std::fs::File::create(out)?);
    let mut scores = vec![0.0f32; items];
    for (user, range) in histories.offsets().windows(2).enumerate() {
        scores.fill(0.0);
        let mut known: Vec<u32> = histories.item_column()[range[0]..range[1]]
            .iter()
            .filter_map(|&item| train.items.get(histories.items.id(item)))
            .collect();
        known.sort_unstable();
        known.dedup();
        known.iter().for_each(|&item| matrix.add_row(item, shares[item as usize], &mut scores));
        let mut order: Vec<u32> =
            (0..items as u32).filter(|item| keeps_seen || known.binary_search(item).is_err()).collect();
        // The more popular first where scores are equal, as for a history of which nothing is known.
        let key = |item: u32| (scores[item as usize], users[item as usize]);
        order.sort_by(|&a, &b| key(b).partial_cmp(&key(a)).unwrap_or(std::cmp::Ordering::Equal).then(a.cmp(&b)));
        let list: Vec<&str> = order.iter().take(LIST).map(|&item| train.items.id(item)).collect();
        writeln!(file, "{}", serde_json::json!({"user": histories.users.id(user as u32), "items": list}))?;
    }
    file.flush()?;
    Ok(())
}

/// Lists for the items of a file, one a line.
fn related(model: &str, train: &Dataset, asked: &str, out: &str) -> Result<(), Failure> {
    let (items, cancel) = (train.items.len(), Cancel::new());
    let sequences = Sequences { offsets: train.offsets(), items: train.item_column(), weights: &[] };
    let users = unique_user_counts(&sequences, items);
    let matrix = match model {
        "popular" => ItemMatrix::from_rows(vec![Vec::new(); items], items),
        "cosine" => {
            // Undiscounted, a weight is the share of the item's users.
            let config = SimsConfig { popularity_discount: 0.0, min_cointeractions: 1, row_max: items };
            let shares = sims(&sequences, items, &config, &cancel)?;
            let row = |item: u32| {
                let own = users[item as usize];
                let cosine = |(other, share): (u32, f32)| {
                    let both = (own * users[other as usize]).sqrt();
                    (other, share * own / (both + 20.0))
                };
                shares.row(item).map(cosine).collect()
            };
            ItemMatrix::from_rows((0..items as u32).map(row), items)
        }
        "directed" => directed(&sequences, items, Window::default(), &cancel)?,
        other => return Err(format!("no such model of related items: {other}").into()),
    };
    let mut file = std::io::BufWriter::new(std::fs::File::create(out)?);
    for id in std::fs::read_to_string(asked)?.lines() {
        let item = train.items.get(id);
        let mut scores = vec![0.0f32; items];
        if let Some(item) = item {
            matrix.add_row(item, 1.0, &mut scores);
        }
        let mut order: Vec<u32> = (0..items as u32).filter(|&other| Some(other) != item).collect();
        let key = |item: u32| (scores[item as usize], users[item as usize]);
        order.sort_by(|&a, &b| key(b).partial_cmp(&key(a)).unwrap_or(std::cmp::Ordering::Equal).then(a.cmp(&b)));
        let list: Vec<&str> = order.iter().take(LIST).map(|&item| train.items.id(item)).collect();
        writeln!(file, "{}", serde_json::json!({"item": id, "items": list}))?;
    }
    file.flush()?;
    Ok(())
}
