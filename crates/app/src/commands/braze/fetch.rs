//! The sockets behind a preview's requests.

use std::time::{Duration, Instant};
use tastemaker_braze::preview::{BODY_BYTES_MAX, Fetch, FetchFailure, Method, REPLY_TIME_MS_MAX, Reply, Request};
use ureq::{Agent, Error};

/// Sends requests with Braze's limits: two seconds, one megabyte, no redirects.
pub struct HttpFetch(Agent);

impl HttpFetch {
    /// A client with connections of its own.
    pub fn new() -> Self {
        let config = Agent::config_builder()
            .timeout_global(Some(Duration::from_millis(REPLY_TIME_MS_MAX)))
            .max_redirects(0)
            .max_redirects_will_error(false)
            .http_status_as_error(false)
            .build();
        Self(config.into())
    }
}

impl Fetch for HttpFetch {
    fn fetch(&self, request: &Request) -> Result<Reply, FetchFailure> {
        let started = Instant::now();
        let mut builder = http::Request::builder().method(request.method.as_str()).uri(&request.url);
        for (name, value) in &request.headers {
            builder = builder.header(name, value);
        }
        let body = match request.method {
            Method::Get => String::new(),
            Method::Post => request.body.clone().unwrap_or_default(),
        };
        let sent = match request.method {
            Method::Get => builder.body(()).map_err(broken).and_then(|r| self.0.run(r).map_err(failed)),
            Method::Post => builder.body(body).map_err(broken).and_then(|r| self.0.run(r).map_err(failed)),
        };
        let mut response = sent?;
        let limit = BODY_BYTES_MAX as u64;
        let body = response.body_mut().with_config().limit(limit).read_to_vec().map_err(failed)?;
        let took_ms = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
        Ok(Reply { status: response.status().as_u16(), body, took_ms })
    }
}

fn broken(error: http::Error) -> FetchFailure {
    FetchFailure::Connection(format!("the request cannot be sent: {error}"))
}

fn failed(error: Error) -> FetchFailure {
    match error {
        Error::Timeout(_) => FetchFailure::TooSlow,
        Error::BodyExceedsLimit(_) => FetchFailure::TooLarge,
        other => FetchFailure::Connection(other.to_string()),
    }
}
