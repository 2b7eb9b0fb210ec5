//! The buckets that locations name: this server's own, then those outside that the configuration names.

use crate::leased_job::LeasedJob;
use crate::stop::Stop;
use tastemaker_domain::s3_path::S3Path;
use tastemaker_store::external_buckets::ExternalBucket;
use tastemaker_store::objects::{self, ObjectRecord};

/// A bucket that is there.
pub(crate) enum Bucket {
    /// Of this server.
    Own(String),
    /// Outside.
    External(ExternalBucket),
}

impl Bucket {
    /// The bucket of that name; `None` where there is none and no rule of the configuration names it.
    pub async fn find(work: &LeasedJob, name: &str) -> Result<Option<Self>, Stop> {
        if objects::bucket_exists(&*work.ctx.stores.records, name).await? {
            return Ok(Some(Self::Own(name.to_owned())));
        }
        Ok(work.ctx.external.find(name)?.map(Self::External))
    }

    /// Every object of a folder, in key order.
    pub async fn list(&self, work: &LeasedJob, path: &S3Path) -> Result<Vec<ObjectRecord>, Stop> {
        match self {
            Self::Own(name) => Ok(objects::list(&*work.ctx.stores.records, name, &path.key).await?),
            Self::External(bucket) => Ok(bucket.list(&path.key).await?),
        }
    }

    /// The object with exactly this key.
    pub async fn object(&self, work: &LeasedJob, key: &str) -> Result<Option<ObjectRecord>, Stop> {
        match self {
            Self::Own(name) => Ok(objects::find(&*work.ctx.stores.records, name, key).await?.map(|(_, object)| object)),
            Self::External(bucket) => Ok(bucket.find(key).await?),
        }
    }
}
