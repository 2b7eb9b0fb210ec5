//! Events whose impression another process knows.

use super::*;
use crate::{Nodes, ShownLists};
use tastemaker_domain::role::Roles;
use tastemaker_serving::ImpressionList;

const ONE: &str = "aaaaaaaa-0000-4000-8000-000000000000";
const TWO: &str = "bbbbbbbb-0000-4000-8000-000000000000";

async fn process(world: &World, id: &str) -> Process {
    let mut process = world.process(id);
    process.ctx.nodes = Arc::new(Nodes::sharing(id.into(), Roles::all(), 1));
    process.ctx.stores.wakeups = world.wakeups.clone();
    process.nodes.beat(&process.stores).await.unwrap();
    process
}

fn answers(process: &Process, stop: &watch::Sender<bool>) -> tokio::task::JoinHandle<()> {
    let (ctx, lists, shutdown) = (process.ctx.clone(), process.deployer.shown_lists.clone(), stop.subscribe());
    tokio::spawn(async move { lists.keep(ctx, shutdown).await })
}

async fn recall(process: &Process, ids: &[&str]) -> Vec<(String, Vec<String>)> {
    let ids = ids.iter().map(|id| (*id).to_owned()).collect();
    let lists: Arc<ShownLists> = process.deployer.shown_lists.clone();
    let mut found: Vec<_> = lists.recall(process.ctx.clone(), ids).await.into_iter().collect();
    found.sort();
    found
}

fn shown(process: &Process, id: &str, items: &[&str]) {
    process.serving.impressions.remember(id, ImpressionList::new("campaign".into(), items.iter().copied()));
}

async fn no_question_is_left(world: &World) -> bool {
    let keys = |prefix: &'static str| async move { world.records.scan(prefix, None, 1).await.unwrap().is_empty() };
    keys("asked-list/").await && keys("shown-list/").await
}

#[tokio::test(flavor = "multi_thread")]
async fn the_process_that_answered_is_asked_for_the_list() {
    let world = World::new().await;
    let (one, two) = (process(&world, ONE).await, process(&world, TWO).await);
    one.nodes.beat(&one.stores).await.unwrap();
    let (stop, _) = watch::channel(false);
    let loops = [answers(&one, &stop), answers(&two, &stop)];
    let (id, own, forgotten) = (format!("RID-{TWO}"), format!("RID-{ONE}"), "RID-bbbbbbbb-1111-4000-8000-000000000000");
    shown(&two, &id, &["i1", "i2"]);
    shown(&one, &own, &["i3"]);
    let all = [&*id, &own, forgotten, "RID-cccccccc-0000", "made up"];
    let expected = [(own.clone(), vec!["i3".to_owned()]), (id.clone(), vec!["i1".to_owned(), "i2".to_owned()])];
    assert_eq!(recall(&one, &all).await, expected);
    // Many at once are asked for once, and what is known is not asked for again.
    let two_of = [&*id];
    let many = futures::future::join_all((0..50).map(|_| recall(&one, &two_of))).await;
    assert!(many.iter().all(|found| found.len() == 1));
    let began = std::time::Instant::now();
    while !no_question_is_left(&world).await {
        assert!(began.elapsed() < Duration::from_secs(60));
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    stop.send(true).unwrap();
    for one in loops {
        one.await.unwrap();
    }
}

#[tokio::test]
async fn nobody_is_asked_who_is_gone_and_who_does_not_answer_is_not_waited_for_long() {
    let world = World::new().await;
    let (one, two) = (process(&world, ONE).await, process(&world, TWO).await);
    let (id, other) = (format!("RID-{TWO}"), format!("RID-{}", TWO.replace("0000", "1111")));
    // One does not know two yet.
    assert_eq!(recall(&one, &[&id]).await, []);
    assert!(no_question_is_left(&world).await);
    one.nodes.beat(&one.stores).await.unwrap();
    // Two has no loop that answers.
    assert_eq!(recall(&one, &[&id, &other]).await, []);
    assert_eq!(world.records.count("asked-list/bbbbbbbb/aaaaaaaa/").await.unwrap(), 2);
    // A late answer is taken in all the same.
    shown(&two, &id, &["i1"]);
    let (stop, _) = watch::channel(false);
    let loops = [answers(&one, &stop), answers(&two, &stop)];
    let began = std::time::Instant::now();
    while !no_question_is_left(&world).await {
        assert!(began.elapsed() < Duration::from_secs(60));
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    let asked = world.records.count("").await.unwrap();
    assert_eq!(recall(&one, &[&id]).await, [(id.clone(), vec!["i1".to_owned()])]);
    assert_eq!(world.records.count("").await.unwrap(), asked, "it is known by now");
    stop.send(true).unwrap();
    for one in loops {
        one.await.unwrap();
    }
}

#[tokio::test]
async fn a_request_that_ends_early_leaves_nothing_behind() {
    let world = World::new().await;
    let (one, _two) = (process(&world, ONE).await, process(&world, TWO).await);
    one.nodes.beat(&one.stores).await.unwrap();
    // More than may wait at once, one after another.
    for n in 0..300 {
        let id = format!("RID-bbbbbbbb-{n}");
        let ids = [&*id];
        let asking = recall(&one, &ids);
        assert!(tokio::time::timeout(Duration::from_millis(1), asking).await.is_err(), "{n}: it waits for an answer");
    }
}
