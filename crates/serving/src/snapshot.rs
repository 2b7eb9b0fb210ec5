//! A snapshot: the immutable model that answers for a campaign, with what is cached beside it.

use crate::catalog_view::{CatalogView, LatestView};
use crate::exploration_candidates::ItemHistory;
use crate::filters::compiled::CompiledFilters;
use crate::popularity::CurrentPopularity;
use crate::snapshot_parts::SnapshotParts;
use crate::streamed::metadata_records::MetadataRecords;
use crate::user_state_cache::UserStateCache;
use std::sync::{Arc, OnceLock};
use tastemaker_domain::recipe::RecipeDescriptor;
use tastemaker_domain::{Error, Result};

/// An immutable model with its catalog, and a cache of encoded users.
pub struct Snapshot {
    pub(crate) parts: Arc<SnapshotParts>,
    pub(crate) user_states: UserStateCache,
    pub(crate) compiled_filters: CompiledFilters,
    pub(crate) popularity: CurrentPopularity,
    view: LatestView,
    item_history: OnceLock<ItemHistory>,
}

impl Snapshot {
    /// Joins the parts. Errors when the scorers and the catalog disagree about the number of items.
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
        Ok(Self {
            popularity: CurrentPopularity::new(parts.popular.clone()),
            parts: Arc::new(parts),
            user_states: UserStateCache::default(),
            compiled_filters: CompiledFilters::default(),
            view: LatestView::default(),
            item_history: OnceLock::new(),
        })
    }

    /// Each item's figures from the bulk histories.
    pub(crate) fn item_history(&self) -> &ItemHistory {
        self.item_history.get_or_init(|| {
            let parts = &self.parts;
            ItemHistory::new(&parts.histories, &parts.impressions, parts.items.len(), parts.cold_start)
        })
    }

    /// The version that answers.
    pub fn solution_version_arn(&self) -> &str {
        &self.parts.solution_version_arn
    }

    /// The recipe that made the model.
    pub fn recipe(&self) -> &'static RecipeDescriptor {
        self.parts.recipe
    }

    /// The group whose data the model was made from.
    pub fn dataset_group_arn(&self) -> &str {
        &self.parts.dataset_group_arn
    }

    /// Whether the items are actions.
    pub fn is_about_actions(&self) -> bool {
        self.parts.is_about_actions()
    }

    /// The snapshot's items with these records.
    pub(crate) fn view_with(&self, records: Arc<MetadataRecords>) -> Arc<CatalogView> {
        self.view.with(&self.parts, records)
    }

    /// Whether the recipe ranks by the user's history; otherwise everybody is answered alike.
    pub fn is_personal(&self) -> bool {
        self.parts.recipe.is_personal()
    }

    /// Whether GetRecommendations may return metadata columns.
    pub fn metadata_enabled(&self) -> bool {
        self.parts.metadata_enabled
    }

    /// The number of users whose history the model was trained on.
    pub fn user_count(&self) -> usize {
        self.parts.histories.users()
    }

    /// The number of items that can be recommended.
    pub fn item_count(&self) -> usize {
        self.parts.items.len()
    }
}
