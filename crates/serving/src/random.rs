//! Random draws that depend on nothing but their seed.

use tastemaker_learn::splitmix64;

/// SplitMix64 (Steele, Lea, Flood 2014): a counter through a mixing function.
#[derive(Debug, Clone)]
pub(crate) struct Random(u64);

impl Random {
    /// The draws of a seed made from texts and a number; other texts, or the same ones cut elsewhere, give another seed.
    pub fn seeded(texts: &[&str], number: u64) -> Self {
        // FNV-1a over the texts with their lengths.
        let mut hash = 0xcbf2_9ce4_8422_2325u64;
        let mut add = |byte: u8| hash = (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        for text in texts {
            (text.len() as u64).to_le_bytes().into_iter().for_each(&mut add);
            text.bytes().for_each(&mut add);
        }
        number.to_le_bytes().into_iter().for_each(&mut add);
        Self(hash)
    }

    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        splitmix64(self.0)
    }

    /// Uniform in [0, 1).
    pub fn unit(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1u64 << 53) as f64
    }

    /// Uniform below `end`; 0 when `end` is 0.
    pub fn below(&mut self, end: usize) -> usize {
        ((u128::from(self.next()) * end as u128) >> 64) as usize
    }

    /// `count` different places below `end`, ascending; all of them when there are no more.
    pub fn places(&mut self, count: usize, end: usize) -> Vec<usize> {
        let mut left = count.min(end);
        let mut places = Vec::with_capacity(left);
        for place in 0..end {
            if self.below(end - place) < left {
                places.push(place);
                left -= 1;
            }
        }
        places
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn draws_repeat_and_differ_by_seed() {
        let draws = |texts: &[&str], number| {
            let mut random = Random::seeded(texts, number);
            [random.next(), random.next()]
        };
        assert_eq!(draws(&["ab", "c"], 1), draws(&["ab", "c"], 1));
        assert_ne!(draws(&["ab", "c"], 1), draws(&["a", "bc"], 1));
        assert_ne!(draws(&["ab", "c"], 1), draws(&["ab", "c"], 2));
    }

    #[test]
    fn places_are_different_ascending_and_even() {
        let mut random = Random::seeded(&[], 0);
        let mut counts = [0; 10];
        for _ in 0..10_000 {
            let places = random.places(3, 10);
            assert!(places.len() == 3 && places.is_sorted_by(|a, b| a < b) && places[2] < 10);
            places.into_iter().for_each(|place| counts[place] += 1);
        }
        // 3000 each, give or take five standard deviations.
        assert!(counts.iter().all(|&n: &i32| (n - 3000).abs() < 5 * 46), "{counts:?}");
        assert_eq!(random.places(5, 2), [0, 1]);
        assert!(random.places(0, 9).is_empty());
        assert!((0..1000).all(|_| (0.0..1.0).contains(&random.unit())));
        assert_eq!(random.below(0), 0);
    }
}
