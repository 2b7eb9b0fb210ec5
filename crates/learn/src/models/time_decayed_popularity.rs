//! Time-decayed popularity: counts by time, discounted by a half-life relative to the time of the request
//! (`time-aware-popularity`), and what is on the rise.
//!
//! Interactions are counted in time buckets. At `now` item j scores `ln(1 + sum over its events before now of
//! 2^-((now - t) / half_life))`. With a half-life that costs the cells of the last `HALF_LIVES` half-lives; without one the counts of
//! everything before some points of the time axis are kept, the newest bucket's end among them, and only what came since is added.

use crate::Error;
use crate::artifact::Tensors;
use tastemaker_data::newest_s;

/// Older events than this many half-lives are not counted.
const HALF_LIVES: f64 = 12.0;
/// Buckets the time axis is cut into, at most, and the shortest one.
const BUCKETS_MAX: i64 = 4096;
const BUCKET_S_MIN: i64 = 600;
/// Points of the time axis with the counts of everything before, at most, and the numbers kept for them.
const TOTALS_MAX: usize = 64;
const TOTALS_VALUES_MAX: usize = 1 << 20;

/// Counts of `(bucket, item)`, sorted.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct TimeDecayedPopularity {
    items: usize,
    first_s: i64,
    bucket_s: i64,
    /// `[buckets + 1]` into the two columns after it.
    offsets: Vec<usize>,
    item: Vec<u32>,
    count: Vec<f32>,
    totals: Totals,
}

/// Counts of everything before some points of the time axis.
#[derive(Debug, Clone, PartialEq, Default)]
struct Totals {
    /// Buckets before each point, ascending.
    buckets: Vec<usize>,
    /// `[points, items]`.
    counts: Vec<f32>,
}

impl TimeDecayedPopularity {
    /// Counts events given as columns of item indices and seconds. Items outside `0..items` are skipped.
    pub fn new(item: &[u32], time_s: &[i64], items: usize) -> Self {
        let events = || item.iter().zip(time_s).filter(|(item, _)| (**item as usize) < items);
        let (first_s, last_s) = axis(events().map(|e| *e.1));
        let bucket_s = (last_s.saturating_sub(first_s) / BUCKETS_MAX + 1).max(BUCKET_S_MIN);
        let mut cells: Vec<(u32, u32)> = events()
            .map(|(&item, &time)| (((time.clamp(first_s, last_s) - first_s) / bucket_s) as u32, item))
            .collect();
        cells.sort_unstable();
        let mut counts = Self { items, first_s, bucket_s, offsets: vec![0], ..Self::default() };
        for same in cells.chunk_by(|a, b| a == b) {
            let (bucket, item) = same[0];
            counts.offsets.resize(bucket as usize + 1, counts.item.len());
            counts.item.push(item);
            counts.count.push(same.len() as f32);
        }
        counts.offsets.push(counts.item.len());
        counts.with_totals()
    }

    /// The same with [`Totals`] of the cells.
    fn with_totals(mut self) -> Self {
        let buckets = self.offsets.len().saturating_sub(1);
        let points = (TOTALS_VALUES_MAX / self.items.max(1)).clamp(1, TOTALS_MAX).min(buckets);
        let mut totals = Totals::default();
        let (mut sums, mut from) = (vec![0.0f32; self.items], 0);
        for point in 1..=points {
            let until = buckets * point / points;
            (from..until).for_each(|b| self.cells(b).for_each(|(item, count)| sums[item as usize] += count));
            from = until;
            totals.buckets.push(until);
            totals.counts.extend_from_slice(&sums);
        }
        self.totals = totals;
        self
    }

    /// The end of the newest bucket in seconds.
    pub fn newest_s(&self) -> i64 {
        self.first_s.saturating_add(self.bucket_s.saturating_mul(self.offsets.len() as i64 - 1))
    }

