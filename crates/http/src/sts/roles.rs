//! Taking on a role, by signature or by the token of an identity provider.

use super::credentials::{DURATION_S_MIN, Holder, SessionTerms, credentials, own_key};
use super::identity_tokens::{Rejected, verify};
use super::tag_session::{TAG_SESSION, may_tag};
use super::trust::{Request, trusts};
use crate::authenticate::parent;
use crate::authorize::{Authorization, user_arn};
use crate::iam::{Form, IamError};
use crate::state::HttpState;
use crate::xml;
use http::request::Parts;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use tastemaker_domain::Error;
use tastemaker_domain::iam::Role;
use tastemaker_domain::iam::policy::Denial;
use tastemaker_service::iam;
use tastemaker_wire::sigv4::Identity;

/// The action that needs no signature, because its token proves who asks.
pub const WEB_IDENTITY: &str = "AssumeRoleWithWebIdentity";

const ASSUME: &str = "sts:AssumeRole";

/// Seconds that a role's session holds when the caller does not say, and at most when another session asks for it.
const ROLE_DURATION_S_DEFAULT: u32 = 3_600;
/// Seconds that a role's session holds at most, whatever the role says.
const ROLE_DURATION_S_MAX: u32 = 43_200;
const SESSION_NAME_CHARS_MAX: usize = 64;
const ROLE_ARN_CHARS_MAX: usize = 2_048;

/// A role that was taken on.
pub struct AssumedRole {
    pub arn: String,
    pub user_id: String,
    /// The credentials, as the answer's element.
    pub credentials: String,
    pub subject: Option<String>,
    pub audience: Option<String>,
    pub provider: Option<String>,
}

impl AssumedRole {
    /// The role as the answer shows it.
    pub fn shown(&self) -> String {
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

/// A role as a request names it.
struct NamedRole<'f> {
    arn: &'f str,
    account: &'f str,
    name: &'f str,
    session_name: &'f str,
}

impl<'f> NamedRole<'f> {
    fn read(form: &'f Form) -> Result<Self, IamError> {
        let arn = form.require("RoleArn")?;
        let session_name = form.name("RoleSessionName", SESSION_NAME_CHARS_MAX)?;
        if session_name.len() < 2 {
            return Err(IamError::validation(format!(
                "Value '{session_name}' at 'roleSessionName' failed to satisfy constraint: Member must have length greater \
                 than or equal to 2"
            )));
        }
        let mut parts = arn.splitn(6, ':');
        let mut part = || parts.next().unwrap_or_default();
        let (prefix, partition, service, region, account, resource) = (part(), part(), part(), part(), part(), part());
        let name = resource.strip_prefix("role/").and_then(|path| path.rsplit('/').next()).unwrap_or_default();
        let is_role = prefix == "arn" && partition.starts_with("aws") && service == "iam" && region.is_empty();
        let is_account = account.len() == 12 && account.bytes().all(|b| b.is_ascii_digit());
        if !is_role || !is_account || name.is_empty() || arn.len() > ROLE_ARN_CHARS_MAX {
            let text: String = arn.chars().take(200).collect();
            return Err(IamError::validation(format!(
                "Value '{text}' at 'roleArn' failed to satisfy constraint: Member must be the ARN of a role, as \
                 arn:aws:iam::123456789012:role/name"
            )));
        }
        Ok(Self { arn, account, name, session_name })
    }

    /// The role itself when it is one of this account's; nothing is known of those of other accounts.
    async fn find(&self, state: &HttpState) -> Result<Option<Option<Role>>, IamError> {
        if self.account != state.service.account {
            return Ok(None);
        }
        match iam::role(&state.service, self.name).await {
            Ok(role) => Ok(Some(Some(role).filter(|role| role.arn == self.arn))),
            Err(Error::NotFound(_)) => Ok(Some(None)),
            Err(error) => Err(error.into()),
        }
    }

