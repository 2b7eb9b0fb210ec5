//! The trait of immutable bytes under internal keys.

use std::ops::Range;
use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;
use futures::stream::BoxStream;

use crate::{Error, Result};

/// The bytes of a blob, in order, in chunks of the backend's choosing.
pub type BlobStream = BoxStream<'static, Result<Bytes>>;

/// Key and size of a blob.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BlobMeta {
    /// Its key.
    pub key: String,
    /// Its length in bytes.
    pub size: u64,
}

/// Immutable bytes. Keys are internal: `/`-separated, of `[A-Za-z0-9._-]` (see [`check_blob_key`]), and no key is a
/// directory of another.
#[async_trait]
pub trait Blobs: Send + Sync + 'static {
    /// Stores a blob durably; [`Error::Conflict`] if the key is taken.
    async fn put(&self, key: &str, body: Bytes) -> Result<()>;

    /// Starts a blob that is written piece by piece.
    async fn writer(&self, key: &str) -> Result<Box<dyn BlobWriter>>;

    /// The bytes of a blob, or of the part of `range` (in bytes) that lies within it; [`Error::NotFound`] if absent.
    async fn read(&self, key: &str, range: Option<Range<u64>>) -> Result<BlobStream>;

    /// The size of a blob; [`Error::NotFound`] if absent.
    async fn head(&self, key: &str) -> Result<BlobMeta>;

    /// The blobs whose key starts with `prefix`, in key order.
    async fn list(&self, prefix: &str) -> Result<Vec<BlobMeta>>;

    /// Removes a blob; an absent one is no error.
    async fn delete(&self, key: &str) -> Result<()>;
}

/// A blob being written: invisible until finished, discarded when dropped.
#[async_trait]
pub trait BlobWriter: Send {
    /// Appends bytes.
    async fn write(&mut self, chunk: Bytes) -> Result<()>;

    /// Makes the blob durable, then visible; [`Error::Conflict`] if the key was taken meanwhile.
    async fn finish(self: Box<Self>) -> Result<BlobMeta>;
}

/// Refuses a key that some backend could not hold: empty, longer than 512 bytes, a character outside
/// `[A-Za-z0-9._/-]`, or an empty, `.` or `..` segment.
pub fn check_blob_key(key: &str) -> Result<()> {
    const KEY_BYTES_MAX: usize = 512;
    let refuse = |rule: &str| Err(Error::backend("blobs", format!("blob key {key:?} {rule}")));
    if key.len() > KEY_BYTES_MAX {
        return refuse("is longer than 512 bytes");
    }
    if !key.bytes().all(|b| b.is_ascii_alphanumeric() || b"._/-".contains(&b)) {
        return refuse("has a character outside [A-Za-z0-9._/-]");
    }
    if key.split('/').any(|segment| matches!(segment, "" | "." | "..")) {
        return refuse("has an empty, '.' or '..' segment");
    }
    Ok(())
}

#[async_trait]
impl<T: Blobs + ?Sized> Blobs for Arc<T> {
    async fn put(&self, key: &str, body: Bytes) -> Result<()> {
        (**self).put(key, body).await
    }

    async fn writer(&self, key: &str) -> Result<Box<dyn BlobWriter>> {
        (**self).writer(key).await
    }

    async fn read(&self, key: &str, range: Option<Range<u64>>) -> Result<BlobStream> {
        (**self).read(key, range).await
    }

    async fn head(&self, key: &str) -> Result<BlobMeta> {
        (**self).head(key).await
    }

    async fn list(&self, prefix: &str) -> Result<Vec<BlobMeta>> {
        (**self).list(prefix).await
    }

    async fn delete(&self, key: &str) -> Result<()> {
        (**self).delete(key).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_that_a_file_system_could_misread_are_refused() {
        for good in ["a", "a/b.c", "s3/00/0-_x", "...", "a..b"] {
            assert!(check_blob_key(good).is_ok(), "{good}");
        }
        let long = "x".repeat(513);
        for bad in ["", "/a", "a/", "a//b", "../a", "a/..", "a/./b", "a b", "a+b", "ä", "a\\b", "a\0", long.as_str()] {
            assert!(matches!(check_blob_key(bad), Err(Error::Backend { .. })), "{bad}");
        }
    }
}
