//! The layout of an object store: the folders and the object of each blob.

use object_store::path::Path;

use super::error::NAME;
use crate::{Error, Result};

/// The folder of finished blobs.
pub(super) const BLOBS: &str = "blobs";

/// The folder of what is being written.
pub(super) const INCOMING: &str = "incoming";

/// The folder of blobs that no record named at a start.
pub(super) const LOST: &str = "lost";

/// The object that says to which records the blobs belong.
pub(super) const MARKER: &str = "instance.json";

/// The object of a blob whose key is valid, in the store's own error.
pub(super) fn object_path(key: &str) -> Result<Path, object_store::path::Error> {
    Path::parse(format!("{BLOBS}/{key}"))
}

/// The object of a blob whose key is valid.
pub(super) fn object(key: &str) -> Result<Path> {
    object_path(key).map_err(|error| Error::backend(NAME, error))
}
