//! The rights of a caller, and the decision on one request.

use crate::server::OverTls;
use crate::state::HttpState;
use http::HeaderMap;
use http::header::{REFERER, USER_AGENT};
use http::request::Parts;
use std::net::IpAddr;
use std::sync::{Arc, LazyLock};
use tastemaker_domain::iam::policy::{Decision, Denial, Facts, Permissions, PolicyDocument, Question};
use tastemaker_service::iam::PolicyBearer;
use tastemaker_service::tags;
use tastemaker_wire::sigv4::{Identity, Session};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

/// The service that roles are handed to, as policies name it.
const PASSED_TO: &str = "personalize.amazonaws.com";

/// The rights of a caller.
#[derive(Debug)]
pub enum Rights {
    /// Everything: a key of the server itself.
    Everything,
    /// What policies allow.
    Limited {
        /// The policies.
        permissions: Permissions,
        /// The user or the role that has them.
        bearer: Option<Arc<PolicyBearer>>,
    },
}

/// The policy of those who may do everything, where a session policy takes something away.
static ALL: LazyLock<Arc<PolicyDocument>> = LazyLock::new(|| {
    let text = r#"{"Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}"#;
    Arc::new(PolicyDocument::parse_text(text).unwrap_or_else(|_| PolicyDocument::deny_all()))
});

impl Rights {
    /// The rights of a verified caller.
    pub fn of(state: &HttpState, caller: &Identity) -> Self {
        let Some(session) = &caller.session else { return Self::of_key(state, &caller.access_key) };
        let policy = session_policy(state, session);
        let role = session.arn.strip_prefix(&format!("arn:aws:sts::{}:assumed-role/", state.service.account));
        if let Some(name) = role.and_then(|role| role.split('/').next()) {
            let bearer = state.identities.directory().roles.get(name).cloned();
            let identity = bearer.as_ref().map(|role| role.policies.clone()).unwrap_or_default();
            return Self::Limited { permissions: Permissions { identity, session: policy }, bearer };
        }
        // A user's own session, a federated user's, and a role of another account, of which nothing is known here.
        match (Self::of_key(state, &session.parent), policy) {
            (rights, None) => rights,
            (Self::Everything, session) => {
                Self::Limited { permissions: Permissions { identity: vec![ALL.clone()], session }, bearer: None }
            }
            (Self::Limited { permissions, bearer }, session) => {
                Self::Limited { permissions: Permissions { session, ..permissions }, bearer }
            }
        }
    }

    fn of_key(state: &HttpState, key_id: &str) -> Self {
        if state.identities.is_own(key_id) {
            return Self::Everything;
        }
        let bearer = state.identities.directory().keys.get(key_id).map(|known| known.user.clone());
        let identity = bearer.as_ref().map(|user| user.policies.clone()).unwrap_or_default();
        Self::Limited { permissions: Permissions { identity, session: None }, bearer }
    }
}

/// The session policies of temporary credentials, as one.
fn session_policy(state: &HttpState, session: &Session) -> Option<Arc<PolicyDocument>> {
    let inline = session.policy.as_deref().map(|text| {
        // It was read before it was sealed; what cannot be read now takes everything away.
        Arc::new(PolicyDocument::parse_text(text).unwrap_or_else(|_| PolicyDocument::deny_all()))
    });
    if session.policy_arns.is_empty() {
        return inline;
    }
    // One that is gone allows nothing any more.
    let directory = state.identities.directory();
    let named = session.policy_arns.iter().filter_map(|arn| directory.policy(arn));
    let all: Vec<_> = inline.into_iter().chain(named).collect();
    Some(Arc::new(PolicyDocument::together(all.iter().map(Arc::as_ref))))
}

/// The ARN of a caller, as policies name it.
pub fn user_arn(state: &HttpState, caller: &Identity) -> String {
    match &caller.session {
        Some(session) => session.arn.clone(),
        None => match state.identities.directory().keys.get(&caller.access_key) {
            Some(known) => known.user.arn.clone(),
            None => format!("arn:aws:iam::{}:user/tastemaker", state.service.account),
        },
    }
}

/// A request of a verified caller whose rights are asked about.
pub struct Authorization<'a> {
    state: &'a HttpState,
    caller: &'a Identity,
    rights: Rights,
    facts: Facts,
}

/// What a request's head and its connection say for conditions.
#[derive(Debug, Clone)]
pub struct Circumstances {
    client: Option<IpAddr>,
    over_tls: bool,
    user_agent: Option<String>,
    referer: Option<String>,
}

impl Circumstances {
    /// Those of a request.
    pub fn of(state: &HttpState, parts: &Parts) -> Self {
        let text =
            |headers: &HeaderMap, name| headers.get(name).and_then(|value| value.to_str().ok()).map(str::to_owned);
        Self {
            client: state.client(parts),
            over_tls: parts.extensions.get::<OverTls>().is_some(),
            user_agent: text(&parts.headers, USER_AGENT),
            referer: text(&parts.headers, REFERER),
        }
    }
}

impl<'a> Authorization<'a> {
    /// The rights of a caller to a request. `None` for a caller who may do everything.
    pub fn limited(state: &'a HttpState, parts: &Parts, caller: &'a Identity) -> Option<Self> {
        let rights = Rights::of(state, caller);
        if matches!(rights, Rights::Everything) {
            return None;
        }
        Some(Self::with(state, &Circumstances::of(state, parts), caller, rights))
    }

