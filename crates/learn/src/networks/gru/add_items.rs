//! Adding items to a trained model without training.

use super::model::GruModel;
use super::params::Params;

/// A new item's bias is that of the item at this share of the known ones, by bias: few have taken it yet.
const BIAS_SHARE: f64 = 0.25;

impl GruModel {
    /// The model with `like.len()` more items after its own. New item `k` stands where the items that are like it stand: its
    /// vectors are the mean of theirs, weighted by `like[k]` (items of this model; weights above 0). An item that is like nothing
    /// stands in the middle of all.
    pub fn add_items(&self, like: &[Vec<(u32, f32)>]) -> Self {
        let before = self.params();
        let (known, dim) = (before.items, before.dim);
        let mut after = Params::zeros(known + like.len(), before.hidden, self.is_tied());
        after.cell = before.cell.clone();
        after.embedding[..known * dim].copy_from_slice(&before.embedding[..known * dim]);
        let start = after.embedding.len() - dim;
        after.embedding[start..].copy_from_slice(&before.embedding[known * dim..]);
        after.output_bias[..known].copy_from_slice(&before.output_bias);
        let mut biases = before.output_bias.to_vec();
        biases.sort_unstable_by(f32::total_cmp);
        let bias = biases.get((known as f64 * BIAS_SHARE) as usize).copied().unwrap_or(0.0);
        after.output_bias[known..].fill(bias);
        if let (Some(after), Some(before)) = (&mut after.output, &before.output) {
            after[..known * dim].copy_from_slice(before);
        }
        let everybody: Vec<(u32, f32)> = (0..known as u32).map(|item| (item, 1.0)).collect();
        for (k, like) in like.iter().enumerate() {
            let like: Vec<(u32, f32)> = like.iter().copied().filter(|r| (r.0 as usize) < known && r.1 > 0.0).collect();
            let like = if like.is_empty() { &everybody } else { &like };
            let row = (known + k) * dim..(known + k + 1) * dim;
            mean(&before.embedding, dim, like, &mut after.embedding[row.clone()]);
            if let (Some(after), Some(before)) = (&mut after.output, &before.output) {
                mean(before, dim, like, &mut after[row]);
            }
        }
        Self::new(after)
    }
}

/// The weighted mean of rows of `table` `[.., dim]`.
fn mean(table: &[f32], dim: usize, rows: &[(u32, f32)], into: &mut [f32]) {
    let total: f32 = rows.iter().map(|r| r.1).sum();
    for &(row, weight) in rows {
        let row = &table[row as usize * dim..][..dim];
        into.iter_mut().zip(row).for_each(|(into, x)| *into += weight / total * x);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::networks::trainer::set_popularity_prior;
    use crate::{Event, Scorer, ScoringContext, Scratch};
    use tastemaker_data::ItemIx;

    fn scores(model: &GruModel, items: &[u32]) -> Vec<f32> {
        let scratch = &mut Scratch::default();
        let history: Vec<Event> = items.iter().map(|&item| Event::new(ItemIx(item), 0)).collect();
        let state = model.encode(&history, scratch);
        model.scores(&state, &ScoringContext::default(), scratch).to_vec()
    }

    #[test]
    fn known_items_score_as_before_and_new_ones_as_what_they_are_like() {
        for tied in [true, false] {
            let mut params = Params::init(5, 20, tied, 3);
            set_popularity_prior(&mut params.output_bias, &[9, 4, 4, 1, 30]);
            let model = GruModel::new(params);
            let grown = model.add_items(&[vec![(2, 0.4)], vec![], vec![(1, 1.0), (2, 3.0), (99, 1.0)]]);
            assert_eq!((grown.item_count(), grown.is_tied()), (8, tied));
            let (before, after) = (scores(&model, &[0, 2, 4]), scores(&grown, &[0, 2, 4]));
            assert_eq!(after[..5], before[..]);
            assert!((after[5] - before[2]).abs() < 1e-5, "the bias of both is that of four events");
            let mixed = 0.25 * before[1] + 0.75 * before[2];
            assert!((after[7] - mixed).abs() < 1e-5, "{} {mixed}", after[7]);
            // A history with the new item is one with the item that it is like.
            let (as_new, as_known) = (scores(&grown, &[0, 5]), scores(&grown, &[0, 2]));
            assert!(as_new.iter().zip(&as_known).all(|(a, b)| (a - b).abs() < 1e-5));
            let reopened = GruModel::from_tensors(&grown.to_tensors()).unwrap();
            assert_eq!(reopened, grown);
        }
    }
}