    /// The items of a bucket with their counts.
    fn cells(&self, bucket: usize) -> impl Iterator<Item = (u32, f32)> {
        let cells = self.offsets[bucket]..self.offsets[bucket + 1];
        self.item[cells.clone()].iter().copied().zip(self.count[cells].iter().copied())
    }

    /// Fills `out` `[items]` with the score of each item at `now_s`; `None` as half-life counts everything before.
    pub fn at(&self, now_s: i64, half_life_s: Option<f64>, out: &mut [f32]) {
        out.fill(0.0);
        let now = now_s.min(self.newest_s());
        let until = (now.saturating_sub(self.first_s) / self.bucket_s.max(1)).clamp(-1, self.offsets.len() as i64 - 2);
        let mut from = 0;
        if half_life_s.is_none() {
            let known = self.totals.buckets.partition_point(|&buckets| buckets as i64 <= until + 1);
            if let Some(point) = known.checked_sub(1) {
                let counts = &self.totals.counts[point * self.items..(point + 1) * self.items];
                out.iter_mut().zip(counts).for_each(|(out, count)| *out = *count);
                from = self.totals.buckets[point] as i64;
            }
        }
        for bucket in (from..=until).rev() {
            let middle = self.first_s as f64 + (bucket as f64 + 0.5) * self.bucket_s as f64;
            let ages = half_life_s.map_or(0.0, |h| (now as f64 - middle).max(0.0) / h);
            if ages > HALF_LIVES {
                break;
            }
            let share = (-ages).exp2() as f32;
            self.cells(bucket as usize).for_each(|(item, count)| out[item as usize] += share * count);
        }
        out.iter_mut().for_each(|x| *x = x.ln_1p());
    }

    /// Fills `out` with how much more often each item was taken in the `interval_s` seconds before `now_s` than in the
    /// same time before those; never negative.
    ///
    /// A trend is judged against chance: the rise is divided by the square root of both counts together, so that 2
    /// against 0 does not outrank 60 against 20. Returns whether anything happened in the two intervals.
    pub fn rising(&self, now_s: i64, interval_s: i64, out: &mut [f32]) -> bool {
        let mut before = vec![0.0f32; out.len()];
        out.fill(0.0);
        let mut any = false;
        for bucket in (0..self.offsets.len().saturating_sub(1)).rev() {
            let end = self.first_s.saturating_add((bucket as i64 + 1).saturating_mul(self.bucket_s));
            let age = now_s.saturating_sub(end);
            if age >= interval_s.saturating_mul(2) {
                break;
            }
            let into = if age < interval_s { &mut *out } else { &mut before[..] };
            any |= self.offsets[bucket] < self.offsets[bucket + 1];
            self.cells(bucket).for_each(|(item, count)| into[item as usize] += count);
        }
        for (now, before) in out.iter_mut().zip(before) {
            *now = ((*now - before) / (*now + before).max(1.0).sqrt()).max(0.0);
        }
        any
    }

    /// Stores the counts under `prefix`.
    pub fn store(&self, prefix: &str, tensors: &mut Tensors) {
        let halves = |x: i64| [(x as u64 >> 32) as u32, x as u64 as u32];
        let head = [halves(self.first_s), halves(self.bucket_s)].concat();
        tensors.insert_integers(&format!("{prefix}.time"), head);
        let lengths = self.offsets.windows(2).map(|w| (w[1] - w[0]) as u32).collect();
        tensors.insert_integers(&format!("{prefix}.lengths"), lengths);
        tensors.insert_integers(&format!("{prefix}.items"), self.item.clone());
        tensors.insert(&format!("{prefix}.counts"), &[self.count.len()], self.count.clone());
    }

