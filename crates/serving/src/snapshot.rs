//! A snapshot: the immutable model that answers for a campaign, with what is cached beside it.

use crate::catalog_view::{CatalogView, LatestView};
use crate::exploration_candidates::ItemHistory;
use crate::filters::compiled::CompiledFilters;
use crate::popularity::CurrentPopularity;
use crate::snapshot_parts::{CampaignSettings, SnapshotParts};
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
    /// Counted for all campaigns that share the model.
    pub(crate) popularity: Arc<CurrentPopularity>,
    view: LatestView,
    item_history: Arc<OnceLock<ItemHistory>>,
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
        let popularity = CurrentPopularity::new(parts.popular.clone());
        Ok(Self::of(parts, Arc::new(popularity), Arc::default()))
    }

    fn of(parts: SnapshotParts, popularity: Arc<CurrentPopularity>, item_history: Arc<OnceLock<ItemHistory>>) -> Self {
        Self {
            popularity,
            parts: Arc::new(parts),
            user_states: UserStateCache::default(),
            compiled_filters: CompiledFilters::default(),
            view: LatestView::default(),
            item_history,
        }
    }

    /// The same model with the settings of another campaign. The two share whatever is large.
    #[must_use]
    pub fn with_settings(&self, settings: CampaignSettings) -> Self {
        let CampaignSettings { metadata_enabled, exploration, influence } = settings;
        let parts = SnapshotParts { metadata_enabled, exploration, influence, ..SnapshotParts::clone(&self.parts) };
        Self::of(parts, self.popularity.clone(), self.item_history.clone())
    }

    /// Whether both answer from one model in memory.
    pub fn shares_model_with(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.parts.scorer, &other.parts.scorer)
            && Arc::ptr_eq(&self.parts.histories, &other.parts.histories)
            && Arc::ptr_eq(&self.parts.items, &other.parts.items)
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

#[cfg(test)]
mod tests {
    use crate::CampaignSettings;
    use crate::testing::{CAMPAIGN, GROUP, Shop, event, query};
    use tastemaker_domain::recommendation::RecommendationQuery;

    #[test]
    fn campaigns_of_one_model_share_it_and_keep_their_settings() {
        let shop = Shop::new();
        let first = shop.snapshot();
        let second = CAMPAIGN.replace("campaign/", "campaign/z-");
        let settings = CampaignSettings { metadata_enabled: false, exploration: None, influence: [0.5, 0.0] };
        shop.serving.campaigns.publish(&second, first.with_settings(settings));
        let other = shop.serving.snapshot(&second).expect("published");
        assert!(first.shares_model_with(&other));
        assert_eq!((first.metadata_enabled(), other.metadata_enabled()), (true, false));
        assert_eq!((first.parts.influence, other.parts.influence), ([0.0; 2], [0.5, 0.0]));

        let asked = RecommendationQuery { campaign_arn: second, ..query("known") };
        let ids = |query: &RecommendationQuery| -> Vec<String> {
            shop.recommend(query).expect("answers").items.into_iter().map(|item| item.item_id).collect()
        };
        assert_eq!(ids(&asked), ids(&query("known")));
        // What is counted for one counts for both, and each sees what is streamed.
        shop.serving.observe(GROUP, &[event(1, "new", "i1", "Click")]);
        let fresh = RecommendationQuery { user_id: Some("new".into()), ..asked };
        assert_eq!(ids(&fresh), ids(&query("new")));
        first.refresh_popularity().expect("counted");
        assert!(std::sync::Arc::ptr_eq(&first.popularity.get(), &other.popularity.get()));

        shop.deploy(Shop::parts(first.recipe(), shop.scorer.clone()));
        assert!(!shop.snapshot().shares_model_with(&other), "another model of the same items");
    }
}
