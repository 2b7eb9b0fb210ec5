//! A list of recommendations while it is made: its entries, and the rules that they keep.

use tastemaker_data::{Bitmap, ItemIx};
use tastemaker_domain::recommendation::Reason;
use tastemaker_learn::Ranked;

/// An item on its way into a list.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct ListEntry {
    pub item: ItemIx,
    /// Absent for items that the model does not know.
    pub logit: Option<f32>,
    pub reason: Option<Reason>,
}

/// The longest length of a list and the items that may stand in it.
#[derive(Clone, Copy)]
pub(super) struct ListConstraints<'a> {
    pub places: usize,
    /// The items that may be listed; `None` allows all.
    pub allowed: Option<&'a Bitmap>,
}

/// The entries of items that a model ranked.
pub(super) fn entries(ranked: &Ranked) -> Vec<ListEntry> {
    ranked.items.iter().map(|&(item, logit)| ListEntry { item, logit: Some(logit), reason: None }).collect()
}
