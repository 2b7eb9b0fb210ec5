//! RELATED_ITEMS: `aws-sims`, `aws-similar-items` and the domains' use cases that start from an item.
//!
//! All of them relate items by the users they share (`learn::sims`). `aws-sims` has its documented parameters; the others
//! discount popularity by half and count the events of their own type:
//!
//! | recipe | events |
//! |---|---|
//! | `aws-similar-items`, `aws-vod-more-like-x` | all |
//! | `aws-ecomm-frequently-bought-together` | Purchase |
//! | `aws-ecomm-customers-who-viewed-x-also-viewed` | View |
//! | `aws-vod-because-you-watched-x` | Watch |

use crate::Error;
use crate::popular::counts;
use crate::recipe::{Model, Recipe, TrainRequest};
use crate::use_case;
use crate::user_personalization::history_length;
use crate::user_personalization::sequences::Part;
use std::sync::Arc;
use tastemaker_domain::catalogue;
use tastemaker_domain::parameters::resolve;
use tastemaker_domain::recipe::RecipeDescriptor;
use tastemaker_learn::artifact::Tensors;
use tastemaker_learn::related::RelatedModel;
use tastemaker_learn::sims::{SimsConfig, sims};
use tastemaker_learn::{Scorer, TrainContext};

const fn recipe(descriptor: &'static RecipeDescriptor) -> Recipe {
    Recipe { descriptor, train, open }
}

pub(crate) const SIMS: Recipe = recipe(&catalogue::AWS_SIMS);
pub(crate) const SIMILAR_ITEMS: Recipe = recipe(&catalogue::AWS_SIMILAR_ITEMS);
pub(crate) const FREQUENTLY_BOUGHT_TOGETHER: Recipe = recipe(&catalogue::AWS_ECOMM_FREQUENTLY_BOUGHT_TOGETHER);
pub(crate) const CUSTOMERS_WHO_VIEWED: Recipe = recipe(&catalogue::AWS_ECOMM_CUSTOMERS_WHO_VIEWED_X_ALSO_VIEWED);
pub(crate) const BECAUSE_YOU_WATCHED: Recipe = recipe(&catalogue::AWS_VOD_BECAUSE_YOU_WATCHED_X);
pub(crate) const MORE_LIKE: Recipe = recipe(&catalogue::AWS_VOD_MORE_LIKE_X);

/// Related items kept for each item: the longest list the API gives.
const ROW_MAX: usize = 500;

fn train(
    descriptor: &'static RecipeDescriptor,
    request: &TrainRequest,
    context: &TrainContext,
) -> Result<Model, Error> {
    let values = resolve(descriptor, request.config)?;
    let dataset = use_case::events(descriptor, request.dataset);
    let dataset = dataset.as_ref();
    let items = dataset.items.len();
    let has = |name: &str| descriptor.parameters.iter().any(|p| p.name == name);
    let mut config = SimsConfig { popularity_discount: 0.5, min_cointeractions: 2, row_max: ROW_MAX };
    let mut users: Vec<usize> = (0..dataset.users.len()).collect();
    let mut takes_part = vec![true; items];
    if has("popularity_discount_factor") {
        config.popularity_discount = values.float("popularity_discount_factor")? as f32;
        config.min_cointeractions = values.integer("min_cointeraction_count")? as u32;
        let min = values.float("min_user_history_length_percentile")?;
        let max = values.float("max_user_history_length_percentile")?;
        users = history_length::users_in_band(dataset, min, max);
        let min = values.float("min_item_interaction_count_percentile")?;
        let max = values.float("max_item_interaction_count_percentile")?;
        takes_part = items_in_band(dataset.item_column(), items, min, max);
    }
    let part = Part::of(dataset, &[], &users).only(|item| takes_part[item as usize]);
    let relations = sims(&part.sequences(), items, &config, context.cancel)?;
    let model = RelatedModel::new(relations, &counts(dataset))?;
    Ok(Model {
        tensors: model.to_tensors(),
        scorer: Arc::new(model),
        users_trained: users.len(),
        interactions_trained: part.events(),
        epochs: 1,
        blend: None,
    })
}

fn open(tensors: &Tensors) -> Result<Arc<dyn Scorer>, Error> {
    Ok(Arc::new(RelatedModel::from_tensors(tensors)?))
}

