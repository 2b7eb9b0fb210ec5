//! The receiver of spans of requests.

use crate::request_log::FinishedRequest;
use http::HeaderMap;
use std::fmt;

/// Receives the beginnings of requests.
pub trait RequestTracer: fmt::Debug + Send + Sync {
    /// A request begins. Its headers may name the trace that it is part of.
    fn begin(&self, operation: &'static str, headers: &HeaderMap) -> Box<dyn RequestSpan>;
}

/// The span of a request under way.
pub trait RequestSpan: Send {
    /// The id of its trace, in hexadecimal digits.
    fn trace_id(&self) -> String;

    /// The request was answered.
    fn end(self: Box<Self>, request: &FinishedRequest<'_>);
}
