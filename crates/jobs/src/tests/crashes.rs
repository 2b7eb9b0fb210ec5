//! A process is killed at every single change of the storage; the next one reaches the same end.

use super::recommending::MOST_VIEWED;
use super::*;
use crate::recover;
use tastemaker_domain::resource::BatchSegmentJob;
use tastemaker_store::fault_injection::FailNth;

/// Changes of the storage that one scenario makes at most.
const CHANGES_MAX: u64 = 60;

/// Asks for one job of each kind's predecessors; the job under test is asked for by `ask_for`.
async fn prepared(stage: JobKind) -> World {
    let world = World::new().await;
    let ctx = world.process("preparer");
    world.upload("a.csv", &ring_csv(100, 10)).await;
    world.upload("folder/1.csv", &ring_csv(60, 10)).await;
    world.upload("folder/2.csv", &ring_csv(60, 10)).await;
    world.import("first", DatasetType::Interactions, "s3://bucket/a.csv", ImportMode::Full).await;
    world.run(&ctx).await;
    if stage == JobKind::Deploy {
        world.train("v", "aws-popularity-count", |_| {}).await;
        world.run(&ctx).await;
    }
    match stage {
        JobKind::Import => {
            world.import("second", DatasetType::Interactions, "s3://bucket/folder/", ImportMode::Full).await;
        }
        JobKind::Train => drop(world.train("v", "aws-popularity-count", |_| {}).await),
        JobKind::Deploy => drop(world.deploy(&arn("solution/s/v")).await),
        JobKind::Export => {
            world.export("first", DatasetType::Interactions, IngestionMode::All, "s3://bucket/out/").await;
            world.run(&ctx).await;
            world.stream(&[event(1, "u1", "i1")]).await;
            world.export("second", DatasetType::Interactions, IngestionMode::All, "s3://bucket/out").await;
        }
        JobKind::DeleteUsers => {
            world.train("v", "aws-popularity-count", |_| {}).await;
            world.run(&ctx).await;
            world.stream(&[event(1, "u1", "i1"), event(2, "u2", "i1"), event(3, "u3", "i1")]).await;
            world.upload("users.csv", "USER_ID\nu1\nu2\n").await;
            world.delete_users("d", "s3://bucket/users.csv").await;
        }
        JobKind::BatchInference => {
            world.train("v", "aws-popularity-count", |_| {}).await;
            world.run(&ctx).await;
            world.upload("in/users.json", "{\"userId\":\"u1\"}\n{\"userId\":\"u2\"}\n").await;
            world.infer("b", "s3://bucket/in/", |_| {}).await;
        }
        JobKind::BatchSegment => {
            super::segmenting::train(&world, "aws-item-affinity").await;
            world.upload("in/items.json", "{\"itemId\":\"i1\"}\n{\"itemId\":\"i2\"}\n").await;
            world.segment("b", "s3://bucket/in/", |_| {}).await;
        }
        JobKind::Recommend => drop(world.recommender(MOST_VIEWED).await),
    }
    world
}

