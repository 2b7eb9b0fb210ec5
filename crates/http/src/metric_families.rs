//! Every family of `/metrics`, with its type, its labels and what it counts.

use metrics::{describe_counter, describe_gauge, describe_histogram};

/// The type of a family.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MetricKind {
    /// A number that only grows.
    Counter,
    /// A number that may fall.
    Gauge,
    /// Counts of values by their size.
    Histogram,
}

impl MetricKind {
    /// Prometheus' word.
    pub fn as_str(self) -> &'static str {
        match self {
            MetricKind::Counter => "counter",
            MetricKind::Gauge => "gauge",
            MetricKind::Histogram => "histogram",
        }
    }
}

/// A family of metrics.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MetricFamily {
    /// Its name.
    pub name: &'static str,
    /// Its type.
    pub kind: MetricKind,
    /// The names of its labels.
    pub labels: &'static [&'static str],
    /// What it counts; the line HELP.
    pub help: &'static str,
}

const fn counter(name: &'static str, labels: &'static [&'static str], help: &'static str) -> MetricFamily {
    MetricFamily { name, kind: MetricKind::Counter, labels, help }
}

const fn gauge(name: &'static str, labels: &'static [&'static str], help: &'static str) -> MetricFamily {
    MetricFamily { name, kind: MetricKind::Gauge, labels, help }
}

const fn histogram(name: &'static str, labels: &'static [&'static str], help: &'static str) -> MetricFamily {
    MetricFamily { name, kind: MetricKind::Histogram, labels, help }
}

/// All families, by what they are about.
pub const FAMILIES: &[MetricFamily] = &[
    // Requests.
    counter("tastemaker_requests_total", &["operation", "status"], "Requests by operation and status."),
    histogram(
        "tastemaker_request_seconds",
        &["operation"],
        "Time from a request's head to its answer's head, by operation.",
    ),
    counter(
        "tastemaker_campaign_requests_total",
        &["campaign", "class"],
        "Requests that a campaign or recommender answered, by class of status: 2xx, 4xx or 5xx.",
    ),
    histogram(
        "tastemaker_campaign_request_seconds",
        &["campaign"],
        "Time from a request's head to its answer's head, by campaign or recommender.",
    ),
    counter(
        "tastemaker_s3_requests_total",
        &["method", "class"],
        "Requests of the S3 endpoint, by method and class of status.",
    ),
    counter(
        "tastemaker_connections_refused_total",
        &[],
        "Connections that were closed because their address had too many.",
    ),
    counter("tastemaker_tls_handshakes_failed_total", &[], "Connections that ended in their TLS handshake."),
    gauge(
        "tastemaker_tls_certificate_expiry_timestamp_seconds",
        &[],
        "When the listener's certificate expires, in seconds since the Unix epoch.",
    ),
    gauge("tastemaker_ready", &[], "1 while /ready says READY."),
    // Recommendations.
    counter("tastemaker_recommendations_total", &["campaign", "source"], "Lists by campaign and source."),
    histogram("tastemaker_recommendation_seconds", &["campaign"], "Time to compute a list, by campaign."),
    gauge("tastemaker_recommendations_waiting", &[], "Requests that wait for their turn to be computed."),
    counter(
        "tastemaker_recommendations_refused_total",
        &["campaign", "why"],
        "Requests that got no turn to be computed, by campaign and why.",
    ),
    counter(
        "tastemaker_recommendation_events_total",
        &["campaign"],
        "Streamed events that named a list of the campaign by its recommendationId.",
    ),
    gauge(
        "tastemaker_attributed_total",
        &["attribution", "metric", "event_type", "function", "source"],
        "Value of a metric attribution's metric since it began, by attribution, metric, event type, function and source.",
    ),
    gauge(
        "tastemaker_attributed_window",
        &["attribution", "metric", "event_type", "function", "source"],
        "The same for the present fifteen minutes.",
    ),
    // Events.
    counter(
        "tastemaker_events_appended_total",
        &["kind"],
        "Streamed events and rows that were kept: interactions, action-interactions or rows.",
    ),
    counter("tastemaker_braze_events_total", &["outcome"], "Events from Braze by what became of them."),
    counter(
        "tastemaker_odd_event_times_total",
        &["sent"],
        "Streamed events with a time that was not in seconds: milliseconds were converted, one of 1970 replaced by that of arrival.",
    ),
    // Jobs.
    gauge("tastemaker_jobs", &["kind", "state"], "Jobs that are running or waiting, by kind."),
    counter(
        "tastemaker_jobs_ended_total",
        &["kind", "outcome"],
        "Runs of jobs in this process that ended: completed, failed, retried or stopped.",
    ),
    histogram("tastemaker_job_seconds", &["kind"], "Time of one run of a job."),
    gauge(
        "tastemaker_job_progress_ratio",
        &["resource", "stage"],
        "Part of its present stage that a running job has done, from 0 to 1.",
    ),
    gauge("tastemaker_job_progress_age_seconds", &["resource"], "Seconds since a running job last said how far it is."),
    gauge("tastemaker_training_epoch", &["resource"], "The epoch that a running training ended last."),
    gauge("tastemaker_training_loss", &["resource"], "The loss of the epoch that a running training ended last."),
    counter("tastemaker_batch_requests_total", &["kind"], "Requests of batch jobs that were answered, by kind of job."),
    gauge("tastemaker_batch_part_done", &[], "Part of its input that a batch inference job has read, from 0 to 1."),
    // Models.
    gauge(
        "tastemaker_model_metric",
        &["campaign", "metric"],
        "Offline metric of the solution version that a campaign or recommender answers from.",
    ),
    gauge("tastemaker_model_users", &["campaign"], "Users that the model knows."),
    gauge("tastemaker_model_items", &["campaign"], "Items that the model knows."),
    gauge("tastemaker_model_bytes", &["campaign"], "Bytes of the model's files."),
    gauge(
        "tastemaker_model_created_timestamp_seconds",
        &["campaign"],
        "When the solution version was created, in seconds since the Unix epoch.",
    ),
    gauge(
        "tastemaker_campaigns_not_loaded",
        &[],
        "Campaigns and recommenders that cannot be loaded and do not answer.",
    ),
    // Data.
    gauge("tastemaker_dataset_rows", &["dataset"], "Imported rows of a dataset."),
    gauge("tastemaker_dataset_bytes", &["dataset"], "Bytes of a dataset's imported files."),
    gauge(
        "tastemaker_newest_event_timestamp_seconds",
        &["dataset_group"],
        "When the newest streamed event of a dataset group arrived, in seconds since the Unix epoch.",
    ),
    gauge("tastemaker_filters", &["dataset_group"], "Filters of a dataset group."),
    // Storage.
    histogram(
        "tastemaker_storage_seconds",
        &["store", "call"],
        "Time of a call of the stores; commit, append, put and finish end when the bytes are on disk.",
    ),
    counter(
        "tastemaker_storage_errors_total",
        &["store", "call"],
        "Calls of the stores that failed, conflicts and absences aside.",
    ),
    counter(
        "tastemaker_damaged_values_total",
        &["kind"],
        "Stored values that cannot be read and are passed over, by kind.",
    ),
    gauge("tastemaker_disk_free_bytes", &[], "Bytes that may still be written to the disk of the data directory."),
    gauge("tastemaker_disk_size_bytes", &[], "Size of the disk of the data directory."),
    gauge("tastemaker_disk_free_inodes", &[], "Files that may still be made on the disk of the data directory."),
    // Processes that share their storage.
    gauge("tastemaker_nodes", &["role"], "Processes that share the storage and live, by role, this one among them."),
    gauge(
        "tastemaker_nodes_disagreeing_campaigns",
        &[],
        "Campaigns of which two living processes that serve hold different solution versions.",
    ),
    gauge(
        "tastemaker_event_log_lag_seconds",
        &[],
        "Seconds since this process has last read the shared log of events to its end.",
    ),
    // Access keys, webhooks and backups.
    counter(
        "tastemaker_key_requests_total",
        &["key", "family"],
        "Requests with a good signature, by access key and family.",
    ),
    counter(
        "tastemaker_key_bytes_total",
        &["key", "direction"],
        "Bytes of request bodies (in) and of answers (out), by access key.",
    ),
    counter(
        "tastemaker_key_throttled_total",
        &["key"],
        "Requests that were refused because their access key sent too many.",
    ),
    counter(
        "tastemaker_webhook_deliveries_total",
        &["host"],
        "Changes of statuses that a receiver of webhooks has taken, by its host.",
    ),
    counter(
        "tastemaker_webhook_failures_total",
        &["host"],
        "Attempts to send a change that failed, by the receiver's host.",
    ),
    counter(
        "tastemaker_webhook_dead_letters_total",
        &["host"],
        "Changes that went to the dead letters, by the receiver's host.",
    ),
    gauge(
        "tastemaker_webhook_waiting",
        &["host"],
        "Changes that wait to be sent, by the receiver's host; at most 5,000 are counted.",
    ),
    counter("tastemaker_backups_total", &[], "Backups that the server made by itself."),
    counter(
        "tastemaker_backup_failures_total",
        &[],
        "Backups by the server itself that failed, or left something damaged out.",
    ),
    gauge(
        "tastemaker_backup_last_success_timestamp_seconds",
        &[],
        "Time of the newest backup, in seconds since the Unix epoch; 0 without one.",
    ),
    gauge("tastemaker_backup_seconds", &[], "Time that the newest backup took."),
    gauge("tastemaker_backup_bytes", &[], "Bytes of the newest backup."),
    gauge("tastemaker_backup_new_bytes", &[], "Bytes of the newest backup that no earlier one had."),
    // The process.
    gauge("tastemaker_build_info", &["version", "commit"], "1, with the version and the commit of the build."),
    gauge("process_start_time_seconds", &[], "When the process started, in seconds since the Unix epoch."),
    gauge("tastemaker_uptime_seconds", &[], "Seconds since the process started."),
    counter("process_cpu_seconds_total", &[], "Seconds of processor time that the process has used."),
    gauge("process_resident_memory_bytes", &[], "Memory of the process that is in the machine's memory."),
    gauge("process_virtual_memory_bytes", &[], "Addresses of the process that are in use."),
    gauge("process_open_fds", &[], "Files and connections that the process has open."),
    gauge("process_max_fds", &[], "Files and connections that the process may have open."),
    gauge("process_threads", &[], "Threads of the process."),
    gauge("tastemaker_scrape_errors", &[], "Parts of these metrics that could not be read this time."),
];

/// The family of a name.
pub fn family(name: &str) -> Option<&'static MetricFamily> {
    FAMILIES.iter().find(|family| family.name == name)
}

/// Describes every family to the recorder of this thread or process.
pub(crate) fn describe() {
    for family in FAMILIES {
        match family.kind {
            MetricKind::Counter => describe_counter!(family.name, family.help),
            MetricKind::Gauge => describe_gauge!(family.name, family.help),
            MetricKind::Histogram => describe_histogram!(family.name, family.help),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn names_are_prometheus_own() {
        let names: BTreeSet<&str> = FAMILIES.iter().map(|family| family.name).collect();
        assert_eq!(names.len(), FAMILIES.len(), "each has a name of its own");
        for MetricFamily { name, kind, labels, help } in FAMILIES {
            assert!(name.starts_with("tastemaker_") || name.starts_with("process_"), "{name}");
            assert!(name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_'), "{name}");
            // One gauge is older than the rule: it is the total of an attribution, which may fall.
            let total = name.ends_with("_total") && *name != "tastemaker_attributed_total";
            assert_eq!(*kind == MetricKind::Counter, total, "{name}");
            assert!(*kind != MetricKind::Histogram || name.ends_with("_seconds"), "{name}");
            assert!(help.ends_with('.') && !help.contains('|'), "{name}");
            assert!(labels.iter().all(|label| *label != "le" && !label.contains("user")), "{name}");
        }
        assert!(family("tastemaker_ready").is_some() && family("ready").is_none());
    }
}
