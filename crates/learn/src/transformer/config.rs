//! What a transformer is and how it is trained.

use crate::Error;
use crate::output::Output;

/// Architecture and training schedule. Every field has a range; [`TransformerConfig::check`] names the first one that
/// is left.
#[derive(Debug, Clone, PartialEq)]
pub struct TransformerConfig {
    /// The number of items; indices are `0..items`. At least 1.
    pub items: usize,
    /// The width of the item vectors and of every layer's output: a multiple of 16 up to 1024.
    pub hidden: usize,
    /// The width of the feed-forward layers: a multiple of 16 up to 4096.
    pub feed_forward: usize,
    /// Attention heads; divides `hidden`.
    pub heads: usize,
    /// Attention blocks, 1 to 16.
    pub blocks: usize,
    /// The newest events that a prediction looks at, 2 to 1024.
    pub length: usize,
    /// Whether each residual branch is multiplied by a gate computed from the block's input (LiGR).
    pub gated: bool,
    /// Whether attention sees the time between two events besides their distance in steps.
    pub timed: bool,
    /// Passes over the training data at most, 0 to 10,000. Zero returns the initial model.
    pub epochs_max: usize,
    /// Parameter updates to plan for, at most 1,000,000: training spans as many epochs as reach them, no fewer than
    /// [`TransformerConfig::EPOCHS_MIN`] and no more than `epochs_max`. 0 spans `epochs_max`.
    pub updates: usize,
    /// Epochs without a better validation metric before training stops, at least 1.
    pub patience: usize,
    /// Events per update, 1 to 1,048,576; 0 chooses from the amount of data.
    pub batch: usize,
    /// Adam's step size at its peak, in (0, 1].
    pub learning_rate: f32,
    /// Share of the values dropped from the input and from each residual branch in training, in [0, 1).
    pub dropout: f32,
    /// Share of the last layer's values dropped before the output layer, in [0, 1).
    pub dropout_output: f32,
    /// Decoupled weight decay of the item vectors per step and unit of learning rate, in [0, 1).
    pub weight_decay: f32,
    /// How the softmax is computed.
    pub output: Output,
    /// Negatives per step of the sampled softmax, at least 1.
    pub negatives: usize,
}

impl TransformerConfig {
    /// The fewest epochs that [`TransformerConfig::updates`] plans, `epochs_max` permitting.
    pub const EPOCHS_MIN: usize = 6;

    /// [`Error::Invalid`] for the first field that is out of its range.
    pub fn check(&self) -> Result<(), Error> {
        let range = |name: &str, value: usize, min: usize, max: usize| {
            if (min..=max).contains(&value) {
                Ok(())
            } else {
                Err(Error::Invalid(format!("{name} must be in [{min}, {max}], it is {value}")))
            }
        };
        let width = |name: &str, value: usize| {
            if value.is_multiple_of(16) {
                Ok(())
            } else {
                Err(Error::Invalid(format!("{name} must be a multiple of 16, it is {value}")))
            }
        };
        let share = |name: &str, value: f32| {
            if (0.0..1.0).contains(&value) {
                Ok(())
            } else {
                Err(Error::Invalid(format!("{name} must be in [0, 1), it is {value}")))
            }
        };
        range("items", self.items, 1, u32::MAX as usize - 1)?;
        range("hidden", self.hidden, 16, 1024)?;
        width("hidden", self.hidden)?;
        range("feed_forward", self.feed_forward, 16, 4096)?;
        width("feed_forward", self.feed_forward)?;
        if self.heads == 0 || !self.hidden.is_multiple_of(self.heads) {
            return Err(Error::Invalid(format!("heads must divide hidden ({}), it is {}", self.hidden, self.heads)));
        }
        range("blocks", self.blocks, 1, 16)?;
        range("length", self.length, 2, 1024)?;
        range("epochs_max", self.epochs_max, 0, 10_000)?;
        range("updates", self.updates, 0, 1_000_000)?;
        range("patience", self.patience, 1, 10_000)?;
        range("batch", self.batch, 0, 1 << 20)?;
        range("negatives", self.negatives, 1, 1 << 20)?;
        share("dropout", self.dropout)?;
        share("dropout_output", self.dropout_output)?;
        share("weight_decay", self.weight_decay)?;
        if !(self.learning_rate > 0.0 && self.learning_rate <= 1.0) {
            return Err(Error::Invalid(format!("learning_rate must be in (0, 1], it is {}", self.learning_rate)));
        }
        Ok(())
    }

    pub(crate) fn is_sampled(&self) -> bool {
        self.output.is_sampled(self.items)
    }
}

/// Test HR@10 / NDCG@10 by leave-one-out and seconds on one thread of a machine that others used as well, by `dropout` and
/// `dropout_output` (`examples/transformer_ml1m.rs`):
///
/// | data | 0.1, 0.3 | 0.3, 0.5 |
/// |---|---|---|
/// | ml-1m, 14 epochs | 0.3131 / 0.1788, 727 s | |
/// | amazon-beauty-5core | 0.0813 / 0.0483, 320 s | 0.0790 / 0.0445, 505 s |
impl Default for TransformerConfig {
    fn default() -> Self {
        Self {
            items: 0,
            hidden: 64,
            feed_forward: 128,
            heads: 2,
            blocks: 2,
            length: 200,
            gated: true,
            timed: true,
            epochs_max: 20,
            updates: 6000,
            patience: 4,
            batch: 0,
            learning_rate: 3e-3,
            dropout: 0.1,
            dropout_output: 0.3,
            weight_decay: 0.0,
            output: Output::Auto,
            negatives: 1024,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_field_out_of_range_is_named() {
        let base = TransformerConfig { items: 10, ..TransformerConfig::default() };
        assert_eq!(base.check(), Ok(()));
        let broken = [
            ("items", TransformerConfig { items: 0, ..base.clone() }),
            ("hidden", TransformerConfig { hidden: 40, ..base.clone() }),
            ("hidden", TransformerConfig { hidden: 2048, ..base.clone() }),
            ("feed_forward", TransformerConfig { feed_forward: 100, ..base.clone() }),
            ("heads", TransformerConfig { heads: 3, ..base.clone() }),
            ("heads", TransformerConfig { heads: 0, ..base.clone() }),
            ("blocks", TransformerConfig { blocks: 0, ..base.clone() }),
            ("length", TransformerConfig { length: 1, ..base.clone() }),
            ("epochs_max", TransformerConfig { epochs_max: 10_001, ..base.clone() }),
            ("updates", TransformerConfig { updates: 1_000_001, ..base.clone() }),
            ("patience", TransformerConfig { patience: 0, ..base.clone() }),
            ("batch", TransformerConfig { batch: 2 << 20, ..base.clone() }),
            ("negatives", TransformerConfig { negatives: 0, ..base.clone() }),
            ("dropout", TransformerConfig { dropout: 1.0, ..base.clone() }),
            ("dropout_output", TransformerConfig { dropout_output: f32::NAN, ..base.clone() }),
            ("weight_decay", TransformerConfig { weight_decay: -0.1, ..base.clone() }),
            ("learning_rate", TransformerConfig { learning_rate: 0.0, ..base.clone() }),
        ];
        for (name, config) in broken {
            assert!(matches!(config.check(), Err(Error::Invalid(m)) if m.starts_with(name)), "{name}");
        }
    }
}
