//! Metric attributions.

use super::bulk::S3LocationV1;
use crate::records::Record;
use crate::records::codec::{One, word};
use serde::{Deserialize, Serialize};
use tastemaker_domain::Status;
use tastemaker_domain::resource::{MetricAttribute, MetricAttribution, S3Location, TimeMs};

record!("metric-attribution", MetricAttribution by arn, "AttributionV1::serialize", "AttributionV1::deserialize");

optional!(location: S3Location, "S3LocationV1::serialize", "S3LocationV1::deserialize");

#[derive(Serialize, Deserialize)]
#[serde(remote = "MetricAttribute")]
struct MetricV1 {
    event_type: String,
    metric_name: String,
    expression: String,
}

mod metrics {
    use super::*;
    use serde::{Deserializer, Serializer};

    pub fn serialize<S: Serializer>(metrics: &[MetricAttribute], serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct Nested<'a>(#[serde(serialize_with = "MetricV1::serialize")] &'a MetricAttribute);
        serializer.collect_seq(metrics.iter().map(Nested))
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<MetricAttribute>, D::Error> {
        #[derive(Deserialize)]
        struct Nested(#[serde(deserialize_with = "MetricV1::deserialize")] MetricAttribute);
        Ok(Vec::<Nested>::deserialize(deserializer)?.into_iter().map(|nested| nested.0).collect())
    }
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "MetricAttribution")]
struct AttributionV1 {
    name: String,
    arn: String,
    dataset_group_arn: String,
    #[serde(with = "metrics")]
    metrics: Vec<MetricAttribute>,
    role_arn: String,
    #[serde(with = "location")]
    output: Option<S3Location>,
    #[serde(with = "word")]
    status: Status,
    failure_reason: Option<String>,
    created_ms: TimeMs,
    updated_ms: TimeMs,
}
