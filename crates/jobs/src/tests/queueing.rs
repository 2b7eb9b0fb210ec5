//! Trainings and imports that wait for each other, and trainings that overtake.

use super::*;
use parking_lot::Mutex;

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
