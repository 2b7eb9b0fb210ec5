//! Weights from held-out users: coordinate search on ranking quality, then a temperature by likelihood.
//!
//! Every signal is computed once per held-out moment and kept for the candidates only: each signal's best and the items that
//! were taken. A trial of one weight then costs an addition per candidate, so some hundred trials are cheap. A signal comes in
//! only when it gains [`FitOptions::entry_gain`], so that noise on few users does not choose it.

use super::{Blend, Mode, Parts, Recipe, Signal, Weights};
use crate::models::repeat_consumption::Moment;
use crate::topk;
use crate::{Ask, Cancel, Error, Scratch, UserState};
use rayon::prelude::*;

/// Moments that `parts` know nothing of.
#[derive(Clone)]
pub struct HeldOut<'a> {
    /// What was learned without these moments: from other users, or from the time before them.
    pub parts: Parts,
    /// What they are asked about.
    pub moments: Vec<Moment<'a>>,
}

/// Held-out moments by question.
#[derive(Clone, Default)]
pub struct Validation<'a> {
    /// What comes next in a visit.
    pub continuing: Vec<HeldOut<'a>>,
    /// What comes after an absence. With fewer than [`FitOptions::returning_min`] the weights of a visit are used.
    pub returning: Vec<HeldOut<'a>>,
}

/// How to search.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct FitOptions {
    /// Best items of each signal among the candidates.
    pub candidates: usize,
    /// The relative gain that lets a new signal in.
    pub entry_gain: f64,
    /// The relative gain that moves a weight already in use.
    pub move_gain: f64,
    /// Moments after an absence that are needed for weights of their own.
    pub returning_min: usize,
}

impl Default for FitOptions {
    fn default() -> Self {
        Self { candidates: 40, entry_gain: 0.004, move_gain: 0.001, returning_min: 30 }
    }
}

/// What one signal is worth.
#[derive(Debug, Clone, PartialEq)]
pub struct SignalReport {
    /// [`Signal::name`].
    pub name: String,
    /// Weight within a visit and after an absence.
    pub weights: [f32; 2],
    /// Quality (mean of NDCG@10 and MRR@25) of the signal alone.
    pub alone: [f64; 2],
    /// Quality of the blend without it.
    pub without: [f64; 2],
}

/// What a part is worth, all signals of it together.
#[derive(Debug, Clone, PartialEq)]
pub struct ComponentReport {
    /// [`Signal::component`].
    pub name: &'static str,
    /// Quality of the blend without it, the other weights unchanged.
    pub without: [f64; 2],
}

/// How the fit went.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct BlendReport {
    /// By signal offered.
    pub signals: Vec<SignalReport>,
    /// By part in use.
    pub components: Vec<ComponentReport>,
    /// Held-out moments within a visit and after an absence.
    pub moments: [usize; 2],
    /// Quality of the blend.
    pub quality: [f64; 2],
    /// `(events at least, moments, quality within a visit)` by length of the history.
    pub by_history: Vec<(usize, usize, f64)>,
}

/// A moment's candidates.
struct Case {
    /// `[signals][candidates]`, standardised.
    scores: Vec<Vec<f32>>,
    /// The candidates that were taken come first.
    taken: usize,
    /// Items taken, candidates or not.
    relevant: usize,
    history: usize,
    /// [`Moment::weight`].
    weight: f64,
}

/// The bands of [`BlendReport::by_history`].
const HISTORY_BANDS: [usize; 6] = [1, 3, 10, 30, 100, 300];

/// Weights tried for standardised signals, beside scalings of the present one.
const STEPS: [f32; 10] = [0.0, 0.05, 0.1, 0.2, 0.35, 0.5, 0.75, 1.0, 1.5, 2.5];
/// The same for signals that are 0 or 1.
const FLAG_STEPS: [f32; 11] = [-20.0, -10.0, -5.0, -2.5, -1.0, 0.0, 0.5, 1.0, 2.0, 4.0, 8.0];
const SCALINGS: [f32; 4] = [0.7, 0.85, 1.15, 1.4];
const ROUNDS: usize = 6;

