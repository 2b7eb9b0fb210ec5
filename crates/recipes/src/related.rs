//! RELATED_ITEMS: `aws-sims`, `aws-similar-items` and the domains' use cases that start from an item.
//!
//! All of them relate items by the users they share (`learn::models::sims`). `aws-sims` has its documented parameters; the others
//! discount popularity by half and count the events of their own type:
//!
//! `aws-similar-items` and `aws-vod-more-like-x` look further than shared users: an item with fewer than five interactions is
//! related by its metadata alone, and others get, after those that users relate, items that are like them by metadata and by
//! their vectors over all users' tastes (`learn::models::als`), the mean of both cosines deciding. `item_id_hidden_dim` is the number of
//! dimensions of these vectors, `item_metadata_hidden_dim` the number of an item's features that are compared.
//!
//! | recipe | events |
//! |---|---|
//! | `aws-similar-items`, `aws-vod-more-like-x` | all |
//! | `aws-ecomm-frequently-bought-together` | Purchase |
//! | `aws-ecomm-customers-who-viewed-x-also-viewed` | View |
//! | `aws-vod-because-you-watched-x` | Watch |

use crate::Error;
use crate::ensemble;
use crate::history_length;
use crate::model::Model;
use crate::next_item::sequences::Part;
use crate::popular::counts;
use crate::recipe::Recipe;
use crate::request::TrainRequest;
use crate::use_case;
use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;
use tastemaker_data::Dataset;
use tastemaker_domain::catalog;
use tastemaker_domain::parameters::resolve;
use tastemaker_domain::recipe::{Ability, RecipeDescriptor};
use tastemaker_domain::solution_config::SolutionConfig;
use tastemaker_learn::artifact::Tensors;
use tastemaker_learn::item_matrix::ItemMatrix;
use tastemaker_learn::models::als::{AlsConfig, ItemFactors};
use tastemaker_learn::models::related::RelatedModel;
use tastemaker_learn::models::sims::{SimsConfig, sims};
use tastemaker_learn::{Scorer, TrainContext};

const fn recipe(descriptor: &'static RecipeDescriptor) -> Recipe {
    Recipe::new(descriptor, train, open)
}

pub(crate) const SIMS: Recipe = recipe(&catalog::AWS_SIMS);
pub(crate) const SIMILAR_ITEMS: Recipe = recipe(&catalog::AWS_SIMILAR_ITEMS);
pub(crate) const FREQUENTLY_BOUGHT_TOGETHER: Recipe = recipe(&catalog::AWS_ECOMM_FREQUENTLY_BOUGHT_TOGETHER);
pub(crate) const CUSTOMERS_WHO_VIEWED: Recipe = recipe(&catalog::AWS_ECOMM_CUSTOMERS_WHO_VIEWED_X_ALSO_VIEWED);
pub(crate) const BECAUSE_YOU_WATCHED: Recipe = recipe(&catalog::AWS_VOD_BECAUSE_YOU_WATCHED_X);
pub(crate) const MORE_LIKE: Recipe = recipe(&catalog::AWS_VOD_MORE_LIKE_X);

