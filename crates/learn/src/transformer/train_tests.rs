//! Training as a whole: it learns, repeats itself to the byte, stops when told to and refuses bad input.

use super::{Histories, Trained, TransformerConfig, TransformerModel, train};
use crate::artifact::Tensors;
use crate::gru::{Output, Sequences, Validation};
use crate::random::{Purpose, stream};
use crate::topk::log_sum_exp;
use crate::{Ask, Cancel, Error, Event, Progress, Scorer, Scratch, TrainContext};
use rand::Rng;
use tastemaker_data::{Bitmap, ItemIx};

const ITEMS: usize = 40;

fn events(items: &[u32]) -> Vec<Event> {
    items.iter().map(|&item| Event::new(ItemIx(item), 0)).collect()
}

/// Users who mostly step from item i to i + 1 or, half of them, to i + 7: predictable, but only for a
/// model that remembers which kind of user it sees.
fn walks(users: usize, length: usize) -> (Vec<usize>, Vec<u32>) {
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

fn small() -> TransformerConfig {
    TransformerConfig {
        items: ITEMS,
        hidden: 32,
        feed_forward: 32,
        blocks: 1,
        length: 16,
        epochs_max: 14,
        updates: 0,
        batch: 200,
        learning_rate: 0.01,
        dropout: 0.0,
        dropout_output: 0.1,
        negatives: 16,
        ..TransformerConfig::default()
    }
}

fn untimed<'a>(offsets: &'a [usize], items: &'a [u32]) -> Histories<'a> {
    Histories { sequences: Sequences { offsets, items, weights: &[] }, times: &[] }
}

fn run(config: &TransformerConfig, seed: u64, threads: usize) -> Result<Trained, Error> {
    let (offsets, items) = walks(200, 20);
    let (valid_offsets, valid_items) = walks(60, 20);
    let first_target: Vec<usize> = valid_offsets.windows(2).map(|w| (w[1] - w[0]) / 2).collect();
    let sequences = untimed(&valid_offsets, &valid_items).sequences;
    let valid = Validation { sequences, first_target: &first_target, exclude_seen: false };
    let cancel = Cancel::new();
    let ctx = TrainContext { seed, threads, cancel: &cancel, progress: &|_| {} };
    train(config, &untimed(&offsets, &items), Some((&valid, &[])), None, &ctx)
}

fn bytes(model: &TransformerModel) -> Vec<u8> {
    model.to_tensors().to_safetensors().unwrap()
}

fn best(trained: &Trained) -> f32 {
    trained.history[trained.best_epoch - 1].ndcg_at_10.unwrap()
}

#[test]
fn learns_walks_with_every_option() {
    for (output, gated, blocks) in [(Output::Full, true, 1), (Output::Full, false, 2), (Output::Sampled, true, 1)] {
        let trained = run(&TransformerConfig { output, gated, blocks, ..small() }, 1, 1).unwrap();
        let floor = 0.85;
        assert!(best(&trained) > floor, "{output:?}, gated {gated}: {:?}", trained.history);
        assert!(trained.history.iter().all(|e| e.ndcg_at_10.unwrap() <= best(&trained)));
    }
}

/// After a long pause a user starts afresh with item 0, after a short one goes on to item 1.
#[test]
fn times_tell_apart_what_items_do_not() {
    let (mut offsets, mut items, mut times) = (vec![0], Vec::new(), Vec::new());
    for user in 0..200i64 {
        let pause = if user % 2 == 0 { 5 } else { 500_000 };
        items.extend([2, 3, if user % 2 == 0 { 1 } else { 0 }]);
        times.extend([100, 100 + pause, 200 + pause]);
        offsets.push(items.len());
    }
    let train_on = |timed: bool| {
        let cancel = Cancel::new();
        let ctx = TrainContext { seed: 1, threads: 1, cancel: &cancel, progress: &|_| {} };
        let config = TransformerConfig { timed, items: 4, epochs_max: 150, batch: 600, dropout_output: 0.0, ..small() };
        train(&config, &Histories { times: &times, ..untimed(&offsets, &items) }, None, None, &ctx).unwrap().model
    };
    let probability = |model: &TransformerModel, pause: i64, item: usize| {
        let mut scratch = Scratch::default();
        let state = model.encode(&[Event::new(ItemIx(2), 7), Event::new(ItemIx(3), 7 + pause)], &mut scratch);
        let scores = model.scores(&state, &Ask::default(), &mut scratch);
        (scores[item] - log_sum_exp(scores)).exp()
    };
    let (timed, blind) = (train_on(true), train_on(false));
    for (pause, item) in [(5, 1), (500_000, 0)] {
        let (with, without) = (probability(&timed, pause, item), probability(&blind, pause, item));
        assert!(with > 0.9 && (0.3..0.7).contains(&without), "pause {pause}: {with}, without times {without}");
    }
}

#[test]
fn the_same_run_gives_the_same_bytes_and_another_seed_others() {
    for (output, threads) in [(Output::Full, 1), (Output::Full, 2), (Output::Sampled, 2)] {
        let config = TransformerConfig { output, epochs_max: 2, dropout: 0.2, ..small() };
        let first = bytes(&run(&config, 1, threads).unwrap().model);
        assert_eq!(first, bytes(&run(&config, 1, threads).unwrap().model), "{output:?} on {threads} threads");
        assert_ne!(first, bytes(&run(&config, 2, threads).unwrap().model));
    }
}

#[test]
fn threads_change_rounding_only() {
    for output in [Output::Full, Output::Sampled] {
        let config = TransformerConfig { output, epochs_max: 1, dropout: 0.2, ..small() };
        let (one, two) = (run(&config, 1, 1).unwrap(), run(&config, 1, 2).unwrap());
        assert!((one.history[0].loss - two.history[0].loss).abs() < 1e-3);
        assert!((best(&one) - best(&two)).abs() < 0.02, "{} {}", best(&one), best(&two));
    }
}

#[test]
fn storing_changes_no_score() {
    for (gated, timed) in [(true, true), (false, false)] {
        let model = run(&TransformerConfig { gated, timed, epochs_max: 1, ..small() }, 1, 1).unwrap().model;
        let loaded = TransformerModel::from_tensors(&Tensors::from_safetensors(&bytes(&model)).unwrap()).unwrap();
        assert_eq!(model, loaded);
        let mut scratch = Scratch::default();
        let state = model.encode(&events(&[3, 4]), &mut scratch);
        let scores = model.scores(&state, &Ask::default(), &mut scratch).to_vec();
        assert_eq!(scores, loaded.scores(&state, &Ask::default(), &mut Scratch::default()));
        assert_eq!(scores.len(), ITEMS);
    }
}

#[test]
fn ranking_agrees_with_the_scores() {
    let model = run(&TransformerConfig { epochs_max: 1, ..small() }, 1, 1).unwrap().model;
    let mut scratch = Scratch::default();
    let state = model.encode(&events(&[3, 10, 17]), &mut scratch);
    assert_eq!(state.events, 3);
    let scores = model.scores(&state, &Ask::default(), &mut scratch).to_vec();
    let mut order: Vec<u32> = (0..ITEMS as u32).filter(|i| i % 2 == 0).collect();
    order.sort_by(|&a, &b| scores[b as usize].total_cmp(&scores[a as usize]).then(a.cmp(&b)));
    let even = Bitmap::from_fn(ITEMS, |item| item.0 % 2 == 0);
    let ranked = model.top_k(&state, &Ask::default(), 100, Some(&even), &mut scratch);
    assert_eq!(ranked.items.iter().map(|(item, _)| item.0).collect::<Vec<_>>(), order);
    assert!(ranked.items.iter().all(|&(item, score)| score == scores[item.0 as usize]));
    assert!((ranked.log_partition - log_sum_exp(&scores)).abs() < 1e-4);
    assert!(model.has_probabilities());
}

#[test]
fn only_known_items_are_observed_and_only_the_newest_count() {
    let model = run(&TransformerConfig { epochs_max: 1, ..small() }, 1, 1).unwrap().model;
    let mut scratch = Scratch::default();
    let mut state = model.start();
    model.observe(&mut state, Event::new(ItemIx(ITEMS as u32), 0), &mut scratch);
    model.observe(&mut state, Event::new(ItemIx(u32::MAX), 0), &mut scratch);
    assert_eq!(state, model.start());
    let long: Vec<u32> = (0..100).map(|k| k * 7 % ITEMS as u32).collect();
    let (all, newest) = (model.encode(&events(&long), &mut scratch), model.encode(&events(&long[84..]), &mut scratch));
    assert_eq!((all.events, newest.events), (100, 16));
    let scores = model.scores(&all, &Ask::default(), &mut scratch).to_vec();
    assert_eq!(scores, model.scores(&newest, &Ask::default(), &mut scratch));
}

#[test]
fn a_second_run_continues_from_the_first() {
    let (offsets, items) = walks(100, 20);
    let sequences = untimed(&offsets, &items);
    let cancel = Cancel::new();
    let ctx = TrainContext { seed: 3, threads: 1, cancel: &cancel, progress: &|_| {} };
    let config = TransformerConfig { epochs_max: 3, ..small() };
    let first = train(&config, &sequences, None, None, &ctx).unwrap();
    let second = train(&config, &sequences, None, Some(&first.model), &ctx).unwrap();
    assert_eq!((first.best_epoch, second.best_epoch), (3, 3));
    assert!(second.history[0].loss < first.history[0].loss - 0.5);
    let other = train(&TransformerConfig { hidden: 48, ..config }, &sequences, None, Some(&first.model), &ctx);
    assert!(matches!(other, Err(Error::Invalid(m)) if m.starts_with("init")));
}

#[test]
fn weights_of_zero_teach_nothing() {
    let (offsets, items) = walks(50, 10);
    let weights = vec![0.0; items.len()];
    let cancel = Cancel::new();
    let ctx = TrainContext { seed: 3, threads: 1, cancel: &cancel, progress: &|_| {} };
    let silent = Histories { sequences: Sequences { offsets: &offsets, items: &items, weights: &weights }, times: &[] };
    assert!(train(&small(), &silent, None, None, &ctx).unwrap().history.is_empty());
    let empty = untimed(&[0], &[]);
    assert_eq!(train(&small(), &empty, None, None, &ctx).unwrap().best_epoch, 0);
}

#[test]
fn cancelling_ends_training() {
    let (offsets, items) = walks(200, 20);
    let sequences = untimed(&offsets, &items);
    let cancel = Cancel::new();
    let seen = std::sync::Mutex::new(Vec::new());
    let progress = |p: Progress| {
        seen.lock().unwrap().push(p);
        cancel.cancel();
    };
    let ctx = TrainContext { seed: 3, threads: 2, cancel: &cancel, progress: &progress };
    assert_eq!(train(&small(), &sequences, None, None, &ctx).unwrap_err(), Error::Cancelled);
    let seen = seen.into_inner().unwrap();
    assert_eq!(seen.len(), 1, "one step after the switch at most: {seen:?}");
    assert!(seen[0].done <= seen[0].total && seen[0].stage == "train");
}

#[test]
fn bad_input_is_refused_by_name() {
    let cancel = Cancel::new();
    let ctx = TrainContext { seed: 3, threads: 1, cancel: &cancel, progress: &|_| {} };
    let refused = |offsets: &[usize], items: &[u32], weights: &[f32], times: &[i64], word: &str| {
        let histories = Histories { sequences: Sequences { offsets, items, weights }, times };
        match train(&small(), &histories, None, None, &ctx) {
            Err(Error::Invalid(message)) => assert!(message.contains(word), "{message}"),
            other => panic!("{word}: {other:?}"),
        }
    };
    refused(&[0, 2], &[1, ITEMS as u32], &[], &[], "items");
    refused(&[0, 3], &[1, 2], &[], &[], "offsets");
    refused(&[0, 2], &[1, 2], &[1.0], &[], "weights");
    refused(&[0, 2], &[1, 2], &[], &[1, 2, 3], "times");
    let histories = untimed(&[0, 2], &[1, 2]);
    let valid = Validation { sequences: histories.sequences, first_target: &[], exclude_seen: true };
    let result = train(&small(), &histories, Some((&valid, &[])), None, &ctx);
    assert!(matches!(result, Err(Error::Invalid(m)) if m.contains("first_target")));
}

#[test]
fn damaged_artifacts_are_refused() {
    let model = run(&TransformerConfig { epochs_max: 0, ..small() }, 1, 1).unwrap().model;
    let good = model.to_tensors();
    let refused = |tensors: &Tensors| matches!(TransformerModel::from_tensors(tensors), Err(Error::Artifact(_)));
    for name in good.tensors.keys() {
        let mut tensors = good.clone();
        tensors.tensors.remove(name);
        // Without its table of times a model is read as one that does not look at them.
        assert_eq!(refused(&tensors), name != "blocks.0.time", "without {name}");
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
    assert!(refused(&Tensors { kind: "transformer/2".to_owned(), ..good }));
}
