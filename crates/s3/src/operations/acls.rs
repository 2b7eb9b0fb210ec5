//! Access control lists of objects and buckets: kept and shown, never enforced. Whoever has a key may do everything, and
//! nobody else anything, whatever a list grants.

use s3s::dto::*;
use s3s::{S3Result, s3_error};
use tastemaker_store::objects::{ObjectRecord, StoredGrant};

use super::owner::owner;
use super::settings::Setting;
use crate::state::State;

const ALL_USERS: &str = "http://acs.amazonaws.com/groups/global/AllUsers";
const AUTHENTICATED_USERS: &str = "http://acs.amazonaws.com/groups/global/AuthenticatedUsers";
const LOG_DELIVERY: &str = "http://acs.amazonaws.com/groups/s3/LogDelivery";

/// Grants that a list may have: S3's limit.
const GRANTS_MAX: usize = 100;

/// The list that a request asks for.
#[derive(Default)]
pub(crate) struct Wanted {
    /// The name of a ready-made list.
    pub(crate) canned: Option<String>,
    /// Permissions with the grantees that a header gives them to.
    pub(crate) headers: Vec<(&'static str, Option<String>)>,
    /// The list of a document.
    pub(crate) document: Option<AccessControlPolicy>,
}

/// Gathers what an input says of its list; the inputs all name it alike.
macro_rules! wanted_acl {
    ($input:expr) => {
        $crate::operations::acls::Wanted {
            canned: $input.acl.take().map(|acl| acl.as_str().to_owned()),
            headers: vec![
                (Permission::FULL_CONTROL, $input.grant_full_control.take()),
                (Permission::READ, $input.grant_read.take()),
                (Permission::READ_ACP, $input.grant_read_acp.take()),
                (Permission::WRITE_ACP, $input.grant_write_acp.take()),
            ],
            document: None,
        }
    };
}
pub(crate) use wanted_acl;

impl Wanted {
    /// The grants; `None` is the owner's full control, which everything has unless it is said otherwise.
    pub(crate) fn grants(self) -> S3Result<Option<Vec<StoredGrant>>> {
        let headers: Vec<(&str, String)> =
            self.headers.into_iter().filter_map(|(permission, grantees)| Some((permission, grantees?))).collect();
        let given = usize::from(self.canned.is_some())
            + usize::from(!headers.is_empty())
            + usize::from(self.document.is_some());
        if given > 1 {
            return Err(s3_error!(
                InvalidRequest,
                "Specifying both Canned ACLs and Header Grants, or either with a document, is not allowed."
            ));
        }
        if let Some(name) = self.canned {
            return canned(&name);
        }
        if let Some(document) = self.document {
            return of_document(document).map(Some);
        }
        let mut grants = Vec::new();
        for (permission, grantees) in &headers {
            for grantee in grantees.split(',') {
                grants.push(of_header(permission, grantee)?);
            }
        }
        Ok((!grants.is_empty()).then_some(grants))
    }

