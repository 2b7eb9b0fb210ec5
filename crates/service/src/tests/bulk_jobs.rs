//! Exports, deletions and batch jobs.

use super::*;
use crate::Page;
use crate::batch_jobs::{NewBatchJob, NewInferenceJob};
use crate::deletion_jobs::NewDeletionJob;
use crate::export_jobs::NewExportJob;
use crate::{batch_jobs, deletion_jobs, export_jobs};
use tastemaker_domain::resource::{
    BatchInferenceConfig, BatchInferenceJob, BatchInferenceMode, DataDeletionJob, DatasetExportJob, DeletionStatus,
    IngestionMode, JobKind, S3Location,
};
use tastemaker_domain::tags::Tags;

fn location(path: &str) -> S3Location {
    S3Location { path: path.into(), kms_key_arn: None }
}

pub fn export(job_name: &str, dataset_arn: &str, path: &str) -> NewExportJob {
    NewExportJob {
        job_name: job_name.into(),
        dataset_arn: dataset_arn.into(),
        ingestion_mode: IngestionMode::All,
        role_arn: "role".into(),
        output: location(path),
        tags: Tags::default(),
    }
}

#[tokio::test]
async fn exports() {
    let world = World::new();
    let dataset = world.shop().await;
    let (ctx, caller) = (&world.ctx, &world.caller);
    let made = export_jobs::create(ctx, caller, export("a", &dataset.arn, "s3://bucket/out")).await.expect("an export");
    assert_eq!((made.arn.as_str(), made.status), (world.arn("dataset-export-job/a").as_str(), Status::CreatePending));
    assert_eq!(export_jobs::describe(ctx, &made.arn).await.as_ref(), Ok(&made));
    assert_eq!(world.jobs().await[0].kind, JobKind::Export);
    let create =
        async |name: &str, arn: &str, path: &str| export_jobs::create(ctx, caller, export(name, arn, path)).await;
    refused(create("a", &dataset.arn, "s3://b/").await, "AlreadyExists", &[&made.arn]);
    refused(create("b", &dataset.arn, "/tmp").await, "InvalidInput", &["Invalid S3 output path", "jobOutput", "/tmp"]);
    refused(create("-", &dataset.arn, "s3://b/").await, "InvalidInput", &["'jobName'"]);
    let none = world.arn("dataset/shop/USERS");
    refused(create("b", &none, "s3://b/").await, "NotFound", &[&none]);
    for n in 0..4 {
        create(&format!("x{n}"), &dataset.arn, "s3://b/").await.expect("an export");
    }
    refused(create("b", &dataset.arn, "s3://b/").await, "LimitExceeded", &["5", "eu-west-1"]);
    world.end(&made, Status::Active).await;
    world.tick();
    create("b", &dataset.arn, "s3://b/").await.expect("an export");

    let listed = export_jobs::list(ctx, caller, Some(&dataset.arn), Page::default()).await.expect("a list").items;
    assert_eq!((listed.len(), listed[0].job_name.as_str()), (6, "b"), "newest first");
    assert!(export_jobs::list(ctx, caller, Some(&none), Page::default()).await.expect("a list").items.is_empty());
    crate::datasets::delete(ctx, &dataset.arn).await.expect("deleted");
    assert!(records::list::<DatasetExportJob>(&*ctx.stores.records).await.expect("read").is_empty());
}

pub fn deletion(world: &World, job_name: &str) -> NewDeletionJob {
    NewDeletionJob {
        job_name: job_name.into(),
        dataset_group_arn: world.arn("dataset-group/shop"),
        data_location: "s3://bucket/users.csv".into(),
        role_arn: "role".into(),
        tags: Tags::default(),
    }
}

