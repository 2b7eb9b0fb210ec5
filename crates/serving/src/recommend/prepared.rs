//! Prepared recommendation: the popular items that pass a filter, for callers that cannot wait for more.

use crate::metadata::{metadata_of, resolve_columns};
use crate::requester::Requester;
use crate::snapshot_handle::SnapshotHandle;
use tastemaker_data::{Bitmap, ItemIx};
use tastemaker_domain::Result;
use tastemaker_domain::recommendation::{RecommendationList, RecommendationQuery, RecommendedItem, Source};

impl SnapshotHandle {
    /// The popular items that pass the query's filter, without scores: a look-up, for callers that cannot wait for
    /// [`SnapshotHandle::recommend`]. The user only matters to the filter; promotions are left out.
    ///
    /// Errors: as of [`SnapshotHandle::recommend`].
    pub fn prepared(&self, query: &RecommendationQuery) -> Result<RecommendationList> {
        let view = self.catalog_view();
        let columns = resolve_columns(view.records(), &query.metadata_columns)?;
        let requester = Requester {
            user_id: query.user_id.as_deref().filter(|id| !id.is_empty()),
            item_id: query.item_id.as_deref(),
        };
        let mut allowed = match &query.filter {
            Some(filter) => Some(self.allowed_items(&view, filter, requester)?),
            None => None,
        };
        for item in query.excluded_items.iter().filter_map(|id| view.item(id)) {
            allowed.get_or_insert_with(|| Bitmap::full(view.len())).clear(item);
        }
        let asked = requester.item_id.and_then(|id| view.item(id));
        let popular = self.popularity.get();
        let best = popular.best(&view, allowed.as_ref()).filter(|item| Some(*item) != asked);
        let item = |item: ItemIx| {
            let id = view.id(item);
            RecommendedItem {
                item_id: id.to_owned(),
                score: None,
                promotion_name: None,
                reason: None,
                metadata: metadata_of(view.records(), id, &columns),
            }
        };
        let items = best.take(query.num_results).map(item).collect();
        Ok(RecommendationList { items, source: Source::Prepared, recipe: self.parts.recipe.name })
    }
}
