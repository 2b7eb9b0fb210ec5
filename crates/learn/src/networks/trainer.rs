//! The trainer of every network: epochs, the learning-rate schedule, early stopping and recovery from divergence.

use super::checkpoint::Position;
use super::config::TrainerConfig;
use super::epoch::{EndedEpoch, EpochReport};
use super::item_softmax::{
    DenseOptimizer, ItemVectors, Negatives, OutputItems, OutputPlan, Predicted, RowGrads, Sampler, TableOptimizer,
    TablesMut, Workload,
};
use crate::checkpoints::PartName;
use crate::kernels::{Dropout, add_to};
use crate::random::{Purpose, key, stream};
use crate::sentences::{EPOCH_LOSS, EPOCH_QUALITY};
use crate::{Cancel, EpochEnd, Error, Progress, Sequences, TrainContext};

/// A finished training run.
#[derive(Debug, Clone)]
pub struct Trained<M> {
    /// The parameters after the best epoch.
    pub model: M,
    /// Every epoch that was run, in order.
    pub history: Vec<EpochReport>,
    /// The epoch the model is from, counted from 1; 0 if none was run.
    pub best_epoch: usize,
}

impl<M> Trained<M> {
    /// The run with its model turned into another form.
    pub(crate) fn map<N>(self, model: impl FnOnce(M) -> N) -> Trained<N> {
        Trained { model: model(self.model), history: self.history, best_epoch: self.best_epoch }
    }
}

/// All trainable parameters of a network.
pub(crate) trait Parameters: Clone + Send {
    /// The output layer.
    fn item_vectors(&self) -> ItemVectors<'_>;

    /// The item tables, and all other parameters beside them.
    fn split_mut(&mut self) -> (TablesMut<'_>, Vec<&mut [f32]>);
}

/// One thread's gradients of a step.
pub(crate) trait Gradients: Default + Send {
    /// Those of the item tables, and those of all other parameters in the order of [`Parameters::split_mut`].
    fn split_mut(&mut self) -> (&mut RowGrads, Vec<&mut [f32]>);
}

/// A step of training, as the network sees it.
pub(crate) struct Step<'a, P> {
    pub(crate) params: &'a P,
    /// `None` for the full softmax.
    pub(crate) negatives: Option<&'a Negatives>,
    /// Share of the last layer's values that are dropped.
    dropout_output: f32,
    pub(crate) seed: u64,
    /// Counted from 0 over all epochs.
    pub(crate) number: u64,
}

impl<'a, P: Parameters> Step<'a, P> {
    /// The output layer of this step, over a batch's `targets` and their `weights`, which `scale` multiplies.
    pub(crate) fn output(&self, scale: f32, targets: &'a [u32], weights: &'a [f32]) -> Predicted<'a> {
        let dropout = self.dropout(Purpose::DropoutOutput, self.dropout_output);
        let (table, negatives) = (self.params.item_vectors(), self.negatives);
        Predicted { table, negatives, dropout, scale, targets, weights }
    }

    /// A dropout layer of this step.
    pub(crate) fn dropout(&self, purpose: Purpose, rate: f32) -> Dropout {
        Dropout::new(key(self.seed, purpose, self.number), rate)
    }
}

/// A network with the data it is trained on: walks through the batches of an epoch and computes their gradients.
pub(crate) trait Network: Send {
    type Params: Parameters;
    type Shard: Gradients;

    /// Epochs over which the learning rate rises to its peak.
    const WARM_UP_EPOCHS: f64;

    /// Starts the epoch of this number, counted from 1, with batches drawn for it and `seed`.
    fn start_epoch(&mut self, seed: u64, epoch: usize);

    /// Makes the next batch the current one: the events handed out so far in the epoch; `None` when it is over.
    fn next_batch(&mut self) -> Option<usize>;

