use super::*;
use crate::scoring::Opened;
use crate::testing::ring;
use std::collections::BTreeMap;
use tastemaker_data::{Bitmap, DatasetBuilder};
use tastemaker_domain::solution_config::SolutionConfig;
use tastemaker_domain::tuning::Trial;
use tastemaker_learn::{Cancel, Event, Ranked, Scorer, ScoringContext, Scratch, UserState};

fn small() -> SolutionConfig {
    let mut config = SolutionConfig::default();
    config.algorithm_hyper_parameters.insert("hidden_dimension".to_owned(), "32".to_owned());
    config
}

fn run(recipe: &str, dataset: &Dataset, config: &SolutionConfig) -> Result<FitOutcome, FitError> {
    let recipe = tastemaker_recipes::by_name(recipe).unwrap();
    let cancel = Cancel::new();
    let context = TrainContext {
        seed: 3,
        threads: 2,
        cancel: &cancel,
        progress: &|_| {},
        checkpoints: &tastemaker_learn::NoCheckpoints,
    };
    fit(&FitRequest::new(recipe, dataset, config), &context)
}

#[test]
fn the_learned_recipe_beats_popularity_on_sequences() {
    let dataset = ring(150, 12);
    let outcome = run("aws-user-personalization", &dataset, &small()).unwrap();
    let key = "mean_reciprocal_rank_at_25";
    let report = &outcome.report;
    assert!(report.metrics[key] > 2.0 * report.popularity_baseline[key], "{report:?}");
    assert_eq!((report.metrics.len(), report.test_users, report.training_users), (8, 15, 135));
    assert_eq!(TrainingReport::from_json(&outcome.files["metrics.json"]).unwrap(), *report);
    let [low, high] = report.confidence_95[key];
    assert!(low < report.metrics[key] && report.metrics[key] < high && low > report.popularity_baseline[key]);
    assert_eq!(report.confidence_95.len(), 7, "coverage is of all users together");
    let [low, high] = report.over_popularity_95[key];
    let difference = report.metrics[key] - report.popularity_baseline[key];
    assert!(0.0 < low && low < difference && difference < high, "{low} {difference} {high}");
    assert_eq!(report.over_popularity_95.len(), 7);
    let users: usize = report.by_history.iter().map(|band| band.users).sum();
    assert_eq!((users, report.by_history[0].events_from), (15, 10));
    let (band, key) = (&report.by_history[0], "normalized_discounted_cumulative_gain_at_10");
    assert_eq!(band.ndcg_at_10_95, Some(report.confidence_95[key]), "all users are in the first band");
    assert!(report.by_history[0].mrr_at_25[0] > report.by_history[0].mrr_at_25[1]);
    let bias = report.popularity_bias.unwrap();
    assert!(bias.model.mean_popularity > 0.0 && (0.0..1.0).contains(&bias.taken.head_share), "{bias:?}");
    let curve = &report.training_curve;
    assert!(curve.len() > 3 && curve[0].epoch == 1 && curve.iter().all(|epoch| epoch.ndcg_at_10.is_some()));
    assert!(curve.last().unwrap().loss < curve[0].loss);
    let blend = report.blend.as_ref().unwrap();
    assert!(blend.signals.iter().any(|signal| signal.weights[0] > 0.0), "{blend:?}");
    let opened = Opened::new(&outcome.files).unwrap();
    assert_eq!((opened.catalog.users.len(), opened.scorer.item_count()), (150, 24));
}

#[test]
fn a_legacy_recipe_trains_and_names_the_one_that_replaced_it() {
    let outcome = run("aws-hrnn-coldstart", &ring(150, 12), &small()).unwrap();
    let note = "aws-hrnn-coldstart is a legacy recipe; aws-user-personalization replaces it.";
    assert_eq!(outcome.report.notes[0], note);
    let key = "mean_reciprocal_rank_at_25";
    assert!(outcome.report.metrics[key] > 2.0 * outcome.report.popularity_baseline[key], "{:?}", outcome.report);
}

