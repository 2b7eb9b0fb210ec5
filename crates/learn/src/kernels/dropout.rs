//! Inverted dropout whose mask is a function of a key and a position, so it is drawn again in the
//! backward pass and does not depend on how the batch is cut into threads.

use super::dispatch;

/// A dropout layer for one training step.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Dropout {
    key: u32,
    /// A draw below this drops the value; 0 keeps everything.
    threshold: u32,
    scale: f32,
}

impl Dropout {
    /// `rate` in [0, 1).
    pub(crate) fn new(key: u64, rate: f32) -> Self {
        let threshold = (f64::from(rate) * 4_294_967_296.0) as u32;
        Self { key: (key ^ (key >> 32)) as u32, threshold, scale: 1.0 / (1.0 - rate) }
    }

    /// Whether it drops anything.
    pub(crate) fn is_active(&self) -> bool {
        self.threshold > 0
    }
}

dispatch! {
    /// Drops and rescales one row; `row` is its position in the step's batch. Applied to a gradient it
    /// is its own backward pass.
    pub(crate) fn drop_row<L>(values: &mut [f32], row: u32, dropout: Dropout) {
        let base = row.wrapping_mul(0x9e37_79b9) ^ dropout.key;
        for (column, value) in (0u32..).zip(values) {
            let mut x = base.wrapping_add(column.wrapping_mul(0x85eb_ca6b));
            x = (x ^ (x >> 16)).wrapping_mul(0x7feb_352d);
            x = (x ^ (x >> 15)).wrapping_mul(0x846c_a68b);
            x ^= x >> 16;
            *value *= if x < dropout.threshold { 0.0 } else { dropout.scale };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keeps_the_mean_and_repeats_its_mask() {
        let dropout = Dropout::new(crate::random::key(3, crate::random::Purpose::DropoutInput, 7), 0.25);
        let (mut sum, mut dropped) = (0.0f64, 0);
        for row in 0..2000 {
            let mut values = [1.0f32; 64];
            drop_row(&mut values, row, dropout);
            let mut again = [1.0f32; 64];
            drop_row(&mut again, row, dropout);
            assert_eq!(values, again);
            sum += values.iter().map(|&x| f64::from(x)).sum::<f64>();
            dropped += values.iter().filter(|&&x| x == 0.0).count();
        }
        let n = 2000.0 * 64.0;
        assert!((sum / n - 1.0).abs() < 0.01, "mean {}", sum / n);
        assert!((dropped as f64 / n - 0.25).abs() < 0.01, "dropped {}", dropped as f64 / n);
    }

    #[test]
    fn a_rate_of_zero_changes_nothing() {
        let dropout = Dropout::new(5, 0.0);
        let mut values = [0.5f32; 33];
        drop_row(&mut values, 1, dropout);
        assert!(!dropout.is_active() && values == [0.5; 33]);
    }
}
