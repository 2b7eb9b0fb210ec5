//! Metrics of user segments: of the first hundredth of the users that a model names for something, how many want it.
//!
//! | key | value |
//! |---|---|
//! | `hits_at_1_percent` | users in the segment who took it afterwards, on average over what was asked for |
//! | `recall_at_1_percent` | the same as a share of all who took it afterwards |
//! | `coverage` | users who are in some segment, as a share of all |
//!
//! Only what somebody took afterwards counts.

use crate::Report;
use crate::means::mean;

/// The users of a segment, as a share of all, rounded up.
pub const SEGMENT_ONE_IN: usize = 100;

/// The metrics' keys.
pub const KEYS: [&str; 3] = ["coverage", "hits_at_1_percent", "recall_at_1_percent"];

/// One segment that was judged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JudgedSegment {
    /// The users that the model names, at most [`size`] of them.
    pub named: Vec<u32>,
    /// The users who took what was asked for afterwards, ascending.
    pub truth: Vec<u32>,
}

/// The number of users in a judged segment.
pub fn size(users: usize) -> usize {
    users.div_ceil(SEGMENT_ONE_IN)
}

/// Reports on segments of `users` users. The per-user values of the report are values per segment.
pub fn report(segments: &[JudgedSegment], users: usize) -> Report {
    let counted: Vec<&JudgedSegment> = segments.iter().filter(|segment| !segment.truth.is_empty()).collect();
    let hits = |segment: &&JudgedSegment| {
        segment.named.iter().filter(|user| segment.truth.binary_search(user).is_ok()).count() as f64
    };
    let hits: Vec<f64> = counted.iter().map(hits).collect();
    let recall: Vec<f64> = hits.iter().zip(&counted).map(|(hits, s)| hits / s.truth.len() as f64).collect();
    let mut named: Vec<u32> = counted.iter().flat_map(|segment| segment.named.iter().copied()).collect();
    named.sort_unstable();
    named.dedup();
    let means = [named.len() as f64 / users.max(1) as f64, mean(&hits), mean(&recall)];
    Report {
        users: counted.len(),
        means: KEYS.into_iter().zip(means).collect(),
        per_user: [(KEYS[1], hits), (KEYS[2], recall)].into_iter().collect(),
        ..Report::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn by_hand() {
        let segment = |named: &[u32], truth: &[u32]| JudgedSegment { named: named.to_vec(), truth: truth.to_vec() };
        let segments = [segment(&[7, 1, 4], &[1, 2, 4, 9]), segment(&[7, 8], &[3]), segment(&[5], &[])];
        let report = report(&segments, 20);
        assert_eq!(report.users, 2);
        assert_eq!(
            report.means.into_iter().collect::<Vec<_>>(),
            [("coverage", 0.2), ("hits_at_1_percent", 1.0), ("recall_at_1_percent", 0.25)]
        );
        assert_eq!(report.per_user["hits_at_1_percent"], [2.0, 0.0]);
        assert_eq!((size(0), size(1), size(100), size(101)), (0, 1, 1, 2));
        assert!(super::report(&[], 0).means.values().all(|value| *value == 0.0));
    }
}
