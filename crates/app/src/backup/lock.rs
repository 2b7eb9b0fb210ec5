//! The lock of a place of backups: one process at a time writes and deletes there.
//!
//! A directory has a locked file, which ends with its process. A bucket has objects `lock/<number>`: the highest number counts,
//! and says until when its process holds the lock or that it was given back. Numbers never go down, each is put only where
//! nothing is, and whoever has put one looks whether it is still the highest.

use anyhow::{Context, Result, bail};
use serde::{Deserialize, Serialize};
use std::fs::{File, OpenOptions, TryLockError};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use tastemaker_store::{Blobs, BlobsExt, Error, ObjectStoreBlobs};
use tokio::task::JoinHandle;

/// The time for which a lock in a bucket holds without being renewed.
const HELD: Duration = Duration::from_secs(90);
/// The folder of locks.
const FOLDER: &str = "lock/";

/// A lock that is held.
#[derive(Debug)]
pub enum Lock {
    /// By a file that the system unlocks when the process ends.
    File {
        /// The place that is locked.
        _file: File,
    },
    /// By an object that is renewed.
    Object(ObjectLock),
}

impl Lock {
    /// Locks a directory.
    pub fn file(path: &Path) -> Result<Self> {
        let file = OpenOptions::new().create(true).truncate(false).write(true).open(path);
        let file = file.with_context(|| format!("cannot open {}", path.display()))?;
        match file.try_lock() {
            Ok(()) => Ok(Self::File { _file: file }),
            Err(TryLockError::WouldBlock) => bail!("another backup is being written: {} is locked", path.display()),
            Err(TryLockError::Error(error)) => Err(error).with_context(|| format!("cannot lock {}", path.display())),
        }
    }

    /// Locks a bucket, and goes on renewing it.
    pub async fn object(blobs: &ObjectStoreBlobs) -> Result<Self> {
        Ok(Self::Object(ObjectLock::acquire(blobs.clone(), HELD).await?))
    }

    /// Fails when somebody else may hold it.
    pub fn check(&self) -> Result<()> {
        match self {
            Self::Object(lock) if lock.lost.load(Ordering::Relaxed) => {
                bail!("the lock of the backups could not be renewed in time, so another process may write them now")
            }
            _ => Ok(()),
        }
    }

    /// Gives it back.
    pub async fn release(self) -> Result<()> {
        match self {
            Self::File { .. } => Ok(()),
            Self::Object(lock) => lock.release().await,
        }
    }
}

/// The content of a lock's object.
#[derive(Debug, Serialize, Deserialize)]
struct Holder {
    /// The holder; nobody when it was given back.
    holder: Option<String>,
    /// Milliseconds since the Unix epoch.
    until_ms: u64,
}

/// A lock in a bucket.
#[derive(Debug)]
pub struct ObjectLock {
    blobs: ObjectStoreBlobs,
    holder: String,
    number: Arc<parking_lot::Mutex<u64>>,
    lost: Arc<AtomicBool>,
    renewal: JoinHandle<()>,
}

impl Drop for ObjectLock {
    fn drop(&mut self) {
        self.renewal.abort();
    }
}

impl ObjectLock {
    async fn acquire(blobs: ObjectStoreBlobs, held: Duration) -> Result<Self> {
        let holder = format!("{} {}", std::process::id(), uuid::Uuid::new_v4().simple());
        let last = match newest(&blobs).await? {
            Some((_, Holder { holder: Some(other), until_ms })) if until_ms > now_ms() => {
                let seconds = (until_ms - now_ms()).div_ceil(1000);
                bail!(
                    "another backup is being written: process {other} holds the lock for {seconds} s, longer if it goes on"
                );
            }
            Some((number, _)) => number,
            None => 0,
        };
        let number = last + 1;
        if !put(&blobs, number, Some(&holder), held).await? {
            bail!("another backup began at the same moment");
        }
        let highest = numbers(&blobs).await?.into_iter().max();
        if highest != Some(number) {
            blobs.delete(&key(number)).await?;
            bail!("another backup began at the same moment");
        }
        delete_below(&blobs, number).await?;
        let (number, lost) = (Arc::new(parking_lot::Mutex::new(number)), Arc::new(AtomicBool::new(false)));
        let renewing = renew(blobs.clone(), holder.clone(), number.clone(), lost.clone(), held);
        let renewal = tokio::spawn(renewing);
        Ok(Self { blobs, holder, number, lost, renewal })
    }

    async fn release(self) -> Result<()> {
        self.renewal.abort();
        let number = *self.number.lock() + 1;
        let released = put(&self.blobs, number, None, Duration::ZERO).await?;
        if !released {
            bail!("the lock of the backups, of process {}, was taken by another one", self.holder);
        }
        Ok(delete_below(&self.blobs, number).await?)
    }
}

