//! Lists.

use super::*;
use crate::{Listed, Page, datasets, event_trackers, import_jobs, schemas, solutions};
use std::collections::BTreeSet;

fn page(max_results: usize, next_token: Option<String>) -> Page {
    Page { max_results, next_token }
}

#[tokio::test]
async fn pages_hold_every_resource_once_in_order() {
    let world = World::new();
    for n in 0..250 {
        if n % 2 == 0 {
            world.tick();
        }
        world.schema(&format!("s{:03}", 249 - n), ITEMS).await.expect("a schema");
    }
    let (mut names, mut sizes, mut tokens, mut token) = (Vec::new(), Vec::new(), BTreeSet::new(), None);
    loop {
        let listed = schemas::list(&world.ctx, &world.caller, page(100, token)).await.expect("a page");
        sizes.push(listed.items.len());
        names.extend(listed.items.into_iter().map(|s| (s.created_ms, s.name)));
        let Some(next) = listed.next_token else { break };
        assert!(next.is_ascii() && next.len() <= 1500 && tokens.insert(next.clone()), "{next}");
        token = Some(next);
    }
    assert_eq!(sizes, [100, 100, 50]);
    assert!(names.is_sorted());
    assert_eq!(names.iter().collect::<BTreeSet<_>>().len(), 250);
    let whole = schemas::list(&world.ctx, &world.caller, page(50, None)).await.expect("a page");
    assert_eq!(whole.items.len(), 50);
}

#[tokio::test]
async fn a_page_ends_exactly_without_a_token() {
    let world = World::new();
    for n in 0..4 {
        world.group(&format!("g{n}")).await.expect("a group");
    }
    let list = async |max, token| crate::dataset_groups::list(&world.ctx, &world.caller, page(max, token)).await;
    assert_eq!(list(4, None).await.expect("a page").next_token, None);
    let first = list(2, None).await.expect("a page");
    let second = list(2, first.next_token).await.expect("a page");
    assert_eq!((second.items.len(), second.next_token), (2, None));
    assert_eq!(list(100, Some(String::new())).await.expect("the first page").items.len(), 4);
    for wrong in [0, 101] {
        refused(list(wrong, None).await, "InvalidInput", &["maxResults", "[1, 100]", &wrong.to_string()]);
    }
}

#[tokio::test]
async fn entries_made_or_removed_between_pages_neither_repeat_nor_hide_others() {
    let world = World::new();
    for n in 0..4 {
        world.tick();
        world.schema(&format!("s{n}"), ITEMS).await.expect("a schema");
    }
    let names = |listed: Listed<SchemaResource>| listed.items.into_iter().map(|s| s.name).collect::<Vec<_>>();
    let first = schemas::list(&world.ctx, &world.caller, page(2, None)).await.expect("a page");
    schemas::delete(&world.ctx, &world.arn("schema/s1")).await.expect("deleted");
    world.tick();
    world.schema("a-late-one", ITEMS).await.expect("a schema");
    let second = schemas::list(&world.ctx, &world.caller, page(9, first.next_token)).await.expect("a page");
    assert_eq!(names(second), ["s2", "s3", "a-late-one"]);
}

#[tokio::test]
async fn a_token_fits_its_own_query_only() {
    let mut world = World::new();
    world.schema("items", ITEMS).await.expect("a schema");
    world.schema("clicks", INTERACTIONS).await.expect("a schema");
    for group in ["a", "b"] {
        world.group(group).await.expect("a group");
        world.dataset(group, "items", DatasetType::Items).await.expect("a dataset");
        world.dataset(group, "clicks", DatasetType::Interactions).await.expect("a dataset");
    }
    let (a, b) = (world.arn("dataset-group/a"), world.arn("dataset-group/b"));
    let first = datasets::list(&world.ctx, &world.caller, Some(&a), page(1, None)).await.expect("a page");
    let token = first.next_token.expect("a second page");
    let second = datasets::list(&world.ctx, &world.caller, Some(&a), page(1, Some(token.clone()))).await;
    assert_eq!(second.expect("a page").items.len(), 1);

    let bad = |result: Result<()>| refused(result, "InvalidNextToken", &["nextToken"]);
    let ctx = &world.ctx;
    let token = || page(1, Some(token.clone()));
    bad(datasets::list(ctx, &world.caller, Some(&b), token()).await.map(drop));
    bad(datasets::list(ctx, &world.caller, None, token()).await.map(drop));
    bad(solutions::list(ctx, &world.caller, Some(&a), token()).await.map(drop));
    let mut tampered = token().next_token.expect("a token").into_bytes();
    let last = tampered.len() - 3;
    tampered[last] = if tampered[last] == b'A' { b'B' } else { b'A' };
    let long = "x".repeat(1500);
    for text in [String::from_utf8_lossy(&tampered).as_ref(), "x", "!!", "ä", &long, "AAAAAAAAAAAAAAAAAAAAAAAA"] {
        bad(datasets::list(ctx, &world.caller, Some(&a), page(1, Some(text.to_owned()))).await.map(drop));
    }
    let elsewhere = Caller { scope: Scope::new("us-east-1", "123456789012") };
    let foreign = datasets::list(ctx, &elsewhere, Some(&a), token()).await.map(drop);
    refused(foreign, "InvalidInput", &["datasetGroupArn", "eu-west-1", "us-east-1"]);
    world.caller = elsewhere;
    assert_eq!(schemas::list(&world.ctx, &world.caller, Page::default()).await.expect("a page").items, []);
}

#[tokio::test]
async fn filters_are_arns_of_parents_that_need_not_exist() {
    let world = World::new();
    world.shop().await;
    world.tracker("shop").await.expect("a tracker");
    let none = world.arn("dataset-group/none");
    let trackers = async |arn: &str| event_trackers::list(&world.ctx, &world.caller, Some(arn), Page::default()).await;
    assert_eq!(trackers(&none).await.expect("a page").items, []);
    assert_eq!(trackers(&world.arn("dataset-group/shop")).await.expect("a page").items.len(), 1);
    refused(trackers("shop").await, "InvalidInput", &["'datasetGroupArn'", "'shop'"]);
    let of_all = event_trackers::list(&world.ctx, &world.caller, None, Page::default()).await.expect("a page");
    assert_eq!(of_all.items.len(), 1);
    let jobs = import_jobs::list(&world.ctx, &world.caller, Some(&none), Page::default()).await;
    refused(jobs, "InvalidInput", &["'datasetArn'"]);
}

#[tokio::test]
async fn import_jobs_are_listed_newest_first() {
    let world = World::new();
    let dataset = world.shop().await;
    for name in ["b", "c", "a"] {
        world.tick();
        let import = world.import(name, &dataset.arn, ImportMode::Full).await.expect("an import");
        world.end(&import, Status::Active).await;
    }
    let mut names = Vec::new();
    let mut token = None;
    loop {
        let listed =
            import_jobs::list(&world.ctx, &world.caller, Some(&dataset.arn), page(1, token)).await.expect("a page");
        names.extend(listed.items.into_iter().map(|j| j.job_name));
        token = listed.next_token;
        if token.is_none() {
            break;
        }
    }
    assert_eq!(names, ["a", "c", "b"]);
}
