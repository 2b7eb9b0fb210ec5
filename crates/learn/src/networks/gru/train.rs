//! Training of a GRU: its batches are windows over lanes of histories, its steps run the lanes' shards in parallel.

use super::config::GruConfig;
use super::model::GruModel;
use super::params::{Params, padded};
use super::session_parallel_batches::{Lanes, Window};
use super::shard::{Shard, Work};
use super::validate::ndcg_at_10;
use crate::checkpoints::PartName;
use crate::kernels::Aligned;
use crate::networks::trainer::{Network, Step, Trained, Trainer, set_popularity_prior};
use crate::random::Purpose;
use crate::{Cancel, Error, Sequences, TrainContext, Validation};
use rayon::prelude::*;

/// Trains a model on `train`, from `init` where given (same items, `hidden` and `tied`).
///
/// With `valid`, the epoch with the best NDCG@10 is kept and training ends after `patience` epochs
/// without a better one; without, the last epoch is kept.
///
/// # Errors
/// [`Error::Invalid`] for a configuration or data out of range, [`Error::Cancelled`], and
/// [`Error::Diverged`] when the loss is not finite, or far above that of an earlier epoch, twice: the second attempt starts
/// over at a quarter of the learning rate.
pub fn train(
    config: &GruConfig,
    train: &Sequences<'_>,
    valid: Option<&Validation<'_>>,
    init: Option<&GruModel>,
    ctx: &TrainContext<'_>,
) -> Result<Trained<GruModel>, Error> {
    config.check()?;
    train.check("train", config.items)?;
    if let Some(valid) = valid {
        valid.check(config.items)?;
    }
    let initial = match init {
        None => {
            let mut params = Params::init(config.items, config.hidden, config.tied, ctx.seed);
            set_popularity_prior(&mut params.output_bias, &train.counts(config.items));
            params
        }
        Some(model) => {
            let params = model.params();
            if (params.items, params.hidden, model.is_tied()) != (config.items, config.hidden, config.tied) {
                return Err(Error::Invalid(format!(
                    "init must have items {}, hidden {}, tied {}; it has {}, {}, {}",
                    config.items,
                    config.hidden,
                    config.tied,
                    params.items,
                    params.hidden,
                    model.is_tied()
                )));
            }
            params
        }
    };
    let mut network = GruNetwork::new(config, train, valid);
    let part = ctx.checkpoints.is_kept().then(|| part(config, train, valid));
    let trained = Trainer { part, ..trainer(config, train, ctx) }.fit(&mut network, initial)?;
    Ok(trained.map(GruModel::new))
}

/// The name of a training from its configuration and data.
fn part(config: &GruConfig, train: &Sequences<'_>, valid: Option<&Validation<'_>>) -> PartName {
    let part = PartName::new("gru").text(&format!("{config:?}")).sequences(train);
    valid.into_iter().fold(part, PartName::validation)
}

fn trainer<'a>(config: &'a GruConfig, train: &Sequences<'a>, ctx: &'a TrainContext<'a>) -> Trainer<'a> {
    let lanes = lanes(config, train);
    let epochs = config.training.epochs(train.items.len().div_ceil(lanes * config.bptt));
    let shards = ctx.threads.max(1).min(lanes);
    Trainer {
        config: &config.training,
        ctx,
        train: *train,
        epochs,
        shards,
        encoder_cost: encoder_cost(config.hidden),
        part: None,
    }
}

/// Multiply-adds of the cell for an event: two products with `[d, 3 d]` matrices, and twice that backward.
fn encoder_cost(hidden: usize) -> f64 {
    let d = padded(hidden) as f64;
    3.0 * 2.0 * d * 3.0 * d
}

/// Windows per epoch that the automatic batch aims at.
const STEPS_PER_EPOCH: usize = 250;

/// Lanes that the automatic batch has at most: with more there are too few updates in an epoch.
const LANES_MAX: usize = 32;

/// Lanes for `events` events: enough for the matrix products, few enough that an epoch has some hundred
/// updates.
fn lanes(config: &GruConfig, train: &Sequences<'_>) -> usize {
    match config.training.batch {
        0 => (train.items.len() / (config.bptt * STEPS_PER_EPOCH)).next_multiple_of(8).clamp(8, LANES_MAX),
        batch => batch,
    }
    .min(train.len().max(1))
}

