//! Propensity models: for each of a few actions the probability that a user takes it; these need not add up.
//!
//! Every time that an action was shown (`VIEWED`) or declined (`NOT_TAKEN`) is an example, positive if the user took it within
//! the optimization period; a `TAKEN` that follows no such event is a positive one by itself. A logistic regression over what
//! was known before the example gives the probability:
//!
//! ```text
//! logit(u, a) = w . f(u, a) + b_a + v_a . z_u
//! ```
//! `f` is how the user responded so far, to any action and to this one, and how active they are; `z_u` their vector over the
//! items ([`crate::models::als`]). `w` is fitted over all actions, then `b_a` and `v_a` for each action around it, held near zero by a
//! ridge as in a multilevel regression (`multilevel-regression`). An action has a probability only if it was taken and not
//! taken [`RESPONSES_MIN`] times each in the last [`WINDOW_S`]; others rank last with [`UNSCORED`].
//!
//! Cost: the examples times the square of the features, a few times over.

mod features;
mod logistic;
mod response;
#[cfg(test)]
mod tests;

use crate::artifact::Tensors;
use crate::{Cancel, Error, Event, Scorer, ScoringContext, Scratch, UserState};
use features::{FEATURES, Past};
use logistic::{Examples, fit, logit, sigmoid};
use std::collections::HashMap;
use tastemaker_data::{Dataset, ItemIx, newest_s};

pub use response::Response;

/// Responses of either kind that an action needs to have a probability.
pub const RESPONSES_MIN: usize = 50;
/// Seconds before the newest response within which responses count.
pub const WINDOW_S: i64 = 42 * 86_400;
/// The logit of an action without a probability: the probability it stands for is 0.
pub const UNSCORED: f32 = -1e9;
/// Responses of a user that are looked at, the newest.
pub const HISTORY_MAX: usize = 500;

const KIND: &str = "propensity/1";
/// Ridge penalties that hold the weights near zero; the constant is free.
const SHARED_RIDGE: f64 = 1.0;
const ACTION_RIDGE: f64 = 10.0;

/// The users' vectors over the items, for [`train`].
#[derive(Debug, Clone, Default)]
pub struct Tastes {
    /// The length of a vector.
    pub width: usize,
    /// `[users of the responses, width]`.
    pub vectors: Vec<f32>,
}

/// Weights for every action; implements [`Scorer`] over actions. A user's events are their responses.
#[derive(Debug, Clone, PartialEq)]
pub struct PropensityModel {
    period_s: f32,
    /// `[event types]` of the training data: how each answers.
    responses: Vec<Option<Response>>,
    /// `[1 + FEATURES]`: the constant and the shared weights.
    shared: Vec<f32>,
    /// The length of a user's vector over the items.
    width: usize,
    /// `[actions, 1 + width]`.
    own: Vec<f32>,
    /// `[actions]`.
    scored: Vec<bool>,
}

/// An example by user, action and time; the features follow from the user's events before `at`.
struct Example {
    user: u32,
    action: u32,
    at: usize,
    positive: bool,
}