/// Whether each item's number of interactions lies between the `min` and the `max` percentile (nearest rank) of the items that
/// have any, both included.
fn items_in_band(events: &[u32], items: usize, min: f64, max: f64) -> Vec<bool> {
    let mut count = vec![0usize; items];
    events.iter().for_each(|&item| count[item as usize] += 1);
    let mut sorted: Vec<usize> = count.iter().copied().filter(|&c| c > 0).collect();
    sorted.sort_unstable();
    let nearest_rank = |p: f64| {
        let place = ((p * sorted.len() as f64).ceil() as usize).clamp(1, sorted.len().max(1));
        sorted.get(place - 1).copied().unwrap_or(0)
    };
    let band = nearest_rank(min)..=nearest_rank(max);
    count.iter().map(|c| band.contains(c)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use tastemaker_data::{Dataset, DatasetBuilder};
    use tastemaker_domain::solution_config::SolutionConfig;
    use tastemaker_learn::{Ask, Cancel, Scratch};

    /// Half the users take `lamp` and `bulb`, a tenth `lamp` and `shade` (nobody else takes a shade), and everybody a `bag`.
    fn shop(event_type: Option<&str>) -> Dataset {
        let mut builder = DatasetBuilder::new();
        for user in 0..300 {
            let id = user.to_string();
            let mut take = |item: &str, time: i64| builder.push(&id, item, time, event_type, None);
            take("bag", 0);
            take(&format!("own-{}", user % 49), 1);
            if user % 2 == 0 {
                take("lamp", 2);
                take("bulb", 3);
            } else if user % 4 == 1 {
                take("bulb", 3);
            }
            if user % 10 == 0 {
                take("shade", 4);
            }
            (0..3).for_each(|k| take(&format!("filler-{}", (user * 3 + k) % 40), 5 + i64::from(k)));
        }
        builder.build()
    }

    fn related(recipe: &Recipe, dataset: &Dataset, parameters: &[(&str, &str)]) -> Result<Vec<String>, Error> {
        let mut config = SolutionConfig::default();
        for (name, value) in parameters {
            let map = match name.ends_with("percentile") {
                true => &mut config.feature_transformation_parameters,
                false => &mut config.algorithm_hyper_parameters,
            };
            map.insert((*name).to_owned(), (*value).to_owned());
        }
        let cancel = Cancel::new();
        let context = TrainContext { seed: 1, threads: 1, cancel: &cancel, progress: &|_| {} };
        let model = recipe.train(&TrainRequest { dataset, config: &config, warm_start: None }, &context)?;
        let ask = Ask { item: dataset.item_ix("lamp"), ..Ask::default() };
        let ranked = model.scorer.top_k(&model.scorer.start(), &ask, 4, None, &mut Scratch::default());
        Ok(ranked.items.iter().map(|(item, _)| dataset.items.id(item.0).to_owned()).collect())
    }

    #[test]
    fn every_parameter_of_sims_changes_what_is_related() {
        let dataset = shop(None);
        let all = [("max_item_interaction_count_percentile", "1.0")];
        let with = |extra: &[(&str, &str)]| related(&SIMS, &dataset, &[&all[..], extra].concat()).unwrap();
        assert_eq!(with(&[("popularity_discount_factor", "0.0")])[..2], ["bag", "bulb"]);
        assert_eq!(with(&[("popularity_discount_factor", "1.0")])[0], "shade");
        let strict = with(&[("popularity_discount_factor", "1.0"), ("min_cointeraction_count", "10")]);
        assert_eq!(strict[0], "shade", "thirty users share it");
        assert!(!with(&[("min_cointeraction_count", "10")])[..3].iter().any(|id| id.starts_with("own-")));
        // The most popular item does not take part: it can only follow as popular.
        let banded = [("popularity_discount_factor", "0.0"), ("max_item_interaction_count_percentile", "0.98")];
        assert_eq!(related(&SIMS, &dataset, &banded).unwrap()[0], "bulb");
        let rare = with(&[("min_item_interaction_count_percentile", "0.98"), ("popularity_discount_factor", "1.0")]);
        assert_ne!(rare[0], "shade");
        // Nobody with a short history took the lamp, and all with the longest took the same.
        for (min, max) in [("0.0", "0.5"), ("1.0", "1.0")] {
            let band = [("min_user_history_length_percentile", min), ("max_user_history_length_percentile", max)];
            assert_eq!(with(&[&band[..], &[("popularity_discount_factor", "1.0")]].concat())[0], "bag", "{band:?}");
        }
    }

    #[test]
    fn use_cases_learn_from_their_own_events() {
        for (recipe, event_type) in [
            (&FREQUENTLY_BOUGHT_TOGETHER, "purchase"),
            (&CUSTOMERS_WHO_VIEWED, "View"),
            (&BECAUSE_YOU_WATCHED, "watch"),
        ] {
            assert!(related(recipe, &shop(Some(event_type)), &[]).unwrap().contains(&"bulb".to_owned()));
            let error = recipe.check_data(&shop(Some("other"))).unwrap_err();
            assert!(error.to_string().contains("has 0."), "{error}");
        }
        for recipe in [&SIMILAR_ITEMS, &MORE_LIKE] {
            assert!(related(recipe, &shop(Some("other")), &[]).unwrap().contains(&"bulb".to_owned()));
        }
    }
}
