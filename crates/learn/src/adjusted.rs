//! A model whose scores are moved by what the customer wants, by the circumstances of the request and by who the user is.
//!
//! ```text
//! logit'(i) = logit(i) + boost(i) + sum over the request's categories c of ln P(c | i) / P(c)
//!                                 + weight(n) * sum over the user's categories t of ln P(t | i) / P(t)
//! ```
//! The sums are what Bayes' rule adds to the model's `P(i | history)` when categories are independent of the history
//! given the item. `P(c | i)` is drawn towards `P(c)` by [`PRIOR`] events, so that items with few events are left where they are.
//! A user's history of n events says more and more of what their categories say, and categories go together: hence the weight,
//! which is fitted for each of [`BANDS`].
//! For a user without history the model's logit is the logarithm of the item's popularity.

use crate::artifact::Tensors;
use crate::traits::Traits;
use crate::{Ask, Error, Event, Ranked, Scorer, Scratch, UserState, topk};
use std::collections::BTreeMap;
use std::sync::Arc;
use tastemaker_data::contexts::key;
use tastemaker_data::{Bitmap, ItemIx, Table};

/// Events that draw an item's categories towards everybody's.
pub const PRIOR: f32 = 10.0;
/// The events of a user from which on a weight of the user's categories holds.
pub const BANDS: [u64; 4] = [0, 1, 5, 20];
/// A category moves a logit by this at most.
const LIFT_MAX: f32 = 3.0;
/// The fields of [`Ask::context`].
const CIRCUMSTANCE: u32 = 0;
const TRAIT: u32 = 1;

/// By category, how many events of each item had it.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Categories {
    /// By the category's key: `(item, events)`, ascending by item.
    pub counts: BTreeMap<u64, Vec<(u32, f32)>>,
    /// `[items]`: events.
    pub events: Vec<f32>,
}

/// What users' categories say.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct People {
    /// The categories, by number.
    pub traits: Traits,
    /// What users of each category took; the key is its number.
    pub taken: Categories,
    /// How much they count, by [`BANDS`].
    pub weights: [f32; BANDS.len()],
}

impl People {
    /// How much users' categories count in a model of which these are the tensors.
    pub fn stored_weights(tensors: &Tensors) -> Option<[f32; BANDS.len()]> {
        tensors.tensors.get(WEIGHTS)?.data.as_slice().try_into().ok()
    }
}

/// [`Categories`], prepared for adding.
struct Lifts {
    categories: Categories,
    /// The keys, by the number that requests carry, and the share of all events that each has.
    keys: Vec<(u64, f32)>,
    /// `[items]`: `ln(events + PRIOR)`.
    known: Vec<f32>,
}

impl Lifts {
    fn new(categories: Categories) -> Self {
        let all = categories.events.iter().sum::<f32>().max(1.0);
        let share = |counts: &[(u32, f32)]| counts.iter().map(|(_, had)| had).sum::<f32>() / all;
        let keys = categories.counts.iter().map(|(key, counts)| (*key, share(counts))).collect();
        let known = categories.events.iter().map(|events| (events.max(0.0) + PRIOR).ln()).collect();
        Self { categories, keys, known }
    }

    /// The number of a category.
    fn number(&self, key: u64) -> Option<u32> {
        self.keys.binary_search_by_key(&key, |(key, _)| *key).ok().map(|at| at as u32)
    }

    /// Adds `weight` times what the category of this number says about every item.
    fn add(&self, number: u32, weight: f32, scores: &mut [f32]) {
        let Some((key, share)) = self.keys.get(number as usize) else { return };
        let Some(counts) = self.categories.counts.get(key).filter(|_| *share > 0.0) else { return };
        let mut with = counts.iter().peekable();
        let without = PRIOR.ln();
        for (item, (score, known)) in (0u32..).zip(scores.iter_mut().zip(&self.known)) {
            let had = with.next_if(|(other, _)| *other == item);
            let had = had.map_or(without, |(_, had)| (had / share + PRIOR).ln());
            *score += weight * (had - known).clamp(-LIFT_MAX, LIFT_MAX);
        }
    }

    /// The logarithm of each item's popularity.
    fn popularity(&self) -> impl Iterator<Item = f32> {
        self.categories.events.iter().map(|n| n.ln_1p())
    }
}

/// [`People`], prepared.
struct Prepared {
    traits: Traits,
    lifts: Lifts,
    weights: [f32; BANDS.len()],
}

impl Prepared {
    /// What the categories of a user with so many events count.
    fn weight(&self, events: u64) -> f32 {
        let band = BANDS.partition_point(|from| *from <= events);
        self.weights[band - 1]
    }
}

