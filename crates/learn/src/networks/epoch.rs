//! The outcome of an epoch.

/// The outcome of one epoch.
#[derive(Debug, Clone, PartialEq)]
pub struct EpochReport {
    /// Counted from 1.
    pub epoch: usize,
    /// The weighted mean of `-ln p(target)` over the epoch, with dropout.
    pub loss: f32,
    /// NDCG@10 on the validation set after the epoch; `None` without one.
    pub ndcg_at_10: Option<f32>,
    /// The learning rate at the epoch's end.
    pub learning_rate: f32,
}

/// An epoch that has ended.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct EndedEpoch {
    pub(super) report: EpochReport,
    /// NDCG@10 in full precision.
    pub(super) quality: Option<f64>,
}
