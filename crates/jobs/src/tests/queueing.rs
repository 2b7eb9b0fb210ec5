//! Trainings and imports that wait for each other, and trainings that overtake.

use super::*;
use crate::LiveSettings;
use parking_lot::Mutex;
use std::collections::HashSet;

#[tokio::test(flavor = "multi_thread")]
async fn a_training_waits_for_the_import_that_was_asked_for_before_it() {
    let world = World::new().await;
    world.upload("ring.csv", &ring_csv(110, 10)).await;
    let import = world.import("ring", DatasetType::Interactions, "s3://bucket/ring.csv", ImportMode::Full).await;
    let version = world.train("v", "aws-popularity-count", |_| {}).await;
    world.run(&world.process("p")).await;
    assert_eq!(world.get::<DatasetImportJob>(&import).await.status, Status::Active);
    let version: SolutionVersion = world.get(&version).await;
    assert_eq!((version.status, version.failure_reason), (Status::Active, None), "it has the data of the import");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_import_waits_for_the_training_that_was_asked_for_before_it() {
    let world = World::new().await;
    world.upload("ring.csv", &ring_csv(110, 10)).await;
    world.upload("few.csv", &ring_csv(1, 10)).await;
    world.import("ring", DatasetType::Interactions, "s3://bucket/ring.csv", ImportMode::Full).await;
    world.run(&world.process("importer")).await;
    let version = world.train("v", "aws-popularity-count", |_| {}).await;
    // Another thousand interactions, of the same users.
    let import = world.import("more", DatasetType::Interactions, "s3://bucket/ring.csv", ImportMode::Incremental).await;
    world.run(&world.process("p")).await;
    assert_eq!(world.get::<DatasetImportJob>(&import).await.status, Status::Active);
    let version: SolutionVersion = world.get(&version).await;
    assert_eq!(version.status, Status::Active);
    let manifest = world.blobs.read_all(&format!("{}/manifest.json", version.artifact_key.unwrap())).await.unwrap();
    let manifest: serde_json::Value = serde_json::from_slice(&manifest).unwrap();
    assert_eq!(manifest["counts"]["interactions_trained"], 1100, "it was trained on the data of before the import");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_short_training_overtakes_a_long_one() {
    let world = World::new().await;
    world.upload("ring.csv", &ring_csv(110, 10)).await;
    world.import("ring", DatasetType::Interactions, "s3://bucket/ring.csv", ImportMode::Full).await;
    world.run(&world.process("importer")).await;
    let long = world
        .train("long", "aws-hrnn", |v| {
            v.config.algorithm_hyper_parameters.insert("hidden_dimension".into(), "32".into());
        })
        .await;
    let short = world.train("short", "aws-popularity-count", |_| {}).await;
    let mut ctx = world.process("p");
    ctx.settings.trainings_side_by_side = 1;
    let begun: Arc<Mutex<Vec<String>>> = Arc::default();
    let seen = begun.clone();
    ctx.progress = Arc::new(move |arn, _| {
        let mut seen = seen.lock();
        if seen.iter().all(|other| other != arn) {
            seen.push(arn.to_owned());
        }
    });
    world.run(&ctx).await;
    assert_eq!(*begun.lock(), [short.clone(), long.clone()]);
    for arn in [short, long] {
        let version: SolutionVersion = world.get(&arn).await;
        assert_eq!((version.status, version.failure_reason), (Status::Active, None));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn settings_that_change_count_for_the_jobs_that_begin_then() {
    let world = World::new().await;
    world.upload("ring.csv", &ring_csv(110, 10)).await;
    world.import("ring", DatasetType::Interactions, "s3://bucket/ring.csv", ImportMode::Full).await;
    world.run(&world.process("importer")).await;
    let text = r#"{"type":"record","name":"Items","fields":[{"name":"ITEM_ID","type":"string"},{"name":"PRICE","type":"float"}]}"#;
    let mut things: SchemaResource = world.get(&arn("schema/things")).await;
    things.text = text.to_owned();
    world.put(&things).await;
    world.upload("items.csv", "ITEM_ID,PRICE\na,12.5\nb,dear\n").await;
    let mut ctx = world.process("p");
    let (live, receiver) = watch::channel(LiveSettings {
        threads: 1,
        settings: Settings { trainings_side_by_side: 1, ..ctx.settings.clone() },
        theme_writer: None,
    });
    ctx.live = Some(receiver);
    // The most trainings at once: they tell progress while they run, and their end.
    let at_once: Arc<Mutex<(HashSet<String>, usize)>> = Arc::default();
    let (seen, over) = (at_once.clone(), at_once.clone());
    ctx.progress = Arc::new(move |arn, _| {
        let (running, most) = &mut *seen.lock();
        running.insert(arn.to_owned());
        *most = running.len().max(*most);
    });
    ctx.ended = Arc::new(move |arn| {
        over.lock().0.remove(arn);
    });
    let long = |v: &mut SolutionVersion| {
        v.config.algorithm_hyper_parameters.insert("hidden_dimension".into(), "32".into());
    };
    for name in ["one", "two"] {
        world.train(name, "aws-hrnn", long).await;
    }
    world.run(&ctx).await;
    assert_eq!(at_once.lock().1, 1, "one training at a time");
    live.send_modify(|live| {
        live.settings.trainings_side_by_side = 3;
        live.settings.strict_imports = true;
    });
    for name in ["three", "four"] {
        world.train(name, "aws-hrnn", long).await;
    }
    world.run(&ctx).await;
    assert_eq!(at_once.lock().1, 2, "two of three places are for long trainings");
    let import = world.import("strict", DatasetType::Items, "s3://bucket/items.csv", ImportMode::Full).await;
    world.run(&ctx).await;
    assert_eq!(world.get::<DatasetImportJob>(&import).await.status, Status::CreateFailed);
}
