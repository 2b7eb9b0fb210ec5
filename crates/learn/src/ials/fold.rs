//! Item factors, and users folded into them.

use super::gram;
use super::solve::{Solver, System};
use crate::artifact::Tensors;
use crate::kernels::{Aligned, dot};
use crate::relations::Recency;
use crate::{Error, Event};

/// Steps of conjugate gradients for a user at most; most need half as many.
const STEPS_MAX: usize = 24;
/// The squared residual, against the right side's, at which a user is solved.
const TOLERANCE: f32 = 1e-8;

/// Trained item factors.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ItemFactors {
    factors: usize,
    width: usize,
    /// `[items, width]`, padded with zeros.
    rows: Aligned,
    /// `unobserved * V'V`, `[width, width]`.
    gram: Vec<f32>,
    unobserved: f32,
    lambda: f32,
}

impl ItemFactors {
    /// `rows` is `[items, factors padded to a multiple of 16]`. [`Error::Invalid`] where a value is not finite.
    pub(super) fn new(factors: usize, rows: &[f32], unobserved: f32, lambda: f32) -> Result<Self, Error> {
        if !rows.iter().all(|x| x.is_finite()) {
            return Err(Error::Invalid("iALS did not converge".to_owned()));
        }
        let width = factors.next_multiple_of(16);
        let mut own = Aligned::zeros(rows.len());
        own.copy_from_slice(rows);
        Ok(Self { factors, width, gram: gram(rows, width, unobserved), rows: own, unobserved, lambda })
    }

    /// The number of items.
    pub fn len(&self) -> usize {
        self.rows.len().checked_div(self.width).unwrap_or(0)
    }

    /// Whether there are no items.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The vector `[width]` of a user with this history, oldest first; each distinct item counts by its newest event.
    fn user(&self, history: &[Event], recency: Recency) -> Vec<f32> {
        let share = |k: usize| (-recency.decay * k as f32).exp() + recency.floor;
        let mut taken: Vec<(u32, f32)> = Vec::with_capacity(history.len());
        for (k, event) in history.iter().rev().enumerate() {
            let (item, weight) = (event.item.0, share(k));
            if weight < 1e-3 {
                break;
            }
            if (item as usize) < self.len() && !taken.iter().any(|t| t.0 == item) {
                taken.push((item, weight));
            }
        }
        let mut solver = Solver::default();
        solver.gather(&self.rows, self.width, taken.into_iter());
        let ridge = self.lambda * (solver.weight() + self.unobserved * self.len() as f32);
        let mut user = vec![0.0; self.width];
        let system = System { gram: &self.gram, ridge, width: self.width };
        solver.solve(&system, &mut user, STEPS_MAX, TOLERANCE);
        user
    }

    /// Fills `scores` `[items]` for a history, oldest first. Cost: [`STEPS_MAX`] times the history and once the items, times the
    /// factors.
    pub fn scores(&self, history: &[Event], recency: Recency, scores: &mut [f32]) {
        scores.fill(0.0);
        if self.is_empty() || history.is_empty() {
            return;
        }
        let user = self.user(history, recency);
        for (score, row) in scores.iter_mut().zip(self.rows.chunks_exact(self.width)) {
            *score = dot(&user, row);
        }
    }

    /// Stores the factors under `prefix`.
    pub fn store(&self, prefix: &str, tensors: &mut Tensors) {
        let rows = self.rows.chunks_exact(self.width.max(1)).flat_map(|row| &row[..self.factors]);
        tensors.insert(&format!("{prefix}.factors"), &[self.len(), self.factors], rows.copied().collect());
        tensors.insert(&format!("{prefix}.weights"), &[2], vec![self.unobserved, self.lambda]);
    }

    /// Reads what [`Self::store`] wrote for a model of `items` items.
    pub fn load(prefix: &str, tensors: &Tensors, items: usize) -> Result<Self, Error> {
        let stored = tensors.get(&format!("{prefix}.factors"), 2)?;
        let weights = &tensors.get(&format!("{prefix}.weights"), 1)?.data;
        let (rows, factors) = (stored.shape[0], stored.shape[1]);
        let fits = rows == items && (1..=1024).contains(&factors) && stored.data.len() == rows * factors;
        match weights.as_array::<2>() {
            Some(&[unobserved, lambda]) if fits && unobserved > 0.0 && lambda > 0.0 => {
                let width = factors.next_multiple_of(16);
                let mut padded = vec![0.0; rows * width];
                for (row, values) in padded.chunks_exact_mut(width).zip(stored.data.chunks_exact(factors)) {
                    row[..factors].copy_from_slice(values);
                }
                Self::new(factors, &padded, unobserved, lambda)
            }
            _ => Err(Error::Artifact(format!("{prefix}: must have factors of {items} items and two weights above 0"))),
        }
    }
}

#[cfg(test)]
impl ItemFactors {
    pub(super) fn vector(&self, history: &[Event]) -> Vec<f32> {
        let every = Recency { decay: 0.0, floor: 0.0, distinct: true };
        self.user(history, every)[..self.factors].to_vec()
    }

    pub(super) fn row(&self, item: usize) -> &[f32] {
        &self.rows[item * self.width..item * self.width + self.factors]
    }
}
