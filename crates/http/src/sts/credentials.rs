//! Temporary credentials as STS gives them out.

use crate::iam::{Form, IamError};
use crate::state::HttpState;
use crate::xml;
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

/// The session policy of a request, without spaces between its members.
pub fn policy(form: &Form) -> Result<Option<String>, IamError> {
    if form.get("PolicyArns.member.1.arn").is_some() {
        return Err(IamError::validation(
            "Value at 'policyArns' failed to satisfy constraint: session policies are given as a document in Policy here"
                .to_owned(),
        ));
    }
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
    /// The session policy.
    pub policy: Option<String>,
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
        policy: holder.policy,
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
