//! The streamed events of a dataset group by user: what happened since the model was trained.

use super::names::Names;
use hashbrown::{DefaultHashBuilder, HashMap};
use parking_lot::Mutex;
use std::collections::{HashSet, VecDeque};
use std::hash::{BuildHasher, BuildHasherDefault, DefaultHasher};
use std::sync::Arc;
use tastemaker_data::NewestTimes;
use tastemaker_domain::resource::InteractionEvent;
use tastemaker_filter::INTERACTIONS_PER_EVENT_TYPE_MAX;

/// Streamed events kept for each user; older ones have already advanced any cached state.
pub const STREAMED_EVENTS_PER_USER_MAX: usize = 500;

/// Events beyond those that are kept for each user for the sake of filters.
const OLDER_EVENTS_PER_USER_MAX: usize = 1000;

const SHARDS: usize = 64;

/// One streamed event, as far as recommending needs it.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct StreamedEvent {
    pub item_id: Arc<str>,
    pub event_type: Arc<str>,
    pub event_value: Option<f32>,
    /// Seconds since the Unix epoch.
    pub time_s: i64,
}

/// The bit of [`HeldEvent::kind`] that says that the user was only known as a session.
const ANONYMOUS: u32 = 1 << 31;

/// A streamed event as it is held: 28 bytes, of which millions fit.
#[derive(Debug, Clone, Copy, PartialEq)]
#[repr(C, packed(4))]
pub(super) struct HeldEvent {
    /// Number of the item.
    pub item: u32,
    /// Number of the event type, and [`ANONYMOUS`].
    pub kind: u32,
    /// NaN where there is none.
    pub value: f32,
    pub time_s: i64,
    pub id_hash: u64,
}

impl HeldEvent {
    /// The number of the event type.
    pub fn event_type(self) -> u32 {
        self.kind & !ANONYMOUS
    }
}

/// A user's newest events in order of arrival.
#[derive(Debug, Default)]
pub(super) struct UserEvents {
    /// Events ever taken in; the newest `recent.len()` of them are in `recent`.
    pub total: u64,
    pub recent: VecDeque<HeldEvent>,
    /// Events that left `recent` and are still among the newest of their type, which is what filters see; oldest first.
    pub older: Vec<HeldEvent>,
    /// Of an anonymous session: events that count for a user who was named in it.
    pub claimed: u64,
}

impl UserEvents {
    /// Whether the event is new.
    fn push(&mut self, event: HeldEvent, types: &Names) -> bool {
        let id_hash = event.id_hash;
        if self.recent.iter().any(|e| { e.id_hash } == id_hash) {
            return false;
        }
        if self.recent.len() == STREAMED_EVENTS_PER_USER_MAX {
            self.recent.pop_front().into_iter().for_each(|oldest| self.keep_for_filters(oldest, types));
        }
        self.total += 1;
        self.recent.push_back(event);
        true
    }

    fn keep_for_filters(&mut self, event: HeldEvent, types: &Names) {
        let same_types = types.like(event.event_type());
        let same = |e: &HeldEvent| same_types.contains(&e.event_type());
        self.older.push(event);
        let known = self.older.iter().chain(&self.recent).filter(|e| same(e)).count();
        let mut surplus = known.saturating_sub(INTERACTIONS_PER_EVENT_TYPE_MAX);
        self.older.retain(|e| {
            let drop = surplus > 0 && same(e);
            surplus -= usize::from(drop);
            !drop
        });
        if self.older.len() > OLDER_EVENTS_PER_USER_MAX {
            self.older.remove(0);
        }
    }

    /// The newest events after the first `count` ever.
    fn after(&self, count: u64) -> impl Iterator<Item = &HeldEvent> {
        let new = self.total.saturating_sub(count).min(self.recent.len() as u64) as usize;
        self.recent.range(self.recent.len() - new..)
    }
}

/// The number of an item's streamed events.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct ItemCounts {
    /// Events with it.
    pub interactions: u32,
    /// Events whose user had been shown it.
    pub impressions: u32,
}

/// The streamed events of one dataset group with items (or with actions), in independently locked shards.
pub(crate) struct StreamedEvents {
    pub(super) shards: Vec<Mutex<HashMap<Box<str>, UserEvents>>>,
    pub(super) counts: Vec<Mutex<HashMap<Box<str>, ItemCounts>>>,
    pub(super) newest: Mutex<NewestTimes>,
    pub(super) items: Names,
    pub(super) event_types: Names,
    hasher: DefaultHashBuilder,
}

