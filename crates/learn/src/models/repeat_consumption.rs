//! Repeat consumption: how likely a user is to come back to each item they took before.
//!
//! A logistic model over what an item's past with the user says, after `repeat-consumption` and `recency-reconsumption`:
//! steps and time since the last time, how often, the usual gap against the time since, and how often people in general
//! take that item again. Fitted by Newton's method on points of the training histories; whether repeats matter at all
//! is thereby learned: on a log of films every probability comes out near zero.

use crate::Sequences;
use crate::artifact::Tensors;
use crate::models::cholesky::solve;
use crate::{Error, Event};

/// The number of features of an item's past with a user, each a number near 1.
const FEATURES: usize = 10;
/// Newton steps; the fit has converged long before.
const STEPS: usize = 12;
/// Pulls every coefficient but the first towards 0, in squared units per unit of data.
const RIDGE: f64 = 1.0;
/// Pairs of point and item that the fit looks at, about; beyond, points are thinned evenly.
const ROWS_MAX: usize = 300_000;
/// Before this many repeats by others an item's own rate is mostly the average one.
const RATE_PRIOR: f32 = 20.0;

/// A point in a user's history: what they had done before it and what they took next.
#[derive(Debug, Clone)]
pub struct EvaluationPoint<'a> {
    /// Oldest first.
    pub history: &'a [Event],
    /// The time of the request.
    pub now_s: i64,
    /// The distinct items taken next.
    pub truth: Vec<u32>,
    /// The weight of this point among others.
    pub weight: f32,
}

/// The fitted model.
#[derive(Debug, Clone, PartialEq)]
pub struct RepeatModel {
    /// `[items]`: the log-odds that somebody who took the item takes it again, against the average item's.
    rates: Vec<f32>,
    coefficients: [f32; FEATURES],
}

/// The log-odds rates of all items, `[items]`.
pub fn rates(sequences: &Sequences<'_>, items: usize) -> Vec<f32> {
    let (mut takers, mut again) = (vec![0.0f32; items], vec![0.0f32; items]);
    for user in 0..sequences.len() {
        let mut history: Vec<u32> = sequences.user(user).iter().copied().filter(|&i| (i as usize) < items).collect();
        history.sort_unstable();
        for same in history.chunk_by(|a, b| a == b) {
            takers[same[0] as usize] += 1.0;
            again[same[0] as usize] += f32::from(u8::from(same.len() > 1));
        }
    }
    let mean = (again.iter().sum::<f32>() + 0.5) / (takers.iter().sum::<f32>() + 1.0);
    let odds = |p: f32| (p / (1.0 - p)).ln();
    let rate = |(&takers, &again): (&f32, &f32)| (again + RATE_PRIOR * mean) / (takers + RATE_PRIOR);
    takers.iter().zip(&again).map(|pair| odds(rate(pair)) - odds(mean)).collect()
}

