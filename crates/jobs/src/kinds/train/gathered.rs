//! The data of one training.

use tastemaker_data::{ContextCounts, Dataset, Table};
use tastemaker_domain::schema::Schema;
use tastemaker_domain::solution_config::SolutionConfig;
use tastemaker_recipes::Recipe;
use tastemaker_training::fit::FitRequest;

/// Everything that a training reads.
pub(super) struct Gathered {
    /// Everything to train on.
    pub dataset: Dataset,
    /// The columns of the Items dataset that training uses, where there is one.
    pub items: Option<Metadata>,
    /// The columns of the Users dataset that training uses, where there is one.
    pub users: Option<Metadata>,
    /// Users' interactions with actions, for recipes of actions.
    pub responses: Option<Dataset>,
    /// Under which circumstances items were interacted with.
    pub contexts: ContextCounts,
    /// Position of the last streamed event read.
    pub events_position: u64,
}

impl Gathered {
    /// The training of `recipe` on it, without a search.
    pub fn request<'a>(&'a self, recipe: &'a Recipe, config: &'a SolutionConfig) -> FitRequest<'a> {
        FitRequest {
            items: self.items.as_ref().map(|items| &items.table),
            item_schema: self.items.as_ref().map(|items| &items.schema),
            users: self.users.as_ref().map(|users| &users.table),
            contexts: Some(&self.contexts),
            responses: self.responses.as_ref(),
            ..FitRequest::new(recipe, &self.dataset, config)
        }
    }
}

/// Records that training reads.
pub(super) struct Metadata {
    pub table: Table,
    pub schema: Schema,
}
