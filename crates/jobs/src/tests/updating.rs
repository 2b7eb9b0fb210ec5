//! `trainingMode` UPDATE: new items and events come in without another training.

use super::*;
use tastemaker_training::catalog::{CATALOG_FILE, Catalog};

#[tokio::test(flavor = "multi_thread")]
async fn an_update_folds_in_what_came_since_the_last_full_training() {
    let world = World::new().await;
    world.upload("ring.csv", &ring_csv(110, 10)).await;
    world.import("ring", DatasetType::Interactions, "s3://bucket/ring.csv", ImportMode::Full).await;
    world.run(&world.process("importer")).await;
    let narrow = |v: &mut SolutionVersion| {
        v.config.algorithm_hyper_parameters.insert("hidden_dimension".into(), "32".into());
    };
    let update = |v: &mut SolutionVersion| {
        narrow(v);
        v.training_mode = TrainingMode::Update;
        v.created_ms = 2;
    };
    let early = world.train("early", "aws-user-personalization", update).await;
    world.run(&world.process("p")).await;
    let early: SolutionVersion = world.get(&early).await;
    let reason = early.failure_reason.unwrap();
    assert!(reason.contains("no ACTIVE version of trainingMode FULL"), "{reason}");

    let full = world.train("full", "aws-user-personalization", narrow).await;
    world.run(&world.process("p")).await;
    let full: SolutionVersion = world.get(&full).await;
    assert_eq!((full.status, &full.failure_reason), (Status::Active, &None));
    let events: Vec<_> = (0..40).map(|n| event(n, &format!("u{n}"), "novelty")).collect();
    world.stream(&events).await;
    let mut ctx = world.process("p");
    ctx.progress = Arc::new(|_, p| assert!(p.stage != "train", "it learns"));
    let updated = world.train("updated", "aws-user-personalization", update).await;
    world.run(&ctx).await;
    let updated: SolutionVersion = world.get(&updated).await;
    assert_eq!((updated.status, &updated.failure_reason), (Status::Active, &None));
    assert_eq!(updated.metrics, full.metrics);
    assert!(updated.events_position > full.events_position);

    let catalog = async |version: &SolutionVersion| {
        let key = format!("{}/{CATALOG_FILE}", version.artifact_key.clone().unwrap());
        Catalog::from_bytes(&world.blobs.read_all(&key).await.unwrap()).unwrap()
    };
    let (before, after) = (catalog(&full).await, catalog(&updated).await);
    assert_eq!((before.items.get("novelty"), after.items.len()), (None, before.items.len() + 1));
    assert!(before.items.iter().zip(after.items.iter()).all(|(a, b)| a == b), "known items keep their places");

    world.deploy(&updated.arn).await;
    world.run_until(&ctx, || ask(&ctx, "u1").is_ok()).await;
    assert_eq!(ask(&ctx, "u1").unwrap().items.len(), 3);
}
