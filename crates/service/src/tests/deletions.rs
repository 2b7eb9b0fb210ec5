//! Deletions: what may be deleted when, and what goes with it.

use super::*;
use crate::{campaigns, dataset_groups, datasets, event_trackers, import_jobs, schemas, solution_versions, solutions};
use tastemaker_store::{BlobsExt, NewEvent};

#[tokio::test]
async fn everything_goes_in_the_order_of_the_samples() {
    let world = World::new();
    let dataset = world.shop().await;
    let (schema, group) = (dataset.schema_arn.clone(), dataset.dataset_group_arn.clone());
    let tracker = world.tracker("shop").await.expect("a tracker");
    let version = world.trained().await;
    let solution = version.solution_arn.clone();
    let campaign = world.campaign("web", &version.arn).await.expect("a campaign");
    let ctx = &world.ctx;

    refused(campaigns::delete(ctx, &campaign.arn).await, "InUse", &[&campaign.arn, "CREATE PENDING"]);
    world.end(&campaign, Status::Active).await;
    refused(solutions::delete(ctx, &solution).await, "InUse", &[&solution, &campaign.arn]);
    refused(schemas::delete(ctx, &schema).await, "InUse", &[&schema, &dataset.arn]);

    campaigns::delete(ctx, &campaign.arn).await.expect("deleted");
    let shown = campaigns::describe(ctx, &campaign.arn).await.expect("shown for a moment");
    assert_eq!((shown.status, shown.name.as_str()), (Status::DeletePending, "web"));
    campaigns::delete(ctx, &campaign.arn).await.expect("it is being deleted already");
    world.later();
    refused(campaigns::describe(ctx, &campaign.arn).await, "NotFound", &[&campaign.arn]);
    refused(campaigns::delete(ctx, &campaign.arn).await, "NotFound", &[&campaign.arn]);

    refused(dataset_groups::delete(ctx, &group).await, "InUse", &[&group, &tracker.arn]);
    event_trackers::delete(ctx, &tracker.arn).await.expect("deleted");
    refused(dataset_groups::delete(ctx, &group).await, "InUse", &[&group, &solution]);
    solutions::delete(ctx, &solution).await.expect("deleted");
    refused(solution_versions::describe(ctx, &version.arn).await, "NotFound", &[&version.arn]);
    refused(dataset_groups::delete(ctx, &group).await, "InUse", &[&group, &dataset.arn]);
    datasets::delete(ctx, &dataset.arn).await.expect("deleted");
    schemas::delete(ctx, &schema).await.expect("deleted");
    dataset_groups::delete(ctx, &group).await.expect("deleted");
    assert_eq!(dataset_groups::describe(ctx, &group).await.map(|g| g.status), Ok(Status::DeletePending));
    world.later();
    refused(dataset_groups::describe(ctx, &group).await, "NotFound", &[&group]);
    refused(dataset_groups::delete(ctx, &group).await, "NotFound", &[&group]);

    world.shop().await;
}

#[tokio::test]
async fn what_is_no_arn_of_the_kind_is_refused() {
    let world = World::new();
    let group = world.shop().await.dataset_group_arn;
    let ctx = &world.ctx;
    for wrong in ["shop", group.as_str()] {
        refused(datasets::delete(ctx, wrong).await, "InvalidInput", &["'datasetArn'", wrong]);
        refused(solutions::delete(ctx, wrong).await, "InvalidInput", &["'solutionArn'", wrong]);
        refused(event_trackers::delete(ctx, wrong).await, "InvalidInput", &["'eventTrackerArn'", wrong]);
        refused(campaigns::delete(ctx, wrong).await, "InvalidInput", &["'campaignArn'", wrong]);
    }
}

#[tokio::test]
async fn a_solution_waits_for_its_trainings_and_for_updates_towards_it() {
    let world = World::new();
    world.shop().await;
    let version = world.trained().await;
    let training = world.train("gru").await.expect("a version");
    for status in [Status::CreatePending, Status::CreateInProgress, Status::CreateStopping] {
        world.end(&training, status).await;
        refused(solutions::delete(&world.ctx, &version.solution_arn).await, "InUse", &[&training.arn]);
    }
    world.end(&training, Status::CreateStopped).await;

    world.solution("second").await.expect("a solution");
    let other = world.train("second").await.expect("a version");
    world.end(&other, Status::Active).await;
    let campaign = world.campaign("web", &version.arn).await.expect("a campaign");
    world.end(&campaign, Status::Active).await;
    let change = campaigns::CampaignChange { solution_version_arn: Some(other.arn.clone()), ..Default::default() };
    campaigns::update(&world.ctx, &campaign.arn, change).await.expect("an update");
    refused(solutions::delete(&world.ctx, &other.solution_arn).await, "InUse", &[&campaign.arn]);
    refused(solutions::delete(&world.ctx, &version.solution_arn).await, "InUse", &[&campaign.arn]);
}

#[tokio::test]
async fn a_deleted_solution_leaves_no_model() {
    let world = World::new();
    world.shop().await;
    let mut version = world.trained().await;
    version.artifact_key = Some("artifacts/a/1/".into());
    world.write(&version).await;
    for key in ["artifacts/a/1/manifest.json", "artifacts/a/1/model.safetensors", "artifacts/b/1/manifest.json"] {
        world.ctx.stores.blobs.put(key, "x".into()).await.expect("stored");
    }
    solutions::delete(&world.ctx, &version.solution_arn).await.expect("deleted");
    let left: Vec<_> =
        world.ctx.stores.blobs.list("artifacts/").await.expect("listed").into_iter().map(|b| b.key).collect();
    assert_eq!(left, ["artifacts/b/1/manifest.json"]);
}

