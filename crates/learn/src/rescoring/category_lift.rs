//! The lift of a category: how much more likely each item is among its events than among all.

use crate::Error;
use crate::artifact::Tensors;
use std::collections::BTreeMap;

/// Events that draw an item's categories towards everybody's.
pub const PRIOR: f32 = 10.0;
/// A category moves a logit by this at most.
const LIFT_MAX: f32 = 3.0;

/// The number of each item's events that had a category, by category.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct CategoryCounts {
    /// By the category's key: `(item, events)`, ascending by item.
    pub counts: BTreeMap<u64, Vec<(u32, f32)>>,
    /// `[items]`: events.
    pub events: Vec<f32>,
}

impl CategoryCounts {
    pub(super) fn store(&self, name: &str, tensors: &mut Tensors) {
        let CategoryCounts { counts, events } = self;
        let named = |what: &str| format!("{name}.{what}");
        tensors.insert(&named("events"), &[events.len()], events.clone());
        tensors.insert_keys(&named("keys"), counts.keys());
        tensors.insert_integers(&named("lengths"), counts.values().map(|items| items.len() as u32).collect());
        tensors.insert_integers(&named("items"), counts.values().flatten().map(|c| c.0).collect());
        let counts: Vec<f32> = counts.values().flatten().map(|c| c.1).collect();
        tensors.insert(&named("counts"), &[counts.len()], counts);
    }

    pub(super) fn load(name: &str, tensors: &Tensors) -> Result<Self, Error> {
        let named = |what: &str| format!("{name}.{what}");
        let keys = tensors.get_keys(&named("keys"))?;
        let rows = tensors
            .get_rows(&named("lengths"), &named("items"), &named("counts"))?
            .ok_or_else(|| Error::Artifact(format!("{name}.lengths must fit {name}.items and {name}.counts")))?;
        Ok(Self { counts: keys.zip(rows).collect(), events: tensors.get(&named("events"), 1)?.data.clone() })
    }
}

/// [`CategoryCounts`], prepared for adding.
pub(super) struct CategoryLift {
    pub(super) categories: CategoryCounts,
    /// The keys, by the number that requests carry, and the share of all events that each has.
    keys: Vec<(u64, f32)>,
    /// `[items]`: `ln(events + PRIOR)`.
    known: Vec<f32>,
}

impl CategoryLift {
    pub(super) fn new(categories: CategoryCounts) -> Self {
        let all = categories.events.iter().sum::<f32>().max(1.0);
        let share = |counts: &[(u32, f32)]| counts.iter().map(|(_, had)| had).sum::<f32>() / all;
        let keys = categories.counts.iter().map(|(key, counts)| (*key, share(counts))).collect();
        let known = categories.events.iter().map(|events| (events.max(0.0) + PRIOR).ln()).collect();
        Self { categories, keys, known }
    }

    /// The number of a category.
    pub(super) fn number(&self, key: u64) -> Option<u32> {
        self.keys.binary_search_by_key(&key, |(key, _)| *key).ok().map(|at| at as u32)
    }

    /// Adds `weight` times what the category of this number says about every item.
    pub(super) fn add(&self, number: u32, weight: f32, scores: &mut [f32]) {
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
    pub(super) fn popularity(&self) -> impl Iterator<Item = f32> {
        self.categories.events.iter().map(|n| n.ln_1p())
    }
}
