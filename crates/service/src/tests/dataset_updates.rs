//! UpdateDataset, and the datasets that make themselves.

use super::*;
use crate::datasets::Shown;
use crate::{Page, dataset_groups, datasets, event_trackers, schemas};
use tastemaker_store::records::action_dataset_arn;

const PRICED: &str = r#"{"type":"record","name":"Items","namespace":"com.amazonaws.personalize.schema",
 "fields":[{"name":"ITEM_ID","type":"string"},{"name":"GENRES","type":["null","string"],"categorical":true},
 {"name":"PRICE","type":["null","float"]}],"version":"1.0"}"#;

const TAKEN: &str = r#"{"type":"record","name":"Action_Interactions","namespace":"com.amazonaws.personalize.schema",
 "fields":[{"name":"USER_ID","type":"string"},{"name":"ACTION_ID","type":"string"},{"name":"EVENT_TYPE","type":"string"},
 {"name":"TIMESTAMP","type":"long"}],"version":"1.0"}"#;

async fn items(world: &World) -> Dataset {
    world.schema("items", ITEMS).await.expect("a schema");
    world.schema("priced", PRICED).await.expect("a schema");
    world.dataset("shop", "items", DatasetType::Items).await.expect("a dataset")
}

#[tokio::test]
async fn another_schema_takes_the_place() {
    let world = World::new();
    let clicks = world.shop().await;
    let items = items(&world).await;
    let update = async |arn: &str, schema: &str| {
        datasets::update(&world.ctx, &world.caller, arn, &world.arn(&format!("schema/{schema}"))).await
    };
    world.tick();
    let updated = update(&items.arn, "priced").await.expect("updated");
    let shown = updated.latest_update.expect("an update");
    assert_eq!(
        (shown.status, shown.schema_arn, shown.created_ms),
        (Status::Active, world.arn("schema/priced"), updated.updated_ms)
    );
    assert_eq!(updated.schema_arn, world.arn("schema/priced"));
    refused(schemas::delete(&world.ctx, &world.arn("schema/priced")).await, "InUse", &["dataset/shop/ITEMS"]);
    schemas::delete(&world.ctx, &world.arn("schema/items")).await.expect("no dataset uses the old schema");

    world.schema("narrow", ITEMS).await.expect("a schema");
    refused(update(&items.arn, "narrow").await, "InvalidInput", &["'PRICE'", "keep"]);
    refused(update(&items.arn, "clicks").await, "InvalidInput", &["INTERACTIONS", "ITEMS"]);
    refused(update(&items.arn, "none").await, "NotFound", &["schema/none"]);
    refused(update(&clicks.arn, "clicks").await, "InvalidInput", &["INTERACTIONS", "ITEMS and USERS"]);
    refused(update(&world.arn("dataset/none/ITEMS"), "priced").await, "NotFound", &["dataset/none"]);
}

#[tokio::test]
async fn no_update_during_imports_and_trainings() {
    let world = World::new();
    world.shop().await;
    let items = items(&world).await;
    let update = async || datasets::update(&world.ctx, &world.caller, &items.arn, &world.arn("schema/priced")).await;
    let import = world.import("first", &items.arn, ImportMode::Full).await.expect("an import");
    refused(update().await, "InUse", &[&import.arn]);
    world.end(&import, Status::Active).await;
    world.solution("gru").await.expect("a solution");
    let version = world.train("gru").await.expect("a training");
    refused(update().await, "InUse", &[&version.arn]);
    world.end(&version, Status::Active).await;
    assert!(update().await.is_ok());
}

#[tokio::test]
async fn an_event_tracker_brings_a_dataset() {
    let world = World::new();
    let clicks = world.shop().await;
    world.tick();
    let tracker = world.tracker("shop").await.expect("a tracker");
    let arn = world.arn("dataset/shop/EVENT_INTERACTIONS");
    let Shown::Events(events) = datasets::show(&world.ctx, &arn).await.expect("shown") else { panic!("a table") };
    assert_eq!((events.name.as_str(), events.status), ("web", Status::Active));
    let group = world.arn("dataset-group/shop");
    let arns = async |page: Page| {
        let listed = datasets::list(&world.ctx, &world.caller, Some(&group), page).await.expect("listed");
        let arns = listed.items.into_iter().map(|shown| match shown {
            Shown::Table(dataset) => dataset.arn,
            Shown::Events(dataset) => dataset.arn,
        });
        (arns.collect::<Vec<_>>(), listed.next_token)
    };
    let (first, next_token) = arns(Page { max_results: 1, next_token: None }).await;
    assert_eq!(first, std::slice::from_ref(&clicks.arn));
    assert_eq!(arns(Page { max_results: 1, next_token }).await, (vec![arn.clone()], None));
    refused(
        datasets::update(&world.ctx, &world.caller, &arn, &world.arn("schema/clicks")).await,
        "InvalidInput",
        &["EVENT_INTERACTIONS"],
    );

    event_trackers::delete(&world.ctx, &tracker.arn).await.expect("deleted");
    world.tracker("shop").await.expect("another tracker of the same group");
    assert_eq!(arns(Page::default()).await.0.len(), 2);
    datasets::delete(&world.ctx, &arn).await.expect("deleted");
    world.later();
    refused(datasets::show(&world.ctx, &arn).await, "NotFound", &[&arn]);
}

#[tokio::test]
async fn the_dataset_of_events_goes_with_its_group() {
    let world = World::new();
    let clicks = world.shop().await;
    let tracker = world.tracker("shop").await.expect("a tracker");
    event_trackers::delete(&world.ctx, &tracker.arn).await.expect("deleted");
    datasets::delete(&world.ctx, &clicks.arn).await.expect("deleted");
    let schema = crate::event_datasets::EVENT_SCHEMA_ARN;
    assert!(schemas::describe(&world.ctx, schema).await.and_then(|s| s.parsed()).is_ok());
    schemas::delete(&world.ctx, schema).await.expect("answered");
    dataset_groups::delete(&world.ctx, &clicks.dataset_group_arn).await.expect("deleted");
    let arn = world.arn("dataset/shop/EVENT_INTERACTIONS");
    refused(datasets::show(&world.ctx, &arn).await, "NotFound", &[&arn]);
}

#[tokio::test]
async fn action_interactions_have_a_tracking_id() {
    let world = World::new();
    let clicks = world.shop().await;
    assert_eq!(clicks.tracking_id, None);
    world.schema("taken", TAKEN).await.expect("a schema");
    let dataset = world.dataset("shop", "taken", DatasetType::ActionInteractions).await.expect("a dataset");
    let id = dataset.tracking_id.expect("a tracking id");
    let found = action_dataset_arn(&*world.ctx.stores.records, &id).await.expect("read");
    assert_eq!(found.as_deref(), Some(dataset.arn.as_str()));
    datasets::delete(&world.ctx, &dataset.arn).await.expect("deleted");
    assert_eq!(action_dataset_arn(&*world.ctx.stores.records, &id).await.expect("read"), None);
}