    fn is_given(&self) -> bool {
        self.canned.is_some() || self.document.is_some() || self.headers.iter().any(|(_, grantees)| grantees.is_some())
    }
}

fn canned(name: &str) -> S3Result<Option<Vec<StoredGrant>>> {
    let groups: &[(&str, &str)] = match name {
        "private" | "bucket-owner-read" | "bucket-owner-full-control" | "aws-exec-read" => return Ok(None),
        "public-read" => &[(ALL_USERS, Permission::READ)],
        "public-read-write" => &[(ALL_USERS, Permission::READ), (ALL_USERS, Permission::WRITE)],
        "authenticated-read" => &[(AUTHENTICATED_USERS, Permission::READ)],
        "log-delivery-write" => &[(LOG_DELIVERY, Permission::WRITE), (LOG_DELIVERY, Permission::READ_ACP)],
        other => return Err(s3_error!(InvalidArgument, "There is no canned ACL {other:?}.")),
    };
    let mut grants = vec![grant("id", &owner().id.unwrap_or_default(), Permission::FULL_CONTROL)];
    grants.extend(groups.iter().map(|(group, permission)| grant("uri", group, permission)));
    Ok(Some(grants))
}

fn grant(kind: &str, grantee: &str, permission: &str) -> StoredGrant {
    StoredGrant { kind: kind.to_owned(), grantee: grantee.to_owned(), permission: permission.to_owned() }
}

/// One grantee of a header: `id="..."`, `uri="..."` or `emailAddress="..."`.
fn of_header(permission: &str, grantee: &str) -> S3Result<StoredGrant> {
    let (kind, name) = grantee.trim().split_once('=').unwrap_or_default();
    let name = name.trim().trim_matches('"');
    let kind = ["id", "uri", "emailAddress"].into_iter().find(|known| known.eq_ignore_ascii_case(kind.trim()));
    match kind {
        Some(kind) if !name.is_empty() => Ok(grant(kind, name, permission)),
        _ => Err(s3_error!(
            InvalidArgument,
            "Argument format not recognized: a grantee is id=\"...\", uri=\"...\" or emailAddress=\"...\", not {grantee:?}."
        )),
    }
}

fn of_document(document: AccessControlPolicy) -> S3Result<Vec<StoredGrant>> {
    let malformed = |why: &str| s3_error!(MalformedACLError, "The ACL that you provided is not valid: {why}.");
    let grants = document.grants.unwrap_or_default();
    if grants.len() > GRANTS_MAX {
        return Err(malformed("it has more than 100 grants"));
    }
    let permissions =
        [Permission::FULL_CONTROL, Permission::READ, Permission::READ_ACP, Permission::WRITE, Permission::WRITE_ACP];
    let stored = |found: Grant| {
        let permission = found.permission.map(|permission| permission.as_str().to_owned()).unwrap_or_default();
        if !permissions.contains(&permission.as_str()) {
            return Err(malformed(&format!("there is no permission {permission:?}")));
        }
        let Grantee { id, uri, email_address, .. } =
            found.grantee.ok_or_else(|| malformed("a grant has no grantee"))?;
        match (id, uri, email_address) {
            (Some(id), None, None) => Ok(grant("id", &id, &permission)),
            (None, Some(uri), None) => Ok(grant("uri", &uri, &permission)),
            (None, None, Some(email)) => Ok(grant("emailAddress", &email, &permission)),
            _ => Err(malformed("a grantee has one of ID, URI and EmailAddress")),
        }
    };
    grants.into_iter().map(stored).collect()
}

/// A list as documents have it.
fn told(grants: Option<Vec<StoredGrant>>) -> Vec<Grant> {
    let own = || vec![grant("id", &owner().id.unwrap_or_default(), Permission::FULL_CONTROL)];
    let told = |stored: StoredGrant| {
        let StoredGrant { kind, grantee, permission } = stored;
        let type_ = match kind.as_str() {
            "id" => Type::CANONICAL_USER,
            "uri" => Type::GROUP,
            _ => Type::AMAZON_CUSTOMER_BY_EMAIL,
        };
        let is = |wanted: &str| (kind == wanted).then(|| grantee.clone());
        let grantee = Grantee {
            display_name: is("id"),
            id: is("id"),
            uri: is("uri"),
            email_address: is("emailAddress"),
            type_: Type::from_static(type_),
        };
        Grant { grantee: Some(grantee), permission: Some(Permission::from(permission)) }
    };
    grants.unwrap_or_else(own).into_iter().map(told).collect()
}

fn missing() -> s3s::S3Error {
    s3_error!(MissingSecurityHeader, "Your request was missing a required header: x-amz-acl, a grant, or a document.")
}

impl State {
    pub(crate) async fn get_object_acl(&self, input: GetObjectAclInput) -> S3Result<GetObjectAclOutput> {
        let object = self.version(&input.bucket, &input.key, input.version_id.as_deref()).await?;
        Ok(GetObjectAclOutput { grants: Some(told(object.grants)), owner: Some(owner()), request_charged: None })
    }

    pub(crate) async fn put_object_acl(&self, mut input: PutObjectAclInput) -> S3Result<PutObjectAclOutput> {
        let mut wanted = wanted_acl!(input);
        wanted.headers.push((Permission::WRITE, input.grant_write.take()));
        wanted.document = input.access_control_policy.take();
        if !wanted.is_given() {
            return Err(missing());
        }
        let grants = wanted.grants()?;
        let set = |object: &mut ObjectRecord| object.grants.clone_from(&grants);
        self.amend(&input.bucket, &input.key, input.version_id.as_deref(), set).await?;
        Ok(PutObjectAclOutput::default())
    }

    pub(crate) async fn get_bucket_acl(&self, input: GetBucketAclInput) -> S3Result<GetBucketAclOutput> {
        let grants: Option<Vec<StoredGrant>> = self.setting(&input.bucket, Setting::Acl).await?;
        Ok(GetBucketAclOutput { grants: Some(told(grants)), owner: Some(owner()) })
    }

    pub(crate) async fn put_bucket_acl(&self, mut input: PutBucketAclInput) -> S3Result<PutBucketAclOutput> {
        let mut wanted = wanted_acl!(input);
        wanted.headers.push((Permission::WRITE, input.grant_write.take()));
        wanted.document = input.access_control_policy.take();
        if !wanted.is_given() {
            return Err(missing());
        }
        self.set(&input.bucket, Setting::Acl, wanted.grants()?.as_ref()).await?;
        Ok(PutBucketAclOutput::default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn grants(canned: Option<&str>, read: Option<&str>) -> String {
        let headers = vec![(Permission::READ, read.map(str::to_owned))];
        let wanted = Wanted { canned: canned.map(str::to_owned), headers, document: None };
        match wanted.grants() {
            Ok(None) => "private".to_owned(),
            Ok(Some(grants)) => {
                let told = grants.iter().map(|g| format!("{} {} {}", g.permission, g.kind, g.grantee));
                told.collect::<Vec<_>>().join(", ")
            }
            Err(error) => error.code().as_str().to_owned(),
        }
    }

    #[test]
    fn lists_by_name_and_by_header() {
        assert_eq!(grants(None, None), "private");
        assert_eq!(grants(Some("private"), None), "private");
        assert_eq!(grants(Some("public-read"), None), format!("FULL_CONTROL id tastemaker, READ uri {ALL_USERS}"));
        assert_eq!(grants(Some("everybody"), None), "InvalidArgument");
        assert_eq!(grants(Some("private"), Some("id=\"a\"")), "InvalidRequest");
        assert_eq!(grants(None, Some("id=\"a\", emailaddress=b@c")), "READ id a, READ emailAddress b@c");
        assert_eq!(grants(None, Some("a")), "InvalidArgument");
        assert_eq!(grants(None, Some("id=")), "InvalidArgument");
    }
}
