//! Copies within the endpoint: whole objects, and ranges into parts of uploads.

use std::ops::Range as Bytes;

use futures::StreamExt;
use s3s::dto::*;
use s3s::{S3Result, s3_error};
use tastemaker_store::objects::{OBJECT_FORMAT, ObjectRecord};

use super::objects::{Described, check_key, described};
use crate::body::{Promised, Received, any_length};
use crate::conditions::{ReadCondition, WriteCondition, etag};
use crate::errors::storage;
use crate::state::{Alongside, State, timestamp};

fn location(source: &CopySource) -> S3Result<(&str, &str)> {
    match source {
        CopySource::Bucket { bucket, key, version_id: None } => Ok((bucket, key)),
        CopySource::Bucket { version_id: Some(version), .. } if &**version != "null" => {
            Err(s3_error!(NoSuchVersion, "Versions are not kept: {version}"))
        }
        CopySource::Bucket { bucket, key, .. } => Ok((bucket, key)),
        _ => Err(s3_error!(NotImplemented, "A copy source is BUCKET/KEY; access points are not supported.")),
    }
}

impl State {
    async fn copy_bytes(&self, source: &ObjectRecord, range: Bytes<u64>) -> S3Result<Received> {
        let stream = self.blobs.read(&source.blob, Some(range)).await.map_err(storage)?;
        self.receive(stream.map(|chunk| chunk.map_err(storage)), Promised::default(), any_length()).await
    }

    pub(crate) async fn copy_object(&self, mut input: CopyObjectInput) -> S3Result<CopyObjectOutput> {
        check_key(&input.key)?;
        self.bucket(&input.bucket).await?;
        let (source_bucket, source_key) = location(&input.copy_source)?;
        let source = self.object(source_bucket, source_key).await?;
        let condition = ReadCondition {
            if_match: input.copy_source_if_match.take(),
            if_none_match: input.copy_source_if_none_match.take(),
            if_modified_since: input.copy_source_if_modified_since.take(),
            if_unmodified_since: input.copy_source_if_unmodified_since.take(),
        };
        condition.check_source(&source)?;
        let replace =
            input.metadata_directive.as_ref().is_some_and(|directive| directive.as_str() == MetadataDirective::REPLACE);
        if !replace && source_bucket == input.bucket && source_key == input.key {
            return Err(s3_error!(InvalidRequest, "A copy of an object onto itself must change its metadata."));
        }
        let Described { headers, metadata } = if replace {
            described!(input)?
        } else {
            Described { headers: source.headers.clone(), metadata: source.metadata.clone() }
        };
        let received = self.copy_bytes(&source, 0..source.size_bytes).await?;
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
        let (source_bucket, source_key) = location(&input.copy_source)?;
        let source = self.object(source_bucket, source_key).await?;
        let condition = ReadCondition {
            if_match: input.copy_source_if_match,
            if_none_match: input.copy_source_if_none_match,
            if_modified_since: input.copy_source_if_modified_since,
            if_unmodified_since: input.copy_source_if_unmodified_since,
        };
        condition.check_source(&source)?;
        let range = match &input.copy_source_range {
            None => 0..source.size_bytes,
            Some(text) => match Range::parse(text) {
                Ok(range) => range.check(source.size_bytes)?,
                Err(_) => {
                    return Err(s3_error!(
                        InvalidArgument,
                        "x-amz-copy-source-range {text:?} is not bytes=FIRST-LAST."
                    ));
                }
            },
        };
        self.upload(&input.bucket, &input.key, &input.upload_id).await?;
        let received = self.copy_bytes(&source, range).await?;
        let result = CopyPartResult {
            e_tag: etag(&received.etag),
            last_modified: Some(timestamp(self.now_ms())),
            ..CopyPartResult::default()
        };
        self.publish_part(&input.bucket, &input.upload_id, input.part_number, received).await?;
        Ok(UploadPartCopyOutput { copy_part_result: Some(result), ..UploadPartCopyOutput::default() })
    }
}
