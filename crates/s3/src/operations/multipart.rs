//! The end of an upload: its parts become one object, or are removed.

use futures::TryStreamExt;
use md5::{Digest, Md5};
use s3s::dto::*;
use s3s::{S3Result, s3_error};
use tastemaker_store::objects::{OBJECT_FORMAT, ObjectRecord, find};
use tastemaker_store::{BlobStream, Error, Precondition, RecordsExt, Write};

use crate::body::fresh_blob_key;
use crate::conditions::{WriteCondition, etag};
use crate::errors::storage;
use crate::records::{PartRecord, parts_prefix, upload_key};
use crate::state::{Alongside, Published, RIVALS_MAX, State};

/// Bytes that every part but the last must have: S3's 5 MiB.
const PART_BYTES_MIN: u64 = 5 << 20;

impl State {
    pub(crate) async fn complete_multipart_upload(
        &self,
        input: CompleteMultipartUploadInput,
    ) -> S3Result<CompleteMultipartUploadOutput> {
        let wanted = wanted(input.multipart_upload.as_ref())?;
        let tag = combined_etag(&wanted)?;
        // A part that is replaced meanwhile is looked at again: it may be another one than the client wants.
        for _ in 0..RIVALS_MAX {
            if self.try_complete(&input, &wanted, &tag).await? == Published::Done {
                let CompleteMultipartUploadInput { bucket, key, .. } = input;
                return Ok(CompleteMultipartUploadOutput {
                    location: Some(format!("/{bucket}/{key}")),
                    bucket: Some(bucket),
                    key: Some(key),
                    e_tag: etag(&tag),
                    ..CompleteMultipartUploadOutput::default()
                });
            }
        }
        Err(storage(Error::Conflict(upload_key(&input.bucket, &input.upload_id))))
    }

    async fn try_complete(
        &self,
        input: &CompleteMultipartUploadInput,
        wanted: &[(i32, String)],
        tag: &str,
    ) -> S3Result<Published> {
        let CompleteMultipartUploadInput { bucket, key, upload_id, .. } = input;
        let (upload_version, upload) = match self.upload(bucket, key, upload_id).await {
            Ok(found) => found,
            // A client that did not hear the first answer asks again.
            Err(missing) => match find(&*self.records, bucket, key).await.map_err(storage)? {
                Some((_, object)) if object.etag == tag => return Ok(Published::Done),
                _ => return Err(missing),
            },
        };
        let stored = self.records.scan_all_json::<PartRecord>(&parts_prefix(upload_id)).await.map_err(storage)?;
        let parts = chosen(wanted, &stored)?;
        let size_bytes = parts.iter().map(|(_, _, part)| part.size_bytes).sum();
        if input.mpu_object_size.is_some_and(|size| u64::try_from(size) != Ok(size_bytes)) {
            return Err(s3_error!(
                InvalidRequest,
                "The parts have {size_bytes} bytes, not the x-amz-mp-object-size given."
            ));
        }
        let Some(blob) = self.joined(&parts).await? else { return Ok(Published::Overtaken) };
        let object = ObjectRecord {
            format: OBJECT_FORMAT,
            key: key.clone(),
            size_bytes,
            etag: tag.to_owned(),
            last_modified_ms: self.now_ms(),
            blob,
            headers: upload.headers,
            metadata: upload.metadata,
            checksums: Default::default(),
            tags: upload.tags,
            grants: upload.grants,
            part_sizes: parts.iter().map(|(_, _, part)| part.size_bytes).collect(),
        };
        let upload_key = upload_key(bucket, upload_id);
        let mut preconditions = vec![Precondition::Version(upload_key.clone(), upload_version)];
        preconditions.extend(parts.iter().map(|(key, version, _)| Precondition::Version(key.clone(), *version)));
        let alongside = Alongside {
            preconditions,
            writes: vec![Write::Delete { key: upload_key }],
            finished_upload: Some(upload_id.clone()),
        };
        let condition = WriteCondition { if_match: input.if_match.clone(), if_none_match: input.if_none_match.clone() };
        self.publish(bucket, object, condition, alongside).await
    }

