//! The newest time of many events, which no single event decides: one device with a wrong clock must not make everything
//! else old.

/// The newest times that are looked at.
const NEWEST: usize = 10;
/// Of this many events one more of the newest is passed over, until `NEWEST` are looked at.
const EVENTS_PER_RANK: u64 = 100;

/// The newest times of events that come one after another.
#[derive(Debug, Clone, Default)]
pub struct NewestTimes {
    events: u64,
    /// Ascending, at most `NEWEST`.
    newest: Vec<i64>,
}

impl NewestTimes {
    /// From the number of events and the newest times of theirs, ascending; `None` if these are no such times.
    pub fn of(events: u64, newest: Vec<i64>) -> Option<Self> {
        let complete = newest.len() <= NEWEST && newest.is_sorted() && newest.len() as u64 <= events;
        complete.then_some(Self { events, newest })
    }

    /// The number of events.
    pub fn events(&self) -> u64 {
        self.events
    }

    /// The newest times, ascending.
    pub fn times(&self) -> &[i64] {
        &self.newest
    }

    /// Takes in an event.
    pub fn push(&mut self, time_s: i64) {
        self.events += 1;
        if self.newest.len() == NEWEST {
            if time_s <= self.newest[0] {
                return;
            }
            self.newest.remove(0);
        }
        let place = self.newest.partition_point(|&other| other <= time_s);
        self.newest.insert(place, time_s);
    }

    /// Takes in the events of `other`.
    pub fn merge(&mut self, other: &Self) {
        let events = self.events + other.events;
        other.newest.iter().for_each(|&time_s| self.push(time_s));
        self.events = events;
    }

    /// The time of the newest event, in seconds, as the tenth newest of a thousand says it: the newest itself of fewer than a
    /// hundred, among which none can be told to be odd. `None` without events.
    pub fn newest_s(&self) -> Option<i64> {
        let passed_over = (self.events / EVENTS_PER_RANK).min(NEWEST as u64 - 1) as usize;
        let from_the_end = self.newest.len().checked_sub(1 + passed_over);
        from_the_end.map(|place| self.newest[place])
    }
}

impl FromIterator<i64> for NewestTimes {
    fn from_iter<I: IntoIterator<Item = i64>>(times: I) -> Self {
        let mut newest = Self::default();
        times.into_iter().for_each(|time_s| newest.push(time_s));
        newest
    }
}

/// The time of the newest of these events; see [`NewestTimes::newest_s`].
pub fn newest_s(times: impl IntoIterator<Item = i64>) -> Option<i64> {
    NewestTimes::from_iter(times).newest_s()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_single_event_of_many_decides() {
        assert_eq!(newest_s([]), None);
        assert_eq!(newest_s([3, 9, 4]), Some(9));
        let with_odd = |events: i64, odd: usize| newest_s((0..events).chain(std::iter::repeat_n(i64::MAX, odd)));
        assert_eq!(with_odd(98, 1), Some(i64::MAX));
        assert_eq!(with_odd(99, 1), Some(98));
        assert_eq!((with_odd(1000, 0), with_odd(1000, 1), with_odd(1000, 9)), (Some(990), Some(991), Some(999)));
        assert_eq!(with_odd(1000, 10), Some(i64::MAX));
    }

    #[test]
    fn the_order_of_arrival_does_not_matter() {
        let times: Vec<i64> = (0..500).map(|n| n * 7919 % 500).collect();
        assert_eq!(newest_s(times.iter().copied()), newest_s(0..500));
        assert_eq!(newest_s(times.iter().rev().copied()), Some(494));
        let mut merged: NewestTimes = times[..200].iter().copied().collect();
        merged.merge(&times[200..].iter().copied().collect());
        assert_eq!(merged.newest_s(), Some(494));
    }

    #[test]
    fn no_more_than_the_ten_newest_are_looked_at() {
        assert_eq!(newest_s((0..1000).rev()), Some(990));
        assert_eq!(newest_s(0..9000), Some(8990));
        assert_eq!(newest_s(std::iter::repeat_n(7, 5000)), Some(7));
        assert_eq!((0..9000).collect::<NewestTimes>().newest, (8990..9000).collect::<Vec<_>>());
    }
}