/// A GRU over the lanes of its training data.
struct GruNetwork<'a> {
    config: &'a GruConfig,
    valid: Option<&'a Validation<'a>>,
    lanes: Lanes<'a>,
    window: Window,
    /// `[lanes, dim]`: the state of every lane.
    states: Aligned,
    /// Multiplies every event's weight: makes the loss of a full window its mean. The few short windows at an epoch's end count
    /// for less, as they should.
    scale: f32,
    /// The mean loss over the epoch times its events is the sum of the windows' losses times this.
    loss_factor: f64,
}

impl<'a> GruNetwork<'a> {
    fn new(config: &'a GruConfig, train: &Sequences<'a>, valid: Option<&'a Validation<'a>>) -> Self {
        let (lanes, events, weight) = (lanes(config, train), train.items.len() as f64, train.total_weight());
        let scale = (events / (weight * (lanes * config.bptt) as f64)) as f32;
        Self {
            config,
            valid,
            lanes: Lanes::new(*train, config.items as u32, lanes),
            window: Window::default(),
            states: Aligned::default(),
            scale,
            loss_factor: events / (f64::from(scale) * weight),
        }
    }
}

impl Network for GruNetwork<'_> {
    type Params = Params;
    type Shard = Shard;

    const WARM_UP_EPOCHS: f64 = 0.1;

    fn start_epoch(&mut self, seed: u64, epoch: usize) {
        self.lanes.start(seed, epoch);
    }

    fn next_batch(&mut self) -> Option<usize> {
        self.lanes.next(self.config.bptt, &mut self.window).then_some(self.lanes.taken)
    }

    fn gradients(&mut self, step: &Step<'_, Params>, shards: &mut [Shard]) -> f64 {
        let (params, window) = (step.params, &self.window);
        let d = params.dim;
        self.states.reserve(self.lanes.len() * d);
        let bias = params.kernel_bias();
        let work = Work {
            params,
            bias: &bias,
            window,
            states: &self.states,
            drop_input: step.dropout(Purpose::DropoutInput, self.config.dropout_input),
            output: step.output(self.scale, &window.targets, &window.weights),
        };
        let (lanes, count) = (window.slots.len(), shards.len());
        let start = |shard: usize| lanes * shard / count;
        shards.par_iter_mut().enumerate().for_each(|(at, shard)| shard.run(&work, start(at)..start(at + 1)));
        for shard in shards.iter() {
            for (lane, state) in shard.lanes.clone().zip(shard.states.chunks_exact(d)) {
                let slot = window.slots[lane];
                self.states[slot * d..(slot + 1) * d].copy_from_slice(state);
            }
        }
        shards.iter().map(|shard| shard.loss).sum::<f64>() * self.loss_factor
    }

    fn validate(&self, params: &Params, cancel: &Cancel) -> Result<Option<f64>, Error> {
        self.valid.map_or(Ok(None), |valid| ndcg_at_10(params, valid, cancel))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures::quiet;
    use crate::networks::TrainerConfig;

    #[test]
    fn small_data_gets_few_lanes() {
        let config = GruConfig { items: 5, ..GruConfig::default() };
        let (items, offsets) = (vec![0; 100_000], (0..=1000).map(|u| u * 100).collect::<Vec<_>>());
        let sequences = Sequences { offsets: &offsets, items: &items, weights: &[] };
        let with = |training: TrainerConfig| GruConfig { training, ..config.clone() };
        assert_eq!(lanes(&config, &sequences), 16);
        assert_eq!(lanes(&with(TrainerConfig { batch: 48, ..config.training }), &sequences), 48);
        // 100,000 events are 196 windows of 16 lanes and 32 steps.
        let ctx = quiet(1, 1);
        let planned = |updates| {
            trainer(&with(TrainerConfig { updates, epochs_max: 30, ..config.training }), &sequences, &ctx).epochs
        };
        assert_eq!([planned(0), planned(1), planned(2000), planned(1_000_000)], [30, 6, 11, 30]);
    }

    #[test]
    fn a_loss_that_is_not_finite_is_divergence() {
        let config = GruConfig { items: 4, hidden: 8, ..GruConfig::default() };
        let mut params = Params::init(4, 8, true, 1);
        params.cell.input[0] = f32::NAN;
        let sequences = Sequences { offsets: &[0, 3], items: &[1, 2, 3], weights: &[] };
        let ctx = quiet(1, 1);
        let mut network = GruNetwork::new(&config, &sequences, None);
        let result = trainer(&config, &sequences, &ctx).attempt(&mut network, params, 0.01);
        assert!(matches!(result, Err(Error::Diverged { epoch: 1, .. })), "{:?}", result.map(|t| t.history));
    }
}
