//! The protocol crate's trait: each method passes its input to the operation of the same name.

use s3s::dto::*;
use s3s::{S3, S3Request, S3Response, S3Result, s3_error};

use crate::errors::absent;
use crate::lifecycle;
use crate::operations::settings::Setting;
use crate::operations::tags;
use crate::state::State;

pub(crate) struct Endpoint {
    state: State,
}

impl Endpoint {
    pub(crate) fn new(state: State) -> Self {
        Self { state }
    }

    /// Answers a question about a bucket's configuration that is never set here, or that the bucket does not exist.
    async fn unset<T>(&self, bucket: &str, answer: S3Result<T>) -> S3Result<S3Response<T>> {
        self.state.bucket(bucket).await?;
        answer.map(S3Response::new)
    }
}

#[async_trait::async_trait]
impl S3 for Endpoint {
    async fn create_bucket(&self, request: S3Request<CreateBucketInput>) -> S3Result<S3Response<CreateBucketOutput>> {
        self.state.create_bucket(request.input).await.map(S3Response::new)
    }

    async fn head_bucket(&self, request: S3Request<HeadBucketInput>) -> S3Result<S3Response<HeadBucketOutput>> {
        self.state.head_bucket(&request.input.bucket).await.map(S3Response::new)
    }

    async fn delete_bucket(&self, request: S3Request<DeleteBucketInput>) -> S3Result<S3Response<DeleteBucketOutput>> {
        self.state.delete_bucket(&request.input.bucket).await.map(S3Response::new)
    }

    async fn list_buckets(&self, request: S3Request<ListBucketsInput>) -> S3Result<S3Response<ListBucketsOutput>> {
        self.state.list_buckets(request.input).await.map(S3Response::new)
    }

    async fn get_bucket_location(
        &self,
        request: S3Request<GetBucketLocationInput>,
    ) -> S3Result<S3Response<GetBucketLocationOutput>> {
        self.state.get_bucket_location(&request.input.bucket).await.map(S3Response::new)
    }

    async fn get_bucket_policy(
        &self,
        request: S3Request<GetBucketPolicyInput>,
    ) -> S3Result<S3Response<GetBucketPolicyOutput>> {
        self.state.get_bucket_policy(&request.input.bucket).await.map(S3Response::new)
    }

    async fn put_object(&self, request: S3Request<PutObjectInput>) -> S3Result<S3Response<PutObjectOutput>> {
        self.state.put_object(request).await.map(S3Response::new)
    }

    /// Forms are answered before the protocol crate, which would hold their files in memory.
    async fn post_object(&self, _: S3Request<PostObjectInput>) -> S3Result<S3Response<PostObjectOutput>> {
        Err(s3_error!(NotImplemented, "Forms are not taken here."))
    }

    async fn get_object(&self, request: S3Request<GetObjectInput>) -> S3Result<S3Response<GetObjectOutput>> {
        self.state.get_object(request).await.map(S3Response::new)
    }

    async fn head_object(&self, request: S3Request<HeadObjectInput>) -> S3Result<S3Response<HeadObjectOutput>> {
        self.state.head_object(request.input).await.map(S3Response::new)
    }

    async fn delete_object(&self, request: S3Request<DeleteObjectInput>) -> S3Result<S3Response<DeleteObjectOutput>> {
        self.state.delete_object(request.input).await.map(S3Response::new)
    }

    async fn delete_objects(
        &self,
        request: S3Request<DeleteObjectsInput>,
    ) -> S3Result<S3Response<DeleteObjectsOutput>> {
        self.state.delete_objects(request).await.map(S3Response::new)
    }

    async fn copy_object(&self, request: S3Request<CopyObjectInput>) -> S3Result<S3Response<CopyObjectOutput>> {
        self.state.copy_object(request.input).await.map(S3Response::new)
    }

    async fn list_objects(&self, request: S3Request<ListObjectsInput>) -> S3Result<S3Response<ListObjectsOutput>> {
        self.state.list_objects(request.input).await.map(S3Response::new)
    }

    async fn list_objects_v2(
        &self,
        request: S3Request<ListObjectsV2Input>,
    ) -> S3Result<S3Response<ListObjectsV2Output>> {
        self.state.list_objects_v2(request.input).await.map(S3Response::new)
    }

    async fn create_multipart_upload(
        &self,
        request: S3Request<CreateMultipartUploadInput>,
    ) -> S3Result<S3Response<CreateMultipartUploadOutput>> {
        self.state.create_multipart_upload(request.input).await.map(S3Response::new)
    }

