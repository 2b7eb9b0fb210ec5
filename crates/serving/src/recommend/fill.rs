//! Filling: new items for the places that the model's items leave, because few of them pass the filter.

use super::list::{ListConstraints, ListEntry};
use crate::catalog_view::CatalogView;
use crate::snapshot_handle::SnapshotHandle;
use tastemaker_data::ItemIx;
use tastemaker_domain::recommendation::Reason;

impl SnapshotHandle {
    /// Adds new items up to the list's places: those with most streamed events first, of equals the newest.
    pub(super) fn fill(&self, view: &CatalogView, constraints: ListConstraints<'_>, list: &mut Vec<ListEntry>) {
        let ListConstraints { places, allowed } = constraints;
        if list.len() >= places || self.parts.recipe.needs_item || self.is_about_actions() {
            return;
        }
        let fits = |item: &ItemIx| {
            allowed.is_none_or(|allowed| allowed.get(*item)) && list.iter().all(|entry| entry.item != *item)
        };
        let new = view.new_items().filter(|(item, _)| fits(item));
        let streamed = &self.group.item_events;
        let mut new: Vec<_> = new.map(|(item, id)| (streamed.counts_of(id).interactions, item)).collect();
        new.sort_unstable_by(|a, b| b.cmp(a));
        let entry = |(_, item)| ListEntry { item, logit: None, reason: Some(Reason::Filler) };
        list.extend(new.into_iter().take(places - list.len()).map(entry));
    }
}
