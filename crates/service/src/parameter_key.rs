//! The key that seals the values of SecureString parameters in the records.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use ring::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use ring::error::Unspecified;
use ring::rand::{SecureRandom, SystemRandom};
use std::fmt;

/// Bytes of a key.
const KEY_BYTES: usize = 32;

/// The key that seals the values of SecureString parameters, by AES-256-GCM.
#[derive(Clone, PartialEq, Eq)]
pub struct ParameterKey([u8; KEY_BYTES]);

impl fmt::Debug for ParameterKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ParameterKey")
    }
}

impl ParameterKey {
    /// The key of these 32 bytes.
    pub fn of(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().ok().map(Self)
    }

    /// A new one.
    pub fn random() -> Self {
        let mut bytes = [0; KEY_BYTES];
        for half in bytes.chunks_mut(KEY_BYTES / 2) {
            half.copy_from_slice(uuid::Uuid::new_v4().as_bytes());
        }
        Self(bytes)
    }

    /// Its bytes, to be kept.
    pub fn bytes(&self) -> &[u8] {
        &self.0
    }

    /// Seals the value of a parameter of that name.
    pub(crate) fn seal(&self, name: &str, value: &str) -> Result<String, Unspecified> {
        let mut nonce = [0; NONCE_LEN];
        SystemRandom::new().fill(&mut nonce)?;
        let mut sealed = value.as_bytes().to_vec();
        let nonce_used = Nonce::assume_unique_for_key(nonce);
        self.cipher()?.seal_in_place_append_tag(nonce_used, Aad::from(name), &mut sealed)?;
        Ok(BASE64_STANDARD.encode([&nonce[..], &sealed].concat()))
    }

    /// Opens what was sealed for a parameter of that name.
    pub(crate) fn open(&self, name: &str, sealed: &str) -> Result<String, Unspecified> {
        let bytes = BASE64_STANDARD.decode(sealed).map_err(|_| Unspecified)?;
        let (nonce, sealed) = bytes.split_at_checked(NONCE_LEN).ok_or(Unspecified)?;
        let (nonce, mut sealed) = (Nonce::try_assume_unique_for_key(nonce)?, sealed.to_vec());
        let value = self.cipher()?.open_in_place(nonce, Aad::from(name), &mut sealed)?;
        String::from_utf8(value.to_vec()).map_err(|_| Unspecified)
    }

    fn cipher(&self) -> Result<LessSafeKey, Unspecified> {
        Ok(LessSafeKey::new(UnboundKey::new(&AES_256_GCM, &self.0)?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_opened_by_its_key_and_name_alone() {
        let key = ParameterKey::random();
        let sealed = key.seal("/shop/token", "a secret").expect("sealed");
        assert!(!sealed.contains("secret") && sealed != key.seal("/shop/token", "a secret").expect("sealed"));
        assert_eq!(key.open("/shop/token", &sealed).as_deref(), Ok("a secret"));
        assert!(key.open("/shop/other", &sealed).is_err(), "a value moved to another name");
        assert!(ParameterKey::random().open("/shop/token", &sealed).is_err());
        for damaged in ["", "AAAA", "no base64!", &sealed[4..]] {
            assert!(key.open("/shop/token", damaged).is_err(), "{damaged}");
        }
        assert_eq!(ParameterKey::of(key.bytes()), Some(key));
        assert_eq!(ParameterKey::of(b"short"), None);
    }
}
