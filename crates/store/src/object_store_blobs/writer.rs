//! A blob that is written piece by piece: an upload in parts, published at its end. On a remote store one that fits into a single
//! part is a put.

use async_trait::async_trait;
use bytes::Bytes;
use object_store::path::Path;
use object_store::{MultipartUpload, ObjectStoreExt, PutMode, PutPayloadMut};

use super::error::{NAME, of_writing};
use super::layout::{INCOMING, object};
use super::objects::Objects;
use super::staging::Staged;
use crate::{BlobMeta, BlobWriter, Error, Result};

/// Chunks below this size are copied into their part; larger ones become pieces of it.
const COPIED_BYTES_MAX: usize = 4 << 10;

/// The state of an upload.
enum State {
    /// Nothing was sent.
    Gathering,
    /// Parts are sent.
    Open(Box<dyn MultipartUpload>),
    /// While a part is sent, and ever after one that failed or was stopped in its middle: the writer never finishes.
    Spent,
}

pub(super) struct Writer {
    objects: Objects,
    key: String,
    /// The object of the upload.
    path: Path,
    state: State,
    part: PutPayloadMut,
    size: u64,
    /// The upload's folder in a local directory; after the upload, because it is removed when let go of.
    staged: Option<Staged>,
}

impl Writer {
    pub(super) async fn start(objects: Objects, key: String) -> Result<Self> {
        let staged = match &objects.directory {
            Some(directory) => Some(directory.stage().await?),
            None => None,
        };
        let path = match &staged {
            Some(staged) => staged.object()?,
            None if objects.uploads.is_some() => object(&key)?,
            None => Path::from_iter([INCOMING, &uuid::Uuid::new_v4().simple().to_string()]),
        };
        let mut writer =
            Self { objects, key, path, state: State::Gathering, part: PutPayloadMut::new(), size: 0, staged };
        if writer.staged.is_some() {
            // A directory that cannot be written to is told of at the beginning.
            writer.state = State::Open(writer.begin().await?);
        }
        Ok(writer)
    }

    async fn begin(&mut self) -> Result<Box<dyn MultipartUpload>> {
        self.objects.store.put_multipart(&self.path).await.map_err(of_writing(&self.key))
    }

    async fn take_upload(&mut self) -> Result<Box<dyn MultipartUpload>> {
        match std::mem::replace(&mut self.state, State::Spent) {
            State::Open(upload) => Ok(upload),
            State::Gathering => self.begin().await,
            State::Spent => Err(Error::backend(NAME, format!("{}: an earlier write failed", self.key))),
        }
    }

    /// Sends what was gathered.
    async fn send(&mut self) -> Result<()> {
        let mut upload = self.take_upload().await?;
        let part = std::mem::take(&mut self.part).freeze();
        if let Err(error) = upload.put_part(part).await {
            // The error of the part says more than one of the clearing up.
            let _ = upload.abort().await;
            return Err(of_writing(&self.key)(error));
        }
        self.state = State::Open(upload);
        Ok(())
    }
}

#[async_trait]
impl BlobWriter for Writer {
    async fn write(&mut self, mut chunk: Bytes) -> Result<()> {
        while !chunk.is_empty() {
            let room = self.objects.part_bytes - self.part.content_length();
            let piece = chunk.split_to(room.min(chunk.len()));
            self.size += piece.len() as u64;
            if piece.len() <= COPIED_BYTES_MAX {
                self.part.extend_from_slice(&piece);
            } else {
                self.part.push(piece);
            }
            if self.part.content_length() == self.objects.part_bytes {
                self.send().await?;
            }
        }
        Ok(())
    }

    async fn finish(mut self: Box<Self>) -> Result<BlobMeta> {
        if matches!(self.state, State::Gathering) {
            self.state = State::Spent;
            let (target, body) = (object(&self.key)?, std::mem::take(&mut self.part).freeze());
            let put = self.objects.store.put_opts(&target, body, PutMode::Create.into()).await;
            put.map_err(of_writing(&self.key))?;
            return Ok(BlobMeta { key: self.key.clone(), size: self.size });
        }
        if !self.part.is_empty() {
            self.send().await?;
        }
        let mut upload = self.take_upload().await?;
        if let Err(error) = upload.complete().await {
            let _ = upload.abort().await;
            return Err(of_writing(&self.key)(error));
        }
        if self.staged.is_none() && self.objects.uploads.is_some() {
            return Ok(BlobMeta { key: self.key.clone(), size: self.size });
        }
        let published = self.objects.publish(&self.path, &self.key).await;
        if self.staged.is_none() {
            // What cannot be removed now is removed as abandoned.
            let _ = self.objects.store.delete(&self.path).await;
        }
        published?;
        Ok(BlobMeta { key: self.key.clone(), size: self.size })
    }
}

