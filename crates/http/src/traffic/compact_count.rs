//! A count in one byte: exact below 32, and to one part in 32 above, so that a day of minutes fits into little memory.

/// Bits of the mantissa.
const MANTISSA_BITS: u32 = 4;
const MANTISSA: u32 = 1 << MANTISSA_BITS;

/// A count up to [`CompactCount::MAX`], rounded to five significant bits.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct CompactCount(u8);

impl CompactCount {
    /// The greatest count; more is counted as this.
    pub const MAX: u32 = (2 * MANTISSA - 1) << 14;

    /// The nearest count that can be held.
    pub fn nearest(count: u32) -> Self {
        let count = count.min(Self::MAX);
        if count < 2 * MANTISSA {
            return Self(count as u8);
        }
        let mut shift = count.ilog2() - MANTISSA_BITS;
        let mut rounded = (count + (1 << (shift - 1))) >> shift;
        if rounded == 2 * MANTISSA {
            (rounded, shift) = (MANTISSA, shift + 1);
        }
        if shift > 14 {
            return Self(u8::MAX);
        }
        Self((((shift + 1) << MANTISSA_BITS) | (rounded - MANTISSA)) as u8)
    }

    /// The count.
    pub fn value(self) -> u32 {
        let (exponent, mantissa) = (u32::from(self.0) >> MANTISSA_BITS, u32::from(self.0) & (MANTISSA - 1));
        match exponent {
            0 => mantissa,
            exponent => (MANTISSA + mantissa) << (exponent - 1),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn small_counts_are_exact_and_great_ones_near() {
        for count in 0..2_000_000_u32 {
            let held = CompactCount::nearest(count).value();
            if count < 32 {
                assert_eq!(held, count);
            } else if count <= CompactCount::MAX {
                assert!(held.abs_diff(count) * 32 <= count, "{count} is held as {held}");
            } else {
                assert_eq!(held, CompactCount::MAX);
            }
        }
        assert_eq!(CompactCount::nearest(u32::MAX).value(), CompactCount::MAX);
    }
}
