//! The signer's half: the signing key of a day, region and service, and the headers of a signed request.

use super::authorization::ALGORITHM;
use super::canonical::{self, sha256_hex};
use super::date::basic;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use std::time::SystemTime;

/// Whose key signs, and for which region and service.
#[derive(Clone, Copy, Debug)]
pub struct Signer<'a> {
    /// The access key.
    pub access_key: &'a str,
    /// Its secret.
    pub secret_key: &'a str,
    /// The region of the scope.
    pub region: &'a str,
    /// The signing name of the scope. For `s3` the path is not encoded a second time and keeps its dot segments, and the
    /// hash of the body goes into a header.
    pub service: &'a str,
}

/// A request without query that is to be signed.
#[derive(Clone, Copy, Debug)]
pub struct Unsigned<'a> {
    /// The method.
    pub method: &'a str,
    /// The value of the `Host` header.
    pub host: &'a str,
    /// The path as it goes over the wire.
    pub path: &'a str,
    /// The other headers with names in lower case; all of them are signed, none twice.
    pub headers: &'a [(&'a str, &'a str)],
    /// The whole body.
    pub body: &'a [u8],
}

impl Signer<'_> {
    /// The headers that the request needs beside its own.
    pub fn sign(&self, request: &Unsigned<'_>, now: SystemTime) -> Vec<(&'static str, String)> {
        let date = basic(now.into());
        let hash = sha256_hex(request.body);
        let s3 = self.service == "s3";
        let mut added = vec![("x-amz-date", date.clone())];
        if s3 {
            added.push(("x-amz-content-sha256", hash.clone()));
        }
        let mut signed = vec![("host", request.host)];
        signed.extend(request.headers.iter().copied());
        signed.extend(added.iter().map(|(name, value)| (*name, value.as_str())));
        signed.sort_unstable_by_key(|(name, _)| *name);
        let path = if s3 { request.path.to_owned() } else { canonical::path(request.path) };
        let names: Vec<&str> = signed.iter().map(|(name, _)| *name).collect();
        let names = names.join(";");
        let mut canonical = format!("{}\n{path}\n\n", request.method);
        for (name, value) in signed {
            canonical += &format!("{name}:{}\n", value.split_ascii_whitespace().collect::<Vec<_>>().join(" "));
        }
        canonical += &format!("\n{names}\n{hash}");
        let day = &date[..8];
        let scope = format!("{day}/{}/{}/aws4_request", self.region, self.service);
        let string_to_sign = format!("{ALGORITHM}\n{date}\n{scope}\n{}", sha256_hex(canonical.as_bytes()));
        let key = signing_key(self.secret_key, day, self.region, self.service);
        let signature = hex::encode(hmac(&key, string_to_sign.as_bytes()));
        let authorization = format!(
            "{ALGORITHM} Credential={}/{scope}, SignedHeaders={names}, Signature={signature}",
            self.access_key,
        );
        added.push(("authorization", authorization));
        added
    }
}

/// The key of one day (as `20260102`), region and service.
pub(super) fn signing_key(secret: &str, day: &str, region: &str, service: &str) -> [u8; 32] {
    let of_day = hmac(format!("AWS4{secret}").as_bytes(), day.as_bytes());
    let of_region = hmac(&of_day, region.as_bytes());
    let of_service = hmac(&of_region, service.as_bytes());
    hmac(&of_service, b"aws4_request")
}

/// HMAC-SHA256.
pub(super) fn hmac(key: &[u8], message: &[u8]) -> [u8; 32] {
    // HMAC hashes a key that is longer than a block, so every length is fine.
    let Ok(mac) = Hmac::<Sha256>::new_from_slice(key) else { return [0; 32] };
    mac.chain_update(message).finalize().into_bytes().into()
}
