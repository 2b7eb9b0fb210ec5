//! Errors of object stores as decisions of storage.

use std::io::{self, ErrorKind};

use crate::Error;
use crate::remote::{code, is_passing, reason};

/// The backend's name in errors.
pub(super) const NAME: &str = "object_store";

/// Sorts an error of writing the blob `key`.
pub(super) fn of_writing(key: &str) -> impl Fn(object_store::Error) -> Error {
    let key = key.to_owned();
    move |error| match &error {
        object_store::Error::AlreadyExists { .. } | object_store::Error::Precondition { .. } => {
            Error::Conflict(key.clone())
        }
        // A parent that is a file is a blob whose key is a directory of this one.
        _ if kind(&error) == Some(ErrorKind::NotADirectory) => Error::Conflict(key.clone()),
        _ => sort(&key, error),
    }
}

/// Sorts an error of reading, listing or deleting the blob `key`.
pub(super) fn of_reading(key: &str) -> impl Fn(object_store::Error) -> Error + Send + use<> {
    let key = key.to_owned();
    move |error| {
        if kind(&error) == Some(ErrorKind::NotADirectory) {
            return Error::NotFound(key.clone());
        }
        sort(&key, error)
    }
}

/// Whether a copy failed because the file system has no hard links.
pub(super) fn of_missing_links(error: &object_store::Error) -> bool {
    matches!(kind(error), Some(ErrorKind::Unsupported | ErrorKind::PermissionDenied))
}

/// Sorts what means the same in reading and in writing.
fn sort(key: &str, error: object_store::Error) -> Error {
    match (&error, cause(&error)) {
        (object_store::Error::NotFound { .. }, _) => Error::NotFound(key.to_owned()),
        // A name in the store that no store of ours gives.
        (object_store::Error::InvalidPath { .. }, _) => Error::Corrupt(format!("{key}: {error}")),
        // A server that did not answer, or asked for patience, until the repetitions were used up.
        (error, _) if is_passing(error) => Error::Unavailable(format!("{key}: {}", reason(error))),
        (_, Some(cause)) => match Error::from_io(NAME, key, io::Error::new(cause.kind(), cause.to_string())) {
            Error::Backend { name, .. } => Error::backend(name, error),
            decision => decision,
        },
        // A server's refusal in its own words instead of the whole answer.
        (error, None) if code(error).is_some() => Error::backend(NAME, format!("{key}: {}", reason(error))),
        (_, None) => Error::backend(NAME, error),
    }
}

fn kind(error: &object_store::Error) -> Option<ErrorKind> {
    cause(error).map(io::Error::kind)
}

/// The operating system's error below that of a store.
fn cause(error: &object_store::Error) -> Option<&io::Error> {
    let mut next: Option<&(dyn std::error::Error + 'static)> = Some(error);
    while let Some(error) = next {
        if let Some(cause) = error.downcast_ref::<io::Error>() {
            return Some(cause);
        }
        next = error.source();
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use object_store::Error as Store;

    fn generic(kind: ErrorKind) -> Store {
        Store::Generic { store: "LocalFileSystem", source: Box::new(io::Error::new(kind, "the disk's words")) }
    }

    fn absent() -> Store {
        Store::NotFound { path: "p".into(), source: "absent".into() }
    }

    #[test]
    fn errors_of_stores_become_decisions() {
        for (kind, sorted) in [
            (ErrorKind::StorageFull, "storage is unavailable: k: the disk's words"),
            (ErrorKind::QuotaExceeded, "storage is unavailable: k: the disk's words"),
            (ErrorKind::ReadOnlyFilesystem, "storage is unavailable: k: the disk's words"),
            (
                ErrorKind::PermissionDenied,
                "storage backend object_store failed: Generic LocalFileSystem error: the disk's words",
            ),
        ] {
            assert_eq!(of_writing("k")(generic(kind)).to_string(), sorted);
            assert_eq!(of_reading("k")(generic(kind)).to_string(), sorted);
        }
        let taken = Store::AlreadyExists { path: "p".into(), source: "taken".into() };
        assert!(matches!(of_writing("k")(taken), Error::Conflict(key) if key == "k"));
        assert!(matches!(of_writing("k")(generic(ErrorKind::NotADirectory)), Error::Conflict(key) if key == "k"));
        assert!(matches!(of_reading("k")(generic(ErrorKind::NotADirectory)), Error::NotFound(key) if key == "k"));
        assert!(matches!(of_reading("k")(absent()), Error::NotFound(key) if key == "k"));
        let denied = "Server returned non-2xx status code: 403 Forbidden: <Error><Code>AccessDenied</Code></Error>";
        let denied = Store::PermissionDenied { path: "p".into(), source: denied.into() };
        assert_eq!(of_writing("k")(denied).to_string(), "storage backend object_store failed: k: AccessDenied");
    }

    #[test]
    fn file_systems_without_hard_links_are_known_by_their_refusals() {
        let known = |kind| of_missing_links(&generic(kind));
        assert!(known(ErrorKind::Unsupported) && known(ErrorKind::PermissionDenied));
        assert!(!known(ErrorKind::StorageFull) && !known(ErrorKind::AlreadyExists));
        assert!(!of_missing_links(&absent()));
    }
}
