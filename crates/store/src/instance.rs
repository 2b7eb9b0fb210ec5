//! The identity that records and blobs share: neither is used with the other's of another directory, of an older backup, or
//! with none at all, before somebody has said so.
//!
//! Both hold `{"v":1,"id":...,"generation":...}`, the records under the key `instance`, the blobs in the object
//! `instance.json`. Every start counts the generation up, first in the records and then beside the blobs. So blobs of a
//! greater generation show that the records are an older backup.

use serde::{Deserialize, Serialize};

use crate::{Blobs, Error, ObjectStoreBlobs, Records, RecordsExt, Result, from_json};

/// The record's key.
const KEY: &str = "instance";

/// The format that this build writes, and the newest that it reads.
const FORMAT: u32 = 1;

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Instance {
    v: u32,
    id: String,
    generation: u64,
}

/// The state of records and blobs at a start.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Found {
    /// Records and blobs of the same generation, or both new.
    Together,
    /// A directory of an earlier build, which knew no identity.
    Adopted,
    /// Records of an older generation than the blobs: a backup was put back.
    OlderRecords,
    /// Blobs of an older generation than the records: a backup was put back.
    OlderBlobs,
    /// A mismatch that the operator accepted.
    Accepted,
}

/// The refusal to start.
#[derive(Debug, thiserror::Error)]
pub enum InstanceError {
    /// The records know nothing, and there are blobs.
    #[error(
        "the records are empty, but there are {blobs} blobs beside them: the database of records was lost or moved"
    )]
    EmptyRecords {
        /// Their number.
        blobs: usize,
    },
    /// The records know blobs, and there are none.
    #[error("the records name {blobs} blobs, but none is there: their directory was lost, moved or not mounted")]
    NoBlobs {
        /// Their number.
        blobs: usize,
    },
    /// Records and blobs of two directories.
    #[error("the records are those of instance {records}, but the blobs those of instance {blobs}")]
    Strangers {
        /// The records' id.
        records: String,
        /// The blobs' id.
        blobs: String,
    },
    /// Storage failed.
    #[error(transparent)]
    Store(#[from] Error),
}