#[tokio::test]
async fn deletions_and_work_on_the_data_exclude_each_other() {
    let world = World::new();
    let dataset = world.shop().await;
    let (ctx, caller) = (&world.ctx, &world.caller);
    let create = async |name: &str| deletion_jobs::create(ctx, caller, deletion(&world, name)).await;
    let (_, group) = records::load::<DatasetGroup>(&*ctx.stores.records, &dataset.dataset_group_arn)
        .await
        .expect("read")
        .expect("there");
    world.end(&group, Status::CreateInProgress).await;
    refused(create("a").await, "InUse", &[&group.arn, "CREATE IN_PROGRESS"]);
    world.end(&group, Status::Active).await;
    world.solution("gru").await.expect("a solution");
    let version = world.train("gru").await.expect("a version");
    refused(create("a").await, "InUse", &[&version.arn]);
    world.end(&version, Status::Active).await;
    let import = world.import("i", &dataset.arn, ImportMode::Full).await.expect("an import");
    refused(create("a").await, "InUse", &[&import.arn]);
    world.end(&import, Status::Active).await;

    let made = create("a").await.expect("a deletion");
    assert_eq!((made.arn.as_str(), made.status), (world.arn("data-deletion-job/a").as_str(), DeletionStatus::Pending));
    refused(create("a").await, "AlreadyExists", &[&made.arn]);
    refused(world.import("j", &dataset.arn, ImportMode::Full).await, "InUse", &[&made.arn, "PENDING"]);
    refused(world.train("gru").await, "InUse", &[&made.arn]);
    for n in 0..4 {
        create(&format!("x{n}")).await.expect("a deletion");
    }
    refused(create("b").await, "LimitExceeded", &["5 PENDING", "dataset-group/shop"]);
    let mut wrong = deletion(&world, "b");
    wrong.data_location = "users.csv".into();
    refused(deletion_jobs::create(ctx, caller, wrong).await, "InvalidInput", &["dataSource.dataLocation", "users.csv"]);

    for (_, mut job) in records::list::<DataDeletionJob>(&*ctx.stores.records).await.expect("read") {
        job.status = DeletionStatus::Completed;
        world.write(&job).await;
    }
    world.import("j", &dataset.arn, ImportMode::Full).await.expect("an import");
    let group = world.arn("dataset-group/shop");
    let page = Page { max_results: 2, next_token: None };
    let listed = deletion_jobs::list(ctx, caller, Some(&group), page).await.expect("a list");
    assert!(listed.items.len() == 2 && listed.next_token.is_some());
}

pub fn inference(world: &World, job_name: &str) -> NewInferenceJob {
    let version = world.arn("solution/gru/x");
    NewInferenceJob {
        job: NewBatchJob {
            job_name: job_name.into(),
            solution_version_arn: version,
            filter_arn: None,
            num_results: None,
            input: location("s3://bucket/in/users.json"),
            output: location("s3://bucket/out/"),
            role_arn: "role".into(),
            tags: Tags::default(),
        },
        mode: BatchInferenceMode::BatchInference,
        config: None,
        theme_item_name: None,
    }
}

