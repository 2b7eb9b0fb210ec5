//! What a GRU is and how it is trained.

use crate::Error;
use crate::output::Output;

/// Architecture and training schedule. Every field has a range; [`GruConfig::check`] names the first
/// one that is left.
#[derive(Debug, Clone, PartialEq)]
pub struct GruConfig {
    /// The number of items; indices are `0..items`. At least 1.
    pub items: usize,
    /// The width of the state and of the item vectors, 1 to 1024.
    pub hidden: usize,
    /// Steps that gradients flow back through, 1 to 512. The state itself crosses windows.
    pub bptt: usize,
    /// Passes over the training data at most, 0 to 10,000. Zero returns the initial model.
    pub epochs_max: usize,
    /// Parameter updates to plan for, at most 1,000,000: training spans as many epochs as reach them, no
    /// fewer than [`GruConfig::EPOCHS_MIN`] and no more than `epochs_max`. 0 spans `epochs_max`.
    pub updates: usize,
    /// Epochs without a better validation metric before training stops, at least 1.
    pub patience: usize,
    /// Histories trained on side by side, 1 to 4096; 0 chooses from the amount of data.
    pub batch: usize,
    /// Adam's step size at its peak, in (0, 1].
    pub learning_rate: f32,
    /// Share of the input vector's values dropped in training, in [0, 1).
    pub dropout_input: f32,
    /// Share of the state's values dropped before the output layer, in [0, 1).
    pub dropout_output: f32,
    /// Decoupled weight decay per step and unit of learning rate, in [0, 1].
    pub weight_decay: f32,
    /// How the softmax is computed.
    pub output: Output,
    /// Negatives per step of the sampled softmax, at least 1.
    pub negatives: usize,
    /// Share of the epochs, from the first on, that sample the softmax even where [`Output::Auto`] computes it over every item, in
    /// [0, 1): far from the optimum a rough gradient is as good. Without effect where there are fewer than twice as many items as
    /// negatives.
    pub sampled_share: f32,
    /// Whether the output layer uses the input layer's item vectors.
    pub tied: bool,
}

impl GruConfig {
    /// The fewest epochs that [`GruConfig::updates`] plans, `epochs_max` permitting.
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
        let share = |name: &str, value: f32| {
            if (0.0..1.0).contains(&value) {
                Ok(())
            } else {
                Err(Error::Invalid(format!("{name} must be in [0, 1), it is {value}")))
            }
        };
        range("items", self.items, 1, u32::MAX as usize - 1)?;
        range("hidden", self.hidden, 1, 1024)?;
        range("bptt", self.bptt, 1, 512)?;
        range("epochs_max", self.epochs_max, 0, 10_000)?;
        range("updates", self.updates, 0, 1_000_000)?;
        range("patience", self.patience, 1, 10_000)?;
        range("batch", self.batch, 0, 4096)?;
        range("negatives", self.negatives, 1, 1 << 20)?;
        share("dropout_input", self.dropout_input)?;
        share("dropout_output", self.dropout_output)?;
        share("sampled_share", self.sampled_share)?;
        share("weight_decay", self.weight_decay)?;
        if !(self.learning_rate > 0.0 && self.learning_rate <= 1.0) {
            return Err(Error::Invalid(format!("learning_rate must be in (0, 1], it is {}", self.learning_rate)));
        }
        Ok(())
    }

    /// Of `epochs`, how many sample the softmax.
    pub(crate) fn sampled_epochs(&self, epochs: usize) -> usize {
        match self.output {
            output if output.is_sampled(self.items) => epochs,
            Output::Auto if self.items >= 2 * self.negatives => (epochs as f32 * self.sampled_share) as usize,
            _ => 0,
        }
    }
}

/// Chosen on leave-one-out validation NDCG@10 over ml-1m, ml-100k and amazon-beauty-5core. Test HR@10 / NDCG@10 and
/// seconds on one core with `hidden` 149 (`examples/ml1m.rs`), by `dropout_output`:
///
/// | data | 0.2 | 0.4 | 0.5 |
/// |---|---|---|---|
/// | ml-1m, 9 epochs | 0.3157 / 0.1836, 204 s | 0.3134 / 0.1829, 201 s | |
/// | amazon-beauty-5core | 0.0772 / 0.0462, 144 s | | 0.0834 / 0.0511, 265 s |
/// | ml-100k | 0.2004 / 0.1027, 13 s | 0.2185 / 0.1156, 17 s | 0.2301 / 0.1204, 21 s |
///
/// Untied item vectors were worse on ml-100k: 0.1951 / 0.1045 at 0.4.
impl Default for GruConfig {
    fn default() -> Self {
        Self {
            items: 0,
            hidden: 149,
            bptt: 32,
            epochs_max: 20,
            updates: 4000,
            patience: 3,
            batch: 0,
            learning_rate: 3e-3,
            dropout_input: 0.1,
            dropout_output: 0.4,
            weight_decay: 0.0,
            output: Output::Auto,
            negatives: 1024,
            sampled_share: 0.75,
            tied: true,
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
            ("epochs_max", GruConfig { epochs_max: 10_001, ..base.clone() }),
            ("updates", GruConfig { updates: 1_000_001, ..base.clone() }),
            ("patience", GruConfig { patience: 0, ..base.clone() }),
            ("batch", GruConfig { batch: 5000, ..base.clone() }),
            ("negatives", GruConfig { negatives: 0, ..base.clone() }),
            ("dropout_input", GruConfig { dropout_input: 1.0, ..base.clone() }),
            ("dropout_output", GruConfig { dropout_output: f32::NAN, ..base.clone() }),
            ("sampled_share", GruConfig { sampled_share: 1.0, ..base.clone() }),
            ("weight_decay", GruConfig { weight_decay: -0.1, ..base.clone() }),
            ("learning_rate", GruConfig { learning_rate: 0.0, ..base.clone() }),
        ];
        for (name, config) in broken {
            assert!(matches!(config.check(), Err(Error::Invalid(m)) if m.starts_with(name)), "{name}");
        }
    }

    #[test]
    fn the_first_epochs_sample_where_that_saves_something() {
        let epochs = |output, items| GruConfig { output, items, ..GruConfig::default() }.sampled_epochs(10);
        assert_eq!([2047, 2048, 50_000, 50_001].map(|items| epochs(Output::Auto, items)), [0, 7, 7, 10]);
        assert_eq!([epochs(Output::Full, 50_001), epochs(Output::Sampled, 5)], [0, 10]);
    }
}
