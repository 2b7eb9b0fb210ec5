use super::*;
use crate::recover;
use tastemaker_domain::recommendation::{MetadataValue, Source};
use tastemaker_domain::resource::CampaignUpdate;
use tastemaker_training::catalog::{CATALOG_FILE, Catalog};

/// Interactions, an item that nobody touched, a popularity model and a campaign.
async fn shop(ctx: &Process, world: &World) -> String {
    world.upload("ring.csv", &ring_csv(110, 10)).await;
    world.upload("items.csv", "ITEM_ID,NAME\ni3,Lamp\ncold,Igloo\n").await;
    world.import("ring", DatasetType::Interactions, "s3://bucket/ring.csv", ImportMode::Full).await;
    world.import("items", DatasetType::Items, "s3://bucket/items.csv", ImportMode::Full).await;
    world.run(ctx).await;
    let version = world
        .train("v1", "aws-user-personalization", |v| {
            v.config.algorithm_hyper_parameters.insert("hidden_dimension".into(), "32".into());
        })
        .await;
    world.run(ctx).await;
    let campaign = world.deploy(&version).await;
    world.run(ctx).await;
    campaign
}

fn name_of(list: &RecommendationList, item: &str) -> Option<String> {
    let item = list.items.iter().find(|i| i.item_id == item)?;
    item.metadata.iter().find_map(|(_, value)| match value {
        MetadataValue::Text(text) => Some(text.clone()),
        _ => None,
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn from_files_to_answers_and_over_a_restart() {
    let world = World::new().await;
    let ctx = world.process("first");
    let campaign = shop(&ctx, &world).await;
    let deployed: Campaign = world.get(&campaign).await;
    assert_eq!((deployed.status, &deployed.failure_reason), (Status::Active, &None));
    let known = ask(&ctx, "u3").unwrap();
    assert_eq!((known.items.len(), known.source), (3, Source::Model));
    assert_eq!(ask(&ctx, "stranger").unwrap().source, Source::ColdStart);

    world.stream(&[event(1, "stranger", "i2")]).await;
    let again = world.process("second");
    recover(&again).await.unwrap();
    let warm = again.deployer.warm_up(&again).await.unwrap();
    assert_eq!((warm.campaigns, warm.events, warm.failed.len()), (1, 1, 0));
    assert_eq!(ask(&again, "u3").unwrap(), known);
    let stranger = ask(&again, "stranger").unwrap();
    assert_eq!(stranger.source, Source::Model);
    assert_eq!(stranger.items[0].item_id, "i3");
    assert_eq!(name_of(&stranger, "i3").as_deref(), Some("Lamp"));

    // The campaign that was created first comes first after another start, whatever the names.
    let deployed: Campaign = world.get(&campaign).await;
    let newer = Campaign { arn: arn("campaign/a"), name: "a".into(), created_ms: deployed.created_ms + 1, ..deployed };
    world.records.commit(vec![], vec![records::put(&newer).unwrap()]).await.unwrap();
    let third = world.process("third");
    third.deployer.warm_up(&third).await.unwrap();
    assert_eq!(third.serving.campaigns.arns_oldest_first(), [campaign, newer.arn]);
}

/// The stream refuses such events now; data directories of before have them.
#[tokio::test(flavor = "multi_thread")]
async fn streamed_events_of_the_future_are_neither_replayed_nor_trained_on() {
    let world = World::new().await;
    let ctx = world.process("first");
    world.upload("ring.csv", &ring_csv(110, 10)).await;
    world.import("ring", DatasetType::Interactions, "s3://bucket/ring.csv", ImportMode::Full).await;
    world.run(&ctx).await;
    let far = InteractionEvent { timestamp_s: 99_999_999_999, ..event(1, "stranger", "far") };
    world.stream(&[far, event(2, "other", "near")]).await;
    let version = world.train("v1", "aws-user-personalization", |_| {}).await;
    world.run(&ctx).await;
    let trained: SolutionVersion = world.get(&version).await;
    let file = format!("{}/{CATALOG_FILE}", trained.artifact_key.unwrap());
    let catalog = Catalog::from_bytes(&world.blobs.read_all(&file).await.unwrap()).unwrap();
    assert_eq!((catalog.items.get("far"), catalog.items.get("near").is_some()), (None, true));

    world.deploy(&version).await;
    world.run(&ctx).await;
    let again = world.process("second");
    recover(&again).await.unwrap();
    again.deployer.warm_up(&again).await.unwrap();
    assert_eq!(ask(&again, "stranger").unwrap().source, Source::ColdStart);
    assert_eq!(ask(&again, "other").unwrap().source, Source::Model);
}

#[tokio::test(flavor = "multi_thread")]
async fn new_item_data_and_deleted_campaigns_are_followed() {
    let world = World::new().await;
    let ctx = world.process("p");
    let campaign = shop(&ctx, &world).await;
    world.upload("items2.csv", "ITEM_ID,NAME\ni3,Lantern\n").await;
    world.import("items2", DatasetType::Items, "s3://bucket/items2.csv", ImportMode::Full).await;
    world.run(&ctx).await;
    ctx.deployer.warm_up(&ctx).await.unwrap();
    ctx.serving.observe(&arn("dataset-group/shop"), &[event(1, "stranger", "i2")]);
    assert_eq!(name_of(&ask(&ctx, "stranger").unwrap(), "i3").as_deref(), Some("Lantern"));

    world.records.commit(vec![], vec![records::delete::<Campaign>(&campaign)]).await.unwrap();
    ctx.deployer.warm_up(&ctx).await.unwrap();
    assert!(ask(&ctx, "u3").is_err());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_update_takes_over_or_leaves_the_old_answering() {
    let world = World::new().await;
    let ctx = world.process("p");
    let campaign_arn = shop(&ctx, &world).await;
    let popular = world.train("v2", "aws-popularity-count", |_| {}).await;
    world.run(&ctx).await;
    let update = |version: &str| CampaignUpdate {
        solution_version_arn: version.into(),
        min_provisioned_tps: 2,
        config: None,
        status: Status::CreatePending,
        failure_reason: None,
        created_ms: 5,
        updated_ms: 5,
    };
    let mut campaign: Campaign = world.get(&campaign_arn).await;
    campaign.latest_update = Some(update(&arn("solution/s/none")));
    world.put(&campaign).await;
    world.deploy_again(&campaign_arn).await;
    world.run(&ctx).await;
    let failed: Campaign = world.get(&campaign_arn).await;
    assert_eq!((failed.status, failed.min_provisioned_tps), (Status::Active, 1));
    let reason = failed.latest_update.clone().and_then(|u| u.failure_reason).unwrap();
    assert!(reason.contains("solution/s/none is not ACTIVE"), "{reason}");
    assert_eq!(ask(&ctx, "u3").unwrap().recipe, "aws-user-personalization");

    campaign.latest_update = Some(update(&popular));
    world.put(&campaign).await;
    world.deploy_again(&campaign_arn).await;
    world.run(&ctx).await;
    let updated: Campaign = world.get(&campaign_arn).await;
    assert_eq!((updated.solution_version_arn, updated.min_provisioned_tps), (popular, 2));
    assert_eq!(updated.latest_update.map(|u| u.status), Some(Status::Active));
    let snapshot = ctx.serving.snapshot(&campaign_arn).unwrap();
    assert_eq!((snapshot.recipe().name, snapshot.metadata_enabled()), ("aws-popularity-count", false));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_damaged_model_is_a_failure_with_a_reason() {
    let world = World::new().await;
    let ctx = world.process("p");
    let campaign_arn = shop(&ctx, &world).await;
    let version: SolutionVersion = world.get(&arn("solution/s/v1")).await;
    let key = format!("{}/model.safetensors", version.artifact_key.unwrap());
    world.blobs.delete(&key).await.unwrap();
    world.blobs.put(&key, "nonsense".into()).await.unwrap();
    let fresh = world.process("q");
    let warm = fresh.deployer.warm_up(&fresh).await.unwrap();
    assert_eq!(warm.failed.len(), 1);
    assert!(warm.failed[0].1.contains("model.safetensors is damaged"), "{:?}", warm.failed);
    let mut campaign: Campaign = world.get(&campaign_arn).await;
    campaign.status = Status::CreatePending;
    world.put(&campaign).await;
    world.deploy_again(&campaign_arn).await;
    world.run(&fresh).await;
    let failed: Campaign = world.get(&campaign_arn).await;
    assert_eq!(failed.status, Status::CreateFailed);
    assert!(failed.failure_reason.unwrap().contains("Train a new solution version"));
}

#[tokio::test(flavor = "multi_thread")]
async fn streamed_events_train_but_are_not_in_the_stored_histories() {
    let world = World::new().await;
    let ctx = world.process("p");
    world.upload("ring.csv", &ring_csv(110, 10)).await;
    world.import("ring", DatasetType::Interactions, "s3://bucket/ring.csv", ImportMode::Full).await;
    world.run(&ctx).await;
    world.stream(&[event(1, "newcomer", "fresh"), event(2, "newcomer", "i1")]).await;
    let version = world.train("v1", "aws-popularity-count", |_| {}).await;
    world.run(&ctx).await;
    let key = world.get::<SolutionVersion>(&version).await.artifact_key.unwrap();
    let bytes =
        tastemaker_store::BlobsExt::read_all(&*world.blobs, &format!("{key}/catalog.safetensors")).await.unwrap();
    let catalog = tastemaker_training::catalog::Catalog::from_bytes(&bytes).unwrap();
    assert!(catalog.items.get("fresh").is_some());
    assert_eq!((catalog.users.len(), catalog.users.get("newcomer")), (110, None));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_streamed_is_folded_in_at_intervals() {
    let world = World::new().await;
    let mut ctx = world.process("p");
    shop(&ctx, &world).await;
    let first = |ctx: &Process| ask(ctx, "stranger").unwrap().items[0].item_id.clone();
    let before = first(&ctx);
    assert_ne!(before, "cold");
    // More users than any other item has.
    let takes = |n: usize| InteractionEvent { user_id: format!("new{n}"), ..event(n, "", "cold") };
    ctx.serving.observe(&arn("dataset-group/shop"), &(0..200).map(takes).collect::<Vec<_>>());
    ctx.deployer.warm_up(&ctx).await.unwrap();
    assert_eq!(first(&ctx), before, "the next update is two hours away");
    ctx.settings.update_interval = Duration::ZERO;
    ctx.deployer.warm_up(&ctx).await.unwrap();
    assert_eq!(first(&ctx), "cold");
}

#[tokio::test(flavor = "multi_thread")]
async fn campaigns_on_one_version_hold_its_model_once() {
    let world = World::new().await;
    let ctx = world.process("p");
    let first = shop(&ctx, &world).await;
    let second = world.deploy_as("d", &arn("solution/s/v1")).await;
    world.run(&ctx).await;
    let snapshot = |campaign: &str| ctx.serving.snapshot(campaign).unwrap();
    assert!(snapshot(&first).shares_model_with(&snapshot(&second)));

    // Another configuration takes the model that is there, even where its files are gone.
    let key = world.get::<SolutionVersion>(&arn("solution/s/v1")).await.artifact_key.unwrap();
    world.blobs.delete(&format!("{key}/model.safetensors")).await.unwrap();
    let before = snapshot(&second);
    let mut campaign: Campaign = world.get(&second).await;
    campaign.config = None;
    world.put(&campaign).await;
    world.deploy_again(&second).await;
    world.run(&ctx).await;
    assert!(before.metadata_enabled() && !snapshot(&second).metadata_enabled());
    assert!(snapshot(&first).shares_model_with(&snapshot(&second)));

    // The last one that goes takes the model with it.
    for campaign in [&first, &second] {
        world.records.commit(vec![], vec![records::delete::<Campaign>(campaign)]).await.unwrap();
    }
    ctx.deployer.warm_up(&ctx).await.unwrap();
    let third = world.deploy_as("e", &arn("solution/s/v1")).await;
    world.run(&ctx).await;
    let failed: Campaign = world.get(&third).await;
    assert_eq!(failed.status, Status::CreateFailed, "nothing is left to share");
}
