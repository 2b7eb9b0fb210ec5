//! What every network over a catalogue shares: item tables, the softmax over them and their optimizer.

mod optimizer;
mod sampler;
mod softmax;
mod tables;

pub(crate) use optimizer::{DenseOptimizer, TableOptimizer};
pub(crate) use sampler::Sampler;
pub(crate) use softmax::{Negatives, OutputScratch, Tokens, full_softmax, sampled_softmax};
pub(crate) use tables::{ItemVectors, RowGrads, TablesMut};

/// How the softmax is computed in training.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Output {
    /// Over every item, up to [`FULL_SOFTMAX_ITEMS_MAX`] items; sampled beyond.
    Auto,
    /// Over every item.
    Full,
    /// Over the target and some negatives drawn for the step and shared by its events, each negative's logit
    /// corrected by the logarithm of its expected count.
    Sampled,
}

/// The catalogue up to which [`Output::Auto`] computes the full softmax.
pub const FULL_SOFTMAX_ITEMS_MAX: usize = 50_000;

impl Output {
    /// Whether the softmax over `items` items is sampled.
    pub(crate) fn is_sampled(self, items: usize) -> bool {
        match self {
            Output::Auto => items > FULL_SOFTMAX_ITEMS_MAX,
            Output::Full => false,
            Output::Sampled => true,
        }
    }
}
