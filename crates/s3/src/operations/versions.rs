//! Versions of objects. Every object has the one version `null`, as in a bucket on which versioning was never turned on.

use s3s::dto::*;
use s3s::{S3ErrorCode, S3Result, s3_error};
use tastemaker_store::objects::ObjectRecord;

use super::listing::{Query, Text, limit};
use super::owner::owner;
use crate::conditions::etag;
use crate::state::{State, timestamp};

/// The id of the one version that every object has.
const ONLY_VERSION: &str = "null";

/// Refuses every version id but that of the one version.
pub(crate) fn check_version(version_id: Option<&str>) -> S3Result<()> {
    match version_id {
        None | Some(ONLY_VERSION) => Ok(()),
        Some("") => Err(s3_error!(InvalidArgument, "Version id cannot be the empty string.")),
        Some(other) => Err(s3_error!(
            NoSuchVersion,
            "The specified version does not exist: {other:?}. Every object here has the one version {ONLY_VERSION:?}."
        )),
    }
}

impl State {
    /// The version of an object that a request names, or the object when it names none.
    pub(crate) async fn version(&self, bucket: &str, key: &str, version_id: Option<&str>) -> S3Result<ObjectRecord> {
        if let Err(refused) = check_version(version_id) {
            self.bucket(bucket).await?;
            return Err(refused);
        }
        let found = self.object(bucket, key).await;
        match (found, version_id) {
            (Err(missing), Some(version)) if *missing.code() == S3ErrorCode::NoSuchKey => {
                Err(s3_error!(NoSuchVersion, "The key {key:?} has no version {version:?} in bucket {bucket}."))
            }
            (found, _) => found,
        }
    }

    pub(crate) async fn list_object_versions(
        &self,
        input: ListObjectVersionsInput,
    ) -> S3Result<ListObjectVersionsOutput> {
        let bucket = input.bucket;
        self.bucket(&bucket).await?;
        let limit = limit(input.max_keys)?;
        let prefix = input.prefix.unwrap_or_default();
        let delimiter = input.delimiter.filter(|delimiter| !delimiter.is_empty());
        let marker = input.key_marker.unwrap_or_default();
        let version_marker = input.version_id_marker.filter(|marker| !marker.is_empty());
        if version_marker.is_some() && marker.is_empty() {
            return Err(s3_error!(InvalidArgument, "A version-id marker cannot be specified without a key marker."));
        }
        // A page goes on behind the one version of its marker's key, whether or not the marker names the version.
        if version_marker.as_deref().is_some_and(|marker| marker != ONLY_VERSION) {
            return Err(s3_error!(InvalidArgument, "Invalid version id specified."));
        }
        let after = Some(marker.as_str()).filter(|marker| !marker.is_empty());
        let query = Query { bucket: &bucket, prefix: &prefix, delimiter: delimiter.as_deref(), after, limit };
        let page = self.page(query).await?;
        let text = Text::of(input.encoding_type.as_ref())?;
        let next_is_key = page.next.is_some() && page.next.as_ref() == page.objects.last().map(|object| &object.key);
        let told = |object: &ObjectRecord| ObjectVersion {
            e_tag: etag(&object.etag),
            is_latest: Some(true),
            key: Some(text.encode(&object.key)),
            last_modified: Some(timestamp(object.last_modified_ms)),
            owner: Some(owner()),
            size: i64::try_from(object.size_bytes).ok(),
            storage_class: Some(ObjectVersionStorageClass::from_static(ObjectVersionStorageClass::STANDARD)),
            version_id: Some(ONLY_VERSION.to_owned()),
            ..ObjectVersion::default()
        };
        Ok(ListObjectVersionsOutput {
            versions: Some(page.objects.iter().map(told).collect()),
            common_prefixes: Some(text.prefixes(page.prefixes)),
            delimiter: delimiter.map(|delimiter| text.encode(&delimiter)),
            encoding_type: input.encoding_type,
            is_truncated: Some(page.next.is_some()),
            key_marker: Some(text.encode(&marker)),
            max_keys: i32::try_from(limit).ok(),
            name: Some(bucket),
            next_key_marker: page.next.map(|next| text.encode(&next)),
            next_version_id_marker: next_is_key.then(|| ONLY_VERSION.to_owned()),
            prefix: Some(text.encode(&prefix)),
            version_id_marker: version_marker,
            ..ListObjectVersionsOutput::default()
        })
    }
}
