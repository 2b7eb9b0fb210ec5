//! Uploads in progress: begin, parts, and what there is of them.

use s3s::dto::*;
use s3s::{S3Request, S3Result, s3_error};
use tastemaker_store::objects::bucket_record_key;
use tastemaker_store::{Error, Precondition, RecordsExt, RecordsTransact, put_json};

use super::listing::Text;
use super::objects::{check_key, described};
use super::owner::owner;
use crate::body::{Promised, Received, any_length, incoming};
use crate::conditions::etag;
use crate::errors::storage;
use crate::records::{FORMAT, PartRecord, UPLOADS, UploadRecord, part_key, parts_prefix, upload_key};
use crate::state::{State, WriteFailure, timestamp};

/// The greatest part number: S3's limit.
const PART_NUMBER_MAX: i32 = 10_000;

/// Entries of one page of parts or uploads: S3's limit and default.
const PAGE_LEN_MAX: i32 = 1_000;

pub(crate) fn check_part_number(number: i32) -> S3Result<()> {
    if (1..=PART_NUMBER_MAX).contains(&number) {
        return Ok(());
    }
    Err(s3_error!(
        InvalidArgument,
        "Part number must be an integer between 1 and {PART_NUMBER_MAX}, inclusive: {number}."
    ))
}

impl State {
    /// An upload in progress, with its record's version.
    pub(crate) async fn upload(&self, bucket: &str, key: &str, upload_id: &str) -> S3Result<(u64, UploadRecord)> {
        let found = self.records.get_json::<UploadRecord>(&upload_key(bucket, upload_id)).await.map_err(storage)?;
        match found {
            Some((version, upload)) if upload.key == key => Ok((version, upload)),
            _ => {
                self.bucket(bucket).await?;
                Err(s3_error!(
                    NoSuchUpload,
                    "The upload {upload_id:?} of {key:?} does not exist; it may be finished or aborted."
                ))
            }
        }
    }

    pub(crate) async fn create_multipart_upload(
        &self,
        mut input: CreateMultipartUploadInput,
    ) -> S3Result<CreateMultipartUploadOutput> {
        check_key(&input.key)?;
        self.bucket(&input.bucket).await?;
        let described = described!(input)?;
        let upload_id = uuid::Uuid::new_v4().simple().to_string();
        let upload = UploadRecord {
            format: FORMAT,
            key: input.key.clone(),
            upload_id: upload_id.clone(),
            initiated_ms: self.now_ms(),
            headers: described.headers,
            metadata: described.metadata,
            tags: described.tags,
            grants: described.grants,
        };
        let write = put_json(upload_key(&input.bucket, &upload_id), &upload).map_err(storage)?;
        let bucket_there = Precondition::Exists(bucket_record_key(&input.bucket));
        match self.records.commit(vec![bucket_there], vec![write]).await {
            Err(Error::Conflict(_)) => {
                return Err(s3_error!(NoSuchBucket, "The bucket {} does not exist.", input.bucket));
            }
            other => other.map_err(storage)?,
        }
        Ok(CreateMultipartUploadOutput {
            bucket: Some(input.bucket),
            key: Some(input.key),
            upload_id: Some(upload_id),
            checksum_algorithm: input.checksum_algorithm,
            checksum_type: input.checksum_type,
            ..CreateMultipartUploadOutput::default()
        })
    }

    pub(crate) async fn upload_part(&self, mut request: S3Request<UploadPartInput>) -> S3Result<UploadPartOutput> {
        let body = request.input.body.take();
        let promised = Promised::of(&request, request.input.content_md5.clone());
        let UploadPartInput { bucket, key, upload_id, part_number, .. } = request.input;
        check_part_number(part_number)?;
        self.upload(&bucket, &key, &upload_id).await?;
        let received = self.receive(incoming(body), promised, any_length()).await?;
        let checksum = |name: &str| received.checksums.get(name).cloned();
        let output = UploadPartOutput {
            e_tag: etag(&received.etag),
            checksum_crc32: checksum("crc32"),
            checksum_crc32c: checksum("crc32c"),
            checksum_sha1: checksum("sha1"),
            checksum_sha256: checksum("sha256"),
            checksum_crc64nvme: checksum("crc64nvme"),
            ..UploadPartOutput::default()
        };
        self.publish_part(&bucket, &upload_id, part_number, received).await?;
        Ok(output)
    }

    /// Makes received bytes the part with this number, then deletes what the part was before.
    pub(crate) async fn publish_part(
        &self,
        bucket: &str,
        upload_id: &str,
        number: i32,
        received: Received,
    ) -> S3Result<()> {
        let (state, bucket, upload_id) = (self.clone(), bucket.to_owned(), upload_id.to_owned());
        // A client that hangs up must not stop between the commit and the deletion.
        let work = tokio::spawn(async move { state.try_publish_part(&bucket, &upload_id, number, received).await });
        work.await.map_err(|stopped| storage(Error::Unavailable(stopped.to_string())))?
    }

