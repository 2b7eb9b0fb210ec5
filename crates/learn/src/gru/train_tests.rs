//! Training as a whole: it learns, repeats itself to the byte, stops when told to and refuses bad input.

use super::{GruConfig, GruModel, Output, Sequences, Trained, Validation, train};
use crate::artifact::Tensors;
use crate::random::{Purpose, stream};
use crate::topk::log_sum_exp;
use crate::{Ask, Cancel, Error, Event, Progress, Scorer, Scratch, TrainContext, UserState};
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

fn small() -> GruConfig {
    GruConfig {
        items: ITEMS,
        hidden: 24,
        bptt: 8,
        epochs_max: 12,
        updates: 0,
        batch: 16,
        learning_rate: 0.01,
        dropout_input: 0.0,
        dropout_output: 0.1,
        negatives: 16,
        ..GruConfig::default()
    }
}

fn run(config: &GruConfig, seed: u64, threads: usize) -> Result<Trained, Error> {
    let (offsets, items) = walks(200, 20);
    let (valid_offsets, valid_items) = walks(60, 20);
    let first_target: Vec<usize> = valid_offsets.windows(2).map(|w| (w[1] - w[0]) / 2).collect();
    let valid = Validation {
        sequences: Sequences { offsets: &valid_offsets, items: &valid_items, weights: &[] },
        first_target: &first_target,
        exclude_seen: false,
    };
    let cancel = Cancel::new();
    let ctx = TrainContext { seed, threads, cancel: &cancel, progress: &|_| {} };
    train(config, &Sequences { offsets: &offsets, items: &items, weights: &[] }, Some(&valid), None, &ctx)
}

fn bytes(model: &GruModel) -> Vec<u8> {
    model.to_tensors().to_safetensors().unwrap()
}

fn best(trained: &Trained) -> f32 {
    trained.history[trained.best_epoch - 1].ndcg_at_10.unwrap()
}

#[test]
fn learns_walks_with_every_output_layer() {
    // Auto begins sampled and ends in full here.
    for (output, tied) in [Output::Full, Output::Sampled, Output::Auto].map(|o| [(o, true), (o, false)]).concat() {
        let trained = run(&GruConfig { output, tied, ..small() }, 1, 1).unwrap();
        let floor = 0.85;
        assert!(best(&trained) > floor, "{output:?}, tied {tied}: {:?}", trained.history);
        assert!(trained.history.iter().all(|e| e.ndcg_at_10.unwrap() <= best(&trained)));
    }
}

#[test]
fn the_same_run_gives_the_same_bytes_and_another_seed_others() {
    for (output, threads) in [(Output::Full, 1), (Output::Full, 2), (Output::Sampled, 2), (Output::Auto, 2)] {
        let config = GruConfig { output, epochs_max: 2, dropout_input: 0.2, ..small() };
        let first = bytes(&run(&config, 1, threads).unwrap().model);
        assert_eq!(first, bytes(&run(&config, 1, threads).unwrap().model), "{output:?} on {threads} threads");
        assert_ne!(first, bytes(&run(&config, 2, threads).unwrap().model));
    }
}

#[test]
fn threads_change_rounding_only() {
    for output in [Output::Full, Output::Sampled] {
        let config = GruConfig { output, epochs_max: 1, dropout_input: 0.2, ..small() };
        let (one, two) = (run(&config, 1, 1).unwrap(), run(&config, 1, 2).unwrap());
        assert!((one.history[0].loss - two.history[0].loss).abs() < 1e-3);
        assert!((best(&one) - best(&two)).abs() < 0.02, "{} {}", best(&one), best(&two));
    }
}

#[test]
fn storing_changes_no_score() {
    for tied in [true, false] {
        let model = run(&GruConfig { tied, epochs_max: 1, ..small() }, 1, 1).unwrap().model;
        let loaded = GruModel::from_tensors(&Tensors::from_safetensors(&bytes(&model)).unwrap()).unwrap();
        assert_eq!(model, loaded);
        let mut scratch = Scratch::default();
        let state = model.encode(&events(&[3, 4]), &mut scratch);
        assert_eq!(state, loaded.encode(&events(&[3, 4]), &mut scratch));
        let scores = model.scores(&state, &Ask::default(), &mut scratch).to_vec();
        assert_eq!(scores, loaded.scores(&state, &Ask::default(), &mut Scratch::default()));
        assert_eq!(scores.len(), ITEMS);
    }
}

