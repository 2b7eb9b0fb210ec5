//! Filters, and their quotas.

use super::*;
use crate::filters::{NewFilter, create, delete, describe, list, usable};
use crate::{Page, dataset_groups};
use tastemaker_domain::tags::Tags;

const UNSEEN: &str = r#"EXCLUDE ItemID WHERE Interactions.EVENT_TYPE IN ("buy")"#;

impl World {
    pub async fn filter(&self, name: &str, expression: &str) -> Result<Filter> {
        let new = NewFilter {
            name: name.into(),
            dataset_group_arn: self.arn("dataset-group/shop"),
            expression: expression.into(),
            tags: Tags::default(),
        };
        create(&self.ctx, &self.caller, new).await
    }
}

#[tokio::test]
async fn a_filter_lives_from_create_to_delete() {
    let world = World::new();
    let dataset = world.shop().await;
    let made = world.filter("Un-seen1", UNSEEN).await.expect("a filter");
    assert_eq!((made.status, made.arn.as_str()), (Status::Active, world.arn("filter/Un-seen1").as_str()));
    assert_eq!(describe(&world.ctx, &made.arn).await, Ok(made.clone()));
    refused(world.filter("Un-seen1", UNSEEN).await, "AlreadyExists", &[&made.arn]);

    let group = &dataset.dataset_group_arn;
    let listed = |group: Option<String>| {
        let world = &world;
        async move { list(&world.ctx, &world.caller, group.as_deref(), Page::default()).await.expect("a list").items }
    };
    assert_eq!(listed(None).await, std::slice::from_ref(&made));
    assert_eq!(listed(Some(group.clone())).await, std::slice::from_ref(&made));
    assert_eq!(listed(Some(world.arn("dataset-group/other"))).await, []);
    assert_eq!(usable(&world.ctx, &made.arn, group).await.expect("usable").1, made);
    let other = usable(&world.ctx, &made.arn, &world.arn("dataset-group/other")).await;
    refused(other, "InvalidInput", &["filterArn", &made.arn, "dataset-group/other"]);

    refused(dataset_groups::delete(&world.ctx, group).await, "InUse", &[group, &made.arn]);
    delete(&world.ctx, &made.arn).await.expect("deleted");
    refused(describe(&world.ctx, &made.arn).await, "NotFound", &[&made.arn]);
    refused(delete(&world.ctx, &made.arn).await, "NotFound", &[&made.arn]);
    let seen = world.filter_changes.lock().expect("not poisoned").clone();
    assert_eq!(seen, [format!("+{} {UNSEEN}", made.arn), format!("-{}", made.arn)]);
}

#[tokio::test]
async fn what_does_not_fit_the_group_is_refused_at_once() {
    let world = World::new();
    world.shop().await;
    let topic = r#"INCLUDE ItemID WHERE Items.GENRES IN ("a")"#;
    refused(world.filter("f", topic).await, "InvalidInput", &["Could not create filter", "no Items dataset"]);
    world.schema("things", ITEMS).await.expect("a schema");
    world.dataset("shop", "things", DatasetType::Items).await.expect("a dataset");
    world.filter("f", topic).await.expect("a filter");
    let colour = "INCLUDE ItemID WHERE Items.COLOUR IN ($C)";
    refused(world.filter("g", colour).await, "InvalidInput", &["no column 'COLOUR'", "GENRES"]);
    refused(world.filter("g", "INCLUDE").await, "InvalidInput", &["Could not create filter", "position 8"]);
    refused(world.filter("no name", UNSEEN).await, "InvalidInput", &["'no name'"]);
    let nowhere = NewFilter {
        name: "h".into(),
        dataset_group_arn: world.arn("dataset-group/none"),
        expression: UNSEEN.into(),
        tags: Tags::default(),
    };
    refused(create(&world.ctx, &world.caller, nowhere).await, "NotFound", &["dataset-group/none"]);
    assert_eq!(world.filter_changes.lock().expect("not poisoned").len(), 1);
}

#[tokio::test]
async fn a_dataset_that_is_being_deleted_hides_no_other() {
    let world = World::new();
    let clicks = world.shop().await;
    world.schema("things", ITEMS).await.expect("a schema");
    world.dataset("shop", "things", DatasetType::Items).await.expect("a dataset");
    world.end(&clicks, Status::DeletePending).await;
    world.filter("f", r#"INCLUDE ItemID WHERE Items.GENRES IN ("a")"#).await.expect("a filter");
    refused(world.filter("g", UNSEEN).await, "InvalidInput", &["no Interactions dataset"]);
}

#[tokio::test]
async fn only_an_active_filter_is_used_and_only_a_settled_one_deleted() {
    let world = World::new();
    let group = world.shop().await.dataset_group_arn;
    let filter = world.filter("f", UNSEEN).await.expect("a filter");
    world.end(&filter, Status::CreateInProgress).await;
    refused(usable(&world.ctx, &filter.arn, &group).await, "InUse", &[&filter.arn, "CREATE IN_PROGRESS"]);
    refused(delete(&world.ctx, &filter.arn).await, "InUse", &[&filter.arn, "CREATE IN_PROGRESS"]);
    world.end(&filter, Status::CreateFailed).await;
    delete(&world.ctx, &filter.arn).await.expect("deleted");
}

#[tokio::test]
async fn quotas_of_a_group() {
    let world = World::new();
    world.shop().await;
    let columns: Vec<_> = (0..22).map(|n| format!(r#"{{"name":"C{n}X","type":"int"}}"#)).collect();
    let items = format!(
        r#"{{"type":"record","name":"Items","namespace":"n","fields":[{{"name":"ITEM_ID","type":"string"}},{}],"version":"1.0"}}"#,
        columns.join(",")
    );
    world.schema("wide", &items).await.expect("a schema");
    world.dataset("shop", "wide", DatasetType::Items).await.expect("a dataset");
    let of = |columns: std::ops::Range<usize>| {
        let all: Vec<_> = columns.map(|n| format!("Items.C{n}X = 1")).collect();
        format!("INCLUDE ItemID WHERE {}", all.join(" AND "))
    };
    world.filter("a", &of(0..10)).await.expect("a filter");
    world.filter("b", &of(10..20)).await.expect("a filter");
    refused(world.filter("c", &of(20..21)).await, "LimitExceeded", &["21 different", "at most 20"]);
    for n in 2..30 {
        world.filter(&format!("f{n}"), &of(3..4)).await.expect("a filter");
    }
    refused(world.filter("last", &of(3..4)).await, "LimitExceeded", &["30 filters", "at most 30"]);
    world.group("other").await.expect("a group");
    world.dataset("other", "wide", DatasetType::Items).await.expect("a dataset");
    let elsewhere = NewFilter {
        name: "elsewhere".into(),
        dataset_group_arn: world.arn("dataset-group/other"),
        expression: of(12..22),
        tags: Tags::default(),
    };
    create(&world.ctx, &world.caller, elsewhere).await.expect("each group has its own fields and filters");
}
