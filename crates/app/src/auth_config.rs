//! `[auth]`: the first access key, where the configuration gives it.

use crate::secret::Secret;
use anyhow::{Result, bail};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::ops::RangeInclusive;
use tastemaker_wire::sigv4::TEMPORARY_PREFIX;

/// Characters of the id of an access key, as at AWS.
const ID_CHARACTERS: RangeInclusive<usize> = 16..=128;
/// Characters of a secret that somebody chose.
const SECRET_CHARACTERS: RangeInclusive<usize> = 16..=128;

/// `[auth]`: the first access key, which may do everything. It is taken when the data has no key yet; afterwards the key of the data
/// goes on, and another one here is named in the log. Without it the first start makes a random one.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct AuthConfig {
    /// The id of the first access key: 16 to 128 letters, digits and underscores; an empty text is none.
    pub first_access_key_id: Option<String>,
    /// Its secret, 16 to 128 printable characters without spaces. It stands in no file of settings.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub first_secret_access_key: Option<Secret>,
}

/// The access key with which new data begins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FirstKey {
    /// For `AWS_ACCESS_KEY_ID`.
    pub id: String,
    /// For `AWS_SECRET_ACCESS_KEY`.
    pub secret: Secret,
}

impl AuthConfig {
    /// The first access key; `None` where the server makes one.
    pub fn first_key(&self) -> Result<Option<FirstKey>> {
        let given = |text: Option<&str>| text.filter(|text| !text.is_empty()).map(str::to_owned);
        let id = given(self.first_access_key_id.as_deref());
        let secret = given(self.first_secret_access_key.as_ref().map(Secret::reveal));
        match (id, secret) {
            (None, None) => Ok(None),
            (Some(_), None) => {
                bail!("auth.first_access_key_id is given without auth.first_secret_access_key: give both, or neither")
            }
            (None, Some(_)) => {
                bail!("auth.first_secret_access_key is given without auth.first_access_key_id: give both, or neither")
            }
            (Some(id), Some(secret)) => {
                check_id(&id)?;
                check_secret(&secret)?;
                Ok(Some(FirstKey { id, secret: secret.into() }))
            }
        }
    }
}

fn check_id(id: &str) -> Result<()> {
    let letters = id.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    if !letters || !ID_CHARACTERS.contains(&id.len()) {
        bail!(
            "auth.first_access_key_id must be {} to {} letters, digits and underscores, not '{id}'",
            ID_CHARACTERS.start(),
            ID_CHARACTERS.end()
        );
    }
    if id.starts_with(TEMPORARY_PREFIX) {
        bail!("auth.first_access_key_id must not begin with {TEMPORARY_PREFIX} as those of temporary keys do: '{id}'");
    }
    Ok(())
}

fn check_secret(secret: &str) -> Result<()> {
    // The secret itself is not repeated.
    if !secret.bytes().all(|byte| byte.is_ascii_graphic()) {
        bail!("auth.first_secret_access_key must be printable ASCII characters without spaces");
    }
    if !SECRET_CHARACTERS.contains(&secret.len()) {
        bail!(
            "auth.first_secret_access_key must have {} to {} characters, not {}",
            SECRET_CHARACTERS.start(),
            SECRET_CHARACTERS.end(),
            secret.len()
        );
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn auth(id: &str, secret: &str) -> AuthConfig {
        AuthConfig {
            first_access_key_id: Some(id.into()),
            first_secret_access_key: Some(Secret::from(secret.to_owned())),
        }
    }

    #[test]
    fn a_key_is_both_parts_and_empty_ones_are_none() -> Result<()> {
        assert_eq!(AuthConfig::default().first_key()?, None);
        assert_eq!(auth("", "").first_key()?, None);
        let key = auth("AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY").first_key()?;
        let key = key.expect("a key");
        assert_eq!((key.id.as_str(), key.secret.reveal().len()), ("AKIAIOSFODNN7EXAMPLE", 40));
        assert!(!format!("{key:?}").contains("wJalr"));
        Ok(())
    }

    #[test]
    fn parts_that_break_a_rule_are_named_and_secrets_are_not_told() {
        let long = "k".repeat(129);
        for (id, secret, words) in [
            ("AKIAIOSFODNN7EXAMPLE", "", "first_access_key_id is given without"),
            ("", "hidden-secret-of-16", "first_secret_access_key is given without"),
            ("short", "hidden-secret-of-16", "16 to 128 letters, digits and underscores, not 'short'"),
            (&long, "hidden-secret-of-16", "16 to 128 letters"),
            ("AKIA/OSFODNN7EXAMPLE", "hidden-secret-of-16", "not 'AKIA/OSFODNN7EXAMPLE'"),
            ("ASIAIOSFODNN7EXAMPLE", "hidden-secret-of-16", "must not begin with ASIA"),
            ("AKIAIOSFODNN7EXAMPLE", "hidden", "must have 16 to 128 characters, not 6"),
            ("AKIAIOSFODNN7EXAMPLE", "hidden secret of 16 characters", "without spaces"),
        ] {
            let error = auth(id, secret).first_key().expect_err(words).to_string();
            assert!(error.starts_with("auth.first_") && error.contains(words), "{error}");
            assert!(!error.contains("hidden"), "{error}");
        }
    }
}