    /// Reads what [`Self::store`] wrote for a model of `items` items.
    pub fn load(prefix: &str, tensors: &Tensors, items: usize) -> Result<Self, Error> {
        let head = tensors.get_integers(&format!("{prefix}.time"))?;
        let lengths = tensors.get_integers(&format!("{prefix}.lengths"))?;
        let item = tensors.get_integers(&format!("{prefix}.items"))?.to_vec();
        let count = tensors.get(&format!("{prefix}.counts"), 1)?.data.clone();
        let mut offsets = vec![0usize];
        lengths.iter().for_each(|&length| offsets.push(offsets[offsets.len() - 1].saturating_add(length as usize)));
        let join = |high: u32, low: u32| (u64::from(high) << 32 | u64::from(low)) as i64;
        let time = head.as_array::<4>().map(|&[a, b, c, d]| (join(a, b), join(c, d))).filter(|t| t.1 >= BUCKET_S_MIN);
        let fits = offsets.last() == Some(&item.len())
            && item.len() == count.len()
            && lengths.len() as i64 <= BUCKETS_MAX + 1
            && item.iter().all(|&item| (item as usize) < items)
            && count.iter().all(|&count| count >= 0.0);
        match time.filter(|_| fits) {
            Some((first_s, bucket_s)) => {
                let counts = Self { items, first_s, bucket_s, offsets, item, count, totals: Totals::default() };
                Ok(counts.with_totals())
            }
            None => Err(Error::Artifact(format!("{prefix}: counts must fit {items} items and their buckets"))),
        }
    }
}

