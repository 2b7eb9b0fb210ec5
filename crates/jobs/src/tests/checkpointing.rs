//! Trainings that are killed at several changes of the storage and go on from their checkpoints.

use super::*;
use crate::recover;
use parking_lot::Mutex;
use std::collections::{BTreeMap, BTreeSet};

/// The epochs of the network that a process computed, by stage.
type Epochs = Arc<Mutex<BTreeSet<(&'static str, u64)>>>;

/// A group with data and a version that asks for a small network.
async fn asked() -> World {
    let world = World::new().await;
    world.upload("ring.csv", &ring_csv(110, 10)).await;
    world.import("ring", DatasetType::Interactions, "s3://bucket/ring.csv", ImportMode::Full).await;
    world.run(&world.process("importer")).await;
    world.stream(&[event(1, "u1", "i1"), event(2, "u2", "i2")]).await;
    world
        .train("v", "aws-user-personalization", |v| {
            v.config.algorithm_hyper_parameters.insert("hidden_dimension".into(), "32".into());
        })
        .await;
    world
}

/// Keeps every epoch and part, and notes what is computed.
fn watched(process: &mut Process) -> Epochs {
    let epochs = Epochs::default();
    let seen = epochs.clone();
    process.settings.checkpoint_every = Duration::ZERO;
    process.progress = Arc::new(move |_, p| {
        if p.note.starts_with("epoch") && p.epoch.is_none() {
            seen.lock().insert((p.stage, p.done.div_ceil(100)));
        }
    });
    epochs
}

/// The files of the version's artifact, by name.
async fn files(world: &World) -> BTreeMap<String, Vec<u8>> {
    assert!(world.records.scan("job/", None, 1).await.unwrap().is_empty(), "no job is left");
    assert_eq!(world.keys("checkpoints/").await, [""; 0], "no checkpoint is left");
    let version: SolutionVersion = world.get(&arn("solution/s/v")).await;
    assert_eq!((version.status, &version.failure_reason), (Status::Active, &None));
    let key = version.artifact_key.unwrap();
    let mut files = BTreeMap::new();
    for file in world.keys("artifacts/").await {
        let name = file.strip_prefix(&key).expect("only the version's files are there").to_owned();
        files.insert(name, world.blobs.read_all(&file).await.unwrap().to_vec());
    }
    assert_eq!(files.len(), 4);
    files
}

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_training_goes_on_and_ends_with_the_same_files() {
    let undisturbed = asked().await;
    let counter = Die::at(u64::MAX, Strike::Before);
    let mut process = undisturbed.hooked("p", counter.clone());
    let all = watched(&mut process);
    undisturbed.run(&process).await;
    let expected = files(&undisturbed).await;
    let changes = counter.changes.load(Ordering::SeqCst);
    assert!(changes > 40 && all.lock().len() > 6, "{changes} changes, {:?}", all.lock());
    let mut went_on = 0;
    for (nth, strike) in (1..5).map(|n| (n * changes / 5, if n % 2 == 0 { Strike::Before } else { Strike::After })) {
        let world = asked().await;
        let hook = Die::at(nth, strike);
        let mut doomed = world.hooked("doomed", hook.clone());
        let before = watched(&mut doomed);
        world.run_until(&doomed, || hook.is_dead()).await;
        let kept = world.keys("checkpoints/").await.len();
        // What is streamed meanwhile is for the next training.
        world.stream(&[event(3, "u3", "i3")]).await;
        let mut next = world.process("next");
        let after = watched(&mut next);
        recover(&next).await.unwrap();
        assert_eq!(world.keys("checkpoints/").await.len(), kept, "a start leaves what a job needs");
        world.run(&next).await;
        if kept > 0 {
            went_on += 1;
            assert_eq!(files(&world).await, expected, "killed {strike:?} change {nth} of {changes}");
            // A network that computes when the storage dies may finish an epoch or more that nobody can keep.
            let again = after.lock().contains(&("train", 1));
            assert!(!again, "{kept} parts: {:?} {:?}", before.lock(), after.lock());
        }
    }
    assert!(went_on >= 3, "{went_on} trainings went on");
}

#[tokio::test(flavor = "multi_thread")]
async fn checkpoints_of_another_configuration_are_ignored_and_put_away() {
    let world = asked().await;
    let hook = Die::at(24, Strike::After);
    let mut doomed = world.hooked("doomed", hook.clone());
    watched(&mut doomed);
    world.run_until(&doomed, || hook.is_dead()).await;
    let of_before = world.keys("checkpoints/").await;
    assert!(!of_before.is_empty());
    let mut changed: SolutionVersion = world.get(&arn("solution/s/v")).await;
    changed.config.algorithm_hyper_parameters.insert("hidden_dimension".into(), "33".into());
    world.put(&changed).await;
    let mut next = world.process("next");
    let epochs = watched(&mut next);
    recover(&next).await.unwrap();
    world.run(&next).await;
    files(&world).await;
    assert!(epochs.lock().contains(&("train", 1)), "it begins anew: {:?}", epochs.lock());
}

#[tokio::test(flavor = "multi_thread")]
async fn checkpoints_of_jobs_that_are_gone_are_put_away_at_a_start() {
    let world = World::new().await;
    world.blobs.put("checkpoints/gone-train/training-1/evaluated/1", "x".into()).await.unwrap();
    recover(&world.process("p")).await.unwrap();
    assert_eq!(world.keys("checkpoints/").await, [""; 0]);
}
