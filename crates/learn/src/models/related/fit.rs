//! Weights of the signals from transitions of users whom the signals have not seen.
//!
//! A transition is an item and the items that its user took next. The weights are searched by coordinates for the highest
//! `NDCG@10 + HR@10 / 5`, once from equal weights and once from the best signal alone, on one half of the users and judged on the
//! other, both ways. Equal weights and each single signal are judged alike. What is used is the mean of the best of these and of all
//! that it does not beat by a standard error of the difference: noise on few users then chooses nothing by itself.

use super::combine::{Combination, discounts};
use super::signals::{RelatedSignal, RelatedSignals};
use crate::random::{Purpose, stream};
use crate::sentences;
use crate::{Cancel, Error, Sequences};
use rand::Rng;
use rayon::prelude::*;
use std::collections::BTreeSet;

/// An item, and what its user took next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TransitionPoint {
    /// The item that is asked about.
    pub item: u32,
    /// Other items taken next, each once, ascending; at least one.
    pub relevant: Vec<u32>,
    /// The user's number; users of one half have even ones.
    pub user: usize,
}

/// The course and the outcome of the fit.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct RelatedReport {
    /// Transitions that the weights were judged on.
    pub points: usize,
    /// `(NDCG@10, HR@10)` of the weights used, over users that they were not searched on.
    pub quality: (f64, f64),
    /// The same of equal weights.
    pub equal: (f64, f64),
    /// The standard error of the NDCG@10 used.
    pub standard_error: f64,
    /// By signal: the weight, NDCG@10 of it alone, and of the ensemble without it.
    pub signals: Vec<(RelatedSignal, f32, f64, f64)>,
    /// The choices whose mean is used.
    pub chosen: String,
}

/// Transitions of a user beyond the last, at most,
const EXTRA_POINTS: usize = 8;
/// and one in so many events of the history,
const EXTRA_ONE_IN: usize = 8;
/// as many as make up this number.
const POINTS_WANTED: usize = 4000;
/// The share of a history that follows the item, as in the offline metrics.
const NEXT_SHARE: f64 = 0.1;
/// Fewer transitions say nothing of weights.
const POINTS_MIN: usize = 40;
/// More would make the weights hardly more exact.
const POINTS_MAX: usize = 6000;
/// Best items of each signal among the candidates.
const CANDIDATES: usize = 50;
/// Places that are judged.
const PLACES: usize = 10;
/// The share of HR@10 in what is searched for.
const HIT_SHARE: f64 = 0.2;
/// The relative gain for which a weight is moved.
const GAIN: f64 = 1e-3;
/// A weight that was 0 is tried with so much of an equal one.
const ENTRY: f32 = 0.3;
/// The share that every signal has, so that an item of which only that signal knows something is not without a row.
const LEAST_SHARE: f32 = 0.002;
const ROUNDS: usize = 7;
const FIRST_STEP: f32 = 4.0;
const LAST_STEP: f32 = 1.3;
const DISCOUNT_STEP: f32 = 0.1;

/// Transitions of these users: each one's last, with the newest tenth of the events following, and some before it in the newest quarter.
pub fn points(sequences: &Sequences<'_>, seed: u64) -> Vec<TransitionPoint> {
    let mut found = Vec::new();
    let extra = (POINTS_WANTED / sequences.len().max(1)).min(EXTRA_POINTS);
    for user in 0..sequences.len() {
        let history = sequences.user(user);
        let length = history.len();
        if length < 2 {
            continue;
        }
        let next = ((length as f64 * NEXT_SHARE).round() as usize).max(1);
        let last = length - next;
        let mut cuts = BTreeSet::from([last]);
        let mut random = stream(seed, Purpose::Cuts, user as u64);
        for _ in 0..extra.min(length / EXTRA_ONE_IN) {
            cuts.insert(random.random_range((length * 3 / 4).min(last)..=last));
        }
        for cut in cuts {
            let item = history[cut - 1];
            let mut relevant: Vec<u32> = history[cut..cut + next].to_vec();
            relevant.retain(|&other| other != item);
            relevant.sort_unstable();
            relevant.dedup();
            if !relevant.is_empty() {
                found.push(TransitionPoint { item, relevant, user });
            }
        }
    }
    // Evenly over the users.
    let keep = found.len().div_ceil(POINTS_MAX).max(1);
    found.into_iter().step_by(keep).collect()
}

/// A transition's candidates.
struct Case {
    items: Vec<u32>,
    /// `[candidates][signals]`.
    values: Vec<f32>,
    relevant: Vec<bool>,
    ideal: f64,
    half: usize,
}

/// Searched weights, `[signals]`.
#[derive(Clone, Debug, PartialEq)]
struct Weights {
    of: Vec<f32>,
    discount: f32,
}

