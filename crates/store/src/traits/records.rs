//! The trait of small named values, changed in serializable batches.

use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;

use crate::Result;

/// A value and the commit that wrote it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Versioned {
    /// Grows with every commit of the store, so that a deleted and re-created key never repeats a version.
    pub version: u64,
    /// The bytes as written.
    pub value: Bytes,
}

/// A condition that must hold at the moment of a commit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Precondition {
    /// No record has this key.
    Absent(String),
    /// The record with this key was last written by this version.
    Version(String, u64),
    /// Some record has this key.
    Exists(String),
    /// No record's key starts with this text.
    NoneWithPrefix(String),
}

impl Precondition {
    /// The key or prefix that the precondition is about; what [`crate::Error::Conflict`] names.
    pub fn key(&self) -> &str {
        match self {
            Self::Absent(key) | Self::Version(key, _) | Self::Exists(key) | Self::NoneWithPrefix(key) => key,
        }
    }
}

/// One change of a batch. Changes apply in order; the last one to a key wins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Write {
    /// Creates or replaces a record.
    Put {
        /// The record's key.
        key: String,
        /// Its new value.
        value: Bytes,
    },
    /// Removes a record; removing an absent one is no error.
    Delete {
        /// The record's key.
        key: String,
    },
}

impl Write {
    /// The key that is written.
    pub fn key(&self) -> &str {
        match self {
            Self::Put { key, .. } | Self::Delete { key } => key,
        }
    }
}

/// Small named values. Keys are UTF-8 and ordered by their bytes.
#[async_trait]
pub trait Records: Send + Sync + 'static {
    /// The record with this key, if there is one.
    async fn get(&self, key: &str) -> Result<Option<Versioned>>;

    /// At most `limit` records whose key starts with `prefix` and is greater than `after`, in key order.
    async fn scan(&self, prefix: &str, after: Option<&str>, limit: usize) -> Result<Vec<(String, Versioned)>>;

    /// The number of records whose key starts with `prefix`. Backends that can tell without reading the values should.
    async fn count(&self, prefix: &str) -> Result<usize> {
        const PAGE_LEN: usize = 1_000;
        let (mut count, mut after) = (0, None::<String>);
        loop {
            let page = self.scan(prefix, after.as_deref(), PAGE_LEN).await?;
            count += page.len();
            match page.into_iter().next_back() {
                Some((last, _)) if count % PAGE_LEN == 0 => after = Some(last),
                _ => return Ok(count),
            }
        }
    }

    /// Applies every write, durably, if every precondition holds; else writes nothing and answers
    /// [`crate::Error::Conflict`] with the key of the first precondition that failed.
    async fn commit(&self, preconditions: Vec<Precondition>, writes: Vec<Write>) -> Result<()>;
}

#[async_trait]
impl<T: Records + ?Sized> Records for Arc<T> {
    async fn get(&self, key: &str) -> Result<Option<Versioned>> {
        (**self).get(key).await
    }

    async fn scan(&self, prefix: &str, after: Option<&str>, limit: usize) -> Result<Vec<(String, Versioned)>> {
        (**self).scan(prefix, after, limit).await
    }

    async fn count(&self, prefix: &str) -> Result<usize> {
        (**self).count(prefix).await
    }

    async fn commit(&self, preconditions: Vec<Precondition>, writes: Vec<Write>) -> Result<()> {
        (**self).commit(preconditions, writes).await
    }
}
