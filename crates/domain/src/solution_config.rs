//! The customer's choices for training.

use std::collections::BTreeMap;

/// `solutionConfig` as far as recipes use it. Keys and values of the maps are the customer's strings, checked against
/// the recipe's hyperparameter table when the solution is created.
#[derive(Debug, Clone, PartialEq, Default)]
#[allow(missing_docs)]
pub struct SolutionConfig {
    pub event_value_threshold: Option<f32>,
    pub algorithm_hyper_parameters: BTreeMap<String, String>,
    pub feature_transformation_parameters: BTreeMap<String, String>,
}
