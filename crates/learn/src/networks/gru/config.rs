//! The architecture of a GRU and the schedule of its training.

use crate::Error;
use crate::networks::config::{TrainerConfig, range, share};
use crate::networks::item_softmax::SoftmaxMode;

/// Architecture and training schedule. Every field has a range; [`GruConfig::check`] names the first one
/// that is left.
#[derive(Debug, Clone, PartialEq)]
pub struct GruConfig {
    /// The number of items; indices are `0..items`. At least 1.
    pub items: usize,
    /// The width of the state and of the item vectors, 1 to 1024.
    pub hidden: usize,
    /// Steps that gradients flow back through, 1 to 512. The state itself crosses windows.
    pub bptt: usize,
    /// Share of the input vector's values dropped in training, in [0, 1).
    pub dropout_input: f32,
    /// Whether the output layer uses the input layer's item vectors.
    pub tied: bool,
    /// The schedule. Its `batch` is the number of histories trained on side by side, up to 4096.
    pub training: TrainerConfig,
}

impl GruConfig {
    /// [`Error::Invalid`] for the first field that is out of its range.
    pub fn check(&self) -> Result<(), Error> {
        range("items", self.items, 1, u32::MAX as usize - 1)?;
        range("hidden", self.hidden, 1, 1024)?;
        range("bptt", self.bptt, 1, 512)?;
        share("dropout_input", self.dropout_input)?;
        self.training.check(4096)
    }
}

/// Chosen by validation on three data sets: `docs/decisions/0038-dropout-of-the-networks.md`.
impl Default for GruConfig {
    fn default() -> Self {
        Self {
            items: 0,
            hidden: 149,
            bptt: 32,
            dropout_input: 0.1,
            tied: true,
            training: TrainerConfig {
                epochs_max: 20,
                updates: 4000,
                patience: 3,
                batch: 0,
                learning_rate: 7e-3,
                dropout_output: 0.4,
                weight_decay: 0.0,
                softmax: SoftmaxMode::Auto,
                negatives: 512,
                sampled_share: 0.95,
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_field_out_of_range_is_named() {
        let base = GruConfig { items: 10, ..GruConfig::default() };
        assert_eq!(base.check(), Ok(()));
        let broken = [
            ("items", GruConfig { items: 0, ..base.clone() }),
            ("hidden", GruConfig { hidden: 0, ..base.clone() }),
            ("bptt", GruConfig { bptt: 0, ..base.clone() }),
            ("dropout_input", GruConfig { dropout_input: 1.0, ..base.clone() }),
            ("batch", GruConfig { training: TrainerConfig { batch: 5000, ..base.training }, ..base.clone() }),
        ];
        for (name, config) in broken {
            assert!(matches!(config.check(), Err(Error::Invalid(m)) if m.starts_with(name)), "{name}");
        }
    }
}
