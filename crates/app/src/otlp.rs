//! Spans of requests and jobs for an OpenTelemetry collector, by OTLP over HTTP.

use crate::spans::Spans;
use anyhow::{Context as _, Result};
use async_trait::async_trait;
use http::HeaderMap;
use opentelemetry::propagation::TextMapPropagator;
use opentelemetry::trace::{Span, SpanBuilder, SpanContext, SpanKind, Status, TraceContextExt, Tracer, TracerProvider};
use opentelemetry::{Context, KeyValue};
use opentelemetry_http::{Bytes, HeaderExtractor, HttpClient, HttpError, Request, Response};
use opentelemetry_otlp::{Protocol, SpanExporter, WithExportConfig, WithHttpConfig};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::propagation::TraceContextPropagator;
use opentelemetry_sdk::trace::{Sampler, SdkTracer, SdkTracerProvider};
use parking_lot::Mutex;
use std::collections::HashMap;
use std::fmt;
use std::time::{Duration, SystemTime};
use tastemaker_domain::resource::Job;
use tastemaker_http::request_facts::Part;
use tastemaker_http::request_log::FinishedRequest;
use tastemaker_http::request_tracer::{RequestSpan, RequestTracer};
use tastemaker_jobs::JobTracer;

/// The time that a collector has to answer.
const ANSWER_TIME_MAX: Duration = Duration::from_secs(10);
/// Bytes of a collector's answer.
const ANSWER_BYTES_MAX: u64 = 1 << 20;

/// Sends spans to a collector. They are kept in a queue of the SDK's, which drops what does not fit.
pub struct OtlpSpans {
    provider: SdkTracerProvider,
    tracer: SdkTracer,
    propagator: TraceContextPropagator,
    /// The runs of jobs, by the resource that each makes.
    jobs: Mutex<HashMap<String, JobSpan>>,
}

/// The run of a job.
struct JobSpan {
    span: opentelemetry_sdk::trace::Span,
    /// The end of the step before.
    step_began: SystemTime,
    stage: Option<(&'static str, SystemTime)>,
}

impl fmt::Debug for OtlpSpans {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OtlpSpans").finish_non_exhaustive()
    }
}

impl OtlpSpans {
    /// Sends to a URL the given part of the traces that begin here.
    pub fn new(url: String, sample_ratio: f64) -> Result<Self> {
        let exporter = SpanExporter::builder()
            .with_http()
            .with_http_client(Client::new())
            .with_protocol(Protocol::HttpJson)
            .with_endpoint(&url)
            .with_timeout(ANSWER_TIME_MAX)
            .build()
            .with_context(|| format!("telemetry.otlp_endpoint: spans cannot be sent to {url}"))?;
        let resource = Resource::builder()
            .with_service_name("tastemaker")
            .with_attribute(KeyValue::new("service.version", env!("CARGO_PKG_VERSION")))
            .build();
        let provider = SdkTracerProvider::builder()
            .with_batch_exporter(exporter)
            .with_sampler(Sampler::ParentBased(Box::new(Sampler::TraceIdRatioBased(sample_ratio))))
            .with_resource(resource)
            .build();
        let tracer = provider.tracer("tastemaker");
        Ok(Self { provider, tracer, propagator: TraceContextPropagator::new(), jobs: Mutex::default() })
    }
}

impl Spans for OtlpSpans {
    fn finish(&self) {
        if let Err(error) = self.provider.shutdown_with_timeout(ANSWER_TIME_MAX / 2) {
            tracing::warn!(%error, "the last spans could not be sent");
        }
    }
}

/// Adds a span that is over.
fn child(tracer: &SdkTracer, parent: &SpanContext, name: String, began: SystemTime, ended: SystemTime) {
    let parent = Context::new().with_remote_span_context(parent.clone());
    let builder = SpanBuilder::from_name(name).with_kind(SpanKind::Internal).with_start_time(began);
    tracer.build_with_context(builder, &parent).end_with_timestamp(ended);
}

/// A request under way.
struct OtlpRequest {
    span: opentelemetry_sdk::trace::Span,
    tracer: SdkTracer,
    began: SystemTime,
}

impl RequestTracer for OtlpSpans {
    fn begin(&self, operation: &'static str, headers: &HeaderMap) -> Box<dyn RequestSpan> {
        let began = SystemTime::now();
        let parent = self.propagator.extract_with_context(&Context::new(), &HeaderExtractor(headers));
        let builder = SpanBuilder::from_name(operation).with_kind(SpanKind::Server).with_start_time(began);
        let span = self.tracer.build_with_context(builder, &parent);
        Box::new(OtlpRequest { span, tracer: self.tracer.clone(), began })
    }
}