/// Trains on responses, whose items are actions, with an optimization period in seconds.
pub fn train(dataset: &Dataset, tastes: &Tastes, period_s: i64, cancel: &Cancel) -> Result<PropensityModel, Error> {
    let responses: Vec<Option<Response>> = dataset.event_types.iter().map(Response::of).collect();
    let from_s = newest_s(dataset.time_column().iter().copied()).unwrap_or(0).saturating_sub(WINDOW_S);
    let examples = examples(dataset, &responses, period_s, from_s);
    let actions = dataset.items.len();
    let counts = counts(dataset, &responses, from_s);
    let mut model = PropensityModel {
        period_s: period_s as f32,
        responses,
        shared: vec![0.0; 1 + FEATURES],
        width: tastes.width,
        own: vec![0.0; actions * (1 + tastes.width)],
        scored: counts.iter().map(|c| c[0] >= RESPONSES_MIN && c[1] >= RESPONSES_MIN).collect(),
    };
    let used: Vec<&Example> = examples.iter().filter(|e| model.scored[e.action as usize]).collect();
    if used.is_empty() {
        return Ok(model);
    }
    let mut features: Vec<f32> = Vec::with_capacity(used.len() * (1 + FEATURES));
    for (n, example) in used.iter().enumerate() {
        if n % 4096 == 0 {
            cancel.check()?;
        }
        let sequence = dataset.sequence(tastemaker_data::UserIx(example.user));
        let events = Event::history(&sequence, example.at.saturating_sub(HISTORY_MAX)..example.at);
        let now_s = sequence.times.get(example.at).copied().unwrap_or(0);
        features.push(1.0);
        features.extend(model.past(&events, now_s).of(example.action));
    }
    let positive: Vec<bool> = used.iter().map(|e| e.positive).collect();
    let zeros = vec![0.0; used.len()];
    let mut ridge = vec![SHARED_RIDGE; 1 + FEATURES];
    ridge[0] = 1e-3;
    let all = Examples { features: &features, width: 1 + FEATURES, offsets: &zeros, positive: &positive };
    let shared = fit(all, &ridge, cancel)?;
    model.shared = shared.iter().map(|w| *w as f32).collect();

    let mut of_action: Vec<Vec<usize>> = vec![Vec::new(); actions];
    used.iter().enumerate().for_each(|(n, e)| of_action[e.action as usize].push(n));
    let own_width = 1 + tastes.width;
    for (action, examples) in of_action.iter().enumerate().filter(|(_, examples)| !examples.is_empty()) {
        cancel.check()?;
        let mut own = Vec::with_capacity(examples.len() * own_width);
        let (mut offsets, mut positive) = (Vec::new(), Vec::new());
        for &n in examples {
            own.push(1.0);
            let at = used[n].user as usize * tastes.width;
            own.extend((at..at + tastes.width).map(|k| tastes.vectors.get(k).copied().unwrap_or(0.0)));
            offsets.push(logit(&shared, &features[n * (1 + FEATURES)..][..1 + FEATURES], 0.0));
            positive.push(used[n].positive);
        }
        let examples = Examples { features: &own, width: own_width, offsets: &offsets, positive: &positive };
        let weights = fit(examples, &vec![ACTION_RIDGE; own_width], cancel)?;
        let into = &mut model.own[action * own_width..][..own_width];
        into.iter_mut().zip(&weights).for_each(|(into, w)| *into = *w as f32);
    }
    Ok(model)
}

/// Every time an action was shown or declined, and every time it was taken without that.
fn examples(dataset: &Dataset, responses: &[Option<Response>], period_s: i64, from_s: i64) -> Vec<Example> {
    let mut examples = Vec::new();
    for (user, sequence) in dataset.sequences() {
        let mut open: HashMap<u32, Vec<usize>> = HashMap::new();
        for (at, (&action, &time_s)) in sequence.items.iter().zip(sequence.times).enumerate() {
            let example = |positive| Example { user: user.0, action, at, positive };
            match responses.get(usize::from(sequence.event_types[at])).copied().flatten() {
                Some(Response::NotTaken) if time_s >= from_s => {
                    open.entry(action).or_default().push(examples.len());
                    examples.push(example(false));
                }
                Some(Response::Taken) => {
                    let mut shown = open.remove(&action).unwrap_or_default();
                    shown.retain(|&n| time_s.saturating_sub(sequence.times[examples[n].at]) <= period_s);
                    if shown.is_empty() && time_s >= from_s {
                        examples.push(example(true));
                    }
                    shown.into_iter().for_each(|n| examples[n].positive = true);
                }
                _ => {}
            }
        }
    }
    examples
}

/// For every action, how often it was taken and not taken since `from_s`.
fn counts(dataset: &Dataset, responses: &[Option<Response>], from_s: i64) -> Vec<[usize; 2]> {
    let mut counts = vec![[0usize; 2]; dataset.items.len()];
    let columns = dataset.item_column().iter().zip(dataset.time_column()).zip(dataset.event_type_column());
    for ((&action, _), &event_type) in columns.filter(|((_, time), _)| **time >= from_s) {
        match responses.get(usize::from(event_type)).copied().flatten() {
            Some(Response::Taken) => counts[action as usize][0] += 1,
            Some(Response::NotTaken) => counts[action as usize][1] += 1,
            None => {}
        }
    }
    counts
}

