//! The token service: who a caller is, and temporary credentials that end by themselves ([`tastemaker_wire::sigv4::Session`]).
//!
//! Whoever has a key may do everything, and so does whoever has temporary credentials of it: roles, session policies and
//! tags grant and restrict nothing. What is checked is what AWS's clients rely on: that a role of this account is there and
//! trusts its caller, that durations keep AWS's limits, and that credentials end.

mod credentials;
mod identity_tokens;
mod roles;
mod trust;

pub use identity_tokens::IdentityProvider;
pub use roles::WEB_IDENTITY;

use crate::iam::{Form, IamError};
use crate::state::HttpState;
use crate::xml;
use credentials::{DURATION_S_MIN, Holder, StsResult, arn, credentials, parent, policy};
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
