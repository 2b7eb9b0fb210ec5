//! Solutions, their versions and the recipes.

use super::*;
use crate::{Page, latest_solution_version, recipes, solution_versions, solutions};
use std::collections::BTreeMap;
use tastemaker_domain::resource::{DatasetUpdate, JobKind};
use tastemaker_domain::schema::DatasetDomain;
use tastemaker_domain::solution_config::{EventParameter, Objective, Sensitivity};
use tastemaker_domain::tuning::{TuningConfig, TuningResources};

#[tokio::test]
async fn a_solution_keeps_what_was_asked() {
    let world = World::new();
    world.shop().await;
    let mut new = world.new_solution("gru");
    new.event_type = Some("View".into());
    new.config.algorithm_hyper_parameters = BTreeMap::from([("training.hidden_dimension".into(), "64".into())]);
    let solution = solutions::create(&world.ctx, &world.caller, new.clone()).await.expect("a solution");
    assert_eq!((solution.arn.as_str(), solution.status), (world.arn("solution/gru").as_str(), Status::Active));
    assert_eq!(
        (&solution.config, &solution.event_type, solution.perform_auto_training),
        (&new.config, &new.event_type, true)
    );
    assert_eq!(solutions::describe(&world.ctx, &solution.arn).await.as_ref(), Ok(&solution));
    assert_eq!(latest_solution_version(&world.ctx, &solution.arn).await, Ok(None));
    refused(world.solution("gru").await, "AlreadyExists", &[&solution.arn]);

    let version = world.train("gru").await.expect("a version");
    assert_eq!((&version.config, &version.event_type), (&solution.config, &solution.event_type));
}

#[tokio::test]
async fn solutions_are_checked() {
    let world = World::new();
    world.shop().await;
    let create = async |change: &dyn Fn(&mut NewSolution)| {
        let mut new = world.new_solution("gru");
        change(&mut new);
        solutions::create(&world.ctx, &world.caller, new).await
    };
    let unknown = "arn:aws:personalize:::recipe/aws-unheard-of";
    refused(create(&|n| n.recipe_arn = unknown.into()).await, "NotFound", &[unknown]);
    refused(create(&|n| n.recipe_arn = "gru".into()).await, "InvalidInput", &["'recipeArn'", "'gru'"]);
    refused(
        create(&|n| n.config.auto_training_schedule = Some("rate(7 hours)".into())).await,
        "InvalidInput",
        &["solutionConfig.autoTrainingConfig.schedulingExpression", "rate(7 hours)"],
    );
    refused(
        create(&|n| n.perform_incremental_update = Some(true)).await,
        "InvalidInput",
        &["performIncrementalUpdate", "aws-semantic-similarity"],
    );
    refused(create(&|n| n.name = "-".into()).await, "InvalidInput", &["'name'"]);
    refused(create(&|n| n.event_type = Some("x".repeat(257))).await, "InvalidInput", &["eventType", "257"]);
    refused(
        create(&|n| n.config.event_value_threshold = Some(f32::NAN)).await,
        "InvalidInput",
        &["eventValueThreshold"],
    );
    refused(create(&|n| n.dataset_group_arn = world.arn("dataset-group/none")).await, "NotFound", &["none"]);
    for (key, value, words) in [
        ("hidden_dimension", "31", &["hidden_dimension", "[32, 256]", "31"][..]),
        ("hidden_dimension", "x", &["hidden_dimension", "'x'"]),
        ("depth", "3", &["depth", "hidden_dimension"]),
    ] {
        let pair = BTreeMap::from([(key.to_owned(), value.to_owned())]);
        let made = create(&|n| n.config.algorithm_hyper_parameters.clone_from(&pair)).await;
        refused(made, "InvalidInput", words);
        let made = create(&|n| n.config.feature_transformation_parameters.clone_from(&pair)).await;
        refused(made, "InvalidInput", &["featureTransformationParameters", key]);
    }
    assert!(create(&|_| ()).await.is_ok());
}