#[tokio::test]
async fn batch_inference_rules() {
    let world = World::new();
    world.shop().await;
    let trained = world.trained().await;
    let (ctx, caller) = (&world.ctx, &world.caller);
    let of = async |recipe: &str, change: &dyn Fn(&mut NewInferenceJob)| {
        let mut version = trained.clone();
        version.recipe_arn = format!("arn:aws:personalize:::recipe/{recipe}");
        world.write(&version).await;
        let mut new = inference(&world, recipe);
        new.job.solution_version_arn = version.arn;
        change(&mut new);
        batch_jobs::create_inference(ctx, caller, new).await
    };
    let made = of("aws-popularity-count", &|_| {}).await.expect("a job");
    assert_eq!((made.num_results, made.status), (25, Status::CreatePending));
    assert_eq!(made.dataset_group_arn, world.arn("dataset-group/shop"));
    refused(of("aws-popularity-count", &|_| {}).await, "AlreadyExists", &[&made.arn]);
    refused(of("aws-trending-now", &|_| {}).await, "InvalidInput", &["aws-trending-now", "no batch inference"]);
    for (change, words) in [
        (
            &(|n: &mut NewInferenceJob| n.job.num_results = Some(501)) as &dyn Fn(&mut NewInferenceJob),
            &["numResults", "501"][..],
        ),
        (&|n| n.job.num_results = Some(-1), &["numResults", "-1"]),
        (&|n| n.job.job_name = "-".into(), &["'jobName'", "'-'"]),
        (&|n| n.job.input.path = "http://x/y".into(), &["Invalid S3 input path", "http://x/y"]),
        (&|n| n.job.output.path = "s3://".into(), &["Invalid S3 output path"]),
        (&|n| n.theme_item_name = Some("TITLE".into()), &["themeGenerationConfig", "THEME_GENERATION"]),
        (&|n| n.mode = BatchInferenceMode::ThemeGeneration, &["THEME_GENERATION", "aws-popularity-count"]),
        (
            &|n| {
                n.config = Some(BatchInferenceConfig {
                    ranking_influence: [("POPULARITY".into(), 0.5)].into(),
                    ..Default::default()
                })
            },
            &["rankingInfluence", "aws-popularity-count"],
        ),
        (
            &|n| {
                let item_exploration_config = [("explorationWeight".into(), "0.5".into())].into();
                n.config = Some(BatchInferenceConfig { item_exploration_config, ..Default::default() });
            },
            &["itemExplorationConfig", "aws-popularity-count"],
        ),
    ] {
        let changed = |new: &mut NewInferenceJob| {
            new.job.job_name = "other".into();
            change(new);
        };
        refused(of("aws-popularity-count", &changed).await, "InvalidInput", words);
    }
    let themes = |n: &mut NewInferenceJob| n.mode = BatchInferenceMode::ThemeGeneration;
    refused(of("aws-similar-items", &themes).await, "InvalidInput", &["fieldsForThemeGeneration.itemName", "required"]);
    let named = |n: &mut NewInferenceJob| {
        n.mode = BatchInferenceMode::ThemeGeneration;
        n.theme_item_name = Some("TITLE".into());
    };
    refused(of("aws-similar-items", &named).await, "InvalidInput", &["no Items dataset"]);
    let texts = r#"{"type":"record","name":"Items","fields":[{"name":"ITEM_ID","type":"string"},
        {"name":"TITLE","type":"string"},{"name":"ABOUT","type":"string","textual":true}]}"#;
    world.schema("texts", texts).await.expect("a schema");
    world.dataset("shop", "texts", DatasetType::Items).await.expect("a dataset");
    let themed = of("aws-similar-items", &named).await.expect("a job with themes");
    let column = themed.theme_item_name.as_deref();
    assert_eq!((themed.mode, column), (BatchInferenceMode::ThemeGeneration, Some("TITLE")));
    let weight = |n: &mut NewInferenceJob| {
        let item_exploration_config = [("explorationWeight".into(), "2".into())].into();
        n.config = Some(BatchInferenceConfig { item_exploration_config, ..Default::default() });
    };
    refused(of("aws-user-personalization", &weight).await, "InvalidInput", &["explorationWeight", "'2'"]);

    world.end(&trained, Status::CreateInProgress).await;
    let mut new = inference(&world, "early");
    new.job.solution_version_arn = trained.arn.clone();
    refused(batch_jobs::create_inference(ctx, caller, new).await, "InUse", &["CREATE IN_PROGRESS"]);
    world.end(&trained, Status::Active).await;
    let segment = async |recipe: &str| {
        let mut version = trained.clone();
        version.recipe_arn = format!("arn:aws:personalize:::recipe/{recipe}");
        world.write(&version).await;
        let mut job = inference(&world, "segment").job;
        job.solution_version_arn = version.arn;
        batch_jobs::create_segment(ctx, caller, job).await
    };
    refused(segment("aws-user-personalization").await, "InvalidInput", &["USER_PERSONALIZATION", "USER_SEGMENTATION"]);
    let made_segment = segment("aws-item-affinity").await.expect("a job");
    assert_eq!(made_segment.arn, world.arn("batch-segment-job/segment"));

    refused(deletion_jobs::create(ctx, caller, deletion(&world, "d")).await, "InUse", &[&made.arn]);
    for n in 0..3 {
        of("aws-popularity-count", &|new: &mut NewInferenceJob| new.job.job_name = format!("x{n}"))
            .await
            .expect("a job");
    }
    refused(
        of("aws-popularity-count", &|n: &mut NewInferenceJob| n.job.job_name = "x9".into()).await,
        "LimitExceeded",
        &["batch inference jobs", "5"],
    );
    let listed = batch_jobs::list_inference(ctx, caller, Some(&trained.arn), Page::default()).await.expect("a list");
    assert_eq!(listed.items.len(), 5);
    let listed: Vec<BatchInferenceJob> =
        batch_jobs::list_inference(ctx, caller, Some(&world.arn("solution/x/y")), Page::default())
            .await
            .expect("a list")
            .items;
    assert!(listed.is_empty());
}

