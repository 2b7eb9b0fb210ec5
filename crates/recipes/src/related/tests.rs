//! Tests of the recipes of related items.

use super::{BECAUSE_YOU_WATCHED, CUSTOMERS_WHO_VIEWED, FREQUENTLY_BOUGHT_TOGETHER, MORE_LIKE, SIMILAR_ITEMS, SIMS};
use crate::Error;
use crate::model::Model;
use crate::recipe::Recipe;
use crate::request::TrainRequest;
use tastemaker_data::{Column, Dataset, DatasetBuilder, TableBuilder, table::Value};
use tastemaker_domain::solution_config::SolutionConfig;
use tastemaker_learn::{Cancel, ScoringContext, Scratch, TrainContext};

/// Half the users take `lamp` and `bulb`, a tenth `lamp` and `shade` (nobody else takes a shade), and everybody a `bag`.
fn shop(event_type: Option<&str>) -> Dataset {
    let mut builder = DatasetBuilder::new();
    for user in 0..300 {
        let id = user.to_string();
        let mut take = |item: &str, time: i64| builder.push(&id, item, time, event_type, None);
        take("bag", 0);
        take(&format!("own-{}", user % 49), 1);
        if user % 2 == 0 {
            take("lamp", 2);
            take("bulb", 3);
        } else if user % 4 == 1 {
            take("bulb", 3);
        }
        if user % 10 == 0 {
            take("shade", 4);
        }
        (0..3).for_each(|k| take(&format!("filler-{}", (user * 3 + k) % 40), 5 + i64::from(k)));
    }
    builder.build()
}

fn train(recipe: &Recipe, dataset: &Dataset, parameters: &[(&str, &str)]) -> Result<Model, Error> {
    let mut config = SolutionConfig::default();
    for (name, value) in parameters {
        let map = match name.ends_with("percentile") {
            true => &mut config.feature_transformation_parameters,
            false => &mut config.algorithm_hyper_parameters,
        };
        map.insert((*name).to_owned(), (*value).to_owned());
    }
    let cancel = Cancel::new();
    let context = TrainContext {
        seed: 1,
        threads: 1,
        cancel: &cancel,
        progress: &|_| {},
        checkpoints: &tastemaker_learn::NoCheckpoints,
    };
    recipe.train(&TrainRequest::new(dataset, &config), &context)
}

fn related(recipe: &Recipe, dataset: &Dataset, parameters: &[(&str, &str)]) -> Result<Vec<String>, Error> {
    let model = train(recipe, dataset, parameters)?;
    let scoring_context = ScoringContext { item: dataset.item_ix("lamp"), ..ScoringContext::default() };
    let ranked = model.scorer.top_k(&model.scorer.start(), &scoring_context, 4, None, &mut Scratch::default());
    Ok(ranked.items.iter().map(|(item, _)| dataset.items.id(item.0).to_owned()).collect())
}

#[test]
fn every_parameter_of_sims_changes_what_is_related() {
    let dataset = shop(None);
    let all = [("max_item_interaction_count_percentile", "1.0")];
    let with = |extra: &[(&str, &str)]| related(&SIMS, &dataset, &[&all[..], extra].concat()).unwrap();
    assert_eq!(with(&[("popularity_discount_factor", "0.0")])[..2], ["bag", "bulb"]);
    assert_eq!(with(&[("popularity_discount_factor", "1.0")])[0], "shade");
    let strict = with(&[("popularity_discount_factor", "1.0"), ("min_cointeraction_count", "10")]);
    assert_eq!(strict[0], "shade", "thirty users share it");
    assert!(!with(&[("min_cointeraction_count", "10")])[..3].iter().any(|id| id.starts_with("own-")));
    // The lamp is beyond the band and still has its relatives.
    let banded = [("max_item_interaction_count_percentile", "0.5")];
    assert_eq!(related(&SIMS, &dataset, &banded).unwrap()[..2], with(&[])[..2]);
    let rows =
        |parameters: &[(&str, &str)]| train(&SIMS, &dataset, parameters).unwrap().tensors.to_safetensors().unwrap();
    let plain = rows(&all);
    for (name, value) in [
        ("min_user_history_length_percentile", "0.6"),
        ("max_user_history_length_percentile", "0.6"),
        ("min_item_interaction_count_percentile", "0.6"),
        ("max_item_interaction_count_percentile", "0.97"),
    ] {
        assert_ne!(rows(&[&all[..], &[(name, value)]].concat()), plain, "{name}");
    }
}

