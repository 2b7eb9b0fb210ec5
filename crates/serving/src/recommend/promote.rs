//! Promotion: a share of a list's places for the items that pass a promotion's filter.

use super::list::{ListConstraints, ListEntry};
use super::scoring_request::ScoringRequest;
use crate::catalog_view::CatalogView;
use crate::random::Random;
use tastemaker_data::ItemIx;
use tastemaker_domain::recommendation::Reason;
use tastemaker_learn::Scratch;

/// The best of the items of a promotion; those that the model does not know come last, newest first. `constraints` are the
/// promotion's places and the items that pass its filter.
pub(super) fn promoted(
    view: &CatalogView,
    scoring: &ScoringRequest<'_>,
    constraints: ListConstraints<'_>,
    scratch: &mut Scratch,
) -> Vec<ListEntry> {
    let mut entries = scoring.best_entries(constraints, scratch);
    let new = (view.known()..view.len()).rev().map(|ix| ItemIx(ix as u32));
    let new = new.filter(|item| constraints.allowed.is_none_or(|allowed| allowed.get(*item)));
    let new = new.map(|item| ListEntry { item, logit: None, reason: None });
    entries.extend(new.take(constraints.places - entries.len()));
    entries.iter_mut().for_each(|entry| entry.reason = Some(Reason::Promoted));
    entries
}

/// Puts promoted items at places drawn by the recommendation id; both lists keep their order.
pub(super) fn interleave(list: &mut Vec<ListEntry>, promoted: Vec<ListEntry>, recommendation_id: &str) {
    let len = list.len() + promoted.len();
    let places = Random::seeded(&["promotion", recommendation_id], 0).places(promoted.len(), len);
    for (place, entry) in places.into_iter().zip(promoted) {
        list.insert(place, entry);
    }
}
