//! The errors that end a training without a model.

/// Why no model came about. The texts of the first three are for the customer and say what to change.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[allow(missing_docs)]
pub enum FitError {
    #[error("{0}")]
    TooLittleData(String),
    #[error("{0}")]
    Invalid(String),
    #[error("{0}")]
    Diverged(String),
    #[error("training was cancelled")]
    Cancelled,
    /// An invariant of this program failed; the text is for operators.
    #[error("{0}")]
    Internal(String),
}

impl From<tastemaker_recipes::Error> for FitError {
    fn from(error: tastemaker_recipes::Error) -> Self {
        use tastemaker_recipes::Error;
        match error {
            Error::Cancelled => Self::Cancelled,
            Error::Invalid(text) => Self::Invalid(text),
            Error::Diverged(text) => Self::Diverged(text),
            Error::Artifact(text) => Self::Internal(text),
        }
    }
}
