//! A snapshot handle: one campaign's model for as long as it is kept, with the data and filters of its dataset group.

use crate::catalog_view::CatalogView;
use crate::filters::registry::FilterRegistry;
use crate::scratch_pool::ScratchPool;
use crate::snapshot::Snapshot;
use crate::streamed::dataset_group::GroupData;
use crate::streamed::events::StreamedEvents;
use std::ops::Deref;
use std::sync::Arc;
use std::time::Duration;
use tastemaker_domain::Result;
use tastemaker_learn::Scratch;

/// The snapshot that answers for a campaign: rules that are judged and lists that are asked for with one handle concern one model, even when
/// another one is deployed in between. Streamed events, records and filters count as they are at each call.
///
/// Cloning it is cheap, and both answer with the same model.
#[derive(Clone)]
pub struct SnapshotHandle {
    pub(crate) campaign_arn: Arc<str>,
    pub(crate) snapshot: Arc<Snapshot>,
    pub(crate) group: Arc<GroupData>,
    pub(crate) filters: Arc<FilterRegistry>,
    pub(crate) scratch: Arc<ScratchPool>,
}

impl Deref for SnapshotHandle {
    type Target = Snapshot;

    fn deref(&self) -> &Snapshot {
        &self.snapshot
    }
}

impl SnapshotHandle {
    /// The campaign or recommender that the snapshot answers for.
    pub fn campaign_arn(&self) -> &str {
        &self.campaign_arn
    }

    /// The same, shared.
    pub fn shared_campaign_arn(&self) -> &Arc<str> {
        &self.campaign_arn
    }

    /// The number of a user's streamed events with items: while it stays, nothing new is known of the user.
    pub fn events_seen(&self, user_id: &str) -> u64 {
        self.group.item_events.since(user_id, u64::MAX).1
    }

    /// The pause between new searches for the campaign's trends, if that is what it is about.
    pub fn trend_interval(&self) -> Option<Duration> {
        u64::try_from(self.parts.trend_interval_s?).ok().map(Duration::from_secs)
    }

    /// Counts anew what is popular, or on the rise, among the campaign's users, with everything streamed up to now.
    pub fn refresh_popularity(&self) -> Result<()> {
        self.popularity.refresh(&self.parts, &self.group.item_events)
    }

    /// The snapshot's items with their records as they are now.
    pub(crate) fn catalog_view(&self) -> Arc<CatalogView> {
        self.snapshot.view_with(self.group.records_now(self.parts.item_dataset_type()))
    }

    /// The streamed events that the snapshot's histories go on with.
    pub(crate) fn streamed_events(&self) -> &StreamedEvents {
        if self.is_about_actions() { &self.group.action_events } else { &self.group.item_events }
    }

    pub(crate) fn with_scratch<T>(&self, work: impl FnOnce(&mut Scratch) -> T) -> T {
        self.scratch.with(work)
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::{CAMPAIGN, GROUP, NextItem, Shop, event, query};
    use crate::{Snapshot, SnapshotParts};
    use std::sync::Arc;
    use tastemaker_domain::catalog;
    use tastemaker_domain::recommendation::{RankingQuery, RecommendationQuery, Source};

    #[test]
    fn rules_and_answers_concern_one_model_whatever_is_deployed_in_between() {
        let shop = Shop::new();
        let ranking = RankingQuery {
            campaign_arn: CAMPAIGN.into(),
            user_id: "known".into(),
            item_ids: vec!["i0".into(), "i3".into()],
            ..RankingQuery::default()
        };
        let (list, ranked) = (shop.recommend(&query("known")), shop.rank(&ranking));
        let handle = shop.snapshot();
        assert_eq!((handle.recipe().needs_item, handle.metadata_enabled()), (false, true));

        let mut parts = Shop::parts(&catalog::AWS_SIMS, Arc::new(NextItem::new(5)));
        (parts.solution_version_arn, parts.metadata_enabled) = ("w".into(), false);
        shop.deploy(parts);
        for handle in [&handle, &handle.clone()] {
            assert_eq!((handle.solution_version_arn(), handle.campaign_arn()), ("v", CAMPAIGN));
            assert_eq!((handle.recipe().needs_item, handle.metadata_enabled()), (false, true));
            assert_eq!((handle.recommend(&query("known")), handle.rank(&ranking)), (list.clone(), ranked.clone()));
            assert_eq!(handle.prepared(&query("known")).expect("answers").recipe, "aws-user-personalization");
        }
        let now = shop.snapshot();
        assert_eq!((now.solution_version_arn(), now.recipe().needs_item), ("w", true));
        assert_ne!(shop.recommend(&RecommendationQuery { item_id: Some("i3".into()), ..query("known") }), list);
    }

    #[test]
    fn a_handle_outlives_its_campaign_and_sees_what_is_streamed() {
        let shop = Shop::new();
        let handle = shop.snapshot();
        shop.serving.campaigns.retire(CAMPAIGN);
        assert!(shop.serving.snapshot(CAMPAIGN).is_err());
        assert_eq!(handle.events_seen("new"), 0);
        shop.serving.observe(GROUP, &[event(1, "new", "i1", "Click")]);
        let list = handle.recommend(&query("new")).expect("answers");
        assert_eq!((list.items[0].item_id.as_str(), list.source, handle.events_seen("new")), ("i2", Source::Model, 1));
    }

    #[test]
    fn a_model_that_ranks_other_items_than_its_catalog_is_refused() {
        let scorer = |items| Arc::new(NextItem::new(items));
        let parts = |model| Shop::parts(&catalog::AWS_SIMS, scorer(model));
        assert!(Snapshot::new(parts(5)).is_ok() && Snapshot::new(parts(4)).is_err());
        let few = SnapshotParts { popular: scorer(6), ..parts(5) };
        let error = Snapshot::new(few).err().expect("refused").to_string();
        assert!(error.contains("popularity") && error.contains("ranks 6 items"), "{error}");
    }
}
