//! Distributions of the number of rows of users and items.

use super::hash_sample::HashSample;
use tastemaker_domain::dataset_statistics::{HistoryLengths, PopularityShare};

/// The users and items with the most rows that are kept.
pub(super) const TOP_MAX: usize = 20;
/// The shares of items, in percent, whose share of rows is told.
const TOP_PERCENTS: [f64; 6] = [0.1, 1.0, 5.0, 10.0, 20.0, 50.0];
/// Lengths that have a range of their own.
const SINGLE_LENGTHS_MAX: u64 = 32;
/// Ranges for each doubling beyond them.
const RANGES_OF_A_DOUBLING: f64 = 8.0;

/// The ids of a sample with their rows, fewest rows first.
pub(super) struct Counts(Vec<(u64, u64)>);

impl Counts {
    pub fn of(sample: &HashSample<u64>) -> Self {
        let mut counts: Vec<(u64, u64)> = sample.iter().map(|(hash, rows)| (*rows, hash)).collect();
        // By hash where rows are equal, so that the order is the same each time.
        counts.sort_unstable();
        Self(counts)
    }

    /// The ids with the most rows, most first.
    pub fn top(&self, max: usize) -> Vec<u64> {
        self.0.iter().rev().take(max).map(|(_, hash)| *hash).collect()
    }

    /// The id at this share of the order, from 0 for the fewest rows to 1 for the most.
    pub fn at(&self, share: f64) -> Option<u64> {
        self.place(share).map(|(_, hash)| hash)
    }

    fn place(&self, share: f64) -> Option<(u64, u64)> {
        let last = self.0.len().checked_sub(1)?;
        self.0.get((last as f64 * share).round() as usize).copied()
    }

    /// The rows of one of the last ids of [`Self::top`].
    pub fn rows_of(&self, hash: u64) -> Option<u64> {
        self.0.iter().rev().take(TOP_MAX).find(|(_, other)| *other == hash).map(|(rows, _)| *rows)
    }

    /// The rows at each percentile from 0 to 100; empty without ids.
    pub fn percentiles(&self) -> Vec<u64> {
        (0..=100).filter_map(|percent| self.place(f64::from(percent) / 100.0)).map(|(rows, _)| rows).collect()
    }

    /// The ids of the sample with at least so many rows.
    pub fn with_at_least(&self, rows: u64) -> u64 {
        (self.0.len() - self.0.partition_point(|(found, _)| *found < rows)) as u64
    }

    /// The share of rows that the most popular ids take; the percentages are rounded up to whole ids.
    pub fn popularity(&self) -> Vec<PopularityShare> {
        let all: u64 = self.0.iter().map(|(rows, _)| rows).sum();
        if all == 0 {
            return Vec::new();
        }
        let share = |top_percent: f64| {
            let ids = (self.0.len() as f64 * top_percent / 100.0).ceil() as usize;
            let rows: u64 = self.0.iter().rev().take(ids).map(|(rows, _)| rows).sum();
            PopularityShare { top_percent, share: rows as f64 / all as f64 }
        };
        TOP_PERCENTS.into_iter().map(share).collect()
    }

    /// The Gini coefficient of rows: `Σ (2i − n − 1) xᵢ / (n Σ xᵢ)` over ascending `xᵢ`.
    pub fn gini(&self) -> f64 {
        let (n, all) = (self.0.len() as f64, self.0.iter().map(|(rows, _)| *rows as f64).sum::<f64>());
        if all <= 0.0 {
            return 0.0;
        }
        let weighted: f64 =
            self.0.iter().enumerate().map(|(i, (rows, _))| (2.0 * (i + 1) as f64 - n - 1.0) * *rows as f64).sum();
        weighted / (n * all)
    }
}

/// Users by ranges of their number of rows: one range each up to a length, beyond it ranges that grow by the same factor.
pub(super) fn lengths(counts: &Counts, sample: &HashSample<u64>) -> Vec<HistoryLengths> {
    let mut ranges = Vec::new();
    let (mut from, mut at) = (1, 0);
    while at < counts.0.len() {
        let to = range_end(from);
        let users = counts.0[at..].partition_point(|(rows, _)| *rows <= to);
        if users > 0 {
            ranges.push(HistoryLengths { from, to, users: sample.scaled(users as u64) });
        }
        at += users;
        from = to.saturating_add(1);
    }
    ranges
}

/// The last length of the range that begins at `from`.
fn range_end(from: u64) -> u64 {
    if from <= SINGLE_LENGTHS_MAX {
        return from;
    }
    let step = ((from as f64 / SINGLE_LENGTHS_MAX as f64).log2() * RANGES_OF_A_DOUBLING).floor() + 1.0;
    let next = SINGLE_LENGTHS_MAX as f64 * (step / RANGES_OF_A_DOUBLING).exp2();
    (next as u64).max(from)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample(rows: &[u64]) -> HashSample<u64> {
        let mut sample = HashSample::new(1_000_000);
        rows.iter().enumerate().for_each(|(n, rows)| sample.update(n as u64, |count| *count = *rows));
        sample
    }

    #[test]
    fn shares_of_the_most_popular_by_hand() {
        let sample = sample(&[60, 10, 10, 5, 5, 2, 2, 2, 2, 2]);
        let counts = Counts::of(&sample);
        let shares: Vec<f64> = counts.popularity().iter().map(|share| share.share).collect();
        assert_eq!(shares, [0.6, 0.6, 0.6, 0.6, 0.7, 0.9]);
        // Two ids with one and three rows: (−1·1 + 1·3) / (2·4).
        assert!((Counts::of(&super::tests::sample(&[1, 3])).gini() - 0.25).abs() < 1e-12);
        assert!(Counts::of(&super::tests::sample(&[4, 4, 4])).gini().abs() < 1e-12);
        assert_eq!((counts.top(1), counts.rows_of(0), counts.with_at_least(5)), (vec![0], Some(60), 5));
    }

    #[test]
    fn percentiles_and_the_user_in_the_middle() {
        let rows: Vec<u64> = (1..=101).collect();
        let sample = sample(&rows);
        let counts = Counts::of(&sample);
        assert_eq!(counts.percentiles(), (1..=101).collect::<Vec<_>>());
        assert_eq!((counts.at(0.0), counts.at(0.5), counts.at(1.0)), (Some(0), Some(50), Some(100)));
    }

    #[test]
    fn ranges_of_lengths_hold_everybody_once() {
        let rows: Vec<u64> = (1..5000).chain([1_000_000, u64::MAX >> 12]).collect();
        let sample = sample(&rows);
        let ranges = lengths(&Counts::of(&sample), &sample);
        assert_eq!(ranges.iter().map(|range| range.users).sum::<u64>(), rows.len() as u64);
        assert!(ranges.iter().take(32).all(|range| range.from == range.to && range.users == 1));
        assert!(ranges.windows(2).all(|pair| pair[0].to < pair[1].from) && ranges.len() < 200, "{}", ranges.len());
    }

    #[test]
    fn nothing_at_all() {
        let sample = sample(&[]);
        let counts = Counts::of(&sample);
        assert!(counts.percentiles().is_empty() && counts.popularity().is_empty() && counts.at(0.5).is_none());
        assert_eq!((counts.gini(), lengths(&counts, &sample).len()), (0.0, 0));
    }
}