/// A lid is bought with the pan, the soap by more people but days later.
#[test]
fn what_is_bought_together_is_in_one_basket() {
    let mut builder = DatasetBuilder::new();
    const DAY: i64 = 86_400;
    for user in 0..400i64 {
        let id = user.to_string();
        let mut buy = |item: &str, time: i64| builder.push(&id, item, time, Some("Purchase"), None);
        buy("pan", user * 7);
        if user % 3 > 0 {
            buy(&format!("lid-{}", user % 2), user * 7 + 60);
        }
        buy("soap", user * 7 + 3 * DAY);
        buy(&format!("food-{}", user % 23), user * 7 + 3 * DAY + 30);
    }
    let dataset = builder.build();
    let first = |recipe: &Recipe, parameters: &[(&str, &str)]| {
        let model = train(recipe, &dataset, parameters).unwrap();
        let scoring_context = ScoringContext { item: dataset.item_ix("pan"), ..ScoringContext::default() };
        let state = model.scorer.start();
        let ranked = model.scorer.top_k(&state, &scoring_context, 3, None, &mut Scratch::default());
        ranked.items.iter().map(|(item, _)| dataset.items.id(item.0).to_owned()).collect::<Vec<_>>()
    };
    let together = first(&FREQUENTLY_BOUGHT_TOGETHER, &[]);
    assert!(together[..2].iter().all(|item| item.starts_with("lid-")), "{together:?}");
    assert_eq!(together[2], "soap", "after the baskets what else its buyers take");
    assert_eq!(first(&SIMILAR_ITEMS, &[])[0], "soap");
}

/// Everything is bought within a minute; the order tells what was bought together.
#[test]
fn what_has_one_order_is_bought_together() {
    let dataset = |with_orders: bool| {
        let mut builder = DatasetBuilder::new();
        for user in 0..400i64 {
            let id = user.to_string();
            let mut buy = |item: &str, time: i64, order: &str| {
                let order = format!("{user}-{order}");
                builder.push_of_order(&id, item, time, Some("Purchase"), None, with_orders.then_some(&*order));
            };
            buy("pan", user * 7, "1");
            if user % 3 > 0 {
                buy(&format!("lid-{}", user % 2), user * 7 + 1, "1");
            }
            buy("soap", user * 7 + 2, "2");
            buy(&format!("food-{}", user % 23), user * 7 + 3, "2");
        }
        builder.build()
    };
    let together = |dataset: &Dataset| {
        let model = train(&FREQUENTLY_BOUGHT_TOGETHER, dataset, &[]).unwrap();
        let scoring_context = ScoringContext { item: dataset.item_ix("pan"), ..ScoringContext::default() };
        let ranked = model.scorer.top_k(&model.scorer.start(), &scoring_context, 2, None, &mut Scratch::default());
        ranked.items.iter().map(|(item, _)| dataset.items.id(item.0).to_owned()).collect::<Vec<_>>()
    };
    let by_order = together(&dataset(true));
    assert!(by_order.iter().all(|item| item.starts_with("lid-")), "{by_order:?}");
    assert_eq!(together(&dataset(false))[0], "soap", "by time alone all is one basket");
}

#[test]
fn use_cases_learn_from_their_own_events() {
    for (recipe, event_type) in
        [(&FREQUENTLY_BOUGHT_TOGETHER, "purchase"), (&CUSTOMERS_WHO_VIEWED, "View"), (&BECAUSE_YOU_WATCHED, "watch")]
    {
        assert!(related(recipe, &shop(Some(event_type)), &[]).unwrap().contains(&"bulb".to_owned()));
        let (other, config) = (shop(Some("other")), SolutionConfig::default());
        let error = recipe.check_data(&TrainRequest::new(&other, &config)).unwrap_err();
        assert!(error.to_string().contains("has 0."), "{error}");
    }
    for recipe in [&SIMILAR_ITEMS, &MORE_LIKE] {
        assert!(related(recipe, &shop(Some("other")), &[]).unwrap().contains(&"bulb".to_owned()));
    }
}

