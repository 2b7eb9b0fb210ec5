//! The segmenter: an opened segmentation model that lists the users of a segment.

use super::attributes::Attributes;
use super::{ITEM_ATTRIBUTE_AFFINITY, model, weights};
use crate::Error;
use crate::artifact::{self, ArtifactFiles, MODEL_FILE};
use crate::model::Model;
use tastemaker_data::{ItemIx, Table};
use tastemaker_learn::Scorer;
use tastemaker_learn::artifact::Tensors;
use tastemaker_learn::models::als::AlsModel;
use tastemaker_learn::rescoring::UserFeatures;

/// Ranks users for items or kinds of items. Users and wishes are vectors of [`Self::stride`] numbers; a user's affinity is the
/// scalar product.
#[derive(Debug, Clone)]
pub struct Segmenter {
    model: AlsModel,
    features: UserFeatures,
    attributes: Option<Attributes>,
}

/// Why items of a kind cannot be named.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unknown {
    /// The column takes no part in training.
    #[error("the model was not trained on a column ITEMS.{0}")]
    Column(String),
    /// No item of the training data has it all.
    #[error("no item of the training data has {0}")]
    Value(String),
}

impl Segmenter {
    /// Of an artifact of a USER_SEGMENTATION recipe.
    pub fn open(files: &ArtifactFiles) -> Result<Self, Error> {
        artifact::verify(files)?;
        Self::from_tensors(&Tensors::from_safetensors(artifact::file(files, MODEL_FILE)?)?)
    }

    /// Of a model that was just trained.
    pub fn of(model: &Model) -> Result<Self, Error> {
        Self::from_tensors(&model.tensors)
    }

    fn from_tensors(tensors: &Tensors) -> Result<Self, Error> {
        let model = model(tensors)?;
        let attributes = Attributes::load(tensors, model.item_count())?;
        Ok(Self { features: UserFeatures::load(tensors)?, attributes, model })
    }

    /// Whether segments are asked for by attributes rather than by item.
    pub fn is_by_attributes(&self) -> bool {
        self.attributes.is_some()
    }

    /// Whether the model knows a column of users' metadata as one of numbers.
    pub fn has_numeric_user_column(&self, column: &str) -> bool {
        self.features.is_numeric(column)
    }

    /// The columns of users' metadata in `table` of which the model takes nothing: it was not trained with them, or with none
    /// of their values.
    pub fn unused_user_columns<'t>(&self, table: &'t Table) -> Vec<&'t str> {
        let unused = |column: usize| {
            let only = table.only(column);
            (0..only.ids.len()).all(|row| self.features.categories(&only, row).is_empty())
        };
        let columns = table.columns.iter().enumerate().filter(|(column, _)| unused(*column));
        columns.map(|(_, (name, _))| name.as_str()).collect()
    }

    /// The recipe that makes segments by attributes.
    pub fn attribute_recipe() -> &'static str {
        ITEM_ATTRIBUTE_AFFINITY.descriptor.name
    }

    /// The length of a vector.
    pub fn stride(&self) -> usize {
        self.model.stride()
    }

    /// The vector of a user with these items in their history, and with what `users` says about `id`. Items that the model does
    /// not know make no difference.
    pub fn user(&self, items: &[u32], users: Option<&Table>, id: &str, vector: &mut Vec<f32>) {
        let known = self.model.item_count();
        let mut entries = weights(items.iter().copied().filter(|item| (*item as usize) < known));
        entries.extend(super::columns(&self.features, self.model.item_count(), users, id));
        self.model.fold_in(&entries, vector);
    }

    /// The vector that users of an item's segment go with.
    pub fn item(&self, item: ItemIx) -> Vec<f32> {
        self.model.vector(item.0).to_vec()
    }

    /// The vector that users go with who want items with all of these columns' values.
    pub fn attributes(&self, wanted: &[(String, String)]) -> Result<Vec<f32>, Unknown> {
        let empty = Attributes::default();
        let attributes = self.attributes.as_ref().unwrap_or(&empty);
        let mut items: Option<Vec<ItemIx>> = None;
        for (column, value) in wanted {
            if !attributes.has_column(column) {
                return Err(Unknown::Column(column.clone()));
            }
            let with = attributes.items(column, value);
            items = Some(match items {
                Some(items) => items.into_iter().filter(|item| with.binary_search(item).is_ok()).collect(),
                None => with,
            });
        }
        let items = items.unwrap_or_default();
        if items.is_empty() {
            let all: Vec<String> =
                wanted.iter().map(|(column, value)| format!("ITEMS.{column} = \"{value}\"")).collect();
            return Err(Unknown::Value(all.join(" AND ")));
        }
        Ok(self.sum(items.iter().map(|item| item.0)))
    }

    /// Groups of at least `least` items that share a value, for judging.
    pub fn groups(&self, least: usize) -> Vec<Vec<u32>> {
        self.attributes.iter().flat_map(|attributes| attributes.groups(least)).map(<[u32]>::to_vec).collect()
    }

    /// The sum of items' vectors.
    pub fn sum(&self, items: impl Iterator<Item = u32>) -> Vec<f32> {
        let mut sum = vec![0.0; self.stride()];
        for item in items {
            sum.iter_mut().zip(self.model.vector(item)).for_each(|(sum, x)| *sum += x);
        }
        sum
    }
}