    async fn try_publish_part(&self, bucket: &str, upload_id: &str, number: i32, received: Received) -> S3Result<()> {
        let (upload_key, part_key) = (upload_key(bucket, upload_id), part_key(upload_id, number));
        let part = PartRecord {
            format: FORMAT,
            number,
            size_bytes: received.size_bytes,
            etag: received.etag,
            last_modified_ms: self.now_ms(),
            blob: received.blob,
        };
        let write = put_json(&part_key, &part).map_err(storage)?;
        let (records, upload_key, part_key, write) = (&*self.records, &upload_key, &part_key, &write);
        let published = records.transact(|tx| async move {
            if records.get(upload_key).await?.is_none() {
                let error = s3_error!(NoSuchUpload, "The upload {upload_id:?} was finished or aborted meanwhile.");
                return Err(WriteFailure::Definite(error));
            }
            let (version, old) = records.get_json::<PartRecord>(part_key).await?.unzip();
            tx.require(Precondition::Exists(upload_key.clone()));
            tx.unchanged_key(version, part_key.clone());
            tx.write(write.clone());
            Ok(old)
        });
        match published.await {
            Ok(Some(old)) => self.delete_blob(&old.blob).await,
            Ok(None) => {}
            Err(WriteFailure::Definite(error)) => {
                self.delete_blob(&part.blob).await;
                return Err(error);
            }
            Err(WriteFailure::Unknown(error)) => return Err(error),
        }
        Ok(())
    }

    pub(crate) async fn list_parts(&self, input: ListPartsInput) -> S3Result<ListPartsOutput> {
        self.upload(&input.bucket, &input.key, &input.upload_id).await?;
        let limit = input.max_parts.unwrap_or(PAGE_LEN_MAX).clamp(0, PAGE_LEN_MAX);
        let marker = input.part_number_marker.unwrap_or(0).clamp(0, PART_NUMBER_MAX);
        let stored =
            self.records.scan_all_json::<PartRecord>(&parts_prefix(&input.upload_id)).await.map_err(storage)?;
        let mut parts: Vec<_> =
            stored.into_iter().map(|(_, _, part)| part).filter(|part| part.number > marker).collect();
        let truncated = parts.len() > limit as usize;
        parts.truncate(limit as usize);
        let last = parts.last().map(|part| part.number);
        let told = |part: PartRecord| Part {
            e_tag: etag(&part.etag),
            last_modified: Some(timestamp(part.last_modified_ms)),
            part_number: Some(part.number),
            size: i64::try_from(part.size_bytes).ok(),
            ..Part::default()
        };
        Ok(ListPartsOutput {
            bucket: Some(input.bucket),
            key: Some(input.key),
            upload_id: Some(input.upload_id),
            is_truncated: Some(truncated),
            max_parts: Some(limit),
            part_number_marker: Some(marker),
            next_part_number_marker: last,
            owner: Some(owner()),
            parts: Some(parts.into_iter().map(told).collect()),
            storage_class: Some(StorageClass::from_static(StorageClass::STANDARD)),
            ..ListPartsOutput::default()
        })
    }

    pub(crate) async fn list_multipart_uploads(
        &self,
        input: ListMultipartUploadsInput,
    ) -> S3Result<ListMultipartUploadsOutput> {
        self.bucket(&input.bucket).await?;
        let text = Text::of(input.encoding_type.as_ref())?;
        let limit = input.max_uploads.unwrap_or(PAGE_LEN_MAX).clamp(0, PAGE_LEN_MAX);
        let prefix = input.prefix.unwrap_or_default();
        let (key_marker, id_marker) =
            (input.key_marker.unwrap_or_default(), input.upload_id_marker.unwrap_or_default());
        let under = format!("{UPLOADS}{}/", input.bucket);
        let stored = self.records.scan_all_json::<UploadRecord>(&under).await.map_err(storage)?;
        let behind = |upload: &UploadRecord| match upload.key.cmp(&key_marker) {
            std::cmp::Ordering::Greater => true,
            std::cmp::Ordering::Equal => !id_marker.is_empty() && upload.upload_id > id_marker,
            std::cmp::Ordering::Less => false,
        };
        let mut uploads: Vec<_> = stored.into_iter().map(|(_, _, upload)| upload).collect();
        uploads.retain(|upload| upload.key.starts_with(&prefix) && (key_marker.is_empty() || behind(upload)));
        uploads.sort_by(|a, b| (&a.key, &a.upload_id).cmp(&(&b.key, &b.upload_id)));
        let truncated = uploads.len() > limit as usize;
        uploads.truncate(limit as usize);
        let last = uploads.last().filter(|_| truncated);
        let told = |upload: &UploadRecord| MultipartUpload {
            initiated: Some(timestamp(upload.initiated_ms)),
            key: Some(text.encode(&upload.key)),
            owner: Some(owner()),
            storage_class: Some(StorageClass::from_static(StorageClass::STANDARD)),
            upload_id: Some(upload.upload_id.clone()),
            ..MultipartUpload::default()
        };
        Ok(ListMultipartUploadsOutput {
            is_truncated: Some(truncated),
            next_key_marker: last.map(|upload| text.encode(&upload.key)),
            next_upload_id_marker: last.map(|upload| upload.upload_id.clone()),
            uploads: Some(uploads.iter().map(told).collect()),
            bucket: Some(input.bucket),
            encoding_type: input.encoding_type,
            key_marker: Some(text.encode(&key_marker)),
            upload_id_marker: Some(id_marker),
            max_uploads: Some(limit),
            prefix: Some(text.encode(&prefix)),
            ..ListMultipartUploadsOutput::default()
        })
    }
}