impl Default for StreamedEvents {
    fn default() -> Self {
        Self {
            shards: (0..SHARDS).map(|_| Mutex::default()).collect(),
            counts: (0..SHARDS).map(|_| Mutex::default()).collect(),
            newest: Mutex::default(),
            items: Names::default(),
            event_types: Names::default(),
            hasher: DefaultHashBuilder::default(),
        }
    }
}

impl StreamedEvents {
    /// Takes in an event, and says whether it is new. One that names a user takes along what the session did before it had a
    /// name.
    pub fn push(&self, event: &InteractionEvent) -> bool {
        let earlier = if event.session_id == event.user_id { Vec::new() } else { self.claim(&event.session_id) };
        // As in the stream: one event id may stand for several items, as those of an order.
        let id_hash = Self::id_hash(&event.event_id, &event.item_id, &event.event_type);
        let anonymous = if event.session_id == event.user_id { ANONYMOUS } else { 0 };
        let held = HeldEvent {
            item: self.items.number(&event.item_id),
            kind: self.event_types.number(&event.event_type) | anonymous,
            value: event.event_value.unwrap_or(f32::NAN),
            time_s: event.timestamp_s,
            id_hash,
        };
        let mut shard = self.shard(&event.user_id).lock();
        let user = shard.entry_ref(event.user_id.as_str()).or_default();
        for event in earlier {
            user.push(event, &self.event_types);
        }
        let new = user.push(held, &self.event_types);
        drop(shard);
        if new {
            self.newest.lock().push(event.timestamp_s);
            self.count(&event.item_id, |counts| counts.interactions += 1);
            event.impression.iter().for_each(|item| self.count(item, |counts| counts.impressions += 1));
        }
        new
    }

    /// The same in every process of a build: events are stored with it.
    pub(super) fn id_hash(event_id: &str, item_id: &str, event_type: &str) -> u64 {
        BuildHasherDefault::<DefaultHasher>::default().hash_one((event_id, item_id, event_type))
    }

    pub(super) fn count(&self, item_id: &str, add: impl FnOnce(&mut ItemCounts)) {
        let shard = &self.counts[self.hasher.hash_one(item_id) as usize % SHARDS];
        add(shard.lock().entry_ref(item_id).or_default());
    }

    /// The number of the item's streamed events.
    pub fn counts_of(&self, item_id: &str) -> ItemCounts {
        let shard = &self.counts[self.hasher.hash_one(item_id) as usize % SHARDS];
        shard.lock().get(item_id).copied().unwrap_or_default()
    }

    /// The time of the newest event, in seconds since the Unix epoch; 0 without events.
    pub fn newest_s(&self) -> i64 {
        self.newest.lock().newest_s().unwrap_or(0)
    }

    /// The newest times of all events.
    pub fn newest_times(&self) -> NewestTimes {
        self.newest.lock().clone()
    }

    /// The events of an anonymous session that count for nobody else yet; from now on they do.
    fn claim(&self, session_id: &str) -> Vec<HeldEvent> {
        let mut shard = self.shard(session_id).lock();
        let Some(session) = shard.get_mut(session_id) else { return Vec::new() };
        let claimed = std::mem::replace(&mut session.claimed, session.total);
        session.after(claimed).filter(|event| event.kind & ANONYMOUS != 0).copied().collect()
    }

    /// The user's events after the first `consumed` ones, oldest first, and how many there were ever.
    pub fn since(&self, user_id: &str, consumed: u64) -> (Vec<StreamedEvent>, u64) {
        let shard = self.shard(user_id).lock();
        let Some(user) = shard.get(user_id) else {
            return (Vec::new(), 0);
        };
        (user.after(consumed).map(|event| self.named(event)).collect(), user.total)
    }

    /// The user's streamed events that filters see, oldest first.
    pub fn remembered(&self, user_id: &str) -> Vec<StreamedEvent> {
        let shard = self.shard(user_id).lock();
        let Some(user) = shard.get(user_id) else { return Vec::new() };
        user.older.iter().chain(&user.recent).map(|event| self.named(event)).collect()
    }

    /// Shows each user and their events, but for those that count for another user who was named in the session.
    pub fn each_user(&self, mut visit: impl FnMut(&str, &mut dyn Iterator<Item = StreamedEvent>)) {
        for shard in &self.shards {
            for (id, user) in &*shard.lock() {
                let older = user.older.iter().filter(|_| user.claimed == 0);
                visit(id, &mut older.chain(user.after(user.claimed)).map(|event| self.named(event)));
            }
        }
    }

