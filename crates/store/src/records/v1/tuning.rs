//! Hyperparameter optimization: what was asked for, and the trials.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use tastemaker_domain::tuning::{
    NumberRange, Trial, TrialOutcome, TuningConfig, TuningObjective, TuningRanges, TuningResources, WordRange,
};

optional!(tuning_config: TuningConfig, "TuningConfigV1::serialize", "TuningConfigV1::deserialize");
optional!(objective: TuningObjective, "TuningObjectiveV1::serialize", "TuningObjectiveV1::deserialize");
optional!(resources: TuningResources, "TuningResourcesV1::serialize", "TuningResourcesV1::deserialize");
optional!(ranges: TuningRanges, "ranges_v1::serialize", "ranges_v1::deserialize");

pub(super) use tuning_config::{deserialize, serialize};

#[derive(Serialize, Deserialize)]
#[serde(remote = "TuningConfig")]
struct TuningConfigV1 {
    #[serde(default, skip_serializing_if = "Option::is_none", with = "objective")]
    objective: Option<TuningObjective>,
    #[serde(default, skip_serializing_if = "Option::is_none", with = "resources")]
    resources: Option<TuningResources>,
    #[serde(default, skip_serializing_if = "Option::is_none", with = "ranges")]
    ranges: Option<TuningRanges>,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "TuningObjective")]
struct TuningObjectiveV1 {
    kind: Option<String>,
    metric_name: Option<String>,
    metric_regex: Option<String>,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "TuningResources")]
struct TuningResourcesV1 {
    trials: Option<String>,
    parallel: Option<String>,
}

/// By way of structs of our own, since lists of foreign types have no `with`.
mod ranges_v1 {
    use super::*;
    use serde::{Deserializer, Serializer};

    #[derive(Serialize, Deserialize)]
    struct Ranges {
        integer: Option<Vec<Number<i32>>>,
        continuous: Option<Vec<Number<f64>>>,
        categorical: Option<Vec<Word>>,
    }

    #[derive(Serialize, Deserialize)]
    struct Number<T> {
        name: Option<String>,
        min: Option<T>,
        max: Option<T>,
    }

    #[derive(Serialize, Deserialize)]
    struct Word {
        name: Option<String>,
        values: Option<Vec<String>>,
    }

    fn each<A: Clone, B>(list: Option<&Vec<A>>, change: impl Fn(A) -> B) -> Option<Vec<B>> {
        list.map(|list| list.iter().cloned().map(change).collect())
    }

    pub fn serialize<S: Serializer>(ranges: &TuningRanges, serializer: S) -> Result<S::Ok, S::Error> {
        let ranges = Ranges {
            integer: each(ranges.integer.as_ref(), |r| Number { name: r.name, min: r.min, max: r.max }),
            continuous: each(ranges.continuous.as_ref(), |r| Number { name: r.name, min: r.min, max: r.max }),
            categorical: each(ranges.categorical.as_ref(), |r| Word { name: r.name, values: r.values }),
        };
        ranges.serialize(serializer)
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<TuningRanges, D::Error> {
        let Ranges { integer, continuous, categorical } = Ranges::deserialize(deserializer)?;
        let number = |list: Vec<Number<i32>>| {
            list.into_iter().map(|r| NumberRange { name: r.name, min: r.min, max: r.max }).collect()
        };
        let float = |list: Vec<Number<f64>>| {
            list.into_iter().map(|r| NumberRange { name: r.name, min: r.min, max: r.max }).collect()
        };
        let word = |list: Vec<Word>| list.into_iter().map(|r| WordRange { name: r.name, values: r.values }).collect();
        Ok(TuningRanges {
            integer: integer.map(number),
            continuous: continuous.map(float),
            categorical: categorical.map(word),
        })
    }
}

/// The trials of a search.
pub(super) mod trials {
    use super::*;
    use serde::{Deserializer, Serializer};

    #[derive(Serialize, Deserialize)]
    struct TrialV1 {
        number: usize,
        parameters: BTreeMap<String, String>,
        outcome: OutcomeV1,
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        curve: Vec<f64>,
    }

    #[derive(Serialize, Deserialize)]
    #[serde(rename_all = "snake_case")]
    enum OutcomeV1 {
        Judged(f64),
        Stopped,
        Failed(String),
    }

    pub fn serialize<S: Serializer>(trials: &[Trial], serializer: S) -> Result<S::Ok, S::Error> {
        let numbers = |t: &Trial| t.curve.iter().copied().chain(t.quality()).all(f64::is_finite);
        if let Some(trial) = trials.iter().find(|t| !numbers(t)) {
            return Err(serde::ser::Error::custom(format!("trial {} has a quality that is not finite", trial.number)));
        }
        let stored = trials.iter().cloned().map(|t| TrialV1 {
            number: t.number,
            parameters: t.parameters,
            outcome: match t.outcome {
                TrialOutcome::Judged(quality) => OutcomeV1::Judged(quality),
                TrialOutcome::Stopped => OutcomeV1::Stopped,
                TrialOutcome::Failed(why) => OutcomeV1::Failed(why),
            },
            curve: t.curve,
        });
        serializer.collect_seq(stored)
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Trial>, D::Error> {
        let trial = |t: TrialV1| Trial {
            number: t.number,
            parameters: t.parameters,
            outcome: match t.outcome {
                OutcomeV1::Judged(quality) => TrialOutcome::Judged(quality),
                OutcomeV1::Stopped => TrialOutcome::Stopped,
                OutcomeV1::Failed(why) => TrialOutcome::Failed(why),
            },
            curve: t.curve,
        };
        Ok(Vec::<TrialV1>::deserialize(deserializer)?.into_iter().map(trial).collect())
    }
}
