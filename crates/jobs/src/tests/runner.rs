use super::*;
use crate::recover;
use tastemaker_domain::resource::Lease;

#[tokio::test(flavor = "multi_thread")]
async fn another_process_waits_for_a_lease_to_expire_and_a_start_voids_it() {
    let world = World::new().await;
    world.upload("a.csv", &ring_csv(100, 10)).await;
    let import = world.import("one", DatasetType::Interactions, "s3://bucket/a.csv", ImportMode::Full).await;
    let (_, mut job) = records::list::<Job>(&*world.records).await.unwrap().remove(0);
    job.lease = Some(Lease { owner: "other".into(), expires_ms: i64::MAX });
    world.put(&job).await;

    let ctx = world.process("p");
    let seen = Arc::new(AtomicU64::new(0));
    let polls = seen.clone();
    let clock = ctx.clock.clone();
    let counted = Process {
        deployer: ctx.deployer.clone(),
        ctx: JobsCtx {
            clock: Arc::new(move || {
                polls.fetch_add(1, Ordering::SeqCst);
                clock()
            }),
            ..ctx.ctx.clone()
        },
    };
    world.run_until(&counted, || seen.load(Ordering::SeqCst) > 5).await;
    assert_eq!(world.get::<DatasetImportJob>(&import).await.status, Status::CreatePending);

    assert_eq!(recover(&ctx).await.unwrap(), 1);
    world.run(&ctx).await;
    assert_eq!(world.get::<DatasetImportJob>(&import).await.status, Status::Active);
}