    /// A fresh blob with the bytes of the parts; `None` when one of them was replaced meanwhile.
    async fn joined(&self, parts: &[&StoredPart]) -> S3Result<Option<String>> {
        let blob = fresh_blob_key();
        let mut writer = self.blobs.writer(&blob).await.map_err(storage)?;
        for (_, _, part) in parts {
            let mut stream: BlobStream = match self.blobs.read(&part.blob, None).await {
                Err(Error::NotFound(_)) => return Ok(None),
                other => other.map_err(storage)?,
            };
            while let Some(chunk) = stream.try_next().await.map_err(storage)? {
                writer.write(chunk).await.map_err(storage)?;
            }
        }
        writer.finish().await.map_err(storage)?;
        Ok(Some(blob))
    }

    pub(crate) async fn abort_multipart_upload(
        &self,
        input: AbortMultipartUploadInput,
    ) -> S3Result<AbortMultipartUploadOutput> {
        let (version, _) = self.upload(&input.bucket, &input.key, &input.upload_id).await?;
        match self.remove_upload(&input.bucket, &input.upload_id, version).await {
            // Somebody else finished or aborted it.
            Err(Error::Conflict(_)) => {
                Err(s3_error!(NoSuchUpload, "The upload {:?} was finished or aborted meanwhile.", input.upload_id))
            }
            other => other.map(|()| AbortMultipartUploadOutput::default()).map_err(storage),
        }
    }

    /// Removes an unfinished upload, if its record has still this version, and then its parts.
    pub(crate) async fn remove_upload(&self, bucket: &str, upload_id: &str, version: u64) -> Result<(), Error> {
        let (state, upload_id, key) = (self.clone(), upload_id.to_owned(), upload_key(bucket, upload_id));
        // A client that hangs up must not stop between the commit and the removal of the parts.
        let work = tokio::spawn(async move {
            let unchanged = vec![Precondition::Version(key.clone(), version)];
            state.records.commit(unchanged, vec![Write::Delete { key }]).await?;
            state.remove_parts(&upload_id).await;
            Ok(())
        });
        work.await.unwrap_or_else(|stopped| Err(Error::Unavailable(stopped.to_string())))
    }
}

/// A stored part: its record's key and version, and the record.
type StoredPart = (String, u64, PartRecord);

/// The numbers and entity tags that the client wants to have joined, in their order.
fn wanted(upload: Option<&CompletedMultipartUpload>) -> S3Result<Vec<(i32, String)>> {
    let parts = upload.and_then(|upload| upload.parts.as_deref()).unwrap_or_default();
    if parts.is_empty() {
        return Err(s3_error!(MalformedXML, "You must specify at least one part."));
    }
    let mut wanted: Vec<(i32, String)> = Vec::with_capacity(parts.len());
    for part in parts {
        let (Some(number), Some(etag)) = (part.part_number, &part.e_tag) else {
            return Err(s3_error!(MalformedXML, "Every part needs a PartNumber and an ETag."));
        };
        if wanted.last().is_some_and(|(last, _)| *last >= number) {
            return Err(s3_error!(InvalidPartOrder, "The parts are not in ascending order at part {number}."));
        }
        wanted.push((number, etag.value().to_owned()));
    }
    Ok(wanted)
}

/// The MD5 of the parts' MD5s, and their count.
fn combined_etag(wanted: &[(i32, String)]) -> S3Result<String> {
    let mut md5 = Md5::new();
    for (number, etag) in wanted {
        match hex::decode(etag) {
            Ok(bytes) => md5.update(bytes),
            Err(_) => return Err(s3_error!(InvalidPart, "Part {number} has no entity tag {etag:?}.")),
        }
    }
    Ok(format!("{}-{}", hex::encode(md5.finalize()), wanted.len()))
}

