//! The offline metrics, one file each, under the keys that GetSolutionMetrics reports.

mod coverage;
mod discount;
mod mean_reciprocal_rank;
mod normalized_discounted_cumulative_gain;
mod precision;

/// The longest list that any metric looks at.
pub const LIST_LEN: usize = 25;

/// One test user's recommendations beside what the user did.
#[derive(Debug, Clone, Copy)]
pub struct Judged<'a> {
    /// Item indices, best first, without duplicates; only the first [`LIST_LEN`] matter.
    pub ranked: &'a [u32],
    /// Distinct relevant items, not empty.
    pub truth: &'a [u32],
}

impl Judged<'_> {
    /// The places (from 1) within the first `k` that hold a relevant item.
    fn hits(&self, k: usize) -> impl Iterator<Item = usize> {
        let relevant = |(place, item): (usize, &u32)| self.truth.contains(item).then_some(place + 1);
        self.ranked.iter().take(k).enumerate().filter_map(relevant)
    }
}

/// A metric: its key and how it is computed.
#[derive(Debug, Clone, Copy)]
pub struct Metric {
    /// The key in GetSolutionMetrics.
    pub key: &'static str,
    /// What it tells, for people.
    pub doc: &'static str,
    /// The formula.
    pub formula: Formula,
}

/// Over what a metric is computed. Every value lies in 0..=1.
#[derive(Debug, Clone, Copy)]
pub enum Formula {
    /// One value per test user; the metric is their mean.
    PerUser(fn(&Judged) -> f64),
    /// One value for all lists together, given the number of items that could have been recommended.
    Overall(fn(&[Judged], usize) -> f64),
}

/// Every metric of the personalization recipes, in the order in which they are shown.
pub const ALL: &[Metric] = &[
    coverage::COVERAGE,
    mean_reciprocal_rank::AT_25,
    normalized_discounted_cumulative_gain::AT_5,
    normalized_discounted_cumulative_gain::AT_10,
    normalized_discounted_cumulative_gain::AT_25,
    precision::AT_5,
    precision::AT_10,
    precision::AT_25,
];

/// Checks `metric` on one user whose list has relevant items at `places` (from 1) of `len`, and `missed` more relevant
/// items that are not in the list.
#[cfg(test)]
fn check(metric: &Metric, places: &[u32], len: u32, missed: u32, expected: f64) {
    let ranked: Vec<u32> = (1..=len).collect();
    let truth: Vec<u32> = places.iter().copied().chain(1000..1000 + missed).collect();
    let Formula::PerUser(value) = metric.formula else { panic!("{} is not per user", metric.key) };
    let value = value(&Judged { ranked: &ranked, truth: &truth });
    let key = metric.key;
    assert!((value - expected).abs() < 5e-5, "{key} of {places:?}/{len}, {missed} missed: {value} != {expected}");
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn keys_are_the_eight_that_clients_read() {
        let keys: Vec<_> = ALL.iter().map(|m| m.key).collect();
        let expected = [
            "coverage",
            "mean_reciprocal_rank_at_25",
            "normalized_discounted_cumulative_gain_at_5",
            "normalized_discounted_cumulative_gain_at_10",
            "normalized_discounted_cumulative_gain_at_25",
            "precision_at_5",
            "precision_at_10",
            "precision_at_25",
        ];
        assert_eq!(keys, expected);
    }

    fn value(metric: &Metric, judged: &[Judged], catalog: usize) -> f64 {
        match metric.formula {
            Formula::PerUser(f) => judged.iter().map(f).sum::<f64>() / judged.len() as f64,
            Formula::Overall(f) => f(judged, catalog),
        }
    }

    proptest! {
        #[test]
        fn values_lie_between_zero_and_one(
            ranked in Just((0u32..60).collect::<Vec<_>>()).prop_shuffle(),
            len in 0usize..60,
            truth in proptest::collection::btree_set(0u32..60, 1..40),
        ) {
            let truth: Vec<u32> = truth.into_iter().collect();
            for metric in ALL {
                let v = value(metric, &[Judged { ranked: &ranked[..len], truth: &truth }], 60);
                prop_assert!((0.0..=1.0).contains(&v), "{} = {v}", metric.key);
            }
        }

        #[test]
        fn moving_a_hit_up_never_hurts(place in 1usize..30, truth in 0u32..30) {
            let mut ranked: Vec<u32> = (0..30).filter(|i| *i != truth).collect();
            ranked.insert(place.min(ranked.len()), truth);
            let mut better = ranked.clone();
            let at = better.iter().position(|i| *i == truth).unwrap();
            better.swap(at, at - 1);
            for metric in ALL {
                let of = |list: &[u32]| value(metric, &[Judged { ranked: list, truth: &[truth] }], 30);
                prop_assert!(of(&better) >= of(&ranked), "{}", metric.key);
            }
        }

        #[test]
        fn the_truth_itself_is_a_perfect_ranking(truth in proptest::collection::btree_set(0u32..60, 1..40)) {
            let truth: Vec<u32> = truth.into_iter().collect();
            for metric in ALL.iter().filter(|m| m.key.contains("gain") || m.key.contains("reciprocal")) {
                let v = value(metric, &[Judged { ranked: &truth, truth: &truth }], 60);
                prop_assert!((v - 1.0).abs() < 1e-12, "{} = {v}", metric.key);
            }
        }
    }
}
