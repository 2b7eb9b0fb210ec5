//! Blobs that no record names, set aside under their keys, and the marker beside them.

use bytes::Bytes;
use futures::TryStreamExt;
use object_store::path::Path;
use object_store::{ObjectStoreExt, PutMode};

use super::error::{NAME, of_reading, of_writing};
use super::layout::{LOST, MARKER, object};
use super::objects::Objects;
use crate::{Error, Result, check_blob_key};

/// A blob that was set aside.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lost {
    /// The folder that it was set aside into.
    pub folder: String,
    /// Its key.
    pub key: String,
    /// Its length in bytes.
    pub size: u64,
}

fn path(folder: &str, key: &str) -> Result<Path> {
    check_blob_key(key)?;
    Path::parse(format!("{LOST}/{folder}/{key}")).map_err(|error| Error::backend(NAME, error))
}

impl Objects {
    pub(super) async fn set_aside(&self, key: &str, folder: &str) -> Result<()> {
        self.store.rename(&object(key)?, &path(folder, key)?).await.map_err(of_writing(key))
    }

    pub(super) async fn lost(&self) -> Result<Vec<Lost>> {
        let listed: object_store::Result<Vec<_>> = self.store.list(Some(&Path::from(LOST))).try_collect().await;
        let listed = match listed.map_err(of_reading(LOST)) {
            Err(Error::NotFound(_)) => Vec::new(),
            other => other?,
        };
        let mut lost: Vec<Lost> = listed
            .into_iter()
            .filter_map(|object| {
                let below = object.location.as_ref().strip_prefix(LOST)?.strip_prefix('/')?;
                let (folder, key) = below.split_once('/')?;
                check_blob_key(key).ok()?;
                Some(Lost { folder: folder.to_owned(), key: key.to_owned(), size: object.size })
            })
            .collect();
        lost.sort_unstable_by(|a, b| (&a.folder, &a.key).cmp(&(&b.folder, &b.key)));
        Ok(lost)
    }

    pub(super) async fn bring_back(&self, lost: &Lost) -> Result<bool> {
        let (from, to) = (path(&lost.folder, &lost.key)?, object(&lost.key)?);
        match self.store.head(&to).await.map_err(of_reading(&lost.key)) {
            Ok(_) => return Ok(false),
            Err(Error::NotFound(_)) => {}
            Err(error) => return Err(error),
        }
        if let Some(directory) = &self.directory {
            directory.make_durable_folders(&lost.key).await?;
        }
        self.store.rename(&from, &to).await.map_err(of_writing(&lost.key))?;
        Ok(true)
    }

    pub(super) async fn delete_lost(&self, lost: &Lost) -> Result<()> {
        match self.store.delete(&path(&lost.folder, &lost.key)?).await.map_err(of_reading(&lost.key)) {
            Err(Error::NotFound(_)) => Ok(()),
            deleted => deleted,
        }
    }

    pub(super) async fn marker(&self) -> Result<Option<Bytes>> {
        match self.store.get(&Path::from(MARKER)).await.map_err(of_reading(MARKER)) {
            Ok(found) => Ok(Some(found.bytes().await.map_err(of_reading(MARKER))?)),
            Err(Error::NotFound(_)) => Ok(None),
            Err(error) => Err(error),
        }
    }

    pub(super) async fn put_marker(&self, bytes: Bytes, mode: PutMode) -> Result<()> {
        let put = self.store.put_opts(&Path::from(MARKER), bytes.into(), mode.into()).await;
        put.map_err(of_writing(MARKER)).map(|_| ())
    }
}

#[cfg(test)]
mod tests {
    use super::super::ObjectStoreBlobs;
    use super::*;
    use crate::Blobs;
    use std::fs;

    #[tokio::test]
    async fn the_lost_are_listed_by_folder_and_key() {
        let root = tempfile::tempdir().expect("directory");
        let blobs = ObjectStoreBlobs::open_directory(root.path()).await.expect("open");
        let set_aside = [("b", "2"), ("a/z", "2"), ("a/y", "10"), ("c", "10"), ("d", "2"), ("a/x", "10")];
        for (key, folder) in set_aside {
            blobs.put(key, "x".into()).await.expect("put");
            blobs.set_aside(key, folder).await.expect("set aside");
        }
        fs::write(root.path().join("lost/10/no key"), "left by a tool").expect("write");
        let lost = blobs.lost().await.expect("list");
        let listed: Vec<_> = lost.iter().map(|lost| (lost.folder.as_str(), lost.key.as_str(), lost.size)).collect();
        let expected =
            [("10", "a/x", 1), ("10", "a/y", 1), ("10", "c", 1), ("2", "a/z", 1), ("2", "b", 1), ("2", "d", 1)];
        assert_eq!(listed, expected);
    }

    #[test]
    fn a_key_does_not_leave_the_folder_of_the_lost() {
        assert!(path("10", "a/b").is_ok());
        for key in ["../a", "a/../../b", "", "a b"] {
            assert!(path("10", key).is_err(), "{key}");
        }
    }
}
