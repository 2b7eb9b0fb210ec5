//! One request to Braze's REST API, with its rate limits and retries.

use std::time::Duration;

/// Tries of a request that Braze answers with 5xx or not at all, the first one included.
const TRIES_MAX: u32 = 8;
/// The wait before the second try; it doubles up to [`BACKOFF_MAX`].
const BACKOFF_MIN: Duration = Duration::from_secs(1);
const BACKOFF_MAX: Duration = Duration::from_secs(60);
/// Times that one request may be told to wait for its rate limit.
const LIMITED_MAX: u32 = 100;
/// The wait when a 429 does not say how long.
const LIMITED_WAIT: Duration = Duration::from_secs(3);
/// The longest wait for a rate limit: some are counted by the hour.
const LIMITED_WAIT_MAX: Duration = Duration::from_secs(3700);

/// A request to the REST API.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RestRequest {
    /// `GET`, `POST`, `PUT`, `PATCH` or `DELETE`.
    pub method: &'static str,
    /// From the root of the REST endpoint: `/users/track`.
    pub path: String,
    /// JSON; empty for requests without a body.
    pub body: String,
}

/// An answer of the REST API.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RestReply {
    /// The HTTP status.
    pub status: u16,
    /// `x-ratelimit-remaining`.
    pub remaining: Option<u64>,
    /// `x-ratelimit-reset`, seconds since the epoch.
    pub reset_s: Option<i64>,
    /// The body.
    pub body: String,
}

/// Sends one request. The implementation adds the address and the key. An error is a connection that failed.
pub trait Rest {
    /// Sends it and waits for the answer.
    fn send(&self, request: &RestRequest) -> Result<RestReply, String>;
}

/// Time, as a sync needs it.
pub trait Pace {
    /// Seconds since the epoch.
    fn now_s(&self) -> i64;
    /// Waits.
    fn sleep(&self, duration: Duration);
}

/// Why a sync stopped. What was sent before is in the ledger; starting it again goes on from there.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SyncError {
    /// Braze does not take it; the text is Braze's own.
    #[error("Braze refused {method} {path} with {status}: {message}")]
    Refused {
        /// Of the request.
        method: &'static str,
        /// Of the request.
        path: String,
        /// Of the answer.
        status: u16,
        /// Braze's own words.
        message: String,
    },
    /// Braze did not answer, or not well, for long.
    #[error("Braze does not answer {method} {path}: {message}; run the same command again to go on")]
    Unavailable {
        /// Of the request.
        method: &'static str,
        /// Of the request.
        path: String,
        /// The last failure.
        message: String,
    },
    /// The ledger cannot be read or extended.
    #[error("{0}")]
    Ledger(#[from] super::LedgerError),
    /// The things to be sent cannot be had.
    #[error("{0}")]
    Source(String),
    /// A setting is out of range.
    #[error("{0}")]
    Setting(String),
}

/// Sends one request until Braze takes or refuses it, and waits out its rate limits.
pub(super) fn deliver(rest: &dyn Rest, pace: &dyn Pace, request: &RestRequest) -> Result<RestReply, SyncError> {
    deliver_once(rest, pace, request, &|| false)
}

/// The same for a request that should not be taken twice: `arrived` looks whether one whose connection broke was taken.
pub(super) fn deliver_once(
    rest: &dyn Rest,
    pace: &dyn Pace,
    request: &RestRequest,
    arrived: &dyn Fn() -> bool,
) -> Result<RestReply, SyncError> {
    let (mut tries, mut limited) = (0, 0);
    loop {
        let answer = rest.send(request);
        let unclear = answer.is_err();
        let failure = match answer {
            Ok(reply) if (200..300).contains(&reply.status) => {
                if reply.remaining == Some(0) {
                    pace.sleep(until(reply.reset_s, pace.now_s()));
                }
                return Ok(reply);
            }
            Ok(reply) if reply.status == 429 && limited < LIMITED_MAX => {
                limited += 1;
                pace.sleep(until(reply.reset_s, pace.now_s()));
                continue;
            }
            Ok(reply) if reply.status < 500 && reply.status != 408 => {
                return Err(SyncError::Refused {
                    method: request.method,
                    path: request.path.clone(),
                    status: reply.status,
                    message: message(&reply.body),
                });
            }
            Ok(reply) => format!("{} {}", reply.status, message(&reply.body)),
            Err(problem) => problem,
        };
        tries += 1;
        if tries == TRIES_MAX {
            return Err(SyncError::Unavailable {
                method: request.method,
                path: request.path.clone(),
                message: failure,
            });
        }
        pace.sleep((BACKOFF_MIN * 2u32.pow(tries - 1)).min(BACKOFF_MAX));
        if unclear && arrived() {
            return Ok(RestReply::default());
        }
    }
}

/// From now to the reset, never less than a moment.
fn until(reset_s: Option<i64>, now_s: i64) -> Duration {
    let left = reset_s.map(|reset| u64::try_from(reset.saturating_sub(now_s)).unwrap_or(0));
    left.map_or(LIMITED_WAIT, Duration::from_secs).clamp(Duration::from_millis(100), LIMITED_WAIT_MAX)
}

/// Braze's `message` with its `errors`, or the beginning of a body of another form.
pub(super) fn message(body: &str) -> String {
    const SHOWN_CHARS: usize = 500;
    let Ok(json) = serde_json::from_str::<serde_json::Value>(body) else {
        return body.chars().take(SHOWN_CHARS).collect();
    };
    let errors = json["errors"].as_array().map(Vec::as_slice).unwrap_or_default();
    let error = |error: &serde_json::Value| match (&error["id"], &error["message"]) {
        (serde_json::Value::String(id), serde_json::Value::String(text)) => format!("{id}: {text}"),
        _ => error.as_str().map_or_else(|| error.to_string(), str::to_owned),
    };
    let told = json["message"].as_str().map(str::to_owned).into_iter().chain(errors.iter().map(error));
    told.collect::<Vec<_>>().join("; ").chars().take(SHOWN_CHARS).collect()
}
