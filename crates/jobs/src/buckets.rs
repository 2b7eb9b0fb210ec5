//! The buckets that locations name: this server's own, then those outside that the configuration names.

use crate::job_role::JobRole;
use crate::leased_job::LeasedJob;
use crate::stop::Stop;
use tastemaker_domain::s3_path::S3Path;
use tastemaker_store::external_buckets::ExternalBucket;
use tastemaker_store::objects::{self, ObjectRecord};

/// A bucket that is there.
pub(crate) enum Bucket {
    /// Of this server, with the role that reads it.
    Own(String, JobRole),
    /// Outside.
    External(ExternalBucket),
}

impl Bucket {
    /// The bucket of that name for a role; `None` where there is none and no rule of the configuration names it.
    pub async fn find(work: &LeasedJob, name: &str, role_arn: Option<&str>) -> Result<Option<Self>, Stop> {
        if objects::bucket_exists(&*work.ctx.stores.records, name).await? {
            return Ok(Some(Self::Own(name.to_owned(), JobRole::load(work, role_arn).await?)));
        }
        Ok(work.ctx.external.find(name)?.map(Self::External))
    }

    /// Every object of a folder, in key order.
    pub async fn list(&self, work: &LeasedJob, path: &S3Path) -> Result<Vec<ObjectRecord>, Stop> {
        match self {
            Self::Own(name, role) => {
                role.may_list(name, &path.key)?;
                Ok(objects::list(&*work.ctx.stores.records, name, &path.key).await?)
            }
            Self::External(bucket) => Ok(bucket.list(&path.key).await?),
        }
    }

    /// The object with exactly this key.
    pub async fn object(&self, work: &LeasedJob, key: &str) -> Result<Option<ObjectRecord>, Stop> {
        match self {
            Self::Own(name, role) => {
                role.may_read(name, key)?;
                Ok(objects::find(&*work.ctx.stores.records, name, key).await?.map(|(_, object)| object))
            }
            Self::External(bucket) => Ok(bucket.find(key).await?),
        }
    }
    /// Refuses objects that the role must not read.
    pub fn may_read<'a>(&self, objects: impl IntoIterator<Item = &'a ObjectRecord>) -> Result<(), Stop> {
        let Self::Own(name, role) = self else { return Ok(()) };
        objects.into_iter().try_for_each(|object| role.may_read(name, &object.key))
    }

    /// Refuses keys that the role must not write.
    pub fn may_write<'a>(&self, keys: impl IntoIterator<Item = &'a str>) -> Result<(), Stop> {
        let Self::Own(name, role) = self else { return Ok(()) };
        keys.into_iter().try_for_each(|key| role.may_write(name, key))
    }
}
