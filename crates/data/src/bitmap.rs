//! A set of items as one bit each.

use crate::ids::ItemIx;

/// A dense set over `0..len` item indices. Bits at or beyond `len` are always clear.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bitmap {
    words: Box<[u64]>,
    len: usize,
}

impl Bitmap {
    /// The empty set over `len` items.
    pub fn new(len: usize) -> Self {
        Self { words: vec![0; len.div_ceil(64)].into(), len }
    }

    /// The set of all `len` items.
    pub fn full(len: usize) -> Self {
        let mut all = Self { words: vec![u64::MAX; len.div_ceil(64)].into(), len };
        all.trim();
        all
    }

    /// The set of the items for which `holds` is true.
    pub fn from_fn(len: usize, holds: impl Fn(ItemIx) -> bool) -> Self {
        let word = |w: usize| {
            let bits = w * 64..len.min(w * 64 + 64);
            bits.fold(0u64, |word, item| word | u64::from(holds(ItemIx(item as u32))) << (item % 64))
        };
        Self { words: (0..len.div_ceil(64)).map(word).collect(), len }
    }

    /// The number of items the set is over, members or not.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether the set is over no items at all.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Whether `item` is a member; false beyond the end.
    pub fn get(&self, item: ItemIx) -> bool {
        self.words.get(item.0 as usize / 64).is_some_and(|word| word >> (item.0 % 64) & 1 == 1)
    }

    /// Makes `item` a member; beyond the end nothing happens.
    pub fn set(&mut self, item: ItemIx) {
        if (item.0 as usize) < self.len {
            self.words[item.0 as usize / 64] |= 1 << (item.0 % 64);
        }
    }

    /// Removes `item`.
    pub fn clear(&mut self, item: ItemIx) {
        if let Some(word) = self.words.get_mut(item.0 as usize / 64) {
            *word &= !(1 << (item.0 % 64));
        }
    }

    /// Keeps what is in `other` too. Items beyond `other`'s end are removed.
    pub fn and(&mut self, other: &Self) {
        let others = other.words.iter().copied().chain(std::iter::repeat(0));
        self.words.iter_mut().zip(others).for_each(|(word, other)| *word &= other);
    }

    /// Adds what is in `other`; what lies beyond this set's end stays out.
    pub fn or(&mut self, other: &Self) {
        self.words.iter_mut().zip(&other.words).for_each(|(word, other)| *word |= other);
        self.trim();
    }

    /// Removes what is in `other`.
    pub fn andnot(&mut self, other: &Self) {
        self.words.iter_mut().zip(&other.words).for_each(|(word, other)| *word &= !other);
    }

    /// Turns members into non-members and the reverse.
    pub fn not(&mut self) {
        self.words.iter_mut().for_each(|word| *word = !*word);
        self.trim();
    }

    /// The number of members.
    pub fn count(&self) -> usize {
        self.words.iter().map(|word| word.count_ones() as usize).sum()
    }

    /// The members, ascending.
    pub fn iter_ones(&self) -> impl Iterator<Item = ItemIx> {
        self.words.iter().enumerate().flat_map(|(w, &word)| {
            let rest = |bits: &u64| Some(bits & bits.wrapping_sub(1)).filter(|&rest| rest != 0);
            let first = Some(word).filter(|&bits| bits != 0);
            std::iter::successors(first, rest).map(move |bits| ItemIx((w * 64) as u32 + bits.trailing_zeros()))
        })
    }

    /// The members among items `64 * w..64 * w + 64` as bits; 0 beyond the end.
    pub fn word(&self, w: usize) -> u64 {
        self.words.get(w).copied().unwrap_or(0)
    }

    fn trim(&mut self) {
        if let (Some(last), tail @ 1..) = (self.words.last_mut(), self.len % 64) {
            *last &= u64::MAX >> (64 - tail);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn members(set: &Bitmap) -> Vec<u32> {
        set.iter_ones().map(|item| item.0).collect()
    }

    #[test]
    fn equals_a_list_of_members() {
        for len in [0usize, 1, 63, 64, 65, 200] {
            let thirds = Bitmap::from_fn(len, |item| item.0.is_multiple_of(3));
            let expected: Vec<u32> = (0..len as u32).filter(|i| i % 3 == 0).collect();
            assert_eq!((members(&thirds), thirds.count()), (expected.clone(), expected.len()), "{len}");
            let mut rest = thirds.clone();
            rest.not();
            assert_eq!(members(&rest), (0..len as u32).filter(|i| i % 3 != 0).collect::<Vec<_>>());
            let mut both = thirds.clone();
            both.or(&rest);
            assert_eq!(both, Bitmap::full(len));
            let mut without = both.clone();
            without.andnot(&rest);
            both.and(&thirds);
            assert_eq!((&both, &without), (&thirds, &thirds));
            rest.and(&thirds);
            assert_eq!(rest, Bitmap::new(len));
        }
    }

    #[test]
    fn single_bits_and_the_end() {
        let mut set = Bitmap::new(70);
        for item in [0, 64, 69, 70, 1000] {
            set.set(ItemIx(item));
        }
        assert_eq!(members(&set), [0, 64, 69]);
        assert!(set.get(ItemIx(69)) && !set.get(ItemIx(70)) && !set.get(ItemIx(5000)));
        set.clear(ItemIx(64));
        set.clear(ItemIx(5000));
        assert_eq!((members(&set), set.len(), set.word(1), set.word(9)), (vec![0, 69], 70, 32, 0));
        let mut short = Bitmap::full(3);
        short.or(&set);
        assert_eq!(short, Bitmap::full(3));
        set.and(&short);
        assert_eq!(members(&set), [0]);
    }

    #[test]
    fn sets_have_an_end() {
        assert_eq!([Bitmap::new(0), Bitmap::full(0), Bitmap::new(1)].map(|set| set.is_empty()), [true, true, false]);
        let mut short = Bitmap::new(3);
        short.or(&Bitmap::full(9));
        assert_eq!(short, Bitmap::full(3), "what lies beyond the end of the word's last item stays out");
        let mut without = Bitmap::full(70);
        without.clear(ItemIx(69));
        without.clear(ItemIx(5));
        assert_eq!((without.count(), without.get(ItemIx(5)), without.get(ItemIx(69))), (68, false, false));
        let mut whole_words = Bitmap::new(128);
        whole_words.set(ItemIx(128));
        assert_eq!((whole_words.count(), whole_words.len()), (0, 128));
    }
}
