//! The factorized model as a scorer: items are vectors, a user is the vector that the history folds into.

use super::solve::{Buffers, Shared, solve};
use super::{AlsConfig, gram, stride};
use crate::artifact::Tensors;
use crate::item_matrix::ItemMatrix;
use crate::sequences::newest_distinct;
use crate::{Cancel, Error, Event, Scorer, ScoringContext, Scratch, UserState, kernels};
use rayon::prelude::*;

const KIND: &str = "als/1";

/// Distinct items of one history that are folded in, the newest ones.
pub const HISTORY_MAX: usize = 500;
/// Steps from nothing to a vector at most; most need half as many.
const FOLD_IN_STEPS: usize = 24;
/// The squared residual, against that of no vector, at which a row is folded in.
const FOLD_IN_TOLERANCE: f32 = 1e-8;

/// The columns of a factorization; those after the first [`Scorer::item_count`] are no items and are folded in only.
#[derive(Debug, Clone, PartialEq)]
pub struct AlsModel {
    pub(super) config: AlsConfig,
    items: usize,
    /// `[columns, stride]`.
    pub(super) vectors: Vec<f32>,
    /// `[stride, stride]`: their Gram matrix times the weight of unobserved cells.
    gram: Vec<f32>,
}

impl AlsModel {
    /// A model of `items` items from column vectors as [`super::train`] gives them.
    pub fn new(config: AlsConfig, items: usize, vectors: Vec<f32>) -> Result<Self, Error> {
        config.check()?;
        let stride = stride(config.dimension);
        if !vectors.len().is_multiple_of(stride) || vectors.len() / stride < items {
            return Err(Error::Invalid(format!("{} numbers are no vectors of {items} items", vectors.len())));
        }
        let gram = gram(&vectors, stride, config.unobserved);
        Ok(Self { config, items, vectors, gram })
    }

    /// The length of [`Self::vector`] and of folded-in vectors.
    pub fn stride(&self) -> usize {
        stride(self.config.dimension)
    }

    /// The number of columns, items first.
    pub fn columns(&self) -> usize {
        self.vectors.len() / self.stride()
    }

    /// The vector of a column; zeros beyond the end.
    pub fn vector(&self, column: u32) -> &[f32] {
        static NOTHING: [f32; 1024] = [0.0; 1024];
        let at = column as usize * self.stride();
        self.vectors.get(at..at + self.stride()).unwrap_or(&NOTHING[..self.stride().min(NOTHING.len())])
    }

    /// The vector of a row with these columns and weights, into `vector` `[stride]`. Columns must be distinct; unknown ones
    /// are skipped. Without any it is zero.
    pub fn fold_in(&self, entries: &[(u32, f32)], vector: &mut Vec<f32>) {
        let known = entries.iter().filter(|e| (e.0 as usize) < self.columns() && e.1 > 0.0 && e.1.is_finite());
        let (columns, values): (Vec<u32>, Vec<f32>) = known.copied().unzip();
        vector.clear();
        vector.resize(self.stride(), 0.0);
        if columns.is_empty() {
            return;
        }
        let shared = Shared { factors: &self.vectors, gram: &self.gram, stride: self.stride() };
        let ridge = self.config.ridge(values.iter().sum(), self.columns());
        solve(shared, &columns, &values, ridge, FOLD_IN_STEPS, FOLD_IN_TOLERANCE, vector, &mut Buffers::default());
    }

    /// `vector . y` for every item, into `scores` `[items]`.
    pub fn score_all(&self, vector: &[f32], scores: &mut Vec<f32>) {
        scores.clear();
        let items = self.vectors.chunks_exact(self.stride()).take(self.items);
        scores.extend(items.map(|y| kernels::dot(vector, y)));
    }

    /// The distinct items of a history, each of weight 1, newest first.
    pub fn entries(history: &[Event]) -> Vec<(u32, f32)> {
        let newest = newest_distinct(history.iter().rev().map(|event| event.item.0), HISTORY_MAX);
        newest.into_iter().map(|item| (item, 1.0)).collect()
    }

