//! Lists of a bucket's objects, in both versions of the operation.

use s3s::dto::*;
use s3s::{S3Result, s3_error};
use tastemaker_store::objects::{ObjectRecord, decode, object_record_key};

use super::owner::owner;
use crate::conditions::etag;
use crate::errors::storage;
use crate::state::{State, timestamp};

/// Entries of one page: S3's limit and default.
const PAGE_LEN_MAX: i32 = 1_000;

/// The range of keys that a page is taken from.
pub(crate) struct Query<'a> {
    pub(crate) bucket: &'a str,
    pub(crate) prefix: &'a str,
    /// Keys are rolled up to the first delimiter behind the prefix.
    pub(crate) delimiter: Option<&'a str>,
    /// The entry, key or rolled-up prefix, behind which the page starts.
    pub(crate) after: Option<&'a str>,
    pub(crate) limit: usize,
}

/// One page of entries in key order.
pub(crate) struct Page {
    pub(crate) objects: Vec<ObjectRecord>,
    pub(crate) prefixes: Vec<String>,
    /// The last entry, when more follow.
    pub(crate) next: Option<String>,
}

impl Query<'_> {
    /// The rolled-up prefix that a key falls under.
    fn rolled_up<'k>(&self, key: &'k str) -> Option<&'k str> {
        let delimiter = self.delimiter?;
        let rest = key.strip_prefix(self.prefix)?;
        let at = rest.find(delimiter)?;
        Some(&key[..self.prefix.len() + at + delimiter.len()])
    }

    /// A text behind (nearly) every key that starts with `prefix`; the few beyond it are told apart by the caller.
    fn behind(prefix: &str) -> String {
        format!("{prefix}\u{10FFFF}")
    }
}

impl State {
    pub(crate) async fn page(&self, query: Query<'_>) -> S3Result<Page> {
        let mut page = Page { objects: Vec::new(), prefixes: Vec::new(), next: None };
        let scanned = object_record_key(query.bucket, query.prefix);
        let bare = object_record_key(query.bucket, "");
        let mut last_prefix = query.after.filter(|after| query.rolled_up(after) == Some(after)).map(str::to_owned);
        let mut cursor = match (&last_prefix, query.after) {
            (Some(prefix), _) => Some(Query::behind(prefix)),
            (None, after) => after.map(str::to_owned),
        };
        let mut last = None;
        let mut len = 0;
        if query.limit == 0 {
            return Ok(page);
        }
        'scans: loop {
            let after = cursor.as_deref().map(|cursor| object_record_key(query.bucket, cursor));
            let wanted = query.limit - len + 1;
            let records = self.records.scan(&scanned, after.as_deref(), wanted).await.map_err(storage)?;
            let exhausted = records.len() < wanted;
            for (record_key, found) in records {
                let key = record_key.strip_prefix(&bare).unwrap_or(&record_key);
                cursor = Some(key.to_owned());
                let prefix = query.rolled_up(key);
                if prefix.is_some() && prefix == last_prefix.as_deref() {
                    continue;
                }
                if len == query.limit {
                    page.next = last;
                    return Ok(page);
                }
                len += 1;
                if let Some(prefix) = prefix {
                    page.prefixes.push(prefix.to_owned());
                    last = Some(prefix.to_owned());
                    last_prefix = Some(prefix.to_owned());
                    cursor = Some(Query::behind(prefix));
                    continue 'scans;
                }
                last = Some(key.to_owned());
                page.objects.push(decode(&record_key, &found.value).map_err(storage)?);
            }
            if exhausted {
                return Ok(page);
            }
        }
    }

    pub(crate) async fn list_objects(&self, input: ListObjectsInput) -> S3Result<ListObjectsOutput> {
        let bucket = input.bucket;
        self.bucket(&bucket).await?;
        let limit = limit(input.max_keys)?;
        let prefix = input.prefix.unwrap_or_default();
        let delimiter = input.delimiter.filter(|delimiter| !delimiter.is_empty());
        let marker = input.marker.unwrap_or_default();
        let after = Some(marker.as_str()).filter(|marker| !marker.is_empty());
        let query = Query { bucket: &bucket, prefix: &prefix, delimiter: delimiter.as_deref(), after, limit };
        let page = self.page(query).await?;
        let text = Text::of(input.encoding_type.as_ref())?;
        Ok(ListObjectsOutput {
            common_prefixes: Some(text.prefixes(page.prefixes)),
            contents: Some(page.objects.into_iter().map(|object| text.object(object, true)).collect()),
            delimiter: delimiter.map(|delimiter| text.encode(&delimiter)),
            encoding_type: input.encoding_type,
            is_truncated: Some(page.next.is_some()),
            marker: Some(text.encode(&marker)),
            max_keys: i32::try_from(limit).ok(),
            name: Some(bucket),
            next_marker: page.next.map(|next| text.encode(&next)),
            prefix: Some(text.encode(&prefix)),
            ..ListObjectsOutput::default()
        })
    }

    pub(crate) async fn list_objects_v2(&self, input: ListObjectsV2Input) -> S3Result<ListObjectsV2Output> {
        let bucket = input.bucket;
        self.bucket(&bucket).await?;
        let limit = limit(input.max_keys)?;
        let prefix = input.prefix.unwrap_or_default();
        let delimiter = input.delimiter.filter(|delimiter| !delimiter.is_empty());
        let token = input.continuation_token.as_deref().map(decode_token).transpose()?;
        let after = token.as_deref().or(input.start_after.as_deref()).filter(|after| !after.is_empty());
        let query = Query { bucket: &bucket, prefix: &prefix, delimiter: delimiter.as_deref(), after, limit };
        let page = self.page(query).await?;
        let text = Text::of(input.encoding_type.as_ref())?;
        let with_owner = input.fetch_owner.unwrap_or(false);
        Ok(ListObjectsV2Output {
            key_count: i32::try_from(page.objects.len() + page.prefixes.len()).ok(),
            common_prefixes: Some(text.prefixes(page.prefixes)),
            contents: Some(page.objects.into_iter().map(|object| text.object(object, with_owner)).collect()),
            continuation_token: input.continuation_token,
            delimiter: delimiter.map(|delimiter| text.encode(&delimiter)),
            encoding_type: input.encoding_type,
            is_truncated: Some(page.next.is_some()),
            max_keys: i32::try_from(limit).ok(),
            name: Some(bucket),
            next_continuation_token: page.next.map(hex::encode),
            prefix: Some(text.encode(&prefix)),
            start_after: input.start_after.map(|start_after| text.encode(&start_after)),
            ..ListObjectsV2Output::default()
        })
    }
}

