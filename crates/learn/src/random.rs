//! Random streams that depend on what they are for, never on the order of execution.

use rand::SeedableRng;
use rand_xoshiro::Xoshiro256PlusPlus;

/// The use that a stream is drawn for; part of its key.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Purpose {
    Init = 1,
    Shuffle = 2,
    Negatives = 3,
    DropoutInput = 4,
    DropoutOutput = 5,
    DropoutBlock = 6,
    Cuts = 7,
    Search = 8,
}

/// The finalizer of SplitMix64: every input bit reaches every output bit.
pub fn splitmix64(mut x: u64) -> u64 {
    x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    x ^ (x >> 31)
}

/// A key for counter-based draws (see `kernels::dropout`).
pub(crate) fn key(seed: u64, purpose: Purpose, index: u64) -> u64 {
    let purpose = (purpose as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    splitmix64(splitmix64(seed ^ purpose).wrapping_add(index.wrapping_mul(0xd1b5_4a32_d192_ed03)))
}

/// The stream for `(seed, purpose, index)`.
pub(crate) fn stream(seed: u64, purpose: Purpose, index: u64) -> Xoshiro256PlusPlus {
    Xoshiro256PlusPlus::seed_from_u64(key(seed, purpose, index))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_differ_by_each_part() {
        let base = key(1, Purpose::Init, 0);
        assert_ne!(base, key(2, Purpose::Init, 0));
        assert_ne!(base, key(1, Purpose::Shuffle, 0));
        assert_ne!(base, key(1, Purpose::Init, 1));
        assert_eq!(base, key(1, Purpose::Init, 0));
    }
}