#[tokio::test]
async fn a_dataset_waits_for_imports_and_trainings() {
    let world = World::new();
    let dataset = world.shop().await;
    let import = world.import("a", &dataset.arn, ImportMode::Full).await.expect("an import");
    refused(datasets::delete(&world.ctx, &dataset.arn).await, "InUse", &[&dataset.arn, &import.arn]);
    world.end(&import, Status::Active).await;
    world.solution("gru").await.expect("a solution");
    let training = world.train("gru").await.expect("a version");
    refused(datasets::delete(&world.ctx, &dataset.arn).await, "InUse", &[&dataset.arn, &training.arn]);
    world.end(&training, Status::Active).await;
    world.end(&dataset, Status::CreateInProgress).await;
    refused(datasets::delete(&world.ctx, &dataset.arn).await, "InUse", &[&dataset.arn, "CREATE IN_PROGRESS"]);
    world.end(&dataset, Status::Active).await;
    datasets::delete(&world.ctx, &dataset.arn).await.expect("deleted");
    refused(import_jobs::describe(&world.ctx, &import.arn).await, "NotFound", &[&import.arn]);
}

/// A dataset with bulk data, streamed events and a finished import.
async fn filled(world: &World) -> Dataset {
    let mut dataset = world.shop().await;
    let import = world.import("a", &dataset.arn, ImportMode::Full).await.expect("an import");
    world.end(&import, Status::Active).await;
    dataset.bulk_files = vec!["bulk/a.parquet".into()];
    world.write(&dataset).await;
    world.ctx.stores.blobs.put("bulk/a.parquet", "x".into()).await.expect("stored");
    let stream = records::interactions_stream(&dataset.dataset_group_arn);
    let event = NewEvent { id: "e".into(), body: "x".into() };
    world.ctx.stores.events.append(&stream, vec![event]).await.expect("stored");
    dataset
}

async fn assert_empty(world: &World, dataset: &Dataset) {
    world.later();
    refused(datasets::describe(&world.ctx, &dataset.arn).await, "NotFound", &[&dataset.arn]);
    let stream = records::interactions_stream(&dataset.dataset_group_arn);
    assert_eq!(world.ctx.stores.events.read(&stream, 0, 9).await.expect("read"), []);
    assert!(world.ctx.stores.blobs.read_all("bulk/a.parquet").await.is_err());
    assert!(records::list::<DatasetImportJob>(&*world.ctx.stores.records).await.expect("listed").is_empty());
}

#[tokio::test]
async fn a_dataset_goes_with_its_data() {
    let world = World::new();
    let dataset = filled(&world).await;
    datasets::delete(&world.ctx, &dataset.arn).await.expect("deleted");
    assert_empty(&world, &dataset).await;
    let again = world.dataset("shop", "clicks", DatasetType::Interactions).await.expect("a dataset");
    assert!(again.bulk_files.is_empty());
    let incremental = world.import("b", &again.arn, ImportMode::Incremental).await;
    refused(incremental, "InvalidInput", &["INCREMENTAL"]);
}

#[tokio::test]
async fn a_deletion_that_was_cut_short_is_finished() {
    for way in ["again", "start", "group"] {
        let world = World::new();
        let dataset = filled(&world).await;
        world.end(&dataset, Status::DeletePending).await;
        let taken = world.dataset("shop", "clicks", DatasetType::Interactions).await;
        refused(taken, "AlreadyExists", &[&dataset.arn]);
        match way {
            "again" => datasets::delete(&world.ctx, &dataset.arn).await.expect("deleted"),
            "start" => assert_eq!(datasets::finish_deletions(&world.ctx).await, Ok(1)),
            _ => dataset_groups::delete(&world.ctx, &dataset.dataset_group_arn).await.expect("deleted"),
        }
        assert_empty(&world, &dataset).await;
        assert_eq!(datasets::finish_deletions(&world.ctx).await, Ok(0));
    }
}

#[tokio::test]
async fn the_start_of_the_server_leaves_datasets_in_use_alone() {
    let world = World::new();
    let dataset = filled(&world).await;
    for status in [Status::Active, Status::CreatePending, Status::CreateInProgress, Status::CreateFailed] {
        world.end(&dataset, status).await;
        assert_eq!(datasets::finish_deletions(&world.ctx).await, Ok(0));
        assert_eq!(datasets::describe(&world.ctx, &dataset.arn).await.map(|found| found.status), Ok(status));
        assert!(world.ctx.stores.blobs.read_all("bulk/a.parquet").await.is_ok());
    }
}

#[tokio::test]
async fn a_name_is_free_at_once_and_what_was_deleted_is_forgotten() {
    let world = World::new();
    let group = world.group("shop").await.expect("a group").arn;
    dataset_groups::delete(&world.ctx, &group).await.expect("deleted");
    refused(world.dataset("shop", "none", DatasetType::Items).await, "NotFound", &["dataset-group/shop"]);
    world.group("shop").await.expect("a group of the same name");
    assert_eq!(dataset_groups::describe(&world.ctx, &group).await.map(|g| g.status), Ok(Status::Active));
    for n in 0..40 {
        world.later();
        let arn = world.group(&format!("g{n}")).await.expect("a group").arn;
        dataset_groups::delete(&world.ctx, &arn).await.expect("deleted");
    }
    let shown = world.ctx.stores.records.scan("deleted/", None, 100).await.expect("scanned");
    assert!(shown.len() <= 2, "{}", shown.len());
}
