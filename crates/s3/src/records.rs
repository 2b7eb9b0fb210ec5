//! Record formats of buckets and unfinished uploads; objects' are `tastemaker_store::objects`.
//!
//! | record key | value |
//! |---|---|
//! | `s3/bucket/<bucket>` | [`BucketRecord`] |
//! | `s3/upload/<bucket>/<upload id>` | [`UploadRecord`] |
//! | `s3/part/<upload id>/<number, five digits>` | [`PartRecord`] |

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use tastemaker_store::objects::StoredGrant;

/// The format that this build writes; formats are added to, and fields never change their meaning.
pub(crate) const FORMAT: u32 = 1;

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct BucketRecord {
    pub(crate) format: u32,
    pub(crate) name: String,
    pub(crate) created_ms: u64,
    /// The location constraint the bucket was made with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) location: Option<String>,
    /// The policy document as it came; kept and given back, never enforced.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) policy: Option<String>,
    /// Settings by name, mostly as the protocol crate's types in JSON; kept and given back; only lifecycle rules are acted upon.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) settings: BTreeMap<String, serde_json::Value>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct UploadRecord {
    pub(crate) format: u32,
    pub(crate) key: String,
    pub(crate) upload_id: String,
    pub(crate) initiated_ms: u64,
    #[serde(default)]
    pub(crate) headers: BTreeMap<String, String>,
    #[serde(default)]
    pub(crate) metadata: BTreeMap<String, String>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) tags: BTreeMap<String, String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) grants: Option<Vec<StoredGrant>>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct PartRecord {
    pub(crate) format: u32,
    pub(crate) number: i32,
    pub(crate) size_bytes: u64,
    pub(crate) etag: String,
    pub(crate) last_modified_ms: u64,
    pub(crate) blob: String,
}

/// The prefix of the unfinished uploads of every bucket.
pub(crate) const UPLOADS: &str = "s3/upload/";

/// The prefix of the parts of every unfinished upload.
pub(crate) const PARTS: &str = "s3/part/";

pub(crate) fn upload_key(bucket: &str, upload_id: &str) -> String {
    format!("{UPLOADS}{bucket}/{upload_id}")
}

pub(crate) fn parts_prefix(upload_id: &str) -> String {
    format!("{PARTS}{upload_id}/")
}

pub(crate) fn part_key(upload_id: &str, number: i32) -> String {
    format!("{PARTS}{upload_id}/{number:05}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn format_1_is_read() {
        let bucket: BucketRecord = serde_json::from_str(r#"{"format":1,"name":"b","created_ms":5}"#).expect("bucket");
        let expected = BucketRecord {
            format: 1,
            name: "b".into(),
            created_ms: 5,
            location: None,
            policy: None,
            settings: BTreeMap::new(),
        };
        assert_eq!(bucket, expected);
        let upload =
            r#"{"format":1,"key":"k","upload_id":"u","initiated_ms":5,"headers":{"content-type":"a/b"},"metadata":{}}"#;
        let upload: UploadRecord = serde_json::from_str(upload).expect("upload");
        assert_eq!(upload.headers["content-type"], "a/b");
        let part = r#"{"format":1,"number":2,"size_bytes":3,"etag":"e","last_modified_ms":5,"blob":"s3/0/1"}"#;
        let part: PartRecord = serde_json::from_str(part).expect("part");
        assert_eq!((part.number, part.blob.as_str()), (2, "s3/0/1"));
    }

    #[test]
    fn part_keys_sort_by_number() {
        assert!(part_key("u", 9) < part_key("u", 10) && part_key("u", 999) < part_key("u", 10_000));
        assert!(part_key("u", 1).starts_with(&parts_prefix("u")));
    }
}
