//! The request to a recipe within a training's request.

use super::memory;
use super::request::FitRequest;
use tastemaker_data::Dataset;
use tastemaker_domain::parameters::resolve;
use tastemaker_recipes::TrainRequest;

impl FitRequest<'_> {
    /// The items in EASE's inverse that there is memory for; parameters that cannot be read are refused elsewhere.
    pub(super) fn ease_items_max(&self) -> usize {
        resolve(self.recipe.descriptor, self.config).map_or(usize::MAX, |values| memory::ease_items(self, &values))
    }

    /// The same with the interactions of `dataset`, for the recipe.
    pub(super) fn of<'b>(&'b self, dataset: &'b Dataset) -> TrainRequest<'b> {
        TrainRequest {
            items: self.items,
            item_schema: self.item_schema,
            users: self.users,
            contexts: self.contexts,
            ease_items_max: self.ease_items_max(),
            ..TrainRequest::new(dataset, self.config)
        }
    }
}
