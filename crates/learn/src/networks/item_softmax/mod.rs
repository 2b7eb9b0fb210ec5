//! The softmax over all items that every network ends in: item tables, losses full and sampled, and their optimizer.

mod budget;
mod optimizer;
mod prediction;
mod sampler;
mod softmax;
mod tables;

pub(crate) use budget::{OutputItems, OutputPlan, Workload};
pub(crate) use optimizer::{DenseOptimizer, TableOptimizer};
pub(crate) use prediction::{Predicted, Predictor};
pub(crate) use sampler::Sampler;
pub(crate) use softmax::Negatives;
pub(crate) use tables::{ItemVectors, RowGrads, TablesMut};

/// The way in which training computes the softmax.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SoftmaxMode {
    /// Over every item where that costs no more than the rest of the training, or little; sampled otherwise, with as many negatives as
    /// cost the same.
    Auto,
    /// Over every item.
    Full,
    /// Over the target and some negatives drawn for the step and shared by its events, each negative's logit
    /// corrected by the logarithm of its expected count.
    Sampled,
}
