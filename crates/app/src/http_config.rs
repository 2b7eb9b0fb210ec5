//! `[http]`: the settings of the listener.

use serde::{Deserialize, Serialize};
use std::num::NonZeroUsize;
use std::path::PathBuf;
use tastemaker_http::limits::CONNECTIONS_PER_ADDRESS_MAX;

/// `[http]`: the callers that the listener answers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
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
    pub metrics_token_file: Option<PathBuf>,
}

impl Default for HttpConfig {
    fn default() -> Self {
        Self {
            hosts: Vec::new(),
            origins: Vec::new(),
            connections_per_address: NonZeroUsize::new(CONNECTIONS_PER_ADDRESS_MAX).unwrap_or(NonZeroUsize::MIN),
            metrics_token_file: None,
        }
    }
}
