//! The search among the versions that may be compared: words of their names and recipes, and bounds of their metrics.

use crate::evaluation::metric_name;
use std::collections::BTreeMap;

/// A search: every term must hold.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct VersionQuery {
    /// Texts that a version's name or recipe contains, in lower case.
    words: Vec<String>,
    bounds: Vec<Bound>,
}

/// A bound of a metric, such as `NDCG@25 > 0.2`.
#[derive(Debug, Clone, PartialEq)]
struct Bound {
    /// The short name or the key of the metric, in lower case.
    metric: String,
    is_least: bool,
    /// Whether the value itself is within.
    inclusive: bool,
    value: f64,
}

impl VersionQuery {
    /// Terms with commas between them. What is no bound of a metric is text.
    pub fn parse(text: &str) -> Self {
        let mut query = Self::default();
        for term in text.split(',').map(str::trim).filter(|term| !term.is_empty()) {
            match bound(term) {
                Some(bound) => query.bounds.push(bound),
                None => query.words.push(term.to_lowercase()),
            }
        }
        query
    }

    /// Whether the texts of a version fit.
    pub fn fits_text(&self, text: &str) -> bool {
        let text = text.to_lowercase();
        self.words.iter().all(|word| text.contains(word))
    }

    /// Whether the metrics of versions have to be read.
    pub fn needs_metrics(&self) -> bool {
        !self.bounds.is_empty()
    }

    /// Whether metrics are within all bounds; one that is absent is not.
    pub fn fits_metrics(&self, metrics: &BTreeMap<String, f64>) -> bool {
        self.bounds.iter().all(|bound| {
            let named = |key: &&String| metric_name(key).to_lowercase() == bound.metric || **key == bound.metric;
            metrics.keys().find(named).and_then(|key| metrics.get(key)).is_some_and(|value| bound.holds(*value))
        })
    }
}

impl Bound {
    fn holds(&self, value: f64) -> bool {
        let beyond = if self.is_least { value > self.value } else { value < self.value };
        beyond || (self.inclusive && value == self.value)
    }
}

fn bound(term: &str) -> Option<Bound> {
    let at = term.find(['<', '>'])?;
    let (metric, rest) = term.split_at(at);
    let is_least = rest.starts_with('>');
    let inclusive = rest.get(1..)?.starts_with('=');
    let value: f64 = rest.get(if inclusive { 2 } else { 1 }..)?.trim().parse().ok()?;
    let metric = metric.trim().to_lowercase();
    (!metric.is_empty() && value.is_finite()).then_some(Bound { metric, is_least, inclusive, value })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_and_bounds() {
        let metrics = BTreeMap::from([
            ("normalized_discounted_cumulative_gain_at_25".to_owned(), 0.25),
            ("coverage".to_owned(), 0.5),
        ]);
        for (text, fits) in [
            ("", true),
            ("ndcg@25 > 0.2", true),
            ("NDCG@25>=0.25, coverage < 0.6", true),
            ("NDCG@25 > 0.25", false),
            ("ndcg@25 <= 0.25, coverage > 0.9", false),
            ("coverage<=0.5", true),
            ("mrr@25 > 0", false),
        ] {
            assert_eq!(VersionQuery::parse(text).fits_metrics(&metrics), fits, "{text}");
        }
        let query = VersionQuery::parse("For-You, aws-sims, ndcg@25 > 0.2");
        assert!(query.needs_metrics() && query.fits_text("for-you / 3f aws-sims") && !query.fits_text("for-you / 3f"));
        // What looks like a bound and is none is text.
        assert!(!VersionQuery::parse("a > b, <, >=").needs_metrics());
    }
}
