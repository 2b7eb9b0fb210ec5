//! The server outlives its handlers' faults and its callers' numbers.

use crate::harness::{CAMPAIGN, Options, SIGNER, Server, Trouble, operation, server, server_admitting, with_dataset};
use axum::body::{Body, Bytes};
use http::Request;
use http_body_util::BodyExt;
use serde_json::json;
use std::sync::Arc;
use std::time::Duration;
use tastemaker_http::AdmissionLimits;
use tastemaker_http::limits::{EVENTS_IN_FLIGHT_MAX, REQUESTS_IN_FLIGHT_MAX};
use tower::ServiceExt;

#[tokio::test]
async fn a_panic_is_an_error_without_detail() {
    let server = server();
    let recipe = &tastemaker_domain::catalog::AWS_USER_PERSONALIZATION;
    server.publish_model(CAMPAIGN, recipe, Arc::new(Trouble(None)), false);
    let body = json!({"campaignArn": CAMPAIGN, "userId": "known"});
    server.call("GetRecommendations", body).await.is_error(500, "InternalServerError", "internal error");
    let plain = server.get("/recommendations?user_id=known").await;
    assert_eq!((plain.status(), plain.header("x-recommendation-source")), (200, "fallback"));
    assert!(!plain.text().contains("secret"));
    assert_eq!(server.get("/health").await.status(), 200);
}

/// Requests to `path` whose bodies never end.
async fn hang(server: &Server, path: &str, count: usize) -> Vec<impl Future + use<>> {
    let endless = || Body::from_stream(futures::stream::pending::<Result<Bytes, std::io::Error>>());
    let mut under_way = Vec::new();
    for _ in 0..count {
        let request = Request::post(path).body(endless()).unwrap();
        let mut answer = Box::pin(server.router.clone().oneshot(request));
        assert!(futures::poll!(&mut answer).is_pending());
        under_way.push(answer);
    }
    under_way
}

#[tokio::test]
async fn more_requests_than_the_limit_are_throttled_at_once() {
    let server = server();
    with_dataset(&server).await;
    server.publish(CAMPAIGN, true, false);
    let mut under_way = hang(&server, "/recommendations", REQUESTS_IN_FLIGHT_MAX).await;
    server.call("ListSchemas", json!({})).await.is_error(400, "ThrottlingException", "try again");
    // Degrade, do not shed: what is computed from memory is answered all the same.
    assert_eq!(server.get("/recommendations?user_id=u").await.status(), 200);
    assert_eq!(server.get("/health").await.status(), 200);
    under_way.clear();
    assert_eq!(server.call("ListSchemas", json!({})).await.status(), 200);
}

#[tokio::test]
async fn a_flood_of_events_is_throttled_and_harms_nobody_else() {
    let server = server();
    server.publish(CAMPAIGN, true, false);
    let mut under_way = hang(&server, "/events", EVENTS_IN_FLIGHT_MAX).await;
    let events = || server.send(SIGNER.sign(operation("PutEvents", "{}")));
    events().await.is_error(429, "ThrottlingException", "try again");
    let list = server.call("GetRecommendations", json!({"campaignArn": CAMPAIGN, "userId": "u"})).await;
    assert_eq!((list.status(), server.call("ListSchemas", json!({})).await.status()), (200, 200));
    under_way.clear();
    events().await.is_error(400, "InvalidInputException", "");
}

#[tokio::test]
async fn a_campaign_with_a_full_line_throttles_and_the_others_answer_in_turn() {
    let limits = AdmissionLimits { computing_max: 1, waiting_max: 1 };
    let server = server_admitting(Options::default(), limits);
    let other = CAMPAIGN.replace("shop", "other");
    server.publish(CAMPAIGN, true, false);
    server.publish(&other, true, false);
    let ask = |campaign: &str| server.call("GetRecommendations", json!({"campaignArn": campaign, "userId": "known"}));
    let permit = server.admission.acquire(CAMPAIGN, 1, Duration::ZERO).await.unwrap();
    let mut waits = Box::pin(ask(CAMPAIGN));
    assert!(futures::poll!(&mut waits).is_pending());
    ask(CAMPAIGN).await.is_error(429, "ThrottlingException", "minProvisionedTPS");
    let mut others = Box::pin(ask(&other));
    assert!(futures::poll!(&mut others).is_pending());
    drop(permit);
    let (waited, other) = futures::join!(waits, others);
    assert_eq!((waited.status(), other.status(), ask(CAMPAIGN).await.status()), (200, 200, 200));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn models_are_swapped_under_load_without_a_failed_request() {
    let server = Arc::new(server());
    server.publish(CAMPAIGN, true, false);
    let asking: Vec<_> = (0..4)
        .map(|n| {
            let server = server.clone();
            tokio::spawn(async move {
                for k in 0..100 {
                    let body = json!({"campaignArn": CAMPAIGN, "userId": format!("u{n}-{k}"), "numResults": 2});
                    let answer = server.call("GetRecommendations", body).await;
                    assert_eq!(answer.status(), 200, "{}", answer.text());
                    assert_eq!(answer.json()["itemList"].as_array().unwrap().len(), 2);
                }
            })
        })
        .collect();
    let mut swaps = 0;
    while asking.iter().any(|task| !task.is_finished()) {
        server.publish(CAMPAIGN, true, swaps % 2 == 0);
        swaps += 1;
        tokio::task::yield_now().await;
    }
    for task in asking {
        task.await.unwrap();
    }
    assert!(swaps > 10, "{swaps} swaps");
}

#[tokio::test]
async fn answers_are_whole_at_any_size_of_the_question() {
    let server = server();
    server.publish(CAMPAIGN, true, false);
    let uri = format!("/recommendations?user_id=known&{}", "x=y&".repeat(10_000));
    let request = Request::get(uri).body(Body::empty()).unwrap();
    let answer = server.router.clone().oneshot(request).await.unwrap();
    assert_eq!(answer.status(), 200);
    assert!(answer.into_body().collect().await.unwrap().to_bytes().ends_with(b"]"));
}
