//! Estimates of the memory of trainings for the console.

use crate::config::TrainingConfig;
use tastemaker_console::ports::{Estimates, PlannedTraining};
use tastemaker_domain::recipe::ParameterFamily;
use tastemaker_domain::solution_config::SolutionConfig;
use tastemaker_training::fit::{PlannedTraining as Planned, TrainingSize};
use tokio::sync::watch;

/// The estimates by which trainings are admitted.
pub struct ConsoleEstimates {
    /// The settings of trainings, of which `memory_mb` bounds their memory.
    pub training: watch::Receiver<TrainingConfig>,
}

impl Estimates for ConsoleEstimates {
    fn memory_bytes(&self, training: &PlannedTraining<'_>) -> Option<u64> {
        let mut config = SolutionConfig::default();
        for (name, value) in training.hyperparameters {
            let parameter = training.recipe.parameters.iter().find(|parameter| parameter.name == name)?;
            let map = match parameter.family {
                ParameterFamily::Algorithm => &mut config.algorithm_hyper_parameters,
                ParameterFamily::FeatureTransformation => &mut config.feature_transformation_parameters,
            };
            map.insert(name.clone(), value.clone());
        }
        let size = TrainingSize {
            interactions: training.interactions,
            users: training.users,
            items: training.items,
            has_item_metadata: training.has_metadata,
        };
        let recipe = tastemaker_recipes::by_name(training.recipe.name)?;
        Planned { recipe, config: &config, size }.memory_needed().ok()
    }

    fn available_bytes(&self) -> Option<u64> {
        crate::memory::within(self.training.borrow().memory_mb)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tastemaker_domain::catalog;

    #[test]
    fn more_data_and_wider_networks_need_more_memory() {
        let bytes = |interactions, width: &str| {
            let hyperparameters = [("hidden_dimension".to_owned(), width.to_owned())];
            let training = watch::channel(TrainingConfig::default()).1;
            ConsoleEstimates { training }.memory_bytes(&PlannedTraining {
                recipe: &catalog::AWS_USER_PERSONALIZATION,
                hyperparameters: &hyperparameters,
                interactions,
                users: 1_000,
                items: 5_000,
                has_metadata: true,
            })
        };
        assert!(bytes(10_000, "32") < bytes(10_000_000, "32") && bytes(10_000, "32") < bytes(10_000, "128"));
        assert_eq!(bytes(10_000, "wide"), None);
    }
}
