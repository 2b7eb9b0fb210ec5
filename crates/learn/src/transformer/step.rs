//! One training step: shards in parallel, then one update.

use super::batch::Batch;
use super::config::TransformerConfig;
use super::network::Drops;
use super::params::Params;
use super::shard::{Shard, Work};
use crate::kernels::{Dropout, add_to};
use crate::output::{DenseOptimizer, Negatives, RowGrads, Sampler, TableOptimizer};
use crate::random::{Purpose, key, stream};
use rayon::prelude::*;

/// Everything that changes during training.
pub(crate) struct Engine {
    config: TransformerConfig,
    pub(crate) params: Params,
    tables: TableOptimizer,
    dense: DenseOptimizer,
    shards: Vec<Shard>,
    sampler: Option<Sampler>,
    negatives: Negatives,
    seed: u64,
    step: u64,
}

impl Engine {
    /// `sampler` for the sampled softmax.
    pub(crate) fn new(
        config: &TransformerConfig,
        params: Params,
        threads: usize,
        sampler: Option<Sampler>,
        seed: u64,
    ) -> Self {
        Self {
            tables: TableOptimizer::new(config.items, config.hidden, true, config.weight_decay),
            dense: DenseOptimizer::new(&[params.layout.len]),
            shards: (0..threads.max(1)).map(|_| Shard::default()).collect(),
            config: config.clone(),
            params,
            sampler,
            negatives: Negatives::default(),
            seed,
            step: 0,
        }
    }

    /// Forward and backward of one batch; the shards then hold the gradients of
    /// `scale * sum of weight * -ln p`, which is returned.
    pub(crate) fn gradients(&mut self, batch: &Batch, scale: f32) -> f64 {
        let (seed, step) = (self.seed, self.step);
        if let Some(sampler) = &self.sampler {
            let mut rng = stream(seed, Purpose::Negatives, step);
            self.negatives.draw(sampler, self.config.negatives, self.params.item_vectors(), &mut rng);
        }
        let work = Work {
            params: &self.params,
            batch,
            drops: Drops { seed, step, rate: self.config.dropout },
            drop_output: Dropout::new(key(seed, Purpose::DropoutOutput, step), self.config.dropout_output),
            scale,
            negatives: self.sampler.as_ref().map(|_| &self.negatives),
        };
        let cuts = balance(batch, self.shards.len());
        self.shards
            .par_iter_mut()
            .zip(&cuts[1..])
            .zip(&cuts)
            .for_each(|((shard, &to), &from)| shard.run(&work, from..to));
        self.shards.iter().map(|shard| shard.loss).sum()
    }

    /// Moves the parameters by the shards' gradients.
    pub(crate) fn update(&mut self, learning_rate: f32) {
        let threads = self.shards.len();
        let negatives = self.sampler.as_ref().map(|_| &self.negatives.items[..]);
        let (tables, dense) = self.params.split_mut();
        if let Some((sum, parts)) = self.shards.split_first_mut() {
            parts.iter().for_each(|part| add_to(&mut sum.dense, &part.dense));
            self.dense.apply(&mut [dense], &[&sum.dense], learning_rate, 0.0);
        }
        let mut rows: Vec<&mut RowGrads> = self.shards.iter_mut().map(|shard| &mut shard.rows).collect();
        self.tables.apply(tables, &mut rows, negatives, learning_rate, threads);
        self.step += 1;
    }
}

/// `[shards + 1]`: consecutive windows for each shard, with about equally many tokens.
fn balance(batch: &Batch, shards: usize) -> Vec<usize> {
    let (windows, tokens) = (batch.windows(), batch.inputs.len());
    let cut = |shard: usize| batch.bounds.partition_point(|&bound| bound < tokens * shard / shards).min(windows);
    (0..=shards).map(|shard| if shard == shards { windows } else { cut(shard) }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shards_cover_every_window_in_order() {
        let of = |bounds: &[usize]| Batch {
            bounds: bounds.to_vec(),
            inputs: vec![0; *bounds.last().unwrap()],
            ..Batch::default()
        };
        assert_eq!(balance(&of(&[0, 10, 20, 30, 40]), 2), [0, 2, 4]);
        assert_eq!(balance(&of(&[0, 90, 95, 100]), 2), [0, 1, 3]);
        assert_eq!(balance(&of(&[0, 7]), 3), [0, 1, 1, 1]);
    }
}
