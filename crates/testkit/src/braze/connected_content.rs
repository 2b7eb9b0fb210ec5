//! Braze's Connected Content client on the wire: its headers, two seconds, one megabyte, no redirects, five minutes of cache.

use flate2::read::GzDecoder;
use std::collections::HashMap;
use std::io::Read;
use std::sync::Mutex;
use std::time::{Duration, Instant};

/// Time for an answer, body included.
pub const REPLY_TIME_MAX: Duration = Duration::from_secs(2);
/// Bytes of an answer.
pub const REPLY_BYTES_MAX: u64 = 1 << 20;
/// Time for which a GET stays cached.
pub const CACHE_TIME: Duration = Duration::from_secs(300);

/// The result of a call as a message gets it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answered {
    /// 2xx: the body, and whether it came from the cache.
    Body {
        /// The status.
        status: u16,
        /// After decompression.
        body: Vec<u8>,
        /// Nobody was asked.
        cached: bool,
    },
    /// Anything else: the variable stays nil. 599 is no answer, or one that came too late or was too large.
    Nothing(u16),
}

/// When it came, its status, its body.
type Cached = (Instant, u16, Vec<u8>);

/// A client with an empty cache.
pub struct ConnectedContent {
    agent: ureq::Agent,
    headers: Vec<(String, String)>,
    /// By URL.
    cache: Mutex<HashMap<String, Cached>>,
}

impl ConnectedContent {
    /// One that sends further headers, as `:headers`, `:basic_auth` and `:auth_credentials` do.
    pub fn new(headers: &[(&str, &str)]) -> Self {
        let agent = ureq::Agent::config_builder()
            .timeout_global(Some(REPLY_TIME_MAX))
            .max_redirects(0)
            .max_redirects_will_error(false)
            .http_status_as_error(false)
            .proxy(None)
            .build();
        let headers = headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        Self { agent: agent.into(), headers, cache: Mutex::default() }
    }

    /// GET, from the cache where it has it.
    pub fn get(&self, url: &str) -> Answered {
        // A test that panicked elsewhere left a cache that is still whole.
        let cached = self.cache.lock().unwrap_or_else(|e| e.into_inner()).get(url).cloned();
        if let Some((at, status, body)) = cached
            && at.elapsed() < CACHE_TIME
        {
            return Answered::Body { status, body, cached: true };
        }
        let answered = self.get_uncached(url);
        if let Answered::Body { status, body, .. } = &answered {
            let entry = (Instant::now(), *status, body.clone());
            self.cache.lock().unwrap_or_else(|e| e.into_inner()).insert(url.to_owned(), entry);
        }
        answered
    }

    /// GET with `:no_cache`.
    pub fn get_uncached(&self, url: &str) -> Answered {
        let mut request = self
            .agent
            .get(url)
            .header("User-Agent", "Braze Sender 5f1d7c7c8a1b4a0e9f6c2d3b4a5e6f7081920a1b")
            .header("X-Braze-Sender-Version", "5f1d7c7c8a1b4a0e9f6c2d3b4a5e6f7081920a1b")
            .header("Accept", "*/*")
            .header("Accept-Encoding", "gzip")
            .header("Content-Type", "application/json");
        for (name, value) in &self.headers {
            request = request.header(name, value);
        }
        let Ok(mut reply) = request.call() else { return Answered::Nothing(599) };
        let status = reply.status().as_u16();
        if !(200..300).contains(&status) {
            return Answered::Nothing(status);
        }
        let Ok(body) = reply.body_mut().with_config().limit(REPLY_BYTES_MAX).read_to_vec() else {
            return Answered::Nothing(599);
        };
        match body.starts_with(&[0x1f, 0x8b]) {
            false => Answered::Body { status, body, cached: false },
            true => {
                let mut plain = Vec::new();
                match GzDecoder::new(&body[..]).take(REPLY_BYTES_MAX).read_to_end(&mut plain) {
                    Ok(_) => Answered::Body { status, body: plain, cached: false },
                    Err(_) => Answered::Nothing(599),
                }
            }
        }
    }
}