#[test]
fn popularity_judges_like_its_own_baseline_and_repeats_exactly() {
    let dataset = ring(150, 12);
    let first = run("aws-popularity-count", &dataset, &SolutionConfig::default()).unwrap();
    assert_eq!(first.report.metrics, first.report.popularity_baseline);
    let bias = first.report.popularity_bias.unwrap();
    assert_eq!(bias.model, bias.popularity_baseline);
    assert!(first.report.training_curve.is_empty() && first.report.blend.is_none());
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
    let config = small();
    let request = FitRequest::new(recipe, &dataset, &config);
    let stop = |p: Progress| {
        if p.stage == "train" {
            cancel.cancel();
        }
    };
    let context = TrainContext {
        seed: 3,
        threads: 1,
        cancel: &cancel,
        progress: &stop,
        checkpoints: &tastemaker_learn::NoCheckpoints,
    };
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

#[test]
fn trends_are_judged_by_what_rose_afterwards() {
    let day = 24 * 3600;
    let mut builder = DatasetBuilder::new();
    let mut user = 0;
    let mut push = |item: &str, times: usize, days_ago: i64| {
        for k in 0..times as i64 {
            user += 1;
            builder.push(&(user % 90).to_string(), item, 1_600_000_000 - days_ago * day + k, None, None);
        }
    };
    // Thirty items that rise from the day before yesterday to yesterday; one half of them rises again today.
    for n in 0..30 {
        push(&format!("rising-{n}"), 5, 2);
        push(&format!("rising-{n}"), 15, 1);
        push(&format!("rising-{n}"), if n < 15 { 40 } else { 10 }, 0);
    }
    let dataset = builder.build();
    let mut config = SolutionConfig::default();
    config.feature_transformation_parameters.insert("trend_discovery_frequency".into(), "1 day".into());
    let outcome = run("aws-trending-now", &dataset, &config).unwrap();
    let accuracy = outcome.report.metrics["trend_prediction_accuracy"];
    assert!((0.3..=1.0).contains(&accuracy), "{accuracy}");
    assert_eq!(outcome.report.metrics.len(), 9);
    assert!(
        !run("aws-popularity-count", &dataset, &SolutionConfig::default())
            .unwrap()
            .report
            .metrics
            .contains_key("trend_prediction_accuracy")
    );
}

#[test]
fn lists_worse_than_the_popular_items_are_found_and_the_model_is_reduced() {
    let mut builder = DatasetBuilder::new();
    for user in 0..80i64 {
        for k in 0..20 {
            let x = (user * 31 + k * 17) % 100;
            builder.push(&user.to_string(), &format!("i{}", x * x / 300), user * 1000 + k * 30_000, None, None);
        }
    }
    let dataset = builder.build();
    let (recipe, config, cancel) =
        (tastemaker_recipes::by_name("aws-user-personalization").unwrap(), small(), Cancel::new());
    let context = TrainContext {
        seed: 3,
        threads: 2,
        cancel: &cancel,
        progress: &|_| {},
        checkpoints: &tastemaker_learn::NoCheckpoints,
    };
    let request = FitRequest::new(recipe, &dataset, &config);
    let model = recipe.train(&request.of(&dataset), &context).unwrap();
    let requests = TestRequestsByTime::of_all(&dataset, &[]);
    let check = PopularityCheck::new(recipe, &dataset, None, &requests, &dataset, &context).unwrap();
    assert_eq!(check.compare(&*model.scorer, &context).unwrap().worse, None);

    let least: Vec<f32> = popularity(&dataset).iter().map(|count| 1.0 / count).collect();
    let least = PopularityModel::from_counts(least).unwrap();
    let worse = check.compare(&least, &context).unwrap().worse.unwrap();
    assert!(worse.contains("within a visit") && worse.contains("after an absence"), "{worse}");

    for to in [Reduction::BestPart, Reduction::Popularity] {
        let reduced = recipe.reduced(&request.of(&dataset), &model, to, &context).unwrap();
        let facts = reduced.blend.clone().unwrap();
        assert_eq!(facts.is_only_popularity(), to == Reduction::Popularity, "{facts:?}");
        assert_eq!(facts.signals.iter().filter(|signal| signal.weights[0] != 0.0).count(), 1);
        assert_eq!(check.compare(&*reduced.scorer, &context).unwrap().worse, None, "{to:?}");
        // A refit keeps to what is left.
        let on_all = TrainRequest { warm_start: Some(&reduced), ..request.of(&dataset) };
        let refitted = recipe.train(&on_all, &context).unwrap();
        assert_eq!(refitted.blend, reduced.blend);
        let files = recipe.write(&refitted, &config, 3, ArtifactFiles::new()).unwrap();
        assert_eq!(recipe.open(&files).unwrap().item_count(), dataset.items.len());
    }
}

/// Half of a model's scores are what `0` says.
struct Spoiled(f32);

impl Scorer for Spoiled {
    fn item_count(&self) -> usize {
        24
    }

    fn start(&self) -> UserState {
        UserState::new(Box::default())
    }

    fn observe(&self, _: &mut UserState, _: Event, _: &mut Scratch) {}

    fn scores<'s>(&self, _: &UserState, _: &ScoringContext, _: &'s mut Scratch) -> &'s [f32] {
        Box::leak((0..24).map(|n| if n % 2 == 0 { self.0 } else { 1.0 }).collect())
    }

    fn top_k(&self, _: &UserState, _: &ScoringContext, _: usize, _: Option<&Bitmap>, _: &mut Scratch) -> Ranked {
        Ranked { items: vec![], log_partition: 0.0 }
    }

    fn has_probabilities(&self) -> bool {
        false
    }
}

