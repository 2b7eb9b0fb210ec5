//! Bulk imports.

use super::*;
use crate::import_jobs;
use tastemaker_domain::resource::JobKind;

#[tokio::test]
async fn an_import_begins_with_its_job() {
    let world = World::new();
    let dataset = world.shop().await;
    let import = world.import("monday", &dataset.arn, ImportMode::Full).await.expect("an import");
    assert_eq!(
        (import.arn.as_str(), import.status),
        (world.arn("dataset-import-job/monday").as_str(), Status::CreatePending)
    );
    assert_eq!(import_jobs::describe(&world.ctx, &import.arn).await.as_ref(), Ok(&import));
    let jobs = world.jobs().await;
    assert_eq!(jobs.len(), 1);
    assert_eq!((jobs[0].kind, &jobs[0].resource_arn, jobs[0].attempts), (JobKind::Import, &import.arn, 0));
    assert!(jobs[0].id.starts_with("1700000000000-") && jobs[0].lease.is_none() && jobs[0].step.is_empty());
}

#[tokio::test]
async fn rules() {
    let world = World::new();
    let dataset = world.shop().await;
    let none = world.arn("dataset/none/ITEMS");
    refused(world.import("a", &none, ImportMode::Full).await, "NotFound", &[&none]);
    refused(world.import("a", "data", ImportMode::Full).await, "InvalidInput", &["'datasetArn'", "'data'"]);
    refused(world.import("", &dataset.arn, ImportMode::Full).await, "InvalidInput", &["'jobName'"]);
    let nowhere = NewImportJob {
        job_name: "a".into(),
        dataset_arn: dataset.arn.clone(),
        data_location: "https://bucket/x".into(),
        role_arn: None,
        import_mode: ImportMode::Full,
        publish_attribution_metrics_to_s3: false,
        tags: Default::default(),
    };
    let error = import_jobs::create(&world.ctx, &world.caller, nowhere).await;
    refused(error, "InvalidInput", &["Invalid Data location", "dataSource.dataLocation", "https://bucket/x"]);
    refused(world.import("a", &dataset.arn, ImportMode::Incremental).await, "InvalidInput", &["INCREMENTAL", "FULL"]);
    assert_eq!(world.jobs().await, []);

    let first = world.import("a", &dataset.arn, ImportMode::Full).await.expect("an import");
    refused(world.import("a", &dataset.arn, ImportMode::Full).await, "AlreadyExists", &[&first.arn]);
    let second = world.import("b", &dataset.arn, ImportMode::Full).await;
    refused(second, "InUse", &[&dataset.arn, &first.arn, "CREATE PENDING"]);

    world.end(&first, Status::CreateFailed).await;
    let early = world.import("b", &dataset.arn, ImportMode::Incremental).await;
    refused(early, "InvalidInput", &["INCREMENTAL", &dataset.arn]);
    world.end(&first, Status::Active).await;
    assert!(world.import("b", &dataset.arn, ImportMode::Incremental).await.is_ok());
}

#[tokio::test]
async fn imports_and_trainings_are_queued() {
    let world = World::new();
    let dataset = world.shop().await;
    world.solution("gru").await.expect("a solution");
    let version = world.train("gru").await.expect("a version");
    world.tick();
    let import = world.import("a", &dataset.arn, ImportMode::Full).await.expect("an import");
    world.tick();
    let second = world.train("gru").await.expect("a version");
    let queued: Vec<_> = world.jobs().await.into_iter().map(|job| (job.kind, job.resource_arn)).collect();
    let expected = [(JobKind::Train, version.arn), (JobKind::Import, import.arn), (JobKind::Train, second.arn)];
    assert_eq!(queued, expected);
}

#[tokio::test]
async fn five_imports_at_a_time_in_a_region() {
    let world = World::new();
    world.schema("items", ITEMS).await.expect("a schema");
    for n in 0..6 {
        let group = format!("g{n}");
        world.group(&group).await.expect("a group");
        let dataset = world.dataset(&group, "items", DatasetType::Items).await.expect("a dataset");
        let import = world.import(&group, &dataset.arn, ImportMode::Full).await;
        if n < 5 {
            import.expect("an import");
        } else {
            refused(import, "LimitExceeded", &["5", "eu-west-1"]);
        }
    }
}
