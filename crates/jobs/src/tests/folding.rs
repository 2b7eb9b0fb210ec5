//! The log of streamed events, folded: starts go on from there, and never with what the log does not have.

use super::*;
use crate::folded_log::{self, FoldedLog};
use crate::{Nodes, recover};
use tastemaker_domain::resource::{DataDeletionJob, DeletionStatus};
use tastemaker_domain::role::Role;

fn group() -> String {
    arn("dataset-group/shop")
}

fn stream() -> String {
    records::interactions_stream(&group())
}

/// Events of ten users, each in a session of their own.
fn events(numbers: std::ops::Range<usize>) -> Vec<InteractionEvent> {
    let by = |n: usize| InteractionEvent {
        session_id: format!("s{}", n % 10),
        ..event(n, &format!("u{}", n % 10), &format!("i{}", n % 7))
    };
    numbers.map(by).collect()
}

/// A process that folds its log when it has grown by so many events.
fn folding(world: &World, owner: &str, fold_after: u64) -> Process {
    let mut process = world.process(owner);
    process.ctx.settings.fold_after = fold_after;
    process
}

async fn fold(process: &Process) -> Option<FoldedLog> {
    folded_log::fold(process, &group()).await.unwrap()
}

/// A campaign that serves.
async fn shop() -> (World, Process) {
    let world = World::new().await;
    let process = folding(&world, "p", 50);
    world.upload("a.csv", &ring_csv(100, 10)).await;
    world.import("first", DatasetType::Interactions, "s3://bucket/a.csv", ImportMode::Full).await;
    world.run(&process).await;
    let version = world.train("v", "aws-user-personalization", |_| {}).await;
    world.run(&process).await;
    world.deploy(&version).await;
    world.run(&process).await;
    (world, process)
}

/// A start of another process; how many events it knows.
async fn started(world: &World, owner: &str) -> (Process, u64) {
    let process = folding(world, owner, 50);
    recover(&process).await.unwrap();
    let warm = process.deployer.warm_up(&process).await.unwrap();
    (process, warm.events)
}

/// The number of a user's events that a process knows.
fn known(process: &Process, user: &str) -> u64 {
    process.serving.snapshot(&arn("campaign/c")).unwrap().events_seen(user)
}

