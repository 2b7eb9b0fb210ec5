//! Items by their metadata: sparse TF-IDF features over every column, and the items nearest by cosine
//! (`tf-idf` in docs/papers.md). Needs no interaction, so it relates items that nobody has touched yet.
//!
//! Cost: the features times the items that share each, bounded by `WORK_MAX`: features that too many items share are
//! dropped, and they tell least.

mod cold_start_popularity;
mod features;

pub use cold_start_popularity::cold_start_popularity;
pub use features::{ColumnReport, ColumnUse};

use crate::item_matrix::ItemMatrix;
use crate::{Cancel, Error};
use features::Features;
use rayon::prelude::*;
use tastemaker_data::{IdMap, Table};

/// Products of features at most.
const WORK_MAX: usize = 4_000_000_000;
/// A feature that one item in this many has tells nothing.
const SHARED_BY_ONE_IN: usize = 4;
/// Items computed between two looks at the cancel switch.
const CHUNK: usize = 256;

/// For each of `items` the `row_max` others with the most similar rows of `table`, weighted by the cosine in (0, 1], and what
/// was made of each column. Of an item its `features_max` weightiest features are compared. Items without a row, or whose features nobody shares, have no neighbors.
pub fn content(
    table: &Table,
    items: &IdMap,
    row_max: usize,
    features_max: usize,
    cancel: &Cancel,
) -> Result<(ItemMatrix, Vec<ColumnReport>), Error> {
    let (mut features, reports) = Features::new(table, items);
    features.keep_weightiest(features_max);
    cancel.check()?;
    let rows = neighbors(&features, items.len(), row_max, cancel)?;
    Ok((ItemMatrix::from_rows(rows, row_max), reports))
}

/// The features of `items`, each with the items that have it and what it counts for them: the squares of an item's add up to
/// 1. Beside them what was made of each column.
pub fn features(table: &Table, items: &IdMap) -> (Vec<Vec<(u32, f32)>>, Vec<ColumnReport>) {
    let (features, reports) = Features::new(table, items);
    (features.by_feature(), reports)
}

fn neighbors(
    features: &Features,
    items: usize,
    row_max: usize,
    cancel: &Cancel,
) -> Result<Vec<Vec<(u32, f32)>>, Error> {
    let total: usize = features.rows.iter().map(Vec::len).sum();
    let most = (items / SHARED_BY_ONE_IN).min(WORK_MAX / total.max(1)).max(2);
    let shared = features.by_feature();
    let telling = |feature: u32| (2..=most).contains(&shared[feature as usize].len());
    let chunks: Vec<usize> = (0..items).step_by(CHUNK).collect();
    let rows: Vec<Vec<Vec<(u32, f32)>>> = chunks
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
                crate::item_matrix::heaviest(&mut row, row_max);
                row
            };
            Ok((from..items.min(from + CHUNK)).map(one).collect())
        })
        .collect::<Result<_, Error>>()?;
    Ok(rows.into_iter().flatten().collect())
}

#[cfg(test)]
mod tests;