    pub(super) fn with(
        state: &'a HttpState,
        circumstances: &Circumstances,
        caller: &'a Identity,
        rights: Rights,
    ) -> Self {
        let facts = facts(state, circumstances, caller, &rights);
        Self { state, caller, rights, facts }
    }

    /// The name of the user whose key the caller has.
    pub fn user_name(&self) -> Option<&str> {
        match &self.rights {
            Rights::Limited { bearer: Some(bearer), .. } if bearer.arn.contains(":user/") => Some(&bearer.name),
            _ => None,
        }
    }

    /// Adds what the body of the request says for conditions.
    pub fn add_fact(&mut self, key: &str, value: &str) {
        self.facts.add(key, value);
    }

    /// Whether all resources of an action are allowed; the sentence that refuses the first that is not.
    pub async fn require(&self, action: &str, resources: &[String]) -> Result<(), String> {
        for resource in resources {
            let mut facts = None;
            if let Rights::Limited { permissions, .. } = &self.rights
                && permissions.ask_for_resource_tags()
            {
                // Without its tags nobody can say what a condition on them holds of.
                let found = tags::stored(&self.state.service, resource).await;
                let found = found.map_err(|error| format!("The tags of {resource} cannot be read: {error}"))?;
                let with = facts.insert(self.facts.clone());
                for (key, value) in found.as_map() {
                    with.add(&format!("aws:ResourceTag/{key}"), value.as_str());
                }
            }
            self.decide(action, resource, facts.as_ref().unwrap_or(&self.facts))
                .map_err(|denial| self.sentence(action, resource, denial))?;
        }
        Ok(())
    }

    /// Whether a role may be handed to the service that reads and writes with it.
    pub fn require_pass_role(&self, role_arn: &str) -> Result<(), String> {
        let mut facts = self.facts.clone();
        facts.add("iam:PassedToService", PASSED_TO);
        let directory = self.state.identities.directory();
        if let Some(role) = directory.roles.values().find(|role| role.arn == role_arn) {
            for (key, value) in &role.tags {
                facts.add(&format!("aws:ResourceTag/{key}"), value.as_str());
            }
        }
        let decided = self.decide("iam:PassRole", role_arn, &facts);
        decided.map_err(|denial| self.sentence("iam:PassRole", role_arn, denial))
    }

    /// The same of one resource without tags.
    pub fn require_now(&self, action: &str, resource: &str) -> Result<(), String> {
        self.decide(action, resource, &self.facts).map_err(|denial| self.sentence(action, resource, denial))
    }

    /// Whether one resource is allowed, and why it is not.
    pub fn allows(&self, action: &str, resource: &str) -> Result<(), Denial> {
        self.decide(action, resource, &self.facts)
    }

    fn decide(&self, action: &str, resource: &str, facts: &Facts) -> Result<(), Denial> {
        let Rights::Limited { permissions, .. } = &self.rights else { return Ok(()) };
        match permissions.decide(&Question { action, resource, facts }) {
            Decision::Allowed => Ok(()),
            Decision::Denied(denial) => Err(denial),
        }
    }

    /// AWS's sentence.
    pub fn sentence(&self, action: &str, resource: &str, denial: Denial) -> String {
        let user = user_arn(self.state, self.caller);
        let because = denial.because(action);
        format!("User: {user} is not authorized to perform: {action} on resource: {resource} {because}")
    }
}

fn facts(state: &HttpState, circumstances: &Circumstances, caller: &Identity, rights: &Rights) -> Facts {
    let mut facts = Facts::at(state.now_s());
    facts.add("aws:SecureTransport", circumstances.over_tls.to_string());
    facts.add("aws:RequestedRegion", caller.region.as_str());
    facts.add("aws:PrincipalAccount", state.service.account.as_str());
    if let Some(client) = circumstances.client {
        facts.add("aws:SourceIp", client.to_canonical().to_string());
    }
    for (key, value) in [("aws:UserAgent", &circumstances.user_agent), ("aws:Referer", &circumstances.referer)] {
        if let Some(value) = value {
            facts.add(key, value.as_str());
        }
    }
    let session = caller.session.as_ref();
    if let Some(issued) = session.and_then(|session| OffsetDateTime::from_unix_timestamp(session.issued_s?).ok()) {
        facts.add("aws:TokenIssueTime", issued.format(&Rfc3339).unwrap_or_default());
    }
    // A tag of the session takes the place of one of the user or the role.
    let mut tags = session.map(|session| session.tags.clone()).unwrap_or_default();
    if let Rights::Limited { bearer: Some(bearer), .. } = rights {
        let is_user = bearer.arn.contains(":user/");
        facts.add("aws:PrincipalArn", bearer.arn.as_str());
        facts.add("aws:PrincipalType", if is_user { "User" } else { "AssumedRole" });
        let user_id = caller.session.as_ref().map_or(&bearer.id, |session| &session.user_id);
        facts.add("aws:userid", user_id.as_str());
        if is_user {
            facts.add("aws:username", bearer.name.as_str());
        }
        for (key, value) in &bearer.tags {
            if !tags.keys().any(|known| known.eq_ignore_ascii_case(key)) {
                tags.insert(key.clone(), value.clone());
            }
        }
    }
    for (key, value) in tags {
        facts.add(&format!("aws:PrincipalTag/{key}"), value);
    }
    facts
}
