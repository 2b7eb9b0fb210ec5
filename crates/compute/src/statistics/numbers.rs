//! The distribution of a column's numbers.

use super::hash_sample::{HashSample, hash_of};
use tastemaker_domain::dataset_statistics::NumberStatistics;

/// Values up to which quantiles are exact; beyond it they are those of a random sample of about half as many or more.
const VALUES_MAX: usize = 16_384;
/// Bars of a histogram.
const BARS: usize = 20;
/// Steps between the quantiles that are kept.
const QUANTILE_STEPS: usize = 20;
/// Robust standard deviations from the median beyond which a value is an outlier.
const OUTLIER_DEVIATIONS: f64 = 5.0;
/// The median absolute deviation times this is the standard deviation of normally distributed values.
const NORMAL_SCALE: f64 = 1.4826;
/// Values farthest from the median that are kept.
const FARTHEST_MAX: usize = 3;

/// Numbers as they come.
pub(super) struct Numbers {
    count: u64,
    sum: f64,
    /// The least and the greatest, ascending.
    least: Vec<f64>,
    greatest: Vec<f64>,
    sample: HashSample<f64>,
}

impl Numbers {
    pub fn new() -> Self {
        Self { count: 0, sum: 0.0, least: Vec::new(), greatest: Vec::new(), sample: HashSample::new(VALUES_MAX) }
    }

    pub fn see(&mut self, value: f64) {
        if !value.is_finite() {
            return;
        }
        self.count += 1;
        self.sum += value;
        keep(&mut self.least, value, |new, kept| new < kept);
        keep(&mut self.greatest, value, |new, kept| new > kept);
        self.sample.update(hash_of(self.count), |kept| *kept = value);
    }

    /// The distribution; none without values. `judged` says whether values may be outliers: times are none.
    pub fn finish(&self, judged: bool) -> Option<NumberStatistics> {
        let mut values: Vec<f64> = self.sample.iter().map(|(_, value)| *value).collect();
        values.sort_by(f64::total_cmp);
        let (min, max) = (*self.least.first()?, *self.greatest.first()?);
        let at = |share: f64| values.get(((values.len().saturating_sub(1)) as f64 * share).round() as usize).copied();
        let mut quantiles: Vec<f64> =
            (0..=QUANTILE_STEPS).filter_map(|step| at(step as f64 / QUANTILE_STEPS as f64)).collect();
        if let Some(first) = quantiles.first_mut() {
            *first = min;
        }
        if let Some(last) = quantiles.last_mut() {
            *last = max;
        }
        let median = at(0.5)?;
        let far = if judged { OUTLIER_DEVIATIONS * deviation(&values, median) } else { 0.0 };
        let is_outlier = |value: f64| far > 0.0 && (value - median).abs() > far;
        let mut farthest: Vec<f64> =
            self.least.iter().chain(&self.greatest).copied().filter(|value| is_outlier(*value)).collect();
        farthest.sort_by(f64::total_cmp);
        farthest.dedup();
        farthest.sort_by(|a, b| (b - median).abs().total_cmp(&(a - median).abs()));
        farthest.truncate(FARTHEST_MAX);
        let of_sample = values.iter().filter(|value| is_outlier(**value)).count() as u64;
        let outliers = self.of_all(of_sample, values.len()).max(farthest.len() as u64);
        let (from, to) = if outliers > 0 { (at(0.005)?, at(0.995)?) } else { (min, max) };
        let bounds = bounds(from, to);
        let mut bars = vec![0; bounds.len().saturating_sub(1)];
        for value in &values {
            let bar = bounds.partition_point(|bound| bound <= value).saturating_sub(1).min(bars.len() - 1);
            bars[bar] += 1;
        }
        let bars = bars.into_iter().map(|count| self.of_all(count, values.len())).collect();
        // The sum of the greatest numbers is none.
        let mean = Some(self.sum / self.count as f64).filter(|mean| mean.is_finite()).unwrap_or(median);
        Some(NumberStatistics { min, max, mean, quantiles, bounds, bars, outliers, farthest })
    }

