//! Single objects: put, get, head, delete.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;

use bytes::Bytes;
use futures::{Stream, StreamExt};
use s3s::dto::*;
use s3s::{S3Request, S3Result, s3_error};
use tastemaker_store::Error;
use tastemaker_store::objects::{OBJECT_FORMAT, ObjectRecord, StoredGrant};

use super::attributes::{part_extent, parts_count};
use super::tags::Tags;
use super::versions::check_version;
use crate::authorization::{Authorization, may_delete};
use crate::body::{Promised, Received, any_length, incoming, outgoing};
use crate::conditions::{ReadCondition, WriteCondition, etag};
use crate::errors::storage;
use crate::limits::DELETE_KEYS_MAX;
use crate::ranges;
use crate::state::{Alongside, State, timestamp};

/// Bytes that an object's key may have: S3's limit.
const KEY_BYTES_MAX: usize = 1_024;

/// Bytes that user metadata may have, names and values together: S3's limit.
const METADATA_BYTES_MAX: usize = 2 * 1_024;

/// Objects that one DeleteObjects removes at a time.
const DELETES_AT_ONCE: usize = 16;

/// The number of look-ups of a read whose bytes are taken away by overwrites between look-up and opening.
pub(crate) const OVERWRITES_MAX: usize = 8;

/// The description kept beside an object's bytes: headers that are given back as they came, tags and grants.
pub(crate) struct Described {
    pub(crate) headers: BTreeMap<String, String>,
    pub(crate) metadata: BTreeMap<String, String>,
    pub(crate) tags: Tags,
    pub(crate) grants: Option<Vec<StoredGrant>>,
}

/// An object that is about to be stored.
pub(crate) struct NewObject {
    pub(crate) bucket: String,
    pub(crate) key: String,
    pub(crate) described: Described,
    pub(crate) condition: WriteCondition,
}

/// Gathers what an input says of its object; the upload inputs all name it alike.
macro_rules! described {
    ($input:expr) => {{
        let tags = $crate::operations::tags::of_header($input.tagging.take().as_deref())?;
        let grants = $crate::operations::acls::wanted_acl!($input).grants()?;
        let described = $crate::operations::objects::describe(
            [
                ("cache-control", $input.cache_control.take()),
                ("content-disposition", $input.content_disposition.take()),
                ("content-encoding", $input.content_encoding.take()),
                ("content-language", $input.content_language.take()),
                ("content-type", $input.content_type.take()),
                ("expires", $input.expires.take().and_then(|date| $crate::dates::http_date(&date))),
            ],
            $input.metadata.take(),
        );
        described.map(|described| $crate::operations::objects::Described { tags, grants, ..described })
    }};
}
pub(crate) use described;

pub(crate) fn describe(headers: [(&str, Option<String>); 6], metadata: Option<Metadata>) -> S3Result<Described> {
    let metadata: BTreeMap<_, _> = metadata.unwrap_or_default().into_iter().collect();
    let bytes: usize = metadata.iter().map(|(name, value)| name.len() + value.len()).sum();
    if bytes > METADATA_BYTES_MAX {
        return Err(s3_error!(
            MetadataTooLarge,
            "User metadata has {bytes} bytes; the maximum is {METADATA_BYTES_MAX}."
        ));
    }
    let stored = |(name, value): (&str, Option<String>)| {
        let value = match name {
            "content-encoding" => transfer_codings_removed(&value?)?,
            _ => value?,
        };
        Some((name.to_owned(), value))
    };
    let headers = headers.into_iter().filter_map(stored).collect();
    Ok(Described { headers, metadata, tags: Tags::new(), grants: None })
}

/// `aws-chunked` says how the bytes travelled, not what they are.
fn transfer_codings_removed(encodings: &str) -> Option<String> {
    let kept: Vec<_> =
        encodings.split(',').map(str::trim).filter(|one| !one.is_empty() && *one != "aws-chunked").collect();
    (!kept.is_empty()).then(|| kept.join(","))
}

pub(crate) fn check_key(key: &str) -> S3Result<()> {
    if key.len() > KEY_BYTES_MAX {
        return Err(s3_error!(KeyTooLongError, "The key has {} bytes; the maximum is {KEY_BYTES_MAX}.", key.len()));
    }
    Ok(())
}

fn check_one_extent(range: Option<&Range>, part_number: Option<i32>) -> S3Result<()> {
    if range.is_some() && part_number.is_some() {
        return Err(s3_error!(InvalidRequest, "Cannot specify both Range header and partNumber query parameter."));
    }
    Ok(())
}

