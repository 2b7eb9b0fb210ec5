//! When each campaign and recommender was asked last, and with which filters, since the start of the process.

use super::table::Table;
use std::sync::atomic::{AtomicI64, Ordering};

/// Filters of a campaign whose last request is noted; those beyond are not.
pub const FILTERS_OF_A_CAMPAIGN_MAX: usize = 64;

/// The last requests to a campaign or recommender, in milliseconds since the Unix epoch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LastRequestOf {
    /// The campaign or recommender.
    pub arn: String,
    /// The last of all.
    pub at_ms: i64,
    /// The last with each filter, by ARN.
    pub filters: Vec<(String, i64)>,
}

struct Asked {
    at_ms: AtomicI64,
    filters: Table<AtomicI64>,
}

/// The last requests of all campaigns and recommenders. Noting one takes no lock, and memory only for a new name.
pub(super) struct LastRequests(Table<Asked>);

impl LastRequests {
    pub fn new(campaigns: usize) -> Self {
        Self(Table::new(campaigns))
    }

    pub fn note(&self, arn: &str, filters: &[String], now_ms: i64) {
        let make = || Asked { at_ms: AtomicI64::new(0), filters: Table::new(FILTERS_OF_A_CAMPAIGN_MAX) };
        let Some(asked) = self.0.get_or_insert(arn, make) else { return };
        asked.at_ms.fetch_max(now_ms, Ordering::Relaxed);
        for filter in filters {
            if let Some(at_ms) = asked.filters.get_or_insert(filter, AtomicI64::default) {
                at_ms.fetch_max(now_ms, Ordering::Relaxed);
            }
        }
    }

    pub fn all(&self) -> Vec<LastRequestOf> {
        let read = |(arn, asked): (&str, &Asked)| LastRequestOf {
            arn: arn.to_owned(),
            at_ms: asked.at_ms.load(Ordering::Relaxed),
            filters: asked.filters.entries().map(|(arn, at)| (arn.to_owned(), at.load(Ordering::Relaxed))).collect(),
        };
        self.0.entries().map(read).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_request_counts_with_and_without_filters() {
        let last = LastRequests::new(2);
        last.note("home", &[], 9);
        last.note("home", &["f".to_owned()], 5);
        let of = |arn: &str, at_ms, filters: &[(&str, i64)]| LastRequestOf {
            arn: arn.to_owned(),
            at_ms,
            filters: filters.iter().map(|(arn, at)| ((*arn).to_owned(), *at)).collect(),
        };
        assert_eq!(last.all(), [of("home", 9, &[("f", 5)])]);
        last.note("cart", &[], 7);
        last.note("beyond", &[], 7);
        let mut all = last.all();
        all.sort_by(|a, b| a.arn.cmp(&b.arn));
        assert_eq!(all, [of("cart", 7, &[]), of("home", 9, &[("f", 5)])]);
    }

    #[test]
    fn only_so_many_filters_of_a_campaign_are_noted() {
        let last = LastRequests::new(1);
        for at in 0..FILTERS_OF_A_CAMPAIGN_MAX + 3 {
            last.note("home", &[format!("f{at}")], 1);
        }
        assert_eq!(last.all()[0].filters.len(), FILTERS_OF_A_CAMPAIGN_MAX);
    }
}