#[tokio::test]
async fn a_training_begins_with_its_job() {
    let world = World::new();
    world.shop().await;
    let solution = world.solution("gru").await.expect("a solution");
    let first = world.train("gru").await.expect("a version");
    let id = first.arn.strip_prefix(&format!("{}/", solution.arn)).expect("below its solution");
    assert!(id.len() == 8 && id.bytes().all(|b| b.is_ascii_hexdigit()), "{id}");
    assert_eq!((first.status, first.training_type.as_str()), (Status::CreatePending, "MANUAL"));
    let jobs = world.jobs().await;
    assert_eq!(jobs.iter().map(|j| (j.kind, &j.resource_arn)).collect::<Vec<_>>(), [(JobKind::Train, &first.arn)]);
    refused(solution_versions::metrics(&world.ctx, &first.arn).await, "InUse", &["CREATE PENDING"]);

    let second = world.train("gru").await.expect("a version");
    assert_eq!(
        latest_solution_version(&world.ctx, &solution.arn).await.expect("read").map(|v| v.arn),
        Some(second.arn.clone())
    );
    let listed = solution_versions::list(&world.ctx, &world.caller, Some(&solution.arn), Page::default()).await;
    let arns: Vec<_> = listed.expect("listed").items.into_iter().map(|v| v.arn).collect();
    assert_eq!(arns, [second.arn, first.arn.clone()]);

    let mut done = world.end(&first, Status::Active).await;
    done.metrics = BTreeMap::from([("coverage".to_owned(), 0.5)]);
    world.write(&done).await;
    assert_eq!(solution_versions::metrics(&world.ctx, &first.arn).await, Ok(done.metrics));
}

#[tokio::test]
async fn trainings_are_checked() {
    let world = World::new();
    world.shop().await;
    refused(world.train("none").await, "NotFound", &["solution/none"]);
    let solution = world.solution("gru").await.expect("a solution");
    let create = async |name: Option<&str>, training_mode| {
        let new = NewSolutionVersion {
            name: name.map(str::to_owned),
            solution_arn: solution.arn.clone(),
            training_mode,
            tags: Default::default(),
        };
        solution_versions::create(&world.ctx, &world.caller, new).await
    };
    refused(create(None, TrainingMode::Update).await, "InvalidInput", &["trainingMode UPDATE needs an ACTIVE", "FULL"]);
    refused(create(Some("a b"), TrainingMode::Full).await, "InvalidInput", &["'name'", "a b"]);
    let named = create(Some("nightly"), TrainingMode::Full).await.expect("a version");
    refused(create(Some("nightly"), TrainingMode::Full).await, "AlreadyExists", &[&named.arn]);
    world.end(&solution, Status::CreateFailed).await;
    refused(create(None, TrainingMode::Full).await, "InUse", &[&solution.arn, "CREATE FAILED"]);
    let none = world.arn("solution/none");
    let listed = solution_versions::list(&world.ctx, &world.caller, Some(&none), Page::default()).await;
    refused(listed, "NotFound", &[&none]);
}

#[tokio::test]
async fn an_update_needs_a_full_version_of_the_same_schemas() {
    let world = World::new();
    let dataset = world.shop().await;
    let create = async |solution: &str| {
        let new = NewSolutionVersion {
            name: None,
            solution_arn: world.arn(&format!("solution/{solution}")),
            training_mode: TrainingMode::Update,
            tags: Default::default(),
        };
        solution_versions::create(&world.ctx, &world.caller, new).await
    };
    let mut full = world.trained().await;
    full.tuned_parameters = [("bptt".to_owned(), "4".to_owned())].into();
    world.write(&full).await;
    let update = create("gru").await.expect("an update");
    assert_eq!((update.training_mode, &update.tuned_parameters), (TrainingMode::Update, &full.tuned_parameters));
    world.end(&update, Status::Active).await;
    assert!(create("gru").await.is_ok(), "the FULL version is the base, whatever came after it");

    let mut popular = world.new_solution("popular");
    popular.recipe_arn = catalog::AWS_POPULARITY_COUNT.arn();
    solutions::create(&world.ctx, &world.caller, popular).await.expect("a solution");
    refused(create("popular").await, "InvalidInput", &["trainingMode UPDATE", "aws-popularity-count"]);

    let mut changed = dataset;
    changed.latest_update = Some(DatasetUpdate {
        schema_arn: changed.schema_arn.clone(),
        status: Status::Active,
        failure_reason: None,
        created_ms: full.created_ms + 1,
        updated_ms: full.created_ms + 1,
    });
    world.write(&changed).await;
    refused(create("gru").await, "InvalidInput", &["unchanged schemas", &changed.arn, "FULL"]);
}

#[tokio::test]
async fn a_search_is_planned_when_the_solution_is_made() {
    let world = World::new();
    world.shop().await;
    let make = async |name: &str, recipe: &RecipeDescriptor, tuning: Option<TuningConfig>, perform: bool| {
        let mut new = world.new_solution(name);
        (new.recipe_arn, new.config.tuning, new.perform_tuning) = (recipe.arn(), tuning, perform);
        solutions::create(&world.ctx, &world.caller, new).await
    };
    let jobs = |trials: &str| TuningConfig {
        resources: Some(TuningResources { trials: Some(trials.into()), parallel: None }),
        ..TuningConfig::default()
    };
    refused(make("a", &catalog::AWS_POPULARITY_COUNT, None, true).await, "InvalidInput", &["performHPO"]);
    refused(make("a", &catalog::AWS_SIMS, Some(jobs("41")), false).await, "InvalidInput", &["maxNumberOfTrainingJobs"]);
    make("a", &catalog::AWS_SIMS, Some(jobs("4")), true).await.expect("a solution");
    assert!(world.train("a").await.expect("a version").perform_tuning);
    make("b", &catalog::AWS_SIMS, Some(jobs("4")), false).await.expect("kept for later");
    assert!(!world.train("b").await.expect("a version").perform_tuning);
}

