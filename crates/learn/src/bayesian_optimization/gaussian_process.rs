//! A Gaussian process with a Matern kernel.
//!
//! ```text
//! k(a, b) = (1 + sqrt(5) r + 5/3 r^2) exp(-sqrt(5) r),   r = |a - b| / length
//! mean(x) = k(x)' (K + noise I)^-1 y
//! variance(x) = 1 + noise - k(x)' (K + noise I)^-1 k(x)
//! ```
//! `y` is standardized. Length and noise are those of a grid under which `y` is most probable, with a prior that a length is
//! about half the space and noise is small.

use faer::linalg::solvers::{Llt, Solve};
use faer::{Mat, Side};

const LENGTHS: [f64; 9] = [0.08, 0.12, 0.18, 0.27, 0.4, 0.6, 0.9, 1.35, 2.0];
/// The smallest keep small gains visible when the values seen lie far apart.
const NOISES: [f64; 6] = [1e-6, 1e-5, 1e-4, 1e-3, 1e-2, 1e-1];
/// Of the logarithm of the length, around that of a half; of the logarithm of the noise, around that of 0.005.
const LENGTH_DEVIATION: f64 = 0.8;
const NOISE_DEVIATION: f64 = 2.5;

pub(super) struct GaussianProcess {
    x: Vec<Vec<f64>>,
    length: f64,
    noise: f64,
    factor: Llt<f64>,
    /// `(K + noise I)^-1 y`.
    weights: Vec<f64>,
    mean: f64,
    deviation: f64,
}

impl GaussianProcess {
    /// `None` without observations, and where none of the grid's matrices has a factor.
    pub(super) fn fit(observed: &[(Vec<f64>, f64)]) -> Option<Self> {
        let n = observed.len();
        if n == 0 {
            return None;
        }
        let mean = observed.iter().map(|(_, y)| y).sum::<f64>() / n as f64;
        let variance = observed.iter().map(|(_, y)| (y - mean) * (y - mean)).sum::<f64>() / n as f64;
        // Equal values have nothing to tell apart: any scale will do.
        let deviation = if variance > 1e-24 { variance.sqrt() } else { 1.0 };
        let y = Mat::from_fn(n, 1, |row, _| (observed[row].1 - mean) / deviation);
        let mut best: Option<(f64, Self)> = None;
        for length in LENGTHS {
            for noise in NOISES {
                let kernel = Mat::from_fn(n, n, |a, b| {
                    matern(square(&observed[a].0, &observed[b].0), length) + if a == b { noise } else { 0.0 }
                });
                let Ok(factor) = kernel.llt(Side::Lower) else { continue };
                let weights = factor.solve(&y);
                let fit: f64 = (0..n).map(|row| y[(row, 0)] * weights[(row, 0)]).sum();
                let log_root: f64 = (0..n).map(|row| factor.L()[(row, row)].ln()).sum();
                let prior =
                    ((length / 0.5).ln() / LENGTH_DEVIATION).powi(2) + ((noise / 0.005).ln() / NOISE_DEVIATION).powi(2);
                let likelihood = -0.5 * fit - log_root - 0.5 * prior;
                if best.as_ref().is_none_or(|(other, _)| likelihood > *other) {
                    let weights = (0..n).map(|row| weights[(row, 0)]).collect();
                    let x = observed.iter().map(|(x, _)| x.clone()).collect();
                    best = Some((likelihood, Self { x, length, noise, factor, weights, mean, deviation }));
                }
            }
        }
        best.map(|(_, process)| process)
    }

    /// Mean and deviation of the function's value at `x`, without the noise of an observation.
    pub(super) fn predict(&self, x: &[f64]) -> (f64, f64) {
        let n = self.x.len();
        let near = Mat::from_fn(n, 1, |row, _| matern(square(&self.x[row], x), self.length));
        let solved = self.factor.solve(&near);
        let mean: f64 = (0..n).map(|row| near[(row, 0)] * self.weights[row]).sum();
        let known: f64 = (0..n).map(|row| near[(row, 0)] * solved[(row, 0)]).sum();
        (self.mean + self.deviation * mean, self.deviation * (1.0 - known).max(0.0).sqrt())
    }

    /// The mean of the gain at `x` over `best`, where a loss counts as 0.
    pub(super) fn expected_improvement(&self, x: &[f64], best: f64) -> f64 {
        let (mean, deviation) = self.predict(x);
        // An observation of a noisy function gains nothing where it is known up to the noise.
        if deviation <= 1e-9 * self.deviation * (1.0 + self.noise) {
            return (mean - best).max(0.0);
        }
        let z = (mean - best) / deviation;
        deviation * (z * cumulative(z) + density(z))
    }
}

/// The square of the distance between two points.
pub(super) fn square(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| (a - b) * (a - b)).sum()
}

fn matern(square: f64, length: f64) -> f64 {
    let r = (5.0 * square).sqrt() / length;
    (1.0 + r + r * r / 3.0) * (-r).exp()
}

fn density(z: f64) -> f64 {
    (-0.5 * z * z).exp() / (2.0 * std::f64::consts::PI).sqrt()
}

/// The normal distribution function, after Abramowitz and Stegun 26.2.17; the error is below 1e-7.
fn cumulative(z: f64) -> f64 {
    let t = 1.0 / (1.0 + 0.231_641_9 * z.abs());
    let series =
        t * (0.319_381_530 + t * (-0.356_563_782 + t * (1.781_477_937 + t * (-1.821_255_978 + t * 1.330_274_429))));
    let tail = density(z) * series;
    if z >= 0.0 { 1.0 - tail } else { tail }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Equal numbers up to the series' error.
    fn check(found: f64, expected: f64) {
        assert!((found - expected).abs() < 1e-6, "{found} != {expected}");
    }

    #[test]
    fn normal_distribution() {
        // scipy.stats.norm.cdf
        for (z, expected) in [(0.0, 0.5), (1.0, 0.841_344_746), (-1.96, 0.024_997_895), (3.0, 0.998_650_102)] {
            check(cumulative(z), expected);
        }
    }

    #[test]
    fn as_written_out_in_numpy() {
        let x = [[0.0, 0.1], [0.5, 0.9], [0.9, 0.4], [0.2, 0.6]];
        let y = [0.1, 0.4, 0.3, 0.35];
        let observed: Vec<(Vec<f64>, f64)> = x.iter().zip(y).map(|(x, y)| (x.to_vec(), y)).collect();
        let process = GaussianProcess::fit(&observed).unwrap();
        assert_eq!((process.length, process.noise), (0.4, 0.01));
        let (mean, deviation) = process.predict(&[0.4, 0.5]);
        check(mean, 0.334_469_436);
        check(deviation, 0.063_032_742);
        check(process.expected_improvement(&[0.4, 0.5], 0.4), 0.004_867_127);
    }

    #[test]
    fn certain_where_it_has_looked_and_unsure_far_away() {
        let observed: Vec<(Vec<f64>, f64)> = (0..6).map(|n| (vec![f64::from(n) / 20.0], f64::from(n % 2))).collect();
        let process = GaussianProcess::fit(&observed).unwrap();
        let (_, near) = process.predict(&[0.1]);
        let (mean, far) = process.predict(&[50.0]);
        assert!(near < 0.5 * far, "{near} {far}");
        check(mean, 0.5);
        check(far, 0.5);
        assert!(process.expected_improvement(&[50.0], 1.0) > 0.0);
        assert!(GaussianProcess::fit(&[]).is_none());
    }
}
