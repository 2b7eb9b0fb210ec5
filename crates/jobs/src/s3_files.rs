//! Objects that jobs write: durable blobs first, then the records of all of them in the commit that ends the job. Those of a bucket
//! outside are copied there before that commit, and their blobs go after it.

use crate::buckets::Bucket;
use crate::leased_job::LeasedJob;
use crate::stop::Stop;
use md5::{Digest, Md5};
use std::collections::BTreeMap;
use std::io::{self, Write};
use tastemaker_domain::Member;
use tastemaker_domain::s3_path::S3Path;
use tastemaker_store::external_buckets::Written;
use tastemaker_store::objects::{self, OBJECT_FORMAT, ObjectRecord};
use tastemaker_store::{BlobSink, Blobs, Error, Precondition, Transaction, Write as Change};
use tokio::runtime::Handle;

/// Says on an object which resource it was written for; S3 clients see it as user metadata.
const WRITTEN_FOR: &str = "written-for";

/// The header with an object's type.
const CONTENT_TYPE: &str = "content-type";

/// The folder that a job writes into, after a look at its bucket.
pub(crate) async fn folder(work: &LeasedJob, path: &str) -> Result<S3Path, Stop> {
    let folder = S3Path::parse_folder(Member::Path, path).map_err(|error| Stop::Failed(error.to_string()))?;
    match Bucket::find(work, &folder.bucket, None).await? {
        Some(_) => Ok(folder),
        None => Err(Stop::Failed(format!(
            "Invalid S3 output path. The bucket '{}' of {path} does not exist. Create it, or correct the path.",
            folder.bucket
        ))),
    }
}

/// The folder that a job is about to write into, which must take files: what is computed for hours is not lost to a policy.
pub(crate) async fn writable_folder(work: &LeasedJob, path: &str) -> Result<S3Path, Stop> {
    let folder = folder(work, path).await?;
    if let Some(Bucket::External(bucket)) = Bucket::find(work, &folder.bucket, None).await? {
        bucket.check_writable(&folder.key).await?;
    }
    Ok(folder)
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
            headers: one(CONTENT_TYPE, content_type),
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

/// Refuses keys that a role must not write into a bucket of this server.
pub(crate) async fn may_write<'a>(
    work: &LeasedJob,
    folder: &S3Path,
    keys: impl IntoIterator<Item = &'a str>,
    role_arn: &str,
) -> Result<(), Stop> {
    match Bucket::find(work, &folder.bucket, Some(role_arn)).await? {
        Some(bucket) => bucket.may_write(keys),
        None => Ok(()),
    }
}

/// Copies the files into a bucket outside, if the folder is in one, and removes from there what an earlier job wrote for the same
/// resource and this one did not replace. Repeated, it does the same again.
pub(crate) async fn deliver(
    work: &LeasedJob,
    folder: &S3Path,
    files: &[ObjectRecord],
    older: Option<&Older<'_>>,
    role_arn: &str,
) -> Result<(), Stop> {
    may_write(work, folder, files.iter().map(|file| file.key.as_str()), role_arn).await?;
    let Some(Bucket::External(bucket)) = Bucket::find(work, &folder.bucket, None).await? else { return Ok(()) };
    for file in files {
        if work.cancel.is_cancelled() {
            return Err(Stop::Shutdown);
        }
        let text = |map: &BTreeMap<String, String>, name: &str| map.get(name).cloned().unwrap_or_default();
        let (content_type, written_for) = (text(&file.headers, CONTENT_TYPE), text(&file.metadata, WRITTEN_FOR));
        let written = Written { content_type: &content_type, written_for: &written_for };
        bucket.write(&file.key, &*work.ctx.stores.blobs, &file.blob, written).await?;
    }
    let Some(older) = older else { return Ok(()) };
    for key in bucket.written_for(older.prefix, older.written_for).await? {
        if older.names(&key) && !files.iter().any(|file| file.key == key) {
            bucket.delete(&key).await?;
        }
    }
    Ok(())
}

/// Adds what makes objects of one bucket visible; returns the blobs of the objects that they replace, to be deleted after the
/// commit.
pub(crate) async fn publish_objects(
    work: &LeasedJob,
    tx: &Transaction,
    bucket: &str,
    files: &[ObjectRecord],
) -> Result<Vec<String>, Stop> {
    if let Some(Bucket::External(_)) = Bucket::find(work, bucket, None).await? {
        // They were delivered.
        return Ok(files.iter().map(|file| file.blob.clone()).collect());
    }
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

impl Older<'_> {
    /// Whether the key is one of these by its form.
    fn names(&self, key: &str) -> bool {
        let rest = key.strip_prefix(self.prefix).and_then(|rest| rest.strip_suffix(self.suffix));
        rest.is_some_and(|number| !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit()))
    }
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
        let ours = old.metadata.get(WRITTEN_FOR).is_some_and(|whose| whose == older.written_for);
        if !older.names(&old.key) || !ours || files.iter().any(|file| file.key == old.key) {
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
