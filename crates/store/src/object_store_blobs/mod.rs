//! Blobs on any [`ObjectStore`]: the one adapter of [`Blobs`] for local directories and for cloud storage.
//!
//! A blob `<key>` is the object `blobs/<key>`. Below `incoming/` lies what is being written: an upload in parts would
//! replace the object of its name when it ends, so a writer uploads there and then copies to the key if that is free.
//! A local directory's own folders and locks are in [`directory`].

mod chunks;
mod directory;
mod error;
mod file_work;
mod folders;
mod layout;
mod lost;
mod objects;
mod remote_blobs;
mod staging;
mod writer;

use std::ops::Range;
use std::path::PathBuf;
use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;
use futures::{StreamExt, TryStreamExt};
use object_store::path::Path;
use object_store::{GetOptions, GetRange, GetResultPayload, ObjectMeta, ObjectStore, ObjectStoreExt, PutMode};

use crate::{BlobMeta, BlobStream, BlobWriter, Blobs, Error, Result, check_blob_key};
use directory::Directory;
use error::{of_reading, of_writing};
use layout::{BLOBS, object, object_path};
pub use lost::Lost;
use objects::Objects;
use writer::Writer;

/// The size of a part sent to a remote store: the least that all of them take is 5 MiB, and 10,000 parts the most.
const REMOTE_PART_BYTES: usize = 8 << 20;

/// The size of a part of a file that is written.
const LOCAL_PART_BYTES: usize = 1 << 20;

/// [`Blobs`] as objects of an [`ObjectStore`]. Several processes may share them.
#[derive(Clone, Debug)]
pub struct ObjectStoreBlobs(Objects);

impl ObjectStoreBlobs {
    /// Blobs in a store that supports conditional puts and copies. A process that dies while it writes may leave objects below
    /// `incoming/`; [`ObjectStoreBlobs::remove_abandoned`] removes them.
    pub fn new(store: Arc<dyn ObjectStore>) -> Self {
        let (directory, uploads, prefix) = (None, None, String::new());
        Self(Objects { store, directory, part_bytes: REMOTE_PART_BYTES, uploads, prefix })
    }

    /// Opens or makes a local directory, and removes what writers that died had not finished.
    pub async fn open_directory(path: impl Into<PathBuf>) -> Result<Self> {
        let (store, directory) = Directory::open(path.into()).await?;
        let directory = Some(Arc::new(directory));
        let (uploads, prefix) = (None, String::new());
        Ok(Self(Objects { store: Arc::new(store), directory, part_bytes: LOCAL_PART_BYTES, uploads, prefix }))
    }

    /// Moves a blob into a folder of blobs that no record names.
    pub async fn set_aside(&self, key: &str, folder: &str) -> Result<()> {
        self.0.set_aside(key, folder).await
    }

    /// Every blob that was set aside.
    pub async fn lost(&self) -> Result<Vec<Lost>> {
        self.0.lost().await
    }

    /// Moves a blob that was set aside back to its key, if that is free; says whether it was.
    pub async fn bring_back(&self, lost: &Lost) -> Result<bool> {
        self.0.bring_back(lost).await
    }

    /// Deletes a blob that was set aside.
    pub async fn delete_lost(&self, lost: &Lost) -> Result<()> {
        self.0.delete_lost(lost).await
    }

    /// The bytes of the object that says to which records the blobs belong.
    pub async fn marker(&self) -> Result<Option<Bytes>> {
        self.0.marker().await
    }

    /// Replaces that object.
    pub async fn put_marker(&self, bytes: Bytes) -> Result<()> {
        self.0.put_marker(bytes, PutMode::Overwrite).await
    }

    /// Puts that object where there is none; in a bucket [`Error::Conflict`] if somebody was quicker.
    pub async fn put_first_marker(&self, bytes: Bytes) -> Result<()> {
        match self.0.directory {
            // A directory has a single process at its start.
            Some(_) => self.0.put_marker(bytes, PutMode::Overwrite).await,
            None => self.0.put_marker(bytes, PutMode::Create).await,
        }
    }

    /// The objects below the folder of a key whose next segment begins with `rest`, and perhaps others.
    async fn objects(&self, folder: &str, rest: &str) -> object_store::Result<Vec<ObjectMeta>> {
        let folder = if folder.is_empty() { Path::from(BLOBS) } else { object_path(folder)? };
        if rest.is_empty() {
            return self.0.store.list(Some(&folder)).try_collect().await;
        }
        // Stores list by whole segments; only the folders that begin with the rest are entered.
        let listed = self.0.store.list_with_delimiter(Some(&folder)).await?;
        let mut found = listed.objects;
        for folder in listed.common_prefixes {
            if folder.filename().is_some_and(|name| name.starts_with(rest)) {
                found.extend(self.0.store.list(Some(&folder)).try_collect::<Vec<_>>().await?);
            }
        }
        Ok(found)
    }

    async fn get(&self, key: &str, range: Option<GetRange>) -> object_store::Result<BlobStream> {
        let options = GetOptions { range, ..GetOptions::default() };
        let found = self.0.store.get_opts(&object_path(key)?, options).await?;
        Ok(match found.payload {
            GetResultPayload::File(file, _) => chunks::of_file(key.to_owned(), file, found.range),
            GetResultPayload::Stream(stream) => stream.map_err(of_reading(key)).boxed(),
        })
    }
}