/// NDCG@10 of each case judged, and whether it has a hit, in their order.
#[derive(Clone, Default)]
struct Quality(Vec<(f64, bool)>);

impl Quality {
    fn means(&self) -> (f64, f64) {
        let cases = self.0.len().max(1) as f64;
        (
            self.0.iter().map(|case| case.0).sum::<f64>() / cases,
            self.0.iter().filter(|case| case.1).count() as f64 / cases,
        )
    }

    fn objectives(&self) -> impl Iterator<Item = f64> {
        self.0.iter().map(|case| case.0 + HIT_SHARE * f64::from(u8::from(case.1)))
    }

    fn objective(&self) -> f64 {
        self.objectives().sum::<f64>() / self.0.len().max(1) as f64
    }

    fn standard_error(&self) -> f64 {
        standard_error(self.0.iter().map(|case| case.0))
    }

    /// Whether `other`, over the same cases, is worse by more than a standard error of the difference.
    fn beats(&self, other: &Self) -> bool {
        let differences = || self.objectives().zip(other.objectives()).map(|(own, other)| own - other);
        differences().sum::<f64>() / self.0.len().max(1) as f64 > standard_error(differences())
    }
}

/// The standard error of a mean.
fn standard_error(values: impl Iterator<Item = f64>) -> f64 {
    let (count, sum, squares) =
        values.fold((0.0, 0.0, 0.0), |(n, sum, squares), x| (n + 1.0, sum + x, squares + x * x));
    let mean = sum / f64::max(count, 1.0);
    ((squares / f64::max(count, 1.0) - mean * mean).max(0.0) / f64::max(count, 1.0)).sqrt()
}

/// Fits weights for `signals`, which must not have been computed from the users of `points`. On the current rayon pool.
pub fn fit(
    signals: &RelatedSignals,
    points: &[TransitionPoint],
    cancel: &Cancel,
) -> Result<(Combination, RelatedReport), Error> {
    let kinds: Vec<RelatedSignal> = signals.rows.iter().map(|row| row.0).collect();
    let equal = Weights { of: vec![1.0; kinds.len()], discount: 0.0 };
    let combination = |weights: &Weights| {
        let total: f32 = weights.of.iter().sum::<f32>().max(f32::MIN_POSITIVE);
        let shares = kinds.iter().zip(&weights.of).map(|(&kind, weight)| (kind, (weight / total).max(LEAST_SHARE)));
        Combination { weights: shares.collect(), discount: weights.discount }
    };
    if points.len() < POINTS_MIN || kinds.is_empty() {
        let chosen = sentences::TOO_FEW_TRANSITIONS.with(&[&points.len()]);
        return Ok((combination(&equal), RelatedReport { points: points.len(), chosen, ..RelatedReport::default() }));
    }
    let search = Search { cases: cases(signals, points), counts: &signals.counts, cancel };
    let single =
        |at: usize| Weights { of: (0..kinds.len()).map(|k| f32::from(u8::from(k == at))).collect(), discount: 0.0 };
    let mut choices: Vec<(String, [Weights; 2])> =
        vec![(sentences::ALL_EQUAL.template.to_owned(), [equal.clone(), equal.clone()])];
    let singles = kinds.iter().enumerate();
    choices.extend(singles.map(|(at, kind)| (kind.name().to_owned(), [single(at), single(at)])));
    for from_single in [false, true] {
        let from = |half: usize| {
            let start = if from_single { search.best(half, (0..kinds.len()).map(single))? } else { equal.clone() };
            search.ascend(start, half)
        };
        let name = if from_single { sentences::SEARCHED_FROM_BEST } else { sentences::SEARCHED_FROM_EQUAL };
        choices.push((name.template.to_owned(), [from(0)?, from(1)?]));
    }
    let across = |by_half: &[Weights; 2]| {
        let mut quality = search.judge(&by_half[0], Some(1))?;
        quality.0.extend(search.judge(&by_half[1], Some(0))?.0);
        Ok::<_, Error>(quality)
    };
    let mut judged = Vec::new();
    for (_, by_half) in &choices {
        judged.push(across(by_half)?);
    }
    let best = (0..judged.len()).max_by(|&a, &b| judged[a].objective().total_cmp(&judged[b].objective())).unwrap_or(0);
    let near: Vec<usize> = (0..judged.len()).filter(|&at| !judged[best].beats(&judged[at])).collect();
    let by_half = [0, 1].map(|half| mean(near.iter().map(|&at| &choices[at].1[half])));
    let quality = across(&by_half)?;
    let weights = mean(by_half.iter());
    let used = combination(&weights);
    let names: Vec<&str> = near.iter().map(|&at| choices[at].0.as_str()).collect();
    let mut report = RelatedReport {
        points: points.len(),
        quality: quality.means(),
        equal: judged[0].means(),
        standard_error: quality.standard_error(),
        signals: Vec::new(),
        chosen: names.join(", "),
    };
    for (at, &kind) in kinds.iter().enumerate() {
        let mut without = weights.clone();
        without.of[at] = 0.0;
        let alone = search.judge(&single(at), None)?.means().0;
        report.signals.push((kind, used.weight(kind), alone, search.judge(&without, None)?.means().0));
    }
    Ok((used, report))
}

