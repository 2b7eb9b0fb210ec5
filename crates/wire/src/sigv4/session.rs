//! Temporary credentials that nobody stores: a session token holds what is to be known of them, sealed with the secret of
//! the long-term key that they were given out for.
//!
//! The token is the base64 of a version, the session in JSON and an HMAC over both. The temporary secret follows from the
//! same bytes, so that whoever knows the long-term secret can check a signature that was made with it, after any restart and
//! in any process. Credentials end at their time, or when the long-term key is taken away.

use super::authorization::{Place, parameter};
use super::error::{SignatureError, SignatureFault};
use super::signing::hmac;
use base64::Engine;
use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD};
use http::HeaderMap;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::time::SystemTime;
use subtle::ConstantTimeEq;
use time::OffsetDateTime;

/// The header, or the form's field, with a session token.
pub const TOKEN_HEADER: &str = "x-amz-security-token";
const TOKEN_PARAMETER: &str = "X-Amz-Security-Token";

/// The format of tokens without a session policy, and the number in the names of the keys that seal all of them.
const VERSION: u8 = 1;
/// The format of tokens with named policies or tags, which the builds before them would pass over.
const VERSION_WITH_TAGS: u8 = 3;
/// The format of tokens with a session policy. A build that knows no policies must not take such a token for one without.
const VERSION_WITH_POLICY: u8 = 2;
/// Bytes of the seal at the end of a token.
const SEAL_BYTES: usize = 32;
/// Characters of a temporary secret, as of a long-term one.
const SECRET_CHARS: usize = 40;
/// Characters that a token may have; longer ones are none of ours.
const TOKEN_CHARS_MAX: usize = 8_192;

/// The holder of temporary credentials, and their end.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Session {
    /// The temporary access key.
    pub access_key: String,
    /// The long-term access key that it was given out for.
    pub parent: String,
    /// The ARN of the role's session, or of the user.
    pub arn: String,
    /// The unique id of the role with the session's name, or of the user.
    pub user_id: String,
    /// The second since 1970 from which the credentials hold no more.
    pub expires_s: i64,
    /// The session policy, which takes rights away.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub policy: Option<String>,
    /// Policies by their ARNs that are session policies, too: what is allowed is in one of all of them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub policy_arns: Vec<String>,
    /// The session's tags.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub tags: BTreeMap<String, String>,
    /// The keys of those that go on to a role which this session takes on.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub transitive: Vec<String>,
    /// The second since 1970 at which the credentials were given out; unknown of earlier builds' tokens.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub issued_s: Option<i64>,
}

/// Temporary credentials as they are given out.
#[derive(Clone, PartialEq, Eq)]
pub struct SessionCredentials {
    /// The secret that requests are signed with.
    pub secret_key: String,
    /// The token that requests carry.
    pub token: String,
}

impl Session {
    /// The credentials of this session. `parent_secret` is the secret of its long-term key.
    pub fn credentials(&self, parent_secret: &str) -> SessionCredentials {
        let mut bytes = vec![self.version()];
        // A struct of texts and a number always has a JSON form.
        bytes.extend(serde_json::to_vec(self).unwrap_or_default());
        let secret_key = secret(parent_secret, &bytes);
        let seal = hmac(&sealing_key(parent_secret, "seal"), &bytes);
        bytes.extend(seal);
        SessionCredentials { secret_key, token: BASE64_URL_SAFE_NO_PAD.encode(bytes) }
    }

    fn version(&self) -> u8 {
        if !self.policy_arns.is_empty() || !self.tags.is_empty() {
            VERSION_WITH_TAGS
        } else if self.policy.is_some() {
            VERSION_WITH_POLICY
        } else {
            VERSION
        }
    }