    async fn upload_part(&self, request: S3Request<UploadPartInput>) -> S3Result<S3Response<UploadPartOutput>> {
        self.state.upload_part(request).await.map(S3Response::new)
    }

    async fn upload_part_copy(
        &self,
        request: S3Request<UploadPartCopyInput>,
    ) -> S3Result<S3Response<UploadPartCopyOutput>> {
        self.state.upload_part_copy(request.input).await.map(S3Response::new)
    }

    async fn complete_multipart_upload(
        &self,
        request: S3Request<CompleteMultipartUploadInput>,
    ) -> S3Result<S3Response<CompleteMultipartUploadOutput>> {
        self.state.complete_multipart_upload(request.input).await.map(S3Response::new)
    }

    async fn abort_multipart_upload(
        &self,
        request: S3Request<AbortMultipartUploadInput>,
    ) -> S3Result<S3Response<AbortMultipartUploadOutput>> {
        self.state.abort_multipart_upload(request.input).await.map(S3Response::new)
    }

    async fn list_parts(&self, request: S3Request<ListPartsInput>) -> S3Result<S3Response<ListPartsOutput>> {
        self.state.list_parts(request.input).await.map(S3Response::new)
    }

    async fn list_multipart_uploads(
        &self,
        request: S3Request<ListMultipartUploadsInput>,
    ) -> S3Result<S3Response<ListMultipartUploadsOutput>> {
        self.state.list_multipart_uploads(request.input).await.map(S3Response::new)
    }

    async fn put_bucket_policy(
        &self,
        request: S3Request<PutBucketPolicyInput>,
    ) -> S3Result<S3Response<PutBucketPolicyOutput>> {
        self.state.set_bucket_policy(&request.input.bucket, Some(request.input.policy)).await?;
        Ok(S3Response::new(PutBucketPolicyOutput::default()))
    }

    async fn delete_bucket_policy(
        &self,
        request: S3Request<DeleteBucketPolicyInput>,
    ) -> S3Result<S3Response<DeleteBucketPolicyOutput>> {
        self.state.set_bucket_policy(&request.input.bucket, None).await?;
        Ok(S3Response::new(DeleteBucketPolicyOutput::default()))
    }

    async fn get_object_acl(&self, request: S3Request<GetObjectAclInput>) -> S3Result<S3Response<GetObjectAclOutput>> {
        self.state.get_object_acl(request.input).await.map(S3Response::new)
    }

    async fn get_object_tagging(
        &self,
        request: S3Request<GetObjectTaggingInput>,
    ) -> S3Result<S3Response<GetObjectTaggingOutput>> {
        self.state.get_object_tagging(request.input).await.map(S3Response::new)
    }

    async fn put_object_tagging(
        &self,
        request: S3Request<PutObjectTaggingInput>,
    ) -> S3Result<S3Response<PutObjectTaggingOutput>> {
        self.state.put_object_tagging(request.input).await.map(S3Response::new)
    }

    async fn delete_object_tagging(
        &self,
        request: S3Request<DeleteObjectTaggingInput>,
    ) -> S3Result<S3Response<DeleteObjectTaggingOutput>> {
        self.state.delete_object_tagging(request.input).await.map(S3Response::new)
    }

    async fn put_object_acl(&self, request: S3Request<PutObjectAclInput>) -> S3Result<S3Response<PutObjectAclOutput>> {
        self.state.put_object_acl(request.input).await.map(S3Response::new)
    }

    async fn put_bucket_acl(&self, request: S3Request<PutBucketAclInput>) -> S3Result<S3Response<PutBucketAclOutput>> {
        self.state.put_bucket_acl(request.input).await.map(S3Response::new)
    }

    async fn get_object_attributes(
        &self,
        request: S3Request<GetObjectAttributesInput>,
    ) -> S3Result<S3Response<GetObjectAttributesOutput>> {
        self.state.get_object_attributes(request.input).await.map(S3Response::new)
    }

    async fn list_object_versions(
        &self,
        request: S3Request<ListObjectVersionsInput>,
    ) -> S3Result<S3Response<ListObjectVersionsOutput>> {
        self.state.list_object_versions(request.input).await.map(S3Response::new)
    }

    async fn get_bucket_acl(&self, request: S3Request<GetBucketAclInput>) -> S3Result<S3Response<GetBucketAclOutput>> {
        self.state.get_bucket_acl(request.input).await.map(S3Response::new)
    }

