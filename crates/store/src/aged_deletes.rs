//! Deletions that wait: a blob is deleted when it was to be deleted again and again for a time. For sweeps beside processes at
//! work, where what nobody names now may be named by a commit that is under way.

use crate::{BlobMeta, BlobStream, BlobWriter, Blobs, Result};
use async_trait::async_trait;
use bytes::Bytes;
use parking_lot::Mutex;
use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::Instant;

/// Blobs whose deletions wait.
pub struct AgedDeletes {
    blobs: Arc<dyn Blobs>,
    age: Duration,
    asked: Mutex<HashMap<String, Asked>>,
}

#[derive(Clone, Copy)]
struct Asked {
    first: Instant,
    in_this_round: bool,
}

impl AgedDeletes {
    /// A deletion is done when it has been asked for in each round for as long as `age`.
    pub fn new(blobs: Arc<dyn Blobs>, age: Duration) -> Self {
        Self { blobs, age, asked: Mutex::default() }
    }

    /// Ends a round: what was not to be deleted in it is somebody's after all.
    pub fn end_round(&self) {
        let mut asked = self.asked.lock();
        asked.retain(|_, asked| std::mem::take(&mut asked.in_this_round));
    }
}

#[async_trait]
impl Blobs for AgedDeletes {
    async fn put(&self, key: &str, body: Bytes) -> Result<()> {
        self.blobs.put(key, body).await
    }

    async fn writer(&self, key: &str) -> Result<Box<dyn BlobWriter>> {
        self.blobs.writer(key).await
    }

    async fn read(&self, key: &str, range: Option<Range<u64>>) -> Result<BlobStream> {
        self.blobs.read(key, range).await
    }

    async fn head(&self, key: &str) -> Result<BlobMeta> {
        self.blobs.head(key).await
    }

    async fn list(&self, prefix: &str) -> Result<Vec<BlobMeta>> {
        self.blobs.list(prefix).await
    }

    async fn delete(&self, key: &str) -> Result<()> {
        let is_due = {
            let mut asked = self.asked.lock();
            let first = Asked { first: Instant::now(), in_this_round: true };
            let asked = asked.entry(key.to_owned()).or_insert(first);
            asked.in_this_round = true;
            asked.first.elapsed() >= self.age
        };
        if is_due {
            self.blobs.delete(key).await?;
            self.asked.lock().remove(key);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::MemoryBlobs;

    #[tokio::test(start_paused = true)]
    async fn only_what_nobody_wants_for_the_whole_time_is_deleted() {
        const AGE: Duration = Duration::from_secs(3600);
        let blobs = AgedDeletes::new(Arc::new(MemoryBlobs::new()), AGE);
        for key in ["gone", "named", "new"] {
            blobs.put(key, Bytes::new()).await.expect("put");
        }
        let round = async |keys: &[&str]| {
            for key in keys {
                blobs.delete(key).await.expect("deleted or noted");
            }
            blobs.end_round();
            let left = blobs.list("").await.expect("listed");
            left.into_iter().map(|blob| blob.key).collect::<Vec<_>>()
        };
        assert_eq!(round(&["gone", "named"]).await, ["gone", "named", "new"]);
        tokio::time::advance(AGE / 2).await;
        assert_eq!(round(&["gone"]).await, ["gone", "named", "new"]);
        tokio::time::advance(AGE / 2).await;
        assert_eq!(round(&["gone", "named", "new"]).await, ["named", "new"]);
        tokio::time::advance(AGE).await;
        assert!(round(&["named", "new"]).await.is_empty());
    }
}
