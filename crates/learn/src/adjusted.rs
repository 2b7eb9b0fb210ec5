//! A model whose scores are moved by what the customer wants and by the circumstances of the request.
//!
//! ```text
//! logit'(i) = logit(i) + boost(i) + sum over the request's categories c of ln P(c | i) / P(c)
//! ```
//! The last term is what Bayes' rule adds to the model's `P(i | history)` when circumstances are independent of the history
//! given the item. `P(c | i)` is drawn towards `P(c)` by [`PRIOR`] events, so that items with few events are left where they are.
//! For a user without history the model's logit is the logarithm of the item's popularity.

use crate::artifact::Tensors;
use crate::{Ask, Error, Event, Ranked, Scorer, Scratch, UserState, topk};
use std::collections::BTreeMap;
use std::sync::Arc;
use tastemaker_data::contexts::key;
use tastemaker_data::{Bitmap, ItemIx};

/// Events that draw an item's categories towards everybody's.
pub const PRIOR: f32 = 10.0;
/// A circumstance moves a logit by this at most.
const LIFT_MAX: f32 = 3.0;

/// What events say about circumstances: by column and value, how many events of each item had it.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Circumstances {
    /// By the hash of column and value: `(item, events)`, ascending by item.
    pub counts: BTreeMap<u64, Vec<(u32, f32)>>,
    /// `[items]`: events.
    pub events: Vec<f32>,
}

/// The model, and what moves it.
pub struct Adjusted {
    inner: Arc<dyn Scorer>,
    /// `[items]`, or empty.
    boost: Vec<f32>,
    circumstances: Circumstances,
    /// The keys of `circumstances`, by the number that requests carry, and the share of all events that each has.
    keys: Vec<(u64, f32)>,
    /// `[items]`: `ln(events + PRIOR)`.
    known: Vec<f32>,
}

const BOOST: &str = "adjusted.boost";
const EVENTS: &str = "adjusted.events";
const KEYS: &str = "adjusted.keys";
const LENGTHS: &str = "adjusted.lengths";
const ITEMS: &str = "adjusted.items";
const COUNTS: &str = "adjusted.counts";

impl Adjusted {
    /// Adds `boost` and `circumstances` to a model; either may be empty.
    pub fn new(inner: Arc<dyn Scorer>, boost: Vec<f32>, circumstances: Circumstances) -> Result<Self, Error> {
        let items = inner.item_count();
        let fits = (boost.is_empty() || boost.len() == items)
            && (circumstances.counts.is_empty() || circumstances.events.len() == items)
            && circumstances.counts.values().flatten().all(|(item, n)| (*item as usize) < items && n.is_finite())
            && boost.iter().all(|x| x.is_finite());
        if !fits {
            return Err(Error::Invalid(format!("what adjusts a model must fit its {items} items")));
        }
        let all = circumstances.events.iter().sum::<f32>().max(1.0);
        let share = |counts: &[(u32, f32)]| counts.iter().map(|(_, had)| had).sum::<f32>() / all;
        let keys = circumstances.counts.iter().map(|(key, counts)| (*key, share(counts))).collect();
        let known = circumstances.events.iter().map(|events| (events.max(0.0) + PRIOR).ln()).collect();
        Ok(Self { inner, boost, circumstances, keys, known })
    }

    /// Stores what was added beside the model's own tensors.
    pub fn store(&self, tensors: &mut Tensors) {
        tensors.insert(BOOST, &[self.boost.len()], self.boost.clone());
        let Circumstances { counts, events } = &self.circumstances;
        tensors.insert(EVENTS, &[events.len()], events.clone());
        tensors.insert_integers(KEYS, counts.keys().flat_map(|key| [(key >> 32) as u32, *key as u32]).collect());
        tensors.insert_integers(LENGTHS, counts.values().map(|items| items.len() as u32).collect());
        tensors.insert_integers(ITEMS, counts.values().flatten().map(|c| c.0).collect());
        let counts: Vec<f32> = counts.values().flatten().map(|c| c.1).collect();
        tensors.insert(COUNTS, &[counts.len()], counts);
    }

