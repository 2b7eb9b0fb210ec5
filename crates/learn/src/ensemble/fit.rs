//! Weights from held-out users: coordinate search on ranking quality, then a temperature by likelihood.
//!
//! Every signal is computed once per held-out moment and kept for the candidates only: each signal's best, its best among the
//! items that a flag lifts or lowers together, and the items that were taken. A trial of one weight then costs an addition per
//! candidate, so some hundred trials are cheap. A signal comes in only when it gains [`FitOptions::entry_gain`], so that noise on
//! few users does not choose it.
//!
//! Candidates are a part of the items, so weights may look better on them than they are. The lists that the weights make of all items
//! are therefore judged too: items that the candidates lacked join them and the search is repeated, and where the lists stay worse
//! than those of the best signal alone, that signal is all of the ensemble.

use super::{Ensemble, Mode, Parts, Recipe, Signal, Weights};
use crate::models::repeat_consumption::EvaluationPoint;
use crate::topk;
use crate::{Cancel, Error, ScoringContext, Scratch, UserState};
use rayon::prelude::*;
use std::borrow::Borrow;

/// Moments that `parts` know nothing of.
#[derive(Clone)]
pub struct HeldOut<'a> {
    /// Parts that were learned without these points: from other users, or from the time before them.
    pub parts: Parts,
    /// The points at which the parts are asked.
    pub moments: Vec<EvaluationPoint<'a>>,
}

/// Held-out moments by question.
#[derive(Clone, Default)]
pub struct EnsembleValidation<'a> {
    /// Points with the next items in session.
    pub in_session: Vec<HeldOut<'a>>,
    /// Points with the items of the next session. With fewer than [`FitOptions::returning_min`] the weights in session are
    /// used.
    pub next_session: Vec<HeldOut<'a>>,
}

/// Options of the search.
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
    /// The share of the quality on the candidates that the lists of all items may lack.
    pub list_tolerance: f64,
}

impl Default for FitOptions {
    fn default() -> Self {
        Self { candidates: 40, entry_gain: 0.004, move_gain: 0.001, returning_min: 30, list_tolerance: 0.02 }
    }
}

/// The worth of one signal.
#[derive(Debug, Clone, PartialEq)]
pub struct SignalReport {
    /// [`Signal::name`].
    pub name: String,
    /// Weight within a visit and after an absence.
    pub weights: [f32; 2],
    /// Quality (mean of NDCG@10 and MRR@25) of the signal alone.
    pub alone: [f64; 2],
    /// Quality of the ensemble without it.
    pub without: [f64; 2],
}

/// The worth of a part, all signals of it together.
#[derive(Debug, Clone, PartialEq)]
pub struct ComponentReport {
    /// [`Signal::component`].
    pub name: &'static str,
    /// Quality of the ensemble without it, the other weights unchanged.
    pub without: [f64; 2],
}

/// The course and the outcome of the fit.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct EnsembleReport {
    /// By signal offered.
    pub signals: Vec<SignalReport>,
    /// By part in use.
    pub components: Vec<ComponentReport>,
    /// Held-out moments within a visit and after an absence.
    pub moments: [usize; 2],
    /// Quality of the ensemble.
    pub quality: [f64; 2],
    /// `(events at least, moments, quality within a visit)` by length of the history.
    pub by_history: Vec<(usize, usize, f64)>,
    /// Departures from the plan, in sentences.
    pub notes: Vec<String>,
}

/// A moment's candidates.
struct Case {
    /// `[candidates]`
    items: Vec<u32>,
    /// `[signals][candidates]`, standardized.
    scores: Vec<Vec<f32>>,
    /// The candidates that were taken come first.
    taken: usize,
    /// Items taken, candidates or not.
    relevant: usize,
    history: usize,
    /// Cases of one user have one number.
    user: usize,
    /// [`EvaluationPoint::weight`].
    weight: f64,
}

/// The bands of [`EnsembleReport::by_history`].
const HISTORY_BANDS: [usize; 6] = [1, 3, 10, 30, 100, 300];

/// Weights tried for standardized signals, beside scalings of the present one.
const STEPS: [f32; 10] = [0.0, 0.05, 0.1, 0.2, 0.35, 0.5, 0.75, 1.0, 1.5, 2.5];
/// The same for signals that are 0 or 1.
const FLAG_STEPS: [f32; 11] = [-20.0, -10.0, -5.0, -2.5, -1.0, 0.0, 0.5, 1.0, 2.0, 4.0, 8.0];
const SCALINGS: [f32; 4] = [0.7, 0.85, 1.15, 1.4];
const ROUNDS: usize = 6;