impl PropensityModel {
    /// Whether an action has a probability.
    pub fn is_scored(&self, action: ItemIx) -> bool {
        self.scored.get(action.0 as usize).copied().unwrap_or(false)
    }

    /// The length of the vectors that [`ScoringContext::user_vector`] must have.
    pub fn width(&self) -> usize {
        self.width
    }

    fn past(&self, events: &[Event], now_s: i64) -> Past {
        Past::new(events, now_s, self.period_s, |event_type| {
            self.responses.get(usize::from(event_type)).copied().flatten()
        })
    }

    /// Parameters for storage.
    pub fn to_tensors(&self) -> Tensors {
        let mut tensors = Tensors::new(KIND);
        let code = |response: &Option<Response>| match response {
            None => 0,
            Some(Response::Taken) => 1,
            Some(Response::NotTaken) => 2,
        };
        tensors.insert_integers("responses", self.responses.iter().map(code).collect());
        tensors.insert_integers("scored", self.scored.iter().map(|&scored| u32::from(scored)).collect());
        tensors.insert("period", &[1], vec![self.period_s]);
        tensors.insert("shared", &[self.shared.len()], self.shared.clone());
        tensors.insert("own", &[self.scored.len(), 1 + self.width], self.own.clone());
        tensors
    }

    /// The model that [`Self::to_tensors`] described.
    pub fn from_tensors(tensors: &Tensors) -> Result<Self, Error> {
        tensors.expect_kind(KIND)?;
        let response = |code: &u32| match code {
            1 => Some(Response::Taken),
            2 => Some(Response::NotTaken),
            _ => None,
        };
        let own = tensors.get("own", 2)?;
        let scored: Vec<bool> = tensors.get_integers("scored")?.iter().map(|&scored| scored == 1).collect();
        let shared = tensors.get("shared", 1)?.data.clone();
        let [period_s] = tensors.get("period", 1)?.data[..] else {
            return Err(Error::Artifact("propensity: period must be one number".to_owned()));
        };
        let fits = own.shape[0] == scored.len() && own.shape[1] >= 1 && shared.len() == 1 + FEATURES;
        if !fits || own.data.len() != own.shape[0] * own.shape[1] {
            return Err(Error::Artifact("propensity: weights must fit the actions".to_owned()));
        }
        Ok(Self {
            period_s,
            responses: tensors.get_integers("responses")?.iter().map(response).collect(),
            shared,
            width: own.shape[1] - 1,
            own: own.data.clone(),
            scored,
        })
    }
}

impl Scorer for PropensityModel {
    fn item_count(&self) -> usize {
        self.scored.len()
    }

    fn observe(&self, state: &mut UserState, event: Event, _: &mut Scratch) {
        if (event.item.0 as usize) < self.scored.len() {
            state.remember(event, HISTORY_MAX);
            state.events += 1;
        }
    }

    /// The logarithm of each action's probability, or [`UNSCORED`].
    fn scores<'s>(&self, state: &UserState, scoring_context: &ScoringContext, scratch: &'s mut Scratch) -> &'s [f32] {
        let events = state.newest(HISTORY_MAX);
        let now_s = scoring_context.now_s.or(state.last_time_s()).unwrap_or(0);
        let past = self.past(events, now_s);
        let own_width = 1 + self.width;
        scratch.scores.clear();
        for (action, own) in self.own.chunks_exact(own_width).enumerate() {
            if !self.scored[action] {
                scratch.scores.push(UNSCORED);
                continue;
            }
            let shared: f32 = past.of(action as u32).iter().zip(&self.shared[1..]).map(|(x, w)| x * w).sum();
            let taste: f32 = scoring_context.user_vector.iter().zip(&own[1..]).map(|(z, v)| z * v).sum();
            let logit = self.shared[0] + shared + own[0] + taste;
            scratch.scores.push(sigmoid(f64::from(logit)).max(1e-12).ln() as f32);
        }
        &scratch.scores
    }

    /// Each action's own.
    fn has_probabilities(&self) -> bool {
        true
    }
}
