//! Campaigns.

use super::*;
use crate::campaigns::{self, CampaignChange};
use std::collections::BTreeMap;
use tastemaker_domain::resource::{CampaignConfig, JobKind};
use tastemaker_store::records::CAMPAIGNS_CHANNEL;

fn exploring(weight: &str) -> Option<CampaignConfig> {
    let item_exploration_config = BTreeMap::from([("explorationWeight".to_owned(), weight.to_owned())]);
    Some(CampaignConfig { item_exploration_config, ..CampaignConfig::default() })
}

#[tokio::test]
async fn a_campaign_begins_with_its_job() {
    let world = World::new();
    world.shop().await;
    let version = world.trained().await;
    let mut new = world.new_campaign("web", &version.arn);
    new.config = exploring("0.3");
    let campaign = campaigns::create(&world.ctx, &world.caller, new).await.expect("a campaign");
    assert_eq!((campaign.arn.as_str(), campaign.status), (world.arn("campaign/web").as_str(), Status::CreatePending));
    assert_eq!((campaign.min_provisioned_tps, campaign.config.clone()), (1, exploring("0.3")));
    assert_eq!(campaign.solution_version_arn, version.arn);
    assert_eq!(campaigns::describe(&world.ctx, &campaign.arn).await.as_ref(), Ok(&campaign));
    let jobs = world.jobs().await;
    assert!(jobs.iter().any(|j| j.kind == JobKind::Deploy && j.resource_arn == campaign.arn));
    refused(world.campaign("web", &version.arn).await, "AlreadyExists", &[&campaign.arn]);
}

#[tokio::test]
async fn campaigns_are_checked() {
    let world = World::new();
    world.shop().await;
    let version = world.trained().await;
    let solution = world.arn("solution/gru");
    refused(world.campaign("web", &solution).await, "NotFound", &[&solution, "$LATEST"]);
    for unknown in [format!("{solution}/00000000"), world.arn("solution/none/$LATEST"), world.arn("solution/none/0")] {
        refused(world.campaign("web", &unknown).await, "NotFound", &[&unknown]);
    }
    refused(world.campaign("web", "gru").await, "InvalidInput", &["'solutionVersionArn'", "'gru'"]);
    let create = async |change: &dyn Fn(&mut NewCampaign)| {
        let mut new = world.new_campaign("web", &version.arn);
        change(&mut new);
        campaigns::create(&world.ctx, &world.caller, new).await
    };
    refused(create(&|n| n.min_provisioned_tps = Some(0)).await, "InvalidInput", &["minProvisionedTPS", "at least 1"]);
    refused(create(&|n| n.config = exploring("1.5")).await, "InvalidInput", &["explorationWeight", "[0, 1]", "1.5"]);
    let sync = CampaignConfig { sync_with_latest_solution_version: Some(true), ..CampaignConfig::default() };
    let made = create(&|n| n.config = Some(sync.clone())).await;
    refused(made, "InvalidInput", &["syncWithLatestSolutionVersion", "/$LATEST"]);
    let metadata = CampaignConfig { enable_metadata_with_recommendations: Some(true), ..CampaignConfig::default() };
    let made = create(&|n| n.config = Some(metadata.clone())).await;
    refused(made, "InvalidInput", &["enableMetadataWithRecommendations", "Items dataset"]);
    world.schema("items", ITEMS).await.expect("a schema");
    world.dataset("shop", "items", DatasetType::Items).await.expect("a dataset");
    assert!(create(&|n| n.config = Some(metadata.clone())).await.is_ok());
}

#[tokio::test]
async fn only_active_versions_are_deployed_and_latest_means_the_newest_of_them() {
    let world = World::new();
    world.shop().await;
    world.solution("gru").await.expect("a solution");
    let alias = world.arn("solution/gru/$LATEST");
    refused(world.campaign("web", &alias).await, "InvalidInput", &["solution/gru", "no ACTIVE"]);
    let first = world.train("gru").await.expect("a version");
    refused(world.campaign("web", &first.arn).await, "InUse", &[&first.arn, "CREATE PENDING"]);
    world.end(&first, Status::CreateFailed).await;
    refused(world.campaign("web", &first.arn).await, "InvalidInput", &[&first.arn, "CREATE FAILED"]);
    world.end(&first, Status::Active).await;
    let second = world.train("gru").await.expect("a version");
    let third = world.train("gru").await.expect("a version");
    world.end(&second, Status::Active).await;
    let campaign = world.campaign("web", &alias).await.expect("a campaign");
    assert_eq!(campaign.solution_version_arn, second.arn);
    assert_ne!(campaign.solution_version_arn, third.arn);
}

