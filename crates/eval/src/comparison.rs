//! Comparison of two models by the same users, value by value.

use crate::means::mean;

/// A difference of means counts as real from this many standard errors on.
const STANDARD_ERRORS: f64 = 2.5;
/// Fewer users than this decide nothing.
const USERS_MIN: usize = 5;

/// The values of a model and a baseline for the same users.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Comparison {
    /// The number of compared users.
    pub users: usize,
    /// The mean of the model's values.
    pub model: f64,
    /// The mean of the baseline's values.
    pub baseline: f64,
    /// The standard error of the mean difference; 0 for fewer than two users.
    pub standard_error: f64,
}

impl Comparison {
    /// Compares values by user, in the same order.
    pub fn new(model: &[f64], baseline: &[f64]) -> Self {
        let differences: Vec<f64> = model.iter().zip(baseline).map(|(model, baseline)| model - baseline).collect();
        let n = differences.len() as f64;
        let center = mean(&differences);
        let squares: Vec<f64> = differences.iter().map(|difference| (difference - center).powi(2)).collect();
        let variance = mean(&squares) * n / (n - 1.0).max(1.0);
        Self {
            users: differences.len(),
            model: mean(model),
            baseline: mean(baseline),
            standard_error: (variance / n.max(1.0)).sqrt(),
        }
    }

    /// Whether the model is worse than the baseline beyond noise: by more than two and a half standard errors of the mean
    /// difference, on five users or more.
    pub fn is_worse(&self) -> bool {
        self.users >= USERS_MIN && self.baseline - self.model > STANDARD_ERRORS * self.standard_error
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn by_hand() {
        // Differences -0.5, -0.5, 0, -0.5, -0.5: mean -0.4, variance 0.05, standard error 0.1.
        let comparison = Comparison::new(&[0.0, 0.0, 0.5, 0.0, 0.0], &[0.5; 5]);
        assert_eq!((comparison.users, comparison.model, comparison.baseline), (5, 0.1, 0.5));
        assert!((comparison.standard_error - 0.1).abs() < 1e-12, "{comparison:?}");
        assert!(comparison.is_worse());
        assert!(!Comparison::new(&[0.5; 5], &[0.0, 0.0, 0.5, 0.0, 0.0]).is_worse());
    }

    #[test]
    fn noise_equality_and_few_users_decide_nothing() {
        assert!(!Comparison::new(&[0.0, 1.0, 0.0, 0.9, 0.0, 0.0], &[1.0, 0.0, 0.0, 0.0, 1.0, 0.0]).is_worse());
        assert!(!Comparison::new(&[0.3; 50], &[0.3; 50]).is_worse());
        assert!(!Comparison::new(&[0.0; 4], &[1.0; 4]).is_worse());
        assert!(Comparison::new(&[0.0; 5], &[1.0; 5]).is_worse());
        assert_eq!(Comparison::new(&[], &[]), Comparison::default());
    }

    #[test]
    fn less_than_two_and_a_half_standard_errors_is_noise() {
        // Mean -0.3 and standard error 0.1225: 2.45 of them.
        let comparison = Comparison::new(&[0.0, 0.0, 0.5, 0.0, 0.5], &[0.5; 5]);
        assert!((0.3 / comparison.standard_error - 2.449).abs() < 1e-3, "{comparison:?}");
        assert!(!comparison.is_worse());
    }

    #[test]
    fn what_both_models_share_is_no_noise() {
        let baseline = [0.1, 0.9, 0.3, 0.7, 0.5];
        let comparison = Comparison::new(&baseline.map(|value| value - 0.1), &baseline);
        assert!(comparison.standard_error < 1e-12, "{comparison:?}");
        assert!(comparison.is_worse());
    }
}