    /// For each item the `row_max` others whose vectors point most nearly the same way, weighted by the cosine, those above 0 only.
    /// With `others` (ascending), only these are compared. On the current rayon pool; `items others` products of vectors.
    pub fn nearest(&self, row_max: usize, others: Option<&[u32]>, cancel: &Cancel) -> Result<ItemMatrix, Error> {
        let stride = self.stride();
        let mut unit: Vec<f32> = self.vectors[..self.items * stride].to_vec();
        for vector in unit.chunks_exact_mut(stride) {
            let length = kernels::dot(vector, vector).sqrt();
            vector.iter_mut().for_each(|x| *x = if length > 0.0 { *x / length } else { 0.0 });
        }
        let row = |item: usize| {
            cancel.check()?;
            let own = &unit[item * stride..][..stride];
            let vector = |other: u32| &unit[other as usize * stride..][..stride];
            let cosine = |other: u32| (other, kernels::dot(own, vector(other)).min(1.0));
            let is_near = |near: &(u32, f32)| near.1 > 0.0 && near.0 as usize != item;
            let mut near: Vec<(u32, f32)> = match others {
                Some(others) => others.iter().map(|&other| cosine(other)).filter(is_near).collect(),
                None => (0..self.items as u32).map(cosine).filter(is_near).collect(),
            };
            crate::item_matrix::heaviest(&mut near, row_max);
            Ok(near)
        };
        let rows: Vec<_> = (0..self.items).into_par_iter().map(row).collect::<Result<_, Error>>()?;
        Ok(ItemMatrix::from_rows(rows, row_max))
    }

    /// Parameters for storage.
    pub fn to_tensors(&self) -> Tensors {
        let mut tensors = Tensors::new(KIND);
        let AlsConfig { unobserved, regularization, exponent, .. } = self.config;
        tensors.insert("objective", &[3], vec![unobserved, regularization, exponent]);
        tensors.insert_integers("sizes", vec![self.config.dimension as u32, self.items as u32]);
        tensors.insert("vectors", &[self.columns(), self.stride()], self.vectors.clone());
        tensors
    }

    /// The model that [`Self::to_tensors`] described.
    pub fn from_tensors(tensors: &Tensors) -> Result<Self, Error> {
        tensors.expect_kind(KIND)?;
        let broken = |rule: &str| Error::Artifact(format!("als: {rule}"));
        let [unobserved, regularization, exponent] = tensors.get("objective", 1)?.data[..] else {
            return Err(broken("objective must have 3 numbers"));
        };
        let [dimension, items] = tensors.get_integers("sizes")? else {
            return Err(broken("sizes must have 2 numbers"));
        };
        let (dimension, items) = (*dimension as usize, *items as usize);
        let vectors = tensors.get("vectors", 2)?;
        if vectors.shape[1] != stride(dimension) || dimension == 0 {
            return Err(broken("vectors must be as long as the dimension says"));
        }
        let config = AlsConfig { dimension, unobserved, regularization, exponent, ..AlsConfig::default() };
        Self::new(config, items, vectors.data.clone()).map_err(|error| broken(&error.to_string()))
    }
}

impl Scorer for AlsModel {
    fn item_count(&self) -> usize {
        self.items
    }

    fn observe(&self, state: &mut UserState, event: Event, _: &mut Scratch) {
        if (event.item.0 as usize) < self.items {
            state.remember(event, HISTORY_MAX);
            state.events += 1;
        }
    }

    fn scores<'s>(&self, state: &UserState, _: &ScoringContext, scratch: &'s mut Scratch) -> &'s [f32] {
        let mut vector = std::mem::take(&mut scratch.part);
        self.fold_in(&Self::entries(&state.recent), &mut vector);
        self.score_all(&vector, &mut scratch.scores);
        scratch.part = vector;
        &scratch.scores
    }
}
