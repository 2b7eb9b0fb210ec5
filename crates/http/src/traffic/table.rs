//! A table of values by ARN that only grows, up to a fixed number: finding one takes no lock and no memory.

use std::hash::{BuildHasher, RandomState};
use std::sync::OnceLock;

type Entry<T> = Box<Named<T>>;

struct Named<T> {
    arn: Box<str>,
    value: T,
}

/// Values by ARN.
pub(super) struct Table<T> {
    places: Box<[OnceLock<Entry<T>>]>,
    hasher: RandomState,
}

impl<T> Table<T> {
    /// A table for this many values.
    pub fn new(places: usize) -> Self {
        Self { places: (0..places).map(|_| OnceLock::new()).collect(), hasher: RandomState::new() }
    }

    /// The places in the order in which a value of this ARN is looked for.
    fn from(&self, arn: &str) -> impl Iterator<Item = &OnceLock<Entry<T>>> {
        let begin = self.hasher.hash_one(arn) as usize % self.places.len().max(1);
        let (before, after) = self.places.split_at(begin);
        after.iter().chain(before)
    }

    pub fn get(&self, arn: &str) -> Option<&T> {
        for place in self.from(arn) {
            let entry = place.get()?;
            if *entry.arn == *arn {
                return Some(&entry.value);
            }
        }
        None
    }

    /// The value, made if there is none; `None` where the table is full.
    pub fn get_or_insert(&self, arn: &str, make: impl Fn() -> T) -> Option<&T> {
        for place in self.from(arn) {
            let entry = place.get_or_init(|| Box::new(Named { arn: arn.into(), value: make() }));
            if *entry.arn == *arn {
                return Some(&entry.value);
            }
        }
        None
    }

    /// All values with their ARNs.
    pub fn entries(&self) -> impl Iterator<Item = (&str, &T)> {
        self.places.iter().filter_map(|place| place.get().map(|entry| (&*entry.arn, &entry.value)))
    }

    /// All values.
    pub fn values(&self) -> impl Iterator<Item = &T> {
        self.places.iter().filter_map(|place| place.get().map(|entry| &entry.value))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_found_until_the_table_is_full() {
        let table = Table::new(3);
        for (at, arn) in ["a", "b", "c"].into_iter().enumerate() {
            assert_eq!(table.get(arn), None);
            assert_eq!(table.get_or_insert(arn, || at), Some(&at));
            assert_eq!(table.get_or_insert(arn, || 9), Some(&at), "the first stays");
        }
        assert_eq!((table.get("b"), table.get("d"), table.get_or_insert("d", || 3)), (Some(&1), None, None));
        assert_eq!(table.values().sum::<usize>(), 3);
    }
}