#[test]
fn what_is_not_finite_is_never_served() {
    let dataset = ring(150, 12);
    let recipe = tastemaker_recipes::by_name("aws-popularity-count").unwrap();
    let split = split::personalize(&dataset, 3);
    let evaluator = Evaluator::new(recipe, &dataset, None, &split.tests);
    let model = |score: f32| Model {
        scorer: std::sync::Arc::new(Spoiled(score)),
        tensors: tastemaker_learn::artifact::Tensors::new("spoiled/1"),
        users_trained: score as usize,
        interactions_trained: 0,
        epochs: 1,
        blend: None,
        held_out: Vec::new(),
    };
    let diverged = || Err(tastemaker_recipes::Error::Diverged("the loss is not finite".to_owned()));
    let (served, note) = to_serve(&model(2.0), Ok(model(3.0)), &evaluator).unwrap();
    assert_eq!((served.users_trained, note), (3, None));
    for (refitted, why) in
        [(Ok(model(f32::NAN)), "not finite"), (Ok(model(f32::INFINITY)), "not finite"), (diverged(), "the loss")]
    {
        let (served, note) = to_serve(&model(2.0), refitted, &evaluator).unwrap();
        assert_eq!(served.users_trained, 2, "the judged one");
        assert!(note.is_some_and(|note| note.contains(why) && note.contains("without the test users serves")));
    }
    for refitted in [Ok(model(f32::NAN)), diverged()] {
        let error = to_serve(&model(f32::NAN), refitted, &evaluator).unwrap_err();
        assert!(matches!(&error, FitError::Diverged(text) if text.contains("did not converge")), "{error}");
    }
    let cancelled = to_serve(&model(2.0), Err(tastemaker_recipes::Error::Cancelled), &evaluator);
    assert_eq!(cancelled.err(), Some(FitError::Cancelled));
}

#[test]
fn the_same_seed_gives_the_same_bytes_and_threads_change_no_metric_much() {
    let dataset = ring(150, 12);
    let config = small();
    let run = |recipe: &str, threads: usize| {
        let recipe = tastemaker_recipes::by_name(recipe).unwrap();
        let cancel = Cancel::new();
        let context = TrainContext {
            seed: 3,
            threads,
            cancel: &cancel,
            progress: &|_| {},
            checkpoints: &tastemaker_learn::NoCheckpoints,
        };
        let none = SolutionConfig::default();
        let config = if recipe.descriptor.name == "aws-sims" { &none } else { &config };
        let request = FitRequest::new(recipe, &dataset, config);
        fit(&request, &context).unwrap()
    };
    for recipe in ["aws-user-personalization", "aws-sims"] {
        let (one, again, three) = (run(recipe, 1), run(recipe, 1), run(recipe, 3));
        assert_eq!(one.files, again.files, "{recipe}");
        for (key, value) in &one.report.metrics {
            let other = three.report.metrics[key];
            assert!((value - other).abs() < 0.05, "{recipe} {key}: {value} with one thread, {other} with three");
        }
    }
}

