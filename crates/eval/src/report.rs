//! All metrics of one model on one set of test users.

use crate::TestUser;
use crate::means::mean;
use crate::metrics::{self, Formula, Judged};
use std::collections::BTreeMap;

/// The metrics of [`metrics::ALL`], per user and on average.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Report {
    /// The number of test users that count: those with a truth.
    pub users: usize,
    /// Metric key -> mean over the counted users (or the one value of an overall metric), 0..=1.
    pub means: BTreeMap<&'static str, f64>,
    /// Metric key -> one value per counted user in test order; overall metrics are absent.
    pub per_user: BTreeMap<&'static str, Vec<f64>>,
    /// The events that the model was shown of each counted user, in test order.
    pub history_lengths: Vec<usize>,
}

impl Report {
    /// The value of the metric called `key`.
    pub fn mean(&self, key: &str) -> Option<f64> {
        self.means.get(key).copied()
    }

    /// The standard error of a per-user metric's mean; `None` for fewer than two users.
    pub fn standard_error(&self, key: &str) -> Option<f64> {
        let values = self.per_user.get(key).filter(|v| v.len() > 1)?;
        let n = values.len() as f64;
        let mean = mean(values);
        let variance = values.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / (n - 1.0);
        Some((variance / n).sqrt())
    }

    /// The mean of a per-user metric by length of the history: `(events at least, users, mean)` for each of `bands`, which begin at
    /// these lengths, ascending, and end before the next. Bands without users are left out.
    pub fn by_history(&self, key: &str, bands: &[usize]) -> Vec<(usize, usize, f64)> {
        let values = self.per_user.get(key).map_or(&[][..], Vec::as_slice);
        let band = |(at, &from): (usize, &usize)| {
            let until = bands.get(at + 1).copied().unwrap_or(usize::MAX);
            let of = self.history_lengths.iter().zip(values).filter(|(n, _)| (from..until).contains(n));
            let (users, sum) = of.fold((0, 0.0), |(users, sum), (_, value)| (users + 1, sum + value));
            (users > 0).then(|| (from, users, sum / users as f64))
        };
        bands.iter().enumerate().filter_map(band).collect()
    }

    /// The means as GetSolutionMetrics shows them: rounded to four decimals.
    pub fn rounded(&self) -> BTreeMap<String, f64> {
        self.means.iter().map(|(key, v)| ((*key).to_owned(), (v * 1e4).round() / 1e4)).collect()
    }
}

/// Asks `rank` for every test user's list (item indices, best first) and reports on the lists. `catalog_len` is the
/// number of unique items in the Interactions and Items datasets.
pub fn judge(tests: &[TestUser], catalog_len: usize, rank: impl Fn(&[u32]) -> Vec<u32>) -> Report {
    let lists: Vec<Vec<u32>> = tests.iter().map(|test| rank(&test.input)).collect();
    report(tests, &lists, catalog_len)
}

/// Reports on ready lists, one per test user in the same order; a missing list counts as an empty one, and an item's
/// second appearance in a list is skipped. Users without truth are left out. Without test users every value is 0.
pub fn report(tests: &[TestUser], lists: &[Vec<u32>], catalog_len: usize) -> Report {
    let clean: Vec<Vec<u32>> = (0..tests.len()).map(|n| lists.get(n).map_or(Vec::new(), |list| head(list))).collect();
    let judged: Vec<Judged> = tests
        .iter()
        .zip(&clean)
        .filter(|(test, _)| !test.truth.is_empty())
        .map(|(test, ranked)| Judged { ranked, truth: &test.truth })
        .collect();
    let counted = tests.iter().filter(|test| !test.truth.is_empty());
    let history_lengths = counted.map(|test| test.input.len()).collect();
    let mut report = Report { users: judged.len(), history_lengths, ..Report::default() };
    for metric in metrics::ALL {
        let mean = match metric.formula {
            Formula::Overall(value) => value(&judged, catalog_len),
            Formula::PerUser(value) => {
                let values: Vec<f64> = judged.iter().map(value).collect();
                let mean = mean(&values);
                report.per_user.insert(metric.key, values);
                mean
            }
        };
        report.means.insert(metric.key, mean);
    }
    report
}

/// The first [`metrics::LIST_LEN`] distinct items of a list.
fn head(list: &[u32]) -> Vec<u32> {
    let mut head = Vec::with_capacity(metrics::LIST_LEN);
    for &item in list {
        if head.len() == metrics::LIST_LEN {
            break;
        }
        if !head.contains(&item) {
            head.push(item);
        }
    }
    head
}

#[cfg(test)]
mod tests {
    use super::*;

    fn user(input: &[u32], truth: &[u32]) -> TestUser {
        TestUser { user: tastemaker_data::UserIx(0), input: input.to_vec(), truth: truth.to_vec() }
    }

