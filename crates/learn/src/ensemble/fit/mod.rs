//! Weights from held-out users: coordinate search on ranking quality, then a temperature by likelihood.
//!
//! Every signal is computed once per held-out point and kept for the candidates only: each signal's best, its best among the
//! items that a flag lifts or lowers together, and the items that were taken. A trial of one weight then costs an addition per
//! candidate, so some hundred trials are cheap. A signal comes in only when it gains [`FitOptions::entry_gain`], so that noise on
//! few users does not choose it.
//!
//! Candidates are a part of the items, so weights may look better on them than they are. The lists that the weights make of all items
//! are therefore judged too: items that the candidates lacked join them and the search is repeated, and where the lists stay worse
//! than those of the best signal alone, that signal is all of the ensemble.

mod held_out_check;
mod new_items;
mod quality;

pub use held_out_check::{Combination, HeldOutCheck};

use super::{Ensemble, Mode, Parts, Signal, WeightedSignals, Weights};
use crate::models::repeat_consumption::EvaluationPoint;
use crate::sentences;
use crate::topk;
use crate::{Cancel, Error, ScoringContext, Scratch, UserState};
use quality::{Case, RANKS, blended, case_quality, mean, quality, ranks_quality};
use rayon::prelude::*;
use std::borrow::Borrow;

/// Points that `parts` know nothing of.
#[derive(Clone)]
pub struct HeldOut<'a> {
    /// Parts that were learned without these points: from other users, or from the time before them.
    pub parts: Parts,
    /// The points at which the parts are asked.
    pub points: Vec<EvaluationPoint<'a>>,
}

/// Held-out points by mode.
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
    /// Points of the next session that are needed for weights of its own.
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
    /// Weight in session and in the next session.
    pub weights: [f32; 2],
    /// Quality (mean of NDCG@10 and MRR@25) of this single signal.
    pub single: [f64; 2],
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
    /// Held-out points in session and of the next session.
    pub points: [usize; 2],
    /// Quality of the ensemble.
    pub quality: [f64; 2],
    /// `(events at least, points, quality in session)` by length of the history.
    pub by_history: Vec<(usize, usize, f64)>,
    /// The comparison with simpler weights, in session and in the next session; `None` where too few were held out, or where no weights
    /// were fitted.
    pub held_out_checks: [Option<HeldOutCheck>; 2],
    /// Departures from the plan, in sentences.
    pub notes: Vec<String>,
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
) -> Result<(WeightedSignals, EnsembleReport), Error> {
    let search = Search { signals, options, cancel };
    let in_session = ModePoints { held_out: &validation.in_session, mode: Mode::InSession };
    let next_session = ModePoints { held_out: &validation.next_session, mode: Mode::NextSession };
    let mut first = search.judged(in_session, None)?;
    search.order_new_items(&mut first);
    let has_own = next_session.points().len() >= options.returning_min;
    let second = if has_own {
        let mut second = search.judged(next_session, Some(&first.weights))?;
        search.order_new_items(&mut second);
        second
    } else {
        let cases = search.cases(next_session, &[])?;
        let quality = quality(&cases, &first.weights);
        Searched { cases, weights: first.weights.clone(), quality, check: None, note: None }
    };
    let temperature = search.temperature(in_session, &first.weights)?;
    let next_temperature = if has_own { search.temperature(next_session, &second.weights)? } else { temperature };
    let found = [&first, &second];
    let signal = |at: usize| SignalReport {
        name: signals[at].name(),
        weights: found.map(|searched| searched.weights[at]),
        single: found.map(|searched| searched.quality_with(|k, _| f32::from(u8::from(k == at)))),
        without: found.map(|searched| searched.quality_with(|k, w| if k == at { 0.0 } else { w })),
    };
    let report = EnsembleReport {
        signals: (0..signals.len()).map(signal).collect(),
        components: components(signals, found),
        points: found.map(|searched| searched.cases.len()),
        quality: found.map(|searched| searched.quality),
        by_history: bands(&first.cases, &first.weights),
        held_out_checks: found.map(|searched| searched.check.clone()),
        notes: found.into_iter().filter_map(|searched| searched.note.clone()).collect(),
    };
    let weighted = WeightedSignals {
        signals: signals.to_vec(),
        in_session: Weights { of: first.weights, temperature },
        next_session: Weights { of: second.weights, temperature: next_temperature },
    };
    Ok((Ensemble::new(Parts::default(), weighted).weighted, report))
}

