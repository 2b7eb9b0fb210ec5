//! Copies within the endpoint: whole objects, and ranges into parts of uploads.

use std::ops::Range as Bytes;

use futures::StreamExt;
use s3s::dto::*;
use s3s::{S3Result, s3_error};
use tastemaker_store::Error;
use tastemaker_store::objects::{OBJECT_FORMAT, ObjectRecord};

use super::objects::{Described, OVERWRITES_MAX, check_key, described};
use super::uploads::check_part_number;
use super::versions::check_version;
use crate::body::{Promised, Received, any_length};
use crate::conditions::{ReadCondition, WriteCondition, etag};
use crate::errors::storage;
use crate::state::{Alongside, State, timestamp};

fn location(source: &CopySource) -> S3Result<(&str, &str)> {
    match source {
        CopySource::Bucket { bucket, key, version_id } => {
            check_version(version_id.as_deref())?;
            Ok((bucket, key))
        }
        _ => Err(s3_error!(NotImplemented, "A copy source is BUCKET/KEY; access points are not supported.")),
    }
}

/// The part of a source that a copy takes, checked against the source's length.
type Extent = dyn Fn(u64) -> S3Result<Bytes<u64>> + Send + Sync;

impl State {
    /// Copies bytes of the source, which is looked up again when an overwrite takes them away meanwhile.
    async fn copied(
        &self,
        source: &CopySource,
        condition: &ReadCondition,
        extent: &Extent,
    ) -> S3Result<(ObjectRecord, Received)> {
        let (bucket, key) = location(source)?;
        for _ in 0..OVERWRITES_MAX {
            let object = self.object(bucket, key).await?;
            condition.check_source(&object)?;
            let range = extent(object.size_bytes)?;
            let stream = match self.blobs.read(&object.blob, Some(range)).await {
                Err(Error::NotFound(_)) => continue,
                other => other.map_err(storage)?,
            };
            let body = stream.map(|chunk| chunk.map_err(storage));
            return Ok((object, self.receive(body, Promised::default(), any_length()).await?));
        }
        Err(storage(Error::Corrupt(format!("s3://{bucket}/{key}: the object's bytes are missing"))))
    }

    pub(crate) async fn copy_object(&self, mut input: CopyObjectInput) -> S3Result<CopyObjectOutput> {
        check_key(&input.key)?;
        self.bucket(&input.bucket).await?;
        let condition = ReadCondition {
            if_match: input.copy_source_if_match.take(),
            if_none_match: input.copy_source_if_none_match.take(),
            if_modified_since: input.copy_source_if_modified_since.take(),
            if_unmodified_since: input.copy_source_if_unmodified_since.take(),
        };
        let replaces = match input.metadata_directive.as_ref().map(MetadataDirective::as_str) {
            None | Some(MetadataDirective::COPY) => false,
            Some(MetadataDirective::REPLACE) => true,
            Some(other) => return Err(s3_error!(InvalidArgument, "Unknown metadata directive: {other:?}.")),
        };
        let (source_bucket, source_key) = location(&input.copy_source)?;
        if !replaces && source_bucket == input.bucket && source_key == input.key {
            return Err(s3_error!(
                InvalidRequest,
                "This copy request is illegal because it is trying to copy an object to itself without changing the \
                 object's metadata."
            ));
        }
        let replaces_tags = match input.tagging_directive.as_ref().map(TaggingDirective::as_str) {
            None | Some(TaggingDirective::COPY) => false,
            Some(TaggingDirective::REPLACE) => true,
            Some(other) => return Err(s3_error!(InvalidArgument, "Unknown tagging directive: {other:?}.")),
        };
        let given = described!(input)?;
        let (source, received) = self.copied(&input.copy_source, &condition, &|size| Ok(0..size)).await?;
        let Described { headers, metadata, tags, grants } = given;
        let (headers, metadata) = if replaces { (headers, metadata) } else { (source.headers, source.metadata) };
        let tags = if replaces_tags { tags } else { source.tags };
        let object = ObjectRecord {
            format: OBJECT_FORMAT,
            key: input.key,
            size_bytes: received.size_bytes,
            etag: received.etag.clone(),
            last_modified_ms: self.now_ms(),
            blob: received.blob,
            headers,
            metadata,
            checksums: source.checksums,
            tags,
            grants,
            part_sizes: Vec::new(),
        };
        let result = CopyObjectResult {
            e_tag: etag(&received.etag),
            last_modified: Some(timestamp(object.last_modified_ms)),
            ..CopyObjectResult::default()
        };
        self.publish(&input.bucket, object, WriteCondition::default(), Alongside::default()).await?;
        Ok(CopyObjectOutput { copy_object_result: Some(result), ..CopyObjectOutput::default() })
    }

    pub(crate) async fn upload_part_copy(&self, input: UploadPartCopyInput) -> S3Result<UploadPartCopyOutput> {
        check_part_number(input.part_number)?;
        let condition = ReadCondition {
            if_match: input.copy_source_if_match,
            if_none_match: input.copy_source_if_none_match,
            if_modified_since: input.copy_source_if_modified_since,
            if_unmodified_since: input.copy_source_if_unmodified_since,
        };
        let range = input.copy_source_range.as_deref().map(part_range).transpose()?;
        self.upload(&input.bucket, &input.key, &input.upload_id).await?;
        let extent = move |size: u64| match &range {
            None => Ok(0..size),
            Some(range) if range.end <= size => Ok(range.clone()),
            Some(range) => Err(s3_error!(
                InvalidArgument,
                "Range specified is not valid for source object of size {size}: it ends at byte {}.",
                range.end - 1
            )),
        };
        let (_, received) = self.copied(&input.copy_source, &condition, &extent).await?;
        let result = CopyPartResult {
            e_tag: etag(&received.etag),
            last_modified: Some(timestamp(self.now_ms())),
            ..CopyPartResult::default()
        };
        self.publish_part(&input.bucket, &input.upload_id, input.part_number, received).await?;
        Ok(UploadPartCopyOutput { copy_part_result: Some(result), ..UploadPartCopyOutput::default() })
    }
}

/// The bytes of a source that become a part: `bytes=FIRST-LAST`, both of them given.
fn part_range(text: &str) -> S3Result<Bytes<u64>> {
    match Range::parse(text) {
        Ok(Range::Int { first, last: Some(last) }) if first <= last && last < u64::MAX => Ok(first..last + 1),
        _ => Err(s3_error!(
            InvalidArgument,
            "The x-amz-copy-source-range value must be of the form bytes=first-last, not {text:?}."
        )),
    }
}
