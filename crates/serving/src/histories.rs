//! The users' bulk histories as they were when the model was trained.

use tastemaker_data::{IdMap, ItemIx};

/// Every known user's items, oldest first, in one buffer.
#[derive(Debug, Clone, Default)]
pub struct Histories {
    users: IdMap,
    offsets: Vec<usize>,
    items: Vec<ItemIx>,
}

impl Histories {
    /// Builds from ids and a CSR pair: the items of user `u` are `items[offsets[u]..offsets[u + 1]]`.
    ///
    /// Returns `None` when the offsets do not ascend from 0 to `items.len()` with one entry more than users.
    pub fn new(users: IdMap, offsets: Vec<usize>, items: Vec<ItemIx>) -> Option<Self> {
        let complete = offsets.len() == users.len() + 1 && offsets.first() == Some(&0);
        let ends = offsets.last() == Some(&items.len());
        (complete && ends && offsets.is_sorted()).then_some(Self { users, offsets, items })
    }

    /// The items of the user called `id`, oldest first; empty for unknown users.
    pub fn of(&self, id: &str) -> &[ItemIx] {
        match self.users.get(id) {
            Some(user) => &self.items[self.offsets[user as usize]..self.offsets[user as usize + 1]],
            None => &[],
        }
    }

    /// The number of users.
    pub fn users(&self) -> usize {
        self.users.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refuses_offsets_that_do_not_fit() {
        let users = || {
            let mut map = IdMap::default();
            map.insert("u");
            map
        };
        let items = || vec![ItemIx(1), ItemIx(2)];
        let good = Histories::new(users(), vec![0, 2], items());
        assert_eq!(good.map(|h| h.of("u").to_vec()), Some(items()));
        for bad in [vec![], vec![0], vec![0, 1], vec![1, 2], vec![0, 3], vec![0, 1, 2]] {
            assert!(Histories::new(users(), bad.clone(), items()).is_none(), "{bad:?}");
        }
    }
}