/// Every pair of items is compared: with more of them tastes take no part.
const TASTES_ITEMS_MAX: usize = 30_000;
/// An item with fewer interactions is cold: it is related by its metadata.
const COLD_BELOW: usize = 5;

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
    let mut config = SimsConfig { popularity_discount: 0.5, min_cointeractions: 2, row_max: ROW_MAX };
    let mut users: Vec<usize> = (0..dataset.users.len()).collect();
    let mut takes_part = vec![true; items];
    if descriptor.has_parameter("popularity_discount_factor") {
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
    let mut relations = sims(&part.sequences(), items, &config, context.cancel)?;
    if descriptor.can(Ability::MetadataRelations) {
        let defaults = SolutionConfig::default();
        let config = if descriptor.has_parameter("item_id_hidden_dim") { request.config } else { &defaults };
        let own = resolve(&catalog::AWS_SIMILAR_ITEMS, config)?;
        let size = |name: &str| Ok::<_, Error>(usize::try_from(own.integer(name)?).unwrap_or(1));
        let (dimension, features) = (size("item_id_hidden_dim")?, size("item_metadata_hidden_dim")?);
        let none = || ItemMatrix::from_rows(vec![Vec::new(); items], ROW_MAX);
        let like = match request.items {
            Some(table) => ensemble::neighbours(table, dataset, ROW_MAX, features, context)?,
            None => none(),
        };
        let near = match items <= TASTES_ITEMS_MAX {
            true => context.pool()?.install(|| {
                let config = AlsConfig { dimension, ..AlsConfig::default() };
                ItemFactors::train(&part.sequences(), items, &config, context)?.nearest(items, ROW_MAX, context.cancel)
            })?,
            false => none(),
        };
        relations = further(&relations, &like, &near, &interactions(dataset));
    }
    let model = RelatedModel::new(relations, &counts(dataset))?;
    Ok(Model {
        tensors: model.to_tensors(),
        scorer: Arc::new(model),
        users_trained: users.len(),
        interactions_trained: part.events(),
        epochs: 1,
        blend: None,
        held_out: Vec::new(),
    })
}

/// The number of interactions of each item.
fn interactions(dataset: &Dataset) -> Vec<usize> {
    let mut count = vec![0usize; dataset.items.len()];
    dataset.item_column().iter().for_each(|&item| count[item as usize] += 1);
    count
}