mod searching {
    use super::*;
    use crate::fit::hpo::is_behind;
    use std::sync::Mutex;
    use tastemaker_domain::recipe::RecipeDescriptor;
    use tastemaker_domain::tuning::{
        NumberRange, TrialOutcome, TuningConfig, TuningPlan, TuningRanges, TuningResources, plan,
    };
    use tastemaker_recipes::artifact;

    fn sims(trials: &str, parallel: &str) -> (SolutionConfig, TuningPlan) {
        let resources = TuningResources { trials: Some(trials.into()), parallel: Some(parallel.into()) };
        let tuning = TuningConfig { resources: Some(resources), ..TuningConfig::default() };
        let config = SolutionConfig { tuning: Some(tuning), ..SolutionConfig::default() };
        let plan = plan(descriptor("aws-sims"), &config).unwrap();
        (config, plan)
    }

    fn descriptor(name: &str) -> &'static RecipeDescriptor {
        tastemaker_recipes::by_name(name).unwrap().descriptor
    }

    /// Trains with a search; returns what was recorded, in the order of the records, beside the outcome.
    fn search(
        recipe: &str,
        config: &SolutionConfig,
        plan: &TuningPlan,
        done: &[Trial],
        stop_after: usize,
    ) -> (Vec<Trial>, Result<FitOutcome, FitError>) {
        let dataset = ring(160, 12);
        let cancel = Cancel::new();
        let recorded: Mutex<Vec<Trial>> = Mutex::default();
        let record = |trial: &Trial| {
            let mut recorded = recorded.lock().unwrap();
            recorded.push(trial.clone());
            if recorded.len() >= stop_after {
                cancel.cancel();
            }
            Ok(())
        };
        let context = TrainContext {
            seed: 3,
            threads: 2,
            cancel: &cancel,
            progress: &|_| {},
            checkpoints: &tastemaker_learn::NoCheckpoints,
        };
        let recipe = tastemaker_recipes::by_name(recipe).unwrap();
        let tuning = Some(Tuning { plan, done, record: &record });
        let request = FitRequest { tuning, ..FitRequest::new(recipe, &dataset, config) };
        let outcome = fit(&request, &context);
        (recorded.into_inner().unwrap(), outcome)
    }

    #[test]
    fn the_winner_is_served_and_the_defaults_are_tried_first() {
        let (config, plan) = sims("7", "3");
        let (mut recorded, outcome) = search("aws-sims", &config, &plan, &[], usize::MAX);
        let outcome = outcome.unwrap();
        recorded.sort_by_key(|trial| trial.number);
        assert_eq!(recorded, outcome.trials);
        let numbers: Vec<_> = recorded.iter().map(|trial| trial.number).collect();
        assert_eq!(numbers, [0, 1, 2, 3, 4, 5, 6]);
        let pair = |trial: &Trial| {
            let value = |name: &str| trial.parameters[name].clone();
            (value("popularity_discount_factor"), value("min_cointeraction_count"))
        };
        assert_eq!(pair(&recorded[0]), ("0.5".to_owned(), "3".to_owned()));
        let best = best(&recorded).unwrap();
        assert!(best.quality() >= recorded[0].quality());
        assert_eq!(outcome.tuned, best.parameters);
        let manifest = artifact::verify(&outcome.files).unwrap();
        assert_eq!(manifest.parameters["popularity_discount_factor"], pair(best).0);
        assert_eq!(manifest.parameters["max_item_interaction_count_percentile"], "0.9");
    }

    #[test]
    fn a_search_that_was_cut_short_goes_on_as_if_it_had_not_been() {
        let (config, plan) = sims("7", "3");
        let (_, whole) = search("aws-sims", &config, &plan, &[], usize::MAX);
        let whole = whole.unwrap();
        for stop_after in [1, 2, 3, 5] {
            let (recorded, cut) = search("aws-sims", &config, &plan, &[], stop_after);
            assert_eq!(cut.err(), Some(FitError::Cancelled));
            let (more, outcome) = search("aws-sims", &config, &plan, &recorded, usize::MAX);
            let outcome = outcome.unwrap();
            assert_eq!(more.len() + recorded.len(), 7, "no trial is made twice");
            assert_eq!(outcome.trials, whole.trials);
            assert_eq!(outcome.files, whole.files, "cut after {stop_after}");
        }
    }

    #[test]
    fn ranges_bind_every_trial_and_a_space_can_run_out() {
        let range = |name: &str, min, max| NumberRange { name: Some(name.into()), min: Some(min), max: Some(max) };
        let ranges = TuningRanges { integer: Some(vec![range("min_cointeraction_count", 5, 6)]), ..Default::default() };
        let tuning = TuningConfig { ranges: Some(ranges), ..TuningConfig::default() };
        let config = SolutionConfig { tuning: Some(tuning), ..SolutionConfig::default() };
        let plan = plan(descriptor("aws-sims"), &config).unwrap();
        let (_, outcome) = search("aws-sims", &config, &plan, &[], usize::MAX);
        let counts: Vec<_> =
            outcome.unwrap().trials.iter().map(|t| t.parameters["min_cointeraction_count"].clone()).collect();
        assert_eq!(counts, ["5", "6"], "the default 3 is outside; the nearest comes first");
    }

    #[test]
    fn an_error_of_the_records_ends_the_search() {
        let (config, plan) = sims("4", "2");
        let dataset = ring(160, 12);
        let cancel = Cancel::new();
        let context = TrainContext {
            seed: 3,
            threads: 2,
            cancel: &cancel,
            progress: &|_| {},
            checkpoints: &tastemaker_learn::NoCheckpoints,
        };
        let recipe = tastemaker_recipes::by_name("aws-sims").unwrap();
        let full = |_: &Trial| Err(FitError::Internal("the disk is full".to_owned()));
        let tuning = Some(Tuning { plan: &plan, done: &[], record: &full });
        let request = FitRequest { tuning, ..FitRequest::new(recipe, &dataset, &config) };
        assert_eq!(fit(&request, &context).err(), Some(FitError::Internal("the disk is full".to_owned())));
    }

    #[test]
    fn trials_behind_the_median_are_ended() {
        let trial = |number, curve: &[f64]| Trial {
            number,
            parameters: BTreeMap::new(),
            outcome: TrialOutcome::Judged(0.1),
            curve: curve.to_vec(),
        };
        let earlier = [trial(0, &[0.1, 0.2, 0.3]), trial(1, &[0.2, 0.2, 0.2, 0.4]), trial(2, &[0.0, 0.0])];
        for (curve, expected) in [
            (&[0.0, 0.0][..], false),
            (&[0.0, 0.1, 0.19], true),
            (&[0.21, 0.1, 0.1], false),
            (&[0.1, 0.2, 0.21], false),
        ] {
            assert_eq!(is_behind(curve, &earlier), expected, "{curve:?}");
            assert!(!is_behind(curve, &earlier[..2]), "two are too few");
        }
        let stopped = earlier.map(|t| Trial { outcome: TrialOutcome::Stopped, ..t });
        assert!(!is_behind(&[0.0, 0.0, 0.0], &stopped), "only trials that were judged are a measure");
    }

    #[test]
    fn networks_are_searched_with_their_curves() {
        let range = |name: &str, min, max| NumberRange { name: Some(name.into()), min: Some(min), max: Some(max) };
        let ranges = TuningRanges { integer: Some(vec![range("hidden_dimension", 32, 40)]), ..Default::default() };
        let resources = TuningResources { trials: Some("2".into()), parallel: Some("2".into()) };
        let tuning = TuningConfig { ranges: Some(ranges), resources: Some(resources), ..TuningConfig::default() };
        let config = SolutionConfig { tuning: Some(tuning), ..SolutionConfig::default() };
        let plan = plan(descriptor("aws-user-personalization"), &config).unwrap();
        let (_, outcome) = search("aws-user-personalization", &config, &plan, &[], usize::MAX);
        let outcome = outcome.unwrap();
        assert!(outcome.trials.iter().all(|t| t.quality().is_some() && !t.curve.is_empty()), "{:?}", outcome.trials);
        assert_eq!(outcome.tuned["bptt"], "32");
    }
}
