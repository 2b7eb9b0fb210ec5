//! The ways a recipe fails, each a decision the caller can take.

/// Why training or opening failed.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum Error {
    /// The training was cancelled; nothing was produced.
    #[error("training was cancelled")]
    Cancelled,
    /// The customer's configuration or data breaks a rule; the text is for the customer.
    #[error("{0}")]
    Invalid(String),
    /// The optimiser did not converge on this data; the text is for the customer.
    #[error("{0}")]
    Diverged(String),
    /// Stored files are incomplete, damaged or of another version; the text names file and rule.
    #[error("{0}")]
    Artifact(String),
}

impl From<tastemaker_learn::Error> for Error {
    fn from(error: tastemaker_learn::Error) -> Self {
        use tastemaker_learn::Error as Learn;
        use tastemaker_learn::sentences::DIVERGED;
        match error {
            Learn::Cancelled => Self::Cancelled,
            Learn::Diverged { .. } => Self::Diverged(DIVERGED.with(&[&error])),
            Learn::Invalid(text) => Self::Invalid(text),
            Learn::Artifact(text) => Self::Artifact(text),
        }
    }
}

impl From<tastemaker_domain::Error> for Error {
    fn from(error: tastemaker_domain::Error) -> Self {
        Self::Invalid(error.to_string())
    }
}