/// The model, and what moves it.
pub struct Adjusted {
    inner: Arc<dyn Scorer>,
    /// `[items]`, or empty.
    boost: Vec<f32>,
    circumstances: Lifts,
    people: Option<Prepared>,
}

const BOOST: &str = "adjusted.boost";
const CIRCUMSTANCES: &str = "adjusted";
const PEOPLE: &str = "people";
const WEIGHTS: &str = "people.weights";

impl Adjusted {
    /// Adds `boost`, `circumstances`, whose keys are [`key`]s, and `people` to a model; each may be empty.
    pub fn new(
        inner: Arc<dyn Scorer>,
        boost: Vec<f32>,
        circumstances: Categories,
        people: Option<People>,
    ) -> Result<Self, Error> {
        let items = inner.item_count();
        let fits = |of: &Categories| {
            (of.counts.is_empty() || of.events.len() == items)
                && of.counts.values().flatten().all(|(item, n)| (*item as usize) < items && n.is_finite())
        };
        let fit = (boost.is_empty() || boost.len() == items)
            && fits(&circumstances)
            && people.iter().all(|people| fits(&people.taken) && people.weights.iter().all(|w| w.is_finite()))
            && boost.iter().all(|x| x.is_finite());
        if !fit {
            return Err(Error::Invalid(format!("what adjusts a model must fit its {items} items")));
        }
        let people =
            people.map(|People { traits, taken, weights }| Prepared { traits, lifts: Lifts::new(taken), weights });
        Ok(Self { inner, boost, circumstances: Lifts::new(circumstances), people })
    }

    /// Stores what was added beside the model's own tensors.
    pub fn store(&self, tensors: &mut Tensors) {
        tensors.insert(BOOST, &[self.boost.len()], self.boost.clone());
        self.circumstances.categories.store(CIRCUMSTANCES, tensors);
        if let Some(people) = &self.people {
            people.lifts.categories.store(PEOPLE, tensors);
            people.traits.store(tensors);
            tensors.insert(WEIGHTS, &[people.weights.len()], people.weights.to_vec());
        }
    }

    /// `inner` with what [`Self::store`] wrote.
    pub fn load(inner: Arc<dyn Scorer>, tensors: &Tensors) -> Result<Self, Error> {
        let people = match People::stored_weights(tensors) {
            Some(weights) => {
                Some(People { traits: Traits::load(tensors)?, taken: Categories::load(PEOPLE, tensors)?, weights })
            }
            None => None,
        };
        let boost = tensors.get(BOOST, 1)?.data.clone();
        let circumstances = Categories::load(CIRCUMSTANCES, tensors)?;
        Self::new(inner, boost, circumstances, people).map_err(|error| Error::Artifact(error.to_string()))
    }

    /// Whether nothing moves the model's own scores, so that its own faster ways serve.
    fn is_plain(&self, ask: &Ask) -> bool {
        self.boost.is_empty() && ask.context.is_empty()
    }

    /// The categories of whichever kind a request names.
    fn lifts(&self, field: u32, events: u64) -> Option<(&Lifts, f32)> {
        match field {
            CIRCUMSTANCE => Some((&self.circumstances, 1.0)),
            _ => self.people.as_ref().map(|people| (&people.lifts, people.weight(events))),
        }
    }
}

impl Categories {
    fn store(&self, name: &str, tensors: &mut Tensors) {
        let Categories { counts, events } = self;
        let named = |what: &str| format!("{name}.{what}");
        tensors.insert(&named("events"), &[events.len()], events.clone());
        let keys = counts.keys().flat_map(|key| [(key >> 32) as u32, *key as u32]).collect();
        tensors.insert_integers(&named("keys"), keys);
        tensors.insert_integers(&named("lengths"), counts.values().map(|items| items.len() as u32).collect());
        tensors.insert_integers(&named("items"), counts.values().flatten().map(|c| c.0).collect());
        let counts: Vec<f32> = counts.values().flatten().map(|c| c.1).collect();
        tensors.insert(&named("counts"), &[counts.len()], counts);
    }

