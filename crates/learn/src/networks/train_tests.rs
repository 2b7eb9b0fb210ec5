//! Training as a whole, for every network: it repeats itself to the byte, stops when told to, continues and refuses bad input;
//! its models rank as they score and survive storage. A network calls [`trainer_tests!`] with its configuration.

use super::{SoftmaxMode, Trained, TrainerConfig};
use crate::artifact::Tensors;
use crate::checkpoints::tests::Kept;
use crate::fixtures::quiet;
use crate::random::{Purpose, stream};
use crate::topk::log_partition;
use crate::{
    Cancel, EpochEnd, Error, Event, Progress, Scorer, ScoringContext, Scratch, Sequences, TimedSequences, TrainContext,
    Validation,
};
use rand::Rng;
use std::collections::BTreeSet;
use std::sync::atomic::Ordering;
use tastemaker_data::{Bitmap, ItemIx};

pub(crate) const ITEMS: usize = 40;

/// A network's configuration, as these tests see it.
pub(crate) trait Subject: Sized {
    type Model: Scorer + PartialEq + std::fmt::Debug;

    /// Learns the walks in seconds.
    fn small() -> Self;

    fn training(&mut self) -> &mut TrainerConfig;

    /// The share of the input that is dropped.
    fn dropout(&mut self) -> &mut f32;

    fn hidden(&mut self) -> &mut usize;

    /// Models whose stored tensors differ in kind.
    fn variants() -> Vec<Self>;

    fn train(
        &self,
        train: &TimedSequences<'_>,
        valid: Option<&Validation<'_>>,
        init: Option<&Self::Model>,
        ctx: &TrainContext<'_>,
    ) -> Result<Trained<Self::Model>, Error>;

    fn tensors(model: &Self::Model) -> Tensors;

    fn open(tensors: &Tensors) -> Result<Self::Model, Error>;

    /// A tensor without which a model is another one instead of none.
    const OPTIONAL: &str;
}

/// The members of [`Subject`] that the networks' configurations and models have by the same names.
macro_rules! common_members {
    ($model:ty, $dropout:ident) => {
        type Model = $model;

        fn training(&mut self) -> &mut TrainerConfig {
            &mut self.training
        }

        fn dropout(&mut self) -> &mut f32 {
            &mut self.$dropout
        }

        fn hidden(&mut self) -> &mut usize {
            &mut self.hidden
        }

        fn tensors(model: &$model) -> Tensors {
            model.to_tensors()
        }

        fn open(tensors: &Tensors) -> Result<$model, Error> {
            <$model>::from_tensors(tensors)
        }
    };
}
pub(crate) use common_members;

/// A schedule that is soon over.
pub(crate) fn quick(epochs_max: usize, batch: usize, usual: TrainerConfig) -> TrainerConfig {
    let (learning_rate, dropout_output) = (0.01, 0.1);
    TrainerConfig { epochs_max, updates: 0, batch, learning_rate, dropout_output, negatives: 16, ..usual }
}

pub(crate) fn events(items: &[u32]) -> Vec<Event> {
    items.iter().map(|&item| Event::new(ItemIx(item), 0)).collect()
}

/// Users who mostly step from item i to i + 1 or, half of them, to i + 7: predictable, but only for a
/// model that remembers which kind of user it sees.
pub(crate) fn walks(users: usize, length: usize) -> (Vec<usize>, Vec<u32>) {
    let mut rng = stream(17, Purpose::Shuffle, 1);
    let (mut offsets, mut items) = (vec![0], Vec::new());
    for user in 0..users {
        let mut at = rng.random_range(0..ITEMS);
        for _ in 0..length + user % 5 {
            items.push(at as u32);
            let jump = if user % 2 == 0 { 1 } else { 7 };
            at = if rng.random::<f32>() < 0.05 { rng.random_range(0..ITEMS) } else { (at + jump) % ITEMS };
        }
        offsets.push(items.len());
    }
    (offsets, items)
}

pub(crate) fn untimed<'a>(offsets: &'a [usize], items: &'a [u32]) -> TimedSequences<'a> {
    TimedSequences { sequences: Sequences { offsets, items, weights: &[] }, times: &[] }
}

pub(crate) fn run<S: Subject>(config: &S, seed: u64, threads: usize) -> Trained<S::Model> {
    let (offsets, items) = walks(200, 20);
    let (valid_offsets, valid_items) = walks(60, 20);
    let first_target: Vec<usize> = valid_offsets.windows(2).map(|w| (w[1] - w[0]) / 2).collect();
    let histories = untimed(&valid_offsets, &valid_items);
    let valid = Validation { histories, first_target: &first_target, exclude_seen: false };
    let ctx = quiet(seed, threads);
    config.train(&untimed(&offsets, &items), Some(&valid), None, &ctx).unwrap()
}