impl Drop for Writer {
    /// Ends an upload that was not finished. A local one ends with its file.
    fn drop(&mut self) {
        let (State::Open(mut upload), None) = (std::mem::replace(&mut self.state, State::Spent), &self.staged) else {
            return;
        };
        if let Ok(runtime) = tokio::runtime::Handle::try_current() {
            runtime.spawn(async move { upload.abort().await });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::ObjectStoreBlobs;
    use super::*;
    use object_store::memory::InMemory;
    use object_store::{PutPayload, PutResult, UploadPart};
    use parking_lot::Mutex;
    use std::sync::Arc;

    /// What happened to an upload.
    #[derive(Debug, Default)]
    struct Seen {
        parts: Vec<usize>,
        completed: usize,
        aborted: usize,
    }

    #[derive(Debug)]
    struct Upload {
        seen: Arc<Mutex<Seen>>,
        /// The part that fails, from 1.
        failing: usize,
    }

    #[async_trait]
    impl MultipartUpload for Upload {
        fn put_part(&mut self, data: PutPayload) -> UploadPart {
            let mut seen = self.seen.lock();
            seen.parts.push(data.content_length());
            let fails = seen.parts.len() == self.failing;
            Box::pin(async move {
                let error = || object_store::Error::Generic { store: "test", source: "planned".into() };
                if fails { Err(error()) } else { Ok(()) }
            })
        }

        async fn complete(&mut self) -> object_store::Result<PutResult> {
            self.seen.lock().completed += 1;
            Err(object_store::Error::Generic { store: "test", source: "the end".into() })
        }

        async fn abort(&mut self) -> object_store::Result<()> {
            self.seen.lock().aborted += 1;
            Ok(())
        }
    }

    /// A writer of parts of 10,000 bytes.
    async fn writer(failing: usize) -> (Box<Writer>, Arc<Mutex<Seen>>) {
        let ObjectStoreBlobs(objects) = ObjectStoreBlobs::new(Arc::new(InMemory::new()));
        let mut writer = Writer::start(Objects { part_bytes: 10_000, ..objects }, "k".into()).await.expect("writer");
        let seen = Arc::<Mutex<Seen>>::default();
        writer.state = State::Open(Box::new(Upload { seen: seen.clone(), failing }));
        (Box::new(writer), seen)
    }

    #[tokio::test]
    async fn parts_are_full_but_for_the_last() {
        for (chunks, parts) in [
            (&[100, 9_899][..], &[9_999][..]),
            (&[5_000, 4_999, 1], &[10_000]),
            (&[10_000, 10_000], &[10_000, 10_000]),
            (&[1, 25_000, 3], &[10_000, 10_000, 5_004]),
            (&[], &[]),
        ] {
            let (mut writer, seen) = writer(0).await;
            for chunk in chunks {
                writer.write(vec![7; *chunk].into()).await.expect("write");
            }
            assert_eq!(writer.size, chunks.iter().sum::<usize>() as u64);
            writer.finish().await.expect_err("the upload does not complete");
            let seen = seen.lock();
            assert_eq!((&seen.parts[..], seen.completed, seen.aborted), (parts, 1, 1), "{chunks:?}");
        }
    }

    #[tokio::test]
    async fn an_upload_whose_part_fails_is_ended() {
        let (mut writer, seen) = writer(2).await;
        writer.write(vec![7; 10_000].into()).await.expect("write");
        writer.write(vec![7; 10_000].into()).await.expect_err("the second part fails");
        writer.finish().await.expect_err("a part is missing");
        let seen = seen.lock();
        assert_eq!((seen.parts.len(), seen.completed, seen.aborted), (2, 0, 1));
    }

    #[tokio::test]
    async fn an_upload_that_is_let_go_of_is_ended() {
        let (mut writer, seen) = writer(0).await;
        writer.write(vec![7; 10_000].into()).await.expect("write");
        drop(writer);
        tokio::task::yield_now().await;
        let seen = seen.lock();
        assert_eq!((seen.completed, seen.aborted), (0, 1));
    }
}
