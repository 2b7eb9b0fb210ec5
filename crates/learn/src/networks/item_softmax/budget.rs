//! The items that the output layer computes for an event, within a budget of arithmetic.
//!
//! Costs are multiply-adds of forward and backward for one event: the output layer over `n` items of width `d` takes `3 n d`, the rest of
//! the network [`Workload::encoder_cost`]. The epochs that are not sampled roughly may cost, in the output layer, as much as the
//! whole training would if it sampled roughly throughout, and [`AFFORDABLE`] where that is more:
//! ```text
//! items within the budget = max(epochs * (encoder + 3 negatives d) * events, AFFORDABLE) / (precise epochs * events * 3 d)
//! ```
//! A catalog of no more items is computed in full, a larger one by so many negatives: the cost rises with the items up to the budget
//! and stays there, without a step at any size.

use super::SoftmaxMode;

/// Multiply-adds that the output layer may always cost: about two minutes of one core.
const AFFORDABLE: f64 = 1.2e13;
/// Items of the output layer at most, so that its gradients fit beside the tables.
const ITEMS_MAX: usize = 50_000;

/// The amount of arithmetic of a training.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Workload {
    pub(crate) items: usize,
    /// The width of an item vector.
    pub(crate) width: usize,
    /// Events of an epoch.
    pub(crate) events: usize,
    pub(crate) epochs: usize,
    /// Multiply-adds of one event outside the output layer, forward and backward.
    pub(crate) encoder_cost: f64,
}

/// The way in which an epoch computes the softmax.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum OutputItems {
    Full,
    /// By so many negatives a step.
    Sampled(usize),
}

/// The way in which each epoch of a training computes the softmax.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct OutputPlan {
    /// Epochs, from the first on, that sample roughly.
    rough_epochs: usize,
    rough: OutputItems,
    precise: OutputItems,
}

impl OutputPlan {
    /// `negatives` are those of an epoch that samples roughly, `sampled_share` the share of such epochs where the mode is `Auto`.
    pub(crate) fn new(mode: SoftmaxMode, negatives: usize, sampled_share: f32, work: &Workload) -> Self {
        let rough = OutputItems::Sampled(negatives);
        let (rough_epochs, precise) = match mode {
            SoftmaxMode::Full => (0, OutputItems::Full),
            SoftmaxMode::Sampled => (work.epochs, rough),
            // Sampling saves nothing.
            SoftmaxMode::Auto if work.items < 2 * negatives => (0, OutputItems::Full),
            SoftmaxMode::Auto => {
                let rough_epochs = (work.epochs as f32 * sampled_share).round() as usize;
                let within = items_within_budget(work, work.epochs.saturating_sub(rough_epochs), negatives);
                let precise = if work.items <= within { OutputItems::Full } else { OutputItems::Sampled(within) };
                (rough_epochs, precise)
            }
        };
        Self { rough_epochs, rough, precise }
    }

    /// The softmax of the epoch of this number, counted from 1.
    pub(crate) fn of_epoch(&self, epoch: usize) -> OutputItems {
        if epoch <= self.rough_epochs { self.rough } else { self.precise }
    }

    /// Whether any of `epochs` epochs draws negatives.
    pub(crate) fn samples(&self, epochs: usize) -> bool {
        (1..=epochs).any(|epoch| matches!(self.of_epoch(epoch), OutputItems::Sampled(_)))
    }
}