    /// Forward and backward of the current batch. The shards get the gradients of its mean loss; returned is that loss times
    /// the events it is the mean of.
    fn gradients(&mut self, step: &Step<'_, Self::Params>, shards: &mut [Self::Shard]) -> f64;

    /// NDCG@10 over the held-out events; `None` where there are none.
    fn validate(&self, params: &Self::Params, cancel: &Cancel) -> Result<Option<f64>, Error>;
}

/// The share of the learning rate at which training starts over after a divergence.
const RATE_AFTER_DIVERGENCE: f32 = 0.25;

/// Whether an epoch's `loss` is so far above the `lowest` of an epoch before that the parameters have left every useful region.
fn has_diverged(loss: f32, lowest: f32) -> bool {
    loss > 1.5 * lowest && loss > lowest + 1.0
}

/// A training run: data and schedule.
pub(crate) struct Trainer<'a> {
    pub(crate) config: &'a TrainerConfig,
    pub(crate) ctx: &'a TrainContext<'a>,
    pub(crate) train: Sequences<'a>,
    /// The epochs that the learning rate's schedule spans.
    pub(crate) epochs: usize,
    /// The shards that a batch is cut into.
    pub(crate) shards: usize,
    /// Multiply-adds of one event outside the output layer, forward and backward.
    pub(crate) encoder_cost: f64,
    /// The network's configuration and data, where checkpoints are kept.
    pub(crate) part: Option<PartName>,
}

impl Trainer<'_> {
    /// Trains from `initial`; after a divergence once more, at a quarter of the learning rate.
    pub(crate) fn fit<N: Network>(&self, network: &mut N, initial: N::Params) -> Result<Trained<N::Params>, Error> {
        let rate = self.config.learning_rate;
        self.ctx.pool()?.install(|| match self.attempt(network, initial.clone(), rate) {
            Err(Error::Diverged { .. }) => self.attempt(network, initial, rate * RATE_AFTER_DIVERGENCE),
            result => result,
        })
    }

    pub(super) fn attempt<N: Network>(
        &self,
        network: &mut N,
        params: N::Params,
        learning_rate: f32,
    ) -> Result<Trained<N::Params>, Error> {
        let plan = self.output_plan(params.item_vectors());
        let items = params.item_vectors().items;
        let sampler = plan.samples(self.epochs).then(|| Sampler::new(&self.train.counts(items)));
        let name = self.part.clone().map(|part| self.name(part, params.clone(), learning_rate));
        let mut best = params.clone();
        let mut engine = Engine::<N>::new(self, params, sampler);
        let mut at = match &name {
            Some(name) => self.restore(name, &mut engine, &mut best).unwrap_or_else(Position::start),
            None => Position::start(),
        };
        let epochs = if self.train.total_weight() > 0.0 { self.epochs } else { 0 };
        for epoch in at.history.len() + 1..=epochs {
            if at.history.len() - at.best.0 >= self.config.patience {
                break;
            }
            engine.output = plan.of_epoch(epoch);
            let (loss, rate) = self.epoch(network, &mut engine, epoch, learning_rate)?;
            if has_diverged(loss, at.lowest) {
                return Err(Error::Diverged { epoch, loss, learning_rate });
            }
            at.lowest = at.lowest.min(loss);
            let quality = network.validate(&engine.params, self.ctx.cancel)?;
            let ndcg_at_10 = quality.map(|quality| quality as f32);
            let ended = EndedEpoch { report: EpochReport { epoch, loss, ndcg_at_10, learning_rate: rate }, quality };
            self.report_end(&ended);
            at.history.push(ended);
            if quality.is_none_or(|quality| quality > at.best.1) {
                at.best = (epoch, quality.unwrap_or(f64::NEG_INFINITY));
                best = engine.params.clone();
            }
            at.step = engine.step;
            if let Some(name) = name.as_ref().filter(|_| self.ctx.checkpoints.is_due()) {
                let mut kept = engine.slices_at(at.step);
                if !at.is_best() {
                    kept.extend(slices(&mut best));
                }
                self.ctx.checkpoints.save(name, &mut at.pieces(&kept));
            }
        }
        let history = at.history.into_iter().map(|ended| ended.report).collect();
        Ok(Trained { best_epoch: at.best.0, model: best, history })
    }

    /// The name of an attempt's checkpoints.
    fn name<P: Parameters>(&self, part: PartName, mut initial: P, learning_rate: f32) -> String {
        let part = part.numbers([self.ctx.seed, self.shards as u64, self.ctx.threads as u64, self.epochs as u64]);
        let of_parameters = slices(&mut initial).into_iter().fold(part, |part, slice| part.values(slice));
        of_parameters.values(&[learning_rate]).finish()
    }

    /// Takes up what was kept of this attempt, if anything was, and says again how its epochs ended.
    fn restore<N: Network>(&self, name: &str, engine: &mut Engine<'_, N>, best: &mut N::Params) -> Option<Position> {
        let bytes = self.ctx.checkpoints.load(name)?;
        let (at, mut stored) = Position::read(&bytes)?;
        let mut into = engine.slices_at(at.step);
        let of_state = into.len();
        if !at.is_best() {
            into.extend(slices(best));
        }
        let lengths: Vec<usize> = into.iter().map(|slice| slice.len()).collect();
        if !stored.fit(&lengths) || at.history.is_empty() {
            engine.slices_at(0);
            return None;
        }
        stored.fill(&mut into[..of_state]);
        stored.fill(&mut into[of_state..]);
        if at.is_best() {
            *best = engine.params.clone();
        }
        engine.step = at.step;
        at.history.iter().for_each(|ended| self.report_end(ended));
        Some(at)
    }

    /// The way in which each epoch computes the softmax over `table`.
    fn output_plan(&self, table: ItemVectors<'_>) -> OutputPlan {
        let TrainerConfig { softmax, negatives, sampled_share, .. } = *self.config;
        let work = Workload {
            items: table.items,
            width: table.dim,
            events: self.train.items.len(),
            epochs: self.epochs,
            encoder_cost: self.encoder_cost,
        };
        OutputPlan::new(softmax, negatives, sampled_share, &work)
    }

    /// One pass over the data: its mean loss and last learning rate.
    fn epoch<N: Network>(
        &self,
        network: &mut N,
        engine: &mut Engine<'_, N>,
        epoch: usize,
        learning_rate: f32,
    ) -> Result<(f32, f32), Error> {
        let events = self.train.items.len();
        let (mut loss, mut done, mut rate, mut reported) = (0.0, 0usize, learning_rate, 0);
        network.start_epoch(self.ctx.seed, epoch);
        while let Some(taken) = network.next_batch() {
            self.ctx.cancel.check()?;
            let past = (epoch - 1) as f64 + done as f64 / events as f64;
            rate = learning_rate * schedule(past, self.epochs as f64, N::WARM_UP_EPOCHS);
            let batch_loss = engine.gradients(network);
            if !batch_loss.is_finite() {
                return Err(Error::Diverged { epoch, loss: batch_loss as f32, learning_rate });
            }
            engine.update(rate);
            loss += batch_loss;
            done = taken;
            let percent = done * 100 / events.max(1);
            if percent > reported {
                reported = percent;
                let past = (epoch - 1) as f64 + percent as f64 / 100.0;
                self.report(
                    "train",
                    past,
                    EPOCH_LOSS.with(&[&epoch, &format_args!("{:.4}", loss / done as f64)]),
                    None,
                );
            }
        }
        Ok(((loss / events as f64) as f32, rate))
    }

    /// Says how an epoch ended.
    fn report_end(&self, EndedEpoch { report, quality }: &EndedEpoch) {
        let EpochReport { epoch, loss, .. } = *report;
        let examples = self.train.items.len() as u64;
        let ended = EpochEnd { number: epoch, loss: f64::from(loss), quality: *quality, examples };
        self.report("validate", epoch as f64, describe(epoch, loss, *quality), Some(ended));
    }

    /// `epochs` finished, in hundredths.
    fn report(&self, stage: &'static str, epochs: f64, note: String, epoch: Option<EpochEnd>) {
        let total = self.epochs as u64 * 100;
        (self.ctx.progress)(Progress { stage, done: (epochs * 100.0).round() as u64, total, note, epoch });
    }
}

