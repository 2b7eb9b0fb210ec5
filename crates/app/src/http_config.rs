//! `[http]`: the settings of the listener.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::num::NonZeroUsize;
use std::path::PathBuf;
use tastemaker_http::limits::CONNECTIONS_PER_ADDRESS_MAX;

/// `[http]`: the callers that the listener answers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct HttpConfig {
    /// Names besides `localhost`, `127.0.0.1` and `[::1]` by which a loopback listener is called without signature or token, as by a
    /// proxy on the machine that passes its own name.
    pub hosts: Vec<String>,
    /// Origins whose pages may read answers and post, such as `https://shop.example`; `*` is all. On a loopback listener the
    /// pages that this machine serves may, too.
    pub origins: Vec<String>,
    /// Connections that one client address may have open.
    pub connections_per_address: NonZeroUsize,
    /// A file with a token for `/metrics`, besides the token of the data directory. With it `/metrics` wants a token on
    /// loopback as well.
    #[schemars(extend("x-file" = true))]
    pub metrics_token_file: Option<PathBuf>,
    /// OpenID Connect issuers whose tokens are taken by AssumeRoleWithWebIdentity; without any it is refused.
    pub identity_providers: Vec<IdentityProviderConfig>,
}

/// `[[http.identity_providers]]`: an issuer of tokens, as a cluster that gives them to its pods.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct IdentityProviderConfig {
    /// The claim `iss` of its tokens, as `https://kubernetes.default.svc`.
    pub issuer: String,
    /// Values of the claim `aud` that are taken.
    #[serde(default = "audiences")]
    pub audiences: Vec<String>,
    /// A file with its public keys, a JSON Web Key Set. It is read for each token, so that keys can be exchanged.
    pub keys_file: PathBuf,
}

/// The audience of tokens that are made for AWS's token service.
fn audiences() -> Vec<String> {
    vec!["sts.amazonaws.com".to_owned()]
}

impl Default for HttpConfig {
    fn default() -> Self {
        Self {
            hosts: Vec::new(),
            origins: Vec::new(),
            connections_per_address: NonZeroUsize::new(CONNECTIONS_PER_ADDRESS_MAX).unwrap_or(NonZeroUsize::MIN),
            metrics_token_file: None,
            identity_providers: Vec::new(),
        }
    }
}
