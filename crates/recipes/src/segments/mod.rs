//! USER_SEGMENTATION: `aws-item-affinity` and `aws-item-attribute-affinity`, the users for an item or for items of some kind.
//!
//! Both factorize who took what (`learn::models::als`), with metadata alongside: what items have in common (every column of theirs,
//! by [`content::features`]) are further rows, categories of users further columns. A user's affinity to an item is the scalar
//! product of their vectors, and to a kind of items the sum over these items: how many of them the user is expected to take.
//!
//! The artifact has items only. Users are folded in from their histories when a segment is asked for ([`Segmenter`]), so
//! that nothing of a deleted user is left in it.

mod attributes;
mod segmenter;

pub use segmenter::{Segmenter, Unknown};

use crate::Error;
use crate::model::Model;
use crate::recipe::Recipe;
use crate::request::TrainRequest;
use attributes::Attributes;
pub(crate) use attributes::is_attribute;
use std::sync::Arc;
use tastemaker_data::{Dataset, Table};
use tastemaker_domain::catalog;
use tastemaker_domain::parameters::resolve;
use tastemaker_domain::recipe::{Ability, RecipeDescriptor};
use tastemaker_learn::artifact::Tensors;
use tastemaker_learn::models::als::{self, AlsConfig, AlsModel, Sparse};
use tastemaker_learn::models::content::{self, ColumnUse};
use tastemaker_learn::rescoring::UserFeatures;
use tastemaker_learn::sentences::COLUMN_LEFT_OUT;
use tastemaker_learn::{Progress, Scorer, TrainContext};

const fn recipe(descriptor: &'static RecipeDescriptor) -> Recipe {
    Recipe::new(descriptor, train, open)
}

pub(crate) const ITEM_AFFINITY: Recipe = recipe(&catalog::AWS_ITEM_AFFINITY);
pub(crate) const ITEM_ATTRIBUTE_AFFINITY: Recipe = recipe(&catalog::AWS_ITEM_ATTRIBUTE_AFFINITY);

const KIND: &str = "segments/1";
const ALS: &str = "als/";
const ALS_KIND: &str = "als/1";

/// An item's metadata together weigh as much as this many users who took it.
const ITEM_METADATA_WEIGHT: f32 = 1.0;
/// One category of a user weighs as much as this many items that they took.
const TRAIT_WEIGHT: f32 = 0.3;

fn train(
    descriptor: &'static RecipeDescriptor,
    request: &TrainRequest,
    context: &TrainContext,
) -> Result<Model, Error> {
    context.cancel.check()?;
    let values = resolve(descriptor, request.config)?;
    let dataset = request.dataset;
    let items = dataset.items.len();
    let features = request.users.map(UserFeatures::of).unwrap_or_default();
    let mut matrix = Sparse::new(items + features.len());
    for (user, sequence) in dataset.sequences() {
        let mut row = weights(sequence.items.iter().copied());
        row.extend(columns(&features, items, request.users, dataset.users.id(user.0)));
        matrix.push(row);
    }
    add_metadata(&mut matrix, request, context);
    let config = AlsConfig { dimension: values.integer("hidden_dimension")? as usize, ..AlsConfig::default() };
    let factors = context.pool()?.install(|| als::train(&matrix, &config, context))?;
    let model = AlsModel::new(config, items, factors.columns)?;
    let mut tensors = Tensors::new(KIND);
    tensors.nest(ALS, &model.to_tensors());
    features.store(&mut tensors);
    if descriptor.can(Ability::AttributeSegments) {
        Attributes::of(request).store(&mut tensors);
    }
    let with_events = dataset.offsets().windows(2).filter(|w| w[1] > w[0]).count();
    Ok(Model {
        tensors,
        scorer: Arc::new(model),
        users_trained: with_events,
        interactions_trained: dataset.len(),
        epochs: config.epochs,
        blend: None,
        held_out: Vec::new(),
    })
}

/// The categories of a user with a row in `table`, the first of all categories being the column `from`.
fn columns(features: &UserFeatures, from: usize, table: Option<&Table>, user: &str) -> Vec<(u32, f32)> {
    let row = table.and_then(|table| Some((table, table.ids.get(user)? as usize)));
    let categories = row.map(|(table, row)| features.categories(table, row)).unwrap_or_default();
    categories.into_iter().map(|category| (from as u32 + category, TRAIT_WEIGHT)).collect()
}

/// Adds a row for each feature of the items' metadata, with the items that have it.
fn add_metadata(matrix: &mut Sparse, request: &TrainRequest, context: &TrainContext) {
    let Some(table) = request.items else { return };
    let (features, columns) = content::features(table, &request.dataset.items);
    for column in columns {
        if let ColumnUse::LeftOut(why) = column.used {
            let note = COLUMN_LEFT_OUT.with(&[&column.name, &why]);
            (context.progress)(Progress::of("metadata", note));
        }
    }
    for items in features.into_iter().filter(|items| items.len() > 1) {
        matrix.push(items.into_iter().map(|(item, x)| (item, ITEM_METADATA_WEIGHT * x * x)).collect());
    }
}

/// Distinct items, each weighing `1 + ln(times taken)`, in ascending order.
fn weights(items: impl Iterator<Item = u32>) -> Vec<(u32, f32)> {
    let mut items: Vec<u32> = items.collect();
    items.sort_unstable();
    items.chunk_by(|a, b| a == b).map(|same| (same[0], 1.0 + (same.len() as f32).ln())).collect()
}

/// Whether all events happened at the same time, so that none is newer than another.
pub(crate) fn one_time_only(dataset: &Dataset) -> bool {
    dataset.time_column().windows(2).all(|pair| pair[0] == pair[1])
}

fn open(tensors: &Tensors) -> Result<Arc<dyn Scorer>, Error> {
    Ok(Arc::new(model(tensors)?))
}

fn model(tensors: &Tensors) -> Result<AlsModel, Error> {
    if tensors.kind != KIND {
        return Err(Error::Artifact(format!("kind must be {KIND}, it is {}", tensors.kind)));
    }
    Ok(AlsModel::from_tensors(&tensors.nested(ALS, ALS_KIND))?)
}

#[cfg(test)]
mod tests;
