//! Nothing spoils a message: slow, broken and overrun models, and a store that is down.

use crate::harness::{CAMPAIGN, GROUP, Options, Server, Trouble, arn, server_with};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tastemaker_domain::catalog;

const BUDGET: Duration = Duration::from_millis(60);

fn troubled(time: Option<Duration>) -> Server {
    let server = server_with(Options { budget: BUDGET, bare_items: true, ..Options::default() });
    server.publish_model(CAMPAIGN, &catalog::AWS_USER_PERSONALIZATION, Arc::new(Trouble(time)), false);
    let filter = tastemaker_filter::parse("INCLUDE ItemID WHERE Items.PRICE IN (\"5\")").unwrap();
    server.serving.filters.publish(GROUP, &arn("filter/cheap"), filter);
    server
}

#[tokio::test]
async fn slow_and_broken_models_are_stood_in_for() {
    for time in [Some(Duration::from_millis(400)), None] {
        let server = troubled(time);
        let started = Instant::now();
        let answer = server.get("/recommendations?user_id=known&n=3").await;
        assert_eq!((answer.status(), answer.header("x-recommendation-source")), (200, "fallback"), "{time:?}");
        assert_eq!(answer.header("cache-control"), "no-store");
        assert_eq!(answer.json()[0]["id"], "i0", "popular items");
        assert_eq!(answer.json().as_array().unwrap().len(), 3);
        let filtered = server.get("/recommendations?user_id=known&filter=cheap").await;
        assert_eq!(
            (filtered.header("x-recommendation-source"), filtered.json().as_array().unwrap().len()),
            ("fallback", 1)
        );
        let unranked = server.get("/rerank?user_id=known&items=i3,x,i/2").await;
        assert_eq!((unranked.status(), unranked.header("x-recommendation-source")), (200, "fallback"));
        let ids: Vec<_> = unranked.json().as_array().unwrap().iter().map(|i| i["id"].clone()).collect();
        assert_eq!(ids, ["i3", "x", "i/2"], "the order that was given");
        assert_eq!(unranked.json()[0]["name"], "Vase \"blue\" <ä>");
        assert!(started.elapsed() < Duration::from_secs(20));
        let object = server.get("/recommendations?user_id=known&shape=object&strict=1").await;
        assert_eq!(object.json()["source"], "fallback");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_flood_on_a_slow_model_is_answered_whole() {
    let server = Arc::new(troubled(Some(Duration::from_millis(200))));
    let asks = (0..200).map(|n| {
        let server = server.clone();
        tokio::spawn(
            async move { server.get(&format!("/recommendations?user_id=known&n={}", 1 + n % 5)).await.status() },
        )
    });
    for status in futures::future::join_all(asks).await {
        assert_eq!(status.unwrap(), 200);
    }
    assert_eq!(server.get("/health").await.status(), 200);
}

#[tokio::test]
async fn models_may_be_swapped_under_way() {
    let server = Arc::new(server_with(Options { cache: Duration::ZERO, ..Options::default() }));
    server.publish(CAMPAIGN, true, false);
    let swapping = {
        let server = server.clone();
        tokio::task::spawn_blocking(move || (0..200).for_each(|_| server.publish(CAMPAIGN, true, false)))
    };
    while !swapping.is_finished() {
        assert_eq!(server.get("/recommendations?user_id=known&n=2").await.status(), 200);
    }
}
