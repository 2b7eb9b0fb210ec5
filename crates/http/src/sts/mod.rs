//! The token service: who a caller is, and temporary credentials that end by themselves ([`tastemaker_wire::sigv4::Session`]).
//!
//! Credentials of a role of this account have the role's policies, those of a user and those of another account's role have the
//! rights of the key behind them; a session policy takes away from both. A role must be there and trust its caller, and a caller
//! whose rights are limited must be allowed to take it on. Tags of a session are tags of its principal; to give some takes `sts:TagSession`.

mod credentials;
mod identity_tokens;
mod roles;
mod tag_session;
mod trust;

pub use identity_tokens::IdentityProvider;
pub use roles::WEB_IDENTITY;

use crate::authenticate::parent;
use crate::authorize::user_arn;
use crate::iam::{Form, IamError};
use crate::state::HttpState;
use crate::xml;
use credentials::{DURATION_S_MIN, Holder, SessionTerms, StsResult, credentials};
use http::request::Parts;
use tag_session::may_tag;
use tastemaker_wire::sigv4::Identity;

const NAMESPACE: &str = "https://sts.amazonaws.com/doc/2011-06-15/";

/// Seconds that a user's temporary credentials hold at most, and when the caller does not say.
const USER_DURATION_S_MAX: u32 = 129_600;
const USER_DURATION_S_DEFAULT: u32 = 43_200;
/// The other action that comes without a signature. It is not built.
pub const SAML: &str = "AssumeRoleWithSAML";

/// Characters of a federated user's name.
const FEDERATED_NAME_CHARS_MAX: usize = 32;

/// Answers an action of a signed caller: the whole document, or `None` for an action that is not built.
pub async fn answer(
    state: &HttpState,
    parts: &Parts,
    caller: &Identity,
    action: &str,
    form: &Form,
    request_id: &str,
) -> Option<StsResult> {
    let content = match action {
        "GetCallerIdentity" => Ok(caller_identity(state, caller)),
        "GetSessionToken" => session_token(state, caller, form),
        "GetFederationToken" => federation_token(state, parts, caller, form),
        "GetAccessKeyInfo" => form.require("AccessKeyId").map(|_| xml::text("Account", &state.service.account)),
        "AssumeRole" => roles::assume(state, parts, caller, form).await.map(|role| role.shown()),
        WEB_IDENTITY => roles::assume_with_web_identity(state, form).await.map(|role| role.shown()),
        _ => return None,
    };
    Some(content.map(|content| document(action, &content, request_id)))
}

/// The right that an action takes, and the resource; AssumeRole asks by itself, and some actions everybody may do.
pub fn right(state: &HttpState, action: &str, form: &Form) -> Option<(&'static str, String)> {
    match action {
        "GetFederationToken" => {
            let name = form.get("Name").unwrap_or_default();
            Some(("sts:GetFederationToken", format!("arn:aws:sts::{}:federated-user/{name}", state.service.account)))
        }
        "GetAccessKeyInfo" => Some(("sts:GetAccessKeyInfo", "*".to_owned())),
        _ => None,
    }
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

fn caller_identity(state: &HttpState, caller: &Identity) -> String {
    let account = xml::text("Account", &state.service.account);
    xml::text("Arn", &user_arn(state, caller)) + &xml::text("UserId", &user_id(state, caller)) + &account
}

/// The unique id of a caller: the key itself for the server's own.
fn user_id(state: &HttpState, caller: &Identity) -> String {
    match &caller.session {
        Some(session) => session.user_id.clone(),
        None => match state.identities.directory().keys.get(&caller.access_key) {
            Some(known) => known.user.id.clone(),
            None => caller.access_key.clone(),
        },
    }
}

fn session_token(state: &HttpState, caller: &Identity, form: &Form) -> StsResult {
    refuse_session(caller, "GetSessionToken")?;
    let duration_s = user_duration(form)?;
    let holder =
        Holder { arn: user_arn(state, caller), user_id: user_id(state, caller), terms: SessionTerms::default() };
    credentials(state, parent(caller), holder, duration_s)
}

fn federation_token(state: &HttpState, parts: &Parts, caller: &Identity, form: &Form) -> StsResult {
    refuse_session(caller, "GetFederationToken")?;
    let name = form.name("Name", FEDERATED_NAME_CHARS_MAX)?;
    let terms = SessionTerms::read(&state.identities, form)?;
    let account = &state.service.account;
    let arn = format!("arn:aws:sts::{account}:federated-user/{name}");
    may_tag(state, parts, caller, &arn, &terms)?;
    let duration_s = user_duration(form)?;
    let holder = Holder { arn, user_id: format!("{account}:{name}"), terms };
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