/// Fits weights for `signals`.
pub fn fit(
    signals: &[Signal],
    validation: &EnsembleValidation<'_>,
    options: &FitOptions,
    cancel: &Cancel,
) -> Result<(Recipe, EnsembleReport), Error> {
    let within = judged_search(signals, &validation.in_session, (Mode::InSession, None), options, cancel)?;
    let returning_moments: usize = validation.next_session.iter().map(|held| held.moments.len()).sum();
    let after = if returning_moments >= options.returning_min {
        let start = Some(&within.weights);
        judged_search(signals, &validation.next_session, (Mode::NextSession, start), options, cancel)?
    } else {
        let cases = cases(signals, &validation.next_session, Mode::NextSession, options, &[], cancel)?;
        let quality = quality(&cases, &within.weights);
        Searched { cases, weights: within.weights.clone(), quality, note: None }
    };
    let (in_session, first) = (within.cases, within.weights);
    let (next_session, second) = (after.cases, after.weights);
    let report = EnsembleReport {
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
                    alone: [alone(&in_session), alone(&next_session)],
                    without: [without(&in_session, &first), without(&next_session, &second)],
                }
            })
            .collect(),
        components: components(signals, [(&in_session, &first), (&next_session, &second)]),
        moments: [in_session.len(), next_session.len()],
        quality: [within.quality, after.quality],
        by_history: bands(&in_session, &first),
        notes: within.note.into_iter().chain(after.note).collect(),
    };
    let within = Weights {
        temperature: temperature(signals, &first, &validation.in_session, Mode::InSession, cancel)?,
        of: first,
    };
    let after = if next_session.len() >= options.returning_min {
        let temperature = temperature(signals, &second, &validation.next_session, Mode::NextSession, cancel)?;
        Weights { of: second, temperature }
    } else {
        Weights { of: second, temperature: within.temperature }
    };
    let blend = Ensemble::new(Parts::default(), signals.to_vec(), within, after);
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
        (from, values.len(), values.iter().fold(0.0, |sum, value| sum + value) / values.len().max(1) as f64)
    };
    HISTORY_BANDS.iter().enumerate().map(band).filter(|b| b.1 > 0).collect()
}

/// The state before a moment; `scoring_context` for its mode.
fn state(parts: &Parts, moment: &EvaluationPoint<'_>, scratch: &mut Scratch) -> UserState {
    let mut state = parts.start();
    moment.history.iter().for_each(|&event| parts.observe(&mut state, event, scratch));
    state
}

fn scoring_context(moment: &EvaluationPoint<'_>, mode: Mode) -> ScoringContext<'static> {
    // A moment within a visit is asked about as a request without a time is: right after its last event.
    ScoringContext { now_s: (mode == Mode::NextSession).then_some(moment.now_s), ..ScoringContext::default() }
}

/// Every moment with the parts it is asked of.
fn moments<'v, 'a>(held_out: &'v [HeldOut<'a>]) -> Vec<(&'v Parts, &'v EvaluationPoint<'a>)> {
    held_out.iter().flat_map(|held| held.moments.iter().map(|moment| (&held.parts, moment))).collect()
}

/// Weights with the cases that they were found on.
struct Searched {
    cases: Vec<Case>,
    weights: Vec<f32>,
    /// Of the lists that the weights make of all items.
    quality: f64,
    note: Option<String>,
}

/// Searches are repeated with more candidates so often, at most.
const EXTENSIONS_MAX: usize = 3;

