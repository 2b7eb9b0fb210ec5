//! The request that Braze's Connected Content client makes, and what may come back.

use std::collections::BTreeMap;

/// Milliseconds after which Braze stops waiting.
pub const REPLY_TIME_MS_MAX: u64 = 2000;
/// The largest body that Braze takes over and caches.
pub const BODY_BYTES_MAX: usize = 1 << 20;

/// The methods that Connected Content knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Method {
    /// The default.
    Get,
    /// With `:method post`.
    Post,
}

impl Method {
    /// `GET` or `POST`.
    pub fn as_str(self) -> &'static str {
        match self {
            Method::Get => "GET",
            Method::Post => "POST",
        }
    }
}

/// One request, ready to be sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// GET or POST.
    pub method: Method,
    /// Absolute, `http` or `https`.
    pub url: String,
    /// Names in Braze's spelling.
    pub headers: BTreeMap<String, String>,
    /// For POST.
    pub body: Option<String>,
}

/// A server's answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reply {
    /// The HTTP status.
    pub status: u16,
    /// Decompressed.
    pub body: Vec<u8>,
    /// Milliseconds from the first byte sent to the last one received.
    pub took_ms: u64,
}

/// Why nothing came back.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FetchFailure {
    /// Longer than [`REPLY_TIME_MS_MAX`].
    #[error("no answer within 2 seconds")]
    TooSlow,
    /// Larger than [`BODY_BYTES_MAX`].
    #[error("the answer is larger than 1 MB")]
    TooLarge,
    /// No connection, a TLS failure, a broken answer.
    #[error("{0}")]
    Connection(String),
}

/// Sends one request without following redirects, and waits at most [`REPLY_TIME_MS_MAX`] for at most [`BODY_BYTES_MAX`].
pub trait Fetch: Send + Sync {
    /// Sends it and waits.
    fn fetch(&self, request: &Request) -> Result<Reply, FetchFailure>;
}
