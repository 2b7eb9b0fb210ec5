//! Each hyperparameter visibly changes training.

use super::network::{REFIT_EPOCHS, plan};
use super::*;
use crate::next_item::sequences::hold_out;
use tastemaker_data::{Dataset, DatasetBuilder, ItemIx};
use tastemaker_domain::parameters::resolve;
use tastemaker_domain::solution_config::SolutionConfig;
use tastemaker_learn::ensemble::Ensemble;
use tastemaker_learn::networks::gru::{GruConfig, GruModel};
use tastemaker_learn::{Cancel, Event, Scorer, ScoringContext, Scratch};

fn config(algorithm: &[(&str, &str)], featurization: &[(&str, &str)]) -> SolutionConfig {
    let map = |pairs: &[(&str, &str)]| pairs.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
    SolutionConfig {
        event_value_threshold: None,
        algorithm_hyper_parameters: map(algorithm),
        feature_transformation_parameters: map(featurization),
        ..SolutionConfig::default()
    }
}

fn fit(dataset: &Dataset, config: &SolutionConfig) -> Result<Model, Error> {
    let cancel = Cancel::new();
    let context = TrainContext {
        seed: 11,
        threads: 1,
        cancel: &cancel,
        progress: &|_| {},
        checkpoints: &tastemaker_learn::NoCheckpoints,
    };
    train(&catalog::AWS_USER_PERSONALIZATION, &TrainRequest::new(dataset, config), &context)
}

/// The network alone, whose parameters these are: counting models would learn the same from so little data.
fn net(dataset: &Dataset, config: &SolutionConfig) -> GruModel {
    let cancel = Cancel::new();
    let context = TrainContext {
        seed: 11,
        threads: 1,
        cancel: &cancel,
        progress: &|_| {},
        checkpoints: &tastemaker_learn::NoCheckpoints,
    };
    let values = values(&catalog::AWS_USER_PERSONALIZATION, config).unwrap();
    let users: Vec<usize> = (0..dataset.users.len()).collect();
    let (training, held_out) = hold_out(dataset, &users, context.seed);
    let weights = weights(&values, dataset).unwrap();
    let network = Gru { values, items: dataset.items.len() };
    next_item::train_network(&network, dataset, &weights, &training, &held_out, &context).unwrap().model
}

/// Pseudo-random numbers for test data.
fn noise(n: usize) -> usize {
    (n.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 33).wrapping_mul(0x85eb_ca6b) >> 9
}

/// Each history begins with one of two markers, goes on with four random fillers and ends with the marker's answer.
fn long_memory(users: usize) -> Dataset {
    let mut builder = DatasetBuilder::new();
    for item in ["marker-0", "marker-1", "answer-0", "answer-1"] {
        builder.add_item(item);
    }
    for user in 0..users {
        let id = user.to_string();
        let side = noise(user) % 2;
        builder.push(&id, &format!("marker-{side}"), 0, None, None);
        for k in 1..5 {
            builder.push(&id, &format!("filler-{}", noise(user * 7 + k) % 5), k as i64, None, None);
        }
        builder.push(&id, &format!("answer-{side}"), 5, None, None);
    }
    builder.build()
}

/// The share of probability that the right answer gets over the wrong one, averaged over fresh histories.
fn recall_of_the_marker(model: &GruModel, dataset: &Dataset) -> f64 {
    let index = |id: &str| dataset.item_ix(id).unwrap();
    let mut scratch = Scratch::default();
    let cases = 60;
    let mut total = 0.0;
    for case in 0..cases {
        let side = case % 2;
        let event = |id: String| Event::new(index(&id), 0);
        let mut history = vec![event(format!("marker-{side}"))];
        history.extend((0..4).map(|k| event(format!("filler-{}", noise(9_000_000 + case * 4 + k) % 5))));
        let state = model.encode(&history, &mut scratch);
        let logit = |scores: &[f32], item: ItemIx| f64::from(scores[item.0 as usize]);
        let scores = model.scores(&state, &ScoringContext::default(), &mut scratch);
        let right = logit(scores, index(&format!("answer-{side}")));
        let wrong = logit(scores, index(&format!("answer-{}", 1 - side)));
        total += 1.0 / (1.0 + (wrong - right).exp());
    }
    total / cases as f64
}

#[test]
fn bptt_is_how_far_back_training_can_see() {
    let dataset = long_memory(2400);
    let with = |bptt: &str| {
        let config = config(&[("hidden_dimension", "32"), ("bptt", bptt), ("recency_mask", "false")], &[]);
        recall_of_the_marker(&net(&dataset, &config), &dataset)
    };
    let (short, long) = (with("2"), with("32"));
    assert!(long > 0.9, "with bptt 32 the first event should decide the last: {long}");
    assert!(short < 0.75, "with bptt 2 no gradient connects them: {short}");
}

#[test]
fn hidden_dimension_is_the_length_of_an_item_vector() {
    let dataset = long_memory(60);
    for hidden in [32, 48] {
        let model = net(&dataset, &config(&[("hidden_dimension", &hidden.to_string())], &[]));
        assert_eq!(model.item_vector(ItemIx(0)).map(<[f32]>::len), Some(hidden));
    }
}