pub(crate) fn best<M>(trained: &Trained<M>) -> f32 {
    trained.history[trained.best_epoch - 1].ndcg_at_10.unwrap()
}

/// Trains to a quality floor.
pub(crate) fn learns<S: Subject>(config: &S, case: &str) {
    let trained = run(config, 1, 1);
    let floor = 0.85;
    assert!(best(&trained) > floor, "{case}: {:?}", trained.history);
    assert!(trained.history.iter().all(|e| e.ndcg_at_10.unwrap() <= best(&trained)));
}

fn bytes<S: Subject>(model: &S::Model) -> Vec<u8> {
    S::tensors(model).to_safetensors().unwrap()
}

/// Of this many epochs.
fn short<S: Subject>(mut config: S, epochs_max: usize) -> S {
    config.training().epochs_max = epochs_max;
    config
}

/// A model after this many epochs.
pub(crate) fn after<S: Subject>(epochs_max: usize) -> S::Model {
    run(&short(S::small(), epochs_max), 1, 1).model
}

fn with_dropout<S: Subject>(softmax: SoftmaxMode, epochs_max: usize) -> S {
    let mut config = short(S::small(), epochs_max);
    config.training().softmax = softmax;
    *config.dropout() = 0.2;
    config
}

pub(crate) fn the_same_run_gives_the_same_bytes_and_another_seed_others<S: Subject>() {
    use SoftmaxMode::{Auto, Full, Sampled};
    for (softmax, threads) in [(Full, 1), (Full, 2), (Sampled, 2), (Auto, 2)] {
        let config = with_dropout::<S>(softmax, 2);
        let first = bytes::<S>(&run(&config, 1, threads).model);
        assert_eq!(first, bytes::<S>(&run(&config, 1, threads).model), "{softmax:?} on {threads} threads");
        assert_ne!(first, bytes::<S>(&run(&config, 2, threads).model));
    }
}

pub(crate) fn threads_change_rounding_only<S: Subject>() {
    for softmax in [SoftmaxMode::Full, SoftmaxMode::Sampled] {
        let config = with_dropout::<S>(softmax, 1);
        let (one, two) = (run(&config, 1, 1), run(&config, 1, 2));
        assert!((one.history[0].loss - two.history[0].loss).abs() < 1e-3);
        assert!((best(&one) - best(&two)).abs() < 0.02, "{} {}", best(&one), best(&two));
    }
}

pub(crate) fn storing_changes_no_score<S: Subject>() {
    for config in S::variants() {
        let model = run(&short(config, 1), 1, 1).model;
        let loaded = S::open(&Tensors::from_safetensors(&bytes::<S>(&model)).unwrap()).unwrap();
        assert_eq!(model, loaded);
        let mut scratch = Scratch::default();
        let state = model.encode(&events(&[3, 4]), &mut scratch);
        assert_eq!(state, loaded.encode(&events(&[3, 4]), &mut scratch));
        let scores = model.scores(&state, &ScoringContext::default(), &mut scratch).to_vec();
        assert_eq!(scores, loaded.scores(&state, &ScoringContext::default(), &mut Scratch::default()));
        assert_eq!(scores.len(), ITEMS);
    }
}

pub(crate) fn ranking_agrees_with_the_scores<S: Subject>() {
    let model = after::<S>(1);
    let mut scratch = Scratch::default();
    let state = model.encode(&events(&[3, 10, 17]), &mut scratch);
    assert_eq!(state.events, 3);
    let scores = model.scores(&state, &ScoringContext::default(), &mut scratch).to_vec();
    let mut order: Vec<u32> = (0..ITEMS as u32).filter(|i| i % 2 == 0).collect();
    order.sort_by(|&a, &b| scores[b as usize].total_cmp(&scores[a as usize]).then(a.cmp(&b)));
    let even = Bitmap::from_fn(ITEMS, |item| item.0 % 2 == 0);
    let ranked = model.top_k(&state, &ScoringContext::default(), 100, Some(&even), &mut scratch);
    assert_eq!(ranked.items.iter().map(|(item, _)| item.0).collect::<Vec<_>>(), order);
    assert!(ranked.items.iter().all(|&(item, score)| score == scores[item.0 as usize]));
    assert!((ranked.log_partition - log_partition(&scores)).abs() < 1e-4);
    assert!(model.has_probabilities());
}

pub(crate) fn unknown_items_are_ignored<S: Subject>() {
    let model = after::<S>(1);
    let mut scratch = Scratch::default();
    let mut state = model.start();
    model.observe(&mut state, Event::new(ItemIx(ITEMS as u32), 0), &mut scratch);
    model.observe(&mut state, Event::new(ItemIx(u32::MAX), 0), &mut scratch);
    assert_eq!(state, model.start());
}

