//! Counts of requests by campaign. The handles of a campaign's metrics are kept, so that counting allocates nothing.

use crate::admission::Rejected;
use crate::observability::REFUSED;
use http::StatusCode;
use metrics::{Counter, Histogram, SharedString, counter, histogram};
use parking_lot::RwLock;
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

/// Campaigns and recommenders that have metrics of their own; those beyond are counted together.
pub const METRICS_CAMPAIGNS_MAX: usize = 500;
/// The label of those beyond.
const OTHERS: &str = "others";

/// The handles of the metrics of campaigns.
#[derive(Default)]
pub(crate) struct CampaignMetrics {
    known: RwLock<HashMap<Arc<str>, Arc<Handles>>>,
}

struct Handles {
    seconds: Histogram,
    succeeded: Counter,
    refused: Counter,
    failed: Counter,
}

impl Handles {
    fn new(campaign: &str) -> Self {
        let label = SharedString::from(campaign.to_owned());
        // A series that begins with its first refusal hides it from rates.
        for why in [Rejected::QueueFull, Rejected::TooLate] {
            counter!(REFUSED, "campaign" => label.clone(), "why" => why.label()).increment(0);
        }
        let of_class = |class: &'static str| counter!("tastemaker_campaign_requests_total", "campaign" => label.clone(), "class" => class);
        Self {
            seconds: histogram!("tastemaker_campaign_request_seconds", "campaign" => label.clone()),
            succeeded: of_class("2xx"),
            refused: of_class("4xx"),
            failed: of_class("5xx"),
        }
    }
}

impl CampaignMetrics {
    /// Counts a request that a campaign answered. Only campaigns that answer here may be given: labels are made of them.
    pub fn served(&self, campaign_arn: &Arc<str>, status: StatusCode, took: Duration) {
        let known = self.known.read().get(campaign_arn).cloned();
        let handles = known.unwrap_or_else(|| self.add(campaign_arn));
        handles.seconds.record(took.as_secs_f64());
        match status.as_u16() {
            400..=499 => handles.refused.increment(1),
            500.. => handles.failed.increment(1),
            _ => handles.succeeded.increment(1),
        }
    }

    fn add(&self, campaign_arn: &Arc<str>) -> Arc<Handles> {
        let mut known = self.known.write();
        let name: Arc<str> = if known.len() < METRICS_CAMPAIGNS_MAX { campaign_arn.clone() } else { OTHERS.into() };
        known.entry(name.clone()).or_insert_with(|| Arc::new(Handles::new(&name))).clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use metrics_exporter_prometheus::PrometheusBuilder;

    #[test]
    fn campaigns_beyond_the_limit_are_counted_together() {
        let recorder = PrometheusBuilder::new().build_recorder();
        metrics::with_local_recorder(&recorder, || {
            let counts = CampaignMetrics::default();
            for n in 0..METRICS_CAMPAIGNS_MAX + 3 {
                counts.served(&format!("arn:{n}").into(), StatusCode::OK, Duration::from_millis(1));
            }
            counts.served(&"arn:0".into(), StatusCode::BAD_REQUEST, Duration::from_millis(1));
            counts.served(&"arn:0".into(), StatusCode::SERVICE_UNAVAILABLE, Duration::from_millis(1));
        });
        let text = recorder.handle().render();
        for line in [
            "tastemaker_campaign_requests_total{campaign=\"others\",class=\"2xx\"} 3",
            "tastemaker_campaign_requests_total{campaign=\"arn:0\",class=\"2xx\"} 1",
            "tastemaker_campaign_requests_total{campaign=\"arn:0\",class=\"4xx\"} 1",
            "tastemaker_campaign_requests_total{campaign=\"arn:0\",class=\"5xx\"} 1",
            "tastemaker_campaign_request_seconds_count{campaign=\"arn:0\"} 3",
        ] {
            assert!(text.lines().any(|l| l == line), "{line} is not in\n{text}");
        }
        assert!(!text.contains(&format!("arn:{METRICS_CAMPAIGNS_MAX}\"")));
    }
}
