//! Uploaded objects: the records that the S3 endpoint keeps of them, and the lookup for everybody else.
//!
//! | record key | value |
//! |---|---|
//! | `s3/bucket/<bucket>` | the bucket (owned by the S3 endpoint; here only its existence matters) |
//! | `s3/object/<bucket>/<key>` | [`ObjectRecord`]; the object's key is any text |
//!
//! The bytes are one blob under a key that no other object ever had, so that an overwrite is one record commit.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{Error, Precondition, Records, RecordsExt, Result, Write, from_json, put_json};

/// The format that this build writes, and the newest that it reads.
pub const OBJECT_FORMAT: u32 = 1;

/// The record of an uploaded object.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ObjectRecord {
    /// The record's format version.
    pub format: u32,
    /// The object's key within its bucket.
    pub key: String,
    /// Its length in bytes.
    pub size_bytes: u64,
    /// Its entity tag without quotes: the MD5 of the bytes in hex, or `<md5 of the parts' md5s>-<parts>`.
    pub etag: String,
    /// When it was stored, in milliseconds since 1970.
    pub last_modified_ms: u64,
    /// The blob with its bytes.
    pub blob: String,
    /// Headers that are given back as they came, by lower-case name: `content-type`, `cache-control`, ….
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub headers: BTreeMap<String, String>,
    /// User metadata: `x-amz-meta-` names without that prefix.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub metadata: BTreeMap<String, String>,
    /// Checksums that the sender gave and that were verified: lower-case algorithm to base64.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub checksums: BTreeMap<String, String>,
    /// Tags, by key.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub tags: BTreeMap<String, String>,
    /// The grants that were put on it; kept and shown, never enforced. Absent: the owner alone has every right.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub grants: Option<Vec<StoredGrant>>,
    /// The lengths of the parts that it was uploaded in; empty where it was uploaded whole.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub part_sizes: Vec<u64>,
}

/// One grant of an access control list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoredGrant {
    /// The kind of grantee: `id`, `uri` or `emailAddress`.
    pub kind: String,
    /// The grantee.
    pub grantee: String,
    /// `FULL_CONTROL`, `READ`, `WRITE`, `READ_ACP` or `WRITE_ACP`.
    pub permission: String,
}

/// The record key of a bucket.
pub fn bucket_record_key(bucket: &str) -> String {
    format!("s3/bucket/{bucket}")
}

/// The record key of an object; with an empty key, the prefix of all of a bucket's objects.
pub fn object_record_key(bucket: &str, key: &str) -> String {
    format!("s3/object/{bucket}/{key}")
}

/// Decodes a stored object; [`Error::Corrupt`] names the record if it is of a newer format or none.
pub fn decode(record_key: &str, value: &[u8]) -> Result<ObjectRecord> {
    #[derive(Deserialize)]
    struct Format {
        format: u32,
    }
    let Format { format } = from_json(record_key, value)?;
    if format != OBJECT_FORMAT {
        return Err(Error::Corrupt(format!("{record_key}: object format {format}, this build reads {OBJECT_FORMAT}")));
    }
    from_json(record_key, value)
}

/// Whether the bucket exists.
pub async fn bucket_exists(records: &dyn Records, bucket: &str) -> Result<bool> {
    Ok(records.get(&bucket_record_key(bucket)).await?.is_some())
}

/// The object with exactly this key, with its record's version.
pub async fn find(records: &dyn Records, bucket: &str, key: &str) -> Result<Option<(u64, ObjectRecord)>> {
    let record_key = object_record_key(bucket, key);
    match records.get(&record_key).await? {
        Some(found) => Ok(Some((found.version, decode(&record_key, &found.value)?))),
        None => Ok(None),
    }
}

/// Every object whose key starts with `prefix`, in key order.
pub async fn list(records: &dyn Records, bucket: &str, prefix: &str) -> Result<Vec<ObjectRecord>> {
    let all = records.scan_all(&object_record_key(bucket, prefix)).await?;
    all.iter().map(|(key, found)| decode(key, &found.value)).collect()
}

