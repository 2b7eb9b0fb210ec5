//! The rights that requests need: the action and the resource of each, by the names that policies have for them, put to
//! whoever decides.
//!
//! The one who decides comes with each request, in its extensions; an endpoint that is served without one takes every signature for
//! the right to everything.

use http::HeaderMap;
use s3s::access::{S3Access, S3AccessContext};
use s3s::dto::{CopyObjectInput, CopySource, UploadPartCopyInput};
use s3s::path::S3Path;
use s3s::{S3Error, S3Request, S3Result, s3_error};
use tastemaker_wire::authorizer::{Permission, RequestAuthorizer};
use tastemaker_wire::sigv4::Identity;

use crate::auth::slow_down;

/// The verified caller of a request with the one who decides.
#[derive(Clone)]
pub(crate) struct Authorization {
    authorizer: RequestAuthorizer,
    caller: Identity,
}

impl Authorization {
    /// Takes a request in whose signature holds.
    pub(crate) fn open(authorizer: Option<&RequestAuthorizer>, caller: &Identity) -> S3Result<Option<Self>> {
        let Some(authorizer) = authorizer else { return Ok(None) };
        authorizer.0.admit(caller).map_err(too_many)?;
        Ok(Some(Self { authorizer: authorizer.clone(), caller: caller.clone() }))
    }

    pub(crate) fn require(&self, permission: &Permission) -> S3Result<()> {
        let allowed = self.authorizer.0.allows(&self.caller, permission);
        allowed.map_err(|sentence| s3_error!(AccessDenied, "{}", sentence))
    }
}

/// The refusal of a key's request beyond its limit.
fn too_many(retry_after_s: u64) -> S3Error {
    let mut error = slow_down();
    error.set_message("Please reduce your request rate: this access key has sent as many requests as it may.");
    let mut headers = HeaderMap::new();
    headers.insert(http::header::RETRY_AFTER, retry_after_s.into());
    error.set_headers(headers);
    error
}

/// Rights on one object.
pub(crate) fn of_object(action: &str, bucket: &str, key: &str) -> Permission {
    Permission { action: action.to_owned(), resource: format!("arn:aws:s3:::{bucket}/{key}"), facts: Vec::new() }
}

/// Whether the caller may delete one of several keys.
pub(crate) fn may_delete(
    authorization: Option<&Authorization>,
    bucket: &str,
    key: &str,
    version_id: Option<&str>,
) -> S3Result<()> {
    let Some(authorization) = authorization else { return Ok(()) };
    let action = if version_id.is_some() { "s3:DeleteObjectVersion" } else { "s3:DeleteObject" };
    authorization.require(&of_object(action, bucket, key))
}

/// The check of every operation before its input is read.
pub(crate) struct Access;

#[async_trait::async_trait]
impl S3Access for Access {
    async fn check(&self, context: &mut S3AccessContext<'_>) -> S3Result<()> {
        let Some(authorization) = context.extensions_mut().get::<Authorization>().cloned() else { return Ok(()) };
        let resource = match context.s3_path() {
            S3Path::Root => "arn:aws:s3:::*".to_owned(),
            S3Path::Bucket { bucket } => format!("arn:aws:s3:::{bucket}"),
            S3Path::Object { bucket, key } => format!("arn:aws:s3:::{bucket}/{key}"),
        };
        let operation = context.s3_op().name();
        // The keys are in the document; each is judged by itself when that has been read.
        if operation == "DeleteObjects" {
            return Ok(());
        }
        let facts = facts(context.uri().query().unwrap_or_default(), context.headers());
        let versioned = facts.iter().any(|(key, _)| key == VERSION_KEY);
        for action in actions(operation, versioned, context.headers()) {
            let permission = Permission { action, resource: resource.clone(), facts: facts.clone() };
            authorization.require(&permission)?;
        }
        Ok(())
    }

    async fn copy_object(&self, request: &mut S3Request<CopyObjectInput>) -> S3Result<()> {
        may_read(request.extensions.get::<Authorization>(), &request.input.copy_source)
    }

    async fn upload_part_copy(&self, request: &mut S3Request<UploadPartCopyInput>) -> S3Result<()> {
        may_read(request.extensions.get::<Authorization>(), &request.input.copy_source)
    }
}

/// A copy reads its source as well.
fn may_read(authorization: Option<&Authorization>, source: &CopySource) -> S3Result<()> {
    let Some(authorization) = authorization else { return Ok(()) };
    match source {
        CopySource::Bucket { bucket, key, .. } => authorization.require(&of_object("s3:GetObject", bucket, key)),
        // There are none here, and nobody has a right to them.
        _ => Err(s3_error!(NotImplemented, "The source of a copy is named by bucket and key.")),
    }
}

