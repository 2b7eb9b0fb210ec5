//! RELATED_ITEMS: `aws-sims`, `aws-similar-items` and the domains' use cases that start from an item.
//!
//! All of them rank by an ensemble of signals (`learn::models::related`): items that follow, precede or share users and sessions, and,
//! but for `aws-sims`, a matrix of low rank, EASE, item vectors and metadata. The weights are fitted on transitions of held-out
//! users of the customer's own data.
//!
//! - `aws-sims` has its documented parameters; `popularity_discount_factor` leads from the shared users (0) over the fitted ensemble (0.5) to
//!   the shared users over those of each item (1). Items within the percentiles are related by the users and items within them. Items
//!   beyond, as the item asked about and in its list, are related by the counts of all users; so are pairs that share fewer
//!   users than `min_cointeraction_count`, after all others.
//! - `aws-similar-items` and `aws-vod-more-like-x` relate an item with fewer than five interactions by its metadata first.
//!   `item_id_hidden_dim` is the number of dimensions of the item vectors, `item_metadata_hidden_dim` the number of an item's
//!   features that are compared.
//! - `aws-ecomm-frequently-bought-together` learns from baskets: purchases of one order, or of one user within an hour. Whole histories tell what
//!   follows after that.
//!
//! | recipe | events |
//! |---|---|
//! | `aws-similar-items`, `aws-vod-more-like-x` | all |
//! | `aws-ecomm-frequently-bought-together` | Purchase |
//! | `aws-ecomm-customers-who-viewed-x-also-viewed` | View |
//! | `aws-vod-because-you-watched-x` | Watch |

mod facts;
mod training;

use crate::Error;
use crate::ensemble;
use crate::history_length;
use crate::model::Model;
use crate::popular::counts;
use crate::recipe::Recipe;
use crate::request::TrainRequest;
use crate::use_case;
use std::sync::Arc;
use tastemaker_data::Dataset;
use tastemaker_domain::catalog;
use tastemaker_domain::parameters::resolve;
use tastemaker_domain::recipe::{Ability, RecipeDescriptor};
use tastemaker_domain::solution_config::SolutionConfig;
use tastemaker_learn::artifact::Tensors;
use tastemaker_learn::item_matrix::ItemMatrix;
use tastemaker_learn::models::als::AlsConfig;
use tastemaker_learn::models::related::RelatedModel;
use tastemaker_learn::{Scorer, TrainContext};
use training::{ROW_MAX, RelatedTraining, Relations};

const fn recipe(descriptor: &'static RecipeDescriptor) -> Recipe {
    Recipe::new(descriptor, train, open)
}

pub(crate) const SIMS: Recipe = recipe(&catalog::AWS_SIMS);
pub(crate) const SIMILAR_ITEMS: Recipe = recipe(&catalog::AWS_SIMILAR_ITEMS);
pub(crate) const FREQUENTLY_BOUGHT_TOGETHER: Recipe = recipe(&catalog::AWS_ECOMM_FREQUENTLY_BOUGHT_TOGETHER);
pub(crate) const CUSTOMERS_WHO_VIEWED: Recipe = recipe(&catalog::AWS_ECOMM_CUSTOMERS_WHO_VIEWED_X_ALSO_VIEWED);
pub(crate) const BECAUSE_YOU_WATCHED: Recipe = recipe(&catalog::AWS_VOD_BECAUSE_YOU_WATCHED_X);
pub(crate) const MORE_LIKE: Recipe = recipe(&catalog::AWS_VOD_MORE_LIKE_X);

/// The inverse costs the cube of the items.
const EASE_ITEMS_MAX: usize = 6_000;
/// An item with fewer interactions is cold: it is related by its metadata.
const COLD_BELOW: u32 = 5;
fn train(
    descriptor: &'static RecipeDescriptor,
    request: &TrainRequest,
    context: &TrainContext,
) -> Result<Model, Error> {
    let dataset = use_case::events(descriptor, request.dataset);
    let dataset = dataset.as_ref();
    let pool = context.pool()?;
    let found = pool.install(|| match descriptor.has_parameter("popularity_discount_factor") {
        true => sims(descriptor, dataset, request, context),
        false => related(descriptor, dataset, request, context),
    })?;
    let model = RelatedModel::new(found.rows, &counts(dataset))?;
    Ok(Model {
        tensors: model.to_tensors(),
        scorer: Arc::new(model),
        users_trained: found.users,
        interactions_trained: found.events,
        epochs: 1,
        blend: Some(found.facts),
        held_out: Vec::new(),
    })
}

