//! The receiver of spans as it is now: a new configuration exchanges it.

use crate::spans::Spans;
use parking_lot::RwLock;
use std::sync::Arc;
use tastemaker_domain::resource::Job;
use tastemaker_http::request_tracer::RequestTracer;
use tastemaker_jobs::JobTracer;

/// The receiver of spans, where there is one now. A job that is under way when another takes its place has no span there.
#[derive(Default)]
pub struct LiveSpans(RwLock<Option<Arc<dyn Spans>>>);

impl LiveSpans {
    /// With this one at first.
    pub fn new(spans: Option<Arc<dyn Spans>>) -> Self {
        Self(RwLock::new(spans))
    }

    /// The one of this moment.
    pub fn now(&self) -> Option<Arc<dyn Spans>> {
        self.0.read().clone()
    }

    /// The one of this moment for requests.
    pub fn of_requests(&self) -> Option<Arc<dyn RequestTracer>> {
        self.now().map(|spans| spans as Arc<dyn RequestTracer>)
    }

    /// Puts another in its place, and sends what the former has not sent yet on a thread of its own.
    pub fn replace(&self, spans: Option<Arc<dyn Spans>>) {
        let former = std::mem::replace(&mut *self.0.write(), spans);
        if let Some(former) = former {
            std::thread::spawn(move || former.finish());
        }
    }
}

impl JobTracer for LiveSpans {
    fn began(&self, job: &Job) {
        if let Some(spans) = self.now() {
            spans.began(job);
        }
    }

    fn step(&self, job: &Job, step: &str) {
        if let Some(spans) = self.now() {
            spans.step(job, step);
        }
    }

    fn stage(&self, resource_arn: &str, stage: &'static str) {
        if let Some(spans) = self.now() {
            spans.stage(resource_arn, stage);
        }
    }

    fn ended(&self, job: &Job, outcome: &'static str) {
        if let Some(spans) = self.now() {
            spans.ended(job, outcome);
        }
    }

    fn traceparent(&self, resource_arn: &str) -> Option<String> {
        self.now()?.traceparent(resource_arn)
    }
}
