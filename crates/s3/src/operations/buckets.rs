//! Buckets and their policies.

use std::collections::BTreeMap;

use s3s::dto::*;
use s3s::{S3Result, s3_error};
use tastemaker_store::objects::bucket_record_key;
use tastemaker_store::{Error, Precondition, RecordsExt, Write, put_json};

use super::acls::wanted_acl;
use super::owner::owner;
use super::settings::Setting;
use crate::errors::storage;
use crate::records::{BucketRecord, FORMAT, UPLOADS};
use crate::state::{State, timestamp};

/// The region that S3 leaves out of location constraints, and in which it forgives making a bucket twice.
const FIRST_REGION: &str = "us-east-1";

/// Bytes that a bucket policy may have: S3's 20 KB.
const POLICY_BYTES_MAX: usize = 20 * 1_024;

impl State {
    pub(crate) async fn create_bucket(&self, mut input: CreateBucketInput) -> S3Result<CreateBucketOutput> {
        let settings = chosen_settings(&mut input)?;
        let name = input.bucket;
        let constraint = input.create_bucket_configuration.and_then(|configuration| configuration.location_constraint);
        let record = BucketRecord {
            format: FORMAT,
            name: name.clone(),
            created_ms: self.now_ms(),
            location: constraint.map(|constraint| constraint.as_str().to_owned()),
            policy: None,
            settings,
        };
        let key = bucket_record_key(&name);
        let write = put_json(&key, &record).map_err(storage)?;
        match self.records.commit(vec![Precondition::Absent(key)], vec![write]).await {
            Ok(()) => {}
            Err(Error::Conflict(_)) if self.region == FIRST_REGION && record.location.is_none() => {}
            Err(Error::Conflict(_)) => {
                return Err(s3_error!(BucketAlreadyOwnedByYou, "The bucket {name} exists already and is yours."));
            }
            Err(error) => return Err(storage(error)),
        }
        Ok(CreateBucketOutput { location: Some(format!("/{name}")) })
    }

    pub(crate) async fn delete_bucket(&self, bucket: &str) -> S3Result<DeleteBucketOutput> {
        let (version, _) = self.bucket(bucket).await?;
        let key = bucket_record_key(bucket);
        let objects = format!("s3/object/{bucket}/");
        let uploads = format!("{UPLOADS}{bucket}/");
        let found = self.records.scan_all(&uploads).await.map_err(storage)?;
        let mut writes = vec![Write::Delete { key: key.clone() }];
        writes.extend(found.iter().map(|(key, _)| Write::Delete { key: key.clone() }));
        let preconditions =
            vec![Precondition::Version(key.clone(), version), Precondition::NoneWithPrefix(objects.clone())];
        match self.records.commit(preconditions, writes).await {
            Ok(()) => {}
            Err(Error::Conflict(what)) if what == objects => {
                return Err(s3_error!(BucketNotEmpty, "The bucket {bucket} you tried to delete is not empty."));
            }
            Err(error) => return Err(storage(error)),
        }
        for (upload_key, _) in found {
            self.remove_parts(upload_key.rsplit('/').next().unwrap_or_default()).await;
        }
        // Uploads that began while the bucket was deleted; none can begin now.
        for (upload_key, _) in self.records.scan_all(&uploads).await.map_err(storage)? {
            let late = vec![Precondition::Absent(key.clone())];
            if self.records.commit(late, vec![Write::Delete { key: upload_key.clone() }]).await.is_ok() {
                self.remove_parts(upload_key.rsplit('/').next().unwrap_or_default()).await;
            }
        }
        Ok(DeleteBucketOutput::default())
    }

    pub(crate) async fn list_buckets(&self, input: ListBucketsInput) -> S3Result<ListBucketsOutput> {
        let prefix = bucket_record_key(input.prefix.as_deref().unwrap_or_default());
        let after = input.continuation_token.as_deref().map(bucket_record_key);
        let limit = input.max_buckets.map_or(10_000, |max| max.clamp(1, 10_000)) as usize;
        let mut page = self.records.scan(&prefix, after.as_deref(), limit + 1).await.map_err(storage)?;
        let truncated = page.len() > limit;
        page.truncate(limit);
        let mut buckets = Vec::with_capacity(page.len());
        for (key, found) in page {
            let record: BucketRecord = tastemaker_store::from_json(&key, &found.value).map_err(storage)?;
            buckets.push(Bucket {
                bucket_region: Some(record.location.unwrap_or_else(|| self.region.clone())),
                creation_date: Some(timestamp(record.created_ms)),
                name: Some(record.name),
            });
        }
        let last = buckets.last().and_then(|bucket| bucket.name.clone());
        Ok(ListBucketsOutput {
            buckets: Some(buckets),
            continuation_token: last.filter(|_| truncated),
            owner: Some(owner()),
            prefix: input.prefix,
        })
    }

    pub(crate) async fn head_bucket(&self, bucket: &str) -> S3Result<HeadBucketOutput> {
        let (_, record) = self.bucket(bucket).await?;
        let region = record.location.unwrap_or_else(|| self.region.clone());
        Ok(HeadBucketOutput { bucket_region: Some(region), ..HeadBucketOutput::default() })
    }

    pub(crate) async fn get_bucket_location(&self, bucket: &str) -> S3Result<GetBucketLocationOutput> {
        let (_, record) = self.bucket(bucket).await?;
        let region = record.location.unwrap_or_else(|| self.region.clone());
        let location_constraint = (region != FIRST_REGION).then(|| BucketLocationConstraint::from(region));
        Ok(GetBucketLocationOutput { location_constraint })
    }

    pub(crate) async fn get_bucket_policy(&self, bucket: &str) -> S3Result<GetBucketPolicyOutput> {
        match self.bucket(bucket).await?.1.policy {
            Some(policy) => Ok(GetBucketPolicyOutput { policy: Some(policy) }),
            None => Err(s3_error!(NoSuchBucketPolicy, "The bucket policy does not exist.")),
        }
    }

    /// Keeps, or with `None` forgets, the policy that tutorials put so that Personalize may read the bucket.
    pub(crate) async fn set_bucket_policy(&self, bucket: &str, policy: Option<String>) -> S3Result<()> {
        if let Some(policy) = &policy {
            if policy.len() > POLICY_BYTES_MAX {
                return Err(s3_error!(MalformedPolicy, "A policy may have at most {POLICY_BYTES_MAX} bytes."));
            }
            if let Err(error) = serde_json::from_str::<serde_json::Map<String, serde_json::Value>>(policy) {
                return Err(s3_error!(MalformedPolicy, "Policies must be a JSON object: {error}."));
            }
        }
        let (version, mut record) = self.bucket(bucket).await?;
        record.policy = policy;
        let key = bucket_record_key(bucket);
        let write = put_json(&key, &record).map_err(storage)?;
        self.records.commit(vec![Precondition::Version(key, version)], vec![write]).await.map_err(storage)
    }
}

/// The settings that a bucket is made with.
fn chosen_settings(input: &mut CreateBucketInput) -> S3Result<BTreeMap<String, serde_json::Value>> {
    let mut wanted = wanted_acl!(input);
    wanted.headers.push((Permission::WRITE, input.grant_write.take()));
    let mut settings = BTreeMap::new();
    if let Some(grants) = wanted.grants()? {
        let json = serde_json::to_value(grants).map_err(|error| storage(Error::backend("json", error)))?;
        settings.insert(Setting::Acl.name().to_owned(), json);
    }
    if let Some(ownership) = &input.object_ownership {
        settings.insert(Setting::Ownership.name().to_owned(), ownership.as_str().into());
    }
    Ok(settings)
}