    async fn get_bucket_versioning(
        &self,
        request: S3Request<GetBucketVersioningInput>,
    ) -> S3Result<S3Response<GetBucketVersioningOutput>> {
        let found: Option<VersioningConfiguration> =
            self.state.setting(&request.input.bucket, Setting::Versioning).await?;
        let status = found.and_then(|found| found.status);
        Ok(S3Response::new(GetBucketVersioningOutput { mfa_delete: None, status }))
    }

    async fn get_bucket_notification_configuration(
        &self,
        request: S3Request<GetBucketNotificationConfigurationInput>,
    ) -> S3Result<S3Response<GetBucketNotificationConfigurationOutput>> {
        let found: Option<NotificationConfiguration> =
            self.state.setting(&request.input.bucket, Setting::Notification).await?;
        let found = found.unwrap_or_default();
        Ok(S3Response::new(GetBucketNotificationConfigurationOutput {
            event_bridge_configuration: found.event_bridge_configuration,
            lambda_function_configurations: found.lambda_function_configurations,
            queue_configurations: found.queue_configurations,
            topic_configurations: found.topic_configurations,
        }))
    }

    async fn put_bucket_notification_configuration(
        &self,
        request: S3Request<PutBucketNotificationConfigurationInput>,
    ) -> S3Result<S3Response<PutBucketNotificationConfigurationOutput>> {
        self.state.set_notifications(request.input).await?;
        Ok(S3Response::new(PutBucketNotificationConfigurationOutput::default()))
    }

    async fn get_bucket_request_payment(
        &self,
        request: S3Request<GetBucketRequestPaymentInput>,
    ) -> S3Result<S3Response<GetBucketRequestPaymentOutput>> {
        let payer = Some(Payer::from_static(Payer::BUCKET_OWNER));
        self.unset(&request.input.bucket, Ok(GetBucketRequestPaymentOutput { payer })).await
    }

    async fn get_bucket_policy_status(
        &self,
        request: S3Request<GetBucketPolicyStatusInput>,
    ) -> S3Result<S3Response<GetBucketPolicyStatusOutput>> {
        self.state.get_bucket_policy(&request.input.bucket).await?;
        // Nobody without a key reads anything, whatever a policy allows.
        let policy_status = Some(PolicyStatus { is_public: Some(false) });
        Ok(S3Response::new(GetBucketPolicyStatusOutput { policy_status }))
    }

    async fn get_bucket_logging(
        &self,
        request: S3Request<GetBucketLoggingInput>,
    ) -> S3Result<S3Response<GetBucketLoggingOutput>> {
        self.unset(&request.input.bucket, Ok(GetBucketLoggingOutput::default())).await
    }

    async fn get_bucket_accelerate_configuration(
        &self,
        request: S3Request<GetBucketAccelerateConfigurationInput>,
    ) -> S3Result<S3Response<GetBucketAccelerateConfigurationOutput>> {
        self.unset(&request.input.bucket, Ok(GetBucketAccelerateConfigurationOutput::default())).await
    }

    async fn get_bucket_tagging(
        &self,
        request: S3Request<GetBucketTaggingInput>,
    ) -> S3Result<S3Response<GetBucketTaggingOutput>> {
        let found: Option<Tagging> = self.state.setting(&request.input.bucket, Setting::Tagging).await?;
        let found = found.ok_or_else(|| s3_error!(NoSuchTagSet, "The TagSet does not exist."))?;
        Ok(S3Response::new(GetBucketTaggingOutput { tag_set: found.tag_set }))
    }

    async fn get_bucket_cors(
        &self,
        request: S3Request<GetBucketCorsInput>,
    ) -> S3Result<S3Response<GetBucketCorsOutput>> {
        let found: Option<CORSConfiguration> = self.state.setting(&request.input.bucket, Setting::Cors).await?;
        let found =
            found.ok_or_else(|| s3_error!(NoSuchCORSConfiguration, "The CORS configuration does not exist."))?;
        Ok(S3Response::new(GetBucketCorsOutput { cors_rules: Some(found.cors_rules) }))
    }