#[tokio::test]
async fn trainings_are_stopped_while_they_are_under_way() {
    let world = World::new();
    world.shop().await;
    world.solution("gru").await.expect("a solution");
    let version = world.train("gru").await.expect("a version");
    let status = async || solution_versions::describe(&world.ctx, &version.arn).await.expect("there").status;
    let words = |status: Status| ["CREATE PENDING or CREATE IN_PROGRESS".to_owned(), format!(" is {status}")];

    world.tick();
    assert_eq!(solution_versions::stop(&world.ctx, &version.arn).await, Ok(()));
    let stopped = solution_versions::describe(&world.ctx, &version.arn).await.expect("there");
    assert_eq!((stopped.status, stopped.updated_ms > stopped.created_ms), (Status::CreateStopped, true));

    world.end(&version, Status::CreateInProgress).await;
    assert_eq!(solution_versions::stop(&world.ctx, &version.arn).await, Ok(()));
    assert_eq!(status().await, Status::CreateStopping);
    refused(world.train("gru").await.and(solutions::delete(&world.ctx, &version.solution_arn).await), "InUse", &[]);

    for ended in [Status::CreateStopping, Status::CreateStopped, Status::CreateFailed, Status::Active] {
        world.end(&version, ended).await;
        let words = words(ended);
        refused(solution_versions::stop(&world.ctx, &version.arn).await, "InUse", &[&words[0], &words[1]]);
        assert_eq!(status().await, ended);
    }
    let none = world.arn("solution/gru/none");
    refused(solution_versions::stop(&world.ctx, &none).await, "NotFound", &[&none]);
}

#[tokio::test]
async fn twenty_trainings_at_a_time_in_a_region() {
    let world = World::new();
    world.shop().await;
    world.solution("gru").await.expect("a solution");
    for _ in 0..20 {
        world.train("gru").await.expect("a version");
    }
    refused(world.train("gru").await, "LimitExceeded", &["20", "eu-west-1"]);
}

#[test]
fn recipes_are_found_by_three_arns() {
    assert_eq!(recipes::describe(&RECIPE.arn()), Ok(RECIPE));
    assert_eq!(recipes::describe_algorithm(&RECIPE.algorithm_arn()), Ok(RECIPE));
    let users = recipes::describe_feature_transformation(&RECIPE.feature_transformation_arn()).expect("found");
    let users: Vec<_> = users.iter().map(|r| r.name).collect();
    assert_eq!(users, ["aws-hrnn", "aws-personalized-ranking", "aws-user-personalization"]);
    refused(recipes::describe_algorithm("arn:aws:personalize:::algorithm/x"), "NotFound", &["algorithm/x"]);
    refused(recipes::describe(&RECIPE.algorithm_arn()), "InvalidInput", &["'recipeArn'"]);
}

#[test]
fn recipes_are_listed_by_domain_and_page() {
    let listed = |domain, max_results, next_token| recipes::list(domain, Page { max_results, next_token });
    let all = listed(None, 100, None).expect("listed");
    assert_eq!((all.items.len(), all.next_token), (25, None));
    let shop = listed(Some(DatasetDomain::Ecommerce), 3, None).expect("listed");
    assert_eq!(shop.items.len(), 3);
    let rest = listed(Some(DatasetDomain::Ecommerce), 3, shop.next_token.clone()).expect("listed");
    assert_eq!((rest.items.len(), rest.next_token), (2, None));
    assert!(shop.items.iter().chain(&rest.items).all(|r| r.name.starts_with("aws-ecomm-")));
    refused(listed(None, 3, shop.next_token), "InvalidNextToken", &["nextToken"]);
}

