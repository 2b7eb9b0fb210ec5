//! The input of a training.

use super::error::FitError;
use tastemaker_data::{ContextCounts, Dataset, Table};
use tastemaker_domain::schema::Schema;
use tastemaker_domain::solution_config::SolutionConfig;
use tastemaker_domain::tuning::{Trial, TuningPlan};
use tastemaker_recipes::Recipe;

/// The data, the recipe and the parameters of a training.
#[derive(Debug, Clone, Copy)]
pub struct FitRequest<'a> {
    /// The recipe.
    pub recipe: &'a Recipe,
    /// All interactions, filtered by event type and value, with the Items dataset's ids among its items. The artifact carries the
    /// histories of the bulk ones.
    pub dataset: &'a Dataset,
    /// The columns of the Items dataset that training uses.
    pub items: Option<&'a Table>,
    /// The meaning of these columns.
    pub item_schema: Option<&'a Schema>,
    /// The columns of the Users dataset that training uses.
    pub users: Option<&'a Table>,
    /// Responses of users to actions, with the Actions dataset's ids among its items; needed by recipes of actions only.
    pub responses: Option<&'a Dataset>,
    /// Under which circumstances items were interacted with.
    pub contexts: Option<&'a ContextCounts>,
    /// The customer's parameters.
    pub config: &'a SolutionConfig,
    /// A search for hyperparameters to make first.
    pub tuning: Option<Tuning<'a>>,
    /// Bytes of memory that the training may take; `None` where that is not known, and then nothing is refused.
    pub memory_bytes: Option<u64>,
}

impl<'a> FitRequest<'a> {
    /// Interactions alone, all of them bulk.
    pub fn new(recipe: &'a Recipe, dataset: &'a Dataset, config: &'a SolutionConfig) -> Self {
        Self {
            recipe,
            dataset,
            items: None,
            item_schema: None,
            users: None,
            responses: None,
            contexts: None,
            config,
            tuning: None,
            memory_bytes: None,
        }
    }
}

/// A search to make.
#[derive(Clone, Copy)]
pub struct Tuning<'a> {
    /// The hyperparameters that are varied, and the number of trials.
    pub plan: &'a TuningPlan,
    /// Trials that an earlier attempt recorded.
    pub done: &'a [Trial],
    /// Is told of each trial that ended, on the thread that ran it. An error ends the search with it.
    pub record: &'a (dyn Fn(&Trial) -> Result<(), FitError> + Sync),
}

impl std::fmt::Debug for Tuning<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Tuning").field("plan", &self.plan).field("done", &self.done).finish_non_exhaustive()
    }
}
