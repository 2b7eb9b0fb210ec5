//! The reasons for which the work on a job ends early.

use std::time::Duration;
use tastemaker_compute::ImportError;
use tastemaker_learn::Cancel;
use tastemaker_store::Error;
use tastemaker_store::external_buckets::ExternalError;
use tastemaker_training::fit::FitError;

/// Why the work on a job ended early.
#[derive(Debug)]
pub enum Stop {
    /// For good; the text is the customer's failure reason.
    Failed(String),
    /// Storage could not serve; the job is tried again later.
    Retry(Error),
    /// Somebody wrote a record that was read: read and decide anew.
    Conflict,
    /// The job is gone or belongs to somebody else.
    Lost,
    /// The process shuts down; the job goes back as it is.
    Shutdown,
}

/// The pause between looks for a thrown switch.
const LOOK: Duration = Duration::from_millis(50);

/// Returns when the switch was thrown and `grace` has passed since: some steps, as the inverse of a large matrix, cannot be
/// interrupted. What computes on then ends when it can, and nobody waits for it; it has no way to write anything.
pub(crate) async fn abandoned(cancel: &Cancel, grace: Duration) {
    while !cancel.is_cancelled() {
        tokio::time::sleep(LOOK).await;
    }
    tokio::time::sleep(grace).await;
}

impl From<Error> for Stop {
    fn from(error: Error) -> Self {
        match error {
            Error::Conflict(_) => Self::Conflict,
            Error::Corrupt(_) => {
                tracing::error!(%error, "stored data is corrupt");
                Self::Failed(format!("Stored data cannot be read: {error}. Import the data again."))
            }
            other => Self::Retry(other),
        }
    }
}

impl From<ExternalError> for Stop {
    fn from(error: ExternalError) -> Self {
        match error {
            ExternalError::Refused(text) => Self::Failed(text),
            ExternalError::Unavailable(text) => Self::Retry(Error::Unavailable(text)),
            ExternalError::Store(error) => error.into(),
        }
    }
}

impl From<ImportError> for Stop {
    fn from(error: ImportError) -> Self {
        match error {
            ImportError::Data(text) => Self::Failed(text),
            ImportError::Store(error) => error.into(),
            ImportError::Cancelled => Self::Shutdown,
        }
    }
}

impl From<FitError> for Stop {
    fn from(error: FitError) -> Self {
        match error {
            FitError::TooLittleData(text) | FitError::Invalid(text) | FitError::Diverged(text) => Self::Failed(text),
            FitError::Cancelled => Self::Shutdown,
            FitError::Internal(text) => Self::Retry(Error::backend("training", text)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_broken_rules_are_final() {
        assert!(matches!(Stop::from(ImportError::Data("x".into())), Stop::Failed(text) if text == "x"));
        assert!(matches!(Stop::from(ImportError::Store(Error::Unavailable("disk".into()))), Stop::Retry(_)));
        assert!(matches!(Stop::from(ImportError::Store(Error::NotFound("blob".into()))), Stop::Retry(_)));
    }
}
