//! Jobs over whole datasets: exports and deletions of users.

use super::TimeMs;
use crate::status::Status;
use crate::words::words;
use std::collections::BTreeMap;

/// A location that a job reads or writes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct S3Location {
    /// `s3://bucket/folder/`, or `s3://bucket/key` of a single file.
    pub path: String,
    /// Kept and shown again.
    pub kms_key_arn: Option<String>,
}

words! {
    /// Which records an export has, by the way they came in.
    pub enum IngestionMode {
        /// Those of import jobs.
        Bulk = "BULK",
        /// Those of PutEvents, PutItems, PutUsers and their like.
        Put = "PUT",
        /// Both.
        All = "ALL",
    }
}

/// An export of one dataset to CSV files.
#[derive(Debug, Clone, PartialEq)]
#[allow(missing_docs)]
pub struct DatasetExportJob {
    pub job_name: String,
    pub arn: String,
    pub dataset_arn: String,
    pub ingestion_mode: IngestionMode,
    pub role_arn: String,
    pub output: S3Location,
    pub status: Status,
    pub failure_reason: Option<String>,
    pub created_ms: TimeMs,
    pub updated_ms: TimeMs,
}

words! {
    /// A deletion job's place in its life; the only resource whose words have no phase in front.
    #[allow(missing_docs)]
    pub enum DeletionStatus {
        Pending = "PENDING",
        InProgress = "IN_PROGRESS",
        Completed = "COMPLETED",
        Failed = "FAILED",
    }
}

impl DeletionStatus {
    /// The job has not ended.
    pub fn is_open(self) -> bool {
        matches!(self, DeletionStatus::Pending | DeletionStatus::InProgress)
    }
}

impl std::fmt::Display for DeletionStatus {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A deletion of users from all datasets of a group.
#[derive(Debug, Clone, PartialEq)]
#[allow(missing_docs)]
pub struct DataDeletionJob {
    pub job_name: String,
    pub arn: String,
    pub dataset_group_arn: String,
    /// `s3://bucket/key.csv` or `s3://bucket/folder/`.
    pub data_location: String,
    pub role_arn: String,
    pub status: DeletionStatus,
    pub failure_reason: Option<String>,
    /// Records of all datasets that the job removes; known when the bulk data has been rewritten, shown when COMPLETED.
    pub num_deleted: Option<u64>,
    /// The blob with the users, while streamed records are still to be removed.
    pub users_blob: Option<String>,
    /// Streams with records to remove, each with the position up to which it is cleaned: later records are new ones.
    pub streams: BTreeMap<String, u64>,
    pub created_ms: TimeMs,
    pub updated_ms: TimeMs,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_parses_back() {
        for &mode in IngestionMode::ALL {
            assert_eq!(IngestionMode::parse(mode.as_str()), Some(mode));
        }
        for &status in DeletionStatus::ALL {
            assert_eq!(DeletionStatus::parse(status.as_str()), Some(status));
        }
        assert_eq!(DeletionStatus::parse("CREATE PENDING"), None);
    }

    #[test]
    fn a_deletion_is_open_until_it_has_ended() {
        let open: Vec<_> = DeletionStatus::ALL.iter().filter(|status| status.is_open()).collect();
        assert_eq!(open, [&DeletionStatus::Pending, &DeletionStatus::InProgress]);
        assert_eq!(DeletionStatus::InProgress.to_string(), "IN_PROGRESS");
    }
}