/// Removes an event from the log behind everybody's back, so that only a folded log has it.
async fn lose(world: &World, place: usize) {
    let stored = world.events.read(&stream(), 0, 10_000).await.unwrap();
    world.events.remove(&stream(), vec![stored[place].position]).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_start_goes_on_from_the_folded_log() {
    let (world, process) = shop().await;
    world.stream(&events(0..50)).await;
    assert_eq!(fold(&process).await, None, "not enough for a blob");
    world.stream(&events(50..120)).await;
    let first = fold(&process).await.unwrap();
    assert_eq!((first.events, fold(&process).await), (120, None), "folded already");
    let (plain, _) = started(&world, "before").await;
    lose(&world, 3).await;
    world.stream(&events(120..150)).await;
    let (next, seen) = started(&world, "next").await;
    assert_eq!((seen, known(&next, "u3"), known(&next, "u4")), (150, 15, 15), "of the blob and of the log behind it");
    plain.serving.observe(&group(), &events(120..150));
    for user in ["u3", "u4", "stranger"] {
        assert_eq!(ask(&next, user).unwrap(), ask(&plain, user).unwrap(), "{user}");
    }

    // What comes later is folded into what was, and the former blob goes.
    world.stream(&events(150..200)).await;
    let second = fold(&process).await.unwrap();
    assert_eq!((second.events, world.keys("folded/").await.len()), (200, 1));
    assert!(second.position > first.position);
    let (third, seen) = started(&world, "third").await;
    assert_eq!((seen, known(&third, "u3")), (200, 20));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_folded_log_that_does_not_fit_is_made_anew() {
    let (world, process) = shop().await;
    world.stream(&events(0..100)).await;
    fold(&process).await.unwrap();
    let key = world.keys("folded/").await.remove(0);
    let bytes = world.blobs.read_all(&key).await.unwrap();
    let all = |seen, process: &Process| assert_eq!((seen, known(process, "u9")), (100, 10));

    // Damaged, cut short, of another build, under another name.
    for damaged in [bytes.slice(..bytes.len() / 2), "nonsense".into(), Default::default()] {
        world.blobs.delete(&key).await.unwrap();
        world.blobs.put(&key, damaged).await.unwrap();
        let (next, seen) = started(&world, "next").await;
        all(seen, &next);
        assert_eq!(world.keys("folded/").await, Vec::<String>::new());
    }
    let (path, seal) = key.rsplit_once('-').unwrap();
    for other in [format!("{path}-{}", seal.replace(&seal[..1], "x")), path.to_owned(), format!("{path}x")] {
        world.blobs.put(&other, bytes.clone()).await.unwrap();
        let (next, seen) = started(&world, "next").await;
        all(seen, &next);
        let _ = world.blobs.delete(&other).await;
    }

    // Of a log of which the end was lost, as in a backup of an earlier time.
    fold(&process).await.unwrap();
    lose(&world, 99).await;
    let (next, seen) = started(&world, "next").await;
    assert_eq!((seen, known(&next, "u9"), world.keys("folded/").await.len()), (99, 9, 0));

    // Of a group that is gone.
    world.stream(&events(100..200)).await;
    fold(&process).await.unwrap();
    world.records.commit(vec![], vec![records::delete::<DatasetGroup>(&group())]).await.unwrap();
    folded_log::round(&process).await.unwrap();
    assert_eq!(world.keys("folded/").await, Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn users_who_were_deleted_are_in_no_folded_log() {
    let (world, process) = shop().await;
    world.stream(&events(0..100)).await;
    fold(&process).await.unwrap();
    let kept = world.keys("folded/").await.remove(0);
    let bytes = world.blobs.read_all(&kept).await.unwrap();
    world.upload("gone.csv", "USER_ID\nu3\n").await;
    let deletion = world.delete_users("d", "s3://bucket/gone.csv").await;
    world.run(&process).await;
    assert_eq!(world.get::<DataDeletionJob>(&deletion).await.status, DeletionStatus::Completed);
    assert_eq!(world.keys("folded/").await, Vec::<String>::new());

    // One that comes back, from a backup or from a process that had begun before, is no good any more.
    world.blobs.put(&kept, bytes.clone()).await.unwrap();
    let (next, seen) = started(&world, "next").await;
    assert_eq!((seen, known(&next, "u3"), known(&next, "u4")), (90, 0, 10));
    assert_eq!(world.keys("folded/").await, Vec::<String>::new());
    let folded = fold(&process).await.unwrap();
    let bytes = world.blobs.read_all(&world.keys("folded/").await[0]).await.unwrap();
    let text = String::from_utf8_lossy(&bytes).into_owned();
    assert_eq!((folded.events, text.contains("u4"), text.contains("u3")), (90, true, false));

    // Nothing is folded, and nothing folded is read, while users are being deleted.
    let mut open: DataDeletionJob = world.get(&deletion).await;
    (open.arn, open.status) = (arn("data-deletion-job/e"), DeletionStatus::InProgress);
    world.put(&open).await;
    let (_, seen) = started(&world, "last").await;
    assert_eq!(seen, 90);
    assert_eq!((fold(&process).await, world.keys("folded/").await.len()), (None, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn processes_that_share_the_log_begin_with_it_too() {
    let (world, process) = shop().await;
    world.stream(&events(0..1500)).await;
    fold(&process).await.unwrap();
    lose(&world, 3).await;
    world.stream(&events(1500..1600)).await;
    let mut sharing = world.process("sharing");
    sharing.ctx.nodes = Arc::new(Nodes::sharing("sharing".to_owned(), Role::ALL.iter().copied().collect(), 1));
    sharing.ctx.stores.wakeups = world.wakeups.clone();
    sharing.deployer.warm_up(&sharing).await.unwrap();
    assert_eq!((known(&sharing, "u3"), known(&sharing, "u4")), (160, 160));
}
