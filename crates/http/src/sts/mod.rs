//! The token service: who a caller is, and temporary credentials that end by themselves ([`tastemaker_wire::sigv4::Session`]).
//!
//! Whoever has a key may do everything, and so does whoever has temporary credentials of it: roles, session policies and
//! tags grant and restrict nothing. What is checked is what AWS's clients rely on: that a role of this account is there and
//! trusts its caller, that durations keep AWS's limits, and that credentials end.

mod identity_tokens;
mod roles;
mod trust;

pub use identity_tokens::IdentityProvider;

use crate::iam::{Form, IamError};
use crate::state::{Credentials, HttpState};
use crate::xml;
use roles::AssumedRole;
use tastemaker_domain::resource::TimeMs;
use tastemaker_wire::sigv4::{Identity, Session, TEMPORARY_PREFIX};
use uuid::Uuid;

const NAMESPACE: &str = "https://sts.amazonaws.com/doc/2011-06-15/";

/// The action that needs no signature, because its token proves who asks.
pub const WEB_IDENTITY: &str = "AssumeRoleWithWebIdentity";

/// Seconds that temporary credentials hold at least.
const DURATION_S_MIN: u32 = 900;
/// Seconds that a user's temporary credentials hold at most, and when the caller does not say.
const USER_DURATION_S_MAX: u32 = 129_600;
const USER_DURATION_S_DEFAULT: u32 = 43_200;
/// Characters of a federated user's name.
const FEDERATED_NAME_CHARS_MAX: usize = 32;

type StsResult = Result<String, IamError>;

/// Answers an action of a signed caller: the whole document, or `None` for an action that is not built.
pub async fn answer(
    state: &HttpState,
    caller: &Identity,
    action: &str,
    form: &Form,
    request_id: &str,
) -> Option<StsResult> {
    let content = match action {
        "GetCallerIdentity" => Ok(caller_identity(state, caller)),
        "GetSessionToken" => session_token(state, caller, form),
        "GetFederationToken" => federation_token(state, caller, form),
        "GetAccessKeyInfo" => form.require("AccessKeyId").map(|_| xml::text("Account", &state.service.account)),
        "AssumeRole" => roles::assume(state, caller, form).await.map(|role| role.shown()),
        WEB_IDENTITY => roles::assume_with_web_identity(state, form).await.map(|role| role.shown()),
        _ => return None,
    };
    Some(content.map(|content| document(action, &content, request_id)))
}

/// Answers [`WEB_IDENTITY`] for a caller without a signature.
pub async fn answer_unsigned(state: &HttpState, form: &Form, request_id: &str) -> StsResult {
    let role = roles::assume_with_web_identity(state, form).await?;
    Ok(document(WEB_IDENTITY, &role.shown(), request_id))
}

fn document(action: &str, content: &str, request_id: &str) -> String {
    format!(
        "<{action}Response xmlns=\"{NAMESPACE}\"><{action}Result>{content}</{action}Result><ResponseMetadata>\
         <RequestId>{request_id}</RequestId></ResponseMetadata></{action}Response>"
    )
}

/// The ARN of a caller, as policies name it.
fn arn(state: &HttpState, caller: &Identity) -> String {
    match &caller.session {
        Some(session) => session.arn.clone(),
        None => format!("arn:aws:iam::{}:user/tastemaker", state.service.account),
    }
}

fn caller_identity(state: &HttpState, caller: &Identity) -> String {
    let user_id = caller.session.as_ref().map_or(&caller.access_key, |session| &session.user_id);
    let account = xml::text("Account", &state.service.account);
    xml::text("Arn", &arn(state, caller)) + &xml::text("UserId", user_id) + &account
}

fn session_token(state: &HttpState, caller: &Identity, form: &Form) -> StsResult {
    refuse_session(caller, "GetSessionToken")?;
    let duration_s = user_duration(form)?;
    let holder = Holder { arn: arn(state, caller), user_id: caller.access_key.clone() };
    credentials(state, parent(caller), holder, duration_s)
}

fn federation_token(state: &HttpState, caller: &Identity, form: &Form) -> StsResult {
    refuse_session(caller, "GetFederationToken")?;
    let name = form.name("Name", FEDERATED_NAME_CHARS_MAX)?;
    policy(form)?;
    let duration_s = user_duration(form)?;
    let account = &state.service.account;
    let holder =
        Holder { arn: format!("arn:aws:sts::{account}:federated-user/{name}"), user_id: format!("{account}:{name}") };
    let user = xml::text("Arn", &holder.arn) + &xml::text("FederatedUserId", &holder.user_id);
    Ok(credentials(state, parent(caller), holder, duration_s)? + &xml::element("FederatedUser", &user))
}

fn user_duration(form: &Form) -> Result<u32, IamError> {
    let duration_s = form.number("DurationSeconds", DURATION_S_MIN..=USER_DURATION_S_MAX)?;
    Ok(duration_s.unwrap_or(USER_DURATION_S_DEFAULT))
}

fn refuse_session(caller: &Identity, action: &str) -> Result<(), IamError> {
    if caller.session.is_none() {
        return Ok(());
    }
    Err(IamError::denied(format!("Cannot call {action} with session credentials")))
}

/// A session policy: it must be one, and restricts nothing.
fn policy(form: &Form) -> Result<(), IamError> {
    form.get("Policy").map_or(Ok(()), |_| form.document("Policy").map(|_| ()))
}

/// The long-term key that stands behind a caller.
fn parent(caller: &Identity) -> &str {
    caller.session.as_ref().map_or(&caller.access_key, |session| &session.parent)
}

/// The holder of new credentials.
struct Holder {
    arn: String,
    user_id: String,
}

/// Makes temporary credentials of a long-term key: the answer's element.
fn credentials(state: &HttpState, parent: &str, holder: Holder, duration_s: u32) -> StsResult {
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

impl AssumedRole {
    fn shown(&self) -> String {
        let user = xml::text("AssumedRoleId", &self.user_id) + &xml::text("Arn", &self.arn);
        [
            self.credentials.clone(),
            xml::element("AssumedRoleUser", &user),
            xml::text("PackedPolicySize", "0"),
            xml::optional("SubjectFromWebIdentityToken", self.subject.as_deref()),
            xml::optional("Audience", self.audience.as_deref()),
            xml::optional("Provider", self.provider.as_deref()),
        ]
        .concat()
    }
}

/// The long-term key that credentials are made of when their caller has none: the server's own.
fn own_key(credentials: &Credentials) -> Result<&str, IamError> {
    credentials
        .first()
        .ok_or_else(|| IamError::denied("This server has no access key to give credentials of.".to_owned()))
}
