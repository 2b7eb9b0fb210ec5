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
