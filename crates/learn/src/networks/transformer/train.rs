//! Training of a transformer: its batches are windows of shuffled histories, its steps run the batch's shards in parallel.

use super::batch::{Batch, Epoch};
use super::config::TransformerConfig;
use super::model::TransformerModel;
use super::network::Drops;
use super::params::{Params, Shape};
use super::shard::{Shard, Work};
use super::validate::ndcg_at_10;
use crate::checkpoints::PartName;
use crate::networks::trainer::{Network, Step, Trained, Trainer, set_popularity_prior};
use crate::{Cancel, Error, TimedSequences, TrainContext, Validation};
use rayon::prelude::*;

/// Trains a model on `train`, from `init` where given (of the same shape).
///
/// With `valid`, the epoch with the best NDCG@10 is kept and training ends after `patience` epochs without a better one;
/// without, the last epoch is kept.
///
/// # Errors
/// [`Error::Invalid`] for a configuration or data out of range, [`Error::Cancelled`], and
/// [`Error::Diverged`] when the loss is not finite, or far above that of an earlier epoch, twice: the second attempt starts
/// over at a quarter of the learning rate.
pub fn train(
    config: &TransformerConfig,
    train: &TimedSequences<'_>,
    valid: Option<&Validation<'_>>,
    init: Option<&TransformerModel>,
    ctx: &TrainContext<'_>,
) -> Result<Trained<TransformerModel>, Error> {
    config.check()?;
    train.check("train", config.items)?;
    if let Some(valid) = valid {
        valid.check(config.items)?;
    }
    let shape = shape(config);
    let initial = match init {
        None => {
            let mut params = Params::init(shape, ctx.seed);
            set_popularity_prior(&mut params.output_bias, &train.sequences.counts(config.items));
            params
        }
        Some(model) if model.params().shape == shape => model.params().clone(),
        Some(model) => {
            let found = model.params().shape;
            return Err(Error::Invalid(format!("init must have the shape {shape:?}, it has {found:?}")));
        }
    };
    let mut network = TransformerNetwork::new(config, train, valid);
    let part = ctx.checkpoints.is_kept().then(|| part(config, train, valid));
    let trained = Trainer { part, ..trainer(config, train, ctx) }.fit(&mut network, initial)?;
    Ok(trained.map(TransformerModel::new))
}

fn shape(config: &TransformerConfig) -> Shape {
    Shape {
        items: config.items,
        hidden: config.hidden,
        feed_forward: config.feed_forward,
        heads: config.heads,
        blocks: config.blocks,
        length: config.length,
        gated: config.gated,
        timed: config.timed,
    }
}

/// The name of a training from its configuration and data.
fn part(config: &TransformerConfig, train: &TimedSequences<'_>, valid: Option<&Validation<'_>>) -> PartName {
    let part = PartName::new("transformer").text(&format!("{config:?}")).sequences(&train.sequences).times(train.times);
    valid.into_iter().fold(part, PartName::validation)
}

fn trainer<'a>(config: &'a TransformerConfig, train: &TimedSequences<'a>, ctx: &'a TrainContext<'a>) -> Trainer<'a> {
    let events = train.sequences.items.len();
    let epochs = config.training.epochs(events.div_ceil(batch_events(config, events)));
    let encoder_cost = encoder_cost(&shape(config));
    Trainer {
        config: &config.training,
        ctx,
        train: train.sequences,
        epochs,
        shards: ctx.threads.max(1),
        encoder_cost,
        part: None,
    }
}

/// Multiply-adds of the blocks for an event of a whole window: one for each of their weights, attention to half the window on average, and
/// twice that backward.
fn encoder_cost(shape: &Shape) -> f64 {
    let (d, length) = (shape.hidden as f64, shape.length as f64);
    let gates = if shape.gated { 2.0 * d * d } else { 0.0 };
    let weights = 4.0 * d * d + 2.0 * d * shape.feed_forward as f64 + gates;
    3.0 * shape.blocks as f64 * (weights + length * d)
}

/// Updates per epoch that the automatic batch aims at.
const STEPS_PER_EPOCH: usize = 250;

/// Events per update for `events` events: enough for the matrix products, few enough that an epoch has some hundred
/// updates.
fn batch_events(config: &TransformerConfig, events: usize) -> usize {
    match config.training.batch {
        0 => (events / STEPS_PER_EPOCH).clamp(256, 2048),
        batch => batch,
    }
}

