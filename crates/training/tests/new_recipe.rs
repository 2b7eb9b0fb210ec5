//! A recipe that this program has never heard of: its descriptor and two functions are all that it takes to train it, to evaluate
//! it, and to open what was stored.

#![allow(clippy::unwrap_used)]

use std::collections::BTreeMap;
use std::sync::Arc;
use tastemaker_data::{Dataset, DatasetBuilder};
use tastemaker_domain::parameters::resolve;
use tastemaker_domain::recipe::{Ability, Inference, Parameter, ParameterKind, RecipeDescriptor, RecipeType};
use tastemaker_domain::solution_config::SolutionConfig;
use tastemaker_learn::artifact::Tensors;
use tastemaker_learn::models::popularity::PopularityModel;
use tastemaker_learn::{Cancel, Scorer, TrainContext};
use tastemaker_recipes::{Error, Model, Recipe, TrainRequest};
use tastemaker_training::fit::{FitError, FitOutcome, FitRequest, fit};
use tastemaker_training::scoring::{NamedEvent, NamedHistory, Opened, RankOptions};

/// Items by the number of their interactions, raised to a power.
static MOST_EVENTS: RecipeDescriptor = RecipeDescriptor {
    name: "own-most-events",
    description: "Recommends the items with the most interactions, however few users they are of.",
    recipe_type: RecipeType::PopularItems,
    algorithm: "own-most-events",
    feature_transformation: "own-most-events",
    abilities: &[Ability::Trending],
    parameters: &[Parameter::algorithm(
        "power",
        ParameterKind::Float { default: 1.0, min: 0.5, max: 2.0 },
        "The power that the number of interactions is raised to.",
    )],
    ..RecipeDescriptor::PLAIN
};

static RECIPE: Recipe = Recipe::new(&MOST_EVENTS, train, open);

fn train(
    descriptor: &'static RecipeDescriptor,
    request: &TrainRequest,
    context: &TrainContext,
) -> Result<Model, Error> {
    context.cancel.check()?;
    let power = resolve(descriptor, request.config)?.float("power")? as f32;
    let mut counts = vec![0.0f32; request.dataset.items.len()];
    request.dataset.item_column().iter().for_each(|&item| counts[item as usize] += 1.0);
    counts.iter_mut().for_each(|count| *count = count.powf(power));
    let model = PopularityModel::from_counts(counts)?;
    Ok(Model {
        tensors: model.to_tensors(),
        scorer: Arc::new(model),
        users_trained: request.dataset.users.len(),
        interactions_trained: request.dataset.len(),
        epochs: 1,
        blend: None,
        held_out: Vec::new(),
    })
}

fn open(tensors: &Tensors) -> Result<Arc<dyn Scorer>, Error> {
    Ok(Arc::new(PopularityModel::from_tensors(tensors)?))
}

/// 60 users with 20 events each; 24 of them return to "fan" all the time.
fn dataset() -> Dataset {
    let mut builder = DatasetBuilder::new();
    for user in 0..60i64 {
        for k in 0..20i64 {
            let item = if user < 24 && k > 0 { "fan".to_owned() } else { format!("i{}", (user * k) % 7) };
            builder.push(&format!("u{user}"), &item, 1_600_000_000 + user * 20 + k, None, None);
        }
    }
    builder.build()
}

fn fitted(dataset: &Dataset, power: Option<&str>) -> Result<FitOutcome, FitError> {
    let mut config = SolutionConfig::default();
    if let Some(power) = power {
        config.algorithm_hyper_parameters = BTreeMap::from([("power".to_owned(), power.to_owned())]);
    }
    let cancel = Cancel::new();
    let context = TrainContext {
        seed: 3,
        threads: 1,
        cancel: &cancel,
        progress: &|_| {},
        checkpoints: &tastemaker_learn::NoCheckpoints,
    };
    fit(&FitRequest { memory_bytes: Some(1 << 30), ..FitRequest::new(&RECIPE, dataset, &config) }, &context)
}

#[test]
fn it_is_trained_evaluated_and_opened_by_its_descriptor_alone() {
    let dataset = dataset();
    let outcome = fitted(&dataset, Some("2")).unwrap();
    assert_eq!(outcome.report.recipe, "own-most-events");
    let metrics = &outcome.report.metrics;
    assert!(metrics.contains_key("mean_reciprocal_rank_at_25"), "{metrics:?}");
    assert!(metrics.contains_key("trend_prediction_accuracy"), "its ability to list trends is judged: {metrics:?}");
    assert_eq!(outcome.report.parameters["power"], "2.0");

    let opened = Opened::of(&RECIPE, &outcome.files).unwrap();
    assert_eq!(opened.manifest.recipe, "own-most-events");
    let event = NamedEvent { item: "i1", time_s: 1_600_000_000, event_type: "", value: f32::NAN };
    let history = NamedHistory { events: vec![event], ..NamedHistory::default() };
    let options = RankOptions { list_len: 3, exclude_seen: false, threads: 1 };
    let lists = opened.recommend(&[history], &options).unwrap();
    assert_eq!((lists[0].len(), lists[0][0].0), (3, "fan"));
}

#[test]
fn its_facts_follow_from_its_descriptor() {
    assert_eq!(RECIPE.descriptor.inference(), Inference::Recommendations);
    assert!(!RECIPE.descriptor.is_personal() && !RECIPE.lists_for_users());
    let dataset = dataset();
    let cancel = Cancel::new();
    let context = TrainContext {
        seed: 3,
        threads: 1,
        cancel: &cancel,
        progress: &|_| {},
        checkpoints: &tastemaker_learn::NoCheckpoints,
    };
    let config = SolutionConfig::default();
    let request = TrainRequest::new(&dataset, &config);
    let model = RECIPE.train(&request, &context).unwrap();
    let refused = RECIPE.update(&request, &model, &context).unwrap_err().to_string();
    assert!(refused.contains("own-most-events"), "{refused}");
}

#[test]
fn its_data_and_parameters_are_checked() {
    let refused = fitted(&dataset(), Some("3")).unwrap_err().to_string();
    assert!(refused.contains("power"), "{refused}");
    let mut one = DatasetBuilder::new();
    (0..2000).for_each(|n| one.push(&(n % 70).to_string(), "only", n, None, None));
    let refused = fitted(&one.build(), None).unwrap_err().to_string();
    assert!(refused.starts_with("own-most-events chooses among items"), "{refused}");
}
