//! Braze's REST API over a socket.

use anyhow::{Result, bail};
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use tastemaker_braze::sync::{Pace, Rest, RestReply, RestRequest};

/// The longest wait for one answer.
const TIMEOUT: Duration = Duration::from_secs(30);

/// A client with the key of one workspace.
pub struct BrazeRest {
    agent: ureq::Agent,
    url: String,
    authorization: String,
}

impl BrazeRest {
    /// For the REST endpoint `url`, which must be https unless it is on this machine: the key travels with every request.
    pub fn new(url: &str, key: &str) -> Result<Self> {
        let url = url.trim_end_matches('/');
        let local = ["http://127.", "http://localhost", "http://[::1]"].iter().any(|host| url.starts_with(host));
        if !url.starts_with("https://") && !local {
            bail!("--braze-url must begin with https://, not '{url}'");
        }
        let agent = ureq::Agent::config_builder()
            .timeout_global(Some(TIMEOUT))
            .max_redirects(0)
            .max_redirects_will_error(false)
            .http_status_as_error(false)
            .build();
        Ok(Self { agent: agent.into(), url: url.to_owned(), authorization: format!("Bearer {key}") })
    }
}

impl Rest for BrazeRest {
    fn send(&self, request: &RestRequest) -> Result<RestReply, String> {
        let url = format!("{}{}", self.url, request.path);
        let with_body = match request.method {
            "GET" => None,
            "POST" => Some(self.agent.post(&url)),
            "PUT" => Some(self.agent.put(&url)),
            "PATCH" => Some(self.agent.patch(&url)),
            // Braze's catalogs are emptied by DELETE with a body.
            "DELETE" => Some(self.agent.delete(&url).force_send_body()),
            other => return Err(format!("{other} is not a method of Braze's API")),
        };
        let sent = match with_body {
            None => self.agent.get(&url).header("Authorization", &self.authorization).call(),
            Some(builder) => builder
                .header("Authorization", &self.authorization)
                .content_type("application/json")
                .send(request.body.as_str()),
        };
        let mut reply = sent.map_err(|error| error.to_string())?;
        let header = |name: &str| reply.headers().get(name).and_then(|value| value.to_str().ok()).map(str::to_owned);
        let remaining = header("x-ratelimit-remaining").and_then(|text| text.parse().ok());
        let reset_s = header("x-ratelimit-reset").and_then(|text| text.parse().ok());
        let body = reply.body_mut().read_to_string().map_err(|error| error.to_string())?;
        Ok(RestReply { status: reply.status().as_u16(), remaining, reset_s, body })
    }
}

/// The clock of this machine.
pub struct SystemPace;

impl Pace for SystemPace {
    fn now_s(&self) -> i64 {
        SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |d| d.as_secs() as i64)
    }

    fn sleep(&self, duration: Duration) {
        std::thread::sleep(duration);
    }
}
