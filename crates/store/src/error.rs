//! The errors of storage, each a decision the caller can take.

/// The result of every storage call.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why a storage call failed. The variants are decisions, not causes.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The named thing does not exist: create it or tell the caller.
    #[error("{0} does not exist")]
    NotFound(String),
    /// The named thing is not in the state that the call required; nothing was written: read again and decide anew.
    #[error("{0} is not in the expected state")]
    Conflict(String),
    /// Others kept changing the named thing until the transaction gave up: try again later.
    #[error("{key} was changed by others {attempts} times meanwhile; try again.")]
    Contended {
        /// The key or prefix of the last conflict.
        key: String,
        /// The number of times that the transaction was decided.
        attempts: usize,
    },
    /// The backend cannot serve at the moment (disk full, read-only, shutting down): try again later.
    #[error("storage is unavailable: {0}")]
    Unavailable(String),
    /// Stored bytes are not what was once written, or come from a newer version: stop and tell the operator.
    #[error("stored data is corrupt: {0}")]
    Corrupt(String),
    /// Anything else a backend reports, with its own error as the source.
    #[error("storage backend {name} failed: {source}")]
    Backend {
        /// The backend, as in its crate or module name.
        name: &'static str,
        /// The backend's own error.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
}

impl Error {
    /// Wraps a backend's own error.
    pub fn backend(name: &'static str, source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self::Backend { name, source: source.into() }
    }

    /// Sorts an operating-system error about `what` into the decision it allows.
    pub fn from_io(name: &'static str, what: &str, error: std::io::Error) -> Self {
        use std::io::ErrorKind as K;
        match error.kind() {
            K::NotFound => Self::NotFound(what.to_owned()),
            K::AlreadyExists => Self::Conflict(what.to_owned()),
            K::StorageFull | K::QuotaExceeded | K::ReadOnlyFilesystem | K::ResourceBusy => {
                Self::Unavailable(format!("{what}: {error}"))
            }
            _ => Self::backend(name, error),
        }
    }

    /// The same decision for another caller: group commits tell every member of a failed group the same thing.
    pub fn duplicate(&self) -> Self {
        match self {
            Self::NotFound(what) => Self::NotFound(what.clone()),
            Self::Conflict(what) => Self::Conflict(what.clone()),
            Self::Contended { key, attempts } => Self::Contended { key: key.clone(), attempts: *attempts },
            Self::Unavailable(what) => Self::Unavailable(what.clone()),
            Self::Corrupt(what) => Self::Corrupt(what.clone()),
            Self::Backend { name, source } => Self::Backend { name, source: source.to_string().into() },
        }
    }
}

impl From<Error> for std::io::Error {
    fn from(error: Error) -> Self {
        use std::io::ErrorKind as K;
        let kind = match &error {
            Error::NotFound(_) => K::NotFound,
            Error::Conflict(_) => K::AlreadyExists,
            Error::Contended { .. } | Error::Unavailable(_) => K::ResourceBusy,
            Error::Corrupt(_) => K::InvalidData,
            Error::Backend { .. } => K::Other,
        };
        Self::new(kind, error)
    }
}

/// The error that the caller of a use case sees when storage fails.
impl From<Error> for tastemaker_domain::Error {
    fn from(error: Error) -> Self {
        match error {
            Error::Contended { .. } => Self::Throttled(error.to_string()),
            Error::Unavailable(_) => Self::Unavailable(error.to_string()),
            other => Self::Internal(other.to_string()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::{Error as Io, ErrorKind as K};

    #[test]
    fn operating_system_errors_become_decisions() {
        let sort = |kind: K| Error::from_io("disk", "a/b", Io::from(kind));
        assert!(matches!(sort(K::NotFound), Error::NotFound(what) if what == "a/b"));
        assert!(matches!(sort(K::AlreadyExists), Error::Conflict(what) if what == "a/b"));
        assert!(matches!(sort(K::StorageFull), Error::Unavailable(_)));
        assert!(matches!(sort(K::ReadOnlyFilesystem), Error::Unavailable(_)));
        assert!(matches!(sort(K::PermissionDenied), Error::Backend { name: "disk", .. }));
    }

    #[test]
    fn a_duplicate_says_the_same() {
        for error in [
            Error::NotFound("a".into()),
            Error::Conflict("b".into()),
            Error::Contended { key: "b".into(), attempts: 2 },
            Error::Unavailable("c".into()),
            Error::Corrupt("d".into()),
            Error::backend("e", "f"),
        ] {
            assert_eq!(error.duplicate().to_string(), error.to_string());
            assert_eq!(std::mem::discriminant(&error.duplicate()), std::mem::discriminant(&error));
        }
    }
}
