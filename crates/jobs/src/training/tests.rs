use super::*;
use crate::scoring::Opened;
use crate::testing::ring;
use tastemaker_data::DatasetBuilder;
use tastemaker_learn::Cancel;

fn small() -> SolutionConfig {
    let mut config = SolutionConfig::default();
    config.algorithm_hyper_parameters.insert("hidden_dimension".to_owned(), "32".to_owned());
    config
}

fn run(recipe: &str, dataset: &Dataset, config: &SolutionConfig) -> Result<FitOutcome, FitError> {
    let recipe = tastemaker_recipes::by_name(recipe).unwrap();
    let cancel = Cancel::new();
    let context = TrainContext { seed: 3, threads: 2, cancel: &cancel, progress: &|_| {} };
    fit(&FitRequest { recipe, dataset, histories: dataset, items: None, config }, &context)
}

#[test]
fn the_learned_recipe_beats_popularity_on_sequences() {
    let dataset = ring(150, 12);
    let outcome = run("aws-user-personalization", &dataset, &small()).unwrap();
    let key = "mean_reciprocal_rank_at_25";
    assert!(outcome.metrics[key] > 2.0 * outcome.baseline_metrics[key], "{outcome:?}");
    assert_eq!(outcome.metrics.len(), 8);
    assert_eq!(outcome.report.users, 15);
    let opened = Opened::new(&outcome.files).unwrap();
    assert_eq!((opened.catalog.users.len(), opened.scorer.item_count()), (150, 24));
}

#[test]
fn popularity_judges_like_its_own_baseline_and_repeats_exactly() {
    let dataset = ring(150, 12);
    let first = run("aws-popularity-count", &dataset, &SolutionConfig::default()).unwrap();
    assert_eq!(first.metrics, first.baseline_metrics);
    let second = run("aws-popularity-count", &dataset, &SolutionConfig::default()).unwrap();
    assert_eq!(first.files, second.files);
}

#[test]
fn too_little_data_and_bad_parameters_are_for_the_customer() {
    let error = run("aws-user-personalization", &ring(20, 12), &small()).unwrap_err();
    assert!(matches!(&error, FitError::TooLittleData(text) if text.contains("240 interactions")), "{error}");
    let mut config = small();
    config.algorithm_hyper_parameters.insert("bptt".to_owned(), "99".to_owned());
    let error = run("aws-user-personalization", &ring(150, 12), &config).unwrap_err();
    assert!(matches!(&error, FitError::Invalid(text) if text.contains("bptt")), "{error}");
}

#[test]
fn cancelling_ends_the_training() {
    let dataset = ring(150, 12);
    let cancel = Cancel::new();
    let recipe = tastemaker_recipes::by_name("aws-user-personalization").unwrap();
    let request = FitRequest { recipe, dataset: &dataset, histories: &dataset, items: None, config: &small() };
    let stop = |p: Progress| {
        if p.stage == "train" {
            cancel.cancel();
        }
    };
    let context = TrainContext { seed: 3, threads: 1, cancel: &cancel, progress: &stop };
    assert_eq!(fit(&request, &context).err(), Some(FitError::Cancelled));
}

#[test]
fn items_without_interactions_are_ranked_too() {
    let mut builder = DatasetBuilder::new();
    for user in 0..100 {
        for k in 0..12 {
            builder.push(&user.to_string(), &(k % 7).to_string(), k, None, None);
        }
    }
    builder.add_item("cold");
    let dataset = builder.build();
    let outcome = run("aws-popularity-count", &dataset, &SolutionConfig::default()).unwrap();
    let opened = Opened::new(&outcome.files).unwrap();
    assert_eq!(opened.catalog.items.get("cold"), Some(7));
    assert_eq!(opened.catalog.popularity[7], 0.0);
}
