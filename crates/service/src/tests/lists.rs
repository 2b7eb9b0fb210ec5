//! Lists: of the whole region, and of one parent.

use super::bulk_jobs::{deletion, export, inference};
use super::metric_attributions::{metric, new as new_attribution};
use super::*;
use crate::paging::other_regions;
use crate::{
    Page, batch_jobs, campaigns, deletion_jobs, event_trackers, export_jobs, filters, import_jobs, metric_attributions,
    recommenders, solution_versions, solutions,
};
use tastemaker_domain::resource::{DataDeletionJob, DeletionStatus};

/// Asserts that a list without a parent, and that of `parent`, has the one resource there is, and that of `other` nothing.
macro_rules! assert_lists_by_parent {
    ($world:expr, $list:path, $parent:expr, $other:expr) => {{
        let count = async |parent: Option<&str>| {
            let listed = $list(&$world.ctx, &$world.caller, parent, Page::default()).await;
            listed.expect(stringify!($list)).items.len()
        };
        let counts = (count(None).await, count(Some(&$parent)).await, count(Some(&$other)).await);
        assert_eq!(counts, (1, 1, 0), stringify!($list));
    }};
}

#[tokio::test]
async fn each_list_is_of_the_region_or_of_one_parent() {
    let world = World::new();
    let dataset = world.shop().await;
    let version = world.trained().await;
    let (ctx, caller) = (&world.ctx, &world.caller);
    let (group, other_group) = (dataset.dataset_group_arn.clone(), world.arn("dataset-group/other"));
    let other_dataset = world.arn("dataset/other/INTERACTIONS");
    world.tracker("shop").await.expect("a tracker");
    world.filter("f", "INCLUDE ItemID WHERE Interactions.EVENT_TYPE IN ($T)").await.expect("a filter");
    let attribution = new_attribution(&world, "worth", vec![metric("n", "SAMPLECOUNT()")]);
    metric_attributions::create(ctx, caller, attribution).await.expect("an attribution");
    let import = world.import("i", &dataset.arn, ImportMode::Full).await.expect("an import");
    world.end(&import, Status::Active).await;
    export_jobs::create(ctx, caller, export("e", &dataset.arn, "s3://bucket/")).await.expect("an export");
    deletion_jobs::create(ctx, caller, deletion(&world, "d")).await.expect("a deletion");
    for (_, mut job) in records::list::<DataDeletionJob>(&*ctx.stores.records).await.expect("read") {
        job.status = DeletionStatus::Completed;
        world.write(&job).await;
    }
    world.campaign("web", &version.arn).await.expect("a campaign");

    assert_lists_by_parent!(world, event_trackers::list, group, other_group);
    assert_lists_by_parent!(world, filters::list, group, other_group);
    assert_lists_by_parent!(world, metric_attributions::list, group, other_group);
    assert_lists_by_parent!(world, import_jobs::list, dataset.arn, other_dataset);
    assert_lists_by_parent!(world, export_jobs::list, dataset.arn, other_dataset);
    assert_lists_by_parent!(world, deletion_jobs::list, group, other_group);
    assert_lists_by_parent!(world, solutions::list, group, other_group);
    assert_lists_by_parent!(world, campaigns::list, version.solution_arn, world.arn("solution/other"));
    // An unknown solution would be refused.
    let other_solution = world.solution("other").await.expect("a solution").arn;
    assert_lists_by_parent!(world, solution_versions::list, version.solution_arn, other_solution);

    let other_version = world.arn("solution/gru/00000000");
    let of_recipe = |recipe: &str| SolutionVersion {
        recipe_arn: format!("arn:aws:personalize:::recipe/{recipe}"),
        ..version.clone()
    };
    let mut lists = inference(&world, "lists");
    lists.job.solution_version_arn = version.arn.clone();
    let segments = lists.job.clone();
    world.write(&of_recipe("aws-popularity-count")).await;
    batch_jobs::create_inference(ctx, caller, lists).await.expect("a job");
    world.write(&of_recipe("aws-item-affinity")).await;
    batch_jobs::create_segment(ctx, caller, segments).await.expect("a job");
    assert_lists_by_parent!(world, batch_jobs::list_inference, version.arn, other_version);
    assert_lists_by_parent!(world, batch_jobs::list_segment, version.arn, other_version);
}

#[tokio::test]
async fn recommenders_are_listed_by_group() {
    let world = World::new();
    world.video_shop().await;
    world.recommender("aws-vod-most-popular").await.expect("a recommender");
    let (group, other) = (world.arn("dataset-group/shop"), world.arn("dataset-group/other"));
    assert_lists_by_parent!(world, recommenders::list, group, other);
}

#[tokio::test]
async fn the_other_regions_of_a_kind_are_known() {
    let world = World::new();
    world.shop().await;
    let in_region = |region: &str, account: &str| Caller { scope: Scope::new(region, account) };
    let others = async |caller: &Caller| {
        let datasets = other_regions::<Dataset>(&world.ctx, caller).await.expect("read");
        let campaigns = other_regions::<Campaign>(&world.ctx, caller).await.expect("read");
        (Vec::from_iter(datasets), Vec::from_iter(campaigns))
    };
    let elsewhere = in_region("us-east-1", "123456789012");
    assert_eq!(others(&elsewhere).await, (vec!["eu-west-1".to_owned()], vec![]));
    assert_eq!(others(&world.caller).await, (vec![], vec![]));
    assert_eq!(others(&in_region("us-east-1", "210987654321")).await, (vec![], vec![]), "another account");
}