fn describe(epoch: usize, loss: f32, metric: Option<f64>) -> String {
    let loss = format_args!("{loss:.4}");
    match metric {
        Some(metric) => EPOCH_QUALITY.with(&[&epoch, &loss, &format_args!("{metric:.4}")]),
        None => EPOCH_LOSS.with(&[&epoch, &loss]),
    }
}

/// The share of the peak learning rate after `past` of `total` epochs: a warm-up over `warm_up` epochs, then a half cosine down
/// to a fiftieth.
fn schedule(past: f64, total: f64, warm_up: f64) -> f32 {
    let warm = (past / warm_up).clamp(0.01, 1.0);
    let cosine = 0.5 * (1.0 + (std::f64::consts::PI * (past / total).min(1.0)).cos());
    (warm * (0.02 + 0.98 * cosine)) as f32
}

/// Starts the output layer's biases at the logarithm of each item's share of the events (plus one event), so that training
/// begins at the popularity model instead of spending its first epoch on the way there. `counts` `[items]`.
pub(crate) fn set_popularity_prior(bias: &mut [f32], counts: &[u64]) {
    let mean = counts.iter().map(|&c| ((c + 1) as f64).ln()).sum::<f64>() / counts.len().max(1) as f64;
    for (bias, &count) in bias.iter_mut().zip(counts) {
        *bias = (((count + 1) as f64).ln() - mean) as f32;
    }
}

