//! One bucket outside: its objects are listed, read and written.

use std::sync::Arc;

use bytes::Bytes;
use futures::{StreamExt, TryStreamExt};
use object_store::path::Path;
use object_store::{
    Attribute, Attributes, GetOptions, GetRange, MultipartUpload, ObjectMeta, ObjectStore, ObjectStoreExt,
    PutMultipartOptions, PutOptions, PutPayload, PutPayloadMut,
};

use super::blob_keys::blob_key;
use super::failure::{ExternalError, as_store_error, of_request};
use crate::objects::{OBJECT_FORMAT, ObjectRecord};
use crate::{BlobStream, Blobs};

/// The least size of a part of an upload; the most parts of one are 10,000.
const PART_BYTES_MIN: u64 = 8 << 20;
const PARTS_MAX: u64 = 9_000;

/// The metadata that says which resource an object was written for. Azure takes no hyphens in names, and proxies drop underscores.
const WRITTEN_FOR: &str = "writtenfor";

/// A bucket outside this server. Cloning shares it.
#[derive(Clone, Debug)]
pub struct ExternalBucket {
    store: Arc<dyn ObjectStore>,
    name: String,
    scheme: &'static str,
}

/// The attributes written beside the bytes of an object.
#[derive(Clone, Copy, Debug)]
pub struct Written<'a> {
    /// Its content type.
    pub content_type: &'a str,
    /// The resource that it is written for.
    pub written_for: &'a str,
}

impl Written<'_> {
    fn attributes(self) -> Attributes {
        Attributes::from_iter([
            (Attribute::ContentType, self.content_type.to_owned()),
            (Attribute::Metadata(WRITTEN_FOR.into()), self.written_for.to_owned()),
        ])
    }
}

impl ExternalBucket {
    pub(super) fn new(store: Arc<dyn ObjectStore>, name: &str, scheme: &'static str) -> Self {
        Self { store, name: name.to_owned(), scheme }
    }

    /// The same bucket, with another scheme in messages.
    pub(super) fn called(mut self, scheme: &'static str) -> Self {
        self.scheme = scheme;
        self
    }

    pub(super) fn name(&self) -> &str {
        &self.name
    }

    /// The location of a key, for messages.
    pub fn location(&self, key: &str) -> String {
        format!("{}://{}/{key}", self.scheme, self.name)
    }

    fn path(&self, key: &str) -> Result<Path, ExternalError> {
        Path::parse(key).map_err(|error| of_request(&self.location(key), &error.into()))
    }

    fn failed(&self, key: &str) -> impl Fn(object_store::Error) -> ExternalError + Send + use<> {
        let location = self.location(key);
        move |error| of_request(&location, &error)
    }

    fn record(&self, meta: ObjectMeta) -> ObjectRecord {
        let key = meta.location.to_string();
        let etag = meta.e_tag.unwrap_or_default();
        ObjectRecord {
            format: OBJECT_FORMAT,
            blob: blob_key(&self.name, &key, &etag),
            key,
            size_bytes: meta.size,
            etag: etag.trim_matches('"').to_owned(),
            last_modified_ms: u64::try_from(meta.last_modified.timestamp_millis()).unwrap_or_default(),
            ..ObjectRecord::default()
        }
    }

    /// Every object below a folder, which is empty or ends with `/`, in key order; the first with bytes is looked into, so
    /// that what may be listed but not read is refused here.
    pub async fn list(&self, folder: &str) -> Result<Vec<ObjectRecord>, ExternalError> {
        let prefix = self.path(folder)?;
        let prefix = (!folder.is_empty()).then_some(&prefix);
        let listed: Vec<ObjectMeta> = self.store.list(prefix).try_collect().await.map_err(self.failed(folder))?;
        let mut found: Vec<_> = listed.into_iter().map(|meta| self.record(meta)).collect();
        found.sort_unstable_by(|a, b| a.key.cmp(&b.key));
        if let Some(first) = found.iter().find(|object| object.size_bytes > 0) {
            self.look_into(&first.key).await?;
        }
        Ok(found)
    }

    /// The folders, which end with `/`, and the objects directly below a folder, which is empty or ends with `/`; both by name.
    pub async fn folder(&self, folder: &str) -> Result<(Vec<String>, Vec<ObjectRecord>), ExternalError> {
        let prefix = self.path(folder)?;
        let prefix = (!folder.is_empty()).then_some(&prefix);
        let listed = self.store.list_with_delimiter(prefix).await.map_err(self.failed(folder))?;
        let mut folders: Vec<String> = listed.common_prefixes.iter().map(|path| format!("{path}/")).collect();
        let mut objects: Vec<_> = listed.objects.into_iter().map(|meta| self.record(meta)).collect();
        folders.sort_unstable();
        objects.sort_unstable_by(|a, b| a.key.cmp(&b.key));
        Ok((folders, objects))
    }

    /// The object with exactly this key.
    pub async fn find(&self, key: &str) -> Result<Option<ObjectRecord>, ExternalError> {
        match self.store.head(&self.path(key)?).await {
            Ok(meta) => {
                let object = self.record(meta);
                if object.size_bytes > 0 {
                    self.look_into(key).await?;
                }
                Ok(Some(object))
            }
            // An answer to HEAD has no code: GET tells an absent object from an absent bucket, and why one is refused.
            Err(error) => match (self.store.get(&self.path(key)?).await, error) {
                (Ok(_), error) => Err(self.failed(key)(error)),
                (Err(object_store::Error::NotFound { path, source }), _) => {
                    let error = object_store::Error::NotFound { path, source };
                    match crate::remote::code(&error).as_deref() {
                        Some("NoSuchBucket") => Err(self.failed(key)(error)),
                        _ => Ok(None),
                    }
                }
                (Err(error), _) => Err(self.failed(key)(error)),
            },
        }
    }

