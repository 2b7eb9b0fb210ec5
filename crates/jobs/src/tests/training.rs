use super::*;
use crate::statistics::Keeper;
use tastemaker_domain::training_record::TrainingRecord;

async fn with_data() -> World {
    let world = World::new().await;
    world.upload("ring.csv", &ring_csv(110, 10)).await;
    world.import("ring", DatasetType::Interactions, "s3://bucket/ring.csv", ImportMode::Full).await;
    world.run(&world.process("importer")).await;
    world
}

#[tokio::test(flavor = "multi_thread")]
async fn a_version_becomes_active_with_metrics_and_one_artifact() {
    let world = with_data().await;
    let arn = world
        .train("v1", "aws-user-personalization", |v| {
            v.config.algorithm_hyper_parameters.insert("hidden_dimension".into(), "32".into());
        })
        .await;
    world.run(&world.process("p")).await;
    let version: SolutionVersion = world.get(&arn).await;
    assert_eq!((version.status, &version.failure_reason), (Status::Active, &None));
    assert_eq!((version.metrics.len(), version.baseline_metrics.len()), (8, 8));
    assert!(version.metrics["mean_reciprocal_rank_at_25"] > version.baseline_metrics["mean_reciprocal_rank_at_25"]);
    assert!(version.training_hours.unwrap() > 0.0);
    let key = version.artifact_key.unwrap();
    let names = ["catalog.safetensors", "manifest.json", "metrics.json", "model.safetensors"];
    assert_eq!(world.keys("artifacts/").await, names.map(|name| format!("{key}/{name}")));

    let record: TrainingRecord = world.get(&arn).await;
    let mut bytes = 0;
    for name in names {
        bytes += world.blobs.read_all(&format!("{key}/{name}")).await.unwrap().len() as u64;
    }
    assert_eq!((record.attempts, record.artifact_bytes), (1, Some(bytes)));
    assert!(record.threads > 0 && record.peak_memory_bytes.is_none_or(|peak| peak > 1 << 20), "{record:?}");
    let stages: Vec<&str> = record.stages.iter().map(|stage| stage.name.as_str()).collect();
    assert_eq!((stages.first(), stages.last()), (Some(&"gather"), Some(&"store")), "{stages:?}");
    for stage in ["split", "network", "evaluate", "write"] {
        assert!(stages.contains(&stage), "{stage}: {stages:?}");
    }
    assert!(record.lines[0].text.ends_with("with 24 items"), "{:?}", record.lines[0]);
    assert!(record.lines.iter().any(|line| line.text.starts_with("split")), "{:?}", record.lines);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_record_of_a_training_that_fails_ends_with_the_reason() {
    let world = with_data().await;
    let arn = world.train("v1", "aws-user-personalization", |v| v.event_type = Some("purchase".into())).await;
    world.run(&world.process("p")).await;
    let record: TrainingRecord = world.get(&arn).await;
    let last = record.lines.last().unwrap();
    assert!(last.text.contains("0 interactions after filtering"), "{last:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn failure_reasons_tell_the_customer_what_to_change() {
    let world = with_data().await;
    type Change = fn(&mut SolutionVersion);
    let cases: [(&str, &str, Change); 4] = [
        ("v1", "The dataset has 0 interactions after filtering; training needs at least 1000.", |v| {
            v.event_type = Some("purchase".into());
        }),
        ("v2", "The dataset has 0 interactions after filtering", |v| v.config.event_value_threshold = Some(3.71)),
        ("v3", "algorithmHyperParameters.bptt: must be a whole number in [2, 32], got '1'", |v| {
            v.config.algorithm_hyper_parameters.insert("bptt".into(), "1".into());
        }),
        ("v4", "has no recipe arn:aws:personalize:::recipe/aws-none", |v| {
            v.recipe_arn = "arn:aws:personalize:::recipe/aws-none".into()
        }),
    ];
    for (name, expected, change) in cases {
        let arn = world.train(name, "aws-user-personalization", change).await;
        world.run(&world.process("p")).await;
        let version: SolutionVersion = world.get(&arn).await;
        assert_eq!(version.status, Status::CreateFailed, "{name}");
        let reason = version.failure_reason.unwrap();
        assert!(reason.contains(expected), "{reason:?} lacks {expected:?}");
    }
    assert!(world.keys("artifacts/").await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_threshold_keeps_values_equal_to_it() {
    let world = with_data().await;
    let arn = world
        .train("v1", "aws-popularity-count", |v| {
            v.config.event_value_threshold = Some(3.7);
            v.event_type = Some("VIEW".into());
        })
        .await;
    world.run(&world.process("p")).await;
    assert_eq!(world.get::<SolutionVersion>(&arn).await.status, Status::Active);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_group_without_interactions_says_so() {
    let world = World::new().await;
    let gone = records::delete::<Dataset>(&arn("dataset/shop/INTERACTIONS"));
    world.records.commit(vec![], vec![gone]).await.unwrap();
    let version = world.train("v1", "aws-popularity-count", |_| {}).await;
    world.run(&world.process("p")).await;
    let reason = world.get::<SolutionVersion>(&version).await.failure_reason.unwrap();
    assert!(reason.contains("has no Interactions dataset"), "{reason}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_version_remembers_how_far_it_read_the_stream() {
    let world = with_data().await;
    world.stream(&[event(1, "u1", "i1"), event(2, "u2", "i2")]).await;
    let stream = records::interactions_stream(&arn("dataset-group/shop"));
    let last = world.events.read(&stream, 0, 9).await.unwrap().pop().unwrap().position;
    for (name, recipe, status) in
        [("v1", "aws-popularity-count", Status::Active), ("v2", "aws-none", Status::CreateFailed)]
    {
        let version = world.train(name, recipe, |_| {}).await;
        world.run(&world.process("p")).await;
        let version: SolutionVersion = world.get(&version).await;
        assert_eq!((version.status, version.events_position), (status, Some(last)));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_budget_too_small_for_what_the_records_say_fails_before_anything_is_read() {
    let world = with_data().await;
    let file = world.interactions().await.bulk_files[0].clone();
    let bytes = world.blobs.read_all(&file).await.unwrap();
    let mut process = world.process("p");
    process.available_memory = Arc::new(|| Some(16 << 20));
    // A training that read its data would say that the file is gone.
    world.blobs.delete(&file).await.unwrap();
    let version = world.train("v1", "aws-user-personalization", |_| {}).await;
    world.run(&process).await;
    let failed: SolutionVersion = world.get(&version).await;
    assert_eq!((failed.status, failed.events_position), (Status::CreateFailed, None));
    let reason = failed.failure_reason.unwrap();
    for words in
        ["Training aws-user-personalization on 1100 interactions needs about", "; 16777216 bytes (16 MB) are available"]
    {
        assert!(reason.contains(words), "{reason}");
    }

    // Statistics say how many items there are, and which of the interactions are of a type.
    world.blobs.put(&file, bytes.clone()).await.unwrap();
    assert_eq!(Keeper::default().refresh(&world.process("statistics")).await.unwrap(), 1);
    world.blobs.delete(&file).await.unwrap();
    let version = world.train("v2", "aws-user-personalization", |_| {}).await;
    world.run(&process).await;
    let reason = world.get::<SolutionVersion>(&version).await.failure_reason.unwrap();
    assert!(reason.contains("on 1100 interactions and 24 items needs about"), "{reason}");
    let version = world.train("v3", "aws-user-personalization", |v| v.event_type = Some("VIEW".into())).await;
    world.run(&process).await;
    assert!(world.get::<SolutionVersion>(&version).await.failure_reason.unwrap().contains("on 1100 interactions"));

    // With room the same data trains.
    world.blobs.put(&file, bytes).await.unwrap();
    process.available_memory = Arc::new(|| Some(8 << 30));
    let version = world.train("v4", "aws-popularity-count", |_| {}).await;
    world.run(&process).await;
    assert_eq!(world.get::<SolutionVersion>(&version).await.status, Status::Active);
}