/// The mean of weights that add up to 1 each.
fn mean<'a>(all: impl ExactSizeIterator<Item = &'a Weights>) -> Weights {
    let many = all.len().max(1) as f32;
    let mut mean = Weights { of: Vec::new(), discount: 0.0 };
    for weights in all {
        let total = weights.of.iter().sum::<f32>().max(f32::MIN_POSITIVE) * many;
        mean.of.resize(weights.of.len(), 0.0);
        mean.of.iter_mut().zip(&weights.of).for_each(|(mean, weight)| *mean += weight / total);
        mean.discount += weights.discount / many;
    }
    mean
}

fn cases(signals: &RelatedSignals, points: &[TransitionPoint]) -> Vec<Case> {
    let width = signals.rows.len();
    let case = |point: &TransitionPoint| {
        let mut items = BTreeSet::new();
        for (_, rows) in &signals.rows {
            let mut row: Vec<(u32, f32)> = rows.row(point.item).filter(|r| r.0 != point.item).collect();
            crate::item_matrix::heaviest(&mut row, CANDIDATES);
            items.extend(row.into_iter().map(|r| r.0));
        }
        let items: Vec<u32> = items.into_iter().collect();
        let mut values = vec![0.0; items.len() * width];
        for (signal, (_, rows)) in signals.rows.iter().enumerate() {
            for (other, weight) in rows.row(point.item) {
                if let Ok(at) = items.binary_search(&other) {
                    values[at * width + signal] = weight;
                }
            }
        }
        let relevant = items.iter().map(|item| point.relevant.binary_search(item).is_ok()).collect();
        let ideal = (0..PLACES.min(point.relevant.len())).map(gain).sum();
        Case { items, values, relevant, ideal, half: point.user % 2 }
    };
    points.par_iter().map(case).collect()
}

/// The gain of a hit at a place, from 0.
fn gain(place: usize) -> f64 {
    (place as f64 + 2.0).log2().recip()
}

struct Search<'a> {
    cases: Vec<Case>,
    counts: &'a [u32],
    cancel: &'a Cancel,
}

impl Search<'_> {
    /// The quality of `weights` over the cases of one half, or of both.
    fn judge(&self, weights: &Weights, half: Option<usize>) -> Result<Quality, Error> {
        self.cancel.check()?;
        let discounts = discounts(self.counts, weights.discount);
        let judge = |scores: &mut Vec<(f32, bool)>, case: &Case| {
            let value = |(n, values): (usize, &[f32])| {
                let sum: f32 = values.iter().zip(&weights.of).map(|(value, weight)| value * weight).sum();
                (sum * discounts[case.items[n] as usize], case.relevant[n])
            };
            scores.clear();
            scores.extend(case.values.chunks_exact(weights.of.len()).enumerate().map(value).filter(|s| s.0 > 0.0));
            let by_score = |a: &(f32, bool), b: &(f32, bool)| b.0.total_cmp(&a.0);
            if scores.len() > PLACES {
                scores.select_nth_unstable_by(PLACES - 1, by_score);
                scores.truncate(PLACES);
            }
            scores.sort_by(by_score);
            let found: f64 = scores.iter().enumerate().filter(|(_, s)| s.1).map(|(place, _)| gain(place)).sum();
            let ndcg = found / case.ideal;
            (ndcg, found > 0.0)
        };
        let cases: Vec<&Case> = self.cases.iter().filter(|case| half.is_none_or(|half| case.half == half)).collect();
        Ok(Quality(cases.par_iter().map_init(Vec::new, |scores, case| judge(scores, case)).collect()))
    }

    fn best(&self, half: usize, offered: impl Iterator<Item = Weights>) -> Result<Weights, Error> {
        let mut best: Option<(f64, Weights)> = None;
        for weights in offered {
            let quality = self.judge(&weights, Some(half))?.objective();
            if best.as_ref().is_none_or(|best| quality > best.0) {
                best = Some((quality, weights));
            }
        }
        Ok(best.map_or(Weights { of: Vec::new(), discount: 0.0 }, |best| best.1))
    }

    /// Moves one weight at a time while the quality on `half` gains.
    fn ascend(&self, start: Weights, half: usize) -> Result<Weights, Error> {
        let mut best = start;
        let mut quality = self.judge(&best, Some(half))?.objective();
        let mut step = FIRST_STEP;
        for _ in 0..ROUNDS {
            let before = quality;
            for at in 0..=best.of.len() {
                for trial in trials(&best, at, step) {
                    let found = self.judge(&trial, Some(half))?.objective();
                    if found > quality * (1.0 + GAIN) {
                        (quality, best) = (found, trial);
                    }
                }
            }
            if quality < before * (1.0 + GAIN) {
                if step < LAST_STEP {
                    break;
                }
                step = step.sqrt();
            }
        }
        Ok(best)
    }
}

