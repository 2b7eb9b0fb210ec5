//! Tokens of OpenID Connect providers: JSON Web Tokens whose signature, issuer, audience and times are verified with keys
//! from a file, since this server asks no other one.

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use ring::signature::{
    ECDSA_P256_SHA256_FIXED, ECDSA_P384_SHA384_FIXED, RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_2048_8192_SHA384,
    RSA_PKCS1_2048_8192_SHA512, RsaPublicKeyComponents, UnparsedPublicKey,
};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use std::path::PathBuf;

/// Characters of a token: AWS's limit.
const TOKEN_CHARS_MAX: usize = 20_000;
/// Bytes of a file of keys.
const KEYS_BYTES_MAX: u64 = 1 << 20;
/// Seconds by which the clocks of an issuer and of this server may differ.
const SKEW_S_MAX: i64 = 300;

/// An issuer whose tokens are taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IdentityProvider {
    /// The claim `iss` of its tokens.
    pub issuer: String,
    /// The values of the claim `aud` that are taken.
    pub audiences: Vec<String>,
    /// A file with its public keys, a JSON Web Key Set. It is read for each token, so that keys can be exchanged.
    pub keys_file: PathBuf,
}

/// The claims of a verified token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claims {
    pub issuer: String,
    pub subject: String,
    pub audience: String,
}

/// The reason that a token is not taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Rejected {
    /// It is past its end.
    Expired(String),
    /// Anything else.
    Invalid(String),
}

fn invalid(why: impl Into<String>) -> Rejected {
    Rejected::Invalid(why.into())
}

#[derive(Deserialize)]
struct Header {
    alg: String,
    kid: Option<String>,
}

#[derive(Deserialize)]
struct Payload {
    iss: String,
    sub: String,
    aud: Value,
    exp: f64,
    nbf: Option<f64>,
}

#[derive(Deserialize)]
struct KeySet {
    keys: Vec<Key>,
}

/// A public key; which members it has follows from its kind.
#[derive(Deserialize)]
struct Key {
    kid: Option<String>,
    kty: String,
    n: Option<String>,
    e: Option<String>,
    x: Option<String>,
    y: Option<String>,
}

/// Verifies a token at `now_s`.
pub async fn verify(token: &str, providers: &[IdentityProvider], now_s: i64) -> Result<Claims, Rejected> {
    let malformed =
        || invalid("The ID Token provided is not a valid JWT. (You may see this error if you sent an Access Token)");
    let parts: Vec<&str> = token.split('.').collect();
    let &[header, payload, signature] = parts.as_slice() else { return Err(malformed()) };
    if token.len() > TOKEN_CHARS_MAX {
        return Err(malformed());
    }
    let signed = &token[..header.len() + 1 + payload.len()];
    let signature = BASE64_URL_SAFE_NO_PAD.decode(signature).map_err(|_| malformed())?;
    let header: Header = json(header).ok_or_else(malformed)?;
    let payload: Payload = json(payload).ok_or_else(malformed)?;
    let Some(provider) = providers.iter().find(|provider| provider.issuer == payload.iss) else {
        let issuer: String = payload.iss.chars().take(200).collect();
        return Err(invalid(format!(
            "No OpenIDConnect provider found in your account for {issuer}: add it to http.identity_providers of this server."
        )));
    };
    let keys = keys(provider).await?;
    let fits = |key: &&Key| header.kid.is_none() || key.kid == header.kid;
    let mut candidates = keys.iter().filter(fits).peekable();
    if candidates.peek().is_none() {
        return Err(invalid(
            "Couldn't retrieve verification key from your identity provider: http.identity_providers has no key of this id.",
        ));
    }
    if !candidates.any(|key| key.verifies(&header.alg, signed.as_bytes(), &signature)) {
        return Err(invalid("The signature of the ID Token does not verify with the keys of its provider."));
    }
    let audience = audience(&payload.aud, &provider.audiences).ok_or_else(|| invalid("Incorrect token audience"))?;
    let now = now_s as f64;
    if now >= payload.exp {
        let (now, end) = (date(now_s), date(payload.exp as i64));
        return Err(Rejected::Expired(format!(
            "Token expired: current date/time {now} must be before the expiration date/time {end}"
        )));
    }
    if payload.nbf.is_some_and(|start| start > now + SKEW_S_MAX as f64) {
        return Err(invalid("The ID Token is not valid yet."));
    }
    Ok(Claims { issuer: payload.iss, subject: payload.sub, audience })
}

fn date(second: i64) -> String {
    let moment = time::OffsetDateTime::from_unix_timestamp(second).unwrap_or(time::OffsetDateTime::UNIX_EPOCH);
    moment.format(&time::format_description::well_known::Rfc3339).unwrap_or_default()
}

fn json<T: DeserializeOwned>(part: &str) -> Option<T> {
    serde_json::from_slice(&BASE64_URL_SAFE_NO_PAD.decode(part).ok()?).ok()
}

