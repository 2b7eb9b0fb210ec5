//! A snapshot's items together with their records as they are now, and the items that came after training.

use crate::Snapshot;
use crate::explore::Explorer;
use crate::rows::Rows;
use std::sync::{Arc, OnceLock, PoisonError, RwLock};
use tastemaker_data::{Column, IdMap, ItemIx, Table, TableBuilder};
use tastemaker_domain::campaign_config::Exploration;

/// One snapshot seen with one state of the Items dataset.
///
/// Items `0..known` are the model's. Behind them come those that have a record and that the model does not know, in an order
/// of their own; a later view of the same snapshot keeps the indices of the earlier one as long as the published table is
/// the same.
pub struct View {
    rows: Arc<Rows>,
    known: usize,
    /// Ids of the items beyond `known`.
    new_ids: IdMap,
    /// Rows of the published table whose ids the model does not know.
    new_published: Arc<[u32]>,
    extra: OnceLock<Extra>,
    streamed: OnceLock<Extra>,
    explorer: OnceLock<Explorer>,
}

/// The records that differ from the published table seen by the model's items: those streamed since, and those of new items.
pub struct Extra {
    /// By id, the newest record of each.
    pub table: Arc<Table>,
    /// `[rows of the table]`: whose record it is.
    pub items: Vec<ItemIx>,
}

impl View {
    /// Items that can be named, the model's and the new ones.
    pub fn len(&self) -> usize {
        self.known + self.new_ids.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The model's items.
    pub fn known(&self) -> usize {
        self.known
    }

    /// The records.
    pub fn rows(&self) -> &Arc<Rows> {
        &self.rows
    }

    /// The items that the model does not know.
    pub fn new_items(&self) -> impl Iterator<Item = (ItemIx, &str)> {
        self.new_ids.iter().enumerate().map(|(n, id)| (ItemIx((self.known + n) as u32), id))
    }

    /// The records of new items, and those streamed since the table was published.
    pub fn extra(&self, snapshot: &Snapshot) -> &Extra {
        self.extra.get_or_init(|| Extra::new(self, snapshot, &self.new_published))
    }

    /// What a filter has to look at besides the published table: the records streamed since.
    pub(crate) fn streamed(&self, snapshot: &Snapshot) -> &Extra {
        self.streamed.get_or_init(|| Extra::new(self, snapshot, &[]))
    }

    /// The ids of the published table that the model does not know: those of the first new items, in their order.
    pub(crate) fn new_published_ids(&self) -> impl Iterator<Item = &str> {
        self.new_published.iter().map(|&row| self.rows.published().ids.id(row))
    }

    /// The new items, by what is known when they are first asked for.
    pub(crate) fn explorer(&self, snapshot: &Snapshot, exploration: &Exploration, newest_s: i64) -> &Explorer {
        self.explorer.get_or_init(|| Explorer::new(snapshot, self, exploration, newest_s))
    }

    /// The index of the item called `id` in this view of `snapshot`.
    pub fn item(&self, snapshot: &Snapshot, id: &str) -> Option<ItemIx> {
        let known = snapshot.parts.items.get(id);
        known.or_else(|| self.new_ids.get(id).map(|n| self.known as u32 + n)).map(ItemIx)
    }

    /// The id of an item of this view of `snapshot`; empty beyond its end.
    pub fn id<'a>(&'a self, snapshot: &'a Snapshot, item: ItemIx) -> &'a str {
        match item.0 as usize {
            ix if ix < self.known => snapshot.parts.items.id(item.0),
            ix if ix < self.len() => self.new_ids.id((ix - self.known) as u32),
            _ => "",
        }
    }

    fn new(snapshot: &Snapshot, rows: Arc<Rows>, before: Option<&View>) -> Self {
        let items = &snapshot.parts.items;
        let published = rows.published();
        let same = before.filter(|view| Arc::ptr_eq(view.rows.published(), published));
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
        for id in rows.streamed().flat_map(|table| table.ids.iter()) {
            if items.get(id).is_none() {
                new_ids.insert(id);
            }
        }
        Self {
            rows,
            known: items.len(),
            new_ids,
            new_published,
            extra: OnceLock::new(),
            streamed: OnceLock::new(),
            explorer: OnceLock::new(),
        }
    }
}

impl Extra {
    /// The records in `published`, rows of the published table, and all that were streamed since.
    fn new(view: &View, snapshot: &Snapshot, published: &[u32]) -> Self {
        let rows = &view.rows;
        let columns = |table: &Table| -> Vec<(String, Column)> {
            table.columns.iter().map(|(name, column)| (name.clone(), column.emptied())).collect()
        };
        let newest = rows.streamed().next_back().unwrap_or(rows.published());
        let mut builder = TableBuilder::new(columns(newest));
        for &row in published {
            builder.set_from(rows.published().ids.id(row), rows.published(), row as usize);
        }
        for table in rows.streamed() {
            for (row, id) in table.ids.iter().enumerate() {
                builder.set_from(id, table, row);
            }
        }
        let table = builder.build();
        let items = table.ids.iter().filter_map(|id| view.item(snapshot, id)).collect();
        Self { items, table: Arc::new(table) }
    }
}

/// The view that a snapshot made last.
#[derive(Default)]
pub(crate) struct LastView(RwLock<Option<Arc<View>>>);

impl LastView {
    /// The view of `snapshot` with `rows`.
    pub fn with(&self, snapshot: &Snapshot, rows: Arc<Rows>) -> Arc<View> {
        let last = self.0.read().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some(view) = last.as_ref().filter(|view| Arc::ptr_eq(&view.rows, &rows)) {
            return view.clone();
        }
        let view = Arc::new(View::new(snapshot, rows, last.as_deref()));
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = Some(view.clone());
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
        let snapshot = shop.snapshot();
        let view = || shop.serving.view(&snapshot);
        assert_eq!((view().len(), view().known()), (5, 5));
        shop.put_item(1, "n1", "New", 1.0);
        shop.put_item(2, "i2", "Changed", 2.0);
        let first = view();
        assert_eq!(first.new_items().collect::<Vec<_>>(), [(ItemIx(5), "n1")]);
        assert_eq!((first.item(&snapshot, "n1"), first.id(&snapshot, ItemIx(5))), (Some(ItemIx(5)), "n1"));
        shop.put_item(3, "n0", "Newer", 3.0);
        let second = view();
        assert_eq!(second.new_items().map(|(_, id)| id).collect::<Vec<_>>(), ["n1", "n0"]);
        let extra = second.extra(&snapshot);
        let ids: Vec<_> = extra.table.ids.iter().zip(&extra.items).map(|(id, ix)| (id, ix.0)).collect();
        assert_eq!(ids.len(), 3);
        for (id, ix) in ids {
            assert_eq!(second.item(&snapshot, id), Some(ItemIx(ix)));
        }
        assert!(std::sync::Arc::ptr_eq(&second, &view()));
        assert_eq!(second.id(&snapshot, ItemIx(99)), "");
    }
}
