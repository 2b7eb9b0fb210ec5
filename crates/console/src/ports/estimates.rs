//! The port for estimates of what a training takes.

use tastemaker_domain::recipe::RecipeDescriptor;

/// A training that has not begun.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PlannedTraining<'a> {
    /// The recipe.
    pub recipe: &'static RecipeDescriptor,
    /// Hyperparameters that differ from the recipe's defaults: names and values.
    pub hyperparameters: &'a [(String, String)],
    /// Interactions that it learns from.
    pub interactions: u64,
    /// Their users.
    pub users: u64,
    /// Their items.
    pub items: u64,
    /// Whether items have metadata.
    pub has_metadata: bool,
}

/// Estimates of the memory of trainings.
pub trait Estimates: Send + Sync {
    /// Bytes of memory at the peak of a training; `None` for hyperparameters that the recipe refuses.
    fn memory_bytes(&self, training: &PlannedTraining<'_>) -> Option<u64>;

    /// Bytes of memory that a training may take now, where the system tells.
    fn available_bytes(&self) -> Option<u64>;
}
