//! The errors of training and of opening artifacts, each a decision the caller can take.

/// Why training or loading failed.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum Error {
    /// [`crate::Cancel`] was thrown; nothing was produced.
    #[error("training was cancelled")]
    Cancelled,
    /// The loss stopped being a finite number, also after one retry at a lower learning rate.
    #[error("training diverged in epoch {epoch}: the loss is {loss} at learning rate {learning_rate}")]
    Diverged {
        /// The epoch, counted from 1.
        epoch: usize,
        /// The offending loss.
        loss: f32,
        /// The learning rate of the last attempt.
        learning_rate: f32,
    },
    /// The configuration or the training data breaks a rule; the text names field, rule and value.
    #[error("{0}")]
    Invalid(String),
    /// Stored parameters cannot be read; the text names the tensor and the rule.
    #[error("artifact: {0}")]
    Artifact(String),
}