/// Compares the identities of records and blobs, and gives both the same with the next generation. A mismatch after which
/// blobs would be taken for nobody's is refused unless it is `accepted`.
pub async fn join(records: &dyn Records, blobs: &ObjectStoreBlobs, accepted: bool) -> Result<Found, InstanceError> {
    let of_records = records.get_json::<Instance>(KEY).await?.map(|(_, instance)| instance);
    let of_blobs = blobs.marker().await?.map(|bytes| from_json::<Instance>("instance.json", &bytes)).transpose()?;
    if let Some(instance) = [&of_records, &of_blobs].into_iter().flatten().find(|instance| instance.v != FORMAT) {
        return Err(Error::Corrupt(format!("instance format {}, this build reads {FORMAT}", instance.v)).into());
    }
    let (id, generation, found) = match (of_records, of_blobs) {
        (Some(r), Some(b)) if r.id == b.id => {
            let found = match r.generation {
                older if older < b.generation => Found::OlderRecords,
                // A start that ended between its two writes leaves a difference of one.
                newer if newer > b.generation + 1 => Found::OlderBlobs,
                _ => Found::Together,
            };
            (r.id, r.generation.max(b.generation), found)
        }
        (Some(r), Some(b)) if accepted => (r.id, r.generation.max(b.generation), Found::Accepted),
        (Some(r), Some(b)) => return Err(InstanceError::Strangers { records: r.id, blobs: b.id }),
        (Some(r), None) => {
            let named = records.count("blob/").await?;
            let found = match (named > 0 && blobs.list("").await?.is_empty(), accepted) {
                (true, false) => return Err(InstanceError::NoBlobs { blobs: named }),
                (true, true) => Found::Accepted,
                (false, _) => Found::OlderBlobs,
            };
            (r.id, r.generation, found)
        }
        (None, of_blobs) => {
            let empty = records.scan("", None, 1).await?.is_empty();
            let there = blobs.list("").await?.len();
            let found = match (empty, there, &of_blobs) {
                (true, 1.., _) if !accepted => return Err(InstanceError::EmptyRecords { blobs: there }),
                (true, 1.., _) => Found::Accepted,
                (true, 0, _) => Found::Together,
                (false, _, Some(_)) => Found::OlderRecords,
                (false, _, None) => Found::Adopted,
            };
            let new = || uuid::Uuid::new_v4().to_string();
            let generation = of_blobs.as_ref().map_or(0, |b| b.generation);
            (of_blobs.map_or_else(new, |b| b.id), generation, found)
        }
    };
    let next = Instance { v: FORMAT, id, generation: generation + 1 };
    records.put_json(KEY, &next).await?;
    let marker = serde_json::to_vec(&next).map_err(|error| Error::backend("json", error))?;
    blobs.put_marker(marker.into()).await?;
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::MemoryRecords;
    use object_store::memory::InMemory;
    use std::sync::Arc;

    fn blobs() -> ObjectStoreBlobs {
        ObjectStoreBlobs::new(Arc::new(InMemory::new()))
    }

    async fn generation(records: &MemoryRecords) -> u64 {
        records.require_json::<Instance>(KEY).await.expect("joined").1.generation
    }

    #[tokio::test]
    async fn each_start_counts_the_generation_up() {
        let (records, blobs) = (MemoryRecords::new(), blobs());
        for n in 1..=3 {
            assert_eq!(join(&records, &blobs, false).await.expect("joined"), Found::Together);
            assert_eq!(generation(&records).await, n);
        }
        blobs.put("a", "x".into()).await.expect("put");
        assert_eq!(join(&records, &blobs, false).await.expect("joined"), Found::Together);
    }

    #[tokio::test]
    async fn a_directory_of_an_earlier_build_is_adopted() {
        let (records, blobs) = (MemoryRecords::new(), blobs());
        blobs.put("a", "x".into()).await.expect("put");
        records.put_json("s3/bucket/b", &1).await.expect("put");
        assert_eq!(join(&records, &blobs, false).await.expect("joined"), Found::Adopted);
        assert_eq!(join(&records, &blobs, false).await.expect("joined"), Found::Together);
    }

    #[tokio::test]
    async fn fresh_records_beside_blobs_are_refused_until_accepted() {
        let blobs = blobs();
        blobs.put("a", "x".into()).await.expect("put");
        for known in [false, true] {
            let records = MemoryRecords::new();
            let refused = join(&records, &blobs, false).await.expect_err("refused");
            assert!(matches!(refused, InstanceError::EmptyRecords { blobs: 1 }), "{known}");
            assert_eq!(records.count("").await.expect("count"), 0, "nothing was written");
            assert_eq!(join(&records, &blobs, true).await.expect("joined"), Found::Accepted);
            assert_eq!(join(&records, &blobs, false).await.expect("joined"), Found::Together);
        }
    }

    #[tokio::test]
    async fn backups_are_told_by_their_generation() {
        let (records, blobs) = (MemoryRecords::new(), blobs());
        join(&records, &blobs, false).await.expect("joined");
        let (old_records, old_marker) = (records.get(KEY).await.expect("get").expect("there"), blobs.marker().await);
        for _ in 0..2 {
            join(&records, &blobs, false).await.expect("joined");
        }
        let write = crate::Write::Put { key: KEY.to_owned(), value: old_records.value };
        records.commit(Vec::new(), vec![write]).await.expect("put back");
        assert_eq!(join(&records, &blobs, false).await.expect("joined"), Found::OlderRecords);
        assert_eq!(generation(&records).await, 4);
        blobs.put_marker(old_marker.expect("read").expect("there")).await.expect("put back");
        assert_eq!(join(&records, &blobs, false).await.expect("joined"), Found::OlderBlobs);
        // A start that ended between its two writes.
        let before = blobs.marker().await.expect("read").expect("there");
        join(&records, &blobs, false).await.expect("joined");
        blobs.put_marker(before).await.expect("put back");
        assert_eq!(join(&records, &blobs, false).await.expect("joined"), Found::Together);
    }

    #[tokio::test]
    async fn a_backup_from_before_the_identity_is_an_older_one() {
        let (records, blobs) = (MemoryRecords::new(), blobs());
        join(&records, &blobs, false).await.expect("joined");
        let older = MemoryRecords::new();
        older.put_json("s3/bucket/b", &1).await.expect("put");
        assert_eq!(join(&older, &blobs, false).await.expect("joined"), Found::OlderRecords);
    }

    #[tokio::test]
    async fn strangers_and_missing_blobs_are_refused_until_accepted() {
        let (records, blobs, others) = (MemoryRecords::new(), blobs(), self::blobs());
        join(&records, &blobs, false).await.expect("joined");
        join(&MemoryRecords::new(), &others, false).await.expect("joined");
        let refused = join(&records, &others, false).await.expect_err("refused");
        assert!(matches!(refused, InstanceError::Strangers { .. }), "{refused}");
        assert_eq!(join(&records, &others, true).await.expect("joined"), Found::Accepted);

        records.put_json("blob/a", &1).await.expect("put");
        let refused = join(&records, &self::blobs(), false).await.expect_err("refused");
        assert!(matches!(refused, InstanceError::NoBlobs { blobs: 1 }), "{refused}");
        assert_eq!(join(&records, &self::blobs(), true).await.expect("joined"), Found::Accepted);
    }

    #[tokio::test]
    async fn records_that_name_no_blob_miss_none() {
        let records = MemoryRecords::new();
        join(&records, &blobs(), false).await.expect("joined");
        assert_eq!(join(&records, &blobs(), false).await.expect("joined"), Found::OlderBlobs);
    }
}
