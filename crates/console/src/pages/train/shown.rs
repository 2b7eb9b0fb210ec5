//! The content of the form that makes a solution.

use crate::pages::form::{FieldErrors, Sent};
use tastemaker_domain::dataset_statistics::{DatasetStatistics, InteractionStatistics};
use tastemaker_domain::recipe::RecipeDescriptor;

/// The form of a recipe with its values and errors.
pub(super) struct Shown<'a> {
    pub group: &'a str,
    pub recipe: &'static RecipeDescriptor,
    pub sent: &'a Sent,
    pub errors: &'a FieldErrors,
    /// The duration of the last training with the recipe.
    pub last_training_s: Option<f64>,
    /// The statistics of the group's interactions.
    pub statistics: Option<&'a DatasetStatistics>,
    /// Types of the group's datasets.
    pub datasets: &'a [String],
    /// Whether the group is one of a domain, which has use cases.
    pub has_domain: bool,
}

impl Shown<'_> {
    /// The statistics of the interactions' users, items and event types.
    pub fn found(&self) -> Option<&InteractionStatistics> {
        self.statistics?.interactions.as_ref()
    }
}
