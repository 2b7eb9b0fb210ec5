//! One training step: shards in parallel, then one update.

use super::config::GruConfig;
use super::lanes::Window;
use super::params::Params;
use super::shard::{Shard, Work};
use crate::kernels::{Aligned, Dropout, add_to};
use crate::output::{DenseOptimizer, Negatives, RowGrads, Sampler, TableOptimizer};
use crate::random::{Purpose, key, stream};
use rayon::prelude::*;

/// Everything that changes during training.
pub(crate) struct Engine {
    config: GruConfig,
    pub(crate) params: Params,
    tables: TableOptimizer,
    cell: DenseOptimizer,
    pub(crate) shards: Vec<Shard>,
    /// `[lanes, dim]`: the state of every lane.
    states: Aligned,
    sampler: Option<Sampler>,
    /// Whether the softmax is sampled at present.
    is_sampling: bool,
    negatives: Negatives,
    seed: u64,
    step: u64,
}

impl Engine {
    /// `lanes` histories side by side on `threads` threads; `sampler` for the sampled softmax.
    pub(crate) fn new(
        config: &GruConfig,
        params: Params,
        lanes: usize,
        threads: usize,
        sampler: Option<Sampler>,
        seed: u64,
    ) -> Self {
        Self {
            tables: TableOptimizer::new(config.items, params.dim, config.tied, config.weight_decay),
            cell: DenseOptimizer::new(&params.cell.parts().map(<[f32]>::len)),
            states: Aligned::zeros(lanes * params.dim),
            shards: (0..threads).map(|_| Shard::default()).collect(),
            config: config.clone(),
            params,
            is_sampling: sampler.is_some(),
            sampler,
            negatives: Negatives::default(),
            seed,
            step: 0,
        }
    }

    /// Whether the softmax is sampled from here on, if there is a sampler.
    pub(crate) fn sample(&mut self, sampled: bool) {
        self.is_sampling = sampled && self.sampler.is_some();
    }

    /// Forward and backward of one window; the shards then hold the gradients of
    /// `scale * sum of weight * -ln p`, which is returned.
    pub(crate) fn gradients(&mut self, window: &Window, scale: f32) -> f64 {
        let step = self.step;
        if let Some(sampler) = self.sampler.as_ref().filter(|_| self.is_sampling) {
            let mut rng = stream(self.seed, Purpose::Negatives, step);
            self.negatives.draw(sampler, self.config.negatives, self.params.item_vectors(), &mut rng);
        }
        let dropout = |purpose, rate| Dropout::new(key(self.seed, purpose, step), rate);
        let bias = self.params.kernel_bias();
        let work = Work {
            params: &self.params,
            bias: &bias,
            window,
            states: &self.states,
            drop_input: dropout(Purpose::DropoutInput, self.config.dropout_input),
            drop_output: dropout(Purpose::DropoutOutput, self.config.dropout_output),
            scale,
            negatives: self.is_sampling.then_some(&self.negatives),
        };
        let (lanes, count) = (window.slots.len(), self.shards.len());
        let start = |shard: usize| lanes * shard / count;
        self.shards.par_iter_mut().enumerate().for_each(|(at, shard)| shard.run(&work, start(at)..start(at + 1)));
        let d = self.params.dim;
        for shard in &self.shards {
            for (lane, state) in shard.lanes.clone().zip(shard.states.chunks_exact(d)) {
                let slot = window.slots[lane];
                self.states[slot * d..(slot + 1) * d].copy_from_slice(state);
            }
        }
        self.shards.iter().map(|shard| shard.loss).sum()
    }

    /// Moves the parameters by the shards' gradients.
    pub(crate) fn update(&mut self, learning_rate: f32) {
        let threads = self.shards.len();
        let negatives = self.is_sampling.then_some(&self.negatives.items[..]);
        let (tables, mut weights) = self.params.split_mut();
        let (head, tail) = self.shards.split_at_mut(1);
        if let Some(sum) = head.first_mut().and_then(|shard| shard.cell.as_mut()) {
            for cell in tail.iter().filter_map(|shard| shard.cell.as_ref()) {
                for (sum, part) in sum.parts_mut().into_iter().zip(cell.parts()) {
                    add_to(sum, part);
                }
            }
            self.cell.apply(&mut weights, &sum.parts(), learning_rate, 0.0);
        }
        let mut rows: Vec<&mut RowGrads> = self.shards.iter_mut().map(|shard| &mut shard.rows).collect();
        self.tables.apply(tables, &mut rows, negatives, learning_rate, threads);
        self.step += 1;
    }
}
