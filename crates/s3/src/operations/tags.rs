//! Tags of objects.

use std::collections::BTreeMap;

use s3s::dto::*;
use s3s::{S3ErrorCode, S3Result, s3_error};
use tastemaker_store::objects::{ObjectRecord, object_record_key};
use tastemaker_store::{Error, Precondition, put_json};

use crate::errors::storage;
use crate::state::{RIVALS_MAX, State};

/// Tags that an object may have: S3's limit.
pub(crate) const OBJECT_TAGS_MAX: usize = 10;

/// Tags that a bucket may have: S3's limit.
pub(crate) const BUCKET_TAGS_MAX: usize = 50;

/// Characters of a tag's key and of its value: S3's limits.
const KEY_CHARS_MAX: usize = 128;
const VALUE_CHARS_MAX: usize = 256;

pub(crate) type Tags = BTreeMap<String, String>;

/// The tags of the header `x-amz-tagging`, which is a URL's query.
pub(crate) fn of_header(header: Option<&str>) -> S3Result<Tags> {
    let pairs = form_urlencoded::parse(header.unwrap_or_default().as_bytes());
    checked(pairs.map(|(key, value)| (key.into_owned(), value.into_owned())), OBJECT_TAGS_MAX)
}

/// The tags of a document.
pub(crate) fn of_set(tags: TagSet, tags_max: usize) -> S3Result<Tags> {
    checked(tags.into_iter().map(|tag| (tag.key.unwrap_or_default(), tag.value.unwrap_or_default())), tags_max)
}

fn checked(pairs: impl Iterator<Item = (String, String)>, tags_max: usize) -> S3Result<Tags> {
    let mut tags = Tags::new();
    for (key, value) in pairs {
        if !(1..=KEY_CHARS_MAX).contains(&key.chars().count()) || !key.chars().all(is_legal) {
            return Err(s3_error!(InvalidTag, "The TagKey you have provided is invalid: {key:?}"));
        }
        if value.chars().count() > VALUE_CHARS_MAX || !value.chars().all(is_legal) {
            return Err(s3_error!(InvalidTag, "The TagValue you have provided is invalid: {value:?}"));
        }
        if key.starts_with("aws:") {
            return Err(s3_error!(InvalidTag, "System tags cannot be added/updated by requester: {key:?}"));
        }
        if tags.contains_key(&key) {
            return Err(s3_error!(InvalidTag, "Cannot provide multiple Tags with the same key: {key:?}"));
        }
        tags.insert(key, value);
        if tags.len() > tags_max {
            return Err(too_many(tags_max));
        }
    }
    Ok(tags)
}

fn too_many(tags_max: usize) -> s3s::S3Error {
    let code = S3ErrorCode::from_bytes(b"BadRequest").unwrap_or(S3ErrorCode::InvalidTag);
    let kind = if tags_max == OBJECT_TAGS_MAX { "Object" } else { "Bucket" };
    let mut error = s3s::S3Error::with_message(code, format!("{kind} tags cannot be greater than {tags_max}"));
    error.set_status_code(http::StatusCode::BAD_REQUEST);
    error
}

fn is_legal(character: char) -> bool {
    character.is_alphanumeric() || character.is_whitespace() || "_.:/=+-@".contains(character)
}

/// Tags as documents have them.
pub(crate) fn told(tags: Tags) -> TagSet {
    tags.into_iter().map(|(key, value)| Tag { key: Some(key), value: Some(value) }).collect()
}

impl State {
    /// Changes what is kept beside an object's bytes. Neither its bytes nor its date change.
    pub(crate) async fn amend(
        &self,
        bucket: &str,
        key: &str,
        version_id: Option<&str>,
        change: impl Fn(&mut ObjectRecord),
    ) -> S3Result<()> {
        let record_key = object_record_key(bucket, key);
        for _ in 0..RIVALS_MAX {
            self.version(bucket, key, version_id).await?;
            let found = tastemaker_store::objects::find(&*self.records, bucket, key).await.map_err(storage)?;
            // It was deleted meanwhile: the next look says so.
            let Some((version, mut object)) = found else { continue };
            change(&mut object);
            let write = put_json(&record_key, &object).map_err(storage)?;
            let unchanged = Precondition::Version(record_key.clone(), version);
            match self.records.commit(vec![unchanged], vec![write]).await {
                Err(Error::Conflict(_)) => continue,
                other => return other.map_err(storage),
            }
        }
        Err(storage(Error::Conflict(record_key)))
    }

    pub(crate) async fn get_object_tagging(&self, input: GetObjectTaggingInput) -> S3Result<GetObjectTaggingOutput> {
        let object = self.version(&input.bucket, &input.key, input.version_id.as_deref()).await?;
        Ok(GetObjectTaggingOutput { tag_set: told(object.tags), version_id: input.version_id })
    }

    pub(crate) async fn put_object_tagging(&self, input: PutObjectTaggingInput) -> S3Result<PutObjectTaggingOutput> {
        let tags = of_set(input.tagging.tag_set, OBJECT_TAGS_MAX)?;
        let set = |object: &mut ObjectRecord| object.tags.clone_from(&tags);
        self.amend(&input.bucket, &input.key, input.version_id.as_deref(), set).await?;
        Ok(PutObjectTaggingOutput { version_id: input.version_id })
    }

    pub(crate) async fn delete_object_tagging(
        &self,
        input: DeleteObjectTaggingInput,
    ) -> S3Result<DeleteObjectTaggingOutput> {
        let clear = |object: &mut ObjectRecord| object.tags.clear();
        self.amend(&input.bucket, &input.key, input.version_id.as_deref(), clear).await?;
        Ok(DeleteObjectTaggingOutput { version_id: input.version_id })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_keep_the_rules() {
        let long = |chars: usize| "k".repeat(chars);
        for (header, expected) in [
            ("", "0"),
            ("a=1&b=x%20y&c=", "3"),
            (&format!("{}={}", long(KEY_CHARS_MAX), long(VALUE_CHARS_MAX)), "1"),
            (&format!("{}=1", long(KEY_CHARS_MAX + 1)), "InvalidTag"),
            (&format!("a={}", long(VALUE_CHARS_MAX + 1)), "InvalidTag"),
            ("=1", "InvalidTag"),
            ("a=%7B", "InvalidTag"),
            ("aws%3Aa=1", "InvalidTag"),
            ("a=1&a=2", "InvalidTag"),
            ("a=&b=&c=&d=&e=&f=&g=&h=&i=&j=", "10"),
            ("a=&b=&c=&d=&e=&f=&g=&h=&i=&j=&k=", "BadRequest"),
        ] {
            let found = of_header(Some(header))
                .map_or_else(|error| error.code().as_str().to_owned(), |tags| tags.len().to_string());
            assert_eq!(found, expected, "{header}");
        }
    }
}