/// A transformer over windows of its training data.
struct TransformerNetwork<'a> {
    config: &'a TransformerConfig,
    train: TimedSequences<'a>,
    valid: Option<&'a Validation<'a>>,
    epoch: Option<Epoch<'a>>,
    batch: Batch,
    /// Events per update.
    batch_events: usize,
    mean_weight: f64,
}

impl<'a> TransformerNetwork<'a> {
    fn new(config: &'a TransformerConfig, train: &TimedSequences<'a>, valid: Option<&'a Validation<'a>>) -> Self {
        let events = train.sequences.items.len();
        Self {
            config,
            train: *train,
            valid,
            epoch: None,
            batch: Batch::default(),
            batch_events: batch_events(config, events),
            mean_weight: train.sequences.total_weight() / events as f64,
        }
    }
}

impl Network for TransformerNetwork<'_> {
    type Params = Params;
    type Shard = Shard;

    const WARM_UP_EPOCHS: f64 = 0.5;

    fn start_epoch(&mut self, seed: u64, epoch: usize) {
        let start_row = self.config.items as u32;
        self.epoch = Some(Epoch::new(self.train, start_row, self.config.length, seed, epoch));
    }

    fn next_batch(&mut self) -> Option<usize> {
        let epoch = self.epoch.as_mut()?;
        epoch.next(self.batch_events, &mut self.batch).then_some(epoch.taken)
    }

    fn gradients(&mut self, step: &Step<'_, Params>, shards: &mut [Shard]) -> f64 {
        let batch = &self.batch;
        // A full batch's mean; an epoch's short last batch counts for less, as it should.
        let size = batch.inputs.len().max(self.batch_events) as f64;
        let work = Work {
            params: step.params,
            batch,
            drops: Drops { seed: step.seed, step: step.number, rate: self.config.dropout },
            output: step.output((1.0 / (self.mean_weight * size)) as f32, &batch.targets, &batch.weights),
        };
        let cuts = balance(batch, shards.len());
        shards.par_iter_mut().zip(&cuts[1..]).zip(&cuts).for_each(|((shard, &to), &from)| shard.run(&work, from..to));
        shards.iter().map(|shard| shard.loss).sum::<f64>() * size
    }

    fn validate(&self, params: &Params, cancel: &Cancel) -> Result<Option<f64>, Error> {
        self.valid.map_or(Ok(None), |valid| ndcg_at_10(params, valid, cancel))
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
    use crate::Sequences;
    use crate::fixtures::quiet;
    use crate::networks::TrainerConfig;

    #[test]
    fn small_data_gets_small_batches() {
        let usual = TransformerConfig { items: 5, ..TransformerConfig::default() };
        let usual = TransformerConfig { training: TrainerConfig { epochs_max: 30, ..usual.training }, ..usual };
        let with = |training: TrainerConfig| TransformerConfig { training, ..usual.clone() };
        let found = [1000, 100_000, 10_000_000].map(|events| batch_events(&usual, events));
        assert_eq!(found, [256, 400, 2048]);
        assert_eq!(batch_events(&with(TrainerConfig { batch: 48, ..usual.training }), 100_000), 48);
        // 100,000 events are 250 batches of 400.
        let sequences = Sequences { offsets: &[0, 100_000], items: &vec![0; 100_000], weights: &[] };
        let train = TimedSequences { sequences, times: &[] };
        let ctx = quiet(1, 1);
        let planned = |updates| trainer(&with(TrainerConfig { updates, ..usual.training }), &train, &ctx).epochs;
        assert_eq!([planned(0), planned(1), planned(2000), planned(1_000_000)], [30, 6, 8, 30]);
    }

    #[test]
    fn a_loss_that_is_not_finite_is_divergence() {
        let config = TransformerConfig { items: 4, hidden: 16, ..TransformerConfig::default() };
        let mut params = Params::init(shape(&config), 1);
        params.dense.fill(f32::NAN);
        let sequences = Sequences { offsets: &[0, 3], items: &[1, 2, 3], weights: &[] };
        let train = TimedSequences { sequences, times: &[] };
        let ctx = quiet(1, 1);
        let mut network = TransformerNetwork::new(&config, &train, None);
        let result = trainer(&config, &train, &ctx).attempt(&mut network, params, 0.01);
        assert!(matches!(result, Err(Error::Diverged { epoch: 1, .. })), "{:?}", result.map(|t| t.history));
    }

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