impl RequestSpan for OtlpRequest {
    fn trace_id(&self) -> String {
        self.span.span_context().trace_id().to_string()
    }

    fn end(mut self: Box<Self>, request: &FinishedRequest<'_>) {
        if !self.span.is_recording() {
            return;
        }
        for part in Part::ALL {
            if let Some((after, took)) = request.part(part) {
                let began = self.began + after;
                child(&self.tracer, self.span.span_context(), part.as_str().to_owned(), began, began + took);
            }
        }
        let span = &mut self.span;
        span.set_attribute(KeyValue::new("http.request.method", request.method.to_string()));
        span.set_attribute(KeyValue::new("http.response.status_code", i64::from(request.status.as_u16())));
        span.set_attribute(KeyValue::new("tastemaker.request_id", request.request_id.to_owned()));
        if let Some(campaign) = request.campaign_arn() {
            span.set_attribute(KeyValue::new("tastemaker.campaign", campaign.to_owned()));
        }
        if let Some(error) = request.error {
            span.set_attribute(KeyValue::new("error.type", error.to_owned()));
        }
        if request.status.is_server_error() {
            span.set_status(Status::error(request.error.unwrap_or_default().to_owned()));
        }
        span.end_with_timestamp(self.began + request.took);
    }
}

impl JobTracer for OtlpSpans {
    fn began(&self, job: &Job) {
        let began = SystemTime::now();
        let builder = SpanBuilder::from_name(format!("job {}", job.kind.as_str()))
            .with_kind(SpanKind::Internal)
            .with_start_time(began)
            .with_attributes([
                KeyValue::new("tastemaker.resource", job.resource_arn.clone()),
                KeyValue::new("tastemaker.job", job.id.clone()),
                KeyValue::new("tastemaker.attempt", i64::from(job.attempts)),
            ]);
        let span = self.tracer.build_with_context(builder, &Context::new());
        let run = JobSpan { span, step_began: began, stage: None };
        self.jobs.lock().insert(job.resource_arn.clone(), run);
    }

    fn step(&self, job: &Job, step: &str) {
        let now = SystemTime::now();
        if let Some(run) = self.jobs.lock().get_mut(&job.resource_arn) {
            child(&self.tracer, run.span.span_context(), format!("step {step}"), run.step_began, now);
            run.step_began = now;
        }
    }

    fn stage(&self, resource_arn: &str, stage: &'static str) {
        let now = SystemTime::now();
        let mut jobs = self.jobs.lock();
        let Some(run) = jobs.get_mut(resource_arn) else { return };
        if run.stage.is_none_or(|(present, _)| present != stage) {
            self.end_stage(run, now);
            run.stage = Some((stage, now));
        }
    }

    fn ended(&self, job: &Job, outcome: &'static str) {
        let Some(mut run) = self.jobs.lock().remove(&job.resource_arn) else { return };
        let now = SystemTime::now();
        self.end_stage(&mut run, now);
        run.span.set_attribute(KeyValue::new("tastemaker.outcome", outcome));
        if outcome == "failed" {
            run.span.set_status(Status::error(outcome));
        }
        run.span.end_with_timestamp(now);
    }

    fn traceparent(&self, resource_arn: &str) -> Option<String> {
        let jobs = self.jobs.lock();
        let context = jobs.get(resource_arn)?.span.span_context();
        let flags = context.trace_flags().to_u8();
        Some(format!("00-{}-{}-{flags:02x}", context.trace_id(), context.span_id()))
    }
}

impl OtlpSpans {
    fn end_stage(&self, run: &mut JobSpan, now: SystemTime) {
        if let Some((stage, began)) = run.stage.take() {
            child(&self.tracer, run.span.span_context(), format!("stage {stage}"), began, now);
        }
    }
}

/// The client that spans are sent by. The SDK calls it on a thread of its own.
#[derive(Debug)]
struct Client(ureq::Agent);

impl Client {
    fn new() -> Self {
        let config = ureq::Agent::config_builder()
            .timeout_global(Some(ANSWER_TIME_MAX))
            .max_redirects(0)
            .http_status_as_error(false)
            .build();
        Self(config.into())
    }
}

#[async_trait]
impl HttpClient for Client {
    async fn send_bytes(&self, request: Request<Bytes>) -> Result<Response<Bytes>, HttpError> {
        let (parts, body) = request.into_parts();
        let mut answer = self.0.run(Request::from_parts(parts, body.to_vec()))?;
        let bytes = answer.body_mut().with_config().limit(ANSWER_BYTES_MAX).read_to_vec()?;
        let mut response = Response::new(Bytes::from(bytes));
        *response.status_mut() = answer.status();
        Ok(response)
    }
}