/// The first audience of a token that is taken.
fn audience(claimed: &Value, taken: &[String]) -> Option<String> {
    let several = claimed.as_array().into_iter().flatten();
    let mut claimed = several.chain(std::iter::once(claimed)).filter_map(Value::as_str);
    claimed.find(|audience| taken.iter().any(|taken| taken == audience)).map(str::to_owned)
}

async fn keys(provider: &IdentityProvider) -> Result<Vec<Key>, Rejected> {
    let file = provider.keys_file.clone();
    let read = tokio::task::spawn_blocking(move || {
        let size = std::fs::metadata(&file).map_err(|error| error.to_string())?.len();
        if size > KEYS_BYTES_MAX {
            return Err(format!("the file has {size} bytes"));
        }
        let bytes = std::fs::read(&file).map_err(|error| error.to_string())?;
        serde_json::from_slice::<KeySet>(&bytes).map_err(|error| error.to_string())
    });
    let read = read.await.unwrap_or_else(|stopped| Err(stopped.to_string()));
    read.map(|set| set.keys).map_err(|error| {
        tracing::warn!(error, file = %provider.keys_file.display(), "the keys of an identity provider cannot be read");
        invalid("Couldn't retrieve verification key from your identity provider: its keys_file cannot be read.")
    })
}