/// Items without a user in common are told apart by tastes and by metadata, as finely as the parameters say.
#[test]
fn the_parameters_of_similar_items_change_what_is_related() {
    let mut builder = DatasetBuilder::new();
    for user in 0..200usize {
        for k in 0..8usize {
            let item = (user % 5) * 40 + (user * 7 + k * k * 3) % 40;
            builder.push(&user.to_string(), &item.to_string(), k as i64, None, None);
        }
    }
    let dataset = builder.build();
    let mut table = TableBuilder::new(vec![("TEXT".to_owned(), Column::Text(vec![]))]);
    for (n, id) in dataset.items.iter().enumerate() {
        let words: Vec<String> = (0..60).map(|k| format!("w{}", (n * (k + 1) + k * k) % 300)).collect();
        table.set(id, [Some(Value::Text(words.join(" ").into()))]);
    }
    let table = table.build();
    let relations = |items: Option<&tastemaker_data::Table>, name: &str, value: &str| {
        let mut config = SolutionConfig::default();
        config.algorithm_hyper_parameters.insert(name.to_owned(), value.to_owned());
        let cancel = Cancel::new();
        let context = TrainContext {
            seed: 1,
            threads: 1,
            cancel: &cancel,
            progress: &|_| {},
            checkpoints: &tastemaker_learn::NoCheckpoints,
        };
        let request = TrainRequest { items, ..TrainRequest::new(&dataset, &config) };
        SIMILAR_ITEMS.train(&request, &context).unwrap().tensors.to_safetensors().unwrap()
    };
    let tastes = |value| relations(None, "item_id_hidden_dim", value);
    assert_eq!(tastes("30"), tastes("30"));
    assert_ne!(tastes("30"), tastes("200"));
    let metadata = |value| relations(Some(&table), "item_metadata_hidden_dim", value);
    assert_ne!(metadata("30"), metadata("200"));
}

/// A new kind of lamp shares no user with anything, and its name with the lamp alone.
#[test]
fn cold_items_are_related_by_their_metadata() {
    let mut builder = DatasetBuilder::new();
    for user in 0..60 {
        for (k, item) in ["lamp", "bulb", "shade", "bag"].iter().enumerate().skip(user % 2) {
            builder.push(&user.to_string(), item, k as i64, None, None);
        }
    }
    builder.add_item("new");
    let dataset = builder.build();
    let mut table = TableBuilder::new(vec![("KIND".to_owned(), Column::Text(vec![]))]);
    for (id, kind) in [("lamp", "light"), ("new", "light"), ("bulb", "b"), ("shade", "s"), ("bag", "c"), ("x", "x")] {
        table.set(id, [Some(Value::Text(kind.into()))]);
    }
    let table = table.build();
    let cancel = Cancel::new();
    let context = TrainContext {
        seed: 1,
        threads: 1,
        cancel: &cancel,
        progress: &|_| {},
        checkpoints: &tastemaker_learn::NoCheckpoints,
    };
    let config = SolutionConfig::default();
    let first = |recipe: &Recipe, items: Option<&tastemaker_data::Table>| {
        let request = TrainRequest { items, ..TrainRequest::new(&dataset, &config) };
        let model = recipe.train(&request, &context).unwrap();
        let scoring_context = ScoringContext { item: dataset.item_ix("new"), ..ScoringContext::default() };
        let state = model.scorer.start();
        let ranked = model.scorer.top_k(&state, &scoring_context, 2, None, &mut Scratch::default());
        dataset.items.id(ranked.items[0].0.0).to_owned()
    };
    assert_eq!(first(&SIMILAR_ITEMS, Some(&table)), "lamp");
    assert_ne!(first(&SIMILAR_ITEMS, None), "lamp", "without metadata the most popular comes first");
    assert_eq!(first(&SIMS, Some(&table)), first(&SIMS, None));
}