/// The blob of an object; `None` for what no blob can be, such as files that an operator's tools left.
fn blob(object: &ObjectMeta) -> Option<BlobMeta> {
    let key = object.location.as_ref().strip_prefix(BLOBS)?.strip_prefix('/')?;
    check_blob_key(key).ok()?;
    Some(BlobMeta { key: key.to_owned(), size: object.size })
}

#[async_trait]
impl Blobs for ObjectStoreBlobs {
    async fn put(&self, key: &str, body: Bytes) -> Result<()> {
        check_blob_key(key)?;
        if self.0.directory.is_some() || body.len() > self.0.part_bytes {
            // A put of the local store leaves its unfinished file beside the blob when the process dies, and one of many megabytes to
            // a server takes longer than its answer is waited for.
            let mut writer = self.writer(key).await?;
            writer.write(body).await?;
            return writer.finish().await.map(|_| ());
        }
        let target = object(key)?;
        let put = self.0.store.put_opts(&target, body.into(), PutMode::Create.into()).await;
        put.map_err(of_writing(key)).map(|_| ())
    }

    async fn writer(&self, key: &str) -> Result<Box<dyn BlobWriter>> {
        check_blob_key(key)?;
        Ok(Box::new(Writer::start(self.0.clone(), key.to_owned()).await?))
    }

    async fn read(&self, key: &str, range: Option<Range<u64>>) -> Result<BlobStream> {
        if check_blob_key(key).is_err() {
            return Err(Error::NotFound(key.to_owned()));
        }
        let Some(range) = range else { return self.get(key, None).await.map_err(of_reading(key)) };
        let start = range.start;
        let refused = if range.is_empty() {
            None
        } else {
            let range = if range.end == u64::MAX { GetRange::Offset(start) } else { GetRange::Bounded(range) };
            match self.get(key, Some(range)).await {
                Ok(stream) => return Ok(stream),
                Err(error @ object_store::Error::NotFound { .. }) => return Err(of_reading(key)(error)),
                Err(error) => Some(error),
            }
        };
        // Stores refuse a range that holds no byte.
        let size = self.head(key).await?.size;
        match refused {
            Some(error) if start < size => Err(of_reading(key)(error)),
            _ => Ok(futures::stream::empty().boxed()),
        }
    }

    async fn head(&self, key: &str) -> Result<BlobMeta> {
        if check_blob_key(key).is_err() {
            return Err(Error::NotFound(key.to_owned()));
        }
        let found = self.0.store.head(&object(key)?).await.map_err(of_reading(key))?;
        Ok(BlobMeta { key: key.to_owned(), size: found.size })
    }

    async fn list(&self, prefix: &str) -> Result<Vec<BlobMeta>> {
        let (folder, rest) = prefix.rsplit_once('/').unwrap_or(("", prefix));
        if !folder.is_empty() && check_blob_key(folder).is_err() {
            return Ok(Vec::new());
        }
        let mut found = match (self.objects(folder, rest).await, &self.0.directory) {
            (Ok(objects), _) => objects.iter().filter_map(blob).collect(),
            (Err(object_store::Error::InvalidPath { .. }), Some(directory)) => directory.walk(folder).await?,
            (Err(error), _) => match of_reading(prefix)(error) {
                Error::NotFound(_) => Vec::new(),
                error => return Err(error),
            },
        };
        found.retain(|blob| blob.key.starts_with(prefix));
        found.sort_unstable_by(|a, b| a.key.cmp(&b.key));
        Ok(found)
    }

    async fn delete(&self, key: &str) -> Result<()> {
        if check_blob_key(key).is_err() {
            return Ok(());
        }
        match self.0.store.delete(&object(key)?).await.map_err(of_reading(key)) {
            Err(Error::NotFound(_)) => Ok(()),
            deleted => deleted,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::BlobsExt;
    use object_store::memory::InMemory;

    #[tokio::test]
    async fn a_remote_store_conforms() {
        let factory = async || Arc::new(ObjectStoreBlobs::new(Arc::new(InMemory::new()))) as Arc<dyn Blobs>;
        crate::conformance::blobs::run_all(factory).await;
    }

    #[tokio::test]
    async fn large_blobs_go_in_parts_and_leave_nothing_but_themselves() {
        let store = Arc::new(InMemory::new());
        let ObjectStoreBlobs(objects) = ObjectStoreBlobs::new(store.clone());
        let blobs = ObjectStoreBlobs(Objects { part_bytes: 1_000, ..objects });
        let body: Bytes = (0..10_500).map(|n| (n % 251) as u8).collect();
        let mut writer = blobs.writer("a/b").await.expect("writer");
        for chunk in [body.slice(..999), body.slice(999..1_001), body.slice(1_001..10_500)] {
            writer.write(chunk).await.expect("write");
        }
        assert_eq!(writer.finish().await.expect("finish").size, 10_500);
        assert_eq!(blobs.read_all("a/b").await.expect("read"), body);
        let left: Vec<_> =
            store.list(None).map_ok(|object| object.location.to_string()).try_collect().await.expect("list");
        assert_eq!(left, ["blobs/a/b"]);
    }
}
