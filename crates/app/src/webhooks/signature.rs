//! Signatures of messages, as <https://www.standardwebhooks.com> has them: the base64 of HMAC-SHA256 over id, time and body.

use anyhow::{Result, bail};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use serde::{Deserialize, Deserializer};
use sha2::Sha256;
use std::fmt;

/// The beginning of secrets that are base64.
const PREFIX: &str = "whsec_";
/// The fewest characters of other secrets.
const CHARS_MIN: usize = 16;
/// Bytes of a secret in base64.
const BYTES: std::ops::RangeInclusive<usize> = 24..=64;

/// A secret as it stands in a configuration. It is not shown.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// A secret of this text.
    pub fn new(text: &str) -> Self {
        Self(text.to_owned())
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

impl<'de> Deserialize<'de> for Secret {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Self(String::deserialize(deserializer)?))
    }
}

/// The maker of signatures with one secret.
#[derive(Clone)]
pub struct Signer(Hmac<Sha256>);

impl fmt::Debug for Signer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Signer")
    }
}

impl Signer {
    /// With a secret: `whsec_` and base64, or any other text that is long enough.
    pub fn new(Secret(text): &Secret) -> Result<Self> {
        let key = match text.strip_prefix(PREFIX) {
            Some(encoded) => match STANDARD.decode(encoded) {
                Ok(key) if BYTES.contains(&key.len()) => key,
                _ => bail!("must be {PREFIX} and base64 of {} to {} bytes", BYTES.start(), BYTES.end()),
            },
            None if text.chars().count() >= CHARS_MIN => text.clone().into_bytes(),
            None => bail!("must have at least {CHARS_MIN} characters"),
        };
        Ok(Self(Hmac::new_from_slice(&key)?))
    }

    /// The value of the header `webhook-signature`.
    pub fn sign(&self, id: &str, timestamp_s: i64, body: &str) -> String {
        let mut mac = self.0.clone();
        mac.update(format!("{id}.{timestamp_s}.{body}").as_bytes());
        format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of the specification's reference libraries.
    #[test]
    fn the_published_example_has_its_signature() -> Result<()> {
        let signer = Signer::new(&Secret::new("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"))?;
        let signature = signer.sign("msg_p5jXN8AQM9LWM0D4loKWxJek", 1_614_265_330, "{\"test\": 2432232314}");
        assert_eq!(signature, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
        Ok(())
    }

    #[test]
    fn secrets_are_text_or_base64_and_not_shown() {
        for good in ["a long enough text", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"] {
            let secret = Secret::new(good);
            assert!(Signer::new(&secret).is_ok(), "{good}");
            assert_eq!(format!("{secret:?}"), "***");
        }
        for bad in ["", "short", "whsec_", "whsec_YWJj", "whsec_not base64 at all, though long enough"] {
            assert!(Signer::new(&Secret::new(bad)).is_err(), "{bad}");
        }
    }
}