    /// `inner` with what [`Self::store`] wrote.
    pub fn load(inner: Arc<dyn Scorer>, tensors: &Tensors) -> Result<Self, Error> {
        let keys = tensors.get_integers(KEYS)?.chunks_exact(2).map(|k| u64::from(k[0]) << 32 | u64::from(k[1]));
        let (items, counts) = (tensors.get_integers(ITEMS)?, &tensors.get(COUNTS, 1)?.data);
        let lengths = tensors.get_integers(LENGTHS)?;
        let total: usize = lengths.iter().map(|&n| n as usize).sum();
        if items.len() != counts.len() || total != items.len() {
            return Err(Error::Artifact(format!("{LENGTHS} must fit {ITEMS} and {COUNTS}")));
        }
        let mut from = 0;
        let mut row = |&length: &u32| {
            let range = from..from + length as usize;
            from = range.end;
            items[range.clone()].iter().copied().zip(counts[range].iter().copied()).collect()
        };
        let rows: Vec<Vec<(u32, f32)>> = lengths.iter().map(&mut row).collect();
        let circumstances =
            Circumstances { counts: keys.zip(rows).collect(), events: tensors.get(EVENTS, 1)?.data.clone() };
        let boost = tensors.get(BOOST, 1)?.data.clone();
        Self::new(inner, boost, circumstances).map_err(|error| Error::Artifact(error.to_string()))
    }

    /// Whether nothing moves the model's own scores, so that its own faster ways serve.
    fn is_plain(&self, ask: &Ask) -> bool {
        self.boost.is_empty() && ask.context.is_empty()
    }

    /// Adds what the circumstance says about every item.
    fn add_lift(&self, of: u32, scores: &mut [f32]) {
        let Some((key, share)) = self.keys.get(of as usize) else { return };
        let Some(counts) = self.circumstances.counts.get(key).filter(|_| *share > 0.0) else { return };
        let mut with = counts.iter().peekable();
        let without = PRIOR.ln();
        for (item, (score, known)) in (0u32..).zip(scores.iter_mut().zip(&self.known)) {
            let had = with.next_if(|(other, _)| *other == item);
            let had = had.map_or(without, |(_, had)| (had / share + PRIOR).ln());
            *score += (had - known).clamp(-LIFT_MAX, LIFT_MAX);
        }
    }
}

impl Scorer for Adjusted {
    fn item_count(&self) -> usize {
        self.inner.item_count()
    }

    fn start(&self) -> UserState {
        self.inner.start()
    }

    fn observe(&self, state: &mut UserState, event: Event, scratch: &mut Scratch) {
        self.inner.observe(state, event, scratch);
    }