/// The items that `precise_epochs` can compute within the budget; never fewer than `negatives`.
fn items_within_budget(work: &Workload, precise_epochs: usize, negatives: usize) -> usize {
    let per_item = 3.0 * work.width as f64;
    let events = work.events as f64;
    let rough = work.epochs as f64 * events * (work.encoder_cost + per_item * negatives as f64);
    let items = rough.max(AFFORDABLE) / (precise_epochs as f64 * events * per_item).max(1.0);
    (items.min(ITEMS_MAX as f64) as usize).max(negatives)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::networks::TrainerConfig;
    use crate::networks::gru::GruConfig;
    use crate::networks::transformer::TransformerConfig;

    /// About that of the transformer's defaults.
    const WORK: Workload = Workload { items: 0, width: 64, events: 1_000_000, epochs: 13, encoder_cost: 360_000.0 };

    fn plan(config: TrainerConfig, work: Workload) -> OutputPlan {
        OutputPlan::new(config.softmax, config.negatives, config.sampled_share, &work)
    }

    /// Multiply-adds of the whole training.
    fn cost(config: TrainerConfig, work: Workload) -> f64 {
        let plan = plan(config, work);
        let of_epoch = |epoch| {
            let items = match plan.of_epoch(epoch) {
                OutputItems::Full => work.items,
                OutputItems::Sampled(negatives) => negatives,
            };
            work.events as f64 * (work.encoder_cost + 3.0 * (items * work.width) as f64)
        };
        (1..=work.epochs).map(of_epoch).sum()
    }

    #[test]
    fn the_cost_has_no_step_at_any_number_of_items_or_events() {
        let networks = [
            (TransformerConfig::default().training, WORK),
            (GruConfig::default().training, Workload { width: 160, epochs: 20, encoder_cost: 460_800.0, ..WORK }),
        ];
        for (config, work) in networks {
            for events in [10_000, 200_000, 1_000_000, 20_000_000] {
                let at = |items: usize| cost(config, Workload { items, events, ..work });
                let mut items = 2 * config.negatives;
                while items < 1_000_000 {
                    let next = items + items / 50;
                    let (less, more) = (at(items), at(next));
                    assert!(less <= more * 1.001 && more <= less * 1.03, "{items} -> {next}: {less:e} -> {more:e}");
                    items = next;
                }
                assert_eq!(at(49_999).max(at(50_001)), at(50_001));
                let rough = work.epochs as f64
                    * events as f64
                    * (work.encoder_cost + 3.0 * (config.negatives * work.width) as f64);
                assert!(at(1_000_000) <= 2.001 * rough.max(AFFORDABLE), "the precise epochs stay within the budget");
            }
        }
    }

    #[test]
    fn what_fits_the_budget_is_computed_in_full_and_the_rest_by_as_many_negatives() {
        let of =
            |items, events| plan(TransformerConfig::default().training, Workload { items, events, ..WORK }).of_epoch(1);
        // The research sets that the quality page measures.
        assert_eq!(of(3_416, 1_000_000), OutputItems::Full);
        let small = Workload { items: 12_101, events: 200_000, epochs: 20, ..WORK };
        assert_eq!(plan(TransformerConfig::default().training, small).of_epoch(20), OutputItems::Full);
        let OutputItems::Sampled(negatives) = of(49_999, 1_000_000) else {
            panic!("1M rows of 49,999 items are sampled")
        };
        assert!((4_000..6_000).contains(&negatives), "{negatives}");
        assert_eq!(of(negatives, 1_000_000), OutputItems::Full);
        assert_eq!(of(negatives + 1, 1_000_000), OutputItems::Sampled(negatives));
        assert_eq!(of(200_000, 1_000_000), OutputItems::Sampled(negatives));
    }

    #[test]
    fn the_first_epochs_sample_roughly_where_that_saves_something() {
        let usual = GruConfig::default().training;
        let ten = Workload { epochs: 10, width: 160, ..WORK };
        let rough = OutputItems::Sampled(usual.negatives);
        let of = |softmax, items| plan(TrainerConfig { softmax, ..usual }, Workload { items, ..ten });
        assert_eq!(of(SoftmaxMode::Auto, 1023).of_epoch(1), OutputItems::Full);
        assert_eq!(
            [1, 10].map(|epoch| of(SoftmaxMode::Auto, 1024).of_epoch(epoch)),
            [rough; 2],
            "a tenth of 10 epochs is rounded off"
        );
        assert_eq!(of(SoftmaxMode::Full, 1_000_000).of_epoch(1), OutputItems::Full);
        assert_eq!(of(SoftmaxMode::Sampled, 5).of_epoch(10), rough);
        assert!(of(SoftmaxMode::Auto, 1024).samples(10) && !of(SoftmaxMode::Full, 1024).samples(10));
        let twenty = plan(usual, Workload { items: 4_000, epochs: 20, ..ten });
        assert_eq!([19, 20].map(|epoch| twenty.of_epoch(epoch)), [rough, OutputItems::Full]);
    }
}
