//! Temporary credentials as STS gives them out.

use crate::iam::{Form, IamError};
use crate::state::HttpState;
use crate::xml;
use std::collections::{BTreeMap, BTreeSet};
use tastemaker_domain::iam::is_managed;
use tastemaker_domain::resource::TimeMs;
use tastemaker_service::iam::Identities;
use tastemaker_wire::sigv4::{Session, TEMPORARY_PREFIX};
use uuid::Uuid;

/// Seconds that temporary credentials hold at least.
pub const DURATION_S_MIN: u32 = 900;

/// The content of an action's result.
pub type StsResult = Result<String, IamError>;

/// Characters of a session policy.
const POLICY_CHARS_MAX: usize = 2_048;

/// Policies that a request may name.
const POLICY_ARNS_MAX: usize = 10;
/// Tags of a session, and characters of their keys and values.
const TAGS_MAX: usize = 50;
const TAG_KEY_CHARS_MAX: usize = 128;
const TAG_VALUE_CHARS_MAX: usize = 256;

/// What takes rights away from temporary credentials, and what conditions know of them.
#[derive(Debug, Default)]
pub struct SessionTerms {
    /// The session policy.
    pub policy: Option<String>,
    /// Policies by their ARNs.
    pub policy_arns: Vec<String>,
    /// Tags.
    pub tags: BTreeMap<String, String>,
    /// The keys of tags that go on to further roles.
    pub transitive: Vec<String>,
}

impl SessionTerms {
    /// The policies of a request.
    pub fn of_policies(identities: &Identities, form: &Form) -> Result<Self, IamError> {
        let policy_arns = members(form, "PolicyArns", ".arn");
        if policy_arns.len() > POLICY_ARNS_MAX {
            return Err(IamError::validation(format!(
                "Value at 'policyArns' failed to satisfy constraint: Member must have length less than or equal to {POLICY_ARNS_MAX}"
            )));
        }
        let directory = identities.directory();
        for arn in &policy_arns {
            if directory.policy(arn).is_none() && !is_managed(arn) {
                return Err(IamError::validation(format!(
                    "Value '{arn}' at 'policyArns' failed to satisfy constraint: this account has no such policy"
                )));
            }
        }
        Ok(Self { policy: policy(form)?, policy_arns, ..Self::default() })
    }

    /// The policies and the tags of a request.
    pub fn read(identities: &Identities, form: &Form) -> Result<Self, IamError> {
        let tags = form.tags()?;
        if tags.len() > TAGS_MAX {
            return Err(IamError::validation(format!(
                "Value at 'tags' failed to satisfy constraint: Member must have length less than or equal to {TAGS_MAX}"
            )));
        }
        let mut seen = BTreeSet::new();
        for (key, value) in &tags {
            let is_long = key.chars().count() > TAG_KEY_CHARS_MAX || value.chars().count() > TAG_VALUE_CHARS_MAX;
            let is_reserved = key.to_ascii_lowercase().starts_with("aws:");
            if key.is_empty() || is_long || is_reserved || !seen.insert(key.to_ascii_lowercase()) {
                return Err(IamError::validation(format!(
                    "Value '{key}' at 'tags' failed to satisfy constraint: a key has 1 to {TAG_KEY_CHARS_MAX} characters, does not \
                     begin with aws: and comes once in any case of letters, and a value has at most {TAG_VALUE_CHARS_MAX}"
                )));
            }
        }
        let transitive = members(form, "TransitiveTagKeys", "");
        if let Some(unknown) = transitive.iter().find(|key| !tags.contains_key(*key)) {
            return Err(IamError::validation(format!(
                "Value '{unknown}' at 'transitiveTagKeys' failed to satisfy constraint: it is the key of none of the tags"
            )));
        }
        Ok(Self { tags, transitive, ..Self::of_policies(identities, form)? })
    }

    /// Takes over what goes on from the session of a caller. A tag that goes on cannot be given anew.
    pub fn inherit(&mut self, caller: &Session) -> Result<(), IamError> {
        for key in &caller.transitive {
            if self.tags.keys().any(|given| given.eq_ignore_ascii_case(key)) {
                return Err(IamError::validation(format!(
                    "Value '{key}' at 'tags' failed to satisfy constraint: the caller's session passes this tag on, and it \
                     cannot be given anew"
                )));
            }
            if let Some(value) = caller.tags.get(key) {
                self.tags.insert(key.clone(), value.clone());
                self.transitive.push(key.clone());
            }
        }
        Ok(())
    }
}

/// `<name>.member.N<end>`, from 1.
fn members(form: &Form, name: &str, end: &str) -> Vec<String> {
    let found = (1..).map_while(|n| form.get(&format!("{name}.member.{n}{end}")));
    found.map(str::to_owned).collect()
}

/// The session policy of a request, without spaces between its members.
fn policy(form: &Form) -> Result<Option<String>, IamError> {
    if form.get("Policy").is_none() {
        return Ok(None);
    }
    let text = form.permissions("Policy")?;
    if text.chars().count() > POLICY_CHARS_MAX {
        return Err(IamError::validation(format!(
            "Value at 'policy' failed to satisfy constraint: Member must have length less than or equal to {POLICY_CHARS_MAX}"
        )));
    }
    let (_, document) = form.document("Policy")?;
    Ok(Some(serde_json::Value::Object(document).to_string()))
}

/// The holder of new credentials.
pub struct Holder {
    pub arn: String,
    pub user_id: String,
    /// Policies and tags.
    pub terms: SessionTerms,
}

/// Makes temporary credentials of a long-term key: the answer's element.
pub fn credentials(state: &HttpState, parent: &str, holder: Holder, duration_s: u32) -> StsResult {
    let Some(secret) = state.identities.secret(parent, (state.service.clock)()) else {
        return Err(IamError::denied(format!("The access key {parent} is not known any more.")));
    };
    let expires_s = state.now_s() + i64::from(duration_s);
    let id = Uuid::new_v4().simple().to_string().to_ascii_uppercase();
    let session = Session {
        access_key: format!("{TEMPORARY_PREFIX}{}", &id[..16]),
        parent: parent.to_owned(),
        arn: holder.arn,
        user_id: holder.user_id,
        expires_s,
        policy: holder.terms.policy,
        policy_arns: holder.terms.policy_arns,
        tags: holder.terms.tags,
        transitive: holder.terms.transitive,
        issued_s: Some(state.now_s()),
    };
    let credentials = session.credentials(&secret);
    let content = [
        xml::text("AccessKeyId", &session.access_key),
        xml::text("SecretAccessKey", &credentials.secret_key),
        xml::text("SessionToken", &credentials.token),
        xml::date("Expiration", TimeMs::from(expires_s) * 1000),
    ];
    Ok(xml::element("Credentials", &content.concat()))
}

/// The long-term key that credentials are made of when their caller has none: the server's own.
pub fn own_key(identities: &Identities) -> Result<&str, IamError> {
    identities
        .own_key()
        .ok_or_else(|| IamError::denied("This server has no access key to give credentials of.".to_owned()))
}
