//! The role that a job names: what it may read and write in the buckets of this server.
//!
//! A role that does not exist here restricts nothing: set-up scripts name roles of an account at AWS.

use crate::leased_job::LeasedJob;
use crate::stop::Stop;
use std::sync::Arc;
use tastemaker_domain::iam::policy::{Decision, Facts, Permissions, PolicyDocument, Question};
use tastemaker_domain::iam::{Policy, Role, managed_document};
use tastemaker_store::{Records, records};

/// The role of a job, where it is one of this server.
pub(crate) struct JobRole(Option<Known>);

struct Known {
    arn: String,
    permissions: Permissions,
    facts: Facts,
}

impl JobRole {
    /// The role of that ARN, with its policies as they are now.
    pub async fn load(work: &LeasedJob, arn: Option<&str>) -> Result<Self, Stop> {
        let records = &*work.ctx.stores.records;
        let Some((arn, name)) = arn.and_then(|arn| Some((arn, arn.rsplit_once('/')?.1))) else { return Ok(Self(None)) };
        let Some((_, role)) = records::load::<Role>(records, name).await?.filter(|(_, role)| role.arn == arn) else {
            return Ok(Self(None));
        };
        let mut identity: Vec<Arc<PolicyDocument>> = role.inline.values().map(|text| read(text)).collect();
        for policy in role.attached.keys() {
            identity.extend(attached(records, policy).await?);
        }
        let mut facts = Facts::at(work.ctx.now() / 1000);
        // The bytes leave no process.
        facts.add("aws:SecureTransport", "true");
        facts.add("aws:PrincipalArn", arn);
        facts.add("aws:PrincipalType", "AssumedRole");
        for (key, value) in &role.tags {
            facts.add(&format!("aws:PrincipalTag/{key}"), value.as_str());
        }
        Ok(Self(Some(Known { arn: arn.to_owned(), permissions: Permissions { identity, session: None }, facts })))
    }

    /// Refuses to list the keys of a bucket that begin in one way.
    pub fn may_list(&self, bucket: &str, prefix: &str) -> Result<(), Stop> {
        self.may("s3:ListBucket", &format!("arn:aws:s3:::{bucket}"), Some(("s3:prefix", prefix)))
    }

    /// Refuses to read an object.
    pub fn may_read(&self, bucket: &str, key: &str) -> Result<(), Stop> {
        self.may("s3:GetObject", &format!("arn:aws:s3:::{bucket}/{key}"), None)
    }

    /// Refuses to write an object.
    pub fn may_write(&self, bucket: &str, key: &str) -> Result<(), Stop> {
        self.may("s3:PutObject", &format!("arn:aws:s3:::{bucket}/{key}"), None)
    }

    fn may(&self, action: &str, resource: &str, fact: Option<(&str, &str)>) -> Result<(), Stop> {
        let Some(Known { arn, permissions, facts }) = &self.0 else { return Ok(()) };
        let mut facts = facts.clone();
        if let Some((key, value)) = fact {
            facts.add(key, value);
        }
        match permissions.decide(&Question { action, resource, facts: &facts }) {
            Decision::Allowed => Ok(()),
            Decision::Denied(denial) => Err(Stop::Failed(format!(
                "Insufficient privileges for accessing data in S3. The role {arn} is not authorized to perform: {action} on \
                 resource: {resource} {}. Add a statement that allows it to a policy of the role.",
                denial.because(action)
            ))),
        }
    }
}

/// A policy that is attached; none of AWS's own that grants nothing here.
async fn attached(records: &dyn Records, arn: &str) -> Result<Option<Arc<PolicyDocument>>, Stop> {
    if let Some((_, policy)) = records::load::<Policy>(records, arn).await? {
        return Ok(Some(read(&policy.document)));
    }
    Ok(managed_document(arn).filter(|document| *document != "{}").map(read))
}

/// A stored policy. One that cannot be read denies everything, as it does for requests.
fn read(text: &str) -> Arc<PolicyDocument> {
    Arc::new(PolicyDocument::parse_text(text).unwrap_or_else(|_| PolicyDocument::deny_all()))
}