impl State {
    pub(crate) async fn put_object(&self, mut request: S3Request<PutObjectInput>) -> S3Result<PutObjectOutput> {
        check_key(&request.input.key)?;
        self.bucket(&request.input.bucket).await?;
        let described = described!(request.input)?;
        let promised = Promised::of(&request, request.input.content_md5.clone());
        let PutObjectInput { bucket, key, body, if_match, if_none_match, .. } = request.input;
        let condition = WriteCondition { if_match, if_none_match };
        let object = NewObject { bucket, key, described, condition };
        let received = self.store(object, incoming(body), promised, any_length()).await?;
        let checksum = |name: &str| received.checksums.get(name).cloned();
        Ok(PutObjectOutput {
            e_tag: etag(&received.etag),
            checksum_crc32: checksum("crc32"),
            checksum_crc32c: checksum("crc32c"),
            checksum_sha1: checksum("sha1"),
            checksum_sha256: checksum("sha256"),
            checksum_crc64nvme: checksum("crc64nvme"),
            ..PutObjectOutput::default()
        })
    }

    /// Stores a body and makes it what a key means.
    pub(crate) async fn store(
        &self,
        object: NewObject,
        body: impl Stream<Item = S3Result<Bytes>> + Send + Unpin,
        promised: Promised,
        lengths: RangeInclusive<u64>,
    ) -> S3Result<Received> {
        let NewObject { bucket, key, described, condition } = object;
        let received = self.receive(body, promised, lengths).await?;
        let object = ObjectRecord {
            format: OBJECT_FORMAT,
            key,
            size_bytes: received.size_bytes,
            etag: received.etag.clone(),
            last_modified_ms: self.now_ms(),
            blob: received.blob.clone(),
            headers: described.headers,
            metadata: described.metadata,
            checksums: received.checksums.clone(),
            tags: described.tags,
            grants: described.grants,
            part_sizes: Vec::new(),
        };
        self.publish(&bucket, object, condition, Alongside::default()).await?;
        Ok(received)
    }

    pub(crate) async fn get_object(&self, request: S3Request<GetObjectInput>) -> S3Result<GetObjectOutput> {
        let S3Request { input, headers, .. } = request;
        check_one_extent(input.range.as_ref(), input.part_number)?;
        let condition = ReadCondition {
            if_match: input.if_match,
            if_none_match: input.if_none_match,
            if_modified_since: input.if_modified_since,
            if_unmodified_since: input.if_unmodified_since,
        };
        for _ in 0..OVERWRITES_MAX {
            let object = self.version(&input.bucket, &input.key, input.version_id.as_deref()).await?;
            condition.check(&object)?;
            let size = object.size_bytes;
            let range = match (input.part_number, input.range) {
                (Some(number), _) => Some(part_extent(&object, number)?).filter(|part| !part.is_empty()),
                (None, Some(range)) if ranges::holds_for(&headers, &object) => ranges::extent(&range, size)?,
                (None, _) => None,
            };
            let tag_count = i32::try_from(object.tags.len()).ok().filter(|count| *count > 0);
            let parts_count = parts_count(&object).filter(|_| input.part_number.is_some());
            let (start, end) = range.as_ref().map_or((0, size), |range| (range.start, range.end));
            let stream = match self.blobs.read(&object.blob, Some(start..end)).await {
                Err(Error::NotFound(_)) => continue,
                other => other.map_err(storage)?,
            };
            let head = head(object, input.checksum_mode.is_some() && range.is_none());
            return Ok(GetObjectOutput {
                body: Some(outgoing(stream, end - start)),
                content_length: i64::try_from(end - start).ok(),
                content_range: range.map(|range| format!("bytes {}-{}/{size}", range.start, range.end - 1)),
                accept_ranges: head.accept_ranges,
                cache_control: input.response_cache_control.or(head.cache_control),
                content_disposition: input.response_content_disposition.or(head.content_disposition),
                content_encoding: input.response_content_encoding.or(head.content_encoding),
                content_language: input.response_content_language.or(head.content_language),
                content_type: input.response_content_type.or(head.content_type),
                expires: input.response_expires.or(head.expires),
                e_tag: head.e_tag,
                last_modified: head.last_modified,
                metadata: head.metadata,
                checksum_crc32: head.checksum_crc32,
                checksum_crc32c: head.checksum_crc32c,
                checksum_sha1: head.checksum_sha1,
                checksum_sha256: head.checksum_sha256,
                checksum_crc64nvme: head.checksum_crc64nvme,
                parts_count,
                tag_count,
                version_id: input.version_id,
                ..GetObjectOutput::default()
            });
        }
        Err(storage(Error::Corrupt(format!("s3://{}/{}: the object's bytes are missing", input.bucket, input.key))))
    }

    pub(crate) async fn head_object(&self, input: HeadObjectInput) -> S3Result<HeadObjectOutput> {
        check_one_extent(input.range.as_ref(), input.part_number)?;
        let object = self.version(&input.bucket, &input.key, input.version_id.as_deref()).await?;
        let condition = ReadCondition {
            if_match: input.if_match,
            if_none_match: input.if_none_match,
            if_modified_since: input.if_modified_since,
            if_unmodified_since: input.if_unmodified_since,
        };
        condition.check(&object)?;
        let part = input.part_number.map(|number| part_extent(&object, number)).transpose()?;
        let (size, parts_count) = (object.size_bytes, parts_count(&object).filter(|_| part.is_some()));
        let mut output = head(object, input.checksum_mode.is_some() && part.is_none());
        if let Some(part) = part.filter(|part| !part.is_empty()) {
            output.content_length = i64::try_from(part.end - part.start).ok();
            output.content_range = Some(format!("bytes {}-{}/{size}", part.start, part.end - 1));
        }
        Ok(HeadObjectOutput { parts_count, version_id: input.version_id, ..output })
    }

