//! Hyperparameter optimization (HPO): a search that comes before the training proper.
//!
//! A tenth of the training users validates; the test users of the offline metrics take no part. Trials are chosen in batches of
//! [`TuningPlan::parallel`] by `learn::bayesian_optimization` from the trials of earlier batches, so that the choice does not depend on which
//! trial ends first, and a search that was cut short goes on as if it had not been. Trial 0 has the values without any search; its
//! values are kept unless another trial is better.
//!
//! A trial whose best epoch is worse than the median of what earlier trials had on average reached by then is ended
//! (`median-stopping`).

use super::error::FitError;
use super::evaluation::Evaluator;
use super::request::{FitRequest, Tuning};
use parking_lot::Mutex;
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;
use tastemaker_data::Dataset;
use tastemaker_domain::parameters::{Value, Values, resolve};
use tastemaker_domain::tuning::{Trial, TrialOutcome, TuningDimension, TuningPlan, TuningRange, with_trial};
use tastemaker_eval::{Report, split};
use tastemaker_learn::bayesian_optimization::{Dimension, Point, Search};
use tastemaker_learn::sentences::TRIAL;
use tastemaker_learn::{Cancel, EpochEnd, NoCheckpoints, Progress, TrainContext};
use tastemaker_recipes::TrainRequest;

/// The validation users are others than those whom the recipes hold out for themselves.
const VALIDATION: u64 = 0x7475_6e69_6e67;
/// Epochs that every trial gets.
const EPOCHS_MIN: usize = 3;
/// Judged trials that a median needs.
const EVALUATED_MIN: usize = 3;
/// The delay after which the trials hear that the training was cancelled.
const WATCH: Duration = Duration::from_millis(20);

/// The trials of the whole search, by number; no more than `side_by_side` run at a time.
pub(super) fn search(
    request: &FitRequest,
    train: &Dataset,
    tuning: &Tuning,
    side_by_side: usize,
    context: &TrainContext,
) -> Result<Vec<Trial>, FitError> {
    let plan = tuning.plan;
    let values = resolve(request.recipe.descriptor, request.config).map_err(tastemaker_recipes::Error::from)?;
    let split = split::personalize(train, context.seed ^ VALIDATION);
    let evaluator = Evaluator::new(request.recipe, train, request.users, &split.tests);
    let space = Search { dimensions: plan.dimensions.iter().map(dimension).collect(), seed: context.seed };
    let mut trials: Vec<Trial> = tuning.done.iter().filter(|trial| trial.number < plan.trials).cloned().collect();
    trials.sort_by_key(|trial| trial.number);
    for first in (0..plan.trials).step_by(plan.parallel.max(1)) {
        let (earlier, present): (Vec<Trial>, Vec<Trial>) = trials.into_iter().partition(|trial| trial.number < first);
        let wanted = plan.parallel.max(1).min(plan.trials - first);
        let points = batch(&space, plan, &values, &earlier, wanted, first == 0);
        let exhausted = points.len() < wanted;
        let missing: Vec<(usize, Point)> = points
            .into_iter()
            .enumerate()
            .map(|(n, point)| (first + n, point))
            .filter(|(number, _)| present.iter().all(|trial| trial.number != *number))
            .collect();
        let (slots, train) = (plan.parallel.min(side_by_side), &split.train);
        let room = Room { request, plan, slots, train, evaluator: &evaluator, earlier: &earlier, context };
        let made = room.run(&missing, tuning.record)?;
        trials = earlier.into_iter().chain(present).chain(made).collect();
        trials.sort_by_key(|trial| trial.number);
        if exhausted {
            break;
        }
    }
    Ok(trials)
}

/// The points of a batch; the first one of all is that of the values without a search.
fn batch(
    space: &Search,
    plan: &TuningPlan,
    values: &Values,
    earlier: &[Trial],
    wanted: usize,
    begins: bool,
) -> Vec<Point> {
    let evaluated = || earlier.iter().filter_map(Trial::quality);
    let worst = evaluated().fold(f64::INFINITY, f64::min);
    let seen = |trial: &Trial| {
        let point = point_of(plan, &trial.parameters)?;
        // What was ended early or failed is as bad as the worst.
        Some((point, trial.quality().unwrap_or(if worst.is_finite() { worst } else { 0.0 })))
    };
    let mut observed: Vec<(Point, f64)> = earlier.iter().filter_map(seen).collect();
    if !begins {
        return space.propose(&observed, wanted);
    }
    let start = start(plan, values);
    observed.push((start.clone(), 0.0));
    let others = space.propose(&observed, wanted - 1);
    std::iter::once(start).chain(others).collect()
}

