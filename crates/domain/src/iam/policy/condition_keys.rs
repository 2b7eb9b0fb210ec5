//! The condition keys that policies may name.
//!
//! Most of AWS's global keys are never in a request here, as those of private networks; such a key is absent, as it is at AWS in
//! a request that does not have it. A key that is no key of AWS's is refused, because it is a mistake in writing.

/// AWS's global keys, in lower case and in order.
const GLOBAL: &[&str] = &[
    "aws:calledvia",
    "aws:calledviafirst",
    "aws:calledvialast",
    "aws:currenttime",
    "aws:epochtime",
    "aws:federatedprovider",
    "aws:multifactorauthage",
    "aws:multifactorauthpresent",
    "aws:principalaccount",
    "aws:principalarn",
    "aws:principalisawsservice",
    "aws:principalorgid",
    "aws:principalorgpaths",
    "aws:principalservicename",
    "aws:principalservicenameslist",
    "aws:principaltype",
    "aws:referer",
    "aws:requestedregion",
    "aws:resourceaccount",
    "aws:resourceorgid",
    "aws:resourceorgpaths",
    "aws:securetransport",
    "aws:sourceaccount",
    "aws:sourcearn",
    "aws:sourceidentity",
    "aws:sourceip",
    "aws:sourceorgid",
    "aws:sourceorgpaths",
    "aws:sourcevpc",
    "aws:sourcevpce",
    "aws:tagkeys",
    "aws:tokenissuetime",
    "aws:useragent",
    "aws:userid",
    "aws:username",
    "aws:viaawsservice",
    "aws:vpcsourceip",
];

/// The beginnings of keys that end in the name of a tag.
const TAGS: &[&str] = &["aws:principaltag/", "aws:requesttag/", "aws:resourcetag/"];

/// Keys of the embedded S3; those of its headers begin with `s3:x-amz-`.
const S3: &[&str] = &["s3:delimiter", "s3:max-keys", "s3:prefix"];

/// Services with condition keys of their own whose requests are decided here.
const OURS: &[&str] = &["aws", "personalize", "s3"];

/// Whether a policy may name a key, which is in lower case. Keys of services that are not here are in no request.
pub fn is_known(lower_key: &str) -> bool {
    let Some((service, name)) = lower_key.split_once(':') else { return false };
    if service.is_empty() || name.is_empty() || !service.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-') {
        return false;
    }
    let is_tag = TAGS.iter().any(|prefix| lower_key.len() > prefix.len() && lower_key.starts_with(prefix));
    let is_ours =
        || GLOBAL.contains(&lower_key) || is_tag || S3.contains(&lower_key) || lower_key.starts_with("s3:x-amz-");
    if OURS.contains(&service) { is_ours() } else { true }
}

/// Whether a key asks for a tag of the resource that a request is about.
pub fn is_resource_tag(lower_key: &str) -> bool {
    lower_key.starts_with("aws:resourcetag/")
}