/// The blend without each part that either set of weights uses.
fn components(signals: &[Signal], found: [&Searched; 2]) -> Vec<ComponentReport> {
    let mut names: Vec<&'static str> = Vec::new();
    for (at, signal) in signals.iter().enumerate() {
        if found.iter().any(|searched| searched.weights[at] != 0.0) && !names.contains(&signal.component()) {
            names.push(signal.component());
        }
    }
    let without = |name, searched: &Searched| {
        searched.quality_with(|at, weight| if signals[at].component() == name { 0.0 } else { weight })
    };
    names.into_iter().map(|name| ComponentReport { name, without: found.map(|f| without(name, f)) }).collect()
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

/// The held-out points of one mode.
#[derive(Clone, Copy)]
struct ModePoints<'v, 'a> {
    held_out: &'v [HeldOut<'a>],
    mode: Mode,
}

/// A point with the parts that are asked, the state before it and the context in which it is asked.
struct Asked<'v, 'a> {
    index: usize,
    parts: &'v Parts,
    point: &'v EvaluationPoint<'a>,
    state: UserState,
    context: ScoringContext<'static>,
}

impl<'v, 'a> ModePoints<'v, 'a> {
    /// Every point with the parts it is asked of.
    fn points(self) -> Vec<(&'v Parts, &'v EvaluationPoint<'a>)> {
        self.held_out.iter().flat_map(|held| held.points.iter().map(|point| (&held.parts, point))).collect()
    }

    /// `one` of every `stride`-th point, in their order.
    fn map<T: Send>(
        self,
        stride: usize,
        cancel: &Cancel,
        one: impl Fn(&mut Scratch, Asked<'v, 'a>) -> T + Sync,
    ) -> Result<Vec<T>, Error> {
        let ask = |scratch: &mut Scratch, (index, (parts, point)): (usize, (&'v Parts, &'v EvaluationPoint<'a>))| {
            cancel.check()?;
            let mut state = parts.start();
            point.history.iter().for_each(|&event| parts.observe(&mut state, event, scratch));
            // A point in session is asked about as a request without a time is: right after its last event.
            let now_s = (self.mode == Mode::NextSession).then_some(point.now_s);
            let context = ScoringContext { now_s, ..ScoringContext::default() };
            Ok(one(scratch, Asked { index, parts, point, state, context }))
        };
        self.points().into_par_iter().enumerate().step_by(stride).map_init(Scratch::default, ask).collect()
    }

    /// The quality of `lists` `[points]`.
    fn list_quality(self, lists: &[Vec<u32>]) -> f64 {
        mean(lists.par_iter().zip(self.points()).map(|(list, (_, point))| {
            let ranks: Vec<usize> = (0..list.len()).filter(|&rank| point.truth.contains(&list[rank])).collect();
            (ranks_quality(&ranks, point.truth.len()), f64::from(point.weight))
        }))
    }

    /// A number for each point, the same for those of one user within a [`HeldOut`]: they share the history's beginning.
    fn users(self) -> Vec<usize> {
        let mut users: Vec<usize> = Vec::new();
        let mut before = None;
        for (_, point) in self.points() {
            let own = Some(point.history.as_ptr());
            let user = users.last().map_or(0, |last| last + usize::from(own != before));
            users.push(user);
            before = own;
        }
        users
    }
}

/// Weights with the cases that they were found on.
struct Searched {
    cases: Vec<Case>,
    weights: Vec<f32>,
    /// Of the lists that the weights make of all items.
    quality: f64,
    check: Option<HeldOutCheck>,
    note: Option<String>,
}

impl Searched {
    /// The quality on the candidates with weights changed by their index and value.
    fn quality_with(&self, weight: impl Fn(usize, f32) -> f32) -> f64 {
        let weights: Vec<f32> = self.weights.iter().enumerate().map(|(at, &w)| weight(at, w)).collect();
        quality(&self.cases, &weights)
    }
}

/// Searches are repeated with more candidates so often, at most.
const EXTENSIONS_MAX: usize = 3;
/// A gain over popularity of so many standard errors is no chance, even of weights that were chosen among many by it.
const SURE_ERRORS: f64 = 5.0;
/// The same of weights that were chosen on other users.
const FAIR_ERRORS: f64 = 1.0;
/// Points that decide the temperature, at most.
const TEMPERATURE_POINTS: usize = 150;

/// The search for the weights of `signals`.
#[derive(Clone, Copy)]
struct Search<'s> {
    signals: &'s [Signal],
    options: &'s FitOptions,
    cancel: &'s Cancel,
}

