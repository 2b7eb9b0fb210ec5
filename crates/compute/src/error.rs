//! The errors of imports and exports, with conversions from those of the layers below.

use std::io;

use parquet::errors::ParquetError;
use tastemaker_store as store;

use crate::packed::PackedFault;

/// Why an import did not finish.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// The data breaks a rule. The text is for the customer: file, line, column, rule and value.
    #[error("{0}")]
    Data(String),
    /// Reading the source or writing the destination failed.
    #[error(transparent)]
    Store(#[from] store::Error),
    /// The caller asked to stop.
    #[error("the import was cancelled")]
    Cancelled,
}

impl From<io::Error> for ImportError {
    fn from(error: io::Error) -> Self {
        if let Some(fault) = PackedFault::of(&error) {
            return Self::Data(fault.to_owned());
        }
        Self::Store(from_io(error))
    }
}

impl From<ParquetError> for ImportError {
    fn from(error: ParquetError) -> Self {
        Self::Store(from_parquet(error))
    }
}

/// The storage error that travelled inside an I/O error, or the I/O error's own meaning.
pub(crate) fn from_io(error: io::Error) -> store::Error {
    match error.downcast::<store::Error>() {
        Ok(inner) => inner,
        Err(error) => store::Error::from_io("import", "import", error),
    }
}

/// The storage error that travelled inside a Parquet error; anything else means damaged bytes.
pub(crate) fn from_parquet(error: ParquetError) -> store::Error {
    match error {
        ParquetError::External(inner) => match inner.downcast::<io::Error>() {
            Ok(error) => from_io(*error),
            Err(other) => store::Error::backend("parquet", other),
        },
        other => store::Error::Corrupt(format!("parquet: {other}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn storage_errors_survive_the_layers_between() {
        let through_io = io::Error::from(store::Error::Unavailable("disk full".into()));
        let through_parquet = ParquetError::from(through_io);
        assert!(
            matches!(ImportError::from(through_parquet), ImportError::Store(store::Error::Unavailable(what)) if what == "disk full")
        );
        let full = io::Error::from(io::ErrorKind::StorageFull);
        assert!(matches!(ImportError::from(full), ImportError::Store(store::Error::Unavailable(_))));
        let damaged = ParquetError::EOF("short".into());
        assert!(matches!(ImportError::from(damaged), ImportError::Store(store::Error::Corrupt(_))));
    }
}
