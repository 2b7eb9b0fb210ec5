//! What a campaign answers from.

use crate::Histories;
use crate::states::StateCache;
use std::sync::Arc;
use tastemaker_data::{IdMap, ItemIx, Table};
use tastemaker_domain::{Error, Result};
use tastemaker_learn::Scorer;

/// The ingredients of a [`Snapshot`].
pub struct SnapshotParts {
    /// The group whose streamed events are overlaid on the histories.
    pub dataset_group_arn: String,
    /// The version that made `scorer`.
    pub solution_version_arn: String,
    /// The recipe's name.
    pub recipe: &'static str,
    /// Whether the recipe ranks by the user's history; otherwise `scorer` answers everybody alike.
    pub personal: bool,
    /// Ranks items for a user state.
    pub scorer: Arc<dyn Scorer>,
    /// Ranks items for users of whom nothing is known.
    pub popular: Arc<dyn Scorer>,
    /// Item ids by the scorer's index.
    pub items: IdMap,
    /// Event types of the training data by the index that [`tastemaker_learn::Event`] carries.
    pub event_types: IdMap,
    /// The bulk histories that the model was trained on.
    pub histories: Histories,
    /// Metadata columns of the Items dataset.
    pub item_table: Arc<Table>,
    /// Only streamed events of this type count (in any case); `None` counts all.
    pub event_type: Option<String>,
    /// Whether GetRecommendations may return metadata columns.
    pub metadata_enabled: bool,
}

impl SnapshotParts {
    /// The index of the event type called `name` in any case; 0 for types that the training data does not have.
    pub(crate) fn event_type_ix(&self, name: &str) -> u16 {
        let at = self.event_types.iter().position(|known| known.eq_ignore_ascii_case(name));
        at.and_then(|at| u16::try_from(at).ok()).unwrap_or(0)
    }
}

/// An immutable model with its catalogue, and a cache of encoded users.
pub struct Snapshot {
    pub(crate) parts: SnapshotParts,
    /// Metadata by item.
    pub(crate) metadata: ItemMetadata,
    pub(crate) states: StateCache,
}

/// The item table seen by item index.
pub struct ItemMetadata {
    pub(crate) table: Arc<Table>,
    rows: Vec<u32>,
}

impl ItemMetadata {
    const ABSENT: u32 = u32::MAX;

    fn new(table: Arc<Table>, items: &IdMap) -> Self {
        let rows = items.iter().map(|id| table.ids.get(id).unwrap_or(Self::ABSENT)).collect();
        Self { table, rows }
    }

    /// The table row of `item`, if it has metadata.
    pub(crate) fn row_of(&self, item: ItemIx) -> Option<usize> {
        self.rows.get(item.0 as usize).filter(|&&row| row != Self::ABSENT).map(|&row| row as usize)
    }
}

impl Snapshot {
    /// Joins the parts. Errors when the scorers and the catalogue disagree about the number of items.
    pub fn new(parts: SnapshotParts) -> Result<Self> {
        let items = parts.items.len();
        for (what, scorer) in [("model", &parts.scorer), ("popularity", &parts.popular)] {
            if scorer.item_count() != items {
                return Err(Error::Internal(format!(
                    "the {what} of {} ranks {} items but its catalogue has {items}",
                    parts.solution_version_arn,
                    scorer.item_count()
                )));
            }
        }
        let metadata = ItemMetadata::new(parts.item_table.clone(), &parts.items);
        Ok(Self { parts, metadata, states: StateCache::default() })
    }

    /// The version that answers.
    pub fn solution_version_arn(&self) -> &str {
        &self.parts.solution_version_arn
    }

    /// The name of the recipe that made the model.
    pub fn recipe(&self) -> &'static str {
        self.parts.recipe
    }

    /// Whether the recipe ranks by the user's history, so that a userId is needed.
    pub fn is_personal(&self) -> bool {
        self.parts.personal
    }

    /// Whether GetRecommendations may return metadata columns.
    pub fn metadata_enabled(&self) -> bool {
        self.parts.metadata_enabled
    }

    /// The number of items that can be recommended.
    pub fn item_count(&self) -> usize {
        self.parts.items.len()
    }
}