/// The weights tried for the weight at `at`, or for the discount behind the weights.
fn trials(weights: &Weights, at: usize, step: f32) -> Vec<Weights> {
    let Some(&own) = weights.of.get(at) else {
        let moved = [-DISCOUNT_STEP, DISCOUNT_STEP].map(|by| weights.discount + by);
        return moved.into_iter().map(|discount| Weights { discount, ..weights.clone() }).collect();
    };
    let most = weights.of.iter().fold(0.0f32, |most, weight| most.max(*weight));
    let values = if own > 0.0 {
        vec![0.0, own / step, own * step]
    } else {
        vec![ENTRY * most / step, ENTRY * most, ENTRY * most * step]
    };
    let with = |value: f32| {
        let mut trial = weights.clone();
        trial.of[at] = value;
        trial
    };
    values.into_iter().map(with).filter(|trial| trial.of.iter().any(|weight| *weight > 0.0)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::item_matrix::ItemMatrix;

    /// Items `0..60`; item i is followed by `i + 1`, which one signal tells and the others do not.
    fn world(users: usize) -> (RelatedSignals, Vec<TransitionPoint>) {
        let rows = |other: fn(u32) -> Vec<(u32, f32)>| ItemMatrix::from_rows((0..60).map(other), 60);
        let signals = RelatedSignals {
            rows: vec![
                (RelatedSignal::Following, rows(|i| (1..12).map(|k| ((i + k) % 60, 1.0 / k as f32)).collect())),
                (RelatedSignal::Cosine, rows(|i| (1..40).map(|k| ((i + 60 - k) % 60, 1.0)).collect())),
                (RelatedSignal::Metadata, rows(|i| (20..50).map(|k| ((i + k) % 60, 3.0)).collect())),
            ],
            counts: vec![100; 60],
        };
        let point = |user: usize| {
            let item = (user * 7 % 60) as u32;
            TransitionPoint { item, relevant: vec![(item + 1) % 60], user }
        };
        (signals, (0..users).map(point).collect())
    }

    #[test]
    fn the_signal_that_tells_decides_and_equal_weights_would_not() {
        let (signals, points) = world(400);
        let (combination, report) = fit(&signals, &points, &Cancel::new()).unwrap();
        assert_eq!(report.points, 400);
        assert!(report.quality.0 > 0.99 && report.equal.0 < 0.1, "{report:?}");
        let weight = |signal| combination.weight(signal);
        assert!(weight(RelatedSignal::Following) > 10.0 * weight(RelatedSignal::Metadata), "{combination:?}");
        assert!(weight(RelatedSignal::Metadata) > 0.0, "items that only it knows keep a row");
        let alone = report.signals.iter().find(|s| s.0 == RelatedSignal::Following).unwrap();
        assert!(alone.2 > 0.99 && alone.3 < 0.5, "{alone:?}");
    }

    #[test]
    fn few_transitions_leave_the_weights_equal() {
        let (signals, points) = world(POINTS_MIN - 1);
        let (combination, report) = fit(&signals, &points, &Cancel::new()).unwrap();
        assert!(combination.weights.iter().all(|w| (w.1 - 1.0 / 3.0).abs() < 1e-6), "{combination:?}");
        assert!(report.chosen.contains("39 transitions"), "{}", report.chosen);
    }

    #[test]
    fn transitions_are_those_of_the_newest_quarter_and_name_other_items() {
        let items: Vec<u32> = (0..40).chain([5, 5, 6]).collect();
        let sequences = Sequences { offsets: &[0, 40, 42, 43], items: &items, weights: &[] };
        let found = points(&sequences, 1);
        let of_first: Vec<&TransitionPoint> = found.iter().filter(|point| point.user == 0).collect();
        assert!(of_first.len() > 1 && of_first.iter().all(|point| (29..36).contains(&point.item)), "{found:?}");
        assert!(of_first.iter().all(|point| point.relevant == (point.item + 1..point.item + 5).collect::<Vec<_>>()));
        assert!(of_first.iter().any(|point| point.item == 35), "the newest tenth follows");
        assert!(found.iter().all(|point| point.user == 0), "an item does not follow itself, a single event nothing");
    }
}
