//! Objects that jobs write: durable blobs first, then the records of all of them in the commit that ends the job.

use crate::leased_job::LeasedJob;
use crate::stop::Stop;
use md5::{Digest, Md5};
use std::collections::BTreeMap;
use std::io::{self, Write};
use tastemaker_domain::Member;
use tastemaker_domain::s3_path::S3Path;
use tastemaker_store::objects::{self, OBJECT_FORMAT, ObjectRecord};
use tastemaker_store::{BlobSink, Blobs, Error, Precondition, Transaction, Write as Change};
use tokio::runtime::Handle;

/// Says on an object which resource it was written for; S3 clients see it as user metadata.
const WRITTEN_FOR: &str = "written-for";

/// The folder that a job writes into, after a look at its bucket.
pub(crate) async fn folder(work: &LeasedJob, path: &str) -> Result<S3Path, Stop> {
    let folder = S3Path::parse_folder(Member::Path, path).map_err(|error| Stop::Failed(error.to_string()))?;
    if objects::bucket_exists(&*work.ctx.stores.records, &folder.bucket).await? {
        return Ok(folder);
    }
    Err(Stop::Failed(format!(
        "Invalid S3 output path. The bucket '{}' of {path} does not exist. Create it, or correct the path.",
        folder.bucket
    )))
}

/// A file of an output folder while it is written, on a blocking thread.
pub(crate) struct OutputFile {
    key: String,
    blob: String,
    sink: BlobSink,
    md5: Md5,
    size_bytes: u64,
}

impl OutputFile {
    /// Starts the object `key`, whose bytes go to `blob`.
    pub fn create(blobs: &dyn Blobs, key: String, blob: String, handle: Handle) -> Result<Self, Error> {
        let sink = BlobSink::create_blocking(blobs, &blob, handle)?;
        Ok(Self { key, blob, sink, md5: Md5::new(), size_bytes: 0 })
    }

    /// Makes the bytes durable; the object is there when its record is committed.
    pub fn finish(self, content_type: &str, written_for: &str, now_ms: i64) -> Result<ObjectRecord, Error> {
        self.sink.finish()?;
        let one = |name: &str, value: &str| BTreeMap::from([(name.to_owned(), value.to_owned())]);
        Ok(ObjectRecord {
            format: OBJECT_FORMAT,
            key: self.key,
            size_bytes: self.size_bytes,
            etag: hex::encode(self.md5.finalize()),
            last_modified_ms: u64::try_from(now_ms).unwrap_or_default(),
            blob: self.blob,
            headers: one("content-type", content_type),
            metadata: one(WRITTEN_FOR, written_for),
            ..ObjectRecord::default()
        })
    }
}

impl Write for OutputFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.sink.write(bytes)?;
        self.md5.update(&bytes[..written]);
        self.size_bytes += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.sink.flush()
    }
}

/// Adds what makes objects of one bucket visible; returns the blobs of the objects that they replace, to be deleted after the
/// commit.
pub(crate) async fn publish_objects(
    work: &LeasedJob,
    tx: &Transaction,
    bucket: &str,
    files: &[ObjectRecord],
) -> Result<Vec<String>, Stop> {
    let mut replaced = Vec::new();
    for file in files {
        let replacement = objects::replacement(&*work.ctx.stores.records, bucket, file).await?;
        replacement.preconditions.into_iter().for_each(|precondition| tx.require(precondition));
        tx.write(replacement.write);
        replaced.extend(replacement.old.map(|old| old.blob));
    }
    Ok(replaced)
}

/// Objects `<prefix><digits><suffix>` that were written for a resource.
pub(crate) struct Older<'a> {
    pub prefix: &'a str,
    pub suffix: &'a str,
    pub written_for: &'a str,
}

/// Adds the removal of objects that an earlier job wrote for the same resource, so that a folder never has files of two jobs
/// that look like those of one; returns their blobs.
pub(crate) async fn remove_older(
    work: &LeasedJob,
    tx: &Transaction,
    bucket: &str,
    older: &Older<'_>,
    files: &[ObjectRecord],
) -> Result<Vec<String>, Stop> {
    let records = &*work.ctx.stores.records;
    let mut replaced = Vec::new();
    for old in objects::list(records, bucket, older.prefix).await? {
        let rest = old.key.strip_prefix(older.prefix).and_then(|rest| rest.strip_suffix(older.suffix));
        let number = rest.unwrap_or_default();
        let numbered = !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit());
        let ours = old.metadata.get(WRITTEN_FOR).is_some_and(|whose| whose == older.written_for);
        if !numbered || !ours || files.iter().any(|file| file.key == old.key) {
            continue;
        }
        let Some((version, _)) = objects::find(records, bucket, &old.key).await? else { continue };
        let key = objects::object_record_key(bucket, &old.key);
        tx.require(Precondition::Version(key.clone(), version));
        tx.write(Change::Delete { key });
        replaced.push(old.blob);
    }
    Ok(replaced)
}

/// Deletes blobs of this and earlier attempts of the job in `s3/` that are not an object of `bucket` with a key below `folder`.
pub(crate) async fn remove_unpublished(work: &LeasedJob, folder: &S3Path) -> Result<(), Error> {
    let blobs = work.blobs_until_now("s3").await?;
    if blobs.is_empty() {
        return Ok(());
    }
    let named = objects::list(&*work.ctx.stores.records, &folder.bucket, &folder.key).await?;
    for blob in blobs.iter().filter(|blob| !named.iter().any(|object| object.blob == blob.key)) {
        work.ctx.stores.blobs.delete(&blob.key).await?;
    }
    Ok(())
}

/// Deletes the bytes of replaced objects; what cannot be deleted is left to the sweep at the next start.
pub(crate) async fn delete_replaced(work: &LeasedJob, replaced: &[String]) {
    for blob in replaced {
        if let Err(error) = work.ctx.stores.blobs.delete(blob).await {
            tracing::warn!(blob, %error, "bytes that nobody names remain until the next start");
        }
    }
}
