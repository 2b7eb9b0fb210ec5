//! Several processes over one storage: whoever lives is not disturbed, and all that serve have the same.

use super::*;
use crate::leased_job::LeasedJob;
use crate::{LogStream, Nodes, recover};
use tastemaker_domain::resource::{DataDeletionJob, DeletionStatus, Lease, StreamedRow};
use tastemaker_domain::role::{Role, Roles};
use tastemaker_store::Transaction;

/// A process among others, at work until it is ended.
struct Running {
    process: Process,
    stop: watch::Sender<bool>,
    work: tokio::task::JoinHandle<()>,
}

impl Running {
    async fn end(self) {
        self.stop.send(true).unwrap();
        self.work.await.unwrap();
    }
}

fn shared(world: &World, owner: &str, roles: &[Role]) -> Process {
    let mut process = world.process(owner);
    let roles: Roles = roles.iter().copied().collect();
    process.ctx.nodes = Arc::new(Nodes::sharing(owner.to_owned(), roles, 1));
    process.ctx.stores.wakeups = world.wakeups.clone();
    process
}

async fn start(process: Process) -> Running {
    recover(&process).await.unwrap();
    process.deployer.warm_up(&process).await.unwrap();
    let (stop, shutdown) = watch::channel(false);
    let work = tokio::spawn(run(process.ctx.clone(), process.deployer.clone(), EVERY_KIND, shutdown));
    Running { process, stop, work }
}

