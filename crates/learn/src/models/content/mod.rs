//! Items by their metadata: sparse TF-IDF features over every column, and the items nearest by cosine
//! (`tf-idf` in docs/papers.md); texts are compared by words and subwords. Needs no interaction, so it relates items that nobody has touched yet.
//!
//! Cost: the features times the items that share each, bounded by `WORK_MAX`: features that too many items share are
//! dropped, and they tell least.

mod cold_start_popularity;
mod features;
mod new_items;

pub use cold_start_popularity::cold_start_popularity;
pub use features::{ColumnReport, ColumnUse};
pub use new_items::NewItems;

use crate::item_matrix::ItemMatrix;
use crate::{Cancel, Error};
use features::{Features, Subwords};
use rayon::prelude::*;
use tastemaker_data::{IdMap, Table};

/// Products of features at most.
const WORK_MAX: usize = 4_000_000_000;
/// A feature that one item in this many has tells nothing.
const SHARED_BY_ONE_IN: usize = 4;
/// Items computed between two looks at the cancel switch.
const CHUNK: usize = 256;

/// Which relations are looked for.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ContentConfig<'a> {
    /// Related items kept for each item.
    pub row_max: usize,
    /// The weightiest features of an item that are compared.
    pub features_max: usize,
    /// `[items]`: how often each was taken, for [`Relations::to_new`]; empty where these are not wanted.
    pub counts: &'a [f32],
}

/// Items by their metadata.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Relations {
    /// For each item the others with the most similar rows, weighted by the cosine in (0, 1].
    pub to_all: ItemMatrix,
    /// The same of those that nobody has taken yet.
    pub to_new: ItemMatrix,
    /// The use of each column.
    pub columns: Vec<ColumnReport>,
}

/// Relates `items` by their rows of `table`. Items without a row, or whose features nobody shares, have no neighbors.
pub fn content(table: &Table, items: &IdMap, config: &ContentConfig<'_>, cancel: &Cancel) -> Result<Relations, Error> {
    let (mut features, columns) = Features::new(table, items, Subwords::Used);
    features.keep_weightiest(config.features_max);
    cancel.check()?;
    let rows = neighbors(&features, items.len(), config, cancel)?;
    let (to_all, to_new): (Vec<_>, Vec<_>) = rows.into_iter().map(|row| (row.to_all, row.to_new)).unzip();
    let matrix = |rows| ItemMatrix::from_rows(rows, config.row_max);
    let to_new = if config.counts.is_empty() { ItemMatrix::default() } else { matrix(to_new) };
    Ok(Relations { to_all: matrix(to_all), to_new, columns })
}

/// The features of `items` but for subwords, each with the items that have it and what it counts for them: the squares of an item's add up to
/// 1. Beside them what was made of each column.
pub fn features(table: &Table, items: &IdMap) -> (Vec<Vec<(u32, f32)>>, Vec<ColumnReport>) {
    let (features, reports) = Features::new(table, items, Subwords::LeftOut);
    (features.by_feature(), reports)
}

/// The relations of one item.
struct Row {
    to_all: Vec<(u32, f32)>,
    to_new: Vec<(u32, f32)>,
}

fn neighbors(
    features: &Features,
    items: usize,
    config: &ContentConfig<'_>,
    cancel: &Cancel,
) -> Result<Vec<Row>, Error> {
    // Subwords have a limit of their own.
    let is_subword = |feature: u32| features.subwords.get(feature as usize).copied().unwrap_or(false);
    let total = features.rows.iter().flatten().filter(|f| !is_subword(f.0)).count();
    let most = (items / SHARED_BY_ONE_IN).min(WORK_MAX / total.max(1)).max(2);
    let shared = features.by_feature();
    let telling = |feature: u32| is_subword(feature) || (2..=most).contains(&shared[feature as usize].len());
    let chunks: Vec<usize> = (0..items).step_by(CHUNK).collect();
    let is_new = |item: u32| config.counts.get(item as usize) == Some(&0.0);
    let rows: Vec<Vec<Row>> = chunks
        .par_iter()
        .map(|&from| {
            cancel.check()?;
            let mut scores = vec![0.0f32; items];
            let mut touched = Vec::new();
            let one = |item: usize| {
                for &(feature, value) in features.rows[item].iter().filter(|f| telling(f.0)) {
                    for &(other, weight) in &shared[feature as usize] {
                        if scores[other as usize] == 0.0 {
                            touched.push(other);
                        }
                        scores[other as usize] += value * weight;
                    }
                }
                let mut row: Vec<(u32, f32)> = Vec::with_capacity(touched.len());
                for other in touched.drain(..) {
                    let score = std::mem::take(&mut scores[other as usize]);
                    if other as usize != item {
                        row.push((other, score));
                    }
                }
                let mut to_new: Vec<(u32, f32)> = row.iter().copied().filter(|other| is_new(other.0)).collect();
                crate::item_matrix::heaviest(&mut row, config.row_max);
                crate::item_matrix::heaviest(&mut to_new, config.row_max);
                Row { to_all: row, to_new }
            };
            Ok((from..items.min(from + CHUNK)).map(one).collect())
        })
        .collect::<Result<_, Error>>()?;
    Ok(rows.into_iter().flatten().collect())
}

#[cfg(test)]
mod tests;