/// A commit that makes an object the meaning of its key.
pub struct Replacement {
    /// The present object of the key; its bytes are to be deleted after the commit.
    pub old: Option<ObjectRecord>,
    /// The bucket is there, and nobody has changed the key meanwhile.
    pub preconditions: [Precondition; 2],
    /// The record of the new object.
    pub write: Write,
}

/// Prepares the one commit that makes `object`, whose blob is durable, the meaning of its key.
pub async fn replacement(records: &dyn Records, bucket: &str, object: &ObjectRecord) -> Result<Replacement> {
    let key = object_record_key(bucket, &object.key);
    let write = put_json(&key, object)?;
    let (unchanged, old) = match find(records, bucket, &object.key).await? {
        Some((version, old)) => (Precondition::Version(key, version), Some(old)),
        None => (Precondition::Absent(key), None),
    };
    Ok(Replacement { old, preconditions: [Precondition::Exists(bucket_record_key(bucket)), unchanged], write })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::MemoryRecords;

    /// Written by the first release; a later format adds a file and keeps this one readable.
    const V1: &str = include_str!("../tests/objects/v1/object.json");

    fn sample() -> ObjectRecord {
        let map = |name: &str, value: &str| BTreeMap::from([(name.to_owned(), value.to_owned())]);
        ObjectRecord {
            format: OBJECT_FORMAT,
            key: "data/a+b é/../%2F.csv".into(),
            size_bytes: 5_242_880,
            etag: "9b2cf535f27731c974343645a3985328-2".into(),
            last_modified_ms: 1_700_000_000_123,
            blob: "s3/0f/0f1d2c3b".into(),
            headers: map("content-type", "text/csv"),
            metadata: map("origin", "shop"),
            checksums: map("crc32", "AAAAAA=="),
            ..ObjectRecord::default()
        }
    }

    #[test]
    fn format_1_is_still_read_and_still_written() {
        assert_eq!(decode("golden", V1.as_bytes()).expect("decodes"), sample());
        let written = serde_json::to_string_pretty(&sample()).expect("encodes");
        assert_eq!(written, V1.trim_end());
    }

    #[test]
    fn a_newer_format_is_corrupt_not_misread() {
        let newer = V1.replace("\"format\": 1", "\"format\": 2");
        assert!(matches!(decode("k", newer.as_bytes()), Err(Error::Corrupt(what)) if what.contains("object format 2")));
        assert!(matches!(decode("k", b"{}"), Err(Error::Corrupt(_))));
    }

    #[tokio::test]
    async fn objects_are_found_by_key_and_prefix_within_their_bucket() {
        let records = MemoryRecords::new();
        for (bucket, key) in [("b", "in/1.csv"), ("b", "in/2 +.csv"), ("b", "inner"), ("b2", "in/3.csv")] {
            let record = ObjectRecord { key: key.into(), ..sample() };
            let writes = vec![put_json(object_record_key(bucket, key), &record).expect("encodes")];
            records.commit(vec![], writes).await.expect("commit");
        }
        records.put_json(&bucket_record_key("b"), "bucket").await.expect("commit");
        let keys = |found: Vec<ObjectRecord>| found.into_iter().map(|object| object.key).collect::<Vec<_>>();
        assert_eq!(keys(list(&records, "b", "in/").await.expect("list")), ["in/1.csv", "in/2 +.csv"]);
        assert_eq!(keys(list(&records, "b", "").await.expect("list")).len(), 3);
        assert_eq!(find(&records, "b", "in/2 +.csv").await.expect("find").expect("there").1.key, "in/2 +.csv");
        assert!(find(&records, "b", "in/2").await.expect("find").is_none());
        assert!(bucket_exists(&records, "b").await.expect("get"));
        assert!(!bucket_exists(&records, "b2").await.expect("get"));
    }
}
