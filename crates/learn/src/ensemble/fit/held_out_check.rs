//! Comparison of fitted weights with simpler ones on users that neither were chosen on.
//!
//! Weights are searched among so many that some fit the held-out users by chance. So both halves of these users are ranked by weights that
//! were found on the other half, and beside them by the simplest blends: the best signal of each part, standardized, with a weight of
//! 1 for the best part, the two best, and so on, and one step for the flag of what was seen. Where the best of these is
//! worth more by over one standard error, it replaces the fitted weights.

use super::quality::{Case, blended, case_quality, quality};
use super::{Search, Signal};
use crate::Error;
use crate::ensemble::Mode;
use crate::sentences;
use std::borrow::Borrow;
use std::collections::BTreeMap;

/// Users without whom a half says nothing.
const USERS_MIN: usize = 10;
/// A gain of so many standard errors over the fitted weights replaces them.
const ERRORS: f64 = 1.0;

/// Weights of the flag of what was seen that are tried.
const SEEN_STEPS: [f32; 4] = [-20.0, -5.0, -1.0, 2.0];

/// Weights that were compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Combination {
    /// Fitted for each signal.
    Fitted,
    /// 1 for one signal.
    SingleSignal,
    /// 1 for the best signal of some parts.
    EqualWeights,
}

/// Quality (mean of NDCG@10 and MRR@25) on users that the weights were not chosen on.
#[derive(Debug, Clone, PartialEq)]
pub struct HeldOutCheck {
    /// Users who were compared.
    pub users: usize,
    /// Of the fitted weights.
    pub fitted: f64,
    /// Of the best single signal.
    pub single: f64,
    /// Of the best signals with equal weights, where there are two or more.
    pub equal: f64,
    /// The names of the better of the two: a signal, or the signals with equal weights.
    pub names: Vec<String>,
    /// Of the difference between the better of the two and the fitted weights.
    pub standard_error: f64,
    /// The weights in use.
    pub used: Combination,
    /// Why the fitted weights are not used, in a sentence.
    pub note: Option<String>,
}

impl HeldOutCheck {
    /// The sentence that says why the fitted weights are not used for a mode.
    fn sentence(&self, mode: Mode) -> String {
        let names = self.names.join(", ");
        let (value, what) = match self.used {
            Combination::EqualWeights => (self.equal, sentences::EQUAL_WEIGHTS.with(&[&names])),
            Combination::SingleSignal | Combination::Fitted => (self.single, sentences::ITS_PART_ALONE.with(&[&names])),
        };
        let sentence = match mode {
            Mode::InSession => sentences::SIMPLE_IN_SESSION,
            Mode::NextSession => sentences::SIMPLE_NEXT_SESSION,
        };
        sentence.with(&[&format_args!("{:.4}", self.fitted), &what, &format_args!("{value:.4}")])
    }
}

/// A simple blend and its quality on the cases it was chosen on.
#[derive(Clone)]
struct Simple {
    weights: Vec<f32>,
    quality: f64,
}