/// The weights found by [`search`] whose lists are worth what the search promises, or the best signal alone.
fn judged_search(
    signals: &[Signal],
    held_out: &[HeldOut<'_>],
    (mode, start): (Mode, Option<&Vec<f32>>),
    options: &FitOptions,
    cancel: &Cancel,
) -> Result<Searched, Error> {
    let mut extra: Vec<Vec<u32>> = Vec::new();
    let mut cases = cases(signals, held_out, mode, options, &extra, cancel)?;
    let mut extensions = 0;
    loop {
        let start = start.map(|start| informed(&cases, start));
        let weights = search(&cases, signals, start.as_ref(), options, cancel)?;
        let lists = lists(signals, &weights, held_out, mode, cancel)?;
        let listed = list_quality(&lists, held_out);
        let promised = quality(&cases, &weights);
        if listed < promised * (1.0 - options.list_tolerance) && extensions < EXTENSIONS_MAX {
            extensions += 1;
            extra.resize(cases.len(), Vec::new());
            for (extra, (case, list)) in extra.iter_mut().zip(cases.iter().zip(lists)) {
                extra.extend(list.into_iter().filter(|item| !case.items.contains(item)));
            }
            cases = self::cases(signals, held_out, mode, options, &extra, cancel)?;
            continue;
        }
        if !beats_popularity(&cases, signals, &weights, options, cancel)? {
            let weights: Vec<f32> = signals.iter().map(|s| f32::from(u8::from(*s == Signal::POPULARITY))).collect();
            let quality = list_quality(&self::lists(signals, &weights, held_out, mode, cancel)?, held_out);
            return Ok(Searched { cases, weights, quality, note: None });
        }
        let (single, alone) = best_alone(&cases, signals);
        if listed >= alone * (1.0 - options.list_tolerance) || promised == 0.0 {
            return Ok(Searched { cases, weights, quality: listed, note: None });
        }
        let question = match mode {
            Mode::InSession => "within a visit",
            Mode::NextSession => "after an absence",
        };
        let name = single.iter().position(|&w| w != 0.0).map_or_else(String::new, |at| signals[at].name());
        let note = format!(
            "The blend {question} is worth {listed:.4} on held-out users and its part {name} alone {alone:.4}: that part is used alone."
        );
        let quality = list_quality(&self::lists(signals, &single, held_out, mode, cancel)?, held_out);
        return Ok(Searched { cases, weights: single, quality, note: Some(note) });
    }
}

/// A gain over popularity of so many standard errors is no chance, even of weights that were chosen among many by it.
const SURE_ERRORS: f64 = 5.0;
/// The same of weights that were chosen on other users.
const FAIR_ERRORS: f64 = 1.0;

/// Whether `weights` are worth more than popularity: clearly so, or else where half of the users are ranked by weights that were
/// found on the other half. True without popularity among the signals.
fn beats_popularity(
    cases: &[Case],
    signals: &[Signal],
    weights: &[f32],
    options: &FitOptions,
    cancel: &Cancel,
) -> Result<bool, Error> {
    let Some(popularity) = signals.iter().position(|signal| *signal == Signal::POPULARITY) else { return Ok(true) };
    let one = |weight: (usize, &f32)| (weight.0 == popularity) == (*weight.1 != 0.0);
    if weights.iter().enumerate().all(one) {
        return Ok(true);
    }
    let gain = |case: &Case, weights: &[f32]| {
        (case_quality(case, &blended(case, weights)) - case_quality(case, &case.scores[popularity])) * case.weight
    };
    let gains: Vec<f64> = cases.par_iter().map(|case| gain(case, weights)).collect();
    if exceeds(&gains, SURE_ERRORS) {
        return Ok(true);
    }
    let mut fair: Vec<f64> = Vec::new();
    for half in [0, 1] {
        let (own, other): (Vec<&Case>, Vec<&Case>) = cases.iter().partition(|case| case.user % 2 == half);
        let found = search(&other, signals, None, options, cancel)?;
        fair.extend(own.iter().map(|case| gain(case, &found)));
    }
    Ok(exceeds(&fair, FAIR_ERRORS))
}

/// Whether the mean of `gains` is more than so many of its standard errors above 0.
fn exceeds(gains: &[f64], errors: f64) -> bool {
    let n = gains.len() as f64;
    let center = gains.iter().sum::<f64>() / n.max(1.0);
    let variance = gains.iter().map(|gain| (gain - center).powi(2)).sum::<f64>() / (n - 1.0).max(1.0);
    center > 0.0 && center > errors * (variance / n).sqrt()
}

/// The best of the signals that are no flags, as weights, and its quality.
fn best_alone(cases: &[impl Borrow<Case> + Sync], signals: &[Signal]) -> (Vec<f32>, f64) {
    let mut best = (vec![0.0f32; signals.len()], 0.0);
    for (at, _) in signals.iter().enumerate().filter(|(_, s)| !s.is_flag()) {
        let mut one = vec![0.0; signals.len()];
        one[at] = 1.0;
        let value = quality(cases, &one);
        if value > best.1 {
            best = (one, value);
        }
    }
    best
}

/// The best items of all by `weights` at each point, as a request is answered.
fn lists(
    signals: &[Signal],
    weights: &[f32],
    held_out: &[HeldOut<'_>],
    mode: Mode,
    cancel: &Cancel,
) -> Result<Vec<Vec<u32>>, Error> {
    let used: Vec<(Signal, f32)> =
        signals.iter().copied().zip(weights.iter().copied()).filter(|s| s.1 != 0.0).collect();
    let one = |scratch: &mut Scratch, (parts, moment): (&Parts, &EvaluationPoint<'_>)| {
        cancel.check()?;
        let mut scores = Vec::new();
        parts.add(&used, &state(parts, moment, scratch), &scoring_context(moment, mode), scratch, &mut scores);
        let best = topk::top_k(&scores, RANKS, None, &mut scratch.scan.scored);
        Ok(best.into_iter().map(|(item, _)| item.0).collect())
    };
    moments(held_out).into_par_iter().map_init(Scratch::default, one).collect()
}

/// The quality of [`lists`].
fn list_quality(lists: &[Vec<u32>], held_out: &[HeldOut<'_>]) -> f64 {
    mean(lists.par_iter().zip(moments(held_out)).map(|(list, (_, moment))| {
        let ranks: Vec<usize> = (0..list.len()).filter(|&rank| moment.truth.contains(&list[rank])).collect();
        (ranks_quality(&ranks, moment.truth.len()), f64::from(moment.weight))
    }))
}

/// The `k` items of `list` with the highest `scores` `[items]`.
fn best_among(list: &[u32], scores: &[f32], k: usize) -> Vec<u32> {
    let mut best = list.to_vec();
    if best.len() > k {
        let order = |a: &u32, b: &u32| scores[*b as usize].total_cmp(&scores[*a as usize]).then(a.cmp(b));
        best.select_nth_unstable_by(k - 1, order);
        best.truncate(k);
    }
    best
}

/// A number for each moment, the same for those of one user within a [`HeldOut`]: they share the history's beginning.
fn users(held_out: &[HeldOut<'_>]) -> Vec<usize> {
    let mut users: Vec<usize> = Vec::new();
    let mut before = None;
    for (_, moment) in moments(held_out) {
        let own = Some(moment.history.as_ptr());
        let user = users.last().map_or(0, |last| last + usize::from(own != before));
        users.push(user);
        before = own;
    }
    users
}

/// The cases of all moments; `extra` has further candidates for each, or is empty.
fn cases(
    signals: &[Signal],
    held_out: &[HeldOut<'_>],
    mode: Mode,
    options: &FitOptions,
    extra: &[Vec<u32>],
    cancel: &Cancel,
) -> Result<Vec<Case>, Error> {
    let users = users(held_out);
    let one = |scratch: &mut Scratch, (at, (parts, moment)): (usize, (&Parts, &EvaluationPoint<'_>))| {
        cancel.check()?;
        let (state, scoring_context) = (state(parts, moment, scratch), scoring_context(moment, mode));
        let mut candidates: Vec<u32> = moment.truth.iter().copied().filter(|&i| (i as usize) < parts.items).collect();
        let taken = candidates.len();
        candidates.extend(extra.get(at).into_iter().flatten());
        // A flag moves all of its items at once: those that come first among them are candidates, taken or not.
        let mut flagged: Vec<Vec<u32>> = Vec::new();
        for &signal in signals.iter().filter(|signal| signal.is_flag()) {
            let mut scores = vec![0.0; parts.items];
            parts.fill(signal, &state, &scoring_context, scratch, &mut scores);
            flagged.push((0u32..).zip(&scores).filter(|(_, score)| **score != 0.0).map(|(item, _)| item).collect());
        }
        let mut all = Vec::with_capacity(signals.len());
        for &signal in signals {
            let mut scores = vec![0.0; parts.items];
            parts.fill(signal, &state, &scoring_context, scratch, &mut scores);
            let (mean, scale) = signal.standard(&scores);
            scores.iter_mut().for_each(|x| *x = (*x - mean) * scale);
            if !signal.is_flag() {
                let best = topk::top_k(&scores, options.candidates, None, &mut scratch.scan.scored);
                candidates.extend(best.into_iter().map(|(item, _)| item.0));
                flagged.iter().for_each(|list| candidates.extend(best_among(list, &scores, RANKS)));
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
            items: candidates,
            taken,
            relevant: moment.truth.len(),
            history: moment.history.len(),
            user: users[at],
            weight: f64::from(moment.weight),
        })
    };
    moments(held_out).into_par_iter().enumerate().map_init(Scratch::default, one).collect()
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
    ranks_quality(&ranks, case.relevant)
}

/// The mean of NDCG@10 and the reciprocal rank within 25 where items taken, of `relevant`, are at `ranks`, counted from 0, ascending.
fn ranks_quality(ranks: &[usize], relevant: usize) -> f64 {
    let gain = |rank: usize| 1.0 / (rank as f64 + 2.0).log2();
    // Not a sum: that of nothing is the negative zero.
    let found = ranks.iter().filter(|&&rank| rank < 10).fold(0.0, |sum, &rank| sum + gain(rank));
    let ideal = (0..relevant.min(10)).fold(0.0, |sum, rank| sum + gain(rank));
    let first = ranks.first().filter(|&&rank| rank < RANKS).map_or(0.0, |&rank| 1.0 / (rank as f64 + 1.0));
    0.5 * found / f64::max(ideal, 1.0) + 0.5 * first
}

/// Of `(value, weight)`.
fn mean(values: impl IndexedParallelIterator<Item = (f64, f64)>) -> f64 {
    let values: Vec<(f64, f64)> = values.collect();
    let of_all: f64 = values.iter().map(|(_, weight)| weight).sum();
    // Not a sum: that of nothing is the negative zero.
    values.iter().fold(0.0, |sum, (value, weight)| sum + value * weight) / if of_all > 0.0 { of_all } else { 1.0 }
}

fn quality(cases: &[impl Borrow<Case> + Sync], weights: &[f32]) -> f64 {
    mean(
        cases
            .par_iter()
            .map(Borrow::borrow)
            .map(|case: &Case| (case_quality(case, &blended(case, weights)), case.weight)),
    )
}

/// Coordinate ascent from the better of the best single signal and `start`.
fn search(
    cases: &[impl Borrow<Case> + Sync],
    signals: &[Signal],
    start: Option<&Vec<f32>>,
    options: &FitOptions,
    cancel: &Cancel,
) -> Result<Vec<f32>, Error> {
    let (mut weights, mut best) = best_alone(cases, signals);
    if let Some(start) = start {
        let value = quality(cases, start);
        if value >= best {
            (weights, best) = (start.clone(), value);
        }
    }
    if best == 0.0 {
        // Nothing was found by any signal: popularity, or else the first that tells items apart for everybody.
        let usual = |s: &Signal| !s.is_flag() && !matches!(s, Signal::Repeats);
        let popularity = signals.iter().position(|s| *s == Signal::POPULARITY);
        let alone = popularity.or_else(|| signals.iter().position(usual)).unwrap_or(0);
        let weights = (0..signals.len()).map(|at| f32::from(u8::from(at == alone))).collect();
        return Ok(start.cloned().unwrap_or(weights));
    }
    let (weights, reached) = ascend(cases, signals, weights, best, options, cancel)?;
    // Steps of one weight cannot find a flag that is worth something only together with what orders the items it lifts.
    let (lifted, value) = best_lifted(cases, signals);
    if value == 0.0 {
        return Ok(weights);
    }
    let (others, other) = ascend(cases, signals, lifted, value, options, cancel)?;
    Ok(if other > reached * (1.0 + options.entry_gain) { others } else { weights })
}

/// The best of the signals that are no flags among the items that nobody has taken yet, as weights, and its quality; 0 where the signals
/// do not tell these apart.
fn best_lifted(cases: &[impl Borrow<Case> + Sync], signals: &[Signal]) -> (Vec<f32>, f64) {
    let mut best = (vec![0.0f32; signals.len()], 0.0);
    let Some(flag) = signals.iter().position(|signal| *signal == Signal::New) else { return best };
    for (at, _) in signals.iter().enumerate().filter(|(_, s)| !s.is_flag()) {
        let mut pair = vec![0.0; signals.len()];
        (pair[at], pair[flag]) = (1.0, FLAG_STEPS[FLAG_STEPS.len() - 1]);
        let value = quality(cases, &pair);
        if value > best.1 {
            best = (pair, value);
        }
    }
    best
}

/// Weights of the quality `best`, improved one at a time, and their quality.
fn ascend(
    cases: &[impl Borrow<Case> + Sync],
    signals: &[Signal],
    mut weights: Vec<f32>,
    mut best: f64,
    options: &FitOptions,
    cancel: &Cancel,
) -> Result<(Vec<f32>, f64), Error> {
    for _ in 0..ROUNDS {
        let before = best;
        for at in 0..signals.len() {
            cancel.check()?;
            let totals: Vec<Vec<f32>> = cases.par_iter().map(|case| blended(case.borrow(), &weights)).collect();
            let present = weights[at];
            let scaled = SCALINGS.iter().map(|s| s * present);
            let steps: &[f32] = if signals[at].is_flag() { &FLAG_STEPS } else { &STEPS };
            let trials = steps.iter().copied().chain(scaled).filter(|&w| w != present);
            let (mut to, mut gained) = (present, best);
            for trial in trials {
                let shift = trial - present;
                let value = mean(cases.par_iter().zip(&totals).map(|(case, total)| {
                    let case: &Case = case.borrow();
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
    Ok((weights, best))
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
            parts.add(&used, &state(parts, moment, scratch), &scoring_context(moment, mode), scratch, &mut logits);
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