pub(crate) fn limit(max: Option<i32>) -> S3Result<usize> {
    let max = max.unwrap_or(PAGE_LEN_MAX).min(PAGE_LEN_MAX);
    usize::try_from(max).map_err(|_| s3_error!(InvalidArgument, "max-keys may not be negative: {max}"))
}

fn decode_token(token: &str) -> S3Result<String> {
    let entry = hex::decode(token).ok().and_then(|bytes| String::from_utf8(bytes).ok());
    entry.ok_or_else(|| s3_error!(InvalidArgument, "The continuation token {token:?} was not given out here."))
}

/// The encoding of keys in the answer.
pub(crate) struct Text {
    url: bool,
}

impl Text {
    pub(crate) fn of(encoding: Option<&EncodingType>) -> S3Result<Self> {
        match encoding.map(EncodingType::as_str) {
            None | Some("") => Ok(Self { url: false }),
            Some("url") => Ok(Self { url: true }),
            Some(other) => Err(s3_error!(InvalidArgument, "encoding-type may only be url, not {other:?}.")),
        }
    }

    /// Percent-encoded when the client asked for it, all but unreserved characters and `/`.
    pub(crate) fn encode(&self, text: &str) -> String {
        if !self.url {
            return text.to_owned();
        }
        let mut encoded = String::with_capacity(text.len());
        for byte in text.bytes() {
            match byte {
                b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' | b'/' => {
                    encoded.push(char::from(byte))
                }
                _ => encoded.push_str(&format!("%{byte:02X}")),
            }
        }
        encoded
    }

    pub(crate) fn prefixes(&self, prefixes: Vec<String>) -> Vec<CommonPrefix> {
        prefixes.iter().map(|prefix| CommonPrefix { prefix: Some(self.encode(prefix)) }).collect()
    }

    fn object(&self, object: ObjectRecord, with_owner: bool) -> Object {
        Object {
            e_tag: etag(&object.etag),
            key: Some(self.encode(&object.key)),
            last_modified: Some(timestamp(object.last_modified_ms)),
            owner: with_owner.then(owner),
            size: i64::try_from(object.size_bytes).ok(),
            storage_class: Some(ObjectStorageClass::from_static(ObjectStorageClass::STANDARD)),
            ..Object::default()
        }
    }
}