/// `aws-sims`.
fn sims(
    descriptor: &'static RecipeDescriptor,
    dataset: &Dataset,
    request: &TrainRequest,
    context: &TrainContext,
) -> Result<Relations, Error> {
    let values = resolve(descriptor, request.config)?;
    let [users_min, users_max] = ["min_user_history_length_percentile", "max_user_history_length_percentile"];
    let [items_min, items_max] = ["min_item_interaction_count_percentile", "max_item_interaction_count_percentile"];
    let users = history_length::users_in_band(dataset, values.float(users_min)?, values.float(users_max)?);
    let items = dataset.items.len();
    let takes_part = items_in_band(dataset.item_column(), items, values.float(items_min)?, values.float(items_max)?);
    let factor = values.float("popularity_discount_factor")? as f32;
    let min_shared = values.integer("min_cointeraction_count")? as u32;
    let former = request.warm_start.and_then(|model| model.blend.clone());
    let all = RelatedTraining { factor, former, ..RelatedTraining::counting(dataset) }.fitted(context)?;
    let within = RelatedTraining {
        users,
        takes_part: Some(&takes_part),
        min_shared,
        factor,
        former: Some(all.facts.clone()),
        ..RelatedTraining::counting(dataset)
    };
    let mut fitted = within.fitted(context)?;
    let row = |item: u32| {
        let by_all: Vec<(u32, f32)> = all.rows.row(item).collect();
        if !takes_part[item as usize] {
            return by_all;
        }
        let beyond = by_all.iter().copied().filter(|r| !takes_part[r.0 as usize]);
        beneath(fitted.rows.row(item).chain(beyond).collect(), &by_all)
    };
    let rows: Vec<Vec<(u32, f32)>> = (0..items as u32).map(row).collect();
    fitted.rows = ItemMatrix::from_rows(rows, ROW_MAX);
    Ok(fitted)
}

/// Every recipe but `aws-sims`.
fn related(
    descriptor: &'static RecipeDescriptor,
    dataset: &Dataset,
    request: &TrainRequest,
    context: &TrainContext,
) -> Result<Relations, Error> {
    let items = dataset.items.len();
    let by_metadata = descriptor.can(Ability::MetadataRelations);
    let defaults = SolutionConfig::default();
    let config = if descriptor.has_parameter("item_id_hidden_dim") { request.config } else { &defaults };
    let own = resolve(&catalog::AWS_SIMILAR_ITEMS, config)?;
    let size = |name: &str| Ok::<_, Error>(usize::try_from(own.integer(name)?).unwrap_or(1));
    let (dimension, features) = (size("item_id_hidden_dim")?, size("item_metadata_hidden_dim")?);
    let metadata = match request.items.filter(|_| by_metadata) {
        Some(table) => Some(ensemble::neighbours(table, dataset, ROW_MAX, features, context)?),
        None => None,
    };
    let training = RelatedTraining {
        metadata: metadata.as_ref(),
        vectors: Some(AlsConfig { dimension, ..AlsConfig::default() }),
        low_rank: true,
        ease: items <= EASE_ITEMS_MAX,
        min_shared: 2,
        former: request.warm_start.and_then(|model| model.blend.clone()),
        ..RelatedTraining::counting(dataset)
    };
    if descriptor.can(Ability::Baskets) {
        let mut in_baskets = RelatedTraining { baskets: true, ..training }.fitted(context)?;
        let former = Some(in_baskets.facts.clone());
        let counted = RelatedTraining { former, ..RelatedTraining::counting(dataset) }.fitted(context)?.rows;
        let row = |item: u32| beneath(in_baskets.rows.row(item).collect(), &counted.row(item).collect::<Vec<_>>());
        let rows: Vec<Vec<(u32, f32)>> = (0..items as u32).map(row).collect();
        in_baskets.rows = ItemMatrix::from_rows(rows, ROW_MAX);
        return Ok(in_baskets);
    }
    let mut fitted = training.fitted(context)?;
    if let Some(alike) = &metadata {
        let row = |item: u32| {
            let row: Vec<(u32, f32)> = fitted.rows.row(item).collect();
            if fitted.counts[item as usize] >= COLD_BELOW || alike.row(item).len() == 0 {
                return row;
            }
            beneath(alike.row(item).collect(), &row)
        };
        let rows: Vec<Vec<(u32, f32)>> = (0..items as u32).map(row).collect();
        fitted.rows = ItemMatrix::from_rows(rows, ROW_MAX);
    }
    Ok(fitted)
}

/// A row, and the others of `lower` in their order below the least of it.
fn beneath(mut row: Vec<(u32, f32)>, lower: &[(u32, f32)]) -> Vec<(u32, f32)> {
    let least = row.iter().fold(1.0f32, |least, r| least.min(r.1));
    let highest = lower.iter().fold(f32::MIN_POSITIVE, |highest, r| highest.max(r.1));
    let mut known: Vec<u32> = row.iter().map(|r| r.0).collect();
    known.sort_unstable();
    let below = lower.iter().filter(|r| known.binary_search(&r.0).is_err());
    row.extend(below.map(|&(other, weight)| (other, weight / highest * least * 0.999)));
    row
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
mod tests;