    /// The estimate for all values of a count over the sample.
    fn of_all(&self, of_sample: u64, sample: usize) -> u64 {
        (of_sample as f64 * self.count as f64 / sample.max(1) as f64).round() as u64
    }
}

/// Keeps a value among the few best distinct ones, best first.
fn keep(best: &mut Vec<f64>, value: f64, better: impl Fn(f64, f64) -> bool) {
    if best.len() == FARTHEST_MAX && best.last().is_some_and(|last| !better(value, *last)) {
        return;
    }
    if best.contains(&value) {
        return;
    }
    let at = best.iter().position(|kept| better(value, *kept)).unwrap_or(best.len());
    best.insert(at, value);
    best.truncate(FARTHEST_MAX);
}

/// The robust standard deviation of sorted values.
fn deviation(values: &[f64], median: f64) -> f64 {
    let mut away: Vec<f64> = values.iter().map(|value| (value - median).abs()).collect();
    away.sort_by(f64::total_cmp);
    NORMAL_SCALE * away.get(away.len() / 2).copied().unwrap_or(0.0)
}

/// The bounds of a histogram's bars; a single bar where all values are one.
fn bounds(from: f64, to: f64) -> Vec<f64> {
    let width = (to - from) / BARS as f64;
    if !width.is_finite() || width <= 0.0 {
        return vec![from, to];
    }
    (0..=BARS).map(|n| if n == BARS { to } else { from + width * n as f64 }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(values: impl IntoIterator<Item = f64>) -> NumberStatistics {
        let mut numbers = Numbers::new();
        values.into_iter().for_each(|value| numbers.see(value));
        numbers.finish(true).unwrap()
    }

    #[test]
    fn few_numbers_are_exact() {
        let found = of((0..=100).map(f64::from));
        assert_eq!((found.min, found.max, found.mean, found.outliers), (0.0, 100.0, 50.0, 0));
        assert_eq!(found.quantiles, (0..=20).map(|n| f64::from(n) * 5.0).collect::<Vec<_>>());
        assert_eq!(found.bounds.len(), found.bars.len() + 1);
        assert_eq!(found.bars.iter().sum::<u64>(), 101);
        assert_eq!((found.bars[0], found.bars[19]), (5, 6));
    }

    #[test]
    fn outliers_are_told_and_do_not_flatten_the_histogram() {
        let found = of((0..1000).map(|n| f64::from(n % 50)).chain([1e6, -5e5, 2e6]));
        assert_eq!((found.outliers, found.farthest), (3, vec![2e6, 1e6, -5e5]));
        assert_eq!(found.bars.iter().sum::<u64>(), 1003);
        assert!(found.bounds.iter().all(|bound| (0.0..100.0).contains(bound)), "{:?}", found.bounds);
    }

    #[test]
    fn equal_numbers_and_none() {
        let found = of([7.0; 5]);
        assert_eq!((found.bounds, found.bars, found.outliers), (vec![7.0, 7.0], vec![5], 0));
        assert_eq!(Numbers::new().finish(true), None);
        let mut broken = Numbers::new();
        [f64::NAN, f64::INFINITY].into_iter().for_each(|value| broken.see(value));
        assert_eq!(broken.finish(true), None);
        assert_eq!(of([f64::MIN, f64::MAX]).bars.iter().sum::<u64>(), 2);
    }

    #[test]
    fn many_numbers_are_near() {
        let found = of((0..300_000).map(|n| f64::from(n % 1000)));
        assert_eq!((found.min, found.max), (0.0, 999.0));
        assert!((found.quantiles[10] - 500.0).abs() < 20.0, "{}", found.quantiles[10]);
        assert!(found.bars.iter().all(|count| (12_000..18_000).contains(count)), "{:?}", found.bars);
    }
}
