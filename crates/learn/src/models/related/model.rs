//! Related items: a row of [`ItemMatrix`], and popular items where there is none.

use crate::artifact::Tensors;
use crate::item_matrix::ItemMatrix;
use crate::models::popularity::below_zero;
use crate::{Error, Scorer, ScoringContext, Scratch, UserState};
use tastemaker_data::ItemIx;

const KIND: &str = "related/1";

/// Ranks by [`ScoringContext::item`]: its relatives first, then popular items; the item itself is never listed. Without an item, or
/// with one that has no relatives, popular items alone. The scores are not logits.
#[derive(Debug, Clone, PartialEq)]
pub struct RelatedModel {
    relations: ItemMatrix,
    /// `[items]` in `-1..0`, most popular highest: below every relative's score.
    popularity: Vec<f32>,
}

impl RelatedModel {
    /// Joins relations, whose weights must be above 0, and how popular each item is.
    pub fn new(relations: ItemMatrix, counts: &[f32]) -> Result<Self, Error> {
        if relations.len() != counts.len() {
            return Err(Error::Invalid(format!("{} rows must be {} items", relations.len(), counts.len())));
        }
        Ok(Self { relations, popularity: below_zero(counts).collect() })
    }

    /// Parameters for storage.
    pub fn to_tensors(&self) -> Tensors {
        let mut tensors = Tensors::new(KIND);
        self.relations.store("relations", &mut tensors);
        tensors.insert("popularity", &[self.popularity.len()], self.popularity.clone());
        tensors
    }

    /// The model that [`Self::to_tensors`] described.
    pub fn from_tensors(tensors: &Tensors) -> Result<Self, Error> {
        tensors.expect_kind(KIND)?;
        let popularity = tensors.get("popularity", 1)?.data.clone();
        Ok(Self { relations: ItemMatrix::load("relations", tensors, popularity.len())?, popularity })
    }
}

impl Scorer for RelatedModel {
    fn item_count(&self) -> usize {
        self.popularity.len()
    }

    fn scores<'s>(&self, _: &UserState, scoring_context: &ScoringContext, scratch: &'s mut Scratch) -> &'s [f32] {
        let scores = &mut scratch.scores;
        scores.clear();
        scores.extend_from_slice(&self.popularity);
        if let Some(item) = scoring_context.item {
            for (other, weight) in self.relations.row(item.0) {
                scores[other as usize] = weight;
            }
            if let Some(own) = scores.get_mut(item.0 as usize) {
                *own = -2.0;
            }
        }
        scores
    }

    /// Popular items are below 0.
    fn is_filler(&self, score: f32) -> bool {
        score < 0.0
    }

    fn never_listed(&self, scoring_context: &ScoringContext) -> Option<ItemIx> {
        scoring_context.item.filter(|item| (item.0 as usize) < self.popularity.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tastemaker_data::Bitmap;

    fn model() -> RelatedModel {
        let relations = ItemMatrix::from_rows([vec![(2, 0.5), (3, 0.9)], vec![], vec![], vec![]], 10);
        RelatedModel::new(relations, &[9.0, 7.0, 1.0, 0.0]).unwrap()
    }

    fn list(item: Option<u32>, k: usize, allowed: Option<&Bitmap>) -> Vec<u32> {
        let model = model();
        let scoring_context = ScoringContext { item: item.map(ItemIx), ..ScoringContext::default() };
        let ranked = model.top_k(&model.start(), &scoring_context, k, allowed, &mut Scratch::default());
        ranked.items.iter().map(|(item, _)| item.0).collect()
    }

    #[test]
    fn relatives_then_popular_items_and_never_the_item_itself() {
        assert_eq!(list(Some(0), 10, None), [3, 2, 1]);
        assert_eq!(list(Some(0), 1, None), [3]);
        let scoring_context = ScoringContext { item: Some(ItemIx(0)), ..ScoringContext::default() };
        let ranked = model().top_k(&model().start(), &scoring_context, 10, None, &mut Scratch::default());
        let fillers: Vec<bool> = ranked.items.iter().map(|(_, score)| model().is_filler(*score)).collect();
        assert_eq!(fillers, [false, false, true]);
        assert_eq!(list(Some(1), 2, None), [0, 2], "no relatives: popular");
        assert_eq!(list(Some(99), 2, None), [0, 1], "unknown: popular");
        assert_eq!(list(None, 4, None), [0, 1, 2, 3]);
        assert_eq!(list(Some(0), 10, Some(&Bitmap::from_fn(4, |item| item.0 != 3))), [2, 1]);
    }

    #[test]
    fn storing_changes_nothing() {
        let tensors = Tensors::from_safetensors(&model().to_tensors().to_safetensors().unwrap()).unwrap();
        assert_eq!(RelatedModel::from_tensors(&tensors).unwrap(), model());
        assert!(RelatedModel::from_tensors(&Tensors::new("gru/1")).is_err());
        assert!(RelatedModel::new(ItemMatrix::default(), &[1.0]).is_err());
    }
}