    fn holder(&self, role: Option<&Role>, terms: SessionTerms) -> Holder {
        let id = role.map_or_else(|| foreign_id(self.arn), |role| role.id.clone());
        Holder {
            arn: format!("arn:aws:sts::{}:assumed-role/{}/{}", self.account, self.name, self.session_name),
            user_id: format!("{id}:{}", self.session_name),
            terms,
        }
    }
}

/// The unique id of another account's role: the same for the same ARN.
fn foreign_id(arn: &str) -> String {
    let hash = Sha256::digest(arn.as_bytes());
    let digits: String = hash.iter().take(9).map(|byte| format!("{byte:02X}")).collect();
    format!("AROA{}", &digits[..17])
}

/// The duration of the session.
fn duration(form: &Form, role: Option<&Role>) -> Result<u32, IamError> {
    let asked = form.number("DurationSeconds", DURATION_S_MIN..=ROLE_DURATION_S_MAX)?;
    let duration_s = asked.unwrap_or(ROLE_DURATION_S_DEFAULT);
    if role.is_some_and(|role| duration_s > role.max_session_s) {
        return Err(IamError::validation(
            "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.".to_owned(),
        ));
    }
    Ok(duration_s)
}

/// Refuses a caller whose policies do not let it take on a role of this account. A role that trusts the very user, and not the
/// whole account, needs no policy beside that.
fn allowed(
    state: &HttpState,
    parts: &Parts,
    caller: &Identity,
    named: &NamedRole<'_>,
    role: &Role,
    form: &Form,
) -> Result<(), IamError> {
    let Some(authorization) = Authorization::limited(state, parts, caller) else { return Ok(()) };
    let Err(denial) = authorization.allows(ASSUME, named.arn) else { return Ok(()) };
    let facts = form.get("ExternalId").map(|id| ("sts:ExternalId".to_owned(), id.to_owned()));
    let arn = user_arn(state, caller);
    let request =
        Request { action: ASSUME, account: "", arns: &[&arn], facts: &facts.into_iter().collect::<BTreeMap<_, _>>() };
    if denial == Denial::NoIdentityPolicy && trusts(&role.trust_policy, &request) {
        return Ok(());
    }
    Err(IamError::denied(authorization.sentence(ASSUME, named.arn, denial)))
}

pub async fn assume(state: &HttpState, parts: &Parts, caller: &Identity, form: &Form) -> Result<AssumedRole, IamError> {
    let named = NamedRole::read(form)?;
    let mut terms = SessionTerms::read(&state.identities, form)?;
    may_tag(state, parts, caller, named.arn, &terms)?;
    let role = named.find(state).await?;
    let arn = user_arn(state, caller);
    let denied = |why: &str| {
        IamError::denied(format!(
            "User: {arn} is not authorized to perform: sts:AssumeRole on resource: {} ({why})",
            named.arn
        ))
    };
    if let Some(role) = &role {
        let role =
            role.as_ref().ok_or_else(|| denied("this account has no such role; make it with iam create-role"))?;
        allowed(state, parts, caller, &named, role, form)?;
        let facts = form.get("ExternalId").map(|id| ("sts:ExternalId".to_owned(), id.to_owned()));
        let request = Request {
            action: ASSUME,
            account: &state.service.account,
            arns: &[&arn],
            facts: &facts.into_iter().collect::<BTreeMap<_, _>>(),
        };
        if !trusts(&role.trust_policy, &request) {
            return Err(denied("the role's trust policy does not allow it"));
        }
        if !terms.tags.is_empty() && !trusts(&role.trust_policy, &Request { action: TAG_SESSION, ..request }) {
            return Err(IamError::denied(format!(
                "User: {arn} is not authorized to perform: {TAG_SESSION} on resource: {} (the role's trust policy does not allow it)",
                named.arn
            )));
        }
    } else if let Some(authorization) = Authorization::limited(state, parts, caller) {
        authorization.require_now(ASSUME, named.arn).map_err(IamError::denied)?;
    }
    let role = role.flatten();
    let duration_s = duration(form, role.as_ref())?;
    let chained = caller.session.as_ref().is_some_and(|session| session.arn.contains(":assumed-role/"));
    if chained && duration_s > ROLE_DURATION_S_DEFAULT {
        return Err(IamError::validation(
            "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining"
                .to_owned(),
        ));
    }
    if let Some(session) = &caller.session {
        terms.inherit(session)?;
    }
    let holder = named.holder(role.as_ref(), terms);
    let (arn, user_id) = (holder.arn.clone(), holder.user_id.clone());
    let credentials = credentials(state, parent(caller), holder, duration_s)?;
    Ok(AssumedRole { arn, user_id, credentials, subject: None, audience: None, provider: None })
}

pub async fn assume_with_web_identity(state: &HttpState, form: &Form) -> Result<AssumedRole, IamError> {
    let named = NamedRole::read(form)?;
    let terms = SessionTerms::of_policies(&state.identities, form)?;
    let token = form.require("WebIdentityToken")?;
    let claims = verify(token, &state.listener.identity_providers, state.now_s()).await.map_err(rejected)?;
    let role = named.find(state).await?;
    if let Some(role) = &role {
        let provider = claims.issuer.split_once("://").map_or(&*claims.issuer, |(_, host)| host);
        let federated = format!("arn:aws:iam::{}:oidc-provider/{provider}", state.service.account);
        let facts = BTreeMap::from([
            (format!("{provider}:sub"), claims.subject.clone()),
            (format!("{provider}:aud"), claims.audience.clone()),
        ]);
        let request = Request {
            action: "sts:AssumeRoleWithWebIdentity",
            account: &state.service.account,
            arns: &[&federated, provider],
            facts: &facts,
        };
        if !role.as_ref().is_some_and(|role| trusts(&role.trust_policy, &request)) {
            return Err(IamError::denied(format!("Not authorized to perform sts:{WEB_IDENTITY}")));
        }
    }
    let role = role.flatten();
    let duration_s = duration(form, role.as_ref())?;
    let holder = named.holder(role.as_ref(), terms);
    let (arn, user_id) = (holder.arn.clone(), holder.user_id.clone());
    let credentials = credentials(state, own_key(&state.identities)?, holder, duration_s)?;
    Ok(AssumedRole {
        arn,
        user_id,
        credentials,
        subject: Some(claims.subject),
        audience: Some(claims.audience),
        provider: Some(claims.issuer),
    })
}

fn rejected(why: Rejected) -> IamError {
    let code = match why {
        Rejected::Expired(_) => "ExpiredTokenException",
        Rejected::Invalid(_) => "InvalidIdentityToken",
    };
    let (Rejected::Expired(message) | Rejected::Invalid(message)) = why;
    IamError { status: http::StatusCode::BAD_REQUEST, code, message }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(arn: &str, session: &str) -> Result<(String, String), &'static str> {
        let body = form_urlencoded::Serializer::new(String::new())
            .append_pair("RoleArn", arn)
            .append_pair("RoleSessionName", session)
            .finish();
        let form = Form::read(body.as_bytes(), "");
        let named = NamedRole::read(&form).map_err(|error| error.code)?;
        Ok((named.account.to_owned(), named.name.to_owned()))
    }

    #[test]
    fn roles_are_named_by_arn() {
        let found = |account: &str, name: &str| Ok((account.to_owned(), name.to_owned()));
        assert_eq!(named("arn:aws:iam::123456789012:role/path/x", "me"), found("123456789012", "x"));
        assert_eq!(named("arn:aws-cn:iam::123456789012:role/x", "me@home"), found("123456789012", "x"));
        for arn in
            ["", "x", "arn:aws:iam::1:role/x", "arn:aws:iam::123456789012:user/x", "arn:aws:iam::123456789012:role/"]
        {
            assert_eq!(named(arn, "me"), Err("ValidationError"), "{arn}");
        }
        for session in ["", "x", "a b", &"x".repeat(65)] {
            assert_eq!(named("arn:aws:iam::123456789012:role/x", session), Err("ValidationError"), "{session}");
        }
        assert_eq!(foreign_id("arn").len(), 21);
    }
}
