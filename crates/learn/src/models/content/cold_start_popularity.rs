//! The popularity to expect of an item with such metadata: ridge regression (`ridge`) of the logarithm of an item's interactions on
//! its features, so that items nobody has touched yet can be told apart.
//!
//! ```text
//! minimize sum over items with interactions of (m + sum over its features f of b_f - ln(1 + count))^2 + RIDGE |b|^2
//! ```
//! `m` is the mean; features count 1 each. Solved by conjugate gradients: two passes over the features for each of at most
//! [`STEPS_MAX`] steps.

use super::features::{Features, Subwords};
use crate::{Cancel, Error};
use tastemaker_data::{IdMap, Table};

/// A feature that this many items share is believed by half.
const RIDGE: f64 = 10.0;
const STEPS_MAX: usize = 100;
/// The squared residual, against the right side's, at which the fit ends.
const TOLERANCE: f64 = 1e-8;

/// `[items]`: `ln(1 + interactions)` as expected from the rows of `table`, given the interactions `counts` `[items]`. Finite;
/// the mean for items without a row.
pub fn cold_start_popularity(table: &Table, items: &IdMap, counts: &[f32], cancel: &Cancel) -> Result<Vec<f32>, Error> {
    let (features, _) = Features::new(table, items, Subwords::LeftOut);
    fit(&features, counts, cancel)
}

fn fit(features: &Features, counts: &[f32], cancel: &Cancel) -> Result<Vec<f32>, Error> {
    let known: Vec<(&[(u32, f32)], f64)> = features
        .rows
        .iter()
        .zip(counts)
        .filter(|(_, count)| **count > 0.0)
        .map(|(row, count)| (&row[..], f64::from(*count).ln_1p()))
        .collect();
    let mean = known.iter().map(|k| k.1).sum::<f64>() / known.len().max(1) as f64;
    let value = |of: &[f64], row: &[(u32, f32)]| row.iter().map(|&(feature, _)| of[feature as usize]).sum::<f64>();
    let spread = |share: f64, row: &[(u32, f32)], over: &mut [f64]| {
        row.iter().for_each(|&(feature, _)| over[feature as usize] += share);
    };
    let mut b = vec![0.0; features.count];
    let mut residual = vec![0.0; features.count];
    known.iter().for_each(|&(row, y)| spread(y - mean, row, &mut residual));
    let mut direction = residual.clone();
    let dot = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>();
    let mut squared = dot(&residual, &residual);
    let target = squared * TOLERANCE;
    for _ in 0..STEPS_MAX {
        cancel.check()?;
        if squared <= target {
            break;
        }
        let mut product: Vec<f64> = direction.iter().map(|d| RIDGE * d).collect();
        known.iter().for_each(|&(row, _)| spread(value(&direction, row), row, &mut product));
        let step = squared / dot(&direction, &product);
        b.iter_mut().zip(&direction).for_each(|(b, d)| *b += step * d);
        residual.iter_mut().zip(&product).for_each(|(r, p)| *r -= step * p);
        let now = dot(&residual, &residual);
        let kept = now / squared;
        direction.iter_mut().zip(&residual).for_each(|(d, r)| *d = r + kept * *d);
        squared = now;
    }
    Ok(features.rows.iter().map(|row| (mean + value(&b, row)) as f32).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(of: &[&[u32]]) -> Features {
        Features {
            rows: of.iter().map(|row| row.iter().map(|&f| (f, 0.7)).collect()).collect(),
            count: 3,
            subwords: Vec::new(),
        }
    }

    #[test]
    fn equals_the_normal_equations() {
        // Two items with feature 0, one with 0 and 1; the last is cold.
        let features = rows(&[&[0], &[0, 1], &[], &[1]]);
        let counts = [9.0f32, 0.5, 2.0, 0.0];
        let found = fit(&features, &counts, &Cancel::new()).unwrap();
        let y: Vec<f64> = counts[..3].iter().map(|&c| f64::from(c).ln_1p()).collect();
        let mean = y.iter().sum::<f64>() / 3.0;
        // (12 1; 1 11) b = (y0 + y1 - 2 mean, y1 - mean)
        let (p, q) = (y[0] + y[1] - 2.0 * mean, y[1] - mean);
        let b = [(11.0 * p - q) / 131.0, (12.0 * q - p) / 131.0];
        let expected = [mean + b[0], mean + b[0] + b[1], mean, mean + b[1]];
        for (found, expected) in found.iter().zip(expected) {
            assert!((f64::from(*found) - expected).abs() < 1e-4, "{found} {expected}");
        }
    }

    #[test]
    fn a_popular_brand_s_new_item_is_expected_to_be_popular() {
        let own: Vec<Vec<u32>> = (0..60).map(|item| vec![item % 2]).collect();
        let features = rows(&own.iter().map(Vec::as_slice).collect::<Vec<_>>());
        let counts: Vec<f32> = (0..60).map(|item| if item > 57 { 0.0 } else { [50.0, 2.0][item % 2] }).collect();
        let found = fit(&features, &counts, &Cancel::new()).unwrap();
        assert!(found[58] > found[59] + 1.0, "{:?}", &found[56..]);
        assert!(fit(&Features::default(), &[], &Cancel::new()).unwrap().is_empty());
        assert_eq!(fit(&features, &[0.0; 60], &Cancel::new()).unwrap(), [0.0; 60]);
    }
}
