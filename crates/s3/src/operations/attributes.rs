//! Attributes of an object in one answer, and the parts that it was uploaded in.

use std::ops::Range;

use http::request::Parts;
use http::{Method, Response};
use s3s::dto::*;
use s3s::{Body, S3Result, s3_error};
use tastemaker_store::objects::ObjectRecord;

use crate::errors::invalid_part_number;
use crate::state::{State, timestamp};

/// The number of parts that an object was uploaded in, if it was uploaded in parts: what follows the hyphen of its tag.
pub(crate) fn parts_count(object: &ObjectRecord) -> Option<i32> {
    object.etag.rsplit_once('-').and_then(|(_, parts)| parts.parse().ok())
}

/// The bytes of one part. An object that was uploaded whole has one part; so has one whose parts' lengths are not known.
pub(crate) fn part_extent(object: &ObjectRecord, number: i32) -> S3Result<Range<u64>> {
    let whole = [object.size_bytes];
    let sizes = if object.part_sizes.is_empty() { &whole[..] } else { &object.part_sizes[..] };
    let index = usize::try_from(number).ok().and_then(|number| number.checked_sub(1));
    let Some(index) = index.filter(|index| *index < sizes.len()) else {
        return Err(invalid_part_number(number));
    };
    let start: u64 = sizes[..index].iter().sum();
    Ok(start..start + sizes[index])
}

/// Whether a request is for an object's attributes.
pub(crate) fn are_asked_for(parts: &Parts) -> bool {
    let mut names = parts.uri.query().unwrap_or_default().split('&').filter_map(|pair| pair.split('=').next());
    parts.method == Method::GET && names.any(|name| name == "attributes")
}

/// The answer with the object's tag as S3 writes it here: without quotation marks, unlike in every other answer.
pub(crate) fn with_bare_tag(mut response: Response<Body>) -> Response<Body> {
    if response.status().is_success()
        && let Some(document) = response.body().bytes()
        && let Ok(text) = std::str::from_utf8(&document)
    {
        let text = text.replacen("<ETag>\"", "<ETag>", 1).replacen("\"</ETag>", "</ETag>", 1);
        *response.body_mut() = Body::from(text);
    }
    response
}

impl State {
    pub(crate) async fn get_object_attributes(
        &self,
        input: GetObjectAttributesInput,
    ) -> S3Result<GetObjectAttributesOutput> {
        let given: Vec<&str> =
            input.object_attributes.iter().flat_map(|names| names.as_str().split(',')).map(str::trim).collect();
        let wanted = |name: &str| given.contains(&name);
        let known = ["ETag", "Checksum", "ObjectParts", "StorageClass", "ObjectSize"];
        if let Some(attribute) = given.iter().find(|attribute| !known.contains(attribute)) {
            return Err(s3_error!(InvalidArgument, "Invalid attribute name specified: {attribute:?}."));
        }
        if given.is_empty() {
            return Err(s3_error!(
                InvalidRequest,
                "The x-amz-object-attributes header specifying the attributes to be \
                retrieved is either missing or empty."
            ));
        }
        let object = self.version(&input.bucket, &input.key, input.version_id.as_deref()).await?;
        let sum = |name: &str| object.checksums.get(name).cloned();
        let checksum = (!object.checksums.is_empty()).then(|| Checksum {
            checksum_crc32: sum("crc32"),
            checksum_crc32c: sum("crc32c"),
            checksum_sha1: sum("sha1"),
            checksum_sha256: sum("sha256"),
            checksum_crc64nvme: sum("crc64nvme"),
            checksum_type: Some(ChecksumType::from_static(ChecksumType::FULL_OBJECT)),
        });
        let parts = parts_count(&object).map(|count| GetObjectAttributesParts {
            total_parts_count: Some(count),
            ..GetObjectAttributesParts::default()
        });
        Ok(GetObjectAttributesOutput {
            checksum: checksum.filter(|_| wanted("Checksum")),
            e_tag: crate::conditions::etag(&object.etag).filter(|_| wanted("ETag")),
            last_modified: Some(timestamp(object.last_modified_ms)),
            object_parts: parts.filter(|_| wanted("ObjectParts")),
            object_size: i64::try_from(object.size_bytes).ok().filter(|_| wanted("ObjectSize")),
            storage_class: wanted("StorageClass").then(|| StorageClass::from_static(StorageClass::STANDARD)),
            version_id: input.version_id,
            ..GetObjectAttributesOutput::default()
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn who_asks_for_nothing_is_told_so() {
        let state = State {
            records: std::sync::Arc::new(tastemaker_store::MemoryRecords::new()),
            blobs: std::sync::Arc::new(tastemaker_store::MemoryBlobs::new()),
            region: String::new(),
            clock: std::sync::Arc::new(std::time::SystemTime::now),
        };
        let asked = state.get_object_attributes(GetObjectAttributesInput::default()).await;
        assert_eq!(
            asked.map(|_| ()).map_err(|error| error.code().as_str().to_owned()),
            Err("InvalidRequest".to_owned())
        );
    }

    #[test]
    fn parts_lie_one_behind_the_other() {
        let object = |etag: &str, part_sizes: &[u64]| ObjectRecord {
            size_bytes: 12,
            etag: etag.into(),
            part_sizes: part_sizes.to_vec(),
            ..ObjectRecord::default()
        };
        let parts = object("abc-3", &[5, 5, 2]);
        let extent = |number| part_extent(&parts, number).map_err(|error| error.code().as_str().to_owned());
        assert_eq!((extent(1), extent(2), extent(3)), (Ok(0..5), Ok(5..10), Ok(10..12)));
        for number in [4, 0, -1, i32::MAX, i32::MIN] {
            assert_eq!(extent(number), Err("InvalidPartNumber".to_owned()), "{number}");
        }
        assert_eq!(parts_count(&parts), Some(3));
        let whole = object("abc", &[]);
        assert_eq!(part_extent(&whole, 1).ok(), Some(0..12));
        assert!(part_extent(&whole, 2).is_err());
        assert_eq!(parts_count(&whole), None);
    }
}