/// The stored parts that were wanted.
fn chosen<'p>(wanted: &[(i32, String)], stored: &'p [StoredPart]) -> S3Result<Vec<&'p StoredPart>> {
    let mut parts = Vec::with_capacity(wanted.len());
    for (number, etag) in wanted {
        match stored.iter().find(|(_, _, part)| part.number == *number) {
            Some(stored) if stored.2.etag == *etag => parts.push(stored),
            Some((_, _, part)) => {
                return Err(s3_error!(InvalidPart, "Part {number} has the entity tag {}, not {etag:?}.", part.etag));
            }
            None => return Err(s3_error!(InvalidPart, "Part {number} was not uploaded.")),
        }
    }
    let (_, full) = parts.split_last().map_or((None, &[][..]), |(last, full)| (Some(last), full));
    match full.iter().find(|(_, _, part)| part.size_bytes < PART_BYTES_MIN) {
        Some((_, _, part)) => Err(s3_error!(
            EntityTooSmall,
            "Part {} has {} bytes; every part but the last needs {PART_BYTES_MIN}.",
            part.number,
            part.size_bytes
        )),
        None => Ok(parts),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::records::part_key;

    fn stored(sizes: &[u64]) -> Vec<(String, u64, PartRecord)> {
        let part = |(number, size): (i32, &u64)| {
            let part = PartRecord {
                format: 1,
                number,
                size_bytes: *size,
                etag: format!("{number:032x}"),
                last_modified_ms: 0,
                blob: String::new(),
            };
            (part_key("u", number), 1, part)
        };
        (1..).zip(sizes).map(part).collect()
    }

    fn want(numbers: &[i32]) -> Vec<(i32, String)> {
        numbers.iter().map(|number| (*number, format!("{number:032x}"))).collect()
    }

    #[test]
    fn the_combined_tag_is_the_md5_of_md5s() {
        // python: hashlib.md5(hashlib.md5(b"a").digest() + hashlib.md5(b"b").digest()).hexdigest() + "-2"
        let parts =
            [(1, "0cc175b9c0f1b6a831c399e269772661".to_owned()), (2, "92eb5ffee6ae2fec3ad71c777531578f".to_owned())];
        assert_eq!(combined_etag(&parts).expect("tag"), "96e024ba2074fe77e8e965ba43a704be-2");
        assert!(combined_etag(&[(1, "not hex".into())]).is_err());
    }

    #[test]
    fn parts_must_be_there_whole_and_large_enough() {
        let stored = stored(&[PART_BYTES_MIN, PART_BYTES_MIN - 1, 1]);
        let code = |wanted: &[(i32, String)]| {
            chosen(wanted, &stored)
                .map_or_else(|error| error.code().as_str().to_owned(), |parts| parts.len().to_string())
        };
        assert_eq!(code(&want(&[1, 2])), "2");
        assert_eq!(code(&want(&[3])), "1");
        assert_eq!(code(&want(&[1, 2, 3])), "EntityTooSmall");
        assert_eq!(code(&want(&[1, 4])), "InvalidPart");
        assert_eq!(code(&[(1, "other".into())]), "InvalidPart");
    }

    #[test]
    fn part_numbers_ascend() {
        let parts = |numbers: &[i32]| {
            let part = |number: &i32| CompletedPart {
                part_number: Some(*number),
                e_tag: Some(ETag::Strong("00".into())),
                ..CompletedPart::default()
            };
            let upload = CompletedMultipartUpload { parts: Some(numbers.iter().map(part).collect()) };
            wanted(Some(&upload))
                .map_or_else(|error| error.code().as_str().to_owned(), |wanted| wanted.len().to_string())
        };
        assert_eq!(parts(&[1, 3, 10]), "3");
        assert_eq!(parts(&[2, 1]), "InvalidPartOrder");
        assert_eq!(parts(&[1, 1]), "InvalidPartOrder");
        assert_eq!(parts(&[]), "MalformedXML");
    }
}
