//! Histories of users for people who look at recommendations: what a campaign knows of a user, and users to look at.

use crate::snapshot_handle::SnapshotHandle;
use std::collections::HashSet;

/// Something that a user did.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct HistoryEvent {
    /// The item.
    pub item_id: String,
    /// The type of the event; empty where the data has none.
    pub event_type: String,
    /// Seconds since the Unix epoch.
    pub timestamp_s: i64,
}

/// Users by the length of the history that the model was trained on; absent for a model without users.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct UserExamples {
    /// One of those with the shortest.
    pub short: Option<String>,
    /// One in the middle.
    pub median: Option<String>,
    /// One of those with the longest.
    pub long: Option<String>,
}

impl SnapshotHandle {
    /// The newest events of a user, newest first, at most `count`: those that the model was trained on and those streamed since.
    pub fn history(&self, user_id: &str, count: usize) -> Vec<HistoryEvent> {
        let trained = self.parts.histories.of(user_id).map(|event| HistoryEvent {
            item_id: self.parts.items.id(event.item.0).to_owned(),
            event_type: match self.parts.event_types.len() {
                types if usize::from(event.event_type) < types => {
                    self.parts.event_types.id(u32::from(event.event_type)).to_owned()
                }
                _ => String::new(),
            },
            timestamp_s: event.time_s,
        });
        let streamed = self.streamed_events().remembered(user_id).into_iter().map(|event| HistoryEvent {
            item_id: event.item_id.as_ref().to_owned(),
            event_type: event.event_type.as_ref().to_owned(),
            timestamp_s: event.time_s,
        });
        let mut events: Vec<HistoryEvent> = trained.chain(streamed).collect();
        // A training reads streamed events, too, which then stand in both.
        let mut known = HashSet::new();
        events.retain(|event| known.insert(event.clone()));
        events.sort_by_key(|event| std::cmp::Reverse(event.timestamp_s));
        events.truncate(count);
        events
    }

    /// Users with a short, a middle and a long history.
    pub fn user_examples(&self) -> UserExamples {
        let at = |share| self.parts.histories.user_at(share).map(str::to_owned);
        UserExamples { short: at(0.05), median: at(0.5), long: at(1.0) }
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::{GROUP, Shop, event};
    use tastemaker_domain::resource::InteractionEvent;

    #[test]
    fn what_was_trained_on_and_what_was_streamed_newest_first() {
        let shop = Shop::new();
        let handle = shop.snapshot();
        let items = |count| handle.history("known", count).into_iter().map(|event| event.item_id).collect::<Vec<_>>();
        let trained = items(9);
        assert!(!trained.is_empty());
        let now = InteractionEvent { timestamp_s: i64::from(u32::MAX), ..event(7, "known", "i4", "Click") };
        shop.serving.observe(GROUP, &[now.clone(), InteractionEvent { event_id: "again".into(), ..now }]);
        assert_eq!(items(9), [vec!["i4".to_owned()], trained].concat());
        assert_eq!(items(1), ["i4"]);
        assert_eq!(handle.history("known", 1)[0].event_type, "Click");
        assert!(handle.history("nobody", 9).is_empty());
    }

    #[test]
    fn users_to_look_at_are_users_of_the_model() {
        let handle = Shop::new().snapshot();
        let users = handle.user_examples();
        for user in [users.short, users.median, users.long] {
            assert!(!handle.history(&user.expect("a user"), 9).is_empty());
        }
    }
}
