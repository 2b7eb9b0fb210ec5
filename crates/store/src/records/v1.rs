//! Format version 1 of every resource.
//!
//! Each `...V1` lists the members of the domain struct that it is the stored form of; the compiler refuses a list that
//! misses one.

use super::Record;
use super::codec::{One, finite, optional_word, word};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use tastemaker_domain::Status;
use tastemaker_domain::resource::{
    Campaign, CampaignConfig, CampaignUpdate, Dataset, DatasetGroup, DatasetImportJob, DatasetUpdate, EventDataset,
    EventTracker, ImportMode, Job, JobKind, Lease, SchemaResource, Solution, SolutionUpdate, SolutionVersion, TimeMs,
    TrainingMode, TrainingType,
};
use tastemaker_domain::schema::{DatasetDomain, DatasetType};
use tastemaker_domain::solution_config::{EventParameter, Objective, SolutionConfig, TrainingDataConfig};
use tastemaker_domain::tuning::{Trial, TuningConfig};

/// Makes a domain struct a [`Record`]: its kind, its identity, and the functions of its stored form.
macro_rules! record {
    ($kind:literal, $domain:ident by $id:ident, $serialize:literal, $deserialize:literal) => {
        impl Record for $domain {
            const KIND: &'static str = $kind;

            #[allow(clippy::misnamed_getters, reason = "some records are identified by a member of another name")]
            fn id(&self) -> &str {
                &self.$id
            }

            fn to_json(&self) -> serde_json::Result<Vec<u8>> {
                #[derive(Serialize)]
                struct Tagged<'a> {
                    v: One,
                    #[serde(flatten, serialize_with = $serialize)]
                    record: &'a $domain,
                }
                serde_json::to_vec(&Tagged { v: One, record: self })
            }

            fn from_json(json: &[u8]) -> serde_json::Result<Self> {
                #[derive(Deserialize)]
                struct Tagged {
                    #[serde(rename = "v")]
                    _version: One,
                    #[serde(flatten, deserialize_with = $deserialize)]
                    record: $domain,
                }
                Ok(serde_json::from_slice::<Tagged>(json)?.record)
            }
        }
    };
}

/// The stored form of an optional nested struct, as a module for `#[serde(with)]`.
macro_rules! optional {
    ($module:ident: $domain:ident, $serialize:literal, $deserialize:literal) => {
        mod $module {
            use super::*;
            use serde::{Deserializer, Serializer};

            pub fn serialize<S: Serializer>(value: &Option<$domain>, serializer: S) -> Result<S::Ok, S::Error> {
                #[derive(Serialize)]
                struct Held<'a>(#[serde(serialize_with = $serialize)] &'a $domain);
                value.as_ref().map(Held).serialize(serializer)
            }

            pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<$domain>, D::Error> {
                #[derive(Deserialize)]
                struct Held(#[serde(deserialize_with = $deserialize)] $domain);
                Ok(Option::<Held>::deserialize(deserializer)?.map(|held| held.0))
            }
        }
    };
}

mod attribution;
mod batch;
mod bulk;
mod filter;
mod iam;
mod recommender;
mod tuning;

record!("schema", SchemaResource by arn, "SchemaV1::serialize", "SchemaV1::deserialize");
record!("dataset-group", DatasetGroup by arn, "DatasetGroupV1::serialize", "DatasetGroupV1::deserialize");
record!("dataset", Dataset by arn, "DatasetV1::serialize", "DatasetV1::deserialize");
record!("dataset-import-job", DatasetImportJob by arn, "ImportJobV1::serialize", "ImportJobV1::deserialize");
record!("event-dataset", EventDataset by arn, "EventDatasetV1::serialize", "EventDatasetV1::deserialize");
record!("event-tracker", EventTracker by arn, "EventTrackerV1::serialize", "EventTrackerV1::deserialize");
record!("solution", Solution by arn, "SolutionV1::serialize", "SolutionV1::deserialize");
record!("solution-version", SolutionVersion by arn, "SolutionVersionV1::serialize", "SolutionVersionV1::deserialize");
record!("campaign", Campaign by arn, "CampaignV1::serialize", "CampaignV1::deserialize");
record!("job", Job by id, "JobV1::serialize", "JobV1::deserialize");

optional!(campaign_config: CampaignConfig, "CampaignConfigV1::serialize", "CampaignConfigV1::deserialize");
optional!(campaign_update: CampaignUpdate, "CampaignUpdateV1::serialize", "CampaignUpdateV1::deserialize");
optional!(dataset_update: DatasetUpdate, "DatasetUpdateV1::serialize", "DatasetUpdateV1::deserialize");
optional!(solution_update: SolutionUpdate, "SolutionUpdateV1::serialize", "SolutionUpdateV1::deserialize");
optional!(training_data: TrainingDataConfig, "TrainingDataConfigV1::serialize", "TrainingDataConfigV1::deserialize");
optional!(lease: Lease, "LeaseV1::serialize", "LeaseV1::deserialize");

