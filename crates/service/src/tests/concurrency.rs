//! Concurrent calls: whatever their order, the result is that of some order.

use super::*;
use crate::{dataset_groups, datasets, schemas, solutions};
use std::future::Future;
use tokio::task::JoinSet;

/// Runs `calls` calls at once on several threads and counts what became of them.
async fn race<T, F>(world: &Arc<World>, calls: usize, call: impl Fn(Arc<World>, usize) -> F) -> Vec<Result<T>>
where
    T: Send + 'static,
    F: Future<Output = Result<T>> + Send + 'static,
{
    let mut set = JoinSet::new();
    for n in 0..calls {
        set.spawn(call(world.clone(), n));
    }
    set.join_all().await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn identical_creates_give_one_resource() {
    let world = Arc::new(World::new());
    world.shop().await;
    let made = race(&world, 16, |w, _| async move { w.group("other").await }).await;
    assert_eq!(made.iter().filter(|r| r.is_ok()).count(), 1);
    assert!(made.iter().flat_map(|r| r.as_ref().err()).all(|e| matches!(e, Error::AlreadyExists(_))), "{made:?}");
    let made = race(&world, 16, |w, _| async move { w.tracker("shop").await }).await;
    assert_eq!(made.iter().filter(|r| r.is_ok()).count(), 1);
    assert!(made.iter().flat_map(|r| r.as_ref().err()).all(|e| matches!(e, Error::AlreadyExists(_))), "{made:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn every_create_of_one_name_succeeds_once() {
    let world = Arc::new(World::new());
    let dataset = world.shop().await;
    let version = world.trained().await;
    world.schema("items", ITEMS).await.expect("a schema");
    for create in ["schema", "dataset", "import", "solution", "campaign", "version"] {
        let made = race(&world, 8, |w, _| {
            let (dataset, version) = (dataset.arn.clone(), version.clone());
            async move {
                match create {
                    "schema" => w.schema("one", ITEMS).await.map(drop),
                    "dataset" => w.dataset("shop", "items", DatasetType::Items).await.map(drop),
                    "import" => w.import("one", &dataset, ImportMode::Full).await.map(drop),
                    "solution" => w.solution("one").await.map(drop),
                    "campaign" => w.campaign("one", &version.arn).await.map(drop),
                    _ => {
                        let new = NewSolutionVersion {
                            name: Some("one".into()),
                            solution_arn: version.solution_arn,
                            training_mode: TrainingMode::Full,
                            tags: Default::default(),
                        };
                        crate::solution_versions::create(&w.ctx, &w.caller, new).await.map(drop)
                    }
                }
            }
        })
        .await;
        assert_eq!(made.iter().filter(|r| r.is_ok()).count(), 1, "{create}: {made:?}");
        let refusals = made.iter().flat_map(|r| r.as_ref().err());
        assert!(refusals.clone().all(|e| matches!(e, Error::AlreadyExists(_))), "{create}: {made:?}");
        if create == "import" {
            let job = crate::import_jobs::describe(&world.ctx, &world.arn("dataset-import-job/one")).await;
            world.end(&job.expect("an import"), Status::Active).await;
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_describe_during_a_deletion_says_one_of_three_things() {
    for _ in 0..20 {
        let world = Arc::new(World::new());
        let group = world.group("shop").await.expect("a group").arn;
        let outcomes = race(&world, 6, |w, n| {
            let group = group.clone();
            async move {
                match n {
                    0 => dataset_groups::delete(&w.ctx, &group).await.map(|()| None),
                    _ => dataset_groups::describe(&w.ctx, &group).await.map(|g| Some(g.status)),
                }
            }
        })
        .await;
        for outcome in outcomes {
            assert!(matches!(outcome, Ok(None | Some(Status::Active | Status::DeletePending))), "{outcome:?}");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn different_creates_below_one_group_all_succeed() {
    let world = Arc::new(World::new());
    world.shop().await;
    let made = race(&world, 32, |w, n| async move { w.solution(&format!("s{n}")).await }).await;
    assert!(made.iter().all(Result::is_ok), "{made:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn quotas_hold_under_concurrency() {
    let world = Arc::new(World::new());
    world.shop().await;
    for n in 0..4 {
        world.solution(&format!("s{n}")).await.expect("a solution");
    }
    let made = race(&world, 32, |w, n| async move { w.train(&format!("s{}", n % 4)).await }).await;
    assert_eq!(made.iter().filter(|r| r.is_ok()).count(), 20);
    assert!(made.iter().flat_map(|r| r.as_ref().err()).all(|e| matches!(e, Error::LimitExceeded(_))), "{made:?}");
    assert_eq!(world.jobs().await.len(), 20);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn one_import_of_a_dataset_at_a_time() {
    let world = Arc::new(World::new());
    let dataset = world.shop().await;
    let made = race(&world, 16, |w, n| {
        let arn = dataset.arn.clone();
        async move { w.import(&format!("i{n}"), &arn, ImportMode::Full).await }
    })
    .await;
    assert_eq!(made.iter().filter(|r| r.is_ok()).count(), 1);
    assert!(made.iter().flat_map(|r| r.as_ref().err()).all(|e| matches!(e, Error::InUse(_))), "{made:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_deletion_leaves_no_orphans() {
    for round in 0..50 {
        let world = Arc::new(World::new());
        world.schema("items", ITEMS).await.expect("a schema");
        world.group("shop").await.expect("a group");
        let outcomes = race(&world, 4, |w, n| async move {
            let (group, schema) = (w.arn("dataset-group/shop"), w.arn("schema/items"));
            match n {
                0 => w.dataset("shop", "items", DatasetType::Items).await.map(drop),
                1 => dataset_groups::delete(&w.ctx, &group).await,
                2 => w.solution("gru").await.map(drop),
                _ => schemas::delete(&w.ctx, &schema).await,
            }
        })
        .await;
        let group = dataset_groups::describe(&world.ctx, &world.arn("dataset-group/shop")).await.is_ok();
        let schema = schemas::describe(&world.ctx, &world.arn("schema/items")).await.is_ok();
        let dataset = datasets::describe(&world.ctx, &world.arn("dataset/shop/ITEMS")).await.is_ok();
        let solution = solutions::describe(&world.ctx, &world.arn("solution/gru")).await.is_ok();
        assert!(!dataset || (group && schema), "round {round}: {outcomes:?}");
        assert!(!solution || group, "round {round}: {outcomes:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_solution_is_not_deleted_under_a_new_campaign_or_training() {
    for round in 0..50 {
        let world = Arc::new(World::new());
        world.shop().await;
        let version = world.trained().await;
        let outcomes = race(&world, 3, |w, n| {
            let version = version.clone();
            async move {
                match n {
                    0 => w.campaign("web", &version.arn).await.map(drop),
                    1 => solutions::delete(&w.ctx, &version.solution_arn).await,
                    _ => w.train("gru").await.map(drop),
                }
            }
        })
        .await;
        let solution = solutions::describe(&world.ctx, &version.solution_arn).await.is_ok();
        let campaigns = records::list::<Campaign>(&*world.ctx.stores.records).await.expect("listed").len();
        let versions = records::list::<SolutionVersion>(&*world.ctx.stores.records).await.expect("listed").len();
        assert!(solution || (campaigns, versions) == (0, 0), "round {round}: {outcomes:?}");
    }
}
