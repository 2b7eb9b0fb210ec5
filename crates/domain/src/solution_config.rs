//! The customer's choices for training.

use crate::tuning::TuningConfig;
use crate::{Error, Result};
use std::collections::BTreeMap;

/// `solutionConfig`. Keys and values of the maps are the customer's strings, checked against
/// the recipe's hyperparameter table when the solution is created.
#[derive(Debug, Clone, PartialEq, Default)]
#[allow(missing_docs)]
pub struct SolutionConfig {
    pub event_value_threshold: Option<f32>,
    pub algorithm_hyper_parameters: BTreeMap<String, String>,
    pub feature_transformation_parameters: BTreeMap<String, String>,
    /// `rate(<n> days)`: the pause between automatic trainings, checked by [`schedule_days`].
    pub auto_training_schedule: Option<String>,
    /// What of the datasets takes part in training.
    pub training_data: Option<TrainingDataConfig>,
    /// `hpoConfig`: how hyperparameters are searched for a solution with `performHPO`.
    pub tuning: Option<TuningConfig>,
}

/// Columns that take part in training, by dataset type in upper case. A type is in one of the two maps at most.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[allow(missing_docs)]
pub struct TrainingDataConfig {
    pub excluded: BTreeMap<String, Vec<String>>,
    pub included: BTreeMap<String, Vec<String>>,
}

impl TrainingDataConfig {
    /// Whether training may see the column of the dataset type (upper case).
    pub fn takes(&self, dataset_type: &str, column: &str) -> bool {
        let names = |map: &BTreeMap<String, Vec<String>>| {
            map.get(dataset_type).map(|columns| columns.iter().any(|c| c.eq_ignore_ascii_case(column)))
        };
        names(&self.included).unwrap_or(true) && !names(&self.excluded).unwrap_or(false)
    }
}

/// Days between automatic trainings when the customer does not say.
pub const AUTO_TRAINING_DAYS_DEFAULT: u32 = 7;
const AUTO_TRAINING_DAYS_MAX: u32 = 30;

/// The days of `rate(<n> days)`, 1 to 30; [`Error::InvalidInput`] names `member`, the rule and the text.
pub fn schedule_days(member: &str, expression: &str) -> Result<u32> {
    let number = |text: &str| text.bytes().all(|b| b.is_ascii_digit()).then(|| text.parse().ok()).flatten();
    let inside = expression.strip_prefix("rate(").and_then(|rest| rest.strip_suffix(')'));
    let days = inside.and_then(|inside| inside.strip_suffix(" days").or_else(|| inside.strip_suffix(" day")));
    match days.and_then(number) {
        Some(days) if (1..=AUTO_TRAINING_DAYS_MAX).contains(&days) => Ok(days),
        _ => Err(Error::InvalidInput(format!(
            "{member} must be rate(<n> days) with n in [1, {AUTO_TRAINING_DAYS_MAX}], not '{expression}'."
        ))),
    }
}

impl SolutionConfig {
    /// Days between automatic trainings.
    pub fn auto_training_days(&self) -> u32 {
        let given = self.auto_training_schedule.as_deref().and_then(|text| schedule_days("", text).ok());
        given.unwrap_or(AUTO_TRAINING_DAYS_DEFAULT)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn schedules() {
        for (text, days) in [("rate(1 day)", 1), ("rate(1 days)", 1), ("rate(07 days)", 7), ("rate(30 days)", 30)] {
            assert_eq!(schedule_days("m", text), Ok(days), "{text}");
        }
        for text in ["", "rate(0 days)", "rate(31 days)", "rate(7 hours)", "rate(7days)", "rate(-7 days)", "7 days"] {
            let error = schedule_days("schedulingExpression", text).err().map(|e| e.to_string()).unwrap_or_default();
            assert!(
                error.contains("schedulingExpression") && error.contains("[1, 30]") && error.contains(text),
                "{error}"
            );
        }
        let config = |text: Option<&str>| SolutionConfig {
            auto_training_schedule: text.map(str::to_owned),
            ..SolutionConfig::default()
        };
        assert_eq!((config(None).auto_training_days(), config(Some("rate(3 days)")).auto_training_days()), (7, 3));
    }
}