    async fn get_bucket_lifecycle_configuration(
        &self,
        request: S3Request<GetBucketLifecycleConfigurationInput>,
    ) -> S3Result<S3Response<GetBucketLifecycleConfigurationOutput>> {
        let found: Option<BucketLifecycleConfiguration> =
            self.state.setting(&request.input.bucket, Setting::Lifecycle).await?;
        let found = found
            .ok_or_else(|| s3_error!(NoSuchLifecycleConfiguration, "The lifecycle configuration does not exist."))?;
        Ok(S3Response::new(GetBucketLifecycleConfigurationOutput { rules: Some(found.rules), ..Default::default() }))
    }

    async fn get_bucket_website(
        &self,
        request: S3Request<GetBucketWebsiteInput>,
    ) -> S3Result<S3Response<GetBucketWebsiteOutput>> {
        self.unset(
            &request.input.bucket,
            Err(s3_error!(NoSuchWebsiteConfiguration, "The website configuration does not exist.")),
        )
        .await
    }

    async fn get_bucket_replication(
        &self,
        request: S3Request<GetBucketReplicationInput>,
    ) -> S3Result<S3Response<GetBucketReplicationOutput>> {
        self.unset(
            &request.input.bucket,
            Err(s3_error!(ReplicationConfigurationNotFoundError, "The replication configuration does not exist.")),
        )
        .await
    }

    async fn get_bucket_ownership_controls(
        &self,
        request: S3Request<GetBucketOwnershipControlsInput>,
    ) -> S3Result<S3Response<GetBucketOwnershipControlsOutput>> {
        let found: Option<String> = self.state.setting(&request.input.bucket, Setting::Ownership).await?;
        let found = found.ok_or_else(|| {
            s3_error!(OwnershipControlsNotFoundError, "The bucket ownership controls were not found.")
        })?;
        let rules = vec![OwnershipControlsRule { object_ownership: ObjectOwnership::from(found) }];
        let ownership_controls = Some(OwnershipControls { rules });
        Ok(S3Response::new(GetBucketOwnershipControlsOutput { ownership_controls }))
    }

    async fn put_bucket_ownership_controls(
        &self,
        request: S3Request<PutBucketOwnershipControlsInput>,
    ) -> S3Result<S3Response<PutBucketOwnershipControlsOutput>> {
        self.state.set_ownership(request.input).await?;
        Ok(S3Response::new(PutBucketOwnershipControlsOutput::default()))
    }

    async fn delete_bucket_ownership_controls(
        &self,
        request: S3Request<DeleteBucketOwnershipControlsInput>,
    ) -> S3Result<S3Response<DeleteBucketOwnershipControlsOutput>> {
        self.state.set::<String>(&request.input.bucket, Setting::Ownership, None).await?;
        Ok(S3Response::new(DeleteBucketOwnershipControlsOutput::default()))
    }

    async fn get_object_lock_configuration(
        &self,
        request: S3Request<GetObjectLockConfigurationInput>,
    ) -> S3Result<S3Response<GetObjectLockConfigurationOutput>> {
        self.unset(
            &request.input.bucket,
            Err(s3_error!(ObjectLockConfigurationNotFoundError, "Object Lock is not configured.")),
        )
        .await
    }

    async fn get_bucket_encryption(
        &self,
        request: S3Request<GetBucketEncryptionInput>,
    ) -> S3Result<S3Response<GetBucketEncryptionOutput>> {
        let found: Option<ServerSideEncryptionConfiguration> =
            self.state.setting(&request.input.bucket, Setting::Encryption).await?;
        const CODE: &str = "ServerSideEncryptionConfigurationNotFoundError";
        let found = found.ok_or_else(|| absent(CODE, "The encryption configuration does not exist."))?;
        Ok(S3Response::new(GetBucketEncryptionOutput { server_side_encryption_configuration: Some(found) }))
    }

    async fn get_public_access_block(
        &self,
        request: S3Request<GetPublicAccessBlockInput>,
    ) -> S3Result<S3Response<GetPublicAccessBlockOutput>> {
        let found: Option<PublicAccessBlockConfiguration> =
            self.state.setting(&request.input.bucket, Setting::PublicAccess).await?;
        let found = found.ok_or_else(|| {
            absent("NoSuchPublicAccessBlockConfiguration", "The public access block configuration does not exist.")
        })?;
        Ok(S3Response::new(GetPublicAccessBlockOutput { public_access_block_configuration: Some(found) }))
    }

    async fn put_bucket_tagging(
        &self,
        request: S3Request<PutBucketTaggingInput>,
    ) -> S3Result<S3Response<PutBucketTaggingOutput>> {
        tags::of_set(request.input.tagging.tag_set.clone(), tags::BUCKET_TAGS_MAX)?;
        let value = Some(&request.input.tagging);
        self.state.set(&request.input.bucket, Setting::Tagging, value).await?;
        Ok(S3Response::new(PutBucketTaggingOutput::default()))
    }