impl Search<'_> {
    /// The weights found by [`Self::weights`] whose lists are worth what the search promises, or the best single signal.
    fn judged(self, of: ModePoints<'_, '_>, start: Option<&Vec<f32>>) -> Result<Searched, Error> {
        let tolerated = 1.0 - self.options.list_tolerance;
        let mut extra: Vec<Vec<u32>> = Vec::new();
        let mut cases = self.cases(of, &extra)?;
        let mut extensions = 0;
        loop {
            let start = start.map(|start| informed(&cases, start));
            let weights = self.weights(&cases, start.as_ref())?;
            let lists = self.lists(of, &weights)?;
            let listed = of.list_quality(&lists);
            let promised = quality(&cases, &weights);
            if listed < promised * tolerated && extensions < EXTENSIONS_MAX {
                extensions += 1;
                extra.resize(cases.len(), Vec::new());
                for (extra, (case, list)) in extra.iter_mut().zip(cases.iter().zip(lists)) {
                    extra.extend(list.into_iter().filter(|item| !case.items.contains(item)));
                }
                cases = self.cases(of, &extra)?;
                continue;
            }
            if !self.beats_popularity(&cases, &weights)? {
                let is_popularity = |s: &Signal| f32::from(u8::from(*s == Signal::POPULARITY));
                let weights: Vec<f32> = self.signals.iter().map(is_popularity).collect();
                let quality = of.list_quality(&self.lists(of, &weights)?);
                return Ok(Searched { cases, weights, quality, check: None, note: None });
            }
            let (check, simple) = self.held_out_check(&cases, start.as_ref(), of.mode)?.unzip();
            let replaces = |check: &HeldOutCheck| check.used != Combination::Fitted;
            if let Some(simple) = simple.filter(|_| check.as_ref().is_some_and(replaces)) {
                let quality = of.list_quality(&self.lists(of, &simple)?);
                return Ok(Searched { cases, weights: simple, quality, check, note: None });
            }
            let (single, value) = self.best_single(&cases);
            if listed >= value * tolerated || promised == 0.0 {
                return Ok(Searched { cases, weights, quality: listed, check, note: None });
            }
            let name = single.iter().position(|&w| w != 0.0).map_or_else(String::new, |at| self.signals[at].name());
            let sentence = match of.mode {
                Mode::InSession => sentences::PART_ALONE_IN_SESSION,
                Mode::NextSession => sentences::PART_ALONE_NEXT_SESSION,
            };
            let note = sentence.with(&[&format_args!("{listed:.4}"), &name, &format_args!("{value:.4}")]);
            let quality = of.list_quality(&self.lists(of, &single)?);
            return Ok(Searched { cases, weights: single, quality, check: None, note: Some(note) });
        }
    }

    /// Whether `weights` are worth more than popularity: clearly so, or else where half of the users are ranked by weights that were
    /// found on the other half. True without popularity among the signals.
    fn beats_popularity(self, cases: &[Case], weights: &[f32]) -> Result<bool, Error> {
        let popularity = self.signals.iter().position(|signal| *signal == Signal::POPULARITY);
        let Some(popularity) = popularity else { return Ok(true) };
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
            let found = self.weights(&other, None)?;
            fair.extend(own.iter().map(|case| gain(case, &found)));
        }
        Ok(exceeds(&fair, FAIR_ERRORS))
    }

    /// The signals with a weight.
    fn used(self, weights: &[f32]) -> Vec<(Signal, f32)> {
        self.signals.iter().copied().zip(weights.iter().copied()).filter(|s| s.1 != 0.0).collect()
    }

    /// The best items of all by `weights` at each point, as a request is answered.
    fn lists(self, of: ModePoints<'_, '_>, weights: &[f32]) -> Result<Vec<Vec<u32>>, Error> {
        let used = self.used(weights);
        of.map(1, self.cancel, |scratch, asked| {
            let mut scores = Vec::new();
            asked.parts.add(&used, &asked.state, &asked.context, scratch, &mut scores);
            let best = topk::top_k(&scores, RANKS, None, &mut scratch.scan.scored);
            best.into_iter().map(|(item, _)| item.0).collect()
        })
    }

    /// The cases of all points; `extra` has further candidates for each, or is empty.
    fn cases(self, of: ModePoints<'_, '_>, extra: &[Vec<u32>]) -> Result<Vec<Case>, Error> {
        let users = of.users();
        of.map(1, self.cancel, |scratch, asked| {
            let Asked { index, parts, point, state, context } = asked;
            let known = |item: &u32| (*item as usize) < parts.items;
            let mut candidates: Vec<u32> = point.truth.iter().copied().filter(known).collect();
            let taken = candidates.len();
            candidates.extend(extra.get(index).into_iter().flatten());
            // A flag moves all of its items at once: those that come first among them are candidates, taken or not.
            let mut flagged: Vec<Vec<u32>> = Vec::new();
            for &signal in self.signals.iter().filter(|signal| signal.is_flag()) {
                let mut scores = vec![0.0; parts.items];
                parts.fill(signal, &state, &context, scratch, &mut scores);
                flagged.push((0u32..).zip(&scores).filter(|(_, score)| **score != 0.0).map(|(item, _)| item).collect());
            }
            let mut all = Vec::with_capacity(self.signals.len());
            for &signal in self.signals {
                let mut scores = vec![0.0; parts.items];
                parts.fill(signal, &state, &context, scratch, &mut scores);
                let (mean, scale) = signal.standard(&scores);
                scores.iter_mut().for_each(|x| *x = (*x - mean) * scale);
                if !signal.is_flag() {
                    let best = topk::top_k(&scores, self.options.candidates, None, &mut scratch.scan.scored);
                    candidates.extend(best.into_iter().map(|(item, _)| item.0));
                    flagged.iter().for_each(|list| candidates.extend(best_among(list, &scores, RANKS)));
                }
                all.push(scores);
            }
            let mut others = candidates.split_off(taken);
            others.sort_unstable();
            others.dedup();
            others.retain(|item| !candidates.contains(item));
            let sum = |item: u32| all.iter().map(|scores: &Vec<f32>| scores[item as usize]).sum::<f32>();
            let mut others: Vec<(f32, u32)> = others.into_iter().map(|item| (sum(item), item)).collect();
            others.sort_unstable_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
            candidates.extend(others.into_iter().map(|(_, item)| item));
            let pick = |scores: &Vec<f32>| candidates.iter().map(|&item| scores[item as usize]).collect();
            Case {
                scores: all.iter().map(pick).collect(),
                items: candidates,
                taken,
                relevant: point.truth.len(),
                history: point.history.len(),
                user: users[index],
                weight: f64::from(point.weight),
            }
        })
    }

    /// The best of the signals that are no flags, as weights, and its quality.
    fn best_single(self, cases: &[impl Borrow<Case> + Sync]) -> (Vec<f32>, f64) {
        self.best_beside(cases, &vec![0.0; self.signals.len()])
    }

    /// The best of the signals that are no flags among the items that nobody has taken yet, as weights, and its quality; 0 where the
    /// signals do not tell these apart.
    fn best_lifted(self, cases: &[impl Borrow<Case> + Sync]) -> (Vec<f32>, f64) {
        let mut flag = vec![0.0f32; self.signals.len()];
        let Some(at) = self.signals.iter().position(|signal| *signal == Signal::New) else { return (flag, 0.0) };
        flag[at] = FLAG_STEPS[FLAG_STEPS.len() - 1];
        self.best_beside(cases, &flag)
    }

    /// The best of the signals that are no flags at a weight of 1 beside `others`, as weights, and its quality; zeros where none has
    /// any.
    fn best_beside(self, cases: &[impl Borrow<Case> + Sync], others: &[f32]) -> (Vec<f32>, f64) {
        let mut best = (vec![0.0f32; self.signals.len()], 0.0);
        let is_beside_others = others.iter().any(|weight| *weight != 0.0);
        let lists = |s: &Signal| !s.is_flag() && (is_beside_others || s.lists_alone());
        for (at, _) in self.signals.iter().enumerate().filter(|(_, s)| lists(s)) {
            let mut one = others.to_vec();
            one[at] = 1.0;
            let value = quality(cases, &one);
            if value > best.1 {
                best = (one, value);
            }
        }
        best
    }

    /// Coordinate ascent from the better of the best single signal and `start`.
    fn weights(self, cases: &[impl Borrow<Case> + Sync], start: Option<&Vec<f32>>) -> Result<Vec<f32>, Error> {
        let (mut weights, mut best) = self.best_single(cases);
        if let Some(start) = start {
            let value = quality(cases, start);
            if value >= best {
                (weights, best) = (start.clone(), value);
            }
        }
        if best == 0.0 {
            // Nothing was found by any signal: popularity, or else the first that tells items apart for everybody.
            let usual = |s: &Signal| !s.is_flag() && !matches!(s, Signal::Repeats);
            let popularity = self.signals.iter().position(|s| *s == Signal::POPULARITY);
            let single = popularity.or_else(|| self.signals.iter().position(usual)).unwrap_or(0);
            let weights = (0..self.signals.len()).map(|at| f32::from(u8::from(at == single))).collect();
            return Ok(start.cloned().unwrap_or(weights));
        }
        let (weights, reached) = self.ascend(cases, weights, best)?;
        // Steps of one weight cannot find a flag that is worth something only together with what orders the items it lifts.
        let (lifted, value) = self.best_lifted(cases);
        if value == 0.0 {
            return Ok(weights);
        }
        let (others, other) = self.ascend(cases, lifted, value)?;
        Ok(if other > reached * (1.0 + self.options.entry_gain) { others } else { weights })
    }

    /// Weights of the quality `best`, improved one at a time, and their quality.
    fn ascend(
        self,
        cases: &[impl Borrow<Case> + Sync],
        mut weights: Vec<f32>,
        mut best: f64,
    ) -> Result<(Vec<f32>, f64), Error> {
        let options = self.options;
        for _ in 0..ROUNDS {
            let before = best;
            for at in 0..self.signals.len() {
                self.cancel.check()?;
                let totals: Vec<Vec<f32>> = cases.par_iter().map(|case| blended(case.borrow(), &weights)).collect();
                let present = weights[at];
                let scaled = SCALINGS.iter().map(|s| s * present);
                let steps: &[f32] = if self.signals[at].is_flag() { &FLAG_STEPS } else { &STEPS };
                let trials = steps.iter().copied().chain(scaled).filter(|&w| w != present);
                let (mut to, mut gained) = (present, best);
                for trial in trials {
                    let shift = trial - present;
                    let value = mean(cases.par_iter().zip(&totals).map_init(Vec::new, |moved, (case, total)| {
                        let case: &Case = case.borrow();
                        moved.clear();
                        moved.extend(total.iter().zip(&case.scores[at]).map(|(t, s)| t + shift * s));
                        (case_quality(case, moved), case.weight)
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

    /// The factor under which the items taken are most probable.
    fn temperature(self, of: ModePoints<'_, '_>, weights: &[f32]) -> Result<f32, Error> {
        let stride = of.points().len().div_ceil(TEMPERATURE_POINTS).max(1);
        let used = self.used(weights);
        let grid: Vec<f32> = (0..25).map(|n| 0.02 * 1.3f32.powi(n)).collect();
        let losses: Vec<Vec<f64>> = of.map(stride, self.cancel, |scratch, asked| {
            let mut logits = Vec::new();
            asked.parts.add(&used, &asked.state, &asked.context, scratch, &mut logits);
            let known = || asked.point.truth.iter().filter_map(|&item| logits.get(item as usize));
            let loss = |&factor: &f32| {
                let scaled: Vec<f32> = logits.iter().map(|x| x * factor).collect();
                let partition = f64::from(topk::log_partition(&scaled));
                known().map(|x| partition - f64::from(x * factor)).sum::<f64>() / known().count().max(1) as f64
            };
            grid.iter().map(loss).collect()
        })?;
        let total = |n: usize| losses.iter().map(|loss| loss[n]).sum::<f64>();
        let best = (0..grid.len()).min_by(|&a, &b| total(a).total_cmp(&total(b))).filter(|_| !losses.is_empty());
        Ok(best.map_or(1.0, |n| grid[n]))
    }
}

/// Whether the mean of `gains` is more than so many of its standard errors above 0.
fn exceeds(gains: &[f64], errors: f64) -> bool {
    let n = gains.len() as f64;
    let center = gains.iter().sum::<f64>() / n.max(1.0);
    let variance = gains.iter().map(|gain| (gain - center).powi(2)).sum::<f64>() / (n - 1.0).max(1.0);
    center > 0.0 && center > errors * (variance / n).sqrt()
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
