//! Comparison of solution versions by their reports: metrics with intervals and verdicts, settings that differ, quality by length
//! of history.

mod differences;
mod verdict;

pub use differences::{SettingRow, differing, settings_of};
pub use verdict::{Basis, Verdict, verdict};

use crate::report::Report;
use std::collections::BTreeMap;

/// Versions beside each other on one page.
pub const VERSIONS_MAX: usize = 12;

/// The popularity baseline's place in an address.
pub const POPULARITY: &str = "popularity";

/// A column of the comparison: a version, or the popularity baseline of one.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Column {
    /// The ARN of the version; [`POPULARITY`] for the baseline.
    pub id: String,
    /// The solution's name and the version's.
    pub label: String,
    /// Metrics by AWS's key.
    pub metrics: BTreeMap<String, f64>,
    /// The 95 % intervals of those that are means over users.
    pub intervals: BTreeMap<String, [f64; 2]>,
    /// The 95 % intervals of the differences from the popularity baseline of the same users.
    pub over_popularity: BTreeMap<String, [f64; 2]>,
    /// Settings by their path.
    pub settings: BTreeMap<String, String>,
    /// The report, where there is one.
    pub report: Option<Report>,
}

impl Column {
    /// The popularity baseline on the users that this version was evaluated by.
    pub fn popularity(&self, label: &str) -> Option<Column> {
        let report = self.report.as_ref().filter(|report| !report.popularity_baseline.is_empty())?;
        Some(Column {
            id: POPULARITY.to_owned(),
            label: label.to_owned(),
            metrics: report.popularity_baseline.clone(),
            ..Column::default()
        })
    }

    /// Whether it is the popularity baseline.
    pub fn is_popularity(&self) -> bool {
        self.id == POPULARITY
    }
}

/// The keys of all metrics that a column has, [`ordered`].
pub fn metric_keys(columns: &[Column]) -> Vec<&String> {
    ordered(columns.iter().flat_map(|column| column.metrics.keys()))
}

/// Keys of metrics in the order in which people read them, each once; unknown ones after the others by name.
pub fn ordered<'a>(keys: impl Iterator<Item = &'a String>) -> Vec<&'a String> {
    let mut keys: Vec<&String> = keys.collect();
    keys.sort_by_key(|key| (METRICS.iter().position(|known| known.0 == *key).unwrap_or(METRICS.len()), *key));
    keys.dedup();
    keys
}

/// The short name of a metric, such as `NDCG@25`; an unknown one is its own name.
pub fn metric_name(key: &str) -> &str {
    METRICS.iter().find(|known| known.0 == key).map_or(key, |known| known.1)
}

/// Metrics by AWS's key with their short names, in the order in which people read them.
const METRICS: [(&str, &str); 8] = [
    ("normalized_discounted_cumulative_gain_at_5", "NDCG@5"),
    ("normalized_discounted_cumulative_gain_at_10", "NDCG@10"),
    ("normalized_discounted_cumulative_gain_at_25", "NDCG@25"),
    ("mean_reciprocal_rank_at_25", "MRR@25"),
    ("precision_at_5", "Precision@5"),
    ("precision_at_10", "Precision@10"),
    ("precision_at_25", "Precision@25"),
    ("coverage", "Coverage"),
];

/// The columns with the highest value of a metric; none where all are equal.
pub fn best(columns: &[Column], key: &str) -> Vec<bool> {
    let values: Vec<Option<f64>> = columns.iter().map(|column| column.metrics.get(key).copied()).collect();
    let high = values.iter().flatten().copied().fold(f64::NEG_INFINITY, f64::max);
    let low = values.iter().flatten().copied().fold(f64::INFINITY, f64::min);
    values.iter().map(|value| high > low && *value == Some(high)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn column(id: &str, metrics: &[(&str, f64)]) -> Column {
        let metrics = metrics.iter().map(|(key, value)| ((*key).to_owned(), *value)).collect();
        Column { id: id.to_owned(), metrics, ..Column::default() }
    }

    #[test]
    fn the_best_is_marked_unless_all_are_equal() {
        let columns = [column("a", &[("coverage", 0.2)]), column("b", &[("coverage", 0.4)]), column("c", &[])];
        assert_eq!(best(&columns, "coverage"), [false, true, false]);
        assert_eq!(best(&columns[..1], "coverage"), [false]);
        assert_eq!(best(&columns, "other"), [false; 3]);
    }

    #[test]
    fn metrics_have_an_order() {
        let columns =
            [column("a", &[("zeta", 1.0), ("coverage", 1.0)]), column("b", &[(METRICS[2].0, 1.0), ("alpha", 1.0)])];
        assert_eq!(metric_keys(&columns), [METRICS[2].0, "coverage", "alpha", "zeta"]);
        assert_eq!((metric_name(METRICS[2].0), metric_name("zeta")), ("NDCG@25", "zeta"));
    }

    #[test]
    fn the_baseline_is_that_of_the_report() {
        let report = Report { popularity_baseline: [("coverage".to_owned(), 0.1)].into(), ..Report::default() };
        let with = Column { report: Some(report), ..column("a", &[]) };
        let baseline = with.popularity("Popular items").unwrap();
        assert!(baseline.is_popularity() && baseline.metrics["coverage"] == 0.1 && !with.is_popularity());
        assert_eq!(column("a", &[]).popularity("x"), None);
    }
}
