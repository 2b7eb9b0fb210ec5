//! The log lines of requests: one for each that has ended, and one with its parts for each that was slow.
//!
//! Neither names users (unless it is asked for), secrets, tokens or values of a query.

use crate::request_facts::{Part, RequestFacts};
use http::{Method, StatusCode};
use std::time::Duration;
use tracing::Level;

/// The log lines of requests.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestLog {
    /// The level of the line of each request; `None` writes none.
    pub level: Option<Level>,
    /// Requests that took as long have a line with their parts; `None` writes none.
    pub slow: Option<Duration>,
    /// Whether lines name the user that a request is about.
    pub user_ids: bool,
}

impl Default for RequestLog {
    fn default() -> Self {
        Self { level: Some(Level::INFO), slow: Some(Duration::from_secs(1)), user_ids: false }
    }
}

/// A request that was answered.
#[derive(Debug, Clone, Copy)]
pub struct FinishedRequest<'a> {
    pub(crate) facts: &'a RequestFacts,
    /// Its id, as the answer names it.
    pub request_id: &'a str,
    /// The operation or route.
    pub operation: &'static str,
    /// The HTTP method.
    pub method: &'a Method,
    /// The status of the answer.
    pub status: StatusCode,
    /// The exception of a refusal by an operation.
    pub error: Option<&'a str>,
    /// From its head to the head of its answer.
    pub took: Duration,
    /// Bytes of its body, where its head says so.
    pub request_bytes: Option<u64>,
    /// Bytes of the body of the answer, where they are known at once.
    pub response_bytes: Option<u64>,
    /// The id of its trace.
    pub trace_id: Option<&'a str>,
}

impl FinishedRequest<'_> {
    /// The campaign or recommender that answered.
    pub fn campaign_arn(&self) -> Option<&str> {
        self.facts.campaign_arn.as_deref()
    }

    /// The access key of the verified caller.
    pub fn access_key_id(&self) -> Option<&str> {
        self.facts.access_key_id.as_deref()
    }

    /// From its start to the first beginning of a part, and how long that took; `None` for a part that it did not have.
    pub fn part(&self, part: Part) -> Option<(Duration, Duration)> {
        let time = self.facts.parts.of(part);
        time.began.map(|began| (began, time.took))
    }

    fn part_ms(&self, part: Part) -> Option<f64> {
        self.part(part).map(|(_, took)| milliseconds(took))
    }
}

/// Milliseconds with three decimals.
fn milliseconds(time: Duration) -> f64 {
    time.as_micros() as f64 / 1000.0
}

/// Writes a line of the request at a level, which must be a constant of `tracing`.
macro_rules! request_line {
    ($level:expr, $request:expr) => {
        tracing::event!(
            target: "tastemaker_http::request",
            $level,
            request_id = $request.request_id,
            trace_id = $request.trace_id,
            operation = $request.operation,
            method = $request.method.as_str(),
            status = $request.status.as_u16(),
            error = $request.error,
            duration_ms = milliseconds($request.took),
            access_key_id = $request.access_key_id(),
            campaign = $request.campaign_arn(),
            user_id = $request.facts.user_id.as_deref(),
            request_bytes = $request.request_bytes,
            response_bytes = $request.response_bytes,
            "request"
        )
    };
}

impl RequestLog {
    /// Writes what is to be written of a request.
    pub(crate) fn write(&self, request: &FinishedRequest<'_>) {
        match self.level {
            None => {}
            Some(Level::ERROR) => request_line!(Level::ERROR, request),
            Some(Level::WARN) => request_line!(Level::WARN, request),
            Some(Level::INFO) => request_line!(Level::INFO, request),
            Some(Level::DEBUG) => request_line!(Level::DEBUG, request),
            Some(Level::TRACE) => request_line!(Level::TRACE, request),
        }
        if self.slow.is_some_and(|slow| request.took >= slow) {
            tracing::warn!(
                target: "tastemaker_http::slow_request",
                request_id = request.request_id,
                trace_id = request.trace_id,
                operation = request.operation,
                status = request.status.as_u16(),
                duration_ms = milliseconds(request.took),
                access_key_id = request.access_key_id(),
                campaign = request.campaign_arn(),
                user_id = request.facts.user_id.as_deref(),
                read_body_ms = request.part_ms(Part::ReadBody),
                authenticate_ms = request.part_ms(Part::Authenticate),
                decode_ms = request.part_ms(Part::Decode),
                admission_ms = request.part_ms(Part::Admission),
                compute_ms = request.part_ms(Part::Compute),
                storage_ms = request.part_ms(Part::Storage),
                encode_ms = request.part_ms(Part::Encode),
                "slow request"
            );
        }
    }
}
