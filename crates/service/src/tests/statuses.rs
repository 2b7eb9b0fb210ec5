//! The statuses in which something may be added to a resource, or the resource be deleted.

use super::bulk_jobs::{deletion, export};
use super::metric_attributions::{metric, new as new_attribution};
use super::*;
use crate::{deletion_jobs, event_trackers, export_jobs, metric_attributions, recommenders, solutions};

#[tokio::test]
async fn nothing_is_added_to_a_group_that_is_not_active() {
    let world = World::new();
    world.video_shop().await;
    let (ctx, caller) = (&world.ctx, &world.caller);
    let arn = world.arn("dataset-group/shop");
    let (_, group) = records::load::<DatasetGroup>(&*ctx.stores.records, &arn).await.expect("read").expect("there");
    world.end(&group, Status::CreateInProgress).await;
    let words = [arn.as_str(), "must be ACTIVE", "CREATE IN_PROGRESS"];
    refused(world.tracker("shop").await, "InUse", &words);
    refused(world.solution("gru").await, "InUse", &words);
    refused(world.filter("f", "INCLUDE ItemID WHERE Interactions.EVENT_TYPE IN ($T)").await, "InUse", &words);
    refused(world.recommender("aws-vod-most-popular").await, "InUse", &words);
    refused(deletion_jobs::create(ctx, caller, deletion(&world, "d")).await, "InUse", &words);
    let attribution = new_attribution(&world, "worth", vec![metric("n", "SAMPLECOUNT()")]);
    refused(metric_attributions::create(ctx, caller, attribution).await, "InUse", &words);
}

#[tokio::test]
async fn nothing_is_moved_to_or_from_a_dataset_that_is_not_active() {
    let world = World::new();
    let dataset = world.shop().await;
    world.end(&dataset, Status::CreateInProgress).await;
    let words = [dataset.arn.as_str(), "must be ACTIVE", "CREATE IN_PROGRESS"];
    refused(world.import("i", &dataset.arn, ImportMode::Full).await, "InUse", &words);
    let export = export("e", &dataset.arn, "s3://bucket/");
    refused(export_jobs::create(&world.ctx, &world.caller, export).await, "InUse", &words);
}

#[tokio::test]
async fn only_what_is_settled_is_deleted() {
    let world = World::new();
    let group = world.shop().await.dataset_group_arn;
    let ctx = &world.ctx;
    let tracker = world.tracker("shop").await.expect("a tracker");
    let solution = world.solution("gru").await.expect("a solution");
    let attribution = new_attribution(&world, "worth", vec![metric("n", "SAMPLECOUNT()")]);
    let mut attribution = metric_attributions::create(ctx, &world.caller, attribution).await.expect("an attribution");
    attribution.status = Status::CreateInProgress;
    world.write(&attribution).await;
    world.end(&tracker, Status::CreateInProgress).await;
    world.end(&solution, Status::CreateInProgress).await;
    let words = |arn| [arn, "CREATE IN_PROGRESS", "ACTIVE or CREATE FAILED"];
    refused(event_trackers::delete(ctx, &tracker.arn).await, "InUse", &words(&tracker.arn));
    refused(solutions::delete(ctx, &solution.arn).await, "InUse", &words(&solution.arn));
    refused(metric_attributions::delete(ctx, &attribution.arn).await, "InUse", &words(&attribution.arn));
    let (_, found) = records::load::<DatasetGroup>(&*ctx.stores.records, &group).await.expect("read").expect("there");
    world.end(&found, Status::CreateInProgress).await;
    refused(crate::dataset_groups::delete(ctx, &group).await, "InUse", &words(&group));
}

#[tokio::test]
async fn a_recommender_that_is_starting_is_not_deleted() {
    let world = World::new();
    world.video_shop().await;
    let recommender = world.recommender("aws-vod-most-popular").await.expect("a recommender");
    for status in [Status::CreateInProgress, Status::StartPending, Status::StopInProgress] {
        world.end(&recommender, status).await;
        let refusal = recommenders::delete(&world.ctx, &recommender.arn).await;
        refused(refusal, "InUse", &[&recommender.arn, status.as_str()]);
    }
}
