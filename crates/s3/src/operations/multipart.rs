//! Completing an upload: parts become one object.

use futures::TryStreamExt;
use md5::{Digest, Md5};
use s3s::dto::*;
use s3s::{S3Result, s3_error};
use tastemaker_store::objects::{OBJECT_FORMAT, ObjectRecord, find};
use tastemaker_store::{BlobStream, Precondition, RecordsExt, Write};

use crate::body::fresh_blob_key;
use crate::conditions::{WriteCondition, etag};
use crate::errors::storage;
use crate::records::{PartRecord, part_key, parts_prefix, upload_key};
use crate::state::{Alongside, State};

/// Bytes that every part but the last must have: S3's 5 MiB.
const PART_BYTES_MIN: u64 = 5 << 20;

impl State {
    pub(crate) async fn complete_multipart_upload(
        &self,
        input: CompleteMultipartUploadInput,
    ) -> S3Result<CompleteMultipartUploadOutput> {
        let CompleteMultipartUploadInput { bucket, key, upload_id, .. } = &input;
        let wanted = wanted(input.multipart_upload.as_ref())?;
        let tag = combined_etag(&wanted)?;
        let done = CompleteMultipartUploadOutput {
            bucket: Some(bucket.clone()),
            key: Some(key.clone()),
            e_tag: etag(&tag),
            location: Some(format!("/{bucket}/{key}")),
            ..CompleteMultipartUploadOutput::default()
        };
        let (upload_version, upload) = match self.upload(bucket, key, upload_id).await {
            Ok(found) => found,
            // A client that did not hear the first answer asks again.
            Err(missing) => match find(&*self.records, bucket, key).await.map_err(storage)? {
                Some((_, object)) if object.etag == tag => return Ok(done),
                _ => return Err(missing),
            },
        };
        let stored = self.records.scan_all_json::<PartRecord>(&parts_prefix(upload_id)).await.map_err(storage)?;
        let parts = chosen(&wanted, &stored)?;

        let blob = fresh_blob_key();
        let mut writer = self.blobs.writer(&blob).await.map_err(storage)?;
        for part in &parts {
            let mut stream: BlobStream = self.blobs.read(&part.blob, None).await.map_err(storage)?;
            while let Some(chunk) = stream.try_next().await.map_err(storage)? {
                writer.write(chunk).await.map_err(storage)?;
            }
        }
        let size_bytes = writer.finish().await.map_err(storage)?.size;
        let object = ObjectRecord {
            format: OBJECT_FORMAT,
            key: key.clone(),
            size_bytes,
            etag: tag,
            last_modified_ms: self.now_ms(),
            blob,
            headers: upload.headers,
            metadata: upload.metadata,
            checksums: Default::default(),
        };
        let upload_key = upload_key(bucket, upload_id);
        let mut alongside = Alongside {
            preconditions: vec![Precondition::Version(upload_key.clone(), upload_version)],
            writes: vec![Write::Delete { key: upload_key }],
        };
        for (part_key, version, _) in &stored {
            alongside.preconditions.push(Precondition::Version(part_key.clone(), *version));
            alongside.writes.push(Write::Delete { key: part_key.clone() });
        }
        let condition = WriteCondition { if_match: input.if_match.clone(), if_none_match: input.if_none_match.clone() };
        self.publish(bucket, object, condition, alongside).await?;
        for (_, _, part) in &stored {
            self.delete_blob(&part.blob).await;
        }
        Ok(done)
    }
}

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
fn chosen<'p>(wanted: &[(i32, String)], stored: &'p [(String, u64, PartRecord)]) -> S3Result<Vec<&'p PartRecord>> {
    let mut parts = Vec::with_capacity(wanted.len());
    for (number, etag) in wanted {
        match stored.iter().find(|(_, _, part)| part.number == *number) {
            Some((_, _, part)) if part.etag == *etag => parts.push(part),
            Some((_, _, part)) => {
                return Err(s3_error!(InvalidPart, "Part {number} has the entity tag {}, not {etag:?}.", part.etag));
            }
            None => return Err(s3_error!(InvalidPart, "Part {number} was not uploaded.")),
        }
    }
    let (_, full) = parts.split_last().map_or((None, &[][..]), |(last, full)| (Some(last), full));
    match full.iter().find(|part| part.size_bytes < PART_BYTES_MIN) {
        Some(part) => Err(s3_error!(
            EntityTooSmall,
            "Part {} has {} bytes; every part but the last needs {PART_BYTES_MIN}.",
            part.number,
            part.size_bytes
        )),
        None => Ok(parts),
    }
}

impl State {
    pub(crate) async fn abort_multipart_upload(
        &self,
        input: AbortMultipartUploadInput,
    ) -> S3Result<AbortMultipartUploadOutput> {
        let (version, _) = self.upload(&input.bucket, &input.key, &input.upload_id).await?;
        let upload_key = upload_key(&input.bucket, &input.upload_id);
        let parts = self.records.scan_all_json::<PartRecord>(&parts_prefix(&input.upload_id)).await.map_err(storage)?;
        let mut writes = vec![Write::Delete { key: upload_key.clone() }];
        writes.extend(parts.iter().map(|(_, _, part)| Write::Delete { key: part_key(&input.upload_id, part.number) }));
        self.records.commit(vec![Precondition::Version(upload_key, version)], writes).await.map_err(storage)?;
        for (_, _, part) in &parts {
            self.delete_blob(&part.blob).await;
        }
        Ok(AbortMultipartUploadOutput::default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