impl Search<'_> {
    /// Compares the weights found on `cases` from `start`, for a mode, with simple blends; with the check come the
    /// weights of the best of these. `None` where too few users were held out, or where no signal finds anything.
    pub(super) fn held_out_check(
        self,
        cases: &[Case],
        start: Option<&Vec<f32>>,
        mode: Mode,
    ) -> Result<Option<(HeldOutCheck, Vec<f32>)>, Error> {
        let mut values: BTreeMap<usize, Vec<(Vec<f64>, f64)>> = BTreeMap::new();
        for half in [0, 1] {
            let (own, other): (Vec<&Case>, Vec<&Case>) = cases.iter().partition(|case| case.user % 2 == half);
            let simple = self.simple(&other)?;
            let all: Vec<Vec<f32>> =
                std::iter::once(self.weights(&other, start)?).chain(simple.into_iter().map(|s| s.weights)).collect();
            for case in own {
                let of_all = all.iter().map(|weights| case_quality(case, &blended(case, weights))).collect();
                values.entry(case.user).or_default().push((of_all, case.weight));
            }
        }
        let blends = values.values().flatten().map(|(of_all, _)| of_all.len()).min().unwrap_or(0);
        if values.len() < 2 * USERS_MIN || blends < 2 {
            return Ok(None);
        }
        let total: f64 = values.values().flatten().map(|(_, weight)| weight).sum();
        let mean = |at: usize| {
            let sum: f64 = values.values().flatten().map(|(of_all, weight)| of_all[at] * weight).sum();
            sum / if total > 0.0 { total } else { 1.0 }
        };
        let means: Vec<f64> = (0..blends).map(mean).collect();
        let best = (1..blends).fold(1, |best, at| if means[at] > means[best] { at } else { best });
        let gain = means[best] - means[0];
        // A user's points are no independent ones: their weighted deviations are added up first.
        let deviation = |of_user: &Vec<(Vec<f64>, f64)>| {
            of_user.iter().map(|(of_all, weight)| (of_all[best] - of_all[0] - gain) * weight).sum::<f64>().powi(2)
        };
        let standard_error = values.values().map(deviation).sum::<f64>().sqrt() / if total > 0.0 { total } else { 1.0 };
        let replaces = gain > ERRORS * standard_error && gain > 0.0;
        let simple = self.simple(cases)?;
        let Some(chosen) = simple.get(best - 1).filter(|chosen| chosen.quality > 0.0) else { return Ok(None) };
        let named = |(signal, weight): (&Signal, &f32)| (*weight != 0.0 && !signal.is_flag()).then(|| signal.name());
        let mut check = HeldOutCheck {
            users: values.len(),
            fitted: means[0],
            single: means[1],
            equal: means[2..].iter().copied().fold(0.0, f64::max),
            names: self.signals.iter().zip(&chosen.weights).filter_map(named).collect(),
            standard_error,
            used: match (replaces, best) {
                (false, _) => Combination::Fitted,
                (true, 1) => Combination::SingleSignal,
                (true, _) => Combination::EqualWeights,
            },
            note: None,
        };
        check.note = replaces.then(|| check.sentence(mode));
        Ok(Some((check, chosen.weights.clone())))
    }

    /// The best signal alone, the best two of different parts with equal weights, and so on, each with the best step of the flag of what
    /// was seen. Parts whose signals find nothing are left out.
    fn simple(self, cases: &[impl Borrow<Case> + Sync]) -> Result<Vec<Simple>, Error> {
        let none = vec![0.0f32; self.signals.len()];
        let mut parts: Vec<(&'static str, usize, f64)> = Vec::new();
        for (at, signal) in self.signals.iter().enumerate().filter(|(_, signal)| signal.lists_alone()) {
            self.cancel.check()?;
            let mut weights = none.clone();
            weights[at] = 1.0;
            let found = self.with_best_flag(cases, weights).quality;
            match parts.iter_mut().find(|part| part.0 == signal.component()) {
                Some(part) if found > part.2 => *part = (part.0, at, found),
                Some(_) => {}
                None => parts.push((signal.component(), at, found)),
            }
        }
        parts.retain(|part| part.2 > 0.0);
        parts.sort_by(|a, b| b.2.total_cmp(&a.2).then(a.1.cmp(&b.1)));
        let mut weights = none;
        let mut blends = Vec::new();
        for (_, at, _) in parts {
            self.cancel.check()?;
            weights[at] = 1.0;
            blends.push(self.with_best_flag(cases, weights.clone()));
        }
        Ok(blends)
    }

    /// `weights` with the best step of [`Signal::Seen`].
    fn with_best_flag(self, cases: &[impl Borrow<Case> + Sync], weights: Vec<f32>) -> Simple {
        let mut best = Simple { quality: quality(cases, &weights), weights };
        let Some(flag) = self.signals.iter().position(|signal| *signal == Signal::Seen) else { return best };
        for step in SEEN_STEPS {
            let mut weights = best.weights.clone();
            weights[flag] = step;
            let quality = quality(cases, &weights);
            if quality > best.quality {
                best = Simple { weights, quality };
            }
        }
        best
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Cancel;
    use crate::ensemble::fit::FitOptions;
    use crate::random::{Purpose, stream};
    use rand::Rng;

    const SIGNALS: [Signal; 3] =
        [Signal::Network, Signal::Cooccurrence { decay: 0.3, discount: 0.0, log: false }, Signal::Ease { decay: 0.2 }];

    /// One point of each user with twenty candidates, of which the first was taken: `lift` says by how much each signal ranks it above
    /// the noise, for users of even and of odd numbers.
    fn cases(users: usize, lift: [[f32; 3]; 2]) -> Vec<Case> {
        let mut random = stream(5, Purpose::Init, 0);
        let mut noise = move || (0..12).map(|_| random.random_range(-0.5f32..0.5)).sum::<f32>();
        let mut case = |user: usize| {
            let mut row = |lift: f32| (0..20).map(|item| noise() + if item == 0 { lift } else { 0.0 }).collect();
            Case {
                items: (0..20).collect(),
                scores: lift[user % 2].into_iter().map(&mut row).collect(),
                taken: 1,
                relevant: 1,
                history: 5,
                user,
                weight: 1.0,
            }
        };
        (0..users).map(&mut case).collect()
    }

    fn check(cases: &[Case]) -> Option<(HeldOutCheck, Vec<f32>)> {
        let (options, cancel) = (FitOptions::default(), Cancel::new());
        let search = Search { signals: &SIGNALS, options: &options, cancel: &cancel };
        search.held_out_check(cases, None, Mode::InSession).unwrap()
    }

    #[test]
    fn weights_that_fit_half_of_the_users_give_way_to_equal_ones() {
        // The network is right for half of the users and wrong for the others, the two others are right for all.
        let (check, weights) = check(&cases(400, [[3.0, 1.2, 1.2], [-1.0, 1.2, 1.2]])).unwrap();
        assert_eq!(check.used, Combination::EqualWeights, "{check:?}");
        assert!(check.equal > check.fitted + check.standard_error && check.equal > check.single, "{check:?}");
        assert_eq!(weights, [1.0, 1.0, 1.0]);
        let note = check.note.unwrap();
        assert!(note.contains("network, follows decay=0.3 discount=0, ease decay=0.2 with equal weights"), "{note}");
    }

    #[test]
    fn weights_that_hold_on_other_users_stay() {
        let (check, _) = check(&cases(400, [[2.0, 0.4, 0.0]; 2])).unwrap();
        assert_eq!(check.used, Combination::Fitted, "{check:?}");
        assert!(check.fitted >= check.single - check.standard_error, "{check:?}");
        assert!(check.fitted > check.equal, "{check:?}");
        assert_eq!((check.users, check.note), (400, None));
    }

    #[test]
    fn a_few_users_say_nothing() {
        assert_eq!(check(&cases(19, [[2.0, 0.4, 0.0]; 2])), None);
        assert_eq!(check(&[]), None);
    }
}
