//! Epochs, the learning-rate schedule, early stopping and recovery from divergence.

use super::batch::{Batch, Epoch, Histories};
use super::config::TransformerConfig;
use super::model::TransformerModel;
use super::params::{Params, Shape};
use super::step::Engine;
use super::validate::ndcg_at_10;
use crate::gru::{EpochReport, Validation};
use crate::output::Sampler;
use crate::{EpochEnd, Error, Progress, TrainContext};

/// A finished training run.
#[derive(Debug, Clone)]
pub struct Trained {
    /// The parameters after the best epoch.
    pub model: TransformerModel,
    /// Every epoch that was run, in order.
    pub history: Vec<EpochReport>,
    /// The epoch the model is from, counted from 1; 0 if none was run.
    pub best_epoch: usize,
}

/// Trains a model on `train`, from `init` where given (of the same shape).
///
/// With `valid` and its times (as in [`Histories`]), the epoch with the best NDCG@10 is kept and training ends after
/// `patience` epochs without a better one; without, the last epoch is kept.
///
/// # Errors
/// [`Error::Invalid`] for a configuration or data out of range, [`Error::Cancelled`], and
/// [`Error::Diverged`] when the loss is not finite twice: the second attempt starts over at a tenth of the
/// learning rate.
pub fn train(
    config: &TransformerConfig,
    train: &Histories<'_>,
    valid: Option<(&Validation<'_>, &[i64])>,
    init: Option<&TransformerModel>,
    ctx: &TrainContext<'_>,
) -> Result<Trained, Error> {
    config.check()?;
    train.check("train", config.items)?;
    if let Some((valid, times)) = valid {
        valid.check(config.items)?;
        Histories { sequences: valid.sequences, times }.check("validation", config.items)?;
    }
    let shape = shape(config);
    let initial = match init {
        None => {
            let mut params = Params::init(shape, ctx.seed);
            params.set_prior(&counts(config.items, train));
            params
        }
        Some(model) if model.params().shape == shape => model.params().clone(),
        Some(model) => {
            let found = model.params().shape;
            return Err(Error::Invalid(format!("init must have the shape {shape:?}, it has {found:?}")));
        }
    };
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(ctx.threads.max(1))
        .build()
        .map_err(|e| Error::Invalid(format!("threads: {e}")))?;
    let run = Run::new(config, train, valid, ctx);
    pool.install(|| match run.attempt(initial.clone(), config.learning_rate) {
        Err(Error::Diverged { .. }) => run.attempt(initial, config.learning_rate * 0.1),
        result => result,
    })
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

/// Updates per epoch that the automatic batch aims at.
const STEPS_PER_EPOCH: usize = 250;

/// Events per update for `events` events: enough for the matrix products, few enough that an epoch has some hundred
/// updates.
fn batch(config: &TransformerConfig, events: usize) -> usize {
    match config.batch {
        0 => (events / STEPS_PER_EPOCH).clamp(256, 2048),
        batch => batch,
    }
}

/// The epochs that reach the planned updates.
fn epochs(config: &TransformerConfig, events: usize) -> usize {
    let updates_per_epoch = events.div_ceil(batch(config, events)).max(1);
    match config.updates {
        0 => config.epochs_max,
        updates => updates.div_ceil(updates_per_epoch).max(TransformerConfig::EPOCHS_MIN).min(config.epochs_max),
    }
}

/// How often each item occurs.
fn counts(items: usize, train: &Histories<'_>) -> Vec<u64> {
    let mut counts = vec![0u64; items];
    train.sequences.items.iter().for_each(|&item| counts[item as usize] += 1);
    counts
}

struct Run<'a> {
    config: &'a TransformerConfig,
    train: &'a Histories<'a>,
    valid: Option<(&'a Validation<'a>, &'a [i64])>,
    ctx: &'a TrainContext<'a>,
    batch: usize,
    /// The epochs that the learning rate's schedule spans.
    epochs: usize,
    weight: f64,
}

impl<'a> Run<'a> {
    fn new(
        config: &'a TransformerConfig,
        train: &'a Histories<'a>,
        valid: Option<(&'a Validation<'a>, &'a [i64])>,
        ctx: &'a TrainContext<'a>,
    ) -> Self {
        let events = train.sequences.items.len();
        let weight = (0..events).map(|event| f64::from(train.sequences.weight(event))).sum();
        Self { config, train, valid, ctx, batch: batch(config, events), epochs: epochs(config, events), weight }
    }

    fn attempt(&self, params: Params, learning_rate: f32) -> Result<Trained, Error> {
        let config = self.config;
        let mut best = (0, f64::NEG_INFINITY, params.clone());
        let mut history = Vec::new();
        let sampler = config.is_sampled().then(|| Sampler::new(&counts(config.items, self.train)));
        let mut engine = Engine::new(config, params, self.ctx.threads, sampler, self.ctx.seed);
        let epochs = if self.weight > 0.0 { self.epochs } else { 0 };
        for epoch in 1..=epochs {
            let (loss, rate) = self.epoch(&mut engine, epoch, learning_rate)?;
            let metric = match self.valid {
                Some((valid, times)) => ndcg_at_10(&engine.params, valid, times, self.ctx.cancel)?,
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
        Ok(Trained { best_epoch: best.0, model: TransformerModel::new(best.2), history })
    }

    /// One pass over the data: its mean loss and last learning rate.
    fn epoch(&self, engine: &mut Engine, epoch: usize, learning_rate: f32) -> Result<(f32, f32), Error> {
        let config = self.config;
        let start_row = engine.params.start_row();
        let mut windows = Epoch::new(*self.train, start_row, config.length, self.ctx.seed, epoch);
        let mut batch = Batch::default();
        let events = self.train.sequences.items.len();
        let mean_weight = self.weight / events as f64;
        let (mut loss, mut done, mut rate, mut reported) = (0.0, 0usize, learning_rate, 0);
        while windows.next(self.batch, &mut batch) {
            self.ctx.cancel.check()?;
            let past = (epoch - 1) as f64 + done as f64 / events as f64;
            rate = learning_rate * schedule(past, self.epochs as f64);
            // A full batch's mean; an epoch's short last batch counts for less, as it should.
            let size = batch.inputs.len().max(self.batch) as f64;
            let scale = (1.0 / (mean_weight * size)) as f32;
            let step_loss = engine.gradients(&batch, scale);
            if !step_loss.is_finite() {
                return Err(Error::Diverged { epoch, loss: step_loss as f32, learning_rate });
            }
            engine.update(rate);
            loss += step_loss * size;
            done = windows.taken;
            let percent = done * 100 / events.max(1);
            if percent > reported {
                reported = percent;
                let past = (epoch - 1) as f64 + percent as f64 / 100.0;
                self.report("train", past, format!("epoch {epoch}: loss {:.4}", loss / done as f64), None);
            }
        }
        Ok(((loss / events as f64) as f32, rate))
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

/// The share of the peak learning rate after `past` of `total` epochs: a warm-up over half an epoch, then a half cosine
/// down to a fiftieth.
fn schedule(past: f64, total: f64) -> f32 {
    let warm = (past / 0.5).clamp(0.01, 1.0);
    let cosine = 0.5 * (1.0 + (std::f64::consts::PI * (past / total).min(1.0)).cos());
    (warm * (0.02 + 0.98 * cosine)) as f32
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Cancel;
    use crate::gru::Sequences;

    #[test]
    fn the_schedule_warms_up_and_decays() {
        assert!(schedule(0.0, 10.0) <= 0.01);
        assert!(schedule(0.5, 10.0) > 0.98);
        assert!(schedule(5.0, 10.0) < 0.6);
        assert!((schedule(10.0, 10.0) - 0.02).abs() < 1e-3);
    }

    #[test]
    fn small_data_gets_small_batches() {
        let config = TransformerConfig { items: 5, epochs_max: 30, ..TransformerConfig::default() };
        assert_eq!([batch(&config, 1000), batch(&config, 100_000), batch(&config, 10_000_000)], [256, 400, 2048]);
        assert_eq!(batch(&TransformerConfig { batch: 48, ..config.clone() }, 100_000), 48);
        // 100,000 events are 250 batches of 400.
        let planned = |updates| epochs(&TransformerConfig { updates, ..config.clone() }, 100_000);
        assert_eq!([planned(0), planned(1), planned(2000), planned(1_000_000)], [30, 6, 8, 30]);
    }

    #[test]
    fn a_loss_that_is_not_finite_is_divergence() {
        let config = TransformerConfig { items: 4, hidden: 16, ..TransformerConfig::default() };
        let mut params = Params::init(shape(&config), 1);
        params.dense.fill(f32::NAN);
        let train =
            Histories { sequences: Sequences { offsets: &[0, 3], items: &[1, 2, 3], weights: &[] }, times: &[] };
        let cancel = Cancel::new();
        let ctx = TrainContext { seed: 1, threads: 1, cancel: &cancel, progress: &|_| {} };
        let result = Run::new(&config, &train, None, &ctx).attempt(params, 0.01);
        assert!(matches!(result, Err(Error::Diverged { epoch: 1, .. })), "{result:?}");
    }
}
