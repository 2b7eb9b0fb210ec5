//! Item scores that are the same for everybody, and their [`Scorer`].

use crate::artifact::Tensors;
use crate::{Error, Scorer, ScoringContext, Scratch, UserState};
use std::marker::PhantomData;

/// The stored form of a model of fixed scores.
pub trait FixedKind {
    /// [`Tensors::kind`].
    const KIND: &'static str;
    /// The name of the tensor with the scores.
    const TENSOR: &'static str;
}

/// A score for each item, `[items]`, whatever the user and the request; implements [`Scorer`] with an empty user state. The
/// scores are no logits.
#[derive(Debug, Clone, PartialEq)]
pub struct FixedScores<K> {
    scores: Vec<f32>,
    kind: PhantomData<K>,
}

impl<K: FixedKind> FixedScores<K> {
    pub(super) fn of_scores(scores: Vec<f32>) -> Self {
        Self { scores, kind: PhantomData }
    }

    /// The scores, `[items]`.
    pub fn into_scores(self) -> Vec<f32> {
        self.scores
    }

    /// Parameters for storage.
    pub fn to_tensors(&self) -> Tensors {
        let mut tensors = Tensors::new(K::KIND);
        tensors.insert(K::TENSOR, &[self.scores.len()], self.scores.clone());
        tensors
    }

    /// The model that [`Self::to_tensors`] described.
    pub fn from_tensors(tensors: &Tensors) -> Result<Self, Error> {
        tensors.expect_kind(K::KIND)?;
        Ok(Self::of_scores(tensors.get(K::TENSOR, 1)?.data.clone()))
    }
}

impl<K: Send + Sync> Scorer for FixedScores<K> {
    fn item_count(&self) -> usize {
        self.scores.len()
    }

    fn scores<'s>(&'s self, _: &UserState, _: &ScoringContext, _: &'s mut Scratch) -> &'s [f32] {
        &self.scores
    }
}
