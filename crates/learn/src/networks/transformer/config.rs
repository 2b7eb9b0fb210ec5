//! The architecture of a transformer and the schedule of its training.

use crate::Error;
use crate::networks::config::{TrainerConfig, range, share};
use crate::networks::item_softmax::SoftmaxMode;

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
    /// Share of the values dropped from the input and from each residual branch in training, in [0, 1).
    pub dropout: f32,
    /// The schedule. Its `batch` is the number of events per update, up to 1,048,576.
    pub training: TrainerConfig,
}

impl TransformerConfig {
    /// [`Error::Invalid`] for the first field that is out of its range.
    pub fn check(&self) -> Result<(), Error> {
        let width = |name: &str, value: usize| {
            if value.is_multiple_of(16) {
                Ok(())
            } else {
                Err(Error::Invalid(format!("{name} must be a multiple of 16, it is {value}")))
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
        share("dropout", self.dropout)?;
        self.training.check(1 << 20)
    }
}

/// Chosen by validation on two data sets: `docs/decisions/0038-dropout-of-the-networks.md`.
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
            dropout: 0.1,
            training: TrainerConfig {
                epochs_max: 20,
                updates: 6000,
                patience: 4,
                batch: 0,
                learning_rate: 3e-3,
                dropout_output: 0.3,
                weight_decay: 0.0,
                softmax: SoftmaxMode::Auto,
                negatives: 1024,
                sampled_share: 0.0,
            },
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
            ("dropout", TransformerConfig { dropout: 1.0, ..base.clone() }),
            (
                "batch",
                TransformerConfig { training: TrainerConfig { batch: 2 << 20, ..base.training }, ..base.clone() },
            ),
        ];
        for (name, config) in broken {
            assert!(matches!(config.check(), Err(Error::Invalid(m)) if m.starts_with(name)), "{name}");
        }
    }
}
