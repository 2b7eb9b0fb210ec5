//! Confidence intervals of means over test users (`bootstrap`).

use rand::{Rng, SeedableRng};
use rand_xoshiro::Xoshiro256PlusPlus;

/// Resamples behind an interval.
const RESAMPLES: usize = 1000;

/// The interval that holds the mean of `values` with 95 % confidence: between the 2.5 and the 97.5 percentile of the means of a
/// thousand resamples. The same seed draws the same resamples; `None` for fewer than two values.
pub fn interval_95(values: &[f64], seed: u64) -> Option<[f64; 2]> {
    if values.len() < 2 {
        return None;
    }
    let mut random = Xoshiro256PlusPlus::seed_from_u64(seed);
    let mut resampled = || {
        let total: f64 = (0..values.len()).map(|_| values[random.random_range(0..values.len())]).sum();
        total / values.len() as f64
    };
    let mut means: Vec<f64> = (0..RESAMPLES).map(|_| resampled()).collect();
    means.sort_unstable_by(f64::total_cmp);
    Some(middle_95(&means))
}

/// The 2.5 and the 97.5 percentile of ascending values: as many lie below the one as above the other.
fn middle_95(ascending: &[f64]) -> [f64; 2] {
    let outside = ascending.len() / 40;
    [ascending[outside], ascending[ascending.len() - 1 - outside]]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_the_normal_approximation_for_many_users() {
        // Half zeros, half ones: the standard error of the mean of 400 is 0.025.
        let values: Vec<f64> = (0..400).map(|n| f64::from(n % 2)).collect();
        let [low, high] = interval_95(&values, 1).unwrap();
        assert!((low - 0.451).abs() < 0.012 && (high - 0.549).abs() < 0.012, "{low} {high}");
        assert_eq!(interval_95(&values, 1), interval_95(&values, 1));
        assert_ne!(interval_95(&values, 1), interval_95(&values, 2));
    }

    #[test]
    fn one_user_tells_nothing_and_equal_users_are_sure() {
        assert_eq!(interval_95(&[0.5], 1), None);
        assert_eq!(interval_95(&[0.25; 9], 1), Some([0.25, 0.25]));
    }

    #[test]
    fn the_bounds_are_the_percentiles_of_95_percent() {
        let values: Vec<f64> = (0..400).map(|n| f64::from(n % 2)).collect();
        let bounds: Vec<[f64; 2]> = (0..16).map(|seed| interval_95(&values, seed).unwrap()).collect();
        let mean = |at: usize| bounds.iter().map(|bound| bound[at]).sum::<f64>() / 16.0;
        // 0.5 -+ 1.96 * 0.025; those of 90 percent would be at 0.459 and 0.541.
        assert!((mean(0) - 0.451).abs() < 0.003 && (mean(1) - 0.549).abs() < 0.003, "{bounds:?}");
        assert!(interval_95(&[0.0, 1.0], 1).is_some_and(|[low, high]| low == 0.0 && high == 1.0));
    }

    #[test]
    fn as_many_lie_below_as_above() {
        let ascending: Vec<f64> = (0..1000).map(f64::from).collect();
        assert_eq!(middle_95(&ascending), [25.0, 974.0]);
    }
}