    fn named(&self, event: &HeldEvent) -> StreamedEvent {
        StreamedEvent {
            item_id: self.items.name(event.item),
            event_type: self.event_types.name(event.event_type()),
            event_value: Some(event.value).filter(|value| !value.is_nan()),
            time_s: event.time_s,
        }
    }

    /// Forgets users with their events.
    pub fn forget(&self, users: &HashSet<Box<str>>) {
        for user in users {
            self.shard(user).lock().remove(&**user);
        }
    }

    pub(super) fn shard(&self, user_id: &str) -> &Mutex<HashMap<Box<str>, UserEvents>> {
        &self.shards[self.hasher.hash_one(user_id) as usize % SHARDS]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::event;

    fn by(n: usize, session: &str, user: &str) -> InteractionEvent {
        InteractionEvent { session_id: session.into(), ..event(n, user, &format!("i{n}"), "Click") }
    }

    fn items(events: &StreamedEvents, user: &str) -> Vec<String> {
        events.remembered(user).iter().map(|event| event.item_id.to_string()).collect()
    }

    #[test]
    fn a_named_user_takes_all_that_the_session_did_before_and_nothing_of_another_user() {
        let events = StreamedEvents::default();
        [by(1, "s", "s"), by(2, "s", "s"), by(3, "s", "ann")].iter().for_each(|e| assert!(events.push(e)));
        assert_eq!(items(&events, "ann"), ["i1", "i2", "i3"]);
        // A user who is called like a session: what they did under their name is theirs.
        [by(4, "t", "u"), by(5, "u", "bob")].iter().for_each(|e| assert!(events.push(e)));
        assert_eq!((items(&events, "u"), items(&events, "bob")), (vec!["i4".to_owned()], vec!["i5".to_owned()]));
    }

    #[test]
    fn an_event_id_counts_once_for_each_item_and_type_of_a_user() {
        let events = StreamedEvents::default();
        let ordered = |user: &str, item: &str, event_type: &str| event(1, user, item, event_type);
        for (user, item, event_type, new) in [
            ("u", "a", "Purchase", true),
            ("u", "b", "Purchase", true),
            ("u", "b", "View", true),
            ("v", "a", "Purchase", true),
            ("u", "a", "Purchase", false),
            ("u", "b", "View", false),
        ] {
            assert_eq!(events.push(&ordered(user, item, event_type)), new, "{user} {item} {event_type}");
        }
        assert_eq!(items(&events, "u"), ["a", "b", "b"]);
        assert_eq!(events.counts_of("a").interactions, 2);
    }

    #[test]
    fn each_event_is_shown_for_one_user_and_memory_is_bounded() {
        let events = StreamedEvents::default();
        let typed = |n: usize, user: &str| InteractionEvent { event_type: format!("t{n}"), ..by(n, "s", user) };
        (0..2000).for_each(|n| assert!(events.push(&typed(n, "s"))));
        assert_eq!(items(&events, "s").len(), STREAMED_EVENTS_PER_USER_MAX + OLDER_EVENTS_PER_USER_MAX);
        let shown = |user: &str| {
            let mut count = 0;
            events.each_user(|id, of| count += if id == user { of.count() } else { 0 });
            count
        };
        assert_eq!(shown("s"), STREAMED_EVENTS_PER_USER_MAX + OLDER_EVENTS_PER_USER_MAX);
        assert!(events.push(&by(2000, "s", "ann")));
        assert_eq!((shown("s"), shown("ann")), (0, STREAMED_EVENTS_PER_USER_MAX + 1));
    }

    #[test]
    fn an_event_takes_28_bytes_and_comes_out_as_it_went_in() {
        assert_eq!(size_of::<HeldEvent>(), 28);
        let events = StreamedEvents::default();
        let pushed = InteractionEvent { event_value: Some(2.5), ..event(1, "u", "i", "Click") };
        events.push(&InteractionEvent { timestamp_s: i64::MIN, ..pushed });
        events.push(&InteractionEvent { session_id: "u".into(), ..event(2, "u", "j", "click") });
        let named = |item: &str, event_type: &str, event_value, time_s| StreamedEvent {
            item_id: item.into(),
            event_type: event_type.into(),
            event_value,
            time_s,
        };
        let time_s = event(2, "u", "j", "click").timestamp_s;
        assert_eq!(
            events.remembered("u"),
            [named("i", "Click", Some(2.5), i64::MIN), named("j", "click", None, time_s)]
        );
    }
}
