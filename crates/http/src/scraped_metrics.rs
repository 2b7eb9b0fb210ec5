//! Numbers that are read when somebody asks for the metrics.

use crate::metric_families::{self, MetricKind};
use futures::future::BoxFuture;
use metrics::{counter, gauge};
use metrics_exporter_prometheus::PrometheusBuilder;
use std::fmt;

/// A number that is read when the metrics are.
#[derive(Debug, Clone, PartialEq)]
pub struct Sample {
    /// The name of its family, which is one of [`FAMILIES`](metric_families::FAMILIES).
    pub family: &'static str,
    /// Its labels, as pairs of a name and a value.
    pub labels: Vec<(&'static str, String)>,
    /// The number.
    pub value: f64,
}

impl Sample {
    /// A number without labels.
    pub fn new(family: &'static str, value: f64) -> Self {
        Self { family, labels: Vec::new(), value }
    }

    /// The same with one more label.
    pub fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.labels.push((name, value.into()));
        self
    }
}

/// The numbers that are read when the metrics are.
pub trait ScrapedMetrics: fmt::Debug + Send + Sync {
    /// Reads them now.
    fn read(&self) -> BoxFuture<'_, Vec<Sample>>;
}

/// Numbers as text. They are recorded anew each time, so that what is gone leaves no series behind.
pub(crate) fn rendered(samples: &[Sample]) -> String {
    let recorder = PrometheusBuilder::new().build_recorder();
    metrics::with_local_recorder(&recorder, || {
        metric_families::describe();
        for Sample { family, labels, value } in samples {
            let kind = metric_families::family(family).map(|family| family.kind);
            match kind {
                Some(MetricKind::Counter) => counter!(*family, labels).absolute(*value as u64),
                _ => gauge!(*family, labels).set(*value),
            }
        }
    });
    recorder.handle().render()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_read_is_shown_with_its_type_and_leaves_nothing_behind() {
        let sample = Sample::new("tastemaker_jobs", 2.0).with("kind", "train \"a\"").with("state", "running");
        let text = rendered(&[sample, Sample::new("process_cpu_seconds_total", 7.0)]);
        for line in [
            "# TYPE tastemaker_jobs gauge",
            "# HELP tastemaker_jobs Jobs that are running or waiting, by kind.",
            "tastemaker_jobs{kind=\"train \\\"a\\\"\",state=\"running\"} 2",
            "# TYPE process_cpu_seconds_total counter",
            "process_cpu_seconds_total 7",
        ] {
            assert!(text.lines().any(|l| l == line), "{line} is not in\n{text}");
        }
        assert_eq!(rendered(&[]), "");
    }
}