/// Operations whose rights have another name, or are several.
const ACTIONS: &[(&str, &[&str])] = &[
    ("CompleteMultipartUpload", &["PutObject"]),
    ("CopyObject", &["PutObject"]),
    ("CreateMultipartUpload", &["PutObject"]),
    ("DeleteBucketAnalyticsConfiguration", &["PutAnalyticsConfiguration"]),
    ("DeleteBucketCors", &["PutBucketCORS"]),
    ("DeleteBucketEncryption", &["PutEncryptionConfiguration"]),
    ("DeleteBucketIntelligentTieringConfiguration", &["PutIntelligentTieringConfiguration"]),
    ("DeleteBucketInventoryConfiguration", &["PutInventoryConfiguration"]),
    ("DeleteBucketLifecycle", &["PutLifecycleConfiguration"]),
    ("DeleteBucketMetricsConfiguration", &["PutMetricsConfiguration"]),
    ("DeleteBucketOwnershipControls", &["PutBucketOwnershipControls"]),
    ("DeleteBucketReplication", &["PutReplicationConfiguration"]),
    ("DeleteBucketTagging", &["PutBucketTagging"]),
    ("DeletePublicAccessBlock", &["PutBucketPublicAccessBlock"]),
    ("GetBucketAccelerateConfiguration", &["GetAccelerateConfiguration"]),
    ("GetBucketAnalyticsConfiguration", &["GetAnalyticsConfiguration"]),
    ("GetBucketCors", &["GetBucketCORS"]),
    ("GetBucketEncryption", &["GetEncryptionConfiguration"]),
    ("GetBucketIntelligentTieringConfiguration", &["GetIntelligentTieringConfiguration"]),
    ("GetBucketInventoryConfiguration", &["GetInventoryConfiguration"]),
    ("GetBucketLifecycle", &["GetLifecycleConfiguration"]),
    ("GetBucketLifecycleConfiguration", &["GetLifecycleConfiguration"]),
    ("GetBucketMetricsConfiguration", &["GetMetricsConfiguration"]),
    ("GetBucketNotificationConfiguration", &["GetBucketNotification"]),
    ("GetBucketReplication", &["GetReplicationConfiguration"]),
    ("GetObjectAttributes", &["GetObject", "GetObjectAttributes"]),
    ("GetObjectLockConfiguration", &["GetBucketObjectLockConfiguration"]),
    ("GetPublicAccessBlock", &["GetBucketPublicAccessBlock"]),
    ("HeadBucket", &["ListBucket"]),
    ("HeadObject", &["GetObject"]),
    ("ListBuckets", &["ListAllMyBuckets"]),
    ("ListMultipartUploads", &["ListBucketMultipartUploads"]),
    ("ListObjectVersions", &["ListBucketVersions"]),
    ("ListObjects", &["ListBucket"]),
    ("ListObjectsV2", &["ListBucket"]),
    ("ListParts", &["ListMultipartUploadParts"]),
    ("PutBucketAccelerateConfiguration", &["PutAccelerateConfiguration"]),
    ("PutBucketAnalyticsConfiguration", &["PutAnalyticsConfiguration"]),
    ("PutBucketCors", &["PutBucketCORS"]),
    ("PutBucketEncryption", &["PutEncryptionConfiguration"]),
    ("PutBucketIntelligentTieringConfiguration", &["PutIntelligentTieringConfiguration"]),
    ("PutBucketInventoryConfiguration", &["PutInventoryConfiguration"]),
    ("PutBucketLifecycle", &["PutLifecycleConfiguration"]),
    ("PutBucketLifecycleConfiguration", &["PutLifecycleConfiguration"]),
    ("PutBucketMetricsConfiguration", &["PutMetricsConfiguration"]),
    ("PutBucketNotificationConfiguration", &["PutBucketNotification"]),
    ("PutBucketReplication", &["PutReplicationConfiguration"]),
    ("PutObjectLockConfiguration", &["PutBucketObjectLockConfiguration"]),
    ("PutPublicAccessBlock", &["PutBucketPublicAccessBlock"]),
    ("SelectObjectContent", &["GetObject"]),
    ("UploadPart", &["PutObject"]),
    ("UploadPartCopy", &["PutObject"]),
];