    /// The session of a token and the secret of its key.
    fn open(
        token: &str,
        access_key: &str,
        lookup: impl Fn(&str) -> Option<String>,
        now: SystemTime,
    ) -> Result<(Session, String), SignatureError> {
        let sealed = (token.len() <= TOKEN_CHARS_MAX).then(|| BASE64_URL_SAFE_NO_PAD.decode(token).ok()).flatten();
        let sealed = sealed.ok_or_else(invalid)?;
        let (bytes, seal) = sealed.split_at_checked(sealed.len().saturating_sub(SEAL_BYTES)).ok_or_else(invalid)?;
        let (&version, json) = bytes.split_first().ok_or_else(invalid)?;
        let session: Session = serde_json::from_slice(json).map_err(|_| invalid())?;
        if version != session.version() {
            return Err(invalid());
        }
        let parent_secret = lookup(&session.parent).ok_or_else(invalid)?;
        let expected = hmac(&sealing_key(&parent_secret, "seal"), bytes);
        if !bool::from(expected.ct_eq(seal)) || session.access_key != access_key {
            return Err(invalid());
        }
        if OffsetDateTime::from(now).unix_timestamp() >= session.expires_s {
            return Err(SignatureError::new(
                SignatureFault::ExpiredToken,
                "The security token included in the request is expired.",
            ));
        }
        let secret = secret(&parent_secret, bytes);
        Ok((session, secret))
    }
}

fn secret(parent_secret: &str, bytes: &[u8]) -> String {
    let digest = hmac(&sealing_key(parent_secret, "secret"), bytes);
    BASE64_STANDARD.encode(digest).chars().take(SECRET_CHARS).collect()
}

/// A key for one purpose, which no signature can be made with.
fn sealing_key(parent_secret: &str, purpose: &str) -> [u8; 32] {
    hmac(parent_secret.as_bytes(), format!("tastemaker/session/{VERSION}/{purpose}").as_bytes())
}

fn invalid() -> SignatureError {
    SignatureError::new(
        SignatureFault::InvalidToken,
        "The security token included in the request is invalid: this server did not give it out for this access key.",
    )
}

/// The secret of an access key, and its session when the key is temporary. The token of a request with a long-term key is
/// passed over: the key proves itself, and shells keep the tokens of other sessions.
///
/// `None` is a key that nobody has; a temporary key without its token is one.
pub fn secret_of(
    access_key: &str,
    token: Option<&str>,
    lookup: impl Fn(&str) -> Option<String>,
    now: SystemTime,
) -> Result<Option<(String, Option<Session>)>, SignatureError> {
    match (lookup(access_key), token) {
        (Some(secret), _) => Ok(Some((secret, None))),
        (None, Some(token)) if access_key.starts_with(TEMPORARY_PREFIX) => {
            let (session, secret) = Session::open(token, access_key, lookup, now)?;
            Ok(Some((secret, Some(session))))
        }
        (None, _) => Ok(None),
    }
}

/// The first letters of a temporary access key.
pub const TEMPORARY_PREFIX: &str = "ASIA";