/// Fits weights for `signals`.
pub fn fit(
    signals: &[Signal],
    validation: &Validation<'_>,
    options: &FitOptions,
    cancel: &Cancel,
) -> Result<(Recipe, BlendReport), Error> {
    let continuing = cases(signals, &validation.continuing, Mode::Continuing, options, cancel)?;
    let returning = cases(signals, &validation.returning, Mode::Returning, options, cancel)?;
    let first = search(&continuing, signals, None, options, cancel)?;
    let second = if returning.len() >= options.returning_min {
        search(&returning, signals, Some(&informed(&returning, &first)), options, cancel)?
    } else {
        first.clone()
    };
    let report = BlendReport {
        signals: (0..signals.len())
            .map(|at| {
                let alone = |cases: &[Case]| {
                    let mut one = vec![0.0; signals.len()];
                    one[at] = 1.0;
                    quality(cases, &one)
                };
                let without = |cases: &[Case], weights: &[f32]| {
                    let mut others = weights.to_vec();
                    others[at] = 0.0;
                    quality(cases, &others)
                };
                SignalReport {
                    name: signals[at].name(),
                    weights: [first[at], second[at]],
                    alone: [alone(&continuing), alone(&returning)],
                    without: [without(&continuing, &first), without(&returning, &second)],
                }
            })
            .collect(),
        components: components(signals, [(&continuing, &first), (&returning, &second)]),
        moments: [continuing.len(), returning.len()],
        quality: [quality(&continuing, &first), quality(&returning, &second)],
        by_history: bands(&continuing, &first),
    };
    let within = Weights {
        temperature: temperature(signals, &first, &validation.continuing, Mode::Continuing, cancel)?,
        of: first,
    };
    let after = if returning.len() >= options.returning_min {
        let temperature = temperature(signals, &second, &validation.returning, Mode::Returning, cancel)?;
        Weights { of: second, temperature }
    } else {
        Weights { of: second, temperature: within.temperature }
    };
    let blend = Blend::new(Parts::default(), signals.to_vec(), within, after);
    Ok((blend.recipe(), report))
}

/// The blend without each part that either set of weights uses.
fn components(signals: &[Signal], fitted: [(&Vec<Case>, &Vec<f32>); 2]) -> Vec<ComponentReport> {
    let mut names: Vec<&'static str> = Vec::new();
    for (at, signal) in signals.iter().enumerate() {
        if fitted.iter().any(|(_, weights)| weights[at] != 0.0) && !names.contains(&signal.component()) {
            names.push(signal.component());
        }
    }
    let without = |name: &str, (cases, weights): (&Vec<Case>, &Vec<f32>)| {
        let others = weights.iter().zip(signals);
        let others: Vec<f32> = others.map(|(&w, signal)| if signal.component() == name { 0.0 } else { w }).collect();
        quality(cases, &others)
    };
    names.into_iter().map(|name| ComponentReport { name, without: fitted.map(|mode| without(name, mode)) }).collect()
}

/// `weights` without the signals that say nothing in any of `cases`, such as a part that was not made for them.
fn informed(cases: &[Case], weights: &[f32]) -> Vec<f32> {
    let says = |at: usize| cases.iter().any(|case| case.scores[at].windows(2).any(|pair| pair[0] != pair[1]));
    (0..weights.len()).map(|at| if says(at) { weights[at] } else { 0.0 }).collect()
}

fn bands(cases: &[Case], weights: &[f32]) -> Vec<(usize, usize, f64)> {
    let band = |(n, &from): (usize, &usize)| {
        let to = HISTORY_BANDS.get(n + 1).copied().unwrap_or(usize::MAX);
        let inside = cases.iter().filter(|c| (from..to).contains(&c.history));
        let values: Vec<f64> = inside.map(|case| case_quality(case, &blended(case, weights))).collect();
        (from, values.len(), values.iter().sum::<f64>() / values.len().max(1) as f64)
    };
    HISTORY_BANDS.iter().enumerate().map(band).filter(|b| b.1 > 0).collect()
}

/// The state before a moment; `ask` for its mode.
fn state(parts: &Parts, moment: &Moment<'_>, scratch: &mut Scratch) -> UserState {
    let mut state = parts.start();
    moment.history.iter().for_each(|&event| parts.observe(&mut state, event, scratch));
    state
}

fn ask(moment: &Moment<'_>, mode: Mode) -> Ask<'static> {
    // A moment within a visit is asked about as a request without a time is: right after its last event.
    Ask { now_s: (mode == Mode::Returning).then_some(moment.now_s), ..Ask::default() }
}

/// Every moment with the parts it is asked of.
fn moments<'v, 'a>(held_out: &'v [HeldOut<'a>]) -> Vec<(&'v Parts, &'v Moment<'a>)> {
    held_out.iter().flat_map(|held| held.moments.iter().map(|moment| (&held.parts, moment))).collect()
}