/// The state at the end, which must be the same whatever happened on the way.
async fn end_state(world: &World, stage: JobKind) -> String {
    assert!(world.records.scan("job/", None, 1).await.unwrap().is_empty(), "no job is left");
    assert!(world.keys("unfinished/").await.is_empty(), "nor what was kept for one");
    let dataset = world.interactions().await;
    assert_eq!(world.keys("datasets/").await, dataset.bulk_files, "no file is lost and none left over");
    let mut state = format!("{} rows in {} files", dataset.bulk_rows, dataset.bulk_files.len());
    match stage {
        JobKind::Import => {
            let import: DatasetImportJob = world.get(&arn("dataset-import-job/second")).await;
            state += &format!(", {} {:?}", import.status, import.failure_reason);
        }
        JobKind::Train => {
            let version: SolutionVersion = world.get(&arn("solution/s/v")).await;
            let key = version.artifact_key.unwrap();
            let files = world.keys("artifacts/").await;
            assert!(files.len() == 4 && files.iter().all(|f| f.starts_with(&key)), "{files:?} of {key}");
            state += &format!(", {} {:?}", version.status, version.metrics);
        }
        JobKind::Deploy => {
            let campaign: Campaign = world.get(&arn("campaign/c")).await;
            state += &format!(", {} {:?}", campaign.status, campaign.failure_reason);
        }
        JobKind::Export => {
            let export: DatasetExportJob = world.get(&arn("dataset-export-job/second")).await;
            let objects = objects::list(&*world.records, "bucket", "out/").await.unwrap();
            let blobs = world.blobs_of_jobs().await;
            assert_eq!(
                objects.iter().map(|o| o.blob.clone()).collect::<Vec<_>>(),
                blobs,
                "no blob is lost or left over"
            );
            state +=
                &format!(", {} {:?}, {}", export.status, export.failure_reason, world.object("out/clicks-1.csv").await);
        }
        JobKind::DeleteUsers => {
            let deletion: DataDeletionJob = world.get(&arn("data-deletion-job/d")).await;
            let version: SolutionVersion = world.get(&arn("solution/s/v")).await;
            let (key, files) = (version.artifact_key.unwrap(), world.keys("artifacts/").await);
            assert!(files.len() == 4 && files.iter().all(|f| f.starts_with(&key)), "{files:?} of {key}");
            assert!(world.keys("deletions/").await.is_empty(), "the users are not kept");
            let left =
                world.events.read(&records::interactions_stream(&arn("dataset-group/shop")), 0, 9).await.unwrap();
            let left: Vec<_> = left.into_iter().map(|event| event.id).collect();
            state += &format!(", {} {:?} {left:?}", deletion.status, deletion.num_deleted);
        }
        JobKind::BatchInference => {
            let job: BatchInferenceJob = world.get(&arn("batch-inference-job/b")).await;
            let objects = objects::list(&*world.records, "bucket", "out/").await.unwrap();
            assert_eq!(objects.iter().map(|o| o.blob.clone()).collect::<Vec<_>>(), world.blobs_of_jobs().await);
            state +=
                &format!(", {} {:?}, {}", job.status, job.failure_reason, world.object("out/users.json.out").await);
        }
        JobKind::BatchSegment => {
            let job: BatchSegmentJob = world.get(&arn("batch-segment-job/b")).await;
            let objects = objects::list(&*world.records, "bucket", "out/").await.unwrap();
            assert_eq!(objects.iter().map(|o| o.blob.clone()).collect::<Vec<_>>(), world.blobs_of_jobs().await);
            state +=
                &format!(", {} {:?}, {}", job.status, job.failure_reason, world.object("out/items.json.out").await);
        }
        JobKind::Recommend => {
            let recommender: Recommender = world.get(&arn("recommender/r")).await;
            state += &format!(", {} {:?} {:?}", recommender.status, recommender.model_arn, recommender.metrics);
        }
    }
    state
}

async fn killed_everywhere(stage: JobKind) {
    let undisturbed = prepared(stage).await;
    undisturbed.run(&undisturbed.process("p")).await;
    let expected = end_state(&undisturbed, stage).await;
    for strike in [Strike::Before, Strike::After] {
        for nth in 1..=CHANGES_MAX {
            let world = prepared(stage).await;
            let hook = Die::at(nth, strike);
            let doomed = world.hooked("doomed", hook.clone());
            world.run_until(&doomed, || hook.is_dead()).await;
            let survived = !hook.is_dead();
            let next = world.process("next");
            recover(&next).await.unwrap();
            world.sweep_s3().await;
            world.run(&next).await;
            assert_eq!(end_state(&world, stage).await, expected, "killed {strike:?} change {nth}");
            if survived {
                assert!(nth > 2, "there are at least a lease and an end");
                break;
            }
            assert!(nth < CHANGES_MAX, "the job ends");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn import_survives_a_kill_at_every_change() {
    killed_everywhere(JobKind::Import).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn train_survives_a_kill_at_every_change() {
    killed_everywhere(JobKind::Train).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn deploy_survives_a_kill_at_every_change() {
    killed_everywhere(JobKind::Deploy).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn export_survives_a_kill_at_every_change() {
    killed_everywhere(JobKind::Export).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn deletion_survives_a_kill_at_every_change() {
    killed_everywhere(JobKind::DeleteUsers).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn batch_inference_survives_a_kill_at_every_change() {
    killed_everywhere(JobKind::BatchInference).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn batch_segment_survives_a_kill_at_every_change() {
    killed_everywhere(JobKind::BatchSegment).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_failing_call_of_any_name_is_repeated_by_the_same_process() {
    for stage in [JobKind::Import, JobKind::Train, JobKind::Deploy, JobKind::Export, JobKind::DeleteUsers] {
        let undisturbed = prepared(stage).await;
        undisturbed.run(&undisturbed.process("p")).await;
        let expected = end_state(&undisturbed, stage).await;
        for call in ["commit", "put", "finish", "head", "read", "get"] {
            for strike in [Strike::Before, Strike::After] {
                for nth in 1..=3 {
                    let world = prepared(stage).await;
                    let ctx = world.hooked("p", Arc::new(FailNth::of(call, nth, strike)));
                    world.run(&ctx).await;
                    // Clean-up that met the failure is made good at the next start.
                    recover(&world.process("next")).await.unwrap();
                    world.sweep_s3().await;
                    assert_eq!(end_state(&world, stage).await, expected, "{call} {nth} {strike:?}");
                }
            }
        }
    }
}
