//! Whether two values of a metric differ by more than noise.

use super::Column;

/// The evidence that a difference is judged by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Basis {
    /// The interval of the differences user by user.
    Paired,
    /// Whether the intervals of the two values overlap.
    Overlap,
}

/// The judgment of a difference from the base.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Verdict {
    /// The value less the base's.
    pub difference: f64,
    /// Whether it is more than noise, and by what that was judged; absent where nothing tells.
    pub judged: Option<(bool, Basis)>,
}

/// The difference of a metric between `column` and `base`; `None` where one of them lacks it.
pub fn verdict(column: &Column, base: &Column, key: &str) -> Option<Verdict> {
    let difference = column.metrics.get(key)? - base.metrics.get(key)?;
    // The paired interval holds for the baseline of the same users, which is the same for versions of the same test users only.
    let paired = base.is_popularity().then(|| column.over_popularity.get(key)).flatten();
    let paired_with = column.is_popularity().then(|| base.over_popularity.get(key)).flatten();
    let judged = match (paired.or(paired_with), column.intervals.get(key), base.intervals.get(key)) {
        (Some([low, high]), _, _) => Some((*low > 0.0 || *high < 0.0, Basis::Paired)),
        (None, Some([low, high]), Some([base_low, base_high])) => {
            Some((low > base_high || high < base_low, Basis::Overlap))
        }
        _ => None,
    };
    Some(Verdict { difference, judged })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evaluation::POPULARITY;

    fn column(value: f64, interval: Option<[f64; 2]>, over: Option<[f64; 2]>) -> Column {
        let of = |interval: Option<[f64; 2]>| interval.map(|i| ("m".to_owned(), i)).into_iter().collect();
        Column {
            id: "v".into(),
            metrics: [("m".to_owned(), value)].into(),
            intervals: of(interval),
            over_popularity: of(over),
            ..Column::default()
        }
    }

    #[test]
    fn intervals_that_overlap_are_noise() {
        let base = column(0.2, Some([0.19, 0.21]), None);
        let judged = |low, high| verdict(&column(0.22, Some([low, high]), None), &base, "m").unwrap().judged;
        assert_eq!(judged(0.205, 0.23), Some((false, Basis::Overlap)));
        assert_eq!(judged(0.211, 0.23), Some((true, Basis::Overlap)));
        assert_eq!(judged(0.1, 0.18), Some((true, Basis::Overlap)));
        assert_eq!(verdict(&column(0.22, None, None), &base, "m").unwrap().judged, None);
        assert_eq!(verdict(&Column::default(), &base, "m"), None);
    }

    #[test]
    fn the_popularity_baseline_is_compared_user_by_user() {
        let base = Column { id: POPULARITY.into(), ..column(0.1, None, None) };
        let judged = |low, high| verdict(&column(0.12, None, Some([low, high])), &base, "m").unwrap().judged;
        assert_eq!(judged(0.001, 0.03), Some((true, Basis::Paired)));
        assert_eq!(judged(-0.001, 0.03), Some((false, Basis::Paired)));
        assert_eq!(judged(-0.02, -0.01), Some((true, Basis::Paired)));
        let other = verdict(&base, &column(0.12, None, Some([0.01, 0.03])), "m").unwrap();
        assert!((other.difference + 0.02).abs() < 1e-12 && other.judged == Some((true, Basis::Paired)));
    }
}
