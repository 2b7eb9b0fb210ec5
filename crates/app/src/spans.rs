//! The receiver of spans of requests and jobs.

use tastemaker_http::request_tracer::RequestTracer;
use tastemaker_jobs::JobTracer;

/// Receives spans of requests and jobs.
pub trait Spans: RequestTracer + JobTracer {
    /// Sends what was not sent yet. It waits for the collector.
    fn finish(&self);
}
