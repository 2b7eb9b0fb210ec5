//! A recipe as a value: its descriptor and the functions that train, open and update its models.
//!
//! `recipe_operations` has what a recipe is used by.

use crate::Error;
use crate::artifact::ArtifactFiles;
use crate::model::Model;
use crate::request::{ItemsRefresh, TrainRequest};
use std::sync::Arc;
use tastemaker_domain::recipe::RecipeDescriptor;
use tastemaker_learn::artifact::Tensors;
use tastemaker_learn::{Scorer, TrainContext};

/// Trains a model by the customer's parameters.
pub type Train = fn(&'static RecipeDescriptor, &TrainRequest, &TrainContext) -> Result<Model, Error>;

/// Makes the scorer of a model's tensors.
pub type Open = fn(&Tensors) -> Result<Arc<dyn Scorer>, Error>;

/// Folds new items and events into a model; see `Recipe::update`.
pub type Update = fn(&'static RecipeDescriptor, &TrainRequest, &Model, &TrainContext) -> Result<Model, Error>;

/// Puts new and changed items into a stored model; see [`Recipe::refresh_items`].
pub type RefreshItems = fn(&ArtifactFiles, &ItemsRefresh) -> Result<Model, Error>;

/// A recipe: its facts and its functions.
#[derive(Debug)]
pub struct Recipe {
    /// All that the rest of the program knows about it, such as what the API shows and what validates a solution's parameters.
    /// Those of AWS's recipes are in `domain::catalog`.
    pub descriptor: &'static RecipeDescriptor,
    /// Trains a model.
    pub train: Train,
    /// Opens a stored model.
    pub open: Open,
    /// For recipes with [`Ability::UpdateTraining`](tastemaker_domain::recipe::Ability::UpdateTraining).
    pub update: Option<Update>,
    /// For recipes with [`Ability::IncrementalUpdate`](tastemaker_domain::recipe::Ability::IncrementalUpdate).
    pub refresh_items: Option<RefreshItems>,
}

impl Recipe {
    /// A recipe that only learns anew.
    pub const fn new(descriptor: &'static RecipeDescriptor, train: Train, open: Open) -> Self {
        Self { descriptor, train, open, update: None, refresh_items: None }
    }
}
