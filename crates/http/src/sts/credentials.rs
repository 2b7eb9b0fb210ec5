//! Temporary credentials as STS gives them out, and what stands behind a caller.

use crate::iam::{Form, IamError};
use crate::state::{Credentials, HttpState};
use crate::xml;
use tastemaker_domain::resource::TimeMs;
use tastemaker_wire::sigv4::{Identity, Session, TEMPORARY_PREFIX};
use uuid::Uuid;

/// Seconds that temporary credentials hold at least.
pub const DURATION_S_MIN: u32 = 900;

/// The content of an action's result.
pub type StsResult = Result<String, IamError>;

/// The ARN of a caller, as policies name it.
pub fn arn(state: &HttpState, caller: &Identity) -> String {
    match &caller.session {
        Some(session) => session.arn.clone(),
        None => format!("arn:aws:iam::{}:user/tastemaker", state.service.account),
    }
}

/// A session policy: it must be one, and restricts nothing.
pub fn policy(form: &Form) -> Result<(), IamError> {
    form.get("Policy").map_or(Ok(()), |_| form.permissions("Policy").map(|_| ()))
}

/// The long-term key that stands behind a caller.
pub fn parent(caller: &Identity) -> &str {
    caller.session.as_ref().map_or(&caller.access_key, |session| &session.parent)
}

/// The holder of new credentials.
pub struct Holder {
    pub arn: String,
    pub user_id: String,
}

/// Makes temporary credentials of a long-term key: the answer's element.
pub fn credentials(state: &HttpState, parent: &str, holder: Holder, duration_s: u32) -> StsResult {
    let Some(secret) = state.credentials.secret(parent) else {
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
    };
    let credentials = session.credentials(secret);
    let content = [
        xml::text("AccessKeyId", &session.access_key),
        xml::text("SecretAccessKey", &credentials.secret_key),
        xml::text("SessionToken", &credentials.token),
        xml::date("Expiration", TimeMs::from(expires_s) * 1000),
    ];
    Ok(xml::element("Credentials", &content.concat()))
}

/// The long-term key that credentials are made of when their caller has none: the server's own.
pub fn own_key(credentials: &Credentials) -> Result<&str, IamError> {
    credentials
        .first()
        .ok_or_else(|| IamError::denied("This server has no access key to give credentials of.".to_owned()))
}
