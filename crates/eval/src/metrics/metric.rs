//! The definition of a metric and its input: lists with the items that users took.

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
    /// The ranks (from 1) within the first `k` that hold a relevant item.
    pub(super) fn hits(&self, k: usize) -> impl Iterator<Item = usize> {
        let relevant = |(rank, item): (usize, &u32)| self.truth.contains(item).then_some(rank + 1);
        self.ranked.iter().take(k).enumerate().filter_map(relevant)
    }
}

/// A metric: its key and how it is computed.
#[derive(Debug, Clone, Copy)]
pub struct Metric {
    /// The key in GetSolutionMetrics.
    pub key: &'static str,
    /// An explanation for people.
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

/// Checks `metric` on one user whose list has relevant items at `ranks` (from 1) of `len`, and `missed` more relevant
/// items that are not in the list.
#[cfg(test)]
pub(super) fn check(metric: &Metric, ranks: &[u32], len: u32, missed: u32, expected: f64) {
    let ranked: Vec<u32> = (1..=len).collect();
    let truth: Vec<u32> = ranks.iter().copied().chain(1000..1000 + missed).collect();
    let Formula::PerUser(value) = metric.formula else { panic!("{} is not per user", metric.key) };
    let value = value(&Judged { ranked: &ranked, truth: &truth });
    let key = metric.key;
    assert!((value - expected).abs() < 5e-5, "{key} of {ranks:?}/{len}, {missed} missed: {value} != {expected}");
}