#[tokio::test]
async fn an_update_waits_beside_the_old_values() {
    let world = World::new();
    world.shop().await;
    let first = world.trained().await;
    let campaign = world.campaign("web", &first.arn).await.expect("a campaign");
    let change = CampaignChange { min_provisioned_tps: Some(3), ..CampaignChange::default() };
    let early = campaigns::update(&world.ctx, &campaign.arn, change.clone()).await;
    refused(early, "InUse", &[&campaign.arn, "CREATE PENDING"]);
    world.end(&campaign, Status::Active).await;

    let second = world.train("gru").await.expect("a version");
    world.end(&second, Status::Active).await;
    let change = CampaignChange { solution_version_arn: Some(second.arn.clone()), config: exploring("0"), ..change };
    let updated = campaigns::update(&world.ctx, &campaign.arn, change).await.expect("an update");
    assert_eq!((&updated.solution_version_arn, updated.min_provisioned_tps, &updated.config), (&first.arn, 1, &None));
    assert_eq!(updated.status, Status::Active);
    let update = updated.latest_update.clone().expect("an update");
    assert_eq!((&update.solution_version_arn, update.min_provisioned_tps), (&second.arn, 3));
    assert_eq!((update.config, update.status), (exploring("0"), Status::CreatePending));
    assert_eq!(world.jobs().await.iter().filter(|j| j.kind == JobKind::Deploy).count(), 2);

    let busy = campaigns::update(&world.ctx, &campaign.arn, CampaignChange::default()).await;
    refused(busy, "InUse", &[&campaign.arn, "update", "CREATE PENDING"]);
    refused(campaigns::delete(&world.ctx, &campaign.arn).await, "InUse", &[&campaign.arn, "update"]);
    let beyond = CampaignChange { config: exploring("1.5"), ..CampaignChange::default() };
    refused(campaigns::update(&world.ctx, &campaign.arn, beyond).await, "InvalidInput", &["explorationWeight", "1.5"]);
    let none = world.arn("campaign/none");
    refused(campaigns::update(&world.ctx, &none, CampaignChange::default()).await, "NotFound", &[&none]);
}

#[tokio::test]
async fn an_update_without_changes_keeps_everything() {
    let world = World::new();
    world.shop().await;
    let version = world.trained().await;
    let mut new = world.new_campaign("web", &version.arn);
    (new.config, new.min_provisioned_tps) = (exploring("0.3"), Some(7));
    let campaign = campaigns::create(&world.ctx, &world.caller, new).await.expect("a campaign");
    world.end(&campaign, Status::CreateFailed).await;
    let updated = campaigns::update(&world.ctx, &campaign.arn, CampaignChange::default()).await.expect("an update");
    let update = updated.latest_update.expect("an update");
    assert_eq!(
        (update.solution_version_arn, update.min_provisioned_tps, update.config),
        (version.arn, 7, exploring("0.3"))
    );
}

#[tokio::test]
async fn an_update_stays_in_its_dataset_group() {
    let world = World::new();
    world.shop().await;
    let version = world.trained().await;
    let campaign = world.campaign("web", &version.arn).await.expect("a campaign");
    world.end(&campaign, Status::Active).await;
    world.group("other").await.expect("a group");
    world.dataset("other", "clicks", DatasetType::Interactions).await.expect("a dataset");
    let mut new = world.new_solution("other");
    new.dataset_group_arn = world.arn("dataset-group/other");
    crate::solutions::create(&world.ctx, &world.caller, new).await.expect("a solution");
    let foreign = world.train("other").await.expect("a version");
    world.end(&foreign, Status::Active).await;
    let change = CampaignChange { solution_version_arn: Some(foreign.arn.clone()), ..CampaignChange::default() };
    let refusal = campaigns::update(&world.ctx, &campaign.arn, change).await;
    refused(refusal, "InvalidInput", &["dataset-group/other", "dataset-group/shop"]);
}

#[tokio::test]
async fn create_waits_for_the_deployment() {
    let mut world = World::new();
    world.shop().await;
    let version = world.trained().await;
    world.ctx.deploy_wait = Duration::from_secs(60);
    let world = Arc::new(world);
    let runner = world.clone();
    let deploying = tokio::spawn(async move {
        let arn = runner.arn("campaign/web");
        let mut campaign = loop {
            match records::load::<Campaign>(&*runner.ctx.stores.records, &arn).await.expect("read") {
                Some((_, campaign)) => break campaign,
                None => tokio::task::yield_now().await,
            }
        };
        campaign.status = Status::Active;
        runner.write(&campaign).await;
        runner.ctx.stores.wakeups.notify(CAMPAIGNS_CHANNEL).await;
    });
    let campaign = world.campaign("web", &version.arn).await.expect("a campaign");
    assert_eq!(campaign.status, Status::Active);
    deploying.await.expect("deployed");
}

#[tokio::test]
async fn only_a_campaign_that_asks_for_it_follows_its_solution() {
    let world = World::new();
    world.shop().await;
    let first = world.trained().await;
    let fixed = world.campaign("fixed", &first.arn).await.expect("a campaign");
    let mut new = world.new_campaign("following", &world.arn("solution/gru/$LATEST"));
    new.config = Some(CampaignConfig { sync_with_latest_solution_version: Some(true), ..CampaignConfig::default() });
    let following = campaigns::create(&world.ctx, &world.caller, new).await.expect("a campaign");
    for campaign in [&fixed, &following] {
        world.end(campaign, Status::Active).await;
    }
    assert_eq!(campaigns::follow(&world.ctx, &following.arn).await, Ok(false), "it has the newest version");
    world.tick();
    let second = world.train("gru").await.expect("a version");
    world.end(&second, Status::Active).await;
    assert_eq!(campaigns::follow(&world.ctx, &fixed.arn).await, Ok(false));
    assert_eq!(campaigns::follow(&world.ctx, &following.arn).await, Ok(true));
    let update = campaigns::describe(&world.ctx, &following.arn).await.expect("there").latest_update;
    assert_eq!(update.map(|update| update.solution_version_arn), Some(second.arn));
    assert_eq!(campaigns::follow(&world.ctx, &following.arn).await, Ok(false), "it is being updated");
}