/// Puts the next number again and again, a third of the lock's time apart.
async fn renew(
    blobs: ObjectStoreBlobs,
    holder: String,
    number: Arc<parking_lot::Mutex<u64>>,
    lost: Arc<AtomicBool>,
    held: Duration,
) {
    let mut renewed = tokio::time::Instant::now();
    loop {
        tokio::time::sleep(held / 3).await;
        let next = *number.lock() + 1;
        match put(&blobs, next, Some(&holder), held).await {
            Ok(true) => {
                *number.lock() = next;
                renewed = tokio::time::Instant::now();
                if let Err(error) = delete_below(&blobs, next).await {
                    tracing::warn!(%error, "an older lock of the backups cannot be deleted");
                }
            }
            Ok(false) => lost.store(true, Ordering::Relaxed),
            Err(error) => tracing::warn!(%error, "the lock of the backups cannot be renewed"),
        }
        if renewed.elapsed() >= held {
            lost.store(true, Ordering::Relaxed);
        }
    }
}

fn key(number: u64) -> String {
    format!("{FOLDER}{number:012}")
}

async fn numbers(blobs: &ObjectStoreBlobs) -> Result<Vec<u64>, Error> {
    let listed = blobs.list(FOLDER).await?;
    Ok(listed.iter().filter_map(|lock| lock.key.strip_prefix(FOLDER)?.parse().ok()).collect())
}

async fn newest(blobs: &ObjectStoreBlobs) -> Result<Option<(u64, Holder)>> {
    let Some(number) = numbers(blobs).await?.into_iter().max() else { return Ok(None) };
    match blobs.read_all(&key(number)).await {
        Ok(bytes) => {
            let held = serde_json::from_slice(&bytes).with_context(|| format!("{} is damaged", key(number)))?;
            Ok(Some((number, held)))
        }
        // Its process went on to the next number in between.
        Err(Error::NotFound(_)) => bail!("another backup is being written"),
        Err(error) => Err(error.into()),
    }
}

/// Puts a lock's object; whether nobody else had.
async fn put(blobs: &ObjectStoreBlobs, number: u64, holder: Option<&str>, held: Duration) -> Result<bool, Error> {
    let until_ms = now_ms() + u64::try_from(held.as_millis()).unwrap_or(u64::MAX);
    let content = Holder { holder: holder.map(str::to_owned), until_ms };
    let bytes = serde_json::to_vec(&content).map_err(|error| Error::backend("json", error))?;
    match blobs.put(&key(number), bytes.into()).await {
        Ok(()) => Ok(true),
        Err(Error::Conflict(_)) => Ok(false),
        Err(error) => Err(error),
    }
}

async fn delete_below(blobs: &ObjectStoreBlobs, number: u64) -> Result<(), Error> {
    for older in numbers(blobs).await?.into_iter().filter(|older| *older < number) {
        blobs.delete(&key(older)).await?;
    }
    Ok(())
}

fn now_ms() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn blobs() -> Result<(tempfile::TempDir, ObjectStoreBlobs)> {
        let directory = tempfile::tempdir()?;
        let blobs = ObjectStoreBlobs::open_directory(directory.path()).await?;
        Ok((directory, blobs))
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn one_holds_an_object_and_what_is_given_back_can_be_taken() -> Result<()> {
        let (_directory, blobs) = blobs().await?;
        for _ in 0..3 {
            let lock = Lock::object(&blobs).await?;
            let refused = Lock::object(&blobs).await.expect_err("held").to_string();
            assert!(refused.starts_with("another backup is being written: process "), "{refused}");
            lock.check()?;
            lock.release().await?;
        }
        assert_eq!(numbers(&blobs).await?, [6], "one object stays, and numbers never go down");
        Ok(())
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_lock_is_renewed_while_it_is_held_and_expires_with_its_process() -> Result<()> {
        let (_directory, blobs) = blobs().await?;
        let held = Duration::from_millis(600);
        let lock = ObjectLock::acquire(blobs.clone(), held).await?;
        tokio::time::sleep(2 * held).await;
        assert!(ObjectLock::acquire(blobs.clone(), held).await.is_err(), "renewed");
        // As after the death of the process.
        drop(lock);
        tokio::time::sleep(2 * held).await;
        let next = Lock::Object(ObjectLock::acquire(blobs.clone(), held).await?);
        next.check()?;
        Ok(())
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn whoever_lost_a_lock_hears_of_it() -> Result<()> {
        let (_directory, blobs) = blobs().await?;
        let held = Duration::from_millis(300);
        let lock = ObjectLock::acquire(blobs.clone(), held).await?;
        let next = *lock.number.lock() + 1;
        assert!(put(&blobs, next, Some("another"), held).await?);
        tokio::time::sleep(2 * held).await;
        let lock = Lock::Object(lock);
        assert!(lock.check().is_err());
        assert!(lock.release().await.is_err());
        Ok(())
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn of_many_that_begin_at_once_one_gets_it_at_most() -> Result<()> {
        let (_directory, blobs) = blobs().await?;
        let all = futures::future::join_all((0..20).map(|_| Lock::object(&blobs))).await;
        let held: Vec<_> = all.into_iter().filter_map(Result::ok).collect();
        assert!(held.len() <= 1, "{}", held.len());
        Ok(())
    }
}
