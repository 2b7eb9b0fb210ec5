//! Logistic regression with a ridge, by Newton's method.

use crate::models::cholesky::solve;
use crate::{Cancel, Error};

/// Newton steps; a handful is enough, and each lowers the loss.
const STEPS_MAX: usize = 30;
/// The largest step that counts as none.
const CONVERGED: f64 = 1e-6;
/// Halvings of a step that does not lower the loss.
const HALVINGS_MAX: usize = 20;

/// Examples of one regression.
#[derive(Debug, Clone, Copy)]
pub(super) struct Examples<'a> {
    /// `[examples, width]`.
    pub features: &'a [f32],
    /// Numbers of one example.
    pub width: usize,
    /// `[examples]`: added to the logit before the features.
    pub offsets: &'a [f64],
    /// `[examples]`.
    pub positive: &'a [bool],
}

/// The coefficients `[width]` of least `sum log(1 + exp(-y (o + w x))) + sum ridge_j w_j^2 / 2`.
pub(super) fn fit(examples: Examples<'_>, ridge: &[f64], cancel: &Cancel) -> Result<Vec<f64>, Error> {
    let width = examples.width;
    let mut weights = vec![0.0; width];
    let mut loss = loss_of(&examples, ridge, &weights);
    for _ in 0..STEPS_MAX {
        cancel.check()?;
        let mut gradient: Vec<f64> = weights.iter().zip(ridge).map(|(w, r)| w * r).collect();
        let mut hessian = vec![0.0; width * width];
        (0..width).for_each(|j| hessian[j * width + j] = ridge[j].max(1e-9));
        for (n, x) in examples.features.chunks_exact(width).enumerate() {
            let p = sigmoid(logit(&weights, x, examples.offsets[n]));
            let error = p - f64::from(u8::from(examples.positive[n]));
            let curvature = p * (1.0 - p);
            for i in 0..width {
                let xi = f64::from(x[i]);
                gradient[i] += error * xi;
                (0..=i).for_each(|j| hessian[i * width + j] += curvature * xi * f64::from(x[j]));
            }
        }
        if solve(&mut hessian, &mut gradient).is_none() {
            break;
        }
        let step = gradient;
        let mut scale = 1.0;
        let mut lower = None;
        for _ in 0..HALVINGS_MAX {
            let moved: Vec<f64> = weights.iter().zip(&step).map(|(w, s)| w - scale * s).collect();
            let found = loss_of(&examples, ridge, &moved);
            if found < loss {
                lower = Some((moved, found));
                break;
            }
            scale *= 0.5;
        }
        let Some((moved, found)) = lower else { break };
        (weights, loss) = (moved, found);
        if step.iter().all(|s| (scale * s).abs() < CONVERGED) {
            break;
        }
    }
    Ok(weights)
}

pub(super) fn logit(weights: &[f64], x: &[f32], offset: f64) -> f64 {
    offset + weights.iter().zip(x).map(|(w, &x)| w * f64::from(x)).sum::<f64>()
}

pub(super) fn sigmoid(x: f64) -> f64 {
    1.0 / (1.0 + (-x).exp())
}

fn loss_of(examples: &Examples<'_>, ridge: &[f64], weights: &[f64]) -> f64 {
    let penalty: f64 = weights.iter().zip(ridge).map(|(w, r)| 0.5 * r * w * w).sum();
    let of_examples = examples.features.chunks_exact(examples.width).enumerate().map(|(n, x)| {
        let z = logit(weights, x, examples.offsets[n]);
        let margin = if examples.positive[n] { z } else { -z };
        // log(1 + exp(-m)) without overflow.
        (-margin).max(0.0) + (-margin.abs()).exp().ln_1p()
    });
    penalty + of_examples.sum::<f64>()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn example(n: usize) -> ([f32; 3], bool) {
        let (a, b) = ((n as f32 * 0.71).sin(), (n as f32 * 1.37).cos());
        let chance = sigmoid(f64::from(0.5 + 2.0 * a - b));
        let drawn = f64::from(((n as u32).wrapping_mul(2_654_435_761) >> 8) & 0xffff) / 65_536.0;
        ([1.0, a, b], drawn < chance)
    }

    #[test]
    fn the_gradient_vanishes_at_the_solution_which_is_near_the_truth() {
        let drawn: Vec<([f32; 3], bool)> = (0..20_000).map(example).collect();
        let features: Vec<f32> = drawn.iter().flat_map(|d| d.0).collect();
        let positive: Vec<bool> = drawn.iter().map(|d| d.1).collect();
        let offsets = vec![0.0; drawn.len()];
        let examples = Examples { features: &features, width: 3, offsets: &offsets, positive: &positive };
        let ridge = [0.0, 1.0, 1.0];
        let found = fit(examples, &ridge, &Cancel::new()).unwrap();
        for (w, truth) in found.iter().zip([0.5, 2.0, -1.0]) {
            assert!((w - truth).abs() < 0.1, "{found:?}");
        }
        for j in 0..3 {
            let loss = |h: f64| {
                let mut moved = found.clone();
                moved[j] += h;
                loss_of(&examples, &ridge, &moved)
            };
            let slope = (loss(1e-4) - loss(-1e-4)) / 2e-4;
            assert!(slope.abs() < 1e-2, "{j}: {slope}");
        }
    }

    #[test]
    fn separable_and_constant_examples_stay_finite() {
        let features = [1.0, 5.0, 1.0, -5.0, 1.0, 7.0];
        for positive in [[true, false, true], [true, true, true]] {
            let examples = Examples { features: &features, width: 2, offsets: &[0.0; 3], positive: &positive };
            let found = fit(examples, &[0.1, 0.1], &Cancel::new()).unwrap();
            assert!(found.iter().all(|w| w.is_finite() && w.abs() < 100.0), "{found:?}");
        }
    }
}
