//! Copies of blobs and files, with their digests.

use super::manifest::Content;
use anyhow::{Context, Result, bail};
use bytes::Bytes;
use futures::{StreamExt, TryStreamExt};
use sha2::{Digest, Sha256};
use std::path::Path;
use tastemaker_store::{BlobStream, Blobs, Error};
use tokio::fs::{File, OpenOptions};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

/// Bytes of a file that are read at once.
const CHUNK_BYTES: usize = 1 << 20;

/// SHA-256 of bytes in hexadecimal digits.
pub fn sha256(bytes: &[u8]) -> String {
    hex::encode(Sha256::digest(bytes))
}

/// Length and digest of a stream's bytes, each of which `take` gets.
pub async fn through(
    mut stream: BlobStream,
    mut take: impl AsyncFnMut(Bytes) -> Result<(), Error>,
) -> Result<Content, Error> {
    let (mut size, mut digest) = (0, Sha256::new());
    while let Some(bytes) = stream.try_next().await? {
        size += bytes.len() as u64;
        digest.update(&bytes);
        take(bytes).await?;
    }
    Ok(Content { size, sha256: hex::encode(digest.finalize()) })
}

/// Copies a stream into the new blob `key`.
pub async fn into_blob(stream: BlobStream, to: &dyn Blobs, key: &str) -> Result<Content, Error> {
    let mut writer = to.writer(key).await?;
    let content = through(stream, async |bytes| writer.write(bytes).await).await?;
    writer.finish().await?;
    Ok(content)
}

/// The bytes of a file.
pub async fn of_file(path: &Path) -> Result<BlobStream> {
    let name = path.display().to_string();
    let file = File::open(path).await.with_context(|| format!("cannot open {name}"))?;
    let chunks = futures::stream::try_unfold((file, name), |(mut file, name)| async move {
        let mut chunk = Vec::with_capacity(CHUNK_BYTES);
        let read = (&mut file).take(CHUNK_BYTES as u64).read_to_end(&mut chunk).await;
        read.map_err(|error| Error::from_io("backup", &name, error))?;
        Ok((!chunk.is_empty()).then_some((Bytes::from(chunk), (file, name))))
    });
    Ok(chunks.boxed())
}

/// Writes a stream to a new file of its owner alone, syncs it, and refuses what is not the content that it should be.
pub async fn into_file(stream: BlobStream, path: &Path, expected: &Content) -> Result<()> {
    let mut options = OpenOptions::new();
    options.create_new(true).write(true);
    #[cfg(unix)]
    options.mode(0o600);
    let name = path.display().to_string();
    let mut file = options.open(path).await.with_context(|| format!("cannot write {name}"))?;
    let written =
        async |bytes: Bytes| file.write_all(&bytes).await.map_err(|error| Error::from_io("restore", &name, error));
    let content = through(stream, written).await?;
    file.sync_all().await.with_context(|| format!("cannot sync {name}"))?;
    if content != *expected {
        bail!("{name}: the backup is damaged: {}", difference(&content, expected));
    }
    Ok(())
}

/// The difference between what was read and what should be there.
pub fn difference(found: &Content, expected: &Content) -> String {
    if found.size == expected.size {
        format!("its SHA-256 is {}, it was {}", found.sha256, expected.sha256)
    } else {
        format!("it has {} bytes, it had {}", found.size, expected.size)
    }
}