#[tokio::test]
async fn a_deleted_group_takes_its_own_deletion_jobs_along() {
    let world = World::new();
    let mut arns = Vec::new();
    for group in ["a", "b"] {
        world.group(group).await.expect("a group");
        let mut new = deletion(&world, group);
        new.dataset_group_arn = world.arn(&format!("dataset-group/{group}"));
        arns.push(deletion_jobs::create(&world.ctx, &world.caller, new).await.expect("a deletion").arn);
    }
    for (_, mut job) in records::list::<DataDeletionJob>(&*world.ctx.stores.records).await.expect("read") {
        job.status = DeletionStatus::Completed;
        world.write(&job).await;
    }
    crate::dataset_groups::delete(&world.ctx, &world.arn("dataset-group/a")).await.expect("deleted");
    refused(deletion_jobs::describe(&world.ctx, &arns[0]).await, "NotFound", &[&arns[0]]);
    assert_eq!(deletion_jobs::describe(&world.ctx, &arns[1]).await.map(|job| job.arn), Ok(arns[1].clone()));
}

#[tokio::test]
async fn only_a_batch_job_under_way_holds_its_group_and_its_filter() {
    let world = World::new();
    world.shop().await;
    let version = world.trained().await;
    let (ctx, caller) = (&world.ctx, &world.caller);
    world
        .write(&SolutionVersion {
            recipe_arn: "arn:aws:personalize:::recipe/aws-item-affinity".into(),
            ..version.clone()
        })
        .await;
    let expression = "INCLUDE ItemID WHERE Interactions.EVENT_TYPE IN ($T)";
    let filter = world.filter("mine", expression).await.expect("a filter");
    let other_filter = world.filter("other", expression).await.expect("a filter");
    let mut job = inference(&world, "segment").job;
    (job.solution_version_arn, job.filter_arn) = (version.arn.clone(), Some(filter.arn.clone()));
    let mut made = batch_jobs::create_segment(ctx, caller, job).await.expect("a job");
    crate::filters::delete(ctx, &other_filter.arn).await.expect("no job uses it");
    refused(crate::filters::delete(ctx, &filter.arn).await, "InUse", &[&filter.arn, &made.arn]);
    refused(deletion_jobs::create(ctx, caller, deletion(&world, "d")).await, "InUse", &[&made.arn]);
    world.group("other").await.expect("a group");
    let mut elsewhere = deletion(&world, "elsewhere");
    elsewhere.dataset_group_arn = world.arn("dataset-group/other");
    deletion_jobs::create(ctx, caller, elsewhere).await.expect("no job of the group is under way");
    made.status = Status::Active;
    world.write(&made).await;
    crate::filters::delete(ctx, &filter.arn).await.expect("the job has ended");
    deletion_jobs::create(ctx, caller, deletion(&world, "d")).await.expect("the job has ended");

    for (_, mut job) in records::list::<DataDeletionJob>(&*ctx.stores.records).await.expect("read") {
        job.status = DeletionStatus::Completed;
        world.write(&job).await;
    }
    let recipe_arn = "arn:aws:personalize:::recipe/aws-popularity-count".into();
    world.write(&SolutionVersion { recipe_arn, ..version.clone() }).await;
    let mut lists = inference(&world, "lists");
    lists.job.solution_version_arn = version.arn.clone();
    let mut lists = batch_jobs::create_inference(ctx, caller, lists).await.expect("a job");
    refused(deletion_jobs::create(ctx, caller, deletion(&world, "e")).await, "InUse", &[&lists.arn]);
    lists.status = Status::CreateFailed;
    world.write(&lists).await;
    deletion_jobs::create(ctx, caller, deletion(&world, "e")).await.expect("the job has ended");
}
