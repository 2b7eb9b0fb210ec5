//! Counters and histograms.

use crate::admission::{Admission, Rejected};
use crate::metric_families;
use crate::routing::Route;
use http::{Method, StatusCode};
use metrics::{counter, gauge, histogram};
use metrics_exporter_prometheus::{BuildError, PrometheusBuilder, PrometheusHandle};
use std::time::Duration;
use tastemaker_domain::recommendation::Source;
use tastemaker_service::OddEventTimes;
use tastemaker_serving::Serving;

const REQUESTS: &str = "tastemaker_requests_total";
const REQUEST_SECONDS: &str = "tastemaker_request_seconds";
const S3_REQUESTS: &str = "tastemaker_s3_requests_total";
const INBOUND: &str = "tastemaker_braze_events_total";
const ODD_TIMES: &str = "tastemaker_odd_event_times_total";
const RECOMMENDATIONS: &str = "tastemaker_recommendations_total";
const ATTRIBUTED: &str = "tastemaker_recommendation_events_total";
const WAITING: &str = "tastemaker_recommendations_waiting";
pub(crate) const REFUSED: &str = "tastemaker_recommendations_refused_total";
const CONNECTIONS_REFUSED: &str = "tastemaker_connections_refused_total";
const HANDSHAKES_FAILED: &str = "tastemaker_tls_handshakes_failed_total";
const RECOMMENDATION_SECONDS: &str = "tastemaker_recommendation_seconds";

/// Upper ends of the histograms' buckets in seconds.
const BUCKETS: &[f64] =
    &[0.000_25, 0.000_5, 0.001, 0.002, 0.004, 0.008, 0.015, 0.03, 0.06, 0.12, 0.25, 0.5, 1.0, 2.0, 5.0, 10.0, 30.0];

/// Makes the process's one metrics recorder. Errors when there is one already.
pub fn install_recorder() -> Result<PrometheusHandle, BuildError> {
    let handle = PrometheusBuilder::new().set_buckets(BUCKETS)?.install_recorder()?;
    metric_families::describe();
    Ok(handle)
}

/// A recorder's handle that no counter feeds, for servers inside tests.
pub fn detached_recorder() -> PrometheusHandle {
    PrometheusBuilder::new().build_recorder().handle()
}

/// Counts a finished request.
pub(crate) fn served(route: Route, method: &Method, status: StatusCode, took: Duration) {
    let operation = route.label();
    counter!(REQUESTS, "operation" => operation, "status" => status.as_str().to_owned()).increment(1);
    histogram!(REQUEST_SECONDS, "operation" => operation).record(took.as_secs_f64());
    if route == Route::S3 {
        counter!(S3_REQUESTS, "method" => method_label(method), "class" => class_label(status)).increment(1);
    }
}

fn method_label(method: &Method) -> &'static str {
    match method.as_str() {
        "GET" => "GET",
        "HEAD" => "HEAD",
        "PUT" => "PUT",
        "POST" => "POST",
        "DELETE" => "DELETE",
        _ => "other",
    }
}

fn class_label(status: StatusCode) -> &'static str {
    match status.as_u16() {
        400..=499 => "4xx",
        500.. => "5xx",
        300..=399 => "3xx",
        _ => "2xx",
    }
}

/// Brings what is counted elsewhere up to date.
pub(crate) fn collect(serving: &Serving, admission: &Admission, odd_times: &OddEventTimes) {
    for (campaign, events) in serving.impressions.attributed() {
        counter!(ATTRIBUTED, "campaign" => campaign.to_string()).absolute(events);
    }
    gauge!(WAITING).set(admission.waiting() as f64);
    counter!(ODD_TIMES, "sent" => "milliseconds").absolute(odd_times.milliseconds());
    counter!(ODD_TIMES, "sent" => "year-1970").absolute(odd_times.year_1970());
}

/// Counts a connection of an address that has too many.
pub fn connection_refused() {
    counter!(CONNECTIONS_REFUSED).increment(1);
}

