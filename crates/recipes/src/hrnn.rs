//! `aws-hrnn`, `aws-hrnn-metadata` and `aws-hrnn-coldstart`: the recipes that `aws-user-personalization` replaced, with its recurrent
//! network and the parameters and defaults of their own.
//!
//! | recipe | differs from `aws-user-personalization` by |
//! |---|---|
//! | `aws-hrnn` | `hidden_dimension` 43; no metadata, no circumstances, no exploration |
//! | `aws-hrnn-metadata` | `hidden_dimension` 43; no exploration |
//! | `aws-hrnn-coldstart` | explores the items that `cold_start_max_interactions`, `cold_start_max_duration` and `cold_start_relative_from` call cold ([`tastemaker_domain::cold_start`]) |
//!
//! AWS fails a training of `aws-hrnn-coldstart` with fewer than 100 or more than 80,000 cold items; here any number trains.

use crate::recipe::Recipe;
use crate::user_personalization::{recipe, updated_recipe};
use tastemaker_domain::catalog;

pub(crate) const HRNN: Recipe = recipe(&catalog::AWS_HRNN);
pub(crate) const HRNN_METADATA: Recipe = recipe(&catalog::AWS_HRNN_METADATA);
pub(crate) const HRNN_COLDSTART: Recipe = updated_recipe(&catalog::AWS_HRNN_COLDSTART);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::request::TrainRequest;
    use tastemaker_data::{ContextCounts, DatasetBuilder};
    use tastemaker_domain::solution_config::SolutionConfig;
    use tastemaker_learn::{Cancel, TrainContext};

    #[test]
    fn only_hrnn_itself_leaves_circumstances_aside() {
        let (mut builder, mut contexts) = (DatasetBuilder::new(), ContextCounts::default());
        for user in 0..120i64 {
            for k in 0..10 {
                let item = format!("{}-{}", user % 2, (user / 2 + k) % 10);
                builder.push(&user.to_string(), &item, user * 10 + k, None, None);
                contexts.push(&item, [("DEVICE", if user % 2 == 0 { "phone" } else { "tv" })].into_iter());
            }
        }
        let dataset = builder.build();
        let config = SolutionConfig {
            algorithm_hyper_parameters: [("hidden_dimension".to_owned(), "32".to_owned())].into(),
            ..SolutionConfig::default()
        };
        let cancel = Cancel::new();
        let context = TrainContext {
            seed: 3,
            threads: 1,
            cancel: &cancel,
            progress: &|_| {},
            checkpoints: &tastemaker_learn::NoCheckpoints,
        };
        let request = TrainRequest { contexts: Some(&contexts), ..TrainRequest::new(&dataset, &config) };
        let knows =
            |recipe: &Recipe| recipe.train(&request, &context).unwrap().scorer.context("DEVICE", "tv").is_some();
        assert_eq!([&HRNN, &HRNN_METADATA, &HRNN_COLDSTART].map(knows), [false, true, true]);
    }
}
