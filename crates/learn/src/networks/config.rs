//! The training schedule that all networks share.

use super::item_softmax::SoftmaxMode;
use crate::Error;

/// The options of a network's training. Every field has a range; a network's `check` names the first one that is left.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TrainerConfig {
    /// Passes over the training data at most, 0 to 10,000. Zero returns the initial model.
    pub epochs_max: usize,
    /// Parameter updates to plan for, at most 1,000,000: training spans as many epochs as reach them, no fewer than
    /// [`TrainerConfig::EPOCHS_MIN`] and no more than `epochs_max`. 0 spans `epochs_max`.
    pub updates: usize,
    /// Epochs without a better validation metric before training stops, at least 1.
    pub patience: usize,
    /// The size of the batch behind one update, in the network's own unit; 0 chooses from the amount of data.
    pub batch: usize,
    /// Adam's step size at its peak, in (0, 1].
    pub learning_rate: f32,
    /// Share of the last layer's values dropped before the output layer, in [0, 1).
    pub dropout_output: f32,
    /// Decoupled weight decay of the item vectors per step and unit of learning rate, in [0, 1).
    pub weight_decay: f32,
    /// The way in which the softmax is computed.
    pub softmax: SoftmaxMode,
    /// Negatives per step of the sampled softmax, at least 1; [`SoftmaxMode::Auto`] draws more where its budget lets it.
    pub negatives: usize,
    /// Share of the epochs, rounded, from the first on, that [`SoftmaxMode::Auto`] samples with no more than `negatives`, in [0, 1): far
    /// from the optimum a rough gradient is as good. Without effect where there are fewer than twice as many items as negatives.
    pub sampled_share: f32,
}

impl TrainerConfig {
    /// The fewest epochs that [`TrainerConfig::updates`] plans, `epochs_max` permitting.
    pub const EPOCHS_MIN: usize = 6;

    /// [`Error::Invalid`] for the first field that is out of its range; `batch` goes up to `batch_max`.
    pub(crate) fn check(&self, batch_max: usize) -> Result<(), Error> {
        range("epochs_max", self.epochs_max, 0, 10_000)?;
        range("updates", self.updates, 0, 1_000_000)?;
        range("patience", self.patience, 1, 10_000)?;
        range("batch", self.batch, 0, batch_max)?;
        range("negatives", self.negatives, 1, 1 << 20)?;
        share("dropout_output", self.dropout_output)?;
        share("sampled_share", self.sampled_share)?;
        share("weight_decay", self.weight_decay)?;
        if !(self.learning_rate > 0.0 && self.learning_rate <= 1.0) {
            return Err(Error::Invalid(format!("learning_rate must be in (0, 1], it is {}", self.learning_rate)));
        }
        Ok(())
    }

    /// The epochs that reach the planned updates.
    pub(crate) fn epochs(&self, updates_per_epoch: usize) -> usize {
        match self.updates {
            0 => self.epochs_max,
            updates => updates.div_ceil(updates_per_epoch.max(1)).max(Self::EPOCHS_MIN).min(self.epochs_max),
        }
    }
}

/// [`Error::Invalid`] unless `value` is in `[min, max]`.
pub(crate) fn range(name: &str, value: usize, min: usize, max: usize) -> Result<(), Error> {
    if (min..=max).contains(&value) {
        Ok(())
    } else {
        Err(Error::Invalid(format!("{name} must be in [{min}, {max}], it is {value}")))
    }
}

/// [`Error::Invalid`] unless `value` is in `[0, 1)`.
pub(crate) fn share(name: &str, value: f32) -> Result<(), Error> {
    if (0.0..1.0).contains(&value) {
        Ok(())
    } else {
        Err(Error::Invalid(format!("{name} must be in [0, 1), it is {value}")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::networks::gru::GruConfig;
    use crate::networks::transformer::TransformerConfig;

    #[test]
    fn every_field_out_of_range_is_named_by_every_network() {
        let base = GruConfig::default().training;
        let broken = [
            ("epochs_max", TrainerConfig { epochs_max: 10_001, ..base }),
            ("updates", TrainerConfig { updates: 1_000_001, ..base }),
            ("patience", TrainerConfig { patience: 0, ..base }),
            ("batch", TrainerConfig { batch: 2 << 20, ..base }),
            ("negatives", TrainerConfig { negatives: 0, ..base }),
            ("dropout_output", TrainerConfig { dropout_output: f32::NAN, ..base }),
            ("sampled_share", TrainerConfig { sampled_share: 1.0, ..base }),
            ("weight_decay", TrainerConfig { weight_decay: -0.1, ..base }),
            ("learning_rate", TrainerConfig { learning_rate: 0.0, ..base }),
        ];
        for (name, training) in broken {
            let gru = GruConfig { items: 10, training, ..GruConfig::default() }.check();
            let transformer = TransformerConfig { items: 10, training, ..TransformerConfig::default() }.check();
            for checked in [gru, transformer] {
                assert!(matches!(checked, Err(Error::Invalid(m)) if m.starts_with(name)), "{name}");
            }
        }
    }
}
