//! Tags, from the creation to the deletion of their resource.

use super::*;
use crate::{campaigns, dataset_groups, solutions, tags};
use tastemaker_domain::tags::Tags;

fn tags_of(pairs: &[(&str, &str)]) -> Tags {
    Tags::new(pairs.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned()))).expect("tags")
}

#[tokio::test]
async fn added_changed_and_removed() {
    let world = World::new();
    let group = world.group("shop").await.expect("a group").arn;
    assert!(tags::list(&world.ctx, &group).await.expect("listed").is_empty());
    tags::add(&world.ctx, &group, tags_of(&[("a", "1"), ("b", "1")])).await.expect("added");
    tags::add(&world.ctx, &group, tags_of(&[("b", "2")])).await.expect("changed");
    assert_eq!(tags::list(&world.ctx, &group).await, Ok(tags_of(&[("a", "1"), ("b", "2")])));
    tags::remove(&world.ctx, &group, &["a".into(), "zoo".into()]).await.expect("removed");
    assert_eq!(tags::list(&world.ctx, &group).await, Ok(tags_of(&[("b", "2")])));
    let many = Tags::new((0..50).map(|n| (format!("k{n}"), "".into()))).expect("fifty");
    refused(tags::add(&world.ctx, &group, many).await, "TooManyTags", &["51 tags"]);
}

#[tokio::test]
async fn creates_take_tags_and_deletions_take_them_along() {
    let world = World::new();
    world.shop().await;
    let version = world.trained().await;
    let mut new = world.new_campaign("web", &version.arn);
    new.tags = tags_of(&[("team", "shop")]);
    let arn = campaigns::create(&world.ctx, &world.caller, new.clone()).await.expect("a campaign").arn;
    assert_eq!(tags::list(&world.ctx, &arn).await, Ok(tags_of(&[("team", "shop")])));
    tags::add(&world.ctx, &version.arn, tags_of(&[("run", "1")])).await.expect("a version has tags");

    let (_, campaign) =
        records::load::<Campaign>(&*world.ctx.stores.records, &arn).await.expect("read").expect("present");
    world.end(&campaign, Status::Active).await;
    campaigns::delete(&world.ctx, &arn).await.expect("deleted");
    refused(tags::list(&world.ctx, &arn).await, "NotFound", &[&arn]);
    solutions::delete(&world.ctx, &version.solution_arn).await.expect("deleted");
    let left = world.ctx.stores.records.scan("tags/", None, 10).await.expect("scanned");
    assert!(left.is_empty(), "{left:?}");
}

#[tokio::test]
async fn only_some_kinds_have_tags() {
    let world = World::new();
    world.schema("clicks", INTERACTIONS).await.expect("a schema");
    for resource in ["schema/clicks", "metric-attribution/x", "campaign", "campaign/a/b", "dataset/shop"] {
        let arn = world.arn(resource);
        refused(tags::list(&world.ctx, &arn).await, "InvalidInput", &[&arn, "resourceArn", "campaign, "]);
    }
    let recipe = "arn:aws:personalize:::recipe/aws-sims";
    refused(tags::add(&world.ctx, recipe, Tags::default()).await, "InvalidInput", &[recipe]);
    for resource in ["campaign/a", "filter/a", "recommender/a", "solution/a", "solution/a/1", "dataset/a/ITEMS"] {
        refused(tags::list(&world.ctx, &world.arn(resource)).await, "NotFound", &[resource]);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn concurrent_tags_all_stay_and_none_outlives_its_resource() {
    let world = Arc::new(World::new());
    let group = world.group("shop").await.expect("a group").arn;
    let mut set = tokio::task::JoinSet::new();
    for n in 0..20 {
        let (world, group) = (world.clone(), group.clone());
        set.spawn(async move { tags::add(&world.ctx, &group, tags_of(&[(&format!("k{n}"), "")])).await });
    }
    assert!(set.join_all().await.iter().all(Result::is_ok));
    assert_eq!(tags::list(&world.ctx, &group).await.map(|t| t.as_map().len()), Ok(20));

    let racing = (world.clone(), group.clone());
    let adding =
        tokio::spawn(async move { tags::add(&racing.0.ctx, &racing.1, tags_of(&[("late", "")])).await.is_ok() });
    dataset_groups::delete(&world.ctx, &group).await.expect("deleted");
    adding.await.expect("joined");
    assert!(world.ctx.stores.records.scan("tags/", None, 10).await.expect("scanned").is_empty());
}