pub(crate) fn a_second_run_continues_from_the_first<S: Subject>() {
    let (offsets, items) = walks(100, 20);
    let train = untimed(&offsets, &items);
    let ctx = quiet(3, 1);
    let mut config = short(S::small(), 3);
    let first = config.train(&train, None, None, &ctx).unwrap();
    let second = config.train(&train, None, Some(&first.model), &ctx).unwrap();
    assert_eq!((first.best_epoch, second.best_epoch), (3, 3));
    assert!(second.history[0].loss < first.history[0].loss - 0.5);
    *config.hidden() += 16;
    let other = config.train(&train, None, Some(&first.model), &ctx);
    assert!(matches!(other, Err(Error::Invalid(m)) if m.starts_with("init")));
}

pub(crate) fn weights_of_zero_teach_nothing<S: Subject>() {
    let (offsets, items) = walks(50, 10);
    let weights = vec![0.0; items.len()];
    let ctx = quiet(3, 1);
    let sequences = Sequences { offsets: &offsets, items: &items, weights: &weights };
    let silent = TimedSequences { sequences, times: &[] };
    assert!(S::small().train(&silent, None, None, &ctx).unwrap().history.is_empty());
    assert_eq!(S::small().train(&untimed(&[0], &[]), None, None, &ctx).unwrap().best_epoch, 0);
}

pub(crate) fn cancelling_ends_training<S: Subject>() {
    let (offsets, items) = walks(200, 20);
    let cancel = Cancel::new();
    let seen = std::sync::Mutex::new(Vec::new());
    let progress = |p: Progress| {
        seen.lock().unwrap().push(p);
        cancel.cancel();
    };
    let ctx =
        TrainContext { seed: 3, threads: 2, cancel: &cancel, progress: &progress, checkpoints: &crate::NoCheckpoints };
    assert_eq!(S::small().train(&untimed(&offsets, &items), None, None, &ctx).unwrap_err(), Error::Cancelled);
    let seen = seen.into_inner().unwrap();
    assert_eq!(seen.len(), 1, "one step after the switch at most: {seen:?}");
    assert!(seen[0].done <= seen[0].total && seen[0].stage == "train");
}

/// The outcome of a training, the numbers of the epochs that it computed, and the epochs that it said had ended.
type Run<M> = (Result<Trained<M>, Error>, BTreeSet<usize>, Vec<EpochEnd>);

/// A run with these checkpoints. It is cancelled once the epoch `until` has ended.
fn run_kept<S: Subject>(config: &S, kept: &Kept, until: usize) -> Run<S::Model> {
    let (offsets, items) = walks(120, 15);
    // Walks in the other direction: the better the network knows the way, the worse it is there, so that the best epoch is an early one.
    let (valid_offsets, mut valid_items) = walks(40, 15);
    valid_offsets.windows(2).for_each(|w| valid_items[w[0]..w[1]].reverse());
    let first_target: Vec<usize> = valid_offsets.windows(2).map(|w| (w[1] - w[0]) / 2).collect();
    let histories = untimed(&valid_offsets, &valid_items);
    let valid = Validation { histories, first_target: &first_target, exclude_seen: false };
    let cancel = Cancel::new();
    let seen = std::sync::Mutex::new((BTreeSet::new(), Vec::new()));
    let progress = |p: Progress| {
        let mut seen = seen.lock().unwrap();
        if p.stage == "train" {
            seen.0.insert((p.done as usize).div_ceil(100));
        }
        if let Some(ended) = p.epoch {
            seen.1.push(ended);
            if ended.number == until {
                cancel.cancel();
            }
        }
    };
    let ctx = TrainContext { seed: 3, threads: 2, cancel: &cancel, progress: &progress, checkpoints: kept };
    let trained = config.train(&untimed(&offsets, &items), Some(&valid), None, &ctx);
    let (computed, ended) = seen.into_inner().unwrap();
    (trained, computed, ended)
}

