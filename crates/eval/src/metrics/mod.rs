//! The offline metrics, one file each, under the keys that GetSolutionMetrics reports.

mod coverage;
mod discount;
mod mean_reciprocal_rank;
mod metric;
mod normalized_discounted_cumulative_gain;
mod precision;

pub use metric::{Formula, Judged, LIST_LEN, Metric};

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
        fn moving_a_hit_up_never_hurts(rank in 1usize..30, truth in 0u32..30) {
            let mut ranked: Vec<u32> = (0..30).filter(|i| *i != truth).collect();
            ranked.insert(rank.min(ranked.len()), truth);
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
