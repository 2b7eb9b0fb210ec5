//! The softmax over all items that every network ends in: item tables, losses full and sampled, and their optimizer.

mod optimizer;
mod prediction;
mod sampler;
mod softmax;
mod tables;

pub(crate) use optimizer::{DenseOptimizer, TableOptimizer};
pub(crate) use prediction::{Predicted, Predictor};
pub(crate) use sampler::Sampler;
pub(crate) use softmax::Negatives;
pub(crate) use tables::{ItemVectors, RowGrads, TablesMut};

/// The way in which training computes the softmax.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SoftmaxMode {
    /// Over every item, up to 50,000 items; sampled beyond.
    Auto,
    /// Over every item.
    Full,
    /// Over the target and some negatives drawn for the step and shared by its events, each negative's logit
    /// corrected by the logarithm of its expected count.
    Sampled,
}

/// The number of items up to which [`SoftmaxMode::Auto`] computes the full softmax.
pub const FULL_SOFTMAX_ITEMS_MAX: usize = 50_000;

impl SoftmaxMode {
    /// Whether the softmax over `items` items is sampled.
    pub(crate) fn is_sampled(self, items: usize) -> bool {
        match self {
            SoftmaxMode::Auto => items > FULL_SOFTMAX_ITEMS_MAX,
            SoftmaxMode::Full => false,
            SoftmaxMode::Sampled => true,
        }
    }
}
