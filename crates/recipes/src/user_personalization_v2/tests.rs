//! Parameters that the customer sets, and those that are taken from the data.

use super::*;
use crate::next_item::train_network;
use tastemaker_data::DatasetBuilder;
use tastemaker_domain::solution_config::{EventParameter, SolutionConfig};
use tastemaker_learn::ensemble::Ensemble;
use tastemaker_learn::{Cancel, Event, Scorer, ScoringContext, Scratch};

fn config(recency: &str) -> SolutionConfig {
    let mut config = SolutionConfig::default();
    config.algorithm_hyper_parameters.insert("apply_recency_bias".to_owned(), recency.to_owned());
    config
}

fn fit(dataset: &Dataset, config: &SolutionConfig, warm_start: Option<&Model>) -> Result<Model, Error> {
    let cancel = Cancel::new();
    let context = TrainContext {
        seed: 11,
        threads: 1,
        cancel: &cancel,
        progress: &|_| {},
        checkpoints: &tastemaker_learn::NoCheckpoints,
    };
    USER_PERSONALIZATION.train(&TrainRequest { warm_start, ..TrainRequest::new(dataset, config) }, &context)
}

#[test]
fn the_recency_bias_prefers_the_newer_trend() {
    let mut builder = DatasetBuilder::new();
    // After "start", old users went on to "before" and new users to "after", equally often.
    for user in 0..400 {
        let id = user.to_string();
        let second = if user < 200 { "before" } else { "after" };
        builder.push(&id, "start", user * 10, None, None);
        builder.push(&id, second, user * 10 + 1, None, None);
    }
    let dataset = builder.build();
    let after = |recency: &str| {
        let cancel = Cancel::new();
        let context = TrainContext {
            seed: 11,
            threads: 1,
            cancel: &cancel,
            progress: &|_| {},
            checkpoints: &tastemaker_learn::NoCheckpoints,
        };
        let config = config(recency);
        let request = TrainRequest::new(&dataset, &config);
        let weights = weights(USER_PERSONALIZATION.descriptor, &request).unwrap();
        let users: Vec<usize> = (0..400).collect();
        let network = Transformer(&dataset);
        let model = train_network(&network, &dataset, &weights, &users, &[], &context).unwrap().model;
        let mut scratch = Scratch::default();
        let state = model.encode(&[Event::new(dataset.item_ix("start").unwrap(), 0)], &mut scratch);
        let scores = model.scores(&state, &ScoringContext::default(), &mut scratch);
        let of = |id: &str| scores[dataset.item_ix(id).unwrap().0 as usize];
        of("after") - of("before")
    };
    let (biased, even) = (after("true"), after("false"));
    assert!(biased > even + 0.2, "{biased} with the bias, {even} without");
    let error = fit(&dataset, &config("perhaps"), None).unwrap_err();
    assert!(matches!(&error, Error::Invalid(m) if m.contains("apply_recency_bias")), "{error}");
}

#[test]
fn event_weights_prefer_what_follows_by_events_that_count_more() {
    let mut builder = DatasetBuilder::new();
    // After "start" half the users view one item and half buy another.
    for user in 0..400 {
        let id = user.to_string();
        let (second, event_type) = if user % 2 == 0 { ("viewed", "View") } else { ("bought", "Buy") };
        builder.push(&id, "start", user * 10, Some("View"), None);
        builder.push(&id, second, user * 10 + 1, Some(event_type), None);
    }
    let dataset = builder.build();
    let bought = |view: f64, buy: f64| {
        let event = |event_type: &str, weight| EventParameter {
            event_type: event_type.into(),
            event_value_threshold: None,
            weight,
        };
        let config = SolutionConfig { events: vec![event("view", view), event("buy", buy)], ..config("false") };
        let cancel = Cancel::new();
        let context = TrainContext {
            seed: 11,
            threads: 1,
            cancel: &cancel,
            progress: &|_| {},
            checkpoints: &tastemaker_learn::NoCheckpoints,
        };
        let request = TrainRequest::new(&dataset, &config);
        let weights = weights(USER_PERSONALIZATION.descriptor, &request).unwrap();
        let users: Vec<usize> = (0..400).collect();
        let network = Transformer(&dataset);
        let model = train_network(&network, &dataset, &weights, &users, &[], &context).unwrap().model;
        let mut scratch = Scratch::default();
        let state = model.encode(&[Event::new(dataset.item_ix("start").unwrap(), 0)], &mut scratch);
        let scores = model.scores(&state, &ScoringContext::default(), &mut scratch);
        let of = |id: &str| scores[dataset.item_ix(id).unwrap().0 as usize];
        of("bought") - of("viewed")
    };
    let (buys, views) = (bought(0.2, 0.8), bought(0.8, 0.2));
    assert!(buys > views + 1.0, "{buys} {views}");
}

/// Users walk round a ring of 30 items.
fn ring(users: usize, length: usize) -> Dataset {
    let mut builder = DatasetBuilder::new();
    for user in 0..users {
        for k in 0..length {
            let item = ((user * 7 + k) % 30).to_string();
            builder.push(&user.to_string(), &item, (user * 100 + k) as i64, None, None);
        }
    }
    builder.build()
}

#[test]
fn a_warm_start_takes_in_users_that_were_held_out() {
    let dataset = ring(60, 8);
    let first = fit(&dataset, &config("true"), None).unwrap();
    let second = fit(&dataset, &config("true"), Some(&first)).unwrap();
    assert!(second.epochs == REFIT_EPOCHS || Ensemble::network_tensors(&first.tensors).is_none());
    assert_ne!(first.tensors, second.tensors);
    assert_eq!((second.users_trained, second.interactions_trained), (60, 480));
}

#[test]
fn the_plan_follows_the_data() {
    let usual = TransformerConfig::default();
    let small = plan(&ring(20, 8));
    assert_eq!((small.items, small.length, small.training.epochs_max), (30, 16, EPOCHS_MAX));
    let long = plan(&ring(20, 500));
    assert_eq!((long.length, long.hidden), (usual.length, usual.hidden));
    assert_eq!(plan(&ring(20, 40)).length, 48);
    let empty = plan(&Dataset::default());
    assert_eq!(empty.length, LENGTH_MIN);
}