pub(crate) fn a_training_cut_after_any_epoch_ends_as_an_undisturbed_one<S: Subject>() {
    const EPOCHS: usize = 6;
    let mut config = with_dropout::<S>(SoftmaxMode::Auto, EPOCHS);
    config.training().patience = EPOCHS;
    config.training().sampled_share = 0.5;
    let usual = config.training().learning_rate;
    let (undisturbed, computed, ended) = run_kept(&config, &Kept::default(), 0);
    let undisturbed = undisturbed.unwrap();
    assert_eq!((computed.len(), ended.len()), (EPOCHS, EPOCHS));
    assert!(undisturbed.best_epoch < EPOCHS, "the best epoch is not the last: {:?}", undisturbed.history);
    for cut in 1..EPOCHS {
        let kept = Kept::default();
        let (cancelled, before, _) = run_kept(&config, &kept, cut);
        assert_eq!((cancelled.unwrap_err(), before.len()), (Error::Cancelled, cut));
        let (resumed, after, again) = run_kept(&config, &kept, 0);
        let resumed = resumed.unwrap();
        assert_eq!(after, (cut + 1..=EPOCHS).collect::<BTreeSet<usize>>(), "what was computed is not computed again");
        assert_eq!(again, ended, "every epoch is told of");
        assert_eq!((&resumed.history, resumed.best_epoch), (&undisturbed.history, undisturbed.best_epoch));
        assert_eq!(bytes::<S>(&resumed.model), bytes::<S>(&undisturbed.model), "cut after {cut}");
        let (finished, none, _) = run_kept(&config, &kept, 0);
        assert_eq!((bytes::<S>(&finished.unwrap().model), none.len()), (bytes::<S>(&undisturbed.model), 0));
        let found = kept.found.load(Ordering::Relaxed);
        config.training().learning_rate = 0.05;
        let (_, other, _) = run_kept(&config, &kept, 1);
        assert_eq!((other.len(), kept.found.load(Ordering::Relaxed)), (1, found), "another schedule takes nothing");
        config.training().learning_rate = usual;
        // A damaged one is passed over.
        kept.parts.lock().unwrap().values_mut().for_each(|bytes| _ = bytes.pop());
        assert_eq!(run_kept(&config, &kept, 0).1.len(), EPOCHS);
    }
}

pub(crate) fn bad_input_is_refused_by_name<S: Subject>() {
    let ctx = quiet(3, 1);
    let refused = |offsets: &[usize], items: &[u32], weights: &[f32], word: &str| {
        let histories = TimedSequences { sequences: Sequences { offsets, items, weights }, times: &[] };
        match S::small().train(&histories, None, None, &ctx) {
            Err(Error::Invalid(message)) => assert!(message.contains(word), "{message}"),
            other => panic!("{word}: {other:?}"),
        }
    };
    refused(&[0, 2], &[1, ITEMS as u32], &[], "items");
    refused(&[0, 3], &[1, 2], &[], "offsets");
    refused(&[0, 2, 1], &[1], &[], "offsets");
    refused(&[0, 2], &[1, 2], &[1.0], "weights");
    refused(&[0, 2], &[1, 2], &[1.0, f32::NAN], "weights");
    let histories = untimed(&[0, 2], &[1, 2]);
    let valid = Validation { histories, first_target: &[], exclude_seen: true };
    let result = S::small().train(&histories, Some(&valid), None, &ctx);
    assert!(matches!(result, Err(Error::Invalid(m)) if m.contains("first_target")));
    let histories = TimedSequences { times: &[1, 2, 3], ..histories };
    let result = S::small().train(&untimed(&[0, 2], &[1, 2]), Some(&Validation { histories, ..valid }), None, &ctx);
    assert!(matches!(result, Err(Error::Invalid(m)) if m.contains("times")));
}

pub(crate) fn damaged_artifacts_are_refused<S: Subject>() {
    let good = S::tensors(&after::<S>(0));
    let refused = |tensors: &Tensors| matches!(S::open(tensors), Err(Error::Artifact(_)));
    for name in good.tensors.keys() {
        let mut tensors = good.clone();
        tensors.tensors.remove(name);
        assert_eq!(refused(&tensors), name != S::OPTIONAL, "without {name}");
        let mut tensors = good.clone();
        if let Some(tensor) = tensors.tensors.get_mut(name) {
            tensor.shape[0] += 1;
        }
        assert!(refused(&tensors), "{name} with a wrong shape");
        let mut tensors = good.clone();
        if let Some(tensor) = tensors.tensors.get_mut(name) {
            tensor.data[0] = f32::NAN;
        }
        assert!(refused(&tensors), "{name} with NaN");
    }
    let (network, _) = good.kind.split_once('/').unwrap();
    assert!(refused(&Tensors { kind: format!("{network}/2"), ..good }));
}

/// The tests of this module for a network.
macro_rules! trainer_tests {
    ($config:ty) => {
        $crate::networks::train_tests::trainer_tests!(
            $config:
            the_same_run_gives_the_same_bytes_and_another_seed_others,
            threads_change_rounding_only,
            storing_changes_no_score,
            ranking_agrees_with_the_scores,
            unknown_items_are_ignored,
            a_second_run_continues_from_the_first,
            weights_of_zero_teach_nothing,
            cancelling_ends_training,
            a_training_cut_after_any_epoch_ends_as_an_undisturbed_one,
            bad_input_is_refused_by_name,
            damaged_artifacts_are_refused,
        );
    };
    ($config:ty: $($test:ident),* $(,)?) => {
        $(
            #[test]
            fn $test() {
                $crate::networks::train_tests::$test::<$config>();
            }
        )*
    };
}
pub(crate) use trainer_tests;
