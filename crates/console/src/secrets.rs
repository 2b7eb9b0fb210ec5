//! The secrets behind logins: the key that signs session cookies, and one-time codes that whoever can read the data directory
//! makes without asking the server.

use crate::session::Role;
use axum_extra::extract::cookie::Key;
use hmac::{Hmac, KeyInit, Mac};
use parking_lot::Mutex;
use rand::RngCore;
use sha2::{Digest, Sha256};
use std::collections::HashMap;
use std::fmt;
use subtle::ConstantTimeEq;

/// Time for which a one-time code may be used.
pub const CODE_SECONDS: i64 = 600;
/// Bytes of the secret in the data directory.
pub const SECRET_BYTES: usize = 32;
/// Seconds by which a code may be from the future: two processes of one machine round differently.
const CODE_AHEAD_SECONDS: i64 = 5;

/// The secret of a data directory.
#[derive(Clone, PartialEq, Eq)]
pub struct Secrets {
    bytes: Vec<u8>,
}

impl fmt::Debug for Secrets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secrets")
    }
}

impl Secrets {
    /// Bytes for a new data directory.
    pub fn random() -> Vec<u8> {
        let mut bytes = vec![0; SECRET_BYTES];
        rand::rng().fill_bytes(&mut bytes);
        bytes
    }

    /// The secret with these bytes; `None` where they are too few.
    pub fn of(bytes: Vec<u8>) -> Option<Self> {
        (bytes.len() >= SECRET_BYTES).then_some(Self { bytes })
    }

    /// The bytes, to be kept.
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// A one-time code for a login at `now_s` seconds since the Unix epoch.
    pub fn make_code(&self, role: Role, now_s: i64) -> String {
        let mut nonce = [0; 16];
        rand::rng().fill_bytes(&mut nonce);
        let said = format!("{now_s}.{}.{}", role.word(), hex::encode(nonce));
        let signature = hex::encode(self.signature("code", &said));
        format!("{said}.{signature}")
    }

    /// The key of session cookies. It hangs on the token as well: a new one logs all out.
    pub(crate) fn cookie_key(&self, token: &str) -> Key {
        let token = hex::encode(Sha256::digest(token));
        let halves = ["cookie-1", "cookie-2"].map(|purpose| self.signature(purpose, &token));
        Key::from(&halves.concat())
    }

    fn signature(&self, purpose: &str, text: &str) -> [u8; 32] {
        // An HMAC takes keys of every length.
        let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(&self.bytes) else { return [0; 32] };
        mac.update(format!("tastemaker console {purpose}\n{text}").as_bytes());
        mac.finalize().into_bytes().into()
    }
}

/// Judges one-time codes, each of which opens once.
pub(crate) struct CodeDesk {
    secrets: Secrets,
    /// Codes of an earlier process of the server are refused, as nobody remembers which were used.
    started_s: i64,
    used: Mutex<HashMap<String, i64>>,
}

impl CodeDesk {
    /// For a server that started at `started_s`.
    pub fn new(secrets: Secrets, started_s: i64) -> Self {
        Self { secrets, started_s, used: Mutex::default() }
    }

    /// The role that a code opens with, the first time.
    pub fn redeem(&self, code: &str, now_s: i64) -> Option<Role> {
        let (said, signature) = code.rsplit_once('.')?;
        let signature = hex::decode(signature).ok()?;
        if !bool::from(signature.ct_eq(&self.secrets.signature("code", said))) {
            return None;
        }
        let mut fields = said.split('.');
        let made_s: i64 = fields.next()?.parse().ok()?;
        let role = Role::of(fields.next()?)?;
        let nonce = fields.next()?.to_owned();
        let fresh = made_s <= now_s + CODE_AHEAD_SECONDS && now_s < made_s + CODE_SECONDS;
        if !fresh || made_s < self.started_s {
            return None;
        }
        let mut used = self.used.lock();
        used.retain(|_, until_s| *until_s > now_s);
        if used.insert(nonce, made_s + CODE_SECONDS).is_some() {
            return None;
        }
        Some(role)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn secrets(byte: u8) -> Secrets {
        Secrets::of(vec![byte; SECRET_BYTES]).expect("enough bytes")
    }

    #[test]
    fn a_code_opens_once_and_for_ten_minutes() {
        let desk = CodeDesk::new(secrets(1), 1_000);
        let code = secrets(1).make_code(Role::Edit, 1_000);
        assert_eq!(desk.redeem(&code, 1_001), Some(Role::Edit));
        assert_eq!(desk.redeem(&code, 1_002), None, "a second time");
        let view = secrets(1).make_code(Role::View, 2_000);
        assert_eq!(desk.redeem(&view, 2_000 + CODE_SECONDS), None, "too late");
        assert_eq!(desk.redeem(&view, 1_990), None, "from the future");
        assert_eq!(desk.redeem(&view, 2_000 + CODE_SECONDS - 1), Some(Role::View));
        assert_eq!(desk.redeem(&secrets(1).make_code(Role::Edit, 999), 1_000), None, "before the server's start");
    }

    #[test]
    fn a_changed_code_opens_nothing() {
        let desk = CodeDesk::new(secrets(1), 0);
        let code = secrets(1).make_code(Role::View, 100);
        for wrong in
            [code.replace("view", "edit"), code.replace("100.", "101."), "..".into(), String::new(), "é.é".into()]
        {
            assert_eq!(desk.redeem(&wrong, 100), None, "{wrong}");
        }
        assert_eq!(desk.redeem(&secrets(2).make_code(Role::View, 100), 100), None, "of another directory");
        assert_eq!(desk.redeem(&code, 100), Some(Role::View));
        assert!(Secrets::of(vec![1; 31]).is_none());
    }

    #[test]
    fn a_new_token_or_secret_makes_a_new_cookie_key() {
        let key = secrets(1).cookie_key("a");
        assert_eq!(key.master(), secrets(1).cookie_key("a").master());
        assert_ne!(key.master(), secrets(1).cookie_key("b").master());
        assert_ne!(key.master(), secrets(2).cookie_key("a").master());
    }
}
