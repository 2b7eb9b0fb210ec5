//! Tests of forgetting a user, and of what campaigns tell.

use crate::testing::{GROUP, Shop, event};
use hashbrown::HashMap;
use std::sync::Arc;
use tastemaker_domain::schema::DatasetType;

#[test]
fn a_user_is_forgotten_with_all_that_was_streamed() {
    let shop = Shop::new();
    shop.serving.observe(GROUP, &[event(1, "gone", "i3", "Click"), event(2, "stays", "i3", "Click")]);
    let group = shop.serving.streamed.group(GROUP);
    let remembered = |user: &str| group.item_events.remembered(user).len();
    assert_eq!((remembered("gone"), remembered("stays")), (1, 1));
    shop.serving.forget_users("another group", &["gone".into()].into());
    assert_eq!(remembered("gone"), 1);
    shop.serving.forget_users(GROUP, &["gone".into()].into());
    assert_eq!((remembered("gone"), remembered("stays")), (0, 1));
}

#[test]
fn a_snapshot_counts_its_items() {
    assert_eq!(Shop::new().snapshot().item_count(), 5);
}

#[test]
fn failures_are_in_the_order_of_their_arns() {
    let shop = Shop::new();
    let arns: Vec<String> = (0..30).map(|n| format!("campaign-{:02}", n * 7 % 30)).collect();
    let failures: HashMap<String, String> = arns.iter().map(|arn| (arn.clone(), "why".to_owned())).collect();
    shop.serving.campaigns.set_failures(failures);
    let told: Vec<String> = shop.serving.campaigns.failures().into_iter().map(|(arn, _)| arn).collect();
    assert_eq!(told.len(), 30);
    assert!(told.is_sorted(), "{told:?}");
}

#[test]
fn a_deleted_dataset_leaves_no_record() {
    let shop = Shop::new();
    shop.put_item(1, "i3", "Chair", 5.0);
    let streamed = &shop.serving.streamed;
    let known = |id: &str| streamed.metadata_records(GROUP, DatasetType::Items).find(id).is_some();
    assert!(known("i2") && known("i3"), "published and streamed");
    streamed.forget_table(GROUP, DatasetType::Users);
    assert!(known("i2") && known("i3"));
    streamed.forget_table(GROUP, DatasetType::Items);
    assert!(!known("i2") && !known("i3"));
    shop.put_item(2, "i4", "Desk", 5.0);
    assert!(known("i4"), "a new dataset of the type begins at its first row");
}

#[test]
fn a_deleted_group_leaves_nothing() {
    let shop = Shop::new();
    let streamed = &shop.serving.streamed;
    assert!(!streamed.has_interactions(GROUP));
    streamed.publish_interactions(GROUP, Some(Arc::default()));
    assert!(streamed.has_interactions(GROUP));
    assert_eq!(streamed.dataset_group_arns(), [GROUP]);
    streamed.forget(GROUP);
    assert!(streamed.dataset_group_arns().is_empty());
    assert!(!streamed.has_interactions(GROUP));
}
