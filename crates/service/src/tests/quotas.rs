//! Quotas, also when many create at once.

use super::*;
use crate::campaigns;
use tastemaker_domain::quotas::Quotas;

fn small() -> World {
    let mut world = World::new();
    world.ctx.quotas = Quotas {
        schemas: 2,
        dataset_groups: 2,
        solutions_per_group: 2,
        campaigns_per_group: 1,
        solution_versions_pending: 2,
        ..Quotas::default()
    };
    world
}

#[tokio::test]
async fn refusals_name_number_place_and_key() {
    let world = small();
    world.shop().await;
    world.schema("items", ITEMS).await.expect("a schema");
    let words = &["2 schemas", "at most 2", "region eu-west-1", "limits.schemas"];
    refused(world.schema("more", ITEMS).await, "LimitExceeded", words);
    refused(world.schema("items", ITEMS).await, "AlreadyExists", &["schema/items"]);
    world.group("second").await.expect("a group");
    refused(world.group("third").await, "LimitExceeded", &["dataset groups", "limits.dataset_groups"]);
    let version = world.trained().await;
    world.solution("second").await.expect("a solution");
    refused(world.solution("third").await, "LimitExceeded", &["2 solutions", "dataset-group/shop"]);
    let campaign = world.campaign("web", &version.arn).await.expect("a campaign");
    refused(world.campaign("app", &version.arn).await, "LimitExceeded", &["campaigns", "limits.campaigns_per_group"]);
    world.end(&campaign, Status::Active).await;
    campaigns::delete(&world.ctx, &campaign.arn).await.expect("deleted");
    world.campaign("app", &version.arn).await.expect("a place is free");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn no_quota_is_passed_by_haste() {
    let world = Arc::new(small());
    let mut set = tokio::task::JoinSet::new();
    for n in 0..12 {
        let world = world.clone();
        set.spawn(async move { world.schema(&format!("s{n}"), ITEMS).await });
    }
    let made = set.join_all().await;
    assert_eq!(made.iter().filter(|r| r.is_ok()).count(), 2);
    assert!(made.iter().flat_map(|r| r.as_ref().err()).all(|e| matches!(e, Error::LimitExceeded(_))), "{made:?}");
}