/// Counts a connection that ended in its handshake.
pub fn handshake_failed() {
    counter!(HANDSHAKES_FAILED).increment(1);
}

/// Counts a request that got no place in time.
pub fn refused(campaign_arn: &str, rejected: Rejected) {
    counter!(REFUSED, "campaign" => campaign_arn.to_owned(), "why" => rejected.label()).increment(1);
}

/// Counts a list. Only campaigns that answered are counted, so callers cannot invent label values.
pub fn recommended(campaign_arn: &str, source: Source, took: Duration) {
    let source = match source {
        Source::Model => "model",
        Source::ColdStart => "cold-start",
        Source::Prepared => "prepared",
    };
    counter!(RECOMMENDATIONS, "campaign" => campaign_arn.to_owned(), "source" => source).increment(1);
    histogram!(RECOMMENDATION_SECONDS, "campaign" => campaign_arn.to_owned()).record(took.as_secs_f64());
}

/// Counts what Braze sent: interactions kept, interactions that do not fit the schema, events that no rule knows.
pub fn inbound(kept: usize, refused: usize, ignored: usize) {
    for (outcome, count) in [("kept", kept), ("refused", refused), ("ignored", ignored)] {
        counter!(INBOUND, "outcome" => outcome).increment(count as u64);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;
    use tastemaker_domain::resource::InteractionEvent;
    use tastemaker_serving::ImpressionList;

    #[test]
    fn requests_and_lists_are_counted_under_their_labels() -> Result<(), BuildError> {
        let recorder = PrometheusBuilder::new().set_buckets(BUCKETS)?.build_recorder();
        let serving = Serving::new();
        let list = ImpressionList::new("arn:c".into(), ["i"].into_iter());
        serving.impressions.remember("RID", list);
        let event = InteractionEvent {
            event_id: "e".to_owned(),
            user_id: "u".to_owned(),
            session_id: "s".to_owned(),
            item_id: "i".to_owned(),
            event_type: "Click".to_owned(),
            event_value: None,
            timestamp_s: 1,
            properties: BTreeMap::new(),
            recommendation_id: Some("RID".to_owned()),
            impression: Vec::new(),
        };
        serving.observe("arn:group", &[event]);
        metrics::with_local_recorder(&recorder, || {
            served(Route::Health, &Method::GET, StatusCode::OK, Duration::from_millis(3));
            served(Route::S3, &Method::PATCH, StatusCode::CREATED, Duration::from_millis(3));
            refused("arn:c", Rejected::QueueFull);
            collect(&serving, &Admission::default(), &OddEventTimes::default());
            recommended("arn:c", Source::ColdStart, Duration::from_micros(400));
        });
        let text = recorder.handle().render();
        for line in [
            "tastemaker_requests_total{operation=\"Health\",status=\"200\"} 1",
            "tastemaker_request_seconds_bucket{operation=\"Health\",le=\"0.004\"} 1",
            "tastemaker_request_seconds_bucket{operation=\"Health\",le=\"0.002\"} 0",
            "tastemaker_s3_requests_total{method=\"other\",class=\"2xx\"} 1",
            "tastemaker_recommendations_waiting 0",
            "tastemaker_recommendation_events_total{campaign=\"arn:c\"} 1",
            "tastemaker_odd_event_times_total{sent=\"milliseconds\"} 0",
            "tastemaker_odd_event_times_total{sent=\"year-1970\"} 0",
            "tastemaker_recommendations_refused_total{campaign=\"arn:c\",why=\"line-full\"} 1",
            "tastemaker_recommendations_total{campaign=\"arn:c\",source=\"cold-start\"} 1",
            "tastemaker_recommendation_seconds_bucket{campaign=\"arn:c\",le=\"0.0005\"} 1",
        ] {
            assert!(text.lines().any(|l| l == line), "{line} is not in\n{text}");
        }
        Ok(())
    }
}