    async fn put_bucket_cors(
        &self,
        request: S3Request<PutBucketCorsInput>,
    ) -> S3Result<S3Response<PutBucketCorsOutput>> {
        let value = Some(&request.input.cors_configuration);
        self.state.set(&request.input.bucket, Setting::Cors, value).await?;
        Ok(S3Response::new(PutBucketCorsOutput::default()))
    }

    async fn put_bucket_versioning(
        &self,
        request: S3Request<PutBucketVersioningInput>,
    ) -> S3Result<S3Response<PutBucketVersioningOutput>> {
        let value = Some(&request.input.versioning_configuration);
        self.state.set(&request.input.bucket, Setting::Versioning, value).await?;
        Ok(S3Response::new(PutBucketVersioningOutput::default()))
    }

    async fn put_bucket_encryption(
        &self,
        request: S3Request<PutBucketEncryptionInput>,
    ) -> S3Result<S3Response<PutBucketEncryptionOutput>> {
        let value = Some(&request.input.server_side_encryption_configuration);
        self.state.set(&request.input.bucket, Setting::Encryption, value).await?;
        Ok(S3Response::new(PutBucketEncryptionOutput::default()))
    }

    async fn put_public_access_block(
        &self,
        request: S3Request<PutPublicAccessBlockInput>,
    ) -> S3Result<S3Response<PutPublicAccessBlockOutput>> {
        let value = Some(&request.input.public_access_block_configuration);
        self.state.set(&request.input.bucket, Setting::PublicAccess, value).await?;
        Ok(S3Response::new(PutPublicAccessBlockOutput::default()))
    }

    async fn put_bucket_lifecycle_configuration(
        &self,
        request: S3Request<PutBucketLifecycleConfigurationInput>,
    ) -> S3Result<S3Response<PutBucketLifecycleConfigurationOutput>> {
        let Some(configuration) = &request.input.lifecycle_configuration else {
            return Err(s3_error!(MalformedXML, "The body must be a LifecycleConfiguration."));
        };
        lifecycle::check(configuration)?;
        let value = Some(configuration);
        self.state.set(&request.input.bucket, Setting::Lifecycle, value).await?;
        Ok(S3Response::new(PutBucketLifecycleConfigurationOutput::default()))
    }

    async fn delete_bucket_tagging(
        &self,
        request: S3Request<DeleteBucketTaggingInput>,
    ) -> S3Result<S3Response<DeleteBucketTaggingOutput>> {
        self.state.set::<Tagging>(&request.input.bucket, Setting::Tagging, None).await?;
        Ok(S3Response::new(DeleteBucketTaggingOutput::default()))
    }

    async fn delete_bucket_cors(
        &self,
        request: S3Request<DeleteBucketCorsInput>,
    ) -> S3Result<S3Response<DeleteBucketCorsOutput>> {
        self.state.set::<CORSConfiguration>(&request.input.bucket, Setting::Cors, None).await?;
        Ok(S3Response::new(DeleteBucketCorsOutput::default()))
    }

    async fn delete_bucket_encryption(
        &self,
        request: S3Request<DeleteBucketEncryptionInput>,
    ) -> S3Result<S3Response<DeleteBucketEncryptionOutput>> {
        self.state.set::<ServerSideEncryptionConfiguration>(&request.input.bucket, Setting::Encryption, None).await?;
        Ok(S3Response::new(DeleteBucketEncryptionOutput::default()))
    }

    async fn delete_public_access_block(
        &self,
        request: S3Request<DeletePublicAccessBlockInput>,
    ) -> S3Result<S3Response<DeletePublicAccessBlockOutput>> {
        self.state.set::<PublicAccessBlockConfiguration>(&request.input.bucket, Setting::PublicAccess, None).await?;
        Ok(S3Response::new(DeletePublicAccessBlockOutput::default()))
    }

    async fn delete_bucket_lifecycle(
        &self,
        request: S3Request<DeleteBucketLifecycleInput>,
    ) -> S3Result<S3Response<DeleteBucketLifecycleOutput>> {
        self.state.set::<BucketLifecycleConfiguration>(&request.input.bucket, Setting::Lifecycle, None).await?;
        Ok(S3Response::new(DeleteBucketLifecycleOutput::default()))
    }
}