async fn until(what: &str, mut holds: impl AsyncFnMut() -> bool) {
    let began = std::time::Instant::now();
    while !holds().await {
        assert!(began.elapsed() < Duration::from_secs(60), "{what}");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

async fn no_job_is_left(world: &World) -> bool {
    world.records.scan("job/", None, 1).await.unwrap().is_empty()
}

/// A world with a trained version `v`.
async fn trained() -> World {
    let world = World::new().await;
    let process = world.process("preparer");
    world.upload("a.csv", &ring_csv(100, 10)).await;
    world.import("first", DatasetType::Interactions, "s3://bucket/a.csv", ImportMode::Full).await;
    world.run(&process).await;
    world.train("v", "aws-user-personalization", |_| {}).await;
    world.run(&process).await;
    world
}

#[tokio::test]
async fn a_start_beside_others_touches_nothing_of_theirs() {
    let world = World::new().await;
    world.upload("a.csv", &ring_csv(100, 10)).await;
    world.import("one", DatasetType::Interactions, "s3://bucket/a.csv", ImportMode::Full).await;
    let (_, mut job) = records::list::<Job>(&*world.records).await.unwrap().remove(0);
    job.lease = Some(Lease { owner: "other".into(), expires_ms: i64::MIN });
    job.attempts = 1;
    world.put(&job).await;
    let unpublished = format!("datasets/shop/INTERACTIONS/{}-1/0.parquet", job.id);
    world.blobs.put(&unpublished, "half".into()).await.unwrap();
    let process = shared(&world, "p", &Role::ALL);
    assert_eq!(recover(&process).await.unwrap(), 0);
    let (_, after) = records::list::<Job>(&*world.records).await.unwrap().remove(0);
    assert_eq!((after, world.keys("datasets/").await), (job.clone(), vec![unpublished.clone()]));
    // Beside others a search for files that nobody names leaves those of jobs, and of others what is young.
    world.blobs.put("datasets/shop/INTERACTIONS/ended-1/0.parquet", "left".into()).await.unwrap();
    let mut sweep = crate::maintenance::Sweep::new(&process);
    for _ in 0..2 {
        sweep.round().await.unwrap();
    }
    assert_eq!(world.keys("datasets/").await.len(), 2);
    tokio::time::pause();
    tokio::time::advance(Duration::from_secs(3601)).await;
    tokio::time::resume();
    sweep.round().await.unwrap();
    assert_eq!(world.keys("datasets/").await, [unpublished]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_paused_worker_leaves_the_files_of_the_next_attempt() {
    let world = World::new().await;
    world.upload("a.csv", &ring_csv(100, 10)).await;
    world.import("one", DatasetType::Interactions, "s3://bucket/a.csv", ImportMode::Full).await;
    let (version, job) = records::list::<Job>(&*world.records).await.unwrap().remove(0);
    let paused = shared(&world, "paused", &Role::ALL);
    let first = LeasedJob::lease(&paused, version, &job).await.unwrap().unwrap();
    let root = "datasets/shop/INTERACTIONS";
    world.blobs.put(&format!("{}/0.parquet", first.blob_folder(root)), "half".into()).await.unwrap();
    // Another takes the job over, and again, until the attempts have two digits.
    let mut last = first.job.clone();
    for _ in 0..10 {
        let (version, job) = records::list::<Job>(&*world.records).await.unwrap().remove(0);
        let next = LeasedJob::lease(&shared(&world, "next", &Role::ALL), version, &job).await.unwrap().unwrap();
        world.blobs.put(&format!("{}/0.parquet", next.blob_folder(root)), "next".into()).await.unwrap();
        last = next.job.clone();
    }
    assert_eq!((first.job.attempts, last.attempts), (1, 11));
    // The paused one goes on: it can commit nothing, and removes its own files alone.
    assert!(matches!(first.step("published", Transaction::new()).await, Err(crate::stop::Stop::Lost)));
    assert_eq!(crate::orphans::remove_unnamed_of(&first, root).await.unwrap(), 1);
    assert_eq!(world.keys(root).await.len(), 10);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_campaign_is_active_when_every_live_process_that_serves_has_it() {
    let world = trained().await;
    let worker = start(shared(&world, "worker", &[Role::Worker])).await;
    let campaign = world.deploy(&arn("solution/s/v")).await;
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert!(world.get::<Campaign>(&campaign).await.status.is_creating(), "nobody serves");
    let one = start(shared(&world, "one", &[Role::Serving])).await;
    let two = start(shared(&world, "two", &[Role::Serving, Role::Api])).await;
    until("ACTIVE", async || world.get::<Campaign>(&campaign).await.status == Status::Active).await;
    for running in [&one, &two] {
        assert!(running.process.serving.campaigns.contains(&campaign));
    }
    assert!(!worker.process.serving.campaigns.contains(&campaign), "a worker has no models in memory");
    // A third one starts with what is ACTIVE.
    let three = start(shared(&world, "three", &[Role::Serving])).await;
    assert!(three.process.serving.campaigns.contains(&campaign));
    // One that died counts no more; meanwhile the second campaign waits for it.
    three.work.abort();
    let began = std::time::Instant::now();
    world.deploy_as("d", &arn("solution/s/v")).await;
    until("ACTIVE", async || world.get::<Campaign>(&arn("campaign/d")).await.status == Status::Active).await;
    assert!((7..30).contains(&began.elapsed().as_secs()), "{:?}", began.elapsed());
    for running in [worker, one, two] {
        running.end().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_model_that_cannot_be_opened_fails_the_campaign_with_the_reason() {
    let world = trained().await;
    for key in world.keys("artifacts/").await.iter().filter(|key| key.ends_with("manifest.json")) {
        world.blobs.delete(key).await.unwrap();
        world.blobs.put(key, "{}".into()).await.unwrap();
    }
    let worker = start(shared(&world, "worker", &[Role::Worker])).await;
    let serving = start(shared(&world, "serving", &[Role::Serving])).await;
    let campaign = world.deploy(&arn("solution/s/v")).await;
    until("failed", async || world.get::<Campaign>(&campaign).await.status == Status::CreateFailed).await;
    let reason = world.get::<Campaign>(&campaign).await.failure_reason.unwrap();
    assert!(reason.contains("cannot be opened"), "{reason}");
    worker.end().await;
    serving.end().await;
}

fn interactions() -> LogStream {
    LogStream { dataset_group_arn: arn("dataset-group/shop"), dataset_type: DatasetType::Interactions }
}

#[tokio::test(flavor = "multi_thread")]
async fn streamed_data_reaches_every_process_that_serves_in_the_order_of_the_log() {
    let world = trained().await;
    let a = start(shared(&world, "a", &Role::ALL)).await;
    let b = start(shared(&world, "b", &Role::ALL)).await;
    let campaign = world.deploy(&arn("solution/s/v")).await;
    until("ACTIVE", async || world.get::<Campaign>(&campaign).await.status == Status::Active).await;
    let items = |running: &Running| {
        let history = running.process.serving.snapshot(&campaign).unwrap().history("stranger", 1_000);
        history.into_iter().map(|event| event.item_id).collect::<Vec<_>>()
    };
    let stream = records::interactions_stream(&arn("dataset-group/shop"));
    let append = async |n: usize| {
        // All at one time, so that the history tells the order of their arrival.
        let event = InteractionEvent { timestamp_s: 1, ..event(n, "stranger", &format!("new-{n}")) };
        let event = records::encode_event(&event).unwrap();
        world.events.append(&stream, vec![event]).await.unwrap()[0]
    };
    // What a process appended itself is there when it answers.
    let position = append(1).await;
    a.process.deployer.tail.reach(&a.process, &interactions(), position).await.unwrap();
    assert_eq!(items(&a), ["new-1"]);
    // What another appended comes by a notification, or by a look.
    until("b has it", async || items(&b) == ["new-1"]).await;
    // Many at once, appended from both sides.
    let appended = futures::future::join_all((2..60).map(append)).await;
    let last = appended.into_iter().max().unwrap();
    a.process.deployer.tail.reach(&a.process, &interactions(), last).await.unwrap();
    let of_log: Vec<String> = world
        .events
        .read(&stream, 0, 1_000)
        .await
        .unwrap()
        .iter()
        .map(|entry| records::decode_event(&stream, entry).unwrap().item_id)
        .collect();
    assert_eq!(items(&a), of_log);
    until("b has them", async || items(&b).len() == of_log.len()).await;
    assert_eq!(items(&b), of_log, "in the same order");
    // One that starts later has them too.
    let c = start(shared(&world, "c", &[Role::Serving])).await;
    assert_eq!(items(&c), of_log);
    for running in [a, b, c] {
        running.end().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_of_items_reach_every_process_that_serves() {
    let world = World::new().await;
    world.upload("items.csv", "ITEM_ID,NAME\ni1,one\n").await;
    world.import("items", DatasetType::Items, "s3://bucket/items.csv", ImportMode::Full).await;
    let a = start(shared(&world, "a", &Role::ALL)).await;
    let b = start(shared(&world, "b", &[Role::Serving])).await;
    until("imported", async || no_job_is_left(&world).await).await;
    let group = arn("dataset-group/shop");
    let name = |running: &Running, id: &str| {
        let rows = running.process.serving.streamed.metadata_records(&group, DatasetType::Items);
        let (table, row) = rows.find(id)?;
        table.column("NAME").and_then(|column| column.get(row)).map(|value| format!("{value:?}"))
    };
    until("published", async || name(&a, "i1").is_some() && name(&b, "i1").is_some()).await;
    let row = StreamedRow { id: "i2".into(), columns: [("NAME".into(), "two".into())].into(), received_ms: 10 };
    let entry = records::encode_row("e1".into(), &row).unwrap();
    world.events.append(&records::rows_stream(&arn("dataset/shop/ITEMS")), vec![entry]).await.unwrap();
    until("both have the row", async || name(&a, "i2").is_some() && name(&b, "i2").is_some()).await;
    assert_eq!([name(&a, "i2"), name(&b, "i2")], [Some("Text(\"two\")".to_owned()), Some("Text(\"two\")".to_owned())]);
    a.end().await;
    b.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn users_are_forgotten_by_every_process_before_their_deletion_is_complete() {
    let world = trained().await;
    let worker = start(shared(&world, "worker", &[Role::Worker])).await;
    let one = start(shared(&world, "one", &[Role::Serving])).await;
    let two = start(shared(&world, "two", &[Role::Serving])).await;
    let campaign = world.deploy(&arn("solution/s/v")).await;
    until("ACTIVE", async || world.get::<Campaign>(&campaign).await.status == Status::Active).await;
    world.stream(&[event(1, "u1", "new"), event(2, "u2", "new"), event(3, "u3", "new")]).await;
    let streamed = |running: &Running, user: &str| {
        running
            .process
            .serving
            .snapshot(&campaign)
            .unwrap()
            .history(user, 100)
            .iter()
            .filter(|e| e.item_id == "new")
            .count()
    };
    until("streamed", async || streamed(&one, "u1") == 1 && streamed(&two, "u3") == 1).await;
    world.upload("users.csv", "USER_ID\nu1\nu2\n").await;
    let deletion = world.delete_users("d", "s3://bucket/users.csv").await;
    until("COMPLETED", async || world.get::<DataDeletionJob>(&deletion).await.status == DeletionStatus::Completed)
        .await;
    for running in [&one, &two] {
        assert_eq!(["u1", "u2", "u3"].map(|user| streamed(running, user)), [0, 0, 1]);
    }
    for running in [worker, one, two] {
        running.end().await;
    }
}