fn dimension(dimension: &TuningDimension) -> Dimension {
    match &dimension.range {
        TuningRange::Integer { min, max } => Dimension::Integer { min: *min, max: *max },
        TuningRange::Continuous { min, max } => Dimension::Continuous { min: *min, max: *max },
        TuningRange::Categorical(words) => Dimension::Categorical(words.len()),
    }
}

/// The values without a search, or what of the ranges is nearest to them.
fn start(plan: &TuningPlan, values: &Values) -> Point {
    let value = |dimension: &TuningDimension| {
        let given = values.iter().find(|(name, _)| *name == dimension.name).map(|(_, value)| value);
        match (&dimension.range, given) {
            (TuningRange::Integer { min, max }, Some(Value::Integer(value))) => value.clamp(*min, *max) as f64,
            (TuningRange::Continuous { min, max }, Some(Value::Float(value))) => value.clamp(*min, *max),
            (TuningRange::Categorical(words), Some(value)) => {
                words.iter().position(|w| *w == value).unwrap_or(0) as f64
            }
            (TuningRange::Integer { min, .. }, _) => *min as f64,
            (TuningRange::Continuous { min, .. }, _) => *min,
            (TuningRange::Categorical(_), None) => 0.0,
        }
    };
    plan.dimensions.iter().map(value).collect()
}

/// A point as the API spells it.
fn parameters_of(plan: &TuningPlan, point: &[f64]) -> BTreeMap<String, String> {
    let text = |(dimension, &value): (&TuningDimension, &f64)| {
        let value = match &dimension.range {
            TuningRange::Integer { .. } => Value::Integer(value.round() as i64),
            TuningRange::Continuous { .. } => Value::Float(value),
            TuningRange::Categorical(words) => words[(value as usize).min(words.len() - 1)],
        };
        (dimension.name.to_owned(), value.to_string())
    };
    plan.dimensions.iter().zip(point).map(text).collect()
}

/// The point of recorded values; `None` for values of another plan.
fn point_of(plan: &TuningPlan, parameters: &BTreeMap<String, String>) -> Option<Point> {
    let value = |dimension: &TuningDimension| {
        let text = parameters.get(dimension.name)?;
        match &dimension.range {
            TuningRange::Integer { .. } => text.parse::<i64>().ok().map(|v| v as f64),
            TuningRange::Continuous { .. } => text.parse().ok(),
            TuningRange::Categorical(words) => words.iter().position(|w| w.to_string() == *text).map(|v| v as f64),
        }
    };
    plan.dimensions.iter().map(value).collect()
}

/// The mean of NDCG@10 and the reciprocal rank within 25, as the blend is fitted.
fn quality(report: &Report) -> f64 {
    let mean = |key| report.mean(key).unwrap_or(0.0);
    0.5 * (mean("normalized_discounted_cumulative_gain_at_10") + mean("mean_reciprocal_rank_at_25"))
}

/// The surroundings that the trials of a batch share.
struct Room<'a> {
    request: &'a FitRequest<'a>,
    plan: &'a TuningPlan,
    /// Trials at a time, at most.
    slots: usize,
    train: &'a Dataset,
    evaluator: &'a Evaluator<'a>,
    /// The trials of earlier batches.
    earlier: &'a [Trial],
    context: &'a TrainContext<'a>,
}