#[tokio::test]
async fn recipes_fit_solutions() {
    let world = World::new();
    world.shop().await;
    for recipe in catalog::ALL {
        let mut new = world.new_solution(&recipe.name.replace("aws-", "s-"));
        new.recipe_arn = recipe.arn();
        let made = solutions::create(&world.ctx, &world.caller, new).await;
        match recipe.use_case {
            None => assert!(made.is_ok(), "{made:?}"),
            Some(_) => refused(made, "InvalidInput", &["recipeArn", recipe.name, "recommender"]),
        }
    }
    let mut new = world.new_solution("unknown");
    new.recipe_arn = "arn:aws:personalize:::recipe/aws-none".into();
    refused(solutions::create(&world.ctx, &world.caller, new).await, "NotFound", &["aws-none"]);
}

#[tokio::test]
async fn preferences_fit_the_recipe_the_event_type_and_the_columns() {
    let world = World::new();
    world.shop().await;
    let items = r#"{"type":"record","name":"Items","fields":[{"name":"ITEM_ID","type":"string"},
        {"name":"PRICE","type":"float"},{"name":"WEIGHT","type":["null","float"]},{"name":"COLOUR","type":"string"},
        {"name":"IS_NEW","type":"boolean"}]}"#;
    let create = async |name: &str, recipe: &RecipeDescriptor, change: &dyn Fn(&mut NewSolution)| {
        let mut new = world.new_solution(name);
        new.recipe_arn = recipe.arn();
        change(&mut new);
        solutions::create(&world.ctx, &world.caller, new).await
    };
    let weights = |new: &mut NewSolution| {
        let event_type = "Buy".to_owned();
        new.config.events = vec![EventParameter { event_type, event_value_threshold: None, weight: 1.0 }];
    };
    let (old, v2) = (&catalog::AWS_USER_PERSONALIZATION, &catalog::AWS_USER_PERSONALIZATION_V2);
    create("weighted", v2, &weights).await.expect("a solution");
    refused(create("a", old, &weights).await, "InvalidInput", &["eventsConfig", "v2 only", &old.arn()]);
    let both = ["eventType", "solutionConfig.eventValueThreshold", "solutionConfig.eventsConfig", "not both"];
    let of_type = |new: &mut NewSolution| {
        weights(new);
        new.event_type = Some("Buy".into());
    };
    refused(create("a", v2, &of_type).await, "InvalidInput", &both);
    let of_value = |new: &mut NewSolution| {
        weights(new);
        new.config.event_value_threshold = Some(1.0);
    };
    refused(create("a", v2, &of_value).await, "InvalidInput", &both);
    let weightless = |new: &mut NewSolution| {
        weights(new);
        new.config.events[0].weight = 0.0;
    };
    refused(create("a", v2, &weightless).await, "InvalidInput", &["eventsConfig", "weight above 0"]);

    let objective = async |recipe: &RecipeDescriptor, column: &str| {
        let objective = Objective { item_attribute: column.into(), sensitivity: Sensitivity::High };
        create(column, recipe, &|new: &mut NewSolution| new.config.objective = Some(objective.clone())).await
    };
    let member = "solutionConfig.optimizationObjective";
    refused(objective(v2, "PRICE").await, "InvalidInput", &[member, &v2.arn()]);
    refused(objective(old, "PRICE").await, "InvalidInput", &[member, "dataset-group/shop", "no Items dataset"]);
    world.schema("priced", items).await.expect("a schema");
    world.dataset("shop", "priced", DatasetType::Items).await.expect("a dataset");
    for column in ["WEIGHT", "COLOUR", "IS_NEW"] {
        refused(objective(old, column).await, "InvalidInput", &[member, column, "numeric and not nullable"]);
    }
    refused(objective(old, "SIZE").await, "InvalidInput", &[member, "no column 'SIZE'"]);
    objective(old, "PRICE").await.expect("a solution");
}

#[tokio::test]
async fn a_column_that_is_left_out_cannot_choose_events() {
    let world = World::new();
    world.shop().await;
    let create = async |excluded: &str, change: &dyn Fn(&mut NewSolution)| {
        let excluded = BTreeMap::from([("INTERACTIONS".to_owned(), vec![excluded.to_owned()])]);
        let mut new = world.new_solution("gru");
        new.config.training_data = Some(TrainingDataConfig { excluded, included: BTreeMap::new() });
        change(&mut new);
        solutions::create(&world.ctx, &world.caller, new).await
    };
    let typed = |new: &mut NewSolution| new.event_type = Some("Buy".into());
    let valued = |new: &mut NewSolution| new.config.event_value_threshold = Some(1.0);
    refused(create("EVENT_TYPE", &typed).await, "InvalidInput", &["eventType needs the column EVENT_TYPE"]);
    let words = ["solutionConfig.eventValueThreshold needs the column EVENT_VALUE", "trainingDataConfig"];
    refused(create("EVENT_VALUE", &valued).await, "InvalidInput", &words);
    assert!(create("EVENT_VALUE", &typed).await.is_ok());
}