    fn scores<'s>(&self, state: &UserState, ask: &Ask, scratch: &'s mut Scratch) -> &'s [f32] {
        if self.is_plain(ask) {
            return self.inner.scores(state, ask, scratch);
        }
        let mut scores = std::mem::take(&mut scratch.adjusted);
        scores.clear();
        match state.events == 0 && !ask.context.is_empty() && !self.circumstances.events.is_empty() {
            true => scores.extend(self.circumstances.events.iter().map(|n| n.ln_1p())),
            false => scores.extend_from_slice(self.inner.scores(state, ask, scratch)),
        }
        scores.iter_mut().zip(&self.boost).for_each(|(score, boost)| *score += boost);
        ask.context.iter().for_each(|&(_, of)| self.add_lift(of, &mut scores));
        scratch.adjusted = scores;
        &scratch.adjusted
    }

    fn logits_of(&self, state: &UserState, ask: &Ask, items: &[ItemIx], scratch: &mut Scratch) -> Vec<f32> {
        match self.is_plain(ask) {
            true => self.inner.logits_of(state, ask, items, scratch),
            false => {
                let scores = self.scores(state, ask, scratch);
                items.iter().map(|item| scores.get(item.0 as usize).copied().unwrap_or(f32::MIN)).collect()
            }
        }
    }

    fn top_k(&self, state: &UserState, ask: &Ask, k: usize, allowed: Option<&Bitmap>, scratch: &mut Scratch) -> Ranked {
        if self.is_plain(ask) {
            return self.inner.top_k(state, ask, k, allowed, scratch);
        }
        self.scores(state, ask, scratch);
        let scores = std::mem::take(&mut scratch.adjusted);
        let items = topk::top_k(&scores, k, allowed, &mut scratch.scan.scored);
        let log_partition = match self.has_probabilities() {
            true => {
                let top = scores.iter().copied().fold(f32::MIN, f32::max);
                top + scores.iter().map(|s| f64::from(s - top).exp()).sum::<f64>().ln() as f32
            }
            false => 0.0,
        };
        scratch.adjusted = scores;
        Ranked { items, log_partition }
    }

    fn has_probabilities(&self) -> bool {
        self.inner.has_probabilities()
    }

    fn context(&self, column: &str, value: &str) -> Option<(u32, u32)> {
        let wanted = key(column, value);
        let at = self.keys.binary_search_by_key(&wanted, |(key, _)| *key).ok()?;
        Some((0, at as u32))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::popularity::PopularityModel;

    fn circumstances() -> Circumstances {
        // Item 0 on phones, item 1 on televisions, item 2 rarely at all.
        let counts = [
            (key("DEVICE", "phone"), vec![(0, 90.0), (1, 10.0), (2, 1.0)]),
            (key("DEVICE", "tv"), vec![(0, 10.0), (1, 90.0)]),
        ];
        Circumstances { counts: counts.into(), events: vec![100.0, 100.0, 1.0] }
    }

    fn adjusted(boost: Vec<f32>) -> Adjusted {
        let inner = PopularityModel::from_counts(vec![1.0, 1.0, 1.0]).unwrap();
        Adjusted::new(Arc::new(inner), boost, circumstances()).unwrap()
    }

    fn scores(model: &Adjusted, events: u64, context: &[(&str, &str)]) -> Vec<f32> {
        let context: Vec<_> = context.iter().filter_map(|(column, value)| model.context(column, value)).collect();
        let state = UserState { events, ..model.start() };
        let ask = Ask { context: &context, ..Ask::default() };
        model.scores(&state, &ask, &mut Scratch::default()).to_vec()
    }

    #[test]
    fn circumstances_and_boosts_move_items() {
        let plain = adjusted(vec![]);
        let phone = scores(&plain, 1, &[("device", "phone")]);
        assert!(phone[0] > phone[1] + 1.0, "{phone:?}");
        assert!(phone[2].abs() < phone[0] + 1.0 && scores(&plain, 1, &[("device", "tv")])[1] > 1.3);
        assert_eq!(scores(&plain, 1, &[("device", "fridge"), ("colour", "red")]), [1.0, 1.0, 1.0]);
        assert_eq!(scores(&adjusted(vec![0.0, 2.0, -1.0]), 1, &[]), [1.0, 3.0, 0.0]);
        let stranger = scores(&plain, 0, &[("DEVICE", "tv")]);
        assert!(stranger[1] > stranger[0] && stranger[0] > stranger[2], "{stranger:?}");
    }

    #[test]
    fn storing_changes_nothing_and_what_does_not_fit_is_refused() {
        let model = adjusted(vec![1.0, 2.0, 3.0]);
        let mut tensors = Tensors::new("x/1");
        model.store(&mut tensors);
        let read = Tensors::from_safetensors(&tensors.to_safetensors().unwrap()).unwrap();
        let again = Adjusted::load(model.inner.clone(), &read).unwrap();
        assert_eq!((&again.boost, &again.circumstances), (&model.boost, &model.circumstances));
        assert!(Adjusted::new(model.inner.clone(), vec![1.0], Circumstances::default()).is_err());
    }
}