/// The token that a request carries in the place of its signature.
pub(super) fn presented(place: &Place, headers: &HeaderMap, query: Option<&str>) -> Option<String> {
    let in_header = || headers.get(TOKEN_HEADER).and_then(|value| value.to_str().ok()).map(str::to_owned);
    match place {
        Place::Header => in_header(),
        Place::Query { .. } => parameter(query.unwrap_or_default(), TOKEN_PARAMETER).or_else(in_header),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::{Duration, UNIX_EPOCH};

    fn session() -> Session {
        Session {
            access_key: "ASIAEXAMPLE".into(),
            parent: "PARENT".into(),
            arn: "arn:aws:sts::1:assumed-role/r/s".into(),
            user_id: "AROA:s".into(),
            expires_s: 1_000,
            policy: None,
            policy_arns: Vec::new(),
            tags: BTreeMap::new(),
            transitive: Vec::new(),
            issued_s: Some(1),
        }
    }

    fn lookup(key: &str) -> Option<String> {
        (key == "PARENT").then(|| "parent secret".to_owned())
    }

    fn at(second: u64) -> SystemTime {
        UNIX_EPOCH + Duration::from_secs(second)
    }

    fn fault(token: &str, access_key: &str, second: u64) -> Option<SignatureFault> {
        secret_of(access_key, Some(token), lookup, at(second)).err().map(|error| error.fault)
    }

    #[test]
    fn a_token_gives_its_session_until_it_ends() {
        let given = session().credentials("parent secret");
        assert_eq!(given.secret_key.len(), SECRET_CHARS);
        let found = secret_of("ASIAEXAMPLE", Some(&given.token), lookup, at(999));
        assert_eq!(found, Ok(Some((given.secret_key.clone(), Some(session())))));
        assert_eq!(fault(&given.token, "ASIAEXAMPLE", 1_000), Some(SignatureFault::ExpiredToken));
        assert_eq!(session().credentials("parent secret").secret_key, given.secret_key, "nothing is stored");
    }

    #[test]
    fn a_session_policy_is_sealed_and_not_for_earlier_builds() {
        let policy = format!(r#"{{"Statement": "{}"}}"#, "x".repeat(2_000));
        let with = Session { policy: Some(policy), ..session() };
        let given = with.credentials("parent secret");
        let found = secret_of("ASIAEXAMPLE", Some(&given.token), lookup, at(999));
        assert_eq!(found, Ok(Some((given.secret_key, Some(with)))));
        let first = |token: &str| BASE64_URL_SAFE_NO_PAD.decode(token).expect("base64")[0];
        assert_eq!((first(&given.token), first(&session().credentials("s").token)), (VERSION_WITH_POLICY, VERSION));
        for with in [
            Session { policy_arns: vec!["arn:aws:iam::aws:policy/ReadOnlyAccess".into()], ..session() },
            Session { tags: [("team".into(), "web".into())].into(), ..session() },
        ] {
            let given = with.credentials("parent secret");
            assert_eq!(first(&given.token), VERSION_WITH_TAGS);
            let found = secret_of("ASIAEXAMPLE", Some(&given.token), lookup, at(999));
            assert_eq!(found, Ok(Some((given.secret_key, Some(with)))));
        }
    }

    #[test]
    fn only_the_sealed_bytes_open() {
        let given = session().credentials("parent secret");
        let invalid = Some(SignatureFault::InvalidToken);
        assert_eq!(fault(&given.token, "ASIAANOTHER", 0), invalid);
        assert_eq!(fault(&session().credentials("another secret").token, "ASIAEXAMPLE", 0), invalid);
        let orphan = Session { parent: "GONE".into(), ..session() }.credentials("parent secret").token;
        assert_eq!(fault(&orphan, "ASIAEXAMPLE", 0), invalid);
        for token in ["", "x", "!!", &given.token[1..], &"A".repeat(60), &"A".repeat(9_000)] {
            assert_eq!(fault(token, "ASIAEXAMPLE", 0), invalid, "{token}");
        }
        let sealed = BASE64_URL_SAFE_NO_PAD.decode(&given.token).expect("base64");
        for at in 0..sealed.len() {
            let mut forged = sealed.clone();
            forged[at] ^= 1;
            assert_eq!(fault(&BASE64_URL_SAFE_NO_PAD.encode(&forged), "ASIAEXAMPLE", 0), invalid, "byte {at}");
        }
    }

    #[test]
    fn long_term_keys_need_no_token_and_temporary_ones_do() {
        let long_term = Ok(Some(("parent secret".to_owned(), None)));
        assert_eq!(secret_of("PARENT", None, lookup, at(0)), long_term);
        assert_eq!(secret_of("PARENT", Some("left over"), lookup, at(0)), long_term);
        assert_eq!(secret_of("ASIAEXAMPLE", None, lookup, at(0)), Ok(None));
        assert_eq!(secret_of("NOBODY", Some("left over"), lookup, at(0)), Ok(None));
    }
}