impl Key {
    /// Whether a signature was made with this key by this algorithm. Algorithms without a key pair are never taken.
    fn verifies(&self, algorithm: &str, signed: &[u8], signature: &[u8]) -> bool {
        let member =
            |member: &Option<String>| BASE64_URL_SAFE_NO_PAD.decode(member.as_deref().unwrap_or_default()).ok();
        match (self.kty.as_str(), algorithm) {
            ("RSA", "RS256" | "RS384" | "RS512") => {
                let (Some(n), Some(e)) = (member(&self.n), member(&self.e)) else { return false };
                let parameters = match algorithm {
                    "RS256" => &RSA_PKCS1_2048_8192_SHA256,
                    "RS384" => &RSA_PKCS1_2048_8192_SHA384,
                    _ => &RSA_PKCS1_2048_8192_SHA512,
                };
                RsaPublicKeyComponents { n, e }.verify(parameters, signed, signature).is_ok()
            }
            ("EC", "ES256" | "ES384") => {
                let (Some(x), Some(y)) = (member(&self.x), member(&self.y)) else { return false };
                let point = [&[4], &x[..], &y[..]].concat();
                let parameters = if algorithm == "ES256" { &ECDSA_P256_SHA256_FIXED } else { &ECDSA_P384_SHA384_FIXED };
                UnparsedPublicKey::new(parameters, point).verify(signed, signature).is_ok()
            }
            _ => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ring::rand::SystemRandom;
    use ring::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair};
    use serde_json::json;

    /// An issuer with one key, and its file of keys.
    struct Issuer {
        pair: EcdsaKeyPair,
        provider: IdentityProvider,
        _dir: tempfile::TempDir,
    }

    fn issuer() -> Issuer {
        let random = SystemRandom::new();
        let document = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &random).expect("a key");
        let pair =
            EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, document.as_ref(), &random).expect("a pair");
        let point = pair.public_key().as_ref();
        let encoded = |bytes: &[u8]| BASE64_URL_SAFE_NO_PAD.encode(bytes);
        let set = json!({"keys": [{"kid": "k1", "kty": "EC", "crv": "P-256", "x": encoded(&point[1..33]),
                                   "y": encoded(&point[33..])}]});
        let dir = tempfile::tempdir().expect("a directory");
        let keys_file = dir.path().join("keys.json");
        std::fs::write(&keys_file, set.to_string()).expect("written");
        let audiences = vec!["sts.amazonaws.com".to_owned()];
        let provider = IdentityProvider { issuer: "https://issuer.example".into(), audiences, keys_file };
        Issuer { pair, provider, _dir: dir }
    }

    impl Issuer {
        fn token(&self, header: &Value, claims: &Value) -> String {
            let part = |value: &Value| BASE64_URL_SAFE_NO_PAD.encode(value.to_string());
            let signed = format!("{}.{}", part(header), part(claims));
            let signature = self.pair.sign(&SystemRandom::new(), signed.as_bytes()).expect("a signature");
            format!("{signed}.{}", BASE64_URL_SAFE_NO_PAD.encode(signature))
        }
    }

    async fn outcome(token: &str, provider: &IdentityProvider) -> String {
        match verify(token, std::slice::from_ref(provider), 1_000).await {
            Ok(claims) => format!("{} of {} for {}", claims.subject, claims.issuer, claims.audience),
            Err(Rejected::Expired(why)) => format!("expired: {why}"),
            Err(Rejected::Invalid(why)) => format!("invalid: {why}"),
        }
    }

    #[tokio::test]
    async fn only_what_the_issuer_signed_is_taken_until_it_ends() {
        let issuer = issuer();
        let header = json!({"alg": "ES256", "kid": "k1"});
        let claims =
            json!({"iss": "https://issuer.example", "sub": "pod", "aud": ["x", "sts.amazonaws.com"], "exp": 1_001});
        let with = |member: &str, value: Value| {
            let mut claims = claims.clone();
            claims[member] = value;
            issuer.token(&header, &claims)
        };
        let good = issuer.token(&header, &claims);
        let taken = "pod of https://issuer.example for sts.amazonaws.com";
        assert_eq!(outcome(&good, &issuer.provider).await, taken);
        assert_eq!(outcome(&with("aud", json!("sts.amazonaws.com")), &issuer.provider).await, taken);
        assert_eq!(outcome(&with("nbf", json!(1_300)), &issuer.provider).await, taken, "clocks may differ so much");
        let without_key_id = issuer.token(&json!({"alg": "ES256"}), &claims);
        assert_eq!(outcome(&without_key_id, &issuer.provider).await, taken, "every key of the issuer is tried");
        for (token, why) in [
            (
                with("exp", json!(1_000)),
                "expired: Token expired: current date/time 1970-01-01T00:16:40Z must be before the expiration date/time \
                 1970-01-01T00:16:40Z",
            ),
            (with("nbf", json!(1_301)), "invalid: The ID Token is not valid yet"),
            (with("aud", json!("other")), "invalid: Incorrect token audience"),
            (with("iss", json!("https://other.example")), "invalid: No OpenIDConnect provider found"),
            (with("sub", json!(null)), "invalid: The ID Token provided is not a valid JWT"),
            (
                issuer.token(&json!({"alg": "ES256", "kid": "k2"}), &claims),
                "invalid: Couldn't retrieve verification key",
            ),
            (issuer.token(&json!({"alg": "none", "kid": "k1"}), &claims), "invalid: The signature"),
            (issuer.token(&json!({"alg": "HS256", "kid": "k1"}), &claims), "invalid: The signature"),
            (good.replacen('.', "A.", 1), "invalid: The ID Token provided"),
            (good.rsplit_once('.').expect("parts").0.to_owned() + ".", "invalid: The signature"),
            ("opaque".to_owned(), "invalid: The ID Token provided"),
        ] {
            let found = outcome(&token, &issuer.provider).await;
            assert!(found.starts_with(why), "{token}: {found}");
        }
        let stranger = self::issuer();
        let forged = stranger.token(&header, &claims);
        assert!(outcome(&forged, &issuer.provider).await.starts_with("invalid: The signature"));
        let without_file = IdentityProvider { keys_file: "/no/such/file".into(), ..issuer.provider.clone() };
        assert!(outcome(&good, &without_file).await.starts_with("invalid: Couldn't retrieve"));
    }
    #[tokio::test]
    async fn each_key_of_an_issuer_and_each_rsa_algorithm_is_tried() {
        /// An RSA key, and a token of each of its algorithms, as OpenSSL signed them.
        #[derive(Deserialize)]
        struct RsaTokens {
            key: Value,
            tokens: Vec<String>,
        }
        let rsa: RsaTokens = serde_json::from_str(include_str!("rsa_tokens.json")).expect("a document");
        let (issuer, stranger) = (issuer(), self::issuer());
        let own = std::fs::read(&issuer.provider.keys_file).expect("a file");
        let own: Value = serde_json::from_slice(&own).expect("a key set");
        let set = json!({"keys": [rsa.key, own["keys"][0]]});
        std::fs::write(&issuer.provider.keys_file, set.to_string()).expect("written");
        let taken = "pod of https://issuer.example for sts.amazonaws.com";
        for token in &rsa.tokens {
            assert_eq!(outcome(token, &issuer.provider).await, taken, "{token}");
            assert!(outcome(token, &stranger.provider).await.starts_with("invalid: Couldn't retrieve"));
            let (signed, signature) = token.rsplit_once('.').expect("parts");
            let other = rsa.tokens.iter().find(|other| *other != token).expect("three");
            let (_, foreign) = other.rsplit_once('.').expect("parts");
            for forged in [format!("{signed}.{foreign}"), format!("{signed}.{}", &signature[..336])] {
                assert!(outcome(&forged, &issuer.provider).await.starts_with("invalid: The signature"), "{forged}");
            }
        }
        let claims = json!({"iss": "https://issuer.example", "sub": "pod", "aud": "sts.amazonaws.com", "exp": 1_001});
        let second = issuer.token(&json!({"alg": "ES256"}), &claims);
        assert_eq!(outcome(&second, &issuer.provider).await, taken);
    }

    #[tokio::test]
    async fn a_key_without_its_numbers_verifies_nothing() {
        let issuer = issuer();
        let claims = json!({"iss": "https://issuer.example", "sub": "pod", "aud": "sts.amazonaws.com", "exp": 1_001});
        for (kind, algorithms) in [("EC", ["ES256", "ES384"]), ("RSA", ["RS256", "RS512"])] {
            let set = json!({"keys": [{"kid": "k1", "kty": kind}, {"kid": "k1", "kty": kind, "x": "!", "n": "!"}]});
            std::fs::write(&issuer.provider.keys_file, set.to_string()).expect("written");
            for algorithm in algorithms {
                let token = issuer.token(&json!({"alg": algorithm, "kid": "k1"}), &claims);
                assert!(outcome(&token, &issuer.provider).await.starts_with("invalid: The signature"), "{algorithm}");
            }
        }
    }
}