    /// Reads the first byte.
    async fn look_into(&self, key: &str) -> Result<(), ExternalError> {
        let options = GetOptions { range: Some(GetRange::Bounded(0..1)), ..GetOptions::default() };
        self.store.get_opts(&self.path(key)?, options).await.map(drop).map_err(self.failed(key))
    }

    /// The size of an object of which nothing else is known.
    pub(super) async fn size(&self, key: &str) -> Result<u64, ExternalError> {
        Ok(self.store.head(&self.path(key)?).await.map_err(self.failed(key))?.size)
    }

    /// The bytes of an object from `start` to before `end`, those of `etag` alone if one is given. A connection that breaks in
    /// the middle is resumed where it broke.
    pub(super) async fn read(
        &self,
        key: &str,
        etag: &str,
        range: Option<GetRange>,
    ) -> Result<BlobStream, ExternalError> {
        let if_match = (!etag.is_empty()).then(|| etag.to_owned());
        let options = GetOptions { range, if_match, ..GetOptions::default() };
        let found = self.store.get_opts(&self.path(key)?, options).await.map_err(self.failed(key))?;
        let failed = self.failed(key);
        Ok(found.into_stream().map_err(move |error| as_store_error(failed(error))).boxed())
    }

    /// Writes a blob of this server as an object, which appears whole and replaces one of its key.
    pub async fn write(
        &self,
        key: &str,
        blobs: &dyn Blobs,
        blob: &str,
        written: Written<'_>,
    ) -> Result<(), ExternalError> {
        let (path, size) = (self.path(key)?, blobs.head(blob).await?.size);
        let part_bytes = PART_BYTES_MIN.max(size / PARTS_MAX);
        let mut stream = blobs.read(blob, None).await?;
        if size <= part_bytes {
            let mut body = PutPayloadMut::new();
            while let Some(chunk) = stream.try_next().await? {
                body.push(chunk);
            }
            let options = PutOptions { attributes: written.attributes(), ..PutOptions::default() };
            return self.store.put_opts(&path, body.freeze(), options).await.map(drop).map_err(self.failed(key));
        }
        let options = PutMultipartOptions { attributes: written.attributes(), ..PutMultipartOptions::default() };
        let mut upload = self.store.put_multipart_opts(&path, options).await.map_err(self.failed(key))?;
        let sent = self.send(key, &mut *upload, stream, part_bytes).await;
        if sent.is_err() {
            // The error of the part says more than one of the clearing up.
            let _ = upload.abort().await;
        }
        sent
    }

    async fn send(
        &self,
        key: &str,
        upload: &mut dyn MultipartUpload,
        mut stream: BlobStream,
        part_bytes: u64,
    ) -> Result<(), ExternalError> {
        let mut part = PutPayloadMut::new();
        let room = |part: &PutPayloadMut| usize::try_from(part_bytes).unwrap_or(usize::MAX) - part.content_length();
        while let Some(mut chunk) = stream.try_next().await? {
            while !chunk.is_empty() {
                let piece: Bytes = chunk.split_to(room(&part).min(chunk.len()));
                part.push(piece);
                if room(&part) == 0 {
                    let full: PutPayload = std::mem::take(&mut part).freeze();
                    upload.put_part(full).await.map_err(self.failed(key))?;
                }
            }
        }
        if !part.is_empty() {
            upload.put_part(part.freeze()).await.map_err(self.failed(key))?;
        }
        upload.complete().await.map(drop).map_err(self.failed(key))
    }

    /// The keys below a folder that begin with `prefix` and that were written for a resource.
    pub async fn written_for(&self, prefix: &str, resource: &str) -> Result<Vec<String>, ExternalError> {
        let folder = prefix.rsplit_once('/').map_or("", |(folder, _)| folder);
        let path = self.path(folder)?;
        let listed = self.store.list_with_delimiter((!folder.is_empty()).then_some(&path)).await;
        let mut keys = Vec::new();
        for meta in listed.map_err(self.failed(prefix))?.objects {
            if !meta.location.as_ref().starts_with(prefix) {
                continue;
            }
            let options = GetOptions { head: true, ..GetOptions::default() };
            let found = self.store.get_opts(&meta.location, options).await;
            let attributes = found.map_err(self.failed(meta.location.as_ref()))?.attributes;
            if attributes.get(&Attribute::Metadata(WRITTEN_FOR.into())).is_some_and(|whose| **whose == *resource) {
                keys.push(meta.location.to_string());
            }
        }
        Ok(keys)
    }

    /// Removes an object; an absent one is no error.
    pub async fn delete(&self, key: &str) -> Result<(), ExternalError> {
        match self.store.delete(&self.path(key)?).await {
            Err(object_store::Error::NotFound { .. }) | Ok(()) => Ok(()),
            Err(error) => Err(self.failed(key)(error)),
        }
    }

    /// Refuses a folder that cannot be written to, by an upload that is begun and ended and leaves nothing.
    pub async fn check_writable(&self, folder: &str) -> Result<(), ExternalError> {
        let key = format!("{folder}tastemaker-{}", uuid::Uuid::new_v4().simple());
        let begun = self.store.put_multipart(&self.path(&key)?).await;
        // A policy may allow to write and not to end an upload.
        let _ = begun.map_err(self.failed(folder))?.abort().await;
        Ok(())
    }
}
