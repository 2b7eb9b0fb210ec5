//! Schemas, dataset groups and datasets.

use super::*;
use crate::{dataset_groups, datasets, schemas};
use tastemaker_domain::schema::DatasetDomain;

#[tokio::test]
async fn schemas_are_checked_and_kept_as_given() {
    let world = World::new();
    let schema = world.schema("clicks", INTERACTIONS).await.expect("a schema");
    assert_eq!(schema.arn, "arn:aws:personalize:eu-west-1:123456789012:schema/clicks");
    assert_eq!(schemas::describe(&world.ctx, &schema.arn).await.as_ref(), Ok(&schema));
    assert_eq!(
        (schema.text.as_str(), schema.created_ms, schema.updated_ms),
        (INTERACTIONS, 1_700_000_000_000, 1_700_000_000_000)
    );

    refused(world.schema("clicks", INTERACTIONS).await, "AlreadyExists", &[&schema.arn]);
    refused(world.schema("bad name", INTERACTIONS).await, "InvalidInput", &["'name'", "bad name"]);
    refused(world.schema("other", "{}").await, "InvalidInput", &[]);
    refused(world.schema("other", &" ".repeat(20_001)).await, "InvalidInput", &["20000", "20001"]);
    refused(schemas::describe(&world.ctx, &world.arn("schema/none")).await, "NotFound", &["schema/none"]);
    refused(schemas::describe(&world.ctx, &world.arn("solution/clicks")).await, "InvalidInput", &["'schemaArn'"]);
    refused(schemas::describe(&world.ctx, "clicks").await, "InvalidInput", &["'schemaArn'", "'clicks'"]);
}

#[tokio::test]
async fn a_group_is_active_at_once() {
    let world = World::new();
    let group = world.group("shop").await.expect("a group");
    assert_eq!(dataset_groups::describe(&world.ctx, &group.arn).await.map(|g| g.status), Ok(Status::Active));
    refused(world.group("shop").await, "AlreadyExists", &["dataset-group/shop"]);

    let new = |role: Option<&str>, key: Option<&str>| NewDatasetGroup {
        name: "sealed".into(),
        role_arn: role.map(str::to_owned),
        kms_key_arn: key.map(str::to_owned),
        domain: None,
        tags: Default::default(),
    };
    refused(
        dataset_groups::create(&world.ctx, &world.caller, new(Some("r"), None)).await,
        "InvalidInput",
        &["kmsKeyArn"],
    );
    refused(
        dataset_groups::create(&world.ctx, &world.caller, new(None, Some("k"))).await,
        "InvalidInput",
        &["roleArn"],
    );
    assert!(dataset_groups::create(&world.ctx, &world.caller, new(Some("r"), Some("k"))).await.is_ok());
}

#[tokio::test]
async fn one_dataset_of_each_type_with_a_fitting_schema() {
    let world = World::new();
    let dataset = world.shop().await;
    assert_eq!(dataset.arn, world.arn("dataset/shop/INTERACTIONS"));
    assert_eq!(datasets::describe(&world.ctx, &dataset.arn).await.map(|d| d.status), Ok(Status::Active));

    let again = world.dataset("shop", "clicks", DatasetType::Interactions).await;
    refused(again, "AlreadyExists", &["dataset/shop/INTERACTIONS"]);
    let wrong = world.dataset("shop", "clicks", DatasetType::Items).await;
    refused(wrong, "InvalidInput", &["schemaArn", "INTERACTIONS", "ITEMS"]);
    refused(world.dataset("shop", "none", DatasetType::Items).await, "NotFound", &["schema/none"]);
    refused(world.dataset("none", "clicks", DatasetType::Items).await, "NotFound", &["dataset-group/none"]);

    let group = dataset_groups::describe(&world.ctx, &dataset.dataset_group_arn).await.expect("a group");
    world.end(&group, Status::CreatePending).await;
    let early = world.dataset("shop", "clicks", DatasetType::Interactions).await;
    refused(early, "InUse", &["dataset-group/shop", "ACTIVE", "CREATE PENDING"]);
}

