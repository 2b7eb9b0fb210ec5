//! Currents' custom HTTP connector: batches, a bearer token, and the same batch again until it is taken.

use serde_json::{Value, json};
use std::time::Duration;

/// Events of one request.
pub const EVENTS_PER_BATCH_MAX: usize = 100;
/// Tries of one batch.
const TRIES_MAX: usize = 10;

/// A connector.
pub struct CurrentsSender {
    agent: ureq::Agent,
    url: String,
    token: Option<String>,
}

impl CurrentsSender {
    /// One that sends to `url`.
    pub fn new(url: &str, token: Option<&str>) -> Self {
        let agent = ureq::Agent::config_builder()
            .timeout_global(Some(Duration::from_secs(90)))
            .http_status_as_error(false)
            .proxy(None)
            .build();
        Self { agent: agent.into(), url: url.to_owned(), token: token.map(str::to_owned) }
    }

    /// Sends all events; gives the status of every try, in order. A server's fault or none at all is tried again, a
    /// refusal is not.
    pub fn send(&self, events: &[Value]) -> Vec<u16> {
        let mut statuses = Vec::new();
        for batch in events.chunks(EVENTS_PER_BATCH_MAX) {
            for wait in 0..TRIES_MAX {
                std::thread::sleep(Duration::from_millis(100 * wait as u64));
                let status = self.send_once(&json!({"events": batch}));
                statuses.push(status);
                if status < 500 {
                    break;
                }
            }
        }
        statuses
    }

    fn send_once(&self, body: &Value) -> u16 {
        let mut request = self.agent.post(&self.url).content_type("application/json");
        if let Some(token) = &self.token {
            request = request.header("Authorization", &format!("Bearer {token}"));
        }
        request.send(body.to_string()).map_or(599, |reply| reply.status().as_u16())
    }
}
