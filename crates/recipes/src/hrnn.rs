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
    use tastemaker_data::table::Value;
    use tastemaker_data::{Column, Dataset, DatasetBuilder, Table, TableBuilder};
    use tastemaker_domain::solution_config::SolutionConfig;
    use tastemaker_learn::{Cancel, TrainContext};

    /// Two kinds of items that users keep to.
    fn kinds() -> (Dataset, Table) {
        let mut builder = DatasetBuilder::new();
        let mut table = TableBuilder::new(vec![("KIND".to_owned(), Column::Text(vec![]))]);
        for user in 0..120i64 {
            for k in 0..10 {
                let kind = user % 2;
                let item = format!("{kind}-{}", (user / 2 + k) % 10);
                builder.push(&user.to_string(), &item, user * 10 + k, None, None);
                table.set(&item, [Some(Value::Text(format!("kind{kind}").into()))]);
            }
        }
        builder.add_item("0-cold");
        table.set("0-cold", [Some(Value::Text("kind0".into()))]);
        (builder.build(), table.build())
    }

    fn trained(recipe: &Recipe, dataset: &Dataset, items: Option<&Table>) -> Vec<u8> {
        let config = SolutionConfig {
            algorithm_hyper_parameters: [("hidden_dimension".to_owned(), "32".to_owned())].into(),
            ..SolutionConfig::default()
        };
        let cancel = Cancel::new();
        let context = TrainContext { seed: 3, threads: 1, cancel: &cancel, progress: &|_| {} };
        let request = TrainRequest { items, ..TrainRequest::new(dataset, &config) };
        recipe.train(&request, &context).unwrap().tensors.to_safetensors().unwrap()
    }

    #[test]
    fn only_hrnn_itself_leaves_metadata_aside() {
        let (dataset, table) = kinds();
        assert_eq!(trained(&HRNN, &dataset, Some(&table)), trained(&HRNN, &dataset, None));
        assert_ne!(trained(&HRNN_METADATA, &dataset, Some(&table)), trained(&HRNN_METADATA, &dataset, None));
        assert_eq!(trained(&HRNN, &dataset, None), trained(&HRNN_METADATA, &dataset, None));
    }
}