impl Room<'_> {
    /// Runs trials, as many at a time as slots and threads allow.
    fn run(
        &self,
        points: &[(usize, Point)],
        record: &(dyn Fn(&Trial) -> Result<(), FitError> + Sync),
    ) -> Result<Vec<Trial>, FitError> {
        let threads = self.context.threads.max(1);
        let slots = self.slots.clamp(1, threads);
        let (next, over) = (AtomicUsize::new(0), AtomicBool::new(false));
        let cancels: Vec<Cancel> = points.iter().map(|_| Cancel::new()).collect();
        let ended: Mutex<Vec<Trial>> = Mutex::default();
        let worker = || {
            while !over.load(Ordering::Relaxed) {
                let at = next.fetch_add(1, Ordering::Relaxed);
                let Some(((number, point), cancel)) = points.get(at).zip(cancels.get(at)) else { break };
                let result = self.trial(*number, point, threads / slots, cancel).and_then(|trial| {
                    record(&trial)?;
                    Ok(trial)
                });
                match result {
                    Ok(trial) => ended.lock().push(trial),
                    Err(error) => {
                        over.store(true, Ordering::Relaxed);
                        return Err(error);
                    }
                }
            }
            Ok(())
        };
        std::thread::scope(|scope| {
            let workers: Vec<_> = (0..slots.min(points.len())).map(|_| scope.spawn(worker)).collect();
            while !workers.iter().all(|worker| worker.is_finished()) {
                if self.context.cancel.is_cancelled() || over.load(Ordering::Relaxed) {
                    over.store(true, Ordering::Relaxed);
                    cancels.iter().for_each(Cancel::cancel);
                }
                std::thread::park_timeout(WATCH);
            }
            let crashed = |_| Err(FitError::Internal("a trial panicked".to_owned()));
            let mut results: Vec<Result<(), FitError>> =
                workers.into_iter().map(|w| w.join().unwrap_or_else(crashed)).collect();
            // Cancelled trials follow from another's error.
            results.sort_by_key(|result| matches!(result, Err(FitError::Cancelled)));
            results.into_iter().collect::<Result<(), FitError>>()
        })?;
        self.context.cancel.check().map_err(|_| FitError::Cancelled)?;
        Ok(ended.into_inner())
    }

    fn trial(&self, number: usize, point: &[f64], threads: usize, cancel: &Cancel) -> Result<Trial, FitError> {
        let parameters = parameters_of(self.plan, point);
        let config = with_trial(self.request.config, &parameters);
        let curve: Mutex<Vec<f64>> = Mutex::default();
        let behind = AtomicBool::new(false);
        let progress = |p: Progress| {
            let Some(EpochEnd { number: epoch, quality: Some(quality), .. }) = p.epoch else { return };
            let mut curve = curve.lock();
            // A training that diverged begins anew.
            curve.truncate(epoch.saturating_sub(1));
            curve.push(if quality.is_finite() { quality } else { 0.0 });
            if is_behind(&curve, self.earlier) {
                behind.store(true, Ordering::Relaxed);
                cancel.cancel();
            }
            let note = TRIAL.with(&[&(number + 1), &self.plan.trials, &p.note]);
            let (done, total) = (number as u64, self.plan.trials as u64);
            (self.context.progress)(Progress { stage: "tune", done, total, note, epoch: None });
        };
        // What is kept of a search are its trials.
        let checkpoints = &NoCheckpoints;
        let context = TrainContext { threads, cancel, progress: &progress, checkpoints, ..*self.context };
        let train = TrainRequest { config: &config, ..self.request.of(self.train) };
        let evaluated = self.request.recipe.train(&train, &context).map_err(FitError::from);
        let evaluated = evaluated.and_then(|model| self.evaluator.evaluate(&*model.scorer, &context));
        let outcome = match evaluated {
            Ok(evaluation) => TrialOutcome::Judged(quality(&evaluation.report)),
            Err(FitError::Cancelled) if behind.load(Ordering::Relaxed) => TrialOutcome::Stopped,
            Err(FitError::Diverged(text)) => TrialOutcome::Failed(text),
            // What is wrong with the data is wrong with every trial.
            Err(FitError::Invalid(text)) if number > 0 => TrialOutcome::Failed(text),
            Err(error) => return Err(error),
        };
        let curve = curve.into_inner();
        Ok(Trial { number, parameters, outcome, curve })
    }
}

/// The median stopping rule.
pub(super) fn is_behind(curve: &[f64], earlier: &[Trial]) -> bool {
    let epochs = curve.len();
    let average = |trial: &&Trial| {
        let until = &trial.curve[..epochs.min(trial.curve.len())];
        until.iter().sum::<f64>() / until.len() as f64
    };
    let evaluated = earlier.iter().filter(|trial| trial.quality().is_some() && !trial.curve.is_empty());
    let mut averages: Vec<f64> = evaluated.map(|trial| average(&trial)).collect();
    if epochs < EPOCHS_MIN || averages.len() < EVALUATED_MIN {
        return false;
    }
    averages.sort_unstable_by(f64::total_cmp);
    let median = averages[averages.len() / 2];
    curve.iter().copied().fold(f64::NEG_INFINITY, f64::max) < median
}