    #[test]
    fn means_over_users_with_truth() {
        let tests = [user(&[0], &[1]), user(&[0], &[2]), user(&[0], &[])];
        let lists = vec![vec![1, 3], vec![3, 2], vec![4]];
        let report = report(&tests, &lists, 8);
        assert_eq!(report.users, 2);
        assert_eq!(report.mean("mean_reciprocal_rank_at_25"), Some(0.75));
        assert_eq!(report.per_user["mean_reciprocal_rank_at_25"], [1.0, 0.5]);
        assert_eq!(report.mean("precision_at_5"), Some(0.2));
        // Item 4 was recommended to nobody who counts.
        assert_eq!(report.mean("coverage"), Some(0.375));
        assert_eq!(report.mean("precision_at_7"), None);
        assert_eq!(report.standard_error("mean_reciprocal_rank_at_25"), Some(0.25));
        assert_eq!(report.standard_error("coverage"), None);
    }

    #[test]
    fn lengths_of_histories_make_bands() {
        let tests = [user(&[0, 0, 0], &[1]), user(&[0], &[2]), user(&[], &[1]), user(&[0], &[]), user(&[9; 40], &[1])];
        let report = report(&tests, &[vec![1], vec![3, 2], vec![1], vec![1], vec![9]], 4);
        assert_eq!(report.history_lengths, [3, 1, 0, 40]);
        let bands = report.by_history("mean_reciprocal_rank_at_25", &[1, 2, 10, 30]);
        assert_eq!(bands, [(1, 1, 0.5), (2, 1, 1.0), (30, 1, 0.0)]);
        assert!(report.by_history("coverage", &[0]).is_empty());
    }

    #[test]
    fn repeats_in_a_list_and_missing_lists_earn_nothing() {
        let tests = [user(&[], &[1, 2]), user(&[], &[1])];
        let report = report(&tests, &[vec![1, 1, 1, 2]], 2);
        assert_eq!(report.mean("precision_at_5"), Some(0.2));
        assert_eq!(report.per_user["mean_reciprocal_rank_at_25"], [1.0, 0.0]);
    }

    #[test]
    fn only_the_first_of_a_list_count() {
        let long: Vec<u32> = (0..40).flat_map(|item| [item, item]).collect();
        assert_eq!(head(&long), (0..25).collect::<Vec<_>>());
        assert_eq!(head(&long[..50]), head(&long));
        assert_eq!(head(&[7, 7, 3]), [7, 3]);
    }

    #[test]
    fn no_users_is_zero_and_not_nan() {
        let report = judge(&[], 0, |_| vec![]);
        assert_eq!(report.means.len(), metrics::ALL.len());
        assert!(report.means.values().all(|v| *v == 0.0 && v.is_sign_positive()), "{:?}", report.means);
    }

    #[test]
    fn lists_that_find_nothing_are_worth_zero_and_not_the_negative_zero() {
        let report = report(&[user(&[], &[7]), user(&[0], &[8])], &[vec![1, 2], vec![]], 9);
        let values = report.per_user.values().flatten().chain(report.means.values());
        assert!(values.clone().count() > 14);
        assert!(values.into_iter().all(|v| v.is_sign_positive()), "{report:?}");
        assert!(report.rounded().values().all(|v| v.is_sign_positive()));
    }

    #[test]
    fn four_decimals() {
        let tests = [user(&[], &[1]), user(&[], &[1]), user(&[], &[2])];
        let report = judge(&tests, 3, |_| vec![1]);
        assert_eq!(report.rounded()["mean_reciprocal_rank_at_25"], 0.6667);
    }

    #[test]
    fn one_user_has_no_standard_error() {
        let report = report(&[user(&[0], &[1])], &[vec![1]], 4);
        assert_eq!((report.users, report.standard_error("precision_at_5")), (1, None));
    }

    #[test]
    fn errors_and_bands_of_more_than_two_users() {
        let tests = [user(&[0], &[1]), user(&[0, 0], &[2]), user(&[0], &[3])];
        let report = report(&tests, &[vec![1], vec![9, 2], vec![9]], 9);
        // 1, 0.5 and 0: variance 0.25.
        assert_eq!(report.standard_error("mean_reciprocal_rank_at_25"), Some((0.25f64 / 3.0).sqrt()));
        let bands = report.by_history("mean_reciprocal_rank_at_25", &[1, 2]);
        assert_eq!(bands, [(1, 2, 0.5), (2, 1, 0.5)]);
    }

    #[test]
    fn what_stands_below_the_twenty_five_best_covers_nothing() {
        let report = report(&[user(&[], &[1])], &[(0..30).collect()], 100);
        assert_eq!(report.mean("coverage"), Some(0.25));
    }
}