#[test]
fn recency_mask_prefers_the_newer_trend() {
    let mut builder = DatasetBuilder::new();
    // After "start", old users went on to "before" and new users to "after", equally often.
    for user in 0..400 {
        let id = user.to_string();
        let second = if user < 200 { "before" } else { "after" };
        builder.push(&id, "start", user * 10, None, None);
        builder.push(&id, second, user * 10 + 1, None, None);
    }
    let dataset = builder.build();
    let after = |mask: &str| {
        let config = config(&[("hidden_dimension", "32"), ("recency_mask", mask)], &[]);
        let model = net(&dataset, &config);
        let mut scratch = Scratch::default();
        let state = model.encode(&[Event::new(dataset.item_ix("start").unwrap(), 0)], &mut scratch);
        let scores = model.scores(&state, &ScoringContext::default(), &mut scratch);
        let of = |id: &str| f64::from(scores[dataset.item_ix(id).unwrap().0 as usize]);
        of("after") - of("before")
    };
    let (masked, even) = (after("true"), after("false"));
    assert!(masked > even + 0.2, "{masked} with the mask, {even} without");
}

#[test]
fn history_length_percentiles_choose_who_trains() {
    let mut builder = DatasetBuilder::new();
    for user in 1..=50 {
        for k in 0..user {
            builder.push(&user.to_string(), &(k % 9).to_string(), k, None, None);
        }
    }
    let dataset = builder.build();
    let trained = |min: &str, max: &str| {
        let bounds = [("min_user_history_length_percentile", min), ("max_user_history_length_percentile", max)];
        let config = config(&[("hidden_dimension", "32")], &bounds);
        fit(&dataset, &config).map(|m| (m.users_trained, m.interactions_trained))
    };
    assert_eq!(trained("0.0", "1.0"), Ok((50, 1275)));
    assert_eq!(trained("0.0", "0.5"), Ok((25, 325)));
    assert_eq!(trained("0.5", "1.0"), Ok((26, 975)));
    let error = trained("0.6", "0.5").unwrap_err();
    assert!(error.to_string().contains("must not exceed"), "{error}");
}

#[test]
fn small_datasets_get_more_passes() {
    let values = resolve(&catalog::AWS_USER_PERSONALIZATION, &SolutionConfig::default()).unwrap();
    let usual = GruConfig::default();
    let small = plan(&values, 10, 1_000).unwrap();
    let large = plan(&values, 10, 10_000_000).unwrap();
    let schedule = |config: &GruConfig| (config.training.epochs_max, config.training.patience);
    assert!(schedule(&small).0 > schedule(&large).0 && schedule(&small).1 > schedule(&large).1);
    assert_eq!(schedule(&large), schedule(&usual));
    assert_eq!((large.hidden, large.bptt), (149, 32));
}

#[test]
fn a_warm_start_takes_in_users_that_were_held_out() {
    let dataset = long_memory(200);
    let config = config(&[("hidden_dimension", "32")], &[]);
    let first = fit(&dataset, &config).unwrap();
    let cancel = Cancel::new();
    let context = TrainContext {
        seed: 11,
        threads: 1,
        cancel: &cancel,
        progress: &|_| {},
        checkpoints: &tastemaker_learn::NoCheckpoints,
    };
    let request = TrainRequest { warm_start: Some(&first), ..TrainRequest::new(&dataset, &config) };
    let second = train(&catalog::AWS_USER_PERSONALIZATION, &request, &context).unwrap();
    assert_eq!(second.epochs, REFIT_EPOCHS);
    assert_ne!(first.tensors, second.tensors);
    let other = super::tests::config(&[("hidden_dimension", "48")], &[]);
    let mismatch = TrainRequest { config: &other, ..request };
    assert!(
        matches!(train(&catalog::AWS_USER_PERSONALIZATION, &mismatch, &context), Err(Error::Invalid(m)) if m.contains("hidden"))
    );
}

#[test]
fn the_fast_preset_trains_no_network_and_other_words_are_refused() {
    let dataset = long_memory(200);
    let fast = config(&[("preset", "fast")], &[]);
    let first = fit(&dataset, &fast).unwrap();
    assert_eq!((first.epochs, Ensemble::network_tensors(&first.tensors).is_none()), (0, true));
    assert!(first.blend.iter().flat_map(|blend| blend.component_names()).all(|name| name != "network"));
    let cancel = Cancel::new();
    let context = TrainContext {
        seed: 11,
        threads: 1,
        cancel: &cancel,
        progress: &|_| {},
        checkpoints: &tastemaker_learn::NoCheckpoints,
    };
    let request = TrainRequest { warm_start: Some(&first), ..TrainRequest::new(&dataset, &fast) };
    let second = train(&catalog::AWS_USER_PERSONALIZATION, &request, &context).unwrap();
    assert!(Ensemble::network_tensors(&second.tensors).is_none() && second.held_out.is_empty());
    let full = fit(&dataset, &config(&[("hidden_dimension", "32"), ("preset", "full")], &[])).unwrap();
    assert!(full.epochs > 0);

    let error = resolve(&catalog::AWS_USER_PERSONALIZATION, &config(&[("preset", "quick")], &[])).unwrap_err();
    let text = error.to_string();
    assert!(
        text.contains("algorithmHyperParameters.preset") && text.contains("fast") && text.contains("'quick'"),
        "{text}"
    );
}