/// Whether somebody still works is told by the renewals of the lease and not by the clock.
#[tokio::test(flavor = "multi_thread")]
async fn a_lease_without_renewal_is_taken_over_whatever_its_time_says() {
    for expires_ms in [0, i64::MAX] {
        let world = World::new().await;
        world.upload("a.csv", &ring_csv(100, 10)).await;
        let import = world.import("one", DatasetType::Interactions, "s3://bucket/a.csv", ImportMode::Full).await;
        let (_, mut job) = records::list::<Job>(&*world.records).await.unwrap().remove(0);
        job.lease = Some(Lease { owner: "other".into(), expires_ms });
        world.put(&job).await;
        let mut ctx = world.process("p");
        ctx.settings.lease = Duration::from_millis(200);
        let began = std::time::Instant::now();
        world.run(&ctx).await;
        assert!(began.elapsed() >= Duration::from_millis(200), "{expires_ms}: {:?}", began.elapsed());
        assert_eq!(world.get::<DatasetImportJob>(&import).await.status, Status::Active, "{expires_ms}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lease_that_is_renewed_is_not_stolen_when_the_clock_jumps() {
    let world = World::new().await;
    world.upload("a.csv", &ring_csv(100, 10)).await;
    let import = world.import("one", DatasetType::Interactions, "s3://bucket/a.csv", ImportMode::Full).await;
    let (version, job) = records::list::<Job>(&*world.records).await.unwrap().remove(0);
    let mut owner = world.process("owner");
    owner.settings.lease = Duration::from_millis(400);
    let work = crate::leased_job::LeasedJob::lease(&owner, version, &job).await.unwrap().unwrap();
    let mut thief = world.process("thief");
    thief.settings.lease = Duration::from_millis(400);
    let began = std::time::Instant::now();
    let renewals = async {
        let mut last = 0;
        while began.elapsed() < Duration::from_millis(1200) {
            work.renew().await.unwrap();
            let (_, job) = records::list::<Job>(&*world.records).await.unwrap().remove(0);
            let lease = job.lease.unwrap();
            assert_eq!(lease.owner, "owner");
            assert!(lease.expires_ms > last, "a renewal extends the lease");
            last = lease.expires_ms;
            // Ten years ahead, and so on.
            world.now_ms.fetch_add(3650 * 24 * 3_600_000, Ordering::SeqCst);
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    let stopped = || began.elapsed() > Duration::from_millis(1100);
    tokio::join!(world.run_until(&thief, stopped), renewals);
    assert_eq!(world.get::<DatasetImportJob>(&import).await.status, Status::CreatePending);
    assert!(!work.cancel.is_cancelled());
}

#[tokio::test(flavor = "multi_thread")]
async fn no_job_waits_for_a_time_that_a_clock_ahead_has_written() {
    let world = World::new().await;
    world.upload("a.csv", &ring_csv(100, 10)).await;
    let ahead = 3650 * 24 * 3_600_000;
    world.now_ms.fetch_add(ahead, Ordering::SeqCst);
    let import = world.import("one", DatasetType::Interactions, "s3://bucket/a.csv", ImportMode::Full).await;
    world.now_ms.fetch_sub(ahead, Ordering::SeqCst);
    let ctx = world.process("p");
    tokio::time::timeout(Duration::from_secs(20), world.run(&ctx)).await.expect("the job does not wait ten years");
    assert_eq!(world.get::<DatasetImportJob>(&import).await.status, Status::Active);
}

/// Work of any kind that does not look at its switch holds up neither the stop nor other jobs.
#[tokio::test(flavor = "multi_thread")]
async fn a_stop_leaves_behind_what_does_not_end() {
    let world = World::new().await;
    world.upload("a.csv", &ring_csv(100, 10)).await;
    world.import("one", DatasetType::Interactions, "s3://bucket/a.csv", ImportMode::Full).await;
    let mut ctx = world.process("p");
    let stuck = Arc::new(AtomicU64::new(0));
    let (free, until_free) = std::sync::mpsc::channel::<()>();
    let (seen, until_free) = (stuck.clone(), std::sync::Mutex::new(until_free));
    ctx.progress = Arc::new(move |_, p| {
        if p.stage == "import" {
            seen.fetch_add(1, Ordering::SeqCst);
            let _ = until_free.lock().unwrap().recv();
        }
    });
    let stopped = world.run_until(&ctx, || stuck.load(Ordering::SeqCst) > 0);
    tokio::time::timeout(Duration::from_secs(20), stopped).await.expect("the stop comes");
    let (_, job) = records::list::<Job>(&*world.records).await.unwrap().remove(0);
    assert_eq!((job.lease, job.attempts), (None, 1), "the next start does it again");
    drop(free);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_that_never_works_ends_with_a_reason() {
    let world = World::new().await;
    world.upload("a.csv", &ring_csv(100, 10)).await;
    let import = world.import("one", DatasetType::Interactions, "s3://bucket/a.csv", ImportMode::Full).await;
    world.blobs.delete("s3/a.csv").await.unwrap();
    let mut ctx = world.process("p");
    ctx.settings.attempts_max = 3;
    world.run(&ctx).await;
    let failed: DatasetImportJob = world.get(&import).await;
    assert_eq!(failed.status, Status::CreateFailed);
    assert_eq!(failed.failure_reason.as_deref(), Some("The service gave up after 3 attempts."));
}

#[tokio::test(flavor = "multi_thread")]
async fn jobs_whose_resource_is_gone_disappear() {
    let world = World::new().await;
    for kind in EVERY_KIND {
        world.job(*kind, &arn("solution/s/gone")).await;
    }
    world.run(&world.process("p")).await;
    assert!(records::list::<Job>(&*world.records).await.unwrap().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn shutdown_gives_the_lease_back() {
    let world = World::new().await;
    world.upload("ring.csv", &ring_csv(300, 10)).await;
    world.import("ring", DatasetType::Interactions, "s3://bucket/ring.csv", ImportMode::Full).await;
    world.run(&world.process("p")).await;
    let version = world.train("v", "aws-user-personalization", |_| {}).await;
    let mut ctx = world.process("p");
    let training = Arc::new(AtomicU64::new(0));
    let seen = training.clone();
    ctx.progress = Arc::new(move |_, p| {
        seen.fetch_add(u64::from(p.stage == "train"), Ordering::SeqCst);
    });
    world.run_until(&ctx, || training.load(Ordering::SeqCst) > 0).await;
    let (_, job) = records::list::<Job>(&*world.records).await.unwrap().remove(0);
    assert_eq!((job.lease, job.step.as_str(), job.attempts), (None, "fit", 1));
    assert_eq!(world.get::<SolutionVersion>(&version).await.status, Status::CreateInProgress);
}

#[tokio::test(flavor = "multi_thread")]
async fn blobs_that_no_record_names_are_swept_at_the_start() {
    let world = World::new().await;
    for key in ["datasets/shop/INTERACTIONS/1-1/0.parquet", "artifacts/s/v/2-1/model.safetensors", "s3/upload"] {
        world.blobs.put(key, "x".into()).await.unwrap();
    }
    recover(&world.process("p")).await.unwrap();
    assert_eq!(world.keys("").await, ["s3/upload"]);
}
