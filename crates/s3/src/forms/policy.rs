//! Policies of forms: which fields and files their signer allows.

use std::ops::RangeInclusive;
use std::time::SystemTime;

use s3s::post_policy::{PostPolicy, PostPolicyCondition};
use s3s::{S3Result, s3_error};
use tastemaker_wire::sigv4::{Identity, SignedPolicy, TOKEN_HEADER, verify_policy};

use super::reader::Fields;
use crate::errors::refusal;
use crate::limits::BODY_BYTES_MAX;
use crate::secrets::SecretLookup;
use crate::sigv2::{self, Presented};

/// Fields that carry the signature, and so cannot be conditions of what it covers.
const FREE_FIELDS: [&str; 5] = ["awsaccesskeyid", "policy", "signature", "submit", "x-amz-signature"];

/// Verifies that the form's policy is signed by somebody known, still holds, and allows the fields. Returns the signer and
/// the lengths that the file may have.
pub(crate) fn check(
    fields: &Fields,
    bucket: &str,
    lookup: &SecretLookup,
    now: SystemTime,
) -> S3Result<(Identity, RangeInclusive<u64>)> {
    let Some(text) = fields.get("policy") else {
        return Err(s3_error!(AccessDenied, "A form needs a signed policy."));
    };
    let signer = check_signature(fields, text, lookup, now)?;
    let policy =
        PostPolicy::from_base64(text).map_err(|error| s3_error!(InvalidPolicyDocument, "Invalid Policy: {error}."))?;
    let end = time::OffsetDateTime::from(policy.expiration.clone());
    sigv2::check_end(end.into(), now)?;
    let mut lengths = 0..=BODY_BYTES_MAX;
    for condition in &policy.conditions {
        match condition {
            PostPolicyCondition::ContentLengthRange { min, max } => {
                lengths = (*min).max(*lengths.start())..=(*max).min(*lengths.end());
            }
            PostPolicyCondition::Eq { field, value } if found(fields, bucket, field) != Some(value) => {
                return Err(failed("eq", field, value));
            }
            PostPolicyCondition::StartsWith { field, prefix }
                if !found(fields, bucket, field).unwrap_or_default().starts_with(prefix) =>
            {
                return Err(failed("starts-with", field, prefix));
            }
            PostPolicyCondition::Eq { .. } | PostPolicyCondition::StartsWith { .. } => {}
        }
    }
    if fields.get("bucket").is_some_and(|named| named != bucket) {
        return Err(s3_error!(AccessDenied, "The field \"bucket\" is not the bucket that the request names."));
    }
    for (name, _) in fields.iter() {
        if !FREE_FIELDS.contains(&name) && !name.starts_with("x-ignore-") && !is_condition(&policy, name) {
            return Err(s3_error!(AccessDenied, "Invalid according to Policy: Extra input fields: {name}."));
        }
    }
    Ok((signer, lengths))
}

fn check_signature(fields: &Fields, policy: &str, lookup: &SecretLookup, now: SystemTime) -> S3Result<Identity> {
    let field = |name: &'static str| {
        fields.get(name).ok_or_else(|| s3_error!(AccessDenied, "A form that is signed needs the field \"{name}\"."))
    };
    if fields.get("x-amz-signature").is_none() && fields.get("signature").is_some() {
        let key = Presented { key: field("awsaccesskeyid")?, token: fields.get(TOKEN_HEADER), now };
        return sigv2::verify_policy(lookup, &key, policy, field("signature")?);
    }
    let form = SignedPolicy {
        policy,
        algorithm: field("x-amz-algorithm")?,
        credential: field("x-amz-credential")?,
        date: field("x-amz-date")?,
        signature: field("x-amz-signature")?,
        token: fields.get(TOKEN_HEADER),
    };
    verify_policy(&form, |key| lookup(key), now).map_err(|error| refusal(error, false))
}

/// The value that a condition is about; the bucket is the one that the request names.
fn found<'f>(fields: &'f Fields, bucket: &'f str, field: &str) -> Option<&'f str> {
    if field == "bucket" { Some(bucket) } else { fields.get(field) }
}

fn failed(kind: &str, field: &str, value: &str) -> s3s::S3Error {
    s3_error!(
        AccessDenied,
        "Invalid according to Policy: Policy Condition failed: [\"{kind}\", \"${field}\", \"{value}\"]."
    )
}

fn is_condition(policy: &PostPolicy, name: &str) -> bool {
    policy.conditions.iter().any(|condition| match condition {
        PostPolicyCondition::Eq { field, .. } | PostPolicyCondition::StartsWith { field, .. } => field == name,
        PostPolicyCondition::ContentLengthRange { .. } => false,
    })
}