    fn load(name: &str, tensors: &Tensors) -> Result<Self, Error> {
        let named = |what: &str| format!("{name}.{what}");
        let keys = tensors.get_integers(&named("keys"))?.chunks_exact(2);
        let keys = keys.map(|k| u64::from(k[0]) << 32 | u64::from(k[1]));
        let (items, counts) = (tensors.get_integers(&named("items"))?, &tensors.get(&named("counts"), 1)?.data);
        let lengths = tensors.get_integers(&named("lengths"))?;
        let total: usize = lengths.iter().map(|&n| n as usize).sum();
        if items.len() != counts.len() || total != items.len() {
            return Err(Error::Artifact(format!("{name}.lengths must fit {name}.items and {name}.counts")));
        }
        let mut from = 0;
        let mut row = |&length: &u32| {
            let range = from..from + length as usize;
            from = range.end;
            items[range.clone()].iter().copied().zip(counts[range].iter().copied()).collect()
        };
        let rows: Vec<Vec<(u32, f32)>> = lengths.iter().map(&mut row).collect();
        Ok(Self { counts: keys.zip(rows).collect(), events: tensors.get(&named("events"), 1)?.data.clone() })
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
        let named = ask.context.first().and_then(|&(field, _)| self.lifts(field, 0));
        match named.filter(|(lifts, _)| state.events == 0 && !lifts.categories.events.is_empty()) {
            Some((lifts, _)) => scores.extend(lifts.popularity()),
            None => scores.extend_from_slice(self.inner.scores(state, ask, scratch)),
        }
        scores.iter_mut().zip(&self.boost).for_each(|(score, boost)| *score += boost);
        for &(field, number) in ask.context {
            if let Some((lifts, weight)) = self.lifts(field, state.events) {
                lifts.add(number, weight, &mut scores);
            }
        }
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
        Some((CIRCUMSTANCE, self.circumstances.number(key(column, value))?))
    }

    fn traits(&self, table: &Table, row: usize, events: u64) -> Vec<(u32, u32)> {
        let Some(people) = self.people.as_ref().filter(|people| people.weight(events) != 0.0) else {
            return Vec::new();
        };
        let places = people.traits.places(table, row).into_iter();
        places.filter_map(|place| Some((TRAIT, people.lifts.number(place.into())?))).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::popularity::PopularityModel;
    use tastemaker_data::table::Value;
    use tastemaker_data::{Column, TableBuilder};

    fn circumstances() -> Categories {
        // Item 0 on phones, item 1 on televisions, item 2 rarely at all.
        let counts = [
            (key("DEVICE", "phone"), vec![(0, 90.0), (1, 10.0), (2, 1.0)]),
            (key("DEVICE", "tv"), vec![(0, 10.0), (1, 90.0)]),
        ];
        Categories { counts: counts.into(), events: vec![100.0, 100.0, 1.0] }
    }

    fn adjusted(boost: Vec<f32>) -> Adjusted {
        let inner = PopularityModel::from_counts(vec![1.0, 1.0, 1.0]).unwrap();
        Adjusted::new(Arc::new(inner), boost, circumstances(), None).unwrap()
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
        assert_eq!((&again.boost, &again.circumstances.categories), (&model.boost, &circumstances()));
        assert!(again.people.is_none());
        assert!(Adjusted::new(model.inner.clone(), vec![1.0], Categories::default(), None).is_err());
    }

    #[test]
    fn who_the_user_is_counts_less_the_more_is_known() {
        let mut builder = TableBuilder::new(vec![("GENDER".to_owned(), Column::Text(vec![]))]);
        for (user, gender) in [("ann", "f"), ("bob", "m"), ("eve", "f")] {
            builder.set(user, [Some(Value::Text(gender.into()))]);
        }
        builder.set("kim", [None]);
        let table = builder.build();
        let traits = Traits::of(&table);
        let place = |user: u32| u64::from(traits.places(&table, user as usize)[0]);
        let counts = [(place(0), vec![(0, 80.0)]), (place(1), vec![(0, 10.0), (1, 90.0)])];
        let taken = Categories { counts: counts.into(), events: vec![90.0, 90.0, 5.0] };
        let people = People { traits: traits.clone(), taken, weights: [1.0, 0.5, 0.25, 0.0] };
        let inner: Arc<dyn Scorer> = Arc::new(PopularityModel::from_counts(vec![1.0, 1.0, 1.0]).unwrap());
        let model = Adjusted::new(inner.clone(), vec![], Categories::default(), Some(people)).unwrap();
        let mut tensors = Tensors::new("x/1");
        model.store(&mut tensors);
        let model = Adjusted::load(inner, &tensors).unwrap();
        assert_eq!(People::stored_weights(&tensors), Some([1.0, 0.5, 0.25, 0.0]));
        let lead = |user: usize, events: u64| {
            let context = model.traits(&table, user, events);
            let ask = Ask { context: &context, ..Ask::default() };
            let scores = model.scores(&UserState { events, ..model.start() }, &ask, &mut Scratch::default()).to_vec();
            scores[0] - scores[1]
        };
        let leads = [0, 1, 5, 20].map(|events| lead(0, events));
        assert!(leads.windows(2).all(|pair| pair[0] > pair[1]) && leads[3] == 0.0, "{leads:?}");
        assert_eq!(lead(0, 0), lead(2, 0));
        assert!(lead(1, 0) < 0.0 && lead(3, 0) == 0.0);
        assert!(model.traits(&table, 0, 20).is_empty() && model.traits(&table, 3, 0).is_empty());
    }
}