#[derive(Serialize, Deserialize)]
#[serde(remote = "SchemaResource")]
struct SchemaV1 {
    name: String,
    arn: String,
    text: String,
    #[serde(with = "optional_word")]
    domain: Option<DatasetDomain>,
    created_ms: TimeMs,
    updated_ms: TimeMs,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "DatasetGroup")]
struct DatasetGroupV1 {
    name: String,
    arn: String,
    #[serde(with = "word")]
    status: Status,
    role_arn: Option<String>,
    kms_key_arn: Option<String>,
    #[serde(with = "optional_word")]
    domain: Option<DatasetDomain>,
    failure_reason: Option<String>,
    created_ms: TimeMs,
    updated_ms: TimeMs,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "Dataset")]
struct DatasetV1 {
    name: String,
    arn: String,
    dataset_group_arn: String,
    #[serde(with = "word")]
    dataset_type: DatasetType,
    schema_arn: String,
    #[serde(with = "word")]
    status: Status,
    bulk_files: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    bulk_imported_ms: Vec<TimeMs>,
    bulk_rows: u64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    tracking_id: Option<String>,
    #[serde(default, with = "dataset_update", skip_serializing_if = "Option::is_none")]
    latest_update: Option<DatasetUpdate>,
    created_ms: TimeMs,
    updated_ms: TimeMs,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "DatasetUpdate")]
struct DatasetUpdateV1 {
    schema_arn: String,
    #[serde(with = "word")]
    status: Status,
    failure_reason: Option<String>,
    created_ms: TimeMs,
    updated_ms: TimeMs,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "EventDataset")]
struct EventDatasetV1 {
    name: String,
    arn: String,
    dataset_group_arn: String,
    #[serde(with = "word")]
    status: Status,
    created_ms: TimeMs,
    updated_ms: TimeMs,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "DatasetImportJob")]
struct ImportJobV1 {
    job_name: String,
    arn: String,
    dataset_arn: String,
    data_location: String,
    role_arn: Option<String>,
    #[serde(with = "word")]
    import_mode: ImportMode,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    publish_attribution_metrics_to_s3: bool,
    #[serde(with = "word")]
    status: Status,
    failure_reason: Option<String>,
    created_ms: TimeMs,
    updated_ms: TimeMs,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "EventTracker")]
struct EventTrackerV1 {
    name: String,
    arn: String,
    dataset_group_arn: String,
    tracking_id: String,
    account_id: String,
    #[serde(with = "word")]
    status: Status,
    created_ms: TimeMs,
    updated_ms: TimeMs,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "SolutionConfig")]
struct SolutionConfigV1 {
    event_value_threshold: Option<f32>,
    algorithm_hyper_parameters: BTreeMap<String, String>,
    feature_transformation_parameters: BTreeMap<String, String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    auto_training_schedule: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none", with = "training_data")]
    training_data: Option<TrainingDataConfig>,
    #[serde(default, skip_serializing_if = "Option::is_none", with = "tuning")]
    tuning: Option<TuningConfig>,
    #[serde(default, skip_serializing_if = "Vec::is_empty", with = "event_parameters")]
    events: Vec<EventParameter>,
    #[serde(default, skip_serializing_if = "Option::is_none", with = "objective")]
    objective: Option<Objective>,
}

/// `[type, threshold, weight]`.
mod event_parameters {
    use super::{Deserialize, EventParameter, Serialize};
    use serde::{Deserializer, Serializer};

    pub fn serialize<S: Serializer>(events: &[EventParameter], serializer: S) -> Result<S::Ok, S::Error> {
        let stored = events.iter().map(|e| (&e.event_type, e.event_value_threshold, e.weight));
        stored.collect::<Vec<_>>().serialize(serializer)
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<EventParameter>, D::Error> {
        let stored = Vec::<(String, Option<f64>, f64)>::deserialize(deserializer)?.into_iter();
        let event =
            |(event_type, event_value_threshold, weight)| EventParameter { event_type, event_value_threshold, weight };
        Ok(stored.map(event).collect())
    }
}

/// `[attribute, sensitivity]`.
mod objective {
    use super::{Deserialize, Objective, Serialize};
    use serde::de::Error;
    use serde::{Deserializer, Serializer};
    use tastemaker_domain::solution_config::Sensitivity;