fn cases(
    signals: &[Signal],
    held_out: &[HeldOut<'_>],
    mode: Mode,
    options: &FitOptions,
    cancel: &Cancel,
) -> Result<Vec<Case>, Error> {
    let one = |scratch: &mut Scratch, (parts, moment): (&Parts, &Moment<'_>)| {
        cancel.check()?;
        let (state, ask) = (state(parts, moment, scratch), ask(moment, mode));
        let mut candidates: Vec<u32> = moment.truth.iter().copied().filter(|&i| (i as usize) < parts.items).collect();
        let taken = candidates.len();
        let mut all = Vec::with_capacity(signals.len());
        for &signal in signals {
            let mut scores = vec![0.0; parts.items];
            parts.fill(signal, &state, &ask, scratch, &mut scores);
            let (mean, scale) = signal.standard(&scores);
            scores.iter_mut().for_each(|x| *x = (*x - mean) * scale);
            if !signal.is_flag() {
                let best = topk::top_k(&scores, options.candidates, None, &mut scratch.scan.scored);
                candidates.extend(best.into_iter().map(|(item, _)| item.0));
            }
            all.push(scores);
        }
        let mut others = candidates.split_off(taken);
        others.sort_unstable();
        others.dedup();
        others.retain(|item| !candidates.contains(item));
        candidates.extend(others);
        let pick = |scores: &Vec<f32>| candidates.iter().map(|&item| scores[item as usize]).collect();
        Ok(Case {
            scores: all.iter().map(pick).collect(),
            taken,
            relevant: moment.truth.len(),
            history: moment.history.len(),
            weight: f64::from(moment.weight),
        })
    };
    moments(held_out).into_par_iter().map_init(Scratch::default, one).collect()
}

fn blended(case: &Case, weights: &[f32]) -> Vec<f32> {
    let mut total = vec![0.0f32; case.scores.first().map_or(0, Vec::len)];
    for (scores, &weight) in case.scores.iter().zip(weights).filter(|(_, w)| **w != 0.0) {
        total.iter_mut().zip(scores).for_each(|(t, s)| *t += weight * s);
    }
    total
}

/// Ranks from here on count nothing.
const RANKS: usize = 25;

/// The mean of NDCG@10 and the reciprocal rank within 25; equal scores rank behind.
fn case_quality(case: &Case, scores: &[f32]) -> f64 {
    // What is not among the best needs no rank: most of the items taken.
    let mut best = scores.to_vec();
    let least = match best.len() > RANKS {
        true => *best.select_nth_unstable_by(RANKS - 1, |a, b| b.total_cmp(a)).1,
        false => f32::NEG_INFINITY,
    };
    let rank = |at: usize| {
        let ahead = scores.iter().filter(|&&s| s > scores[at]).count();
        let equal = scores[case.taken..].iter().chain(&scores[..at]).filter(|&&s| s == scores[at]).count();
        ahead + equal
    };
    let mut ranks: Vec<usize> = (0..case.taken).filter(|&at| scores[at] >= least).map(rank).collect();
    ranks.sort_unstable();
    let gain = |rank: usize| 1.0 / (rank as f64 + 2.0).log2();
    let found: f64 = ranks.iter().filter(|&&rank| rank < 10).map(|&rank| gain(rank)).sum();
    let ideal: f64 = (0..case.relevant.min(10)).map(gain).sum();
    let first = ranks.first().filter(|&&rank| rank < RANKS).map_or(0.0, |&rank| 1.0 / (rank as f64 + 1.0));
    0.5 * found / ideal.max(1.0) + 0.5 * first
}

/// Of `(value, weight)`.
fn mean(values: impl IndexedParallelIterator<Item = (f64, f64)>) -> f64 {
    let values: Vec<(f64, f64)> = values.collect();
    let of_all: f64 = values.iter().map(|(_, weight)| weight).sum();
    // Not a sum: that of nothing is the negative zero.
    values.iter().fold(0.0, |sum, (value, weight)| sum + value * weight) / if of_all > 0.0 { of_all } else { 1.0 }
}

fn quality(cases: &[Case], weights: &[f32]) -> f64 {
    mean(cases.par_iter().map(|case| (case_quality(case, &blended(case, weights)), case.weight)))
}

/// Coordinate ascent from the better of the best single signal and `start`.
fn search(
    cases: &[Case],
    signals: &[Signal],
    start: Option<&Vec<f32>>,
    options: &FitOptions,
    cancel: &Cancel,
) -> Result<Vec<f32>, Error> {
    let mut weights = vec![0.0f32; signals.len()];
    let mut best = 0.0;
    for (at, _) in signals.iter().enumerate().filter(|(_, s)| !s.is_flag()) {
        let mut one = vec![0.0; signals.len()];
        one[at] = 1.0;
        let value = quality(cases, &one);
        if value > best {
            (weights, best) = (one, value);
        }
    }
    if let Some(start) = start {
        let value = quality(cases, start);
        if value >= best {
            (weights, best) = (start.clone(), value);
        }
    }
    if best == 0.0 {
        // Nothing was found by any signal: the network alone, or else the first that tells items apart for everybody.
        let usual = |s: &Signal| !s.is_flag() && !matches!(s, Signal::Repeats);
        let network = signals.iter().position(|s| matches!(s, Signal::Network));
        let alone = network.or_else(|| signals.iter().position(usual)).unwrap_or(0);
        let weights = (0..signals.len()).map(|at| f32::from(u8::from(at == alone))).collect();
        return Ok(start.cloned().unwrap_or(weights));
    }
    for _ in 0..ROUNDS {
        let before = best;
        for at in 0..signals.len() {
            cancel.check()?;
            let totals: Vec<Vec<f32>> = cases.par_iter().map(|case| blended(case, &weights)).collect();
            let present = weights[at];
            let scaled = SCALINGS.iter().map(|s| s * present);
            let steps: &[f32] = if signals[at].is_flag() { &FLAG_STEPS } else { &STEPS };
            let trials = steps.iter().copied().chain(scaled).filter(|&w| w != present);
            let (mut to, mut gained) = (present, best);
            for trial in trials {
                let shift = trial - present;
                let value = mean(cases.par_iter().zip(&totals).map(|(case, total)| {
                    let moved: Vec<f32> = total.iter().zip(&case.scores[at]).map(|(t, s)| t + shift * s).collect();
                    (case_quality(case, &moved), case.weight)
                }));
                let hurdle = match (present == 0.0, trial == 0.0) {
                    (true, _) => options.entry_gain,
                    // Leaving costs nothing unless it loses.
                    (_, true) => -options.move_gain / 2.0,
                    _ => options.move_gain,
                };
                if value > best * (1.0 + hurdle)
                    && value > gained.min(best * (1.0 + hurdle))
                    && (value > gained || to == present)
                {
                    (to, gained) = (trial, value);
                }
            }
            if to != present && !(to == 0.0 && weights.iter().enumerate().all(|(k, w)| k == at || *w == 0.0)) {
                weights[at] = to;
                best = gained;
            }
        }
        if best <= before * (1.0 + options.move_gain / 4.0) {
            break;
        }
    }
    Ok(weights)
}

/// Moments that decide the temperature, at most.
const TEMPERATURE_MOMENTS: usize = 150;

/// The factor under which the items taken are most probable.
fn temperature(
    signals: &[Signal],
    weights: &[f32],
    held_out: &[HeldOut<'_>],
    mode: Mode,
    cancel: &Cancel,
) -> Result<f32, Error> {
    let all = moments(held_out);
    let stride = all.len().div_ceil(TEMPERATURE_MOMENTS).max(1);
    let some: Vec<_> = all.into_iter().step_by(stride).collect();
    let used: Vec<(Signal, f32)> =
        signals.iter().copied().zip(weights.iter().copied()).filter(|s| s.1 != 0.0).collect();
    let grid: Vec<f32> = (0..25).map(|n| 0.02 * 1.3f32.powi(n)).collect();
    let losses: Vec<Vec<f64>> = some
        .par_iter()
        .map_init(Scratch::default, |scratch, &(parts, moment)| {
            cancel.check()?;
            let mut logits = Vec::new();
            parts.add(&used, &state(parts, moment, scratch), &ask(moment, mode), scratch, &mut logits);
            let known = || moment.truth.iter().filter_map(|&item| logits.get(item as usize));
            let loss = |&factor: &f32| {
                let scaled: Vec<f32> = logits.iter().map(|x| x * factor).collect();
                let partition = f64::from(topk::log_partition(&scaled));
                known().map(|x| partition - f64::from(x * factor)).sum::<f64>() / known().count().max(1) as f64
            };
            Ok(grid.iter().map(loss).collect())
        })
        .collect::<Result<_, Error>>()?;
    let total = |n: usize| losses.iter().map(|loss| loss[n]).sum::<f64>();
    let best = (0..grid.len()).min_by(|&a, &b| total(a).total_cmp(&total(b))).filter(|_| !some.is_empty());
    Ok(best.map_or(1.0, |n| grid[n]))
}