/// The rows of cold items by metadata alone; in the rows of others, items that are alike or near after the related ones.
fn further(related: &ItemMatrix, like: &ItemMatrix, near: &ItemMatrix, count: &[usize]) -> ItemMatrix {
    let row = |item: u32| {
        let by_users: Vec<(u32, f32)> = related.row(item).collect();
        let alike = like.row(item);
        if count[item as usize] < COLD_BELOW && alike.len() > 0 {
            return alike.collect();
        }
        let least = by_users.iter().fold(1.0f32, |least, r| least.min(r.1));
        let known: HashSet<u32> = by_users.iter().map(|r| r.0).collect();
        let mut others: BTreeMap<u32, f32> = BTreeMap::new();
        for (other, cosine) in alike.chain(near.row(item)).filter(|r| !known.contains(&r.0)) {
            *others.entry(other).or_default() += cosine.min(1.0) / 2.0;
        }
        let others = others.into_iter().map(|(other, mean)| (other, mean * least * 0.999));
        by_users.iter().copied().chain(others).collect::<Vec<_>>()
    };
    ItemMatrix::from_rows((0..count.len() as u32).map(row), ROW_MAX)
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
        let rank = ((p * sorted.len() as f64).ceil() as usize).clamp(1, sorted.len().max(1));
        sorted.get(rank - 1).copied().unwrap_or(0)
    };
    let band = nearest_rank(min)..=nearest_rank(max);
    count.iter().map(|c| band.contains(c)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use tastemaker_data::{Column, DatasetBuilder, TableBuilder, table::Value};
    use tastemaker_domain::solution_config::SolutionConfig;
    use tastemaker_learn::{Cancel, ScoringContext, Scratch};

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
        let model = recipe.train(&TrainRequest::new(dataset, &config), &context)?;
        let scoring_context = ScoringContext { item: dataset.item_ix("lamp"), ..ScoringContext::default() };
        let ranked = model.scorer.top_k(&model.scorer.start(), &scoring_context, 4, None, &mut Scratch::default());
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
            let (other, config) = (shop(Some("other")), SolutionConfig::default());
            let error = recipe.check_data(&TrainRequest::new(&other, &config)).unwrap_err();
            assert!(error.to_string().contains("has 0."), "{error}");
        }
        for recipe in [&SIMILAR_ITEMS, &MORE_LIKE] {
            assert!(related(recipe, &shop(Some("other")), &[]).unwrap().contains(&"bulb".to_owned()));
        }
    }

    /// Items without a user in common are told apart by tastes and by metadata, as finely as the parameters say.
    #[test]
    fn the_parameters_of_similar_items_change_what_is_related() {
        let mut builder = DatasetBuilder::new();
        for user in 0..200usize {
            for k in 0..8usize {
                let item = (user % 5) * 40 + (user * 7 + k * k * 3) % 40;
                builder.push(&user.to_string(), &item.to_string(), k as i64, None, None);
            }
        }
        let dataset = builder.build();
        let mut table = TableBuilder::new(vec![("TEXT".to_owned(), Column::Text(vec![]))]);
        for (n, id) in dataset.items.iter().enumerate() {
            let words: Vec<String> = (0..60).map(|k| format!("w{}", (n * (k + 1) + k * k) % 300)).collect();
            table.set(id, [Some(Value::Text(words.join(" ").into()))]);
        }
        let table = table.build();
        let relations = |items: Option<&tastemaker_data::Table>, name: &str, value: &str| {
            let mut config = SolutionConfig::default();
            config.algorithm_hyper_parameters.insert(name.to_owned(), value.to_owned());
            let cancel = Cancel::new();
            let context = TrainContext { seed: 1, threads: 1, cancel: &cancel, progress: &|_| {} };
            let request = TrainRequest { items, ..TrainRequest::new(&dataset, &config) };
            SIMILAR_ITEMS.train(&request, &context).unwrap().tensors.to_safetensors().unwrap()
        };
        let tastes = |value| relations(None, "item_id_hidden_dim", value);
        assert_eq!(tastes("30"), tastes("30"));
        assert_ne!(tastes("30"), tastes("200"));
        let metadata = |value| relations(Some(&table), "item_metadata_hidden_dim", value);
        assert_ne!(metadata("30"), metadata("200"));
    }

    /// A new kind of lamp shares no user with anything, and its name with the lamp alone.
    #[test]
    fn cold_items_are_related_by_their_metadata() {
        let mut builder = DatasetBuilder::new();
        for user in 0..60 {
            for (k, item) in ["lamp", "bulb", "shade", "bag"].iter().enumerate().skip(user % 2) {
                builder.push(&user.to_string(), item, k as i64, None, None);
            }
        }
        builder.add_item("new");
        let dataset = builder.build();
        let mut table = TableBuilder::new(vec![("KIND".to_owned(), Column::Text(vec![]))]);
        for (id, kind) in [("lamp", "light"), ("new", "light"), ("bulb", "b"), ("shade", "s"), ("bag", "c"), ("x", "x")]
        {
            table.set(id, [Some(Value::Text(kind.into()))]);
        }
        let table = table.build();
        let cancel = Cancel::new();
        let context = TrainContext { seed: 1, threads: 1, cancel: &cancel, progress: &|_| {} };
        let config = SolutionConfig::default();
        let first = |recipe: &Recipe, items: Option<&tastemaker_data::Table>| {
            let request = TrainRequest { items, ..TrainRequest::new(&dataset, &config) };
            let model = recipe.train(&request, &context).unwrap();
            let scoring_context = ScoringContext { item: dataset.item_ix("new"), ..ScoringContext::default() };
            let state = model.scorer.start();
            let ranked = model.scorer.top_k(&state, &scoring_context, 2, None, &mut Scratch::default());
            dataset.items.id(ranked.items[0].0.0).to_owned()
        };
        assert_eq!(first(&SIMILAR_ITEMS, Some(&table)), "lamp");
        assert_ne!(first(&SIMILAR_ITEMS, None), "lamp", "without metadata the most popular comes first");
        assert_eq!(first(&SIMS, Some(&table)), first(&SIMS, None));
    }
}