/// Rights on an object that have another name for one of its versions.
const OF_VERSIONS: [&str; 9] = [
    "DeleteObject",
    "DeleteObjectTagging",
    "GetObject",
    "GetObjectAcl",
    "GetObjectAttributes",
    "GetObjectTagging",
    "GetObjectTorrent",
    "PutObjectAcl",
    "PutObjectTagging",
];

/// Headers of a new object that take a right of their own.
const HEADERS: [(&str, &str); 2] = [("x-amz-acl", "PutObjectAcl"), ("x-amz-tagging", "PutObjectTagging")];

/// The actions that an operation is, by the name that the protocol crate has for it. Most have the operation's name.
fn actions(operation: &str, versioned: bool, headers: &HeaderMap) -> Vec<String> {
    let named = ACTIONS.iter().find(|(known, _)| *known == operation).map(|(_, actions)| *actions);
    let one = [operation];
    let mut actions: Vec<String> = named.unwrap_or(&one).iter().map(|action| (*action).to_owned()).collect();
    if versioned {
        for action in &mut actions {
            if OF_VERSIONS.contains(&action.as_str()) {
                *action = action.replacen("Object", "ObjectVersion", 1);
            }
        }
    }
    if ["PutObject", "CopyObject", "CreateMultipartUpload"].contains(&operation) {
        let given = HEADERS.iter().filter(|(header, _)| headers.contains_key(*header));
        actions.extend(given.map(|(_, action)| (*action).to_owned()));
    }
    actions.iter().map(|action| format!("s3:{action}")).collect()
}

const VERSION_KEY: &str = "s3:versionid";

/// Parameters of lists and of versions that conditions ask for, and all headers of S3's own.
fn facts(query: &str, headers: &HeaderMap) -> Vec<(String, String)> {
    let mut facts = Vec::new();
    for (name, value) in form_urlencoded::parse(query.as_bytes()) {
        match name.as_ref() {
            "prefix" | "delimiter" | "max-keys" => facts.push((format!("s3:{name}"), value.into_owned())),
            "versionId" => facts.push((VERSION_KEY.to_owned(), value.into_owned())),
            _ => {}
        }
    }
    let own = headers.iter().filter(|(name, _)| name.as_str().starts_with("x-amz-"));
    facts.extend(own.filter_map(|(name, value)| Some((format!("s3:{name}"), value.to_str().ok()?.to_owned()))));
    facts
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(operation: &str, versioned: bool, header: Option<&'static str>) -> String {
        let mut headers = HeaderMap::new();
        if let Some(header) = header {
            headers.insert(header, http::HeaderValue::from_static("x"));
        }
        actions(operation, versioned, &headers).join(" ")
    }

    #[test]
    fn operations_are_actions_of_policies() {
        for (operation, versioned, header, expected) in [
            ("GetObject", false, None, "s3:GetObject"),
            ("GetObject", true, None, "s3:GetObjectVersion"),
            ("HeadObject", true, None, "s3:GetObjectVersion"),
            ("DeleteObjectTagging", true, None, "s3:DeleteObjectVersionTagging"),
            ("ListObjectsV2", false, None, "s3:ListBucket"),
            ("PutObject", false, None, "s3:PutObject"),
            ("PutObject", false, Some("x-amz-tagging"), "s3:PutObject s3:PutObjectTagging"),
            ("CreateMultipartUpload", false, Some("x-amz-acl"), "s3:PutObject s3:PutObjectAcl"),
            ("GetObjectAttributes", false, None, "s3:GetObject s3:GetObjectAttributes"),
            ("CreateBucket", false, None, "s3:CreateBucket"),
            ("SomethingNew", false, None, "s3:SomethingNew"),
        ] {
            assert_eq!(of(operation, versioned, header), expected, "{operation}");
        }
        assert!(ACTIONS.is_sorted_by(|a, b| a.0 < b.0));
    }

    #[test]
    fn lists_and_headers_are_facts() {
        let mut headers = HeaderMap::new();
        headers.insert("x-amz-acl", http::HeaderValue::from_static("private"));
        headers.insert("range", http::HeaderValue::from_static("bytes=0-1"));
        let found = facts("list-type=2&prefix=a%2F&max-keys=5&versionId=v", &headers);
        let pair = |key: &str, value: &str| (key.to_owned(), value.to_owned());
        let expected = [
            pair("s3:prefix", "a/"),
            pair("s3:max-keys", "5"),
            pair(VERSION_KEY, "v"),
            pair("s3:x-amz-acl", "private"),
        ];
        assert_eq!(found, expected);
    }
}