#[tokio::test]
async fn a_list_is_of_the_region_or_of_one_group() {
    let world = World::new();
    let dataset = world.shop().await;
    world.group("other").await.expect("a group");
    let other = world.dataset("other", "clicks", DatasetType::Interactions).await.expect("a dataset");
    let list = async |group: Option<&str>| {
        let page = datasets::list(&world.ctx, &world.caller, group, crate::Page::default()).await.expect("a list");
        let arns = page.items.into_iter().map(|shown| match shown {
            datasets::Shown::Table(dataset) => dataset.arn,
            datasets::Shown::Events(events) => events.arn,
        });
        arns.collect::<Vec<_>>()
    };
    assert_eq!(list(None).await, [other.arn.as_str(), &dataset.arn]);
    assert_eq!(list(Some(&other.dataset_group_arn)).await, [other.arn]);
}

#[tokio::test]
async fn domains_must_agree() {
    let world = World::new();
    world.schema("items", ITEMS).await.expect("a schema");
    let new = NewDatasetGroup {
        name: "store".into(),
        role_arn: None,
        kms_key_arn: None,
        domain: Some(DatasetDomain::Ecommerce),
        tags: Default::default(),
    };
    dataset_groups::create(&world.ctx, &world.caller, new).await.expect("a group");
    let mixed = world.dataset("store", "items", DatasetType::Items).await;
    refused(mixed, "InvalidInput", &["no domain", "domain ECOMMERCE"]);
}

#[tokio::test]
async fn parents_of_another_region_are_unknown() {
    let mut world = World::new();
    world.shop().await;
    let mut new = NewDataset {
        name: "items".into(),
        schema_arn: world.arn("schema/clicks"),
        dataset_group_arn: world.arn("dataset-group/shop"),
        dataset_type: DatasetType::Items,
        tags: Default::default(),
    };
    world.caller = Caller { scope: Scope::new("us-east-1", "123456789012") };
    let error = datasets::create(&world.ctx, &world.caller, new.clone()).await;
    let words = ["eu-west-1:123456789012:dataset-group/shop", "is of region eu-west-1", "is signed for us-east-1"];
    refused(error, "NotFound", &words);
    // A list of what belongs to it would be empty, and who cleans up would find nothing.
    let listed = datasets::list(&world.ctx, &world.caller, Some(&new.dataset_group_arn), crate::Page::default()).await;
    refused(listed, "InvalidInput", &["datasetGroupArn", "is of region eu-west-1", "is signed for us-east-1"]);
    let of_all = datasets::list(&world.ctx, &world.caller, None, crate::Page::default()).await.expect("a list");
    assert!(of_all.items.is_empty());
    new.dataset_group_arn = "arn:aws:personalize:us-east-1:123456789012:schema/x".into();
    refused(datasets::create(&world.ctx, &world.caller, new).await, "InvalidInput", &["'datasetGroupArn'"]);
}

#[tokio::test]
async fn one_tracker_in_a_group() {
    let world = World::new();
    world.shop().await;
    let tracker = world.tracker("shop").await.expect("a tracker");
    assert!(tracker.arn.starts_with(&world.arn("event-tracker/")));
    assert_eq!(tracker.arn.rsplit('/').next().map(str::len), Some(8));
    assert_eq!((tracker.tracking_id.len(), tracker.account_id.as_str()), (36, "123456789012"));
    refused(world.tracker("shop").await, "AlreadyExists", &[&tracker.arn]);
    refused(world.tracker("none").await, "NotFound", &["dataset-group/none"]);

    crate::event_trackers::delete(&world.ctx, &tracker.arn).await.expect("deleted");
    world.later();
    refused(crate::event_trackers::describe(&world.ctx, &tracker.arn).await, "NotFound", &[&tracker.arn]);
    let next = world.tracker("shop").await.expect("another tracker");
    assert_ne!(next.tracking_id, tracker.tracking_id);
}