#[test]
fn ranking_agrees_with_the_scores() {
    let model = run(&GruConfig { epochs_max: 1, ..small() }, 1, 1).unwrap().model;
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
fn unknown_items_and_foreign_states_are_ignored() {
    let model = run(&GruConfig { epochs_max: 0, ..small() }, 1, 1).unwrap().model;
    let mut scratch = Scratch::default();
    let mut state = model.start();
    model.observe(&mut state, Event::new(ItemIx(ITEMS as u32), 0), &mut scratch);
    model.observe(&mut state, Event::new(ItemIx(u32::MAX), 0), &mut scratch);
    assert_eq!(state, model.start());
    let foreign = UserState { events: 1, ..UserState::new(vec![0.5; 3].into()) };
    let mut moved = foreign.clone();
    model.observe(&mut moved, Event::new(ItemIx(0), 0), &mut scratch);
    assert_eq!(moved, foreign);
    let cold = model.scores(&model.start(), &Ask::default(), &mut scratch).to_vec();
    assert_eq!(cold, model.scores(&foreign, &Ask::default(), &mut scratch));
}

#[test]
fn a_second_run_continues_from_the_first() {
    let (offsets, items) = walks(100, 20);
    let sequences = Sequences { offsets: &offsets, items: &items, weights: &[] };
    let cancel = Cancel::new();
    let ctx = TrainContext { seed: 3, threads: 1, cancel: &cancel, progress: &|_| {} };
    let config = GruConfig { epochs_max: 3, ..small() };
    let first = train(&config, &sequences, None, None, &ctx).unwrap();
    let second = train(&config, &sequences, None, Some(&first.model), &ctx).unwrap();
    assert_eq!((first.best_epoch, second.best_epoch), (3, 3));
    assert!(second.history[0].loss < first.history[0].loss - 0.5);
    let other = train(&GruConfig { hidden: 16, ..config }, &sequences, None, Some(&first.model), &ctx);
    assert!(matches!(other, Err(Error::Invalid(m)) if m.starts_with("init")));
}

#[test]
fn weights_of_zero_teach_nothing() {
    let (offsets, items) = walks(50, 10);
    let weights = vec![0.0; items.len()];
    let cancel = Cancel::new();
    let ctx = TrainContext { seed: 3, threads: 1, cancel: &cancel, progress: &|_| {} };
    let silent = Sequences { offsets: &offsets, items: &items, weights: &weights };
    assert!(train(&small(), &silent, None, None, &ctx).unwrap().history.is_empty());
    let empty = Sequences { offsets: &[0], items: &[], weights: &[] };
    assert_eq!(train(&small(), &empty, None, None, &ctx).unwrap().best_epoch, 0);
}

#[test]
fn cancelling_ends_training() {
    let (offsets, items) = walks(200, 20);
    let sequences = Sequences { offsets: &offsets, items: &items, weights: &[] };
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
    let refused = |sequences: Sequences<'_>, word: &str| match train(&small(), &sequences, None, None, &ctx) {
        Err(Error::Invalid(message)) => assert!(message.contains(word), "{message}"),
        other => panic!("{word}: {other:?}"),
    };
    refused(Sequences { offsets: &[0, 2], items: &[1, ITEMS as u32], weights: &[] }, "items");
    refused(Sequences { offsets: &[0, 3], items: &[1, 2], weights: &[] }, "offsets");
    refused(Sequences { offsets: &[0, 2, 1], items: &[1], weights: &[] }, "offsets");
    refused(Sequences { offsets: &[0, 2], items: &[1, 2], weights: &[1.0] }, "weights");
    refused(Sequences { offsets: &[0, 2], items: &[1, 2], weights: &[1.0, f32::NAN] }, "weights");
    let sequences = Sequences { offsets: &[0, 2], items: &[1, 2], weights: &[] };
    let valid = Validation { sequences, first_target: &[], exclude_seen: true };
    assert!(
        matches!(train(&small(), &sequences, Some(&valid), None, &ctx), Err(Error::Invalid(m)) if m.contains("first_target"))
    );
}

#[test]
fn damaged_artifacts_are_refused() {
    let model = run(&GruConfig { epochs_max: 0, ..small() }, 1, 1).unwrap().model;
    let good = model.to_tensors();
    let refused = |tensors: &Tensors| matches!(GruModel::from_tensors(tensors), Err(Error::Artifact(_)));
    for name in good.tensors.keys() {
        let mut tensors = good.clone();
        // Without its own output vectors a model is read as tied, so every tensor but that one is needed.
        tensors.tensors.remove(name);
        assert!(refused(&tensors), "without {name}");
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
    assert!(refused(&Tensors { kind: "gru/2".to_owned(), ..good }));
}
