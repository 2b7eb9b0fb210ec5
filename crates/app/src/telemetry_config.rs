//! `[telemetry]`: where spans of requests and jobs are sent.

use crate::spans::Spans;
use anyhow::{Result, bail};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// OpenTelemetry's own variable for the same endpoint.
pub const ENDPOINT_VARIABLE: &str = "OTEL_EXPORTER_OTLP_ENDPOINT";

/// `[telemetry]`: spans of requests and jobs for an OpenTelemetry collector. Nothing is sent without an endpoint.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct TelemetryConfig {
    /// The collector's address for OTLP over HTTP, such as `http://127.0.0.1:4318`; spans are sent as JSON to `/v1/traces` below it. Where
    /// it is absent, the variable `OTEL_EXPORTER_OTLP_ENDPOINT` is taken.
    pub otlp_endpoint: Option<String>,
    /// The part of the traces that is sent, from 0 to 1. A request that names a trace of its own follows what that says.
    pub sample_ratio: f64,
}

impl Default for TelemetryConfig {
    fn default() -> Self {
        Self { otlp_endpoint: None, sample_ratio: 1.0 }
    }
}

impl TelemetryConfig {
    /// Refuses an endpoint that is no URL and a part that is none.
    pub fn check(&self) -> Result<()> {
        if !(0.0..=1.0).contains(&self.sample_ratio) {
            bail!("telemetry.sample_ratio must be from 0 to 1, not {}", self.sample_ratio);
        }
        if let Some(endpoint) = &self.otlp_endpoint {
            traces_url("telemetry.otlp_endpoint", endpoint)?;
        }
        Ok(())
    }

    /// The receiver of spans, where there is an endpoint.
    pub fn spans(&self) -> Result<Option<Arc<dyn Spans>>> {
        let of_variable = || std::env::var(ENDPOINT_VARIABLE).ok().filter(|endpoint| !endpoint.is_empty());
        let url = match (&self.otlp_endpoint, of_variable()) {
            (Some(endpoint), _) => traces_url("telemetry.otlp_endpoint", endpoint)?,
            (None, Some(endpoint)) => traces_url(ENDPOINT_VARIABLE, &endpoint)?,
            (None, None) => return Ok(None),
        };
        self.exporter(url).map(Some)
    }

    #[cfg(feature = "otlp")]
    fn exporter(&self, url: String) -> Result<Arc<dyn Spans>> {
        Ok(Arc::new(crate::otlp::OtlpSpans::new(url, self.sample_ratio)?))
    }

    #[cfg(not(feature = "otlp"))]
    fn exporter(&self, url: String) -> Result<Arc<dyn Spans>> {
        bail!("telemetry.otlp_endpoint: spans cannot be sent to {url}: this build is without the feature otlp")
    }
}

/// The address of a collector for traces.
fn traces_url(setting: &str, endpoint: &str) -> Result<String> {
    let host = ["http://", "https://"].iter().find_map(|scheme| endpoint.strip_prefix(scheme));
    if !host.is_some_and(|host| !host.is_empty() && !host.starts_with('/')) {
        bail!("{setting} must begin with http:// or https:// and a host, not '{endpoint}'");
    }
    let endpoint = endpoint.trim_end_matches('/');
    Ok(if endpoint.ends_with("/v1/traces") { endpoint.to_owned() } else { format!("{endpoint}/v1/traces") })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test_config::config;

    #[test]
    fn every_key_is_read_and_faults_name_it() -> Result<()> {
        let (_dir, plain, _) = config("")?;
        assert_eq!(plain.telemetry, TelemetryConfig::default());
        let (_dir, all, _) = config("[telemetry]\notlp_endpoint = 'http://h:4318'\nsample_ratio = 0.5")?;
        assert_eq!((all.telemetry.otlp_endpoint.as_deref(), all.telemetry.sample_ratio), (Some("http://h:4318"), 0.5));
        for (toml, word) in [
            ("otlp_endpoint = 'h:4318'", "telemetry.otlp_endpoint must begin with http:// or https:// and a host"),
            ("otlp_endpoint = 'http:///x'", "and a host"),
            ("sample_ratio = 2", "telemetry.sample_ratio must be from 0 to 1, not 2"),
            ("endpoint = 'http://h'", "telemetry.endpoint"),
        ] {
            let error = format!("{:#}", config(&format!("[telemetry]\n{toml}")).map(|_| ()).expect_err(toml));
            assert!(error.contains(word), "{toml}: {error}");
        }
        for (endpoint, url) in [
            ("http://h:4318", "http://h:4318/v1/traces"),
            ("https://h/otlp/", "https://h/otlp/v1/traces"),
            ("http://h/v1/traces", "http://h/v1/traces"),
        ] {
            assert_eq!(traces_url("x", endpoint)?, url);
        }
        Ok(())
    }
}
