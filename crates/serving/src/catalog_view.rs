//! A catalog view: a snapshot's items with their records at one moment, and the items that came after training.

use crate::changed_records::ChangedRecords;
use crate::exploration_candidates::{CandidateSource, ExplorationCandidates, ItemHistory};
use crate::snapshot_parts::SnapshotParts;
use crate::streamed::metadata_records::MetadataRecords;
use parking_lot::RwLock;
use std::sync::{Arc, OnceLock};
use tastemaker_data::{IdMap, ItemIx};
use tastemaker_domain::campaign_config::Exploration;

/// The items of one snapshot with one state of the Items dataset.
///
/// Items `0..known` are the model's. Behind them come those that have a record and that the model does not know, in an order
/// of their own; a later view of the same snapshot keeps the indices of the earlier one as long as the published table is
/// the same.
pub(crate) struct CatalogView {
    parts: Arc<SnapshotParts>,
    records: Arc<MetadataRecords>,
    /// Ids of the items beyond the model's.
    new_ids: IdMap,
    /// Rows of the published table whose ids the model does not know.
    new_published: Arc<[u32]>,
    changed_or_new: OnceLock<ChangedRecords>,
    streamed: OnceLock<ChangedRecords>,
    exploration_candidates: OnceLock<ExplorationCandidates>,
}

impl CatalogView {
    /// Items that can be named, the model's and the new ones.
    pub fn len(&self) -> usize {
        self.known() + self.new_ids.len()
    }

    /// The model's items.
    pub fn known(&self) -> usize {
        self.parts.items.len()
    }

    /// The model's items by id.
    pub fn known_ids(&self) -> &IdMap {
        &self.parts.items
    }

    /// The records.
    pub fn records(&self) -> &Arc<MetadataRecords> {
        &self.records
    }

    /// The items that the model does not know.
    pub fn new_items(&self) -> impl Iterator<Item = (ItemIx, &str)> {
        self.new_ids.iter().enumerate().map(|(n, id)| (ItemIx((self.known() + n) as u32), id))
    }

    /// The records of new items, and those streamed since the table was published.
    pub fn changed_or_new(&self) -> &ChangedRecords {
        self.changed_or_new.get_or_init(|| ChangedRecords::new(&self.records, &self.new_published, |id| self.item(id)))
    }

    /// The overlay that a filter looks at besides the published table: the records streamed since.
    pub fn streamed(&self) -> &ChangedRecords {
        self.streamed.get_or_init(|| ChangedRecords::new(&self.records, &[], |id| self.item(id)))
    }

    /// The ids of the published table that the model does not know: those of the first new items, in their order.
    pub fn new_published_ids(&self) -> impl Iterator<Item = &str> {
        self.new_published.iter().map(|&row| self.records.published().ids.id(row))
    }

    /// The items that exploration may choose from, by what is known when they are first asked for.
    pub fn exploration_candidates(
        &self,
        history: &ItemHistory,
        exploration: &Exploration,
        newest_s: i64,
    ) -> &ExplorationCandidates {
        self.exploration_candidates.get_or_init(|| {
            let source = CandidateSource {
                known_ids: &self.parts.items,
                items: self.len(),
                published: self.records.published(),
                changed_or_new: self.changed_or_new(),
                history,
            };
            ExplorationCandidates::new(&source, exploration, newest_s)
        })
    }

    /// Whether new items grow old while events stream.
    pub fn new_items_age(&self) -> bool {
        self.parts.cold_start.is_none()
    }

    /// The index of the item called `id`.
    pub fn item(&self, id: &str) -> Option<ItemIx> {
        let known = self.parts.items.get(id);
        known.or_else(|| self.new_ids.get(id).map(|n| self.known() as u32 + n)).map(ItemIx)
    }

    /// The id of an item; empty beyond the view's end.
    pub fn id(&self, item: ItemIx) -> &str {
        match item.0 as usize {
            ix if ix < self.known() => self.parts.items.id(item.0),
            ix if ix < self.len() => self.new_ids.id((ix - self.known()) as u32),
            _ => "",
        }
    }

    fn new(parts: Arc<SnapshotParts>, records: Arc<MetadataRecords>, before: Option<&CatalogView>) -> Self {
        let items = &parts.items;
        let published = records.published();
        let same = before.filter(|view| Arc::ptr_eq(view.records.published(), published));
        let (new_published, mut new_ids) = match same {
            Some(view) => (view.new_published.clone(), view.new_ids.clone()),
            None => {
                let ids = published.ids.iter().enumerate();
                let new: Arc<[u32]> =
                    ids.filter(|(_, id)| items.get(id).is_none()).map(|(row, _)| row as u32).collect();
                let mut new_ids = IdMap::default();
                for &row in &*new {
                    new_ids.insert(published.ids.id(row));
                }
                (new, new_ids)
            }
        };
        for id in records.streamed().flat_map(|table| table.ids.iter()) {
            if items.get(id).is_none() {
                new_ids.insert(id);
            }
        }
        Self {
            parts,
            records,
            new_ids,
            new_published,
            changed_or_new: OnceLock::new(),
            streamed: OnceLock::new(),
            exploration_candidates: OnceLock::new(),
        }
    }
}

/// The view that a snapshot made last.
#[derive(Default)]
pub(crate) struct LatestView(RwLock<Option<Arc<CatalogView>>>);

impl LatestView {
    /// The view of a snapshot's items with `records`.
    pub fn with(&self, parts: &Arc<SnapshotParts>, records: Arc<MetadataRecords>) -> Arc<CatalogView> {
        let last = self.0.read().clone();
        if let Some(view) = last.as_ref().filter(|view| Arc::ptr_eq(&view.records, &records)) {
            return view.clone();
        }
        let view = Arc::new(CatalogView::new(parts.clone(), records, last.as_deref()));
        *self.0.write() = Some(view.clone());
        view
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::Shop;
    use tastemaker_data::ItemIx;

    #[test]
    fn new_items_follow_the_models_and_keep_their_places() {
        let shop = Shop::new();
        let handle = shop.snapshot();
        let view = || handle.catalog_view();
        assert_eq!((view().len(), view().known()), (5, 5));
        shop.put_item(1, "n1", "New", 1.0);
        shop.put_item(2, "i2", "Changed", 2.0);
        let first = view();
        assert_eq!(first.new_items().collect::<Vec<_>>(), [(ItemIx(5), "n1")]);
        assert_eq!((first.item("n1"), first.id(ItemIx(5))), (Some(ItemIx(5)), "n1"));
        shop.put_item(3, "n0", "Newer", 3.0);
        let second = view();
        assert_eq!(second.new_items().map(|(_, id)| id).collect::<Vec<_>>(), ["n1", "n0"]);
        let changed = second.changed_or_new();
        let ids: Vec<_> = changed.table.ids.iter().zip(&changed.items).map(|(id, ix)| (id, ix.0)).collect();
        assert_eq!(ids.len(), 3);
        for (id, ix) in ids {
            assert_eq!(second.item(id), Some(ItemIx(ix)));
        }
        assert!(std::sync::Arc::ptr_eq(&second, &view()));
        assert_eq!(second.id(ItemIx(99)), "");
    }
}
