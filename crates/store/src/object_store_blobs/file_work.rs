//! File work on threads that may wait.

use tokio::task::spawn_blocking;

use super::error::NAME;
use crate::{Error, Result};

/// Runs file work on a thread that may wait.
pub(super) async fn blocking<T: Send + 'static>(work: impl FnOnce() -> Result<T> + Send + 'static) -> Result<T> {
    match spawn_blocking(work).await {
        Ok(answer) => answer,
        Err(error) => Err(Error::backend(NAME, error)),
    }
}
