//! One training of related items: which users, items and signals take part.

use super::facts;
use crate::Error;
use crate::artifact::EnsembleFacts;
use crate::ensemble;
use crate::next_item::sequences::{Part, hold_out_of};
use std::collections::{BTreeMap, BTreeSet};
use tastemaker_data::Dataset;
use tastemaker_learn::item_matrix::ItemMatrix;
use tastemaker_learn::models::als::AlsConfig;
use tastemaker_learn::models::related::{RelatedInput, RelatedSignals, combine, fit, points};
use tastemaker_learn::models::sims::{SimsConfig, sims};
use tastemaker_learn::sentences::RELATED;
use tastemaker_learn::{Progress, TrainContext};

/// Related items kept for each item: the longest list the API gives.
pub(super) const ROW_MAX: usize = 500;
/// Items of a signal's row where there are more than [`LONG_ROWS_ITEMS_MAX`], so that the signals stay in memory.
const SIGNAL_ROW_MAX_OF_MANY: usize = 200;
const LONG_ROWS_ITEMS_MAX: usize = 20_000;
/// Events of a user this far apart belong to different sessions, purchases without an order to different baskets.
const SESSION_GAP_S: i64 = 3600;
/// Weights are fitted on one user in so many,
const HELD_OUT_ONE_IN: usize = 5;
/// at most.
const HELD_OUT_MAX: usize = 3000;

/// The factor at which the ensemble counts alone, the default of `popularity_discount_factor`.
pub(super) const FITTED_FACTOR: f32 = 0.5;

/// The users, items and signals that take part.
#[derive(Clone)]
pub(super) struct RelatedTraining<'a> {
    pub dataset: &'a Dataset,
    pub users: Vec<usize>,
    /// By item; `None` for all.
    pub takes_part: Option<&'a [bool]>,
    pub min_shared: u32,
    /// The popularity discount of `aws-sims`: [`FITTED_FACTOR`] leaves the ensemble as it was fitted, 0 orders by shared users alone and
    /// 1 by shared users over the users of each, with everything between.
    pub factor: f32,
    pub metadata: Option<&'a ItemMatrix>,
    pub vectors: Option<AlsConfig>,
    pub low_rank: bool,
    pub ease: bool,
    /// Whether a basket stands for a history.
    pub baskets: bool,
    /// A fit whose weights are taken instead of fitting them.
    pub former: Option<EnsembleFacts>,
}

/// The outcome of a training.
pub(super) struct Relations {
    pub rows: ItemMatrix,
    pub facts: EnsembleFacts,
    pub users: usize,
    pub events: usize,
    /// Events of each item.
    pub counts: Vec<u32>,
}

impl<'a> RelatedTraining<'a> {
    /// All users and items, by counted signals alone.
    pub fn counting(dataset: &'a Dataset) -> Self {
        Self {
            dataset,
            users: (0..dataset.users.len()).collect(),
            takes_part: None,
            min_shared: 1,
            factor: FITTED_FACTOR,
            metadata: None,
            vectors: None,
            low_rank: false,
            ease: false,
            baskets: false,
            former: None,
        }
    }

    /// The rows of an ensemble whose weights are fitted on some users, computed from all.
    pub fn fitted(&self, context: &TrainContext) -> Result<Relations, Error> {
        let known = self.former.clone().map(|facts| (facts::combination(&facts), facts));
        let (combination, facts) = match known {
            Some(known) => known,
            None => {
                let wanted = (self.users.len() / HELD_OUT_ONE_IN).min(HELD_OUT_MAX);
                let (training, held_out) = hold_out_of(self.dataset, &self.users, context.seed, wanted);
                let signals = self.signals(&self.part(&training), context)?;
                let held_out = self.part(&held_out);
                let (combination, report) =
                    fit(&signals, &points(&held_out.sequences(), context.seed), context.cancel)?;
                (context.progress)(Progress::of("related", RELATED.with(&[&report.chosen])));
                let facts = facts::facts(&combination, &report);
                (combination, facts)
            }
        };
        let part = self.part(&self.users);
        let signals = self.signals(&part, context)?;
        let mut rows = combine(&signals, &combination, ROW_MAX, context.cancel)?;
        let share = (self.factor - FITTED_FACTOR).abs() / FITTED_FACTOR;
        if share > 0.0 {
            let popularity_discount = if self.factor < FITTED_FACTOR { 0.0 } else { 1.0 };
            let config = SimsConfig { popularity_discount, min_cointeractions: self.min_shared, row_max: ROW_MAX };
            rows = between(&rows, &sims(&part.sequences(), self.dataset.items.len(), &config, context.cancel)?, share);
        }
        Ok(Relations { rows, facts, users: self.users.len(), events: part.events(), counts: signals.counts })
    }

    /// The events of `users`, or their baskets.
    fn part(&self, users: &[usize]) -> Part {
        let part = Part::of(self.dataset, &[], users);
        let part = match self.takes_part {
            Some(takes_part) => part.only(|item| takes_part[item as usize]),
            None => part,
        };
        if self.baskets { part.baskets(SESSION_GAP_S) } else { part }
    }

    fn signals(&self, part: &Part, context: &TrainContext) -> Result<RelatedSignals, Error> {
        let items = self.dataset.items.len();
        let sequences = part.sequences();
        let sessions = part.split(SESSION_GAP_S);
        let input = RelatedInput {
            sequences,
            sessions: sessions.sequences(),
            items,
            metadata: self.metadata,
            min_shared: self.min_shared,
            row_max: if items > LONG_ROWS_ITEMS_MAX { SIGNAL_ROW_MAX_OF_MANY } else { ROW_MAX },
            ease: self.ease.then(|| ensemble::ease_config(&sequences, items, items)),
            vectors: self.vectors,
            low_rank: self.low_rank,
        };
        Ok(RelatedSignals::of(&input, context)?)
    }
}

/// `rows^(1 - share) * others^share`; what one of the two lacks has its least weight there.
fn between(rows: &ItemMatrix, others: &ItemMatrix, share: f32) -> ItemMatrix {
    let row = |item: u32| {
        let weights = |rows: &ItemMatrix| -> BTreeMap<u32, f32> { rows.row(item).collect() };
        let (own, other) = (weights(rows), weights(others));
        let least = |weights: &BTreeMap<u32, f32>| weights.values().fold(1.0f32, |least, weight| least.min(*weight));
        let (own_least, other_least) = (least(&own), least(&other));
        let items: BTreeSet<u32> = own.keys().chain(other.keys()).copied().collect();
        let weight = |item: u32| {
            let own = own.get(&item).copied().unwrap_or(own_least);
            own.powf(1.0 - share) * other.get(&item).copied().unwrap_or(other_least).powf(share)
        };
        items.into_iter().map(|item| (item, weight(item))).collect::<Vec<_>>()
    };
    ItemMatrix::from_rows((0..rows.len() as u32).map(row), ROW_MAX)
}
