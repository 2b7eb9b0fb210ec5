//! Epochs, the learning-rate schedule, early stopping and recovery from divergence.

use super::config::GruConfig;
use super::data::{Sequences, Validation};
use super::lanes::{Lanes, Window};
use super::model::GruModel;
use super::params::Params;
use super::step::Engine;
use super::validate::ndcg_at_10;
use crate::output::Sampler;
use crate::{EpochEnd, Error, Progress, TrainContext};

/// What one epoch came to.
#[derive(Debug, Clone, PartialEq)]
pub struct EpochReport {
    /// Counted from 1.
    pub epoch: usize,
    /// The weighted mean of `-ln p(target)` over the epoch, with dropout.
    pub loss: f32,
    /// NDCG@10 on the validation set after the epoch; `None` without one.
    pub ndcg_at_10: Option<f32>,
    /// The learning rate at the epoch's end.
    pub learning_rate: f32,
}

/// A finished training run.
#[derive(Debug, Clone)]
pub struct Trained {
    /// The parameters after the best epoch.
    pub model: GruModel,
    /// Every epoch that was run, in order.
    pub history: Vec<EpochReport>,
    /// The epoch the model is from, counted from 1; 0 if none was run.
    pub best_epoch: usize,
}

/// Trains a model on `train`, from `init` where given (same items, `hidden` and `tied`).
///
/// With `valid`, the epoch with the best NDCG@10 is kept and training ends after `patience` epochs
/// without a better one; without, the last epoch is kept.
///
/// # Errors
/// [`Error::Invalid`] for a configuration or data out of range, [`Error::Cancelled`], and
/// [`Error::Diverged`] when the loss is not finite twice: the second attempt starts over at a tenth of the
/// learning rate.
pub fn train(
    config: &GruConfig,
    train: &Sequences<'_>,
    valid: Option<&Validation<'_>>,
    init: Option<&GruModel>,
    ctx: &TrainContext<'_>,
) -> Result<Trained, Error> {
    config.check()?;
    train.check("train", config.items)?;
    if let Some(valid) = valid {
        valid.check(config.items)?;
    }
    let initial = match init {
        None => {
            let mut params = Params::init(config.items, config.hidden, config.tied, ctx.seed);
            params.set_prior(&counts(config.items, train));
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
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(ctx.threads.max(1))
        .build()
        .map_err(|e| Error::Invalid(format!("threads: {e}")))?;
    pool.install(|| match Run::new(config, train, valid, ctx).attempt(initial.clone(), config.learning_rate) {
        Err(Error::Diverged { .. }) => Run::new(config, train, valid, ctx).attempt(initial, config.learning_rate * 0.1),
        result => result,
    })
}

/// Windows per epoch that the automatic batch aims at.
const STEPS_PER_EPOCH: usize = 250;

/// Lanes for `events` events: enough for the matrix products, few enough that an epoch has some hundred
/// updates.
fn lanes(config: &GruConfig, train: &Sequences<'_>) -> usize {
    match config.batch {
        0 => (train.items.len() / (config.bptt * STEPS_PER_EPOCH)).next_multiple_of(8).clamp(8, 64),
        batch => batch,
    }
    .min(train.len().max(1))
}

/// The epochs that reach the planned updates.
fn epochs(config: &GruConfig, train: &Sequences<'_>, lanes: usize) -> usize {
    let updates_per_epoch = train.items.len().div_ceil(lanes * config.bptt).max(1);
    match config.updates {
        0 => config.epochs_max,
        updates => updates.div_ceil(updates_per_epoch).max(GruConfig::EPOCHS_MIN).min(config.epochs_max),
    }
}

/// How often each item occurs.
fn counts(items: usize, train: &Sequences<'_>) -> Vec<u64> {
    let mut counts = vec![0u64; items];
    train.items.iter().for_each(|&item| counts[item as usize] += 1);
    counts
}

struct Run<'a> {
    config: &'a GruConfig,
    train: &'a Sequences<'a>,
    valid: Option<&'a Validation<'a>>,
    ctx: &'a TrainContext<'a>,
    lanes: usize,
    /// The epochs that the learning rate's schedule spans.
    epochs: usize,
    weight: f64,
}

impl<'a> Run<'a> {
    fn new(
        config: &'a GruConfig,
        train: &'a Sequences<'a>,
        valid: Option<&'a Validation<'a>>,
        ctx: &'a TrainContext<'a>,
    ) -> Self {
        let weight = (0..train.items.len()).map(|event| f64::from(train.weight(event))).sum();
        let lanes = lanes(config, train);
        Self { config, train, valid, ctx, lanes, epochs: epochs(config, train, lanes), weight }
    }

    fn attempt(&self, params: Params, learning_rate: f32) -> Result<Trained, Error> {
        let config = self.config;
        let mut best = (0, f64::NEG_INFINITY, params.clone());
        let mut history = Vec::new();
        let sampled = config.sampled_epochs(self.epochs);
        let sampler = (sampled > 0).then(|| Sampler::new(&counts(config.items, self.train)));
        let threads = self.ctx.threads.max(1).min(self.lanes);
        let mut engine = Engine::new(config, params, self.lanes, threads, sampler, self.ctx.seed);
        let epochs = if self.weight > 0.0 { self.epochs } else { 0 };
        for epoch in 1..=epochs {
            engine.sample(epoch <= sampled);
            let (loss, rate) = self.epoch(&mut engine, epoch, learning_rate)?;
            let metric = match self.valid {
                Some(valid) => ndcg_at_10(&engine.params, valid, self.ctx.cancel)?,
                None => None,
            };
            history.push(EpochReport { epoch, loss, ndcg_at_10: metric.map(|m| m as f32), learning_rate: rate });
            let ended = EpochEnd { number: epoch, loss: f64::from(loss), quality: metric };
            self.report("validate", epoch as f64, format!("epoch {epoch}: {}", describe(loss, metric)), Some(ended));
            if metric.is_none_or(|m| m > best.1) {
                best = (epoch, metric.unwrap_or(f64::NEG_INFINITY), engine.params.clone());
            } else if epoch - best.0 >= config.patience {
                break;
            }
        }
        Ok(Trained { best_epoch: best.0, model: GruModel::new(best.2), history })
    }

    /// One pass over the data: its mean loss and last learning rate.
    fn epoch(&self, engine: &mut Engine, epoch: usize, learning_rate: f32) -> Result<(f32, f32), Error> {
        let config = self.config;
        let mut lanes = Lanes::new(*self.train, config.items as u32, self.lanes, self.ctx.seed, epoch);
        let mut window = Window::default();
        let events = self.train.items.len();
        // A full window's mean; the few short windows at an epoch's end count for less, as they should.
        let scale = (events as f64 / (self.weight * (self.lanes * config.bptt) as f64)) as f32;
        let (mut loss, mut done, mut rate, mut reported) = (0.0, 0usize, learning_rate, 0);
        while lanes.next(config.bptt, &mut window) {
            self.ctx.cancel.check()?;
            let past = (epoch - 1) as f64 + done as f64 / events as f64;
            rate = learning_rate * schedule(past, self.epochs as f64);
            let step_loss = engine.gradients(&window, scale);
            if !step_loss.is_finite() {
                return Err(Error::Diverged { epoch, loss: step_loss as f32, learning_rate });
            }
            engine.update(rate);
            loss += step_loss;
            done = lanes.taken;
            let percent = done * 100 / events.max(1);
            if percent > reported {
                reported = percent;
                let mean = loss / (f64::from(scale) * self.weight * done as f64 / events as f64);
                self.report(
                    "train",
                    (epoch - 1) as f64 + percent as f64 / 100.0,
                    format!("epoch {epoch}: loss {mean:.4}"),
                    None,
                );
            }
        }
        Ok(((loss / (f64::from(scale) * self.weight)) as f32, rate))
    }

    /// `epochs` finished, in hundredths.
    fn report(&self, stage: &'static str, epochs: f64, note: String, epoch: Option<EpochEnd>) {
        let total = self.epochs as u64 * 100;
        (self.ctx.progress)(Progress { stage, done: (epochs * 100.0).round() as u64, total, note, epoch });
    }
}

fn describe(loss: f32, metric: Option<f64>) -> String {
    match metric {
        Some(metric) => format!("loss {loss:.4}, NDCG@10 {metric:.4}"),
        None => format!("loss {loss:.4}"),
    }
}

/// The share of the peak learning rate after `past` of `total` epochs: a warm-up over a tenth of an
/// epoch, then a half cosine down to a fiftieth.
fn schedule(past: f64, total: f64) -> f32 {
    let warm = (past / 0.1).clamp(0.01, 1.0);
    let cosine = 0.5 * (1.0 + (std::f64::consts::PI * (past / total).min(1.0)).cos());
    (warm * (0.02 + 0.98 * cosine)) as f32
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Cancel;

    #[test]
    fn the_schedule_warms_up_and_decays() {
        assert!(schedule(0.0, 10.0) <= 0.01);
        assert!((schedule(0.1, 10.0) - 1.0).abs() < 0.01);
        assert!(schedule(5.0, 10.0) < 0.6);
        assert!((schedule(10.0, 10.0) - 0.02).abs() < 1e-3);
    }

    #[test]
    fn small_data_gets_few_lanes() {
        let config = GruConfig { items: 5, ..GruConfig::default() };
        let (items, offsets) = (vec![0; 100_000], (0..=1000).map(|u| u * 100).collect::<Vec<_>>());
        let sequences = Sequences { offsets: &offsets, items: &items, weights: &[] };
        assert_eq!(lanes(&config, &sequences), 16);
        assert_eq!(lanes(&GruConfig { batch: 48, ..config.clone() }, &sequences), 48);
        // 100,000 events are 196 windows of 16 lanes and 32 steps.
        let planned = |updates| epochs(&GruConfig { updates, epochs_max: 30, ..config.clone() }, &sequences, 16);
        assert_eq!([planned(0), planned(1), planned(2000), planned(1_000_000)], [30, 6, 11, 30]);
    }

    #[test]
    fn a_loss_that_is_not_finite_is_divergence() {
        let config = GruConfig { items: 4, hidden: 8, ..GruConfig::default() };
        let mut params = Params::init(4, 8, true, 1);
        params.cell.input[0] = f32::NAN;
        let sequences = Sequences { offsets: &[0, 3], items: &[1, 2, 3], weights: &[] };
        let cancel = Cancel::new();
        let ctx = TrainContext { seed: 1, threads: 1, cancel: &cancel, progress: &|_| {} };
        let result = Run::new(&config, &sequences, None, &ctx).attempt(params, 0.01);
        assert!(matches!(result, Err(Error::Diverged { epoch: 1, .. })), "{result:?}");
    }
}
