//! The events that came last, of each dataset group.

use super::table::Table;
use parking_lot::Mutex;
use std::collections::VecDeque;
use tastemaker_domain::resource::InteractionEvent;

/// Events that are kept of a dataset group.
pub const RECENT_EVENTS_MAX: usize = 10;
/// Characters that are kept of an id or a type.
const TEXT_CHARS_MAX: usize = 256;

/// An event that came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecentEvent {
    /// The user; empty for one who is not logged in.
    pub user_id: String,
    /// The item; empty where the event names none.
    pub item_id: String,
    /// The type of the event.
    pub event_type: String,
    /// Seconds since the Unix epoch, by the event's own time.
    pub timestamp_s: i64,
}

/// The newest events of each dataset group, in the order in which they came.
pub(super) struct RecentEvents(Table<Mutex<VecDeque<RecentEvent>>>);

impl RecentEvents {
    /// Room for this many dataset groups.
    pub fn new(groups_max: usize) -> Self {
        Self(Table::new(groups_max))
    }

    /// Notes events that came together.
    pub fn note(&self, dataset_group_arn: &str, events: &[InteractionEvent]) {
        let Some(of_group) = self.0.get_or_insert(dataset_group_arn, Mutex::default) else { return };
        let newest = &events[events.len().saturating_sub(RECENT_EVENTS_MAX)..];
        let mut kept = of_group.lock();
        for event in newest {
            if kept.len() >= RECENT_EVENTS_MAX {
                kept.pop_front();
            }
            kept.push_back(RecentEvent {
                user_id: beginning(&event.user_id),
                item_id: beginning(&event.item_id),
                event_type: beginning(&event.event_type),
                timestamp_s: event.timestamp_s,
            });
        }
    }

    /// The events of a dataset group, the newest first.
    pub fn of(&self, dataset_group_arn: &str) -> Vec<RecentEvent> {
        self.0.get(dataset_group_arn).map_or_else(Vec::new, |kept| kept.lock().iter().rev().cloned().collect())
    }
}

fn beginning(text: &str) -> String {
    text.chars().take(TEXT_CHARS_MAX).collect()
}

#[cfg(test)]
pub(super) fn event_of_test(n: i64) -> InteractionEvent {
    InteractionEvent {
        event_id: format!("e{n}"),
        user_id: "u".repeat(300),
        session_id: "s".to_owned(),
        item_id: format!("i{n}"),
        event_type: "View".to_owned(),
        event_value: None,
        timestamp_s: n,
        properties: Default::default(),
        recommendation_id: None,
        impression: Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_events_of_each_group_are_kept() {
        let recent = RecentEvents::new(1);
        recent.note("a", &[event_of_test(1), event_of_test(2)]);
        let items: Vec<String> = recent.of("a").into_iter().map(|event| event.item_id).collect();
        assert_eq!((items, recent.of("a")[0].user_id.len()), (vec!["i2".to_owned(), "i1".to_owned()], TEXT_CHARS_MAX));
        recent.note("a", &(3..40).map(event_of_test).collect::<Vec<_>>());
        let times: Vec<i64> = recent.of("a").iter().map(|event| event.timestamp_s).collect();
        assert_eq!(times, (30..40).rev().collect::<Vec<i64>>());
        recent.note("b", &[event_of_test(1)]);
        assert!(recent.of("b").is_empty(), "no room for another group");
    }
}
