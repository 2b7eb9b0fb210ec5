//! The object store below an adapter of blobs, with the properties that writers need.

use std::sync::Arc;

use object_store::path::Path;
use object_store::{ObjectStore, ObjectStoreExt};

use super::directory::Directory;
use super::error::{of_missing_links, of_writing};
use super::layout::object;
use crate::remote::Uploads;
use crate::{Error, Result};

/// An object store and how to write to it. Cloning shares it.
#[derive(Clone, Debug)]
pub(super) struct Objects {
    pub(super) store: Arc<dyn ObjectStore>,
    /// The locks and folders of a local directory; `None` on a remote store.
    pub(super) directory: Option<Arc<Directory>>,
    /// The size of a part of an upload.
    pub(super) part_bytes: usize,
    /// The uploads that a bucket knows. Where it tells of them, an upload in parts ends only if nothing is at its key, so that it
    /// may be written there at once; elsewhere it is written below `incoming/` and copied.
    pub(super) uploads: Option<Uploads>,
    /// The beginning of all keys in the bucket, empty or with a `/` at its end.
    pub(super) prefix: String,
}

impl Objects {
    /// Makes a complete, durable upload visible under its key.
    pub(super) async fn publish(&self, upload: &Path, key: &str) -> Result<()> {
        let target = object(key)?;
        if let Some(directory) = &self.directory {
            directory.make_durable_folders(key).await?;
        }
        match self.store.copy_if_not_exists(upload, &target).await {
            Err(error) if self.directory.is_some() && of_missing_links(&error) => {
                // File systems without hard links: a rename is as durable, and keys are fresh, so no rival is replaced.
                match self.store.head(&target).await {
                    Ok(_) => Err(Error::Conflict(key.to_owned())),
                    Err(object_store::Error::NotFound { .. }) => {
                        self.store.rename(upload, &target).await.map_err(of_writing(key))
                    }
                    Err(error) => Err(of_writing(key)(error)),
                }
            }
            copied => copied.map_err(of_writing(key)),
        }
    }
}