/// The first and the last time of an axis over these times. A few that lie farther from the others than those reach are left
/// out, because they would widen the buckets of all.
fn axis(times: impl Iterator<Item = i64> + Clone) -> (i64, i64) {
    let Some((first, last)) = times.clone().min().zip(times.clone().max()) else { return (0, 0) };
    let newest = newest_s(times.clone()).unwrap_or(last);
    let oldest = newest_s(times.map(|time| time.saturating_neg())).map_or(first, i64::saturating_neg);
    let reach = newest.saturating_sub(oldest).max(BUCKET_S_MIN);
    let first = if oldest.saturating_sub(first) > reach { oldest } else { first };
    let last = if last.saturating_sub(newest) > reach { newest } else { last };
    (first, last)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_before_any_time_is_counted() {
        let items: Vec<u32> = (0..900).map(|n| n * n % 7).collect();
        let times: Vec<i64> = (0..900).map(|n| n * n).collect();
        let popular = TimeDecayedPopularity::new(&items, &times, 7);
        assert_eq!(popular.totals.buckets.len(), TOTALS_MAX);
        let mut found = vec![0.0; 7];
        for now_s in [-700, 0, 599, 600, 601, 40_000, 123_456, 500_000, 808_000, 900_000] {
            popular.at(now_s, None, &mut found);
            // The bucket of the time itself is counted as a whole.
            let bucket = |time: i64| time.div_euclid(popular.bucket_s);
            let before = |item: u32| {
                let events = items.iter().zip(&times);
                events.filter(|(i, t)| **i == item && bucket(**t) <= bucket(now_s)).count() as f32
            };
            assert_eq!(found, (0..7).map(|item| before(item).ln_1p()).collect::<Vec<f32>>(), "{now_s}");
        }
    }

    const DAY: i64 = 86_400;

    /// Item 0 was popular early, item 1 late; item 2 twice in the middle.
    fn sample() -> TimeDecayedPopularity {
        let item = [0, 0, 0, 0, 2, 2, 1, 1, 9];
        let time = [0, 0, 1, 2, 50, 51, 99, 100, 5].map(|day| 1_000_000_000 + day * DAY);
        TimeDecayedPopularity::new(&item, &time, 3)
    }

    fn best(day: i64, half_life_days: Option<f64>) -> usize {
        let mut out = [0.0f32; 3];
        sample().at(1_000_000_000 + day * DAY, half_life_days.map(|d| d * DAY as f64), &mut out);
        (0..3).max_by(|&a, &b| out[a].total_cmp(&out[b])).unwrap()
    }

    #[test]
    fn popularity_is_what_it_was_at_the_time() {
        assert_eq!((best(200, None), best(200, Some(7.0))), (0, 1));
        assert_eq!((best(60, Some(7.0)), best(10, Some(7.0))), (2, 0));
        let mut out = [1.0f32; 3];
        sample().at(0, None, &mut out);
        assert_eq!(out, [0.0; 3], "nothing had happened yet");
        sample().at(i64::MAX, None, &mut out);
        assert!((out[0] - 5f32.ln()).abs() < 1e-6, "{out:?}");
    }

    #[test]
    fn a_few_times_far_from_all_others_do_not_widen_the_buckets() {
        let times: Vec<i64> = (0..2000).map(|n| 1_700_000_000 + n * 60).collect();
        let items: Vec<u32> = (0..2000).map(|n| u32::from(n >= 1990)).collect();
        let usual = TimeDecayedPopularity::new(&items, &times, 2);
        let with = |odd: &[i64]| {
            let (times, items) = ([times.as_slice(), odd].concat(), [items.clone(), vec![0; odd.len()]].concat());
            TimeDecayedPopularity::new(&items, &times, 2)
        };
        for odd in [&[99_999_999_999][..], &[0], &[0, 5, 99_999_999_998, 99_999_999_999]] {
            let counts = with(odd);
            assert_eq!(counts.bucket_s, usual.bucket_s, "{odd:?}");
            assert!((counts.newest_s() - usual.newest_s()).abs() <= 2 * BUCKET_S_MIN, "{odd:?}");
            let mut out = [0.0f32; 2];
            counts.rising(1_700_000_000 + 1999 * 60, 600, &mut out);
            assert!(out[1] > out[0], "{odd:?}: {out:?}");
        }
        let near = [1_700_000_000 - 86_400, 1_700_000_000 + 2000 * 60 + 86_400];
        assert_eq!(with(&near).first_s, near[0], "an axis holds what is near");
    }

    #[test]
    fn a_half_life_halves() {
        let counts = TimeDecayedPopularity::new(&[0, 1, 1], &[0, 0, 30 * DAY], 2);
        let mut out = [0.0f32; 2];
        counts.at(30 * DAY, Some(30.0 * DAY as f64), &mut out);
        let (old, both) = (out[0].exp() - 1.0, out[1].exp() - 1.0);
        assert!((old - 0.5).abs() < 0.01 && (both - 1.5).abs() < 0.02, "{old} {both}");
    }

    #[test]
    fn rising_compares_the_last_two_intervals() {
        let hour = 3600;
        // Item 0: 2 then 6; item 1: 6 then 2; item 2: only long ago.
        let mut item = vec![2; 50];
        let mut time = vec![-100 * hour; 50];
        for (index, earlier, later) in [(0, 2, 6), (1, 6, 2)] {
            item.extend(vec![index; earlier + later]);
            time.extend(vec![-3 * hour / 2; earlier]);
            time.extend(vec![-hour / 2; later]);
        }
        let counts = TimeDecayedPopularity::new(&item, &time, 3);
        let mut out = [0.0f32; 3];
        assert!(counts.rising(0, hour, &mut out));
        assert!(out[0] > 1.0 && out[1] == 0.0 && out[2] == 0.0, "{out:?}");
        assert!(!counts.rising(10 * hour, hour, &mut out));
    }

    #[test]
    fn storing_changes_nothing_and_damage_is_an_error() {
        let mut tensors = Tensors::new("t/1");
        sample().store("p", &mut tensors);
        let mut read = Tensors::from_safetensors(&tensors.to_safetensors().unwrap()).unwrap();
        assert_eq!(TimeDecayedPopularity::load("p", &read, 3).unwrap(), sample());
        assert!(TimeDecayedPopularity::load("p", &read, 2).is_err());
        read.insert_integers("p.time", vec![0, 0, 0, 0]);
        assert!(TimeDecayedPopularity::load("p", &read, 3).is_err());
        assert_eq!(TimeDecayedPopularity::new(&[], &[], 3).newest_s(), 600);
    }
}