/// Every slice of a network's parameters, in a fixed order.
fn slices<P: Parameters>(params: &mut P) -> Vec<&mut [f32]> {
    let (tables, dense) = params.split_mut();
    let mut slices = vec![tables.embedding, tables.bias];
    slices.extend(tables.output);
    slices.extend(dense);
    slices
}

/// Everything that changes during training: parameters, moments, the buffers of every thread.
struct Engine<'a, N: Network> {
    config: &'a TrainerConfig,
    params: N::Params,
    tables: TableOptimizer,
    dense: DenseOptimizer,
    shards: Vec<N::Shard>,
    sampler: Option<Sampler>,
    /// The softmax of the present epoch.
    output: OutputItems,
    negatives: Negatives,
    seed: u64,
    step: u64,
}

impl<'a, N: Network> Engine<'a, N> {
    fn new(trainer: &Trainer<'a>, mut params: N::Params, sampler: Option<Sampler>) -> Self {
        let (tables, dense) = params.split_mut();
        Self {
            config: trainer.config,
            tables: TableOptimizer::new(tables.items, tables.dim, tables.output.is_none(), trainer.config.weight_decay),
            dense: DenseOptimizer::new(&dense),
            shards: (0..trainer.shards).map(|_| N::Shard::default()).collect(),
            params,
            sampler,
            output: OutputItems::Full,
            negatives: Negatives::default(),
            seed: trainer.ctx.seed,
            step: 0,
        }
    }

    /// The sampler and the number of its draws, if the present epoch samples.
    fn sampling(&self) -> Option<(&Sampler, usize)> {
        match self.output {
            OutputItems::Sampled(negatives) => self.sampler.as_ref().map(|sampler| (sampler, negatives)),
            OutputItems::Full => None,
        }
    }

    /// Forward and backward of the network's current batch; see [`Network::gradients`].
    fn gradients(&mut self, network: &mut N) -> f64 {
        let mut negatives = std::mem::take(&mut self.negatives);
        if let Some((sampler, count)) = self.sampling() {
            let mut rng = stream(self.seed, Purpose::Negatives, self.step);
            negatives.draw(sampler, count, self.params.item_vectors(), &mut rng);
        }
        let step = Step {
            params: &self.params,
            negatives: self.sampling().map(|_| &negatives),
            dropout_output: self.config.dropout_output,
            seed: self.seed,
            number: self.step,
        };
        let loss = network.gradients(&step, &mut self.shards);
        self.negatives = negatives;
        loss
    }

    /// All parameters and moments after `step` updates, to be read or replaced.
    fn slices_at(&mut self, step: u64) -> Vec<&mut [f32]> {
        let mut all = slices(&mut self.params);
        all.extend(self.tables.moments_at(step));
        all.extend(self.dense.moments_at(step));
        all
    }

    /// Moves the parameters by the shards' gradients.
    fn update(&mut self, learning_rate: f32) {
        let threads = self.shards.len();
        let negatives = self.sampling().is_some().then_some(&self.negatives.items[..]);
        let (tables, mut dense) = self.params.split_mut();
        let mut parts = self.shards.iter_mut().map(Gradients::split_mut);
        if let Some((rows, mut sum)) = parts.next() {
            let mut rows = vec![rows];
            for (more, part) in parts {
                rows.push(more);
                sum.iter_mut().zip(part).for_each(|(sum, part)| add_to(sum, part));
            }
            self.dense.apply(&mut dense, &sum, learning_rate, 0.0);
            self.tables.apply(tables, &mut rows, negatives, learning_rate, threads);
        }
        self.step += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_loss_that_rises_far_above_an_earlier_one_is_divergence() {
        let rises = [(5.0, f32::INFINITY), (5.5, 5.4), (7.9, 5.4), (22.7, 6.4), (0.9, 0.1), (1.2, 0.1)];
        let expected = [false, false, false, true, false, true];
        assert_eq!(rises.map(|(loss, lowest)| has_diverged(loss, lowest)), expected);
    }

    #[test]
    fn the_schedule_warms_up_and_decays() {
        for warm_up in [0.1, 0.5] {
            let schedule = |past| schedule(past, 10.0, warm_up);
            assert!(schedule(0.0) <= 0.01);
            assert!((schedule(warm_up) - 1.0).abs() < 0.01);
            assert!(schedule(5.0) < 0.6);
            assert!((schedule(10.0) - 0.02).abs() < 1e-3);
        }
    }
}