    pub fn serialize<S: Serializer>(objective: &Option<Objective>, serializer: S) -> Result<S::Ok, S::Error> {
        objective.as_ref().map(|o| (&o.item_attribute, o.sensitivity.as_str())).serialize(serializer)
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Objective>, D::Error> {
        let stored = Option::<(String, String)>::deserialize(deserializer)?;
        let objective = |(item_attribute, level): (String, String)| match Sensitivity::parse(&level) {
            Some(sensitivity) => Ok(Objective { item_attribute, sensitivity }),
            None => Err(D::Error::custom(format!("no sensitivity '{level}'"))),
        };
        stored.map(objective).transpose()
    }
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "TrainingDataConfig")]
struct TrainingDataConfigV1 {
    excluded: BTreeMap<String, Vec<String>>,
    included: BTreeMap<String, Vec<String>>,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "Solution")]
struct SolutionV1 {
    name: String,
    arn: String,
    dataset_group_arn: String,
    recipe_arn: String,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    perform_tuning: bool,
    perform_auto_training: bool,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    perform_incremental_update: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    auto_training_since_ms: Option<TimeMs>,
    event_type: Option<String>,
    #[serde(with = "SolutionConfigV1")]
    config: SolutionConfig,
    #[serde(with = "word")]
    status: Status,
    #[serde(default, skip_serializing_if = "Option::is_none", with = "solution_update")]
    latest_update: Option<SolutionUpdate>,
    created_ms: TimeMs,
    updated_ms: TimeMs,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "SolutionUpdate")]
struct SolutionUpdateV1 {
    perform_auto_training: Option<bool>,
    perform_incremental_update: Option<bool>,
    auto_training_schedule: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty", with = "event_parameters")]
    events: Vec<EventParameter>,
    #[serde(with = "word")]
    status: Status,
    failure_reason: Option<String>,
    created_ms: TimeMs,
    updated_ms: TimeMs,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "SolutionVersion")]
struct SolutionVersionV1 {
    name: Option<String>,
    arn: String,
    solution_arn: String,
    dataset_group_arn: String,
    recipe_arn: String,
    event_type: Option<String>,
    #[serde(with = "SolutionConfigV1")]
    config: SolutionConfig,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    perform_tuning: bool,
    #[serde(default, skip_serializing_if = "Vec::is_empty", with = "tuning::trials")]
    trials: Vec<Trial>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    tuned_parameters: BTreeMap<String, String>,
    #[serde(with = "word")]
    training_mode: TrainingMode,
    #[serde(with = "word")]
    training_type: TrainingType,
    training_hours: Option<f64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    events_position: Option<u64>,
    #[serde(with = "word")]
    status: Status,
    failure_reason: Option<String>,
    #[serde(with = "finite")]
    metrics: BTreeMap<String, f64>,
    #[serde(with = "finite")]
    baseline_metrics: BTreeMap<String, f64>,
    artifact_key: Option<String>,
    created_ms: TimeMs,
    updated_ms: TimeMs,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "CampaignConfig")]
struct CampaignConfigV1 {
    enable_metadata_with_recommendations: Option<bool>,
    sync_with_latest_solution_version: Option<bool>,
    item_exploration_config: BTreeMap<String, String>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    ranking_influence: BTreeMap<String, f64>,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "Campaign")]
struct CampaignV1 {
    name: String,
    arn: String,
    dataset_group_arn: String,
    solution_version_arn: String,
    min_provisioned_tps: u32,
    #[serde(with = "campaign_config")]
    config: Option<CampaignConfig>,
    #[serde(with = "word")]
    status: Status,
    failure_reason: Option<String>,
    #[serde(with = "campaign_update")]
    latest_update: Option<CampaignUpdate>,
    created_ms: TimeMs,
    updated_ms: TimeMs,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "CampaignUpdate")]
struct CampaignUpdateV1 {
    solution_version_arn: String,
    min_provisioned_tps: u32,
    #[serde(with = "campaign_config")]
    config: Option<CampaignConfig>,
    #[serde(with = "word")]
    status: Status,
    failure_reason: Option<String>,
    created_ms: TimeMs,
    updated_ms: TimeMs,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "Job")]
struct JobV1 {
    id: String,
    #[serde(with = "word")]
    kind: JobKind,
    resource_arn: String,
    step: String,
    attempts: u32,
    #[serde(with = "lease")]
    lease: Option<Lease>,
    not_before_ms: TimeMs,
    created_ms: TimeMs,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "Lease")]
struct LeaseV1 {
    owner: String,
    expires_ms: TimeMs,
}
