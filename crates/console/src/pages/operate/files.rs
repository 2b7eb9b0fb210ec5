//! Files for the systems that watch a server: a dashboard for Grafana and alert rules for Prometheus.

use axum::response::{IntoResponse, Response};
use http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};

const DASHBOARD: &str = include_str!("../../../../../deploy/grafana/tastemaker.json");
const ALERTS: &str = include_str!("../../../../../deploy/prometheus/alerts.yml");

pub(super) async fn dashboard() -> Response {
    file("application/json", "tastemaker-grafana.json", DASHBOARD)
}

pub(super) async fn alerts() -> Response {
    file("application/yaml", "tastemaker-alerts.yml", ALERTS)
}

fn file(kind: &'static str, name: &str, content: &'static str) -> Response {
    let headers = [(CONTENT_TYPE, kind.to_owned()), (CONTENT_DISPOSITION, format!("attachment; filename=\"{name}\""))];
    (headers, content).into_response()
}
