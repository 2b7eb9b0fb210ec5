//! The Adam update (`adam` in docs/papers.md), dense and for single rows.

use super::dispatch;

/// The coefficients of one step.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Adam {
    rate: f32,
    second_correction: f32,
    decay: f32,
}

const BETA1: f32 = 0.9;
const BETA2: f32 = 0.999;
const EPSILON: f32 = 1e-8;

impl Adam {
    /// Step `t` counted from 1. `weight_decay` is decoupled: weights shrink by `learning_rate *
    /// weight_decay` a step.
    pub(crate) fn at(t: u64, learning_rate: f32, weight_decay: f32) -> Self {
        let t = t.min(1_000_000) as i32;
        let first = 1.0 - f64::from(BETA1).powi(t);
        let second = 1.0 - f64::from(BETA2).powi(t);
        Self {
            rate: (f64::from(learning_rate) / first) as f32,
            second_correction: (1.0 / second) as f32,
            decay: 1.0 - learning_rate * weight_decay,
        }
    }
}

dispatch! {
    /// Updates `weights` and both moments from `grad`.
    pub(crate) fn adam_dense<L>(adam: Adam, weights: &mut [f32], first: &mut [f32], second: &mut [f32], grad: &[f32]) {
        let n = weights.len();
        let (first, second, grad) = (&mut first[..n], &mut second[..n], &grad[..n]);
        for j in 0..n {
            let g = grad[j];
            let m = L::fma(BETA1, first[j] - g, g);
            let v = L::fma(BETA2, second[j] - g * g, g * g);
            first[j] = m;
            second[j] = v;
            let root = (v * adam.second_correction).sqrt() + EPSILON;
            weights[j] = weights[j] * adam.decay - adam.rate * m / root;
        }
    }
}

/// [`adam_dense`] on row `row` of `[_, d]` tables. Rows that a step does not touch keep their moments
/// as they are ("lazy"), which is what makes a step's cost independent of the catalog's size.
pub(crate) fn adam_row(
    adam: Adam,
    d: usize,
    (weights, first, second): (&mut [f32], &mut [f32], &mut [f32]),
    row: usize,
    grad: &[f32],
) {
    let range = row * d..(row + 1) * d;
    adam_dense(adam, &mut weights[range.clone()], &mut first[range.clone()], &mut second[range], grad);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn first_steps_move_by_the_learning_rate() {
        let (mut w, mut m, mut v) = ([1.0f32, -1.0], [0.0; 2], [0.0; 2]);
        adam_dense(Adam::at(1, 0.1, 0.0), &mut w, &mut m, &mut v, &[0.5, -3.0]);
        assert!((w[0] - 0.9).abs() < 1e-6 && (w[1] + 0.9).abs() < 1e-6, "{w:?}");
        // Two equal gradients keep both corrected moments, hence the step.
        adam_dense(Adam::at(2, 0.1, 0.0), &mut w, &mut m, &mut v, &[0.5, -3.0]);
        assert!((w[0] - 0.8).abs() < 1e-5 && (w[1] + 0.8).abs() < 1e-5, "{w:?}");
    }
}