impl RepeatModel {
    /// Fits to `points`, given the rates of all items. Without any item to repeat every probability is near zero.
    pub fn fit(rates: Vec<f32>, points: &[EvaluationPoint<'_>]) -> Self {
        let mut model = Self { rates, coefficients: [0.0; FEATURES] };
        let mut rows: Vec<([f64; FEATURES], f64)> = Vec::new();
        let events: usize = points.iter().map(|point| point.history.len()).sum();
        for point in points.iter().step_by(events.div_ceil(ROWS_MAX).max(1)) {
            for (item, features) in model.features(point.history, point.now_s) {
                let taken = point.truth.contains(&item);
                rows.push((features.map(f64::from), f64::from(u8::from(taken))));
            }
        }
        let mut b = [0.0f64; FEATURES];
        let positives = rows.iter().map(|r| r.1).sum::<f64>();
        let share = (positives + 0.5) / (rows.len() as f64 + 1.0);
        b[0] = (share.min(0.99) / (1.0 - share.min(0.99))).ln();
        for _ in 0..STEPS {
            let mut gradient = [0.0f64; FEATURES];
            let mut curvature = [[0.0f64; FEATURES]; FEATURES];
            for (x, y) in &rows {
                let p = 1.0 / (1.0 + (-dot(&b, x)).exp());
                let w = (p * (1.0 - p)).max(1e-9);
                for i in 0..FEATURES {
                    gradient[i] += (y - p) * x[i];
                    for j in 0..=i {
                        curvature[i][j] += w * x[i] * x[j];
                    }
                }
            }
            for i in 0..FEATURES {
                let ridge = if i == 0 { 1e-3 } else { RIDGE };
                gradient[i] -= if i == 0 { 0.0 } else { ridge * b[i] };
                curvature[i][i] += ridge;
            }
            // The ridge keeps the curvature positive definite.
            let Some(()) = solve(curvature.as_flattened_mut(), &mut gradient) else { break };
            let step = gradient;
            // A bounded step keeps separable data from running away.
            let longest = step.iter().fold(0.0f64, |m, s| m.max(s.abs()));
            let scale = if longest > 2.0 { 2.0 / longest } else { 1.0 };
            b.iter_mut().zip(step).for_each(|(b, s)| *b += scale * s);
        }
        if b.iter().all(|b| b.is_finite()) {
            model.coefficients = b.map(|b| b.clamp(-50.0, 50.0) as f32);
        }
        model
    }

    /// The probability that each item of the history comes next, by item; the history is oldest first.
    pub fn probabilities(&self, history: &[Event], now_s: i64) -> Vec<(u32, f32)> {
        let logit = |x: &[f32; FEATURES]| x.iter().zip(&self.coefficients).map(|(x, c)| x * c).sum::<f32>();
        let features = self.features(history, now_s).into_iter();
        features.map(|(item, x)| (item, 1.0 / (1.0 + (-logit(&x)).exp()))).collect()
    }

    fn features(&self, history: &[Event], now_s: i64) -> Vec<(u32, [f32; FEATURES])> {
        let mut positions: Vec<(u32, usize)> = history.iter().zip(0..).map(|(event, at)| (event.item.0, at)).collect();
        positions.sort_unstable();
        let hours = |seconds: i64| seconds.max(0) as f32 / 3600.0;
        let one = |same: &[(u32, usize)]| {
            let (item, first) = same[0];
            let last = same[same.len() - 1].1;
            let steps = ((history.len() - last) as f32).ln();
            let count = same.len() as f32;
            let since = hours(now_s.saturating_sub(history[last].time_s)).ln_1p();
            let whole = hours(history[last].time_s.saturating_sub(history[first].time_s));
            let gap = if count > 1.0 { whole / (count - 1.0) } else { 0.0 };
            let due = if count > 1.0 { since - gap.ln_1p() } else { 0.0 };
            let share = count / history.len() as f32;
            let rate = self.rates.get(item as usize).copied().unwrap_or(0.0);
            let features = [
                1.0,
                steps,
                steps * steps / 8.0,
                count.ln(),
                since,
                since * since / 8.0,
                due,
                due * due / 8.0,
                share.sqrt(),
                rate,
            ];
            (item, features)
        };
        positions.chunk_by(|a, b| a.0 == b.0).map(one).collect()
    }

    /// Stores the model under `prefix`.
    pub fn store(&self, prefix: &str, tensors: &mut Tensors) {
        tensors.insert(&format!("{prefix}.rates"), &[self.rates.len()], self.rates.clone());
        tensors.insert(&format!("{prefix}.coefficients"), &[FEATURES], self.coefficients.to_vec());
    }

    /// Reads what [`Self::store`] wrote for a model of `items` items.
    pub fn load(prefix: &str, tensors: &Tensors, items: usize) -> Result<Self, Error> {
        let rates = tensors.get(&format!("{prefix}.rates"), 1)?.data.clone();
        let coefficients = tensors.get(&format!("{prefix}.coefficients"), 1)?.data.as_array::<FEATURES>().copied();
        match coefficients.filter(|_| rates.len() == items) {
            Some(coefficients) => Ok(Self { rates, coefficients }),
            None => Err(Error::Artifact(format!("{prefix}: must have {items} rates and {FEATURES} coefficients"))),
        }
    }
}

fn dot(a: &[f64; FEATURES], b: &[f64; FEATURES]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use tastemaker_data::ItemIx;

    const DAY: i64 = 86_400;

    fn events(items: &[u32]) -> Vec<Event> {
        items.iter().zip(0..).map(|(&item, day)| Event::new(ItemIx(item), day * DAY)).collect()
    }

    fn probability(model: &RepeatModel, history: &[Event], item: u32) -> f32 {
        let now = history.last().map_or(0, |e| e.time_s) + DAY;
        model.probabilities(history, now).into_iter().find(|p| p.0 == item).map_or(0.0, |p| p.1)
    }

    #[test]
    fn a_grocery_log_repeats_and_a_film_log_does_not() {
        // Shoppers take item 0 every other day and something new in between; viewers never see anything twice.
        let shop: Vec<Vec<Event>> = (0..40)
            .map(|u| events(&(0..20).map(|k| if k % 2 == 0 { 0 } else { 1 + (u + k) % 30 }).collect::<Vec<_>>()))
            .collect();
        let films: Vec<Vec<Event>> =
            (0..40).map(|u| events(&(0..20).map(|k| (u + k) % 31).collect::<Vec<_>>())).collect();
        let fit = |log: &[Vec<Event>]| {
            let point = |history: &'static [Event], at: usize| EvaluationPoint {
                history: &history[..at],
                now_s: history[at].time_s,
                truth: vec![history[at].item.0],
                weight: 1.0,
            };
            let log: &'static [Vec<Event>] = Box::leak(log.to_vec().into_boxed_slice());
            let points: Vec<_> = log.iter().flat_map(|h| [10, 13, 16, 19].map(|at| point(h, at))).collect();
            RepeatModel::fit(vec![0.0; 31], &points)
        };
        let (shopping, watching) = (fit(&shop), fit(&films));
        let history = events(&[0, 5, 0, 6, 0, 7]);
        assert!(probability(&shopping, &history, 0) > 5.0 * probability(&shopping, &history, 7));
        assert!(watching.probabilities(&history, 10 * DAY).iter().all(|p| p.1 < 0.02));
        assert!(shopping.probabilities(&[], 0).is_empty());
    }

    #[test]
    fn rates_are_shrunk_to_the_average() {
        let sequences = Sequences { offsets: &[0, 3, 6, 7], items: &[0, 0, 1, 0, 0, 1, 2], weights: &[] };
        let rates = rates(&sequences, 4);
        assert!(rates[0] > 0.1 && rates[1] < 0.0 && rates[3].abs() < 1e-5, "{rates:?}");
    }

    #[test]
    fn storing_changes_nothing() {
        let model = RepeatModel::fit(vec![0.1, 0.2], &[]);
        let mut tensors = Tensors::new("t/1");
        model.store("r", &mut tensors);
        assert_eq!(RepeatModel::load("r", &tensors, 2).unwrap(), model);
        assert!(RepeatModel::load("r", &tensors, 3).is_err());
    }
}