    pub(crate) async fn delete_object(&self, input: DeleteObjectInput) -> S3Result<DeleteObjectOutput> {
        let condition = WriteCondition { if_match: input.if_match, if_none_match: None };
        if let Err(refused) = check_version(input.version_id.as_deref()) {
            self.bucket(&input.bucket).await?;
            return Err(refused);
        }
        self.remove(&input.bucket, &input.key, condition).await?;
        Ok(DeleteObjectOutput { version_id: input.version_id, ..DeleteObjectOutput::default() })
    }

    /// Deletes several keys, each by its own right: one that the caller must not delete is among the errors of the answer.
    pub(crate) async fn delete_objects(&self, request: S3Request<DeleteObjectsInput>) -> S3Result<DeleteObjectsOutput> {
        let authorization = request.extensions.get::<Authorization>();
        let input = request.input;
        let bucket = input.bucket.as_str();
        let keys = input.delete.objects.len();
        if !(1..=DELETE_KEYS_MAX).contains(&keys) {
            return Err(s3_error!(MalformedXML, "A request deletes 1 to {DELETE_KEYS_MAX} keys, not {keys}."));
        }
        let judged = input.delete.objects.into_iter().map(|object| {
            let allowed = may_delete(authorization, bucket, &object.key, object.version_id.as_deref());
            (object, allowed)
        });
        let judged: Vec<_> = judged.collect();
        // Whether there is such a bucket is nothing for a caller who may delete nothing in it.
        if judged.iter().any(|(_, allowed)| allowed.is_ok()) {
            self.bucket(bucket).await?;
        }
        let quiet = input.delete.quiet.unwrap_or(false);
        let removals = judged.into_iter().map(|(object, allowed)| async move {
            if let Err(denied) = allowed {
                return (object.key, object.version_id, Err(denied));
            }
            let if_match = object.e_tag.map(ETagCondition::ETag);
            let condition = WriteCondition { if_match, if_none_match: None };
            let removed = match check_version(object.version_id.as_deref()) {
                Ok(()) => self.remove(bucket, &object.key, condition).await,
                Err(refused) => Err(refused),
            };
            (object.key, object.version_id, removed)
        });
        let mut outcomes = futures::stream::iter(removals).buffered(DELETES_AT_ONCE);
        let (mut deleted, mut errors) = (Vec::new(), Vec::new());
        while let Some((key, version_id, removed)) = outcomes.next().await {
            match removed {
                Ok(()) if quiet => {}
                Ok(()) => deleted.push(DeletedObject { key: Some(key), version_id, ..DeletedObject::default() }),
                Err(error) => errors.push(s3s::dto::Error {
                    code: Some(error.code().as_str().to_owned()),
                    key: Some(key),
                    message: error.message().map(str::to_owned),
                    version_id,
                }),
            }
        }
        let errors = (!errors.is_empty()).then_some(errors);
        Ok(DeleteObjectsOutput { deleted: Some(deleted), errors, ..DeleteObjectsOutput::default() })
    }
}

/// The description of an object without its bytes.
fn head(object: ObjectRecord, with_checksums: bool) -> HeadObjectOutput {
    let ObjectRecord { size_bytes, etag: tag, last_modified_ms, mut headers, metadata, checksums, .. } = object;
    let checksum = |name: &str| checksums.get(name).filter(|_| with_checksums).cloned();
    let expires = headers.remove("expires");
    HeadObjectOutput {
        accept_ranges: Some("bytes".to_owned()),
        cache_control: headers.remove("cache-control"),
        content_disposition: headers.remove("content-disposition"),
        content_encoding: headers.remove("content-encoding"),
        content_language: headers.remove("content-language"),
        content_length: i64::try_from(size_bytes).ok(),
        content_type: Some(headers.remove("content-type").unwrap_or_else(|| "binary/octet-stream".to_owned())),
        expires: expires.and_then(|date| Timestamp::parse(TimestampFormat::HttpDate, &date).ok()),
        e_tag: etag(&tag),
        last_modified: Some(timestamp(last_modified_ms)),
        metadata: (!metadata.is_empty()).then(|| metadata.into_iter().collect()),
        checksum_crc32: checksum("crc32"),
        checksum_crc32c: checksum("crc32c"),
        checksum_sha1: checksum("sha1"),
        checksum_sha256: checksum("sha256"),
        checksum_crc64nvme: checksum("crc64nvme"),
        ..HeadObjectOutput::default()
    }
}
