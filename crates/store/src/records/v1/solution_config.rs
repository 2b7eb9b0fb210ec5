//! The choices for training of solutions and recommenders.

use super::tuning;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use tastemaker_domain::solution_config::{EventParameter, Objective, SolutionConfig, TrainingDataConfig};
use tastemaker_domain::tuning::TuningConfig;

optional!(training_data: TrainingDataConfig, "TrainingDataConfigV1::serialize", "TrainingDataConfigV1::deserialize");

#[derive(Serialize, Deserialize)]
#[serde(remote = "SolutionConfig")]
pub(super) struct SolutionConfigV1 {
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
pub(super) mod event_parameters {
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
