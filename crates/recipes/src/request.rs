//! The data and parameters that a recipe trains on, and the items that a stored model takes in.

use crate::model::Model;
use tastemaker_data::{ContextCounts, Dataset, IdMap, Table};
use tastemaker_domain::schema::Schema;
use tastemaker_domain::solution_config::SolutionConfig;

/// The data and parameters that a recipe trains on.
#[derive(Debug, Clone, Copy)]
pub struct TrainRequest<'a> {
    /// Interactions, already filtered by event type and value. The model ranks all of `dataset.items`.
    pub dataset: &'a Dataset,
    /// Metadata of the items, by id: the columns of the Items dataset that training uses; `None` without one.
    pub items: Option<&'a Table>,
    /// The meaning of the columns of `items`: categories, texts, the name.
    pub item_schema: Option<&'a Schema>,
    /// Metadata of the users, by id: the columns of the Users dataset that training uses; `None` without one.
    pub users: Option<&'a Table>,
    /// Responses of users to actions, for recipes of actions: the items of this dataset are all actions.
    pub responses: Option<&'a Dataset>,
    /// Under which circumstances items were interacted with, for requests that say theirs.
    pub contexts: Option<&'a ContextCounts>,
    /// The customer's parameters.
    pub config: &'a SolutionConfig,
    /// Items in EASE's inverse at most, by the memory that there is.
    pub ease_items_max: usize,
    /// A model of the same recipe over the same items to continue from. Iterative recipes then make a few passes over
    /// all users without holding any out; closed-form recipes compute anew, which is the same thing.
    pub warm_start: Option<&'a Model>,
}

impl<'a> TrainRequest<'a> {
    /// Only interactions, from scratch.
    pub fn new(dataset: &'a Dataset, config: &'a SolutionConfig) -> Self {
        Self {
            dataset,
            items: None,
            item_schema: None,
            users: None,
            responses: None,
            contexts: None,
            config,
            ease_items_max: usize::MAX,
            warm_start: None,
        }
    }
}

/// The items of a model as they are now.
#[derive(Debug, Clone, Copy)]
pub struct ItemsRefresh<'a> {
    /// The ids of the artifact, in its order.
    pub before: &'a IdMap,
    /// The ids in their new order.
    pub items: &'a IdMap,
    /// Metadata of the items.
    pub table: &'a Table,
    /// The meaning of the columns of `table`.
    pub schema: &'a Schema,
}
