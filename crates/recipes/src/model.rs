//! A trained model with its stored form, and the forms that it can be reduced to.

use crate::artifact::EnsembleFacts;
use std::sync::Arc;
use tastemaker_learn::Scorer;
use tastemaker_learn::artifact::Tensors;

/// A trained model, ready to rank and to be stored.
#[derive(Clone)]
pub struct Model {
    /// Ranks items by the index of the dataset it was trained on.
    pub scorer: Arc<dyn Scorer>,
    /// The stored form of the scorer.
    pub tensors: Tensors,
    /// The training users after the recipe's own filters.
    pub users_trained: usize,
    /// The training interactions after the recipe's own filters.
    pub interactions_trained: usize,
    /// Passes over the data; 1 for closed-form recipes.
    pub epochs: usize,
    /// The weights of a blend's parts.
    pub blend: Option<EnsembleFacts>,
    /// Users of the training's dataset whom the model has not seen, ascending.
    pub held_out: Vec<usize>,
}

/// To what a model is reduced whose lists are worse than those of the most popular items.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reduction {
    /// The part of a blend whose own lists were best on held-out users.
    BestPart,
    /// Popularity only.
    Popularity,
}

impl std::fmt::Debug for Model {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Model")
            .field("kind", &self.tensors.kind)
            .field("users_trained", &self.users_trained)
            .field("interactions_trained", &self.interactions_trained)
            .field("epochs", &self.epochs)
            .finish_non_exhaustive()
    }
}
