//! The server outlives its handlers' faults and its callers' numbers.

use crate::harness::{
    CAMPAIGN, Options, SIGNER, Server, Trouble, operation, server, server_admitting, server_with, with_dataset,
};
use axum::body::{Body, Bytes};
use futures::StreamExt;
use http::{Request, Response};
use http_body_util::BodyExt;
use serde_json::json;
use std::convert::Infallible;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;
use tastemaker_http::access::Key;
use tastemaker_http::client_address::Peer;
use tastemaker_http::limits::{BODIES_BYTES_MAX, EVENTS_IN_FLIGHT_MAX, PARTS_PER_ADDRESS, REQUESTS_IN_FLIGHT_MAX};
use tastemaker_http::{Access, AdmissionLimits};
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

/// Requests for an operation, signed, with bodies that never end.
fn endless(operation_name: &str) -> impl Fn() -> Request<Body> {
    let signed = SIGNER.sign(operation(operation_name, "{}"));
    move || signed.clone().map(|_| Body::from_stream(futures::stream::pending::<Result<Bytes, std::io::Error>>()))
}

/// Requests whose bodies never end, `count` of what `request` makes.
async fn hang(
    server: &Server,
    count: usize,
    request: impl Fn() -> Request<Body>,
) -> Vec<Pin<Box<dyn Future<Output = Result<Response<Body>, Infallible>>>>> {
    let mut under_way: Vec<Pin<Box<dyn Future<Output = _>>>> = Vec::new();
    for _ in 0..count {
        let request = request();
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
    let mut under_way = hang(&server, REQUESTS_IN_FLIGHT_MAX, endless("GetRecommendations")).await;
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
    let mut under_way = hang(&server, EVENTS_IN_FLIGHT_MAX, endless("PutEvents")).await;
    let events = || server.send(SIGNER.sign(operation("PutEvents", "{}")));
    events().await.is_error(429, "ThrottlingException", "try again");
    let list = server.call("GetRecommendations", json!({"campaignArn": CAMPAIGN, "userId": "u"})).await;
    assert_eq!((list.status(), server.call("ListSchemas", json!({})).await.status()), (200, 200));
    under_way.clear();
    events().await.is_error(400, "InvalidInputException", "");
}

/// A request that never ends, with a header.
fn stranger(path: &str, name: &'static str, value: &str) -> Request<Body> {
    let endless = Body::from_stream(futures::stream::pending::<Result<Bytes, std::io::Error>>());
    Request::post(path).header(name, value).body(endless).unwrap()
}

fn closed() -> Options {
    Options { access: Access::keys(vec![Key::new("k", "t")]), ..Options::default() }
}

#[tokio::test]
async fn strangers_whose_bodies_stall_take_no_permit() {
    let server = server_with(closed());
    with_dataset(&server).await;
    let mut under_way = hang(&server, REQUESTS_IN_FLIGHT_MAX, || stranger("/recommendations", "x-a", "b")).await;
    for (path, service) in [("/personalize-ranking", "personalize"), ("/", "sts"), ("/", "iam"), ("/", "ssm")] {
        let signature = format!(
            "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20260102/eu-west-1/{service}/aws4_request, SignedHeaders=host, \
             Signature=0"
        );
        let unknown = || stranger(path, "authorization", &signature);
        under_way.extend(hang(&server, REQUESTS_IN_FLIGHT_MAX, unknown).await);
    }
    for path in ["/events", "/braze/currents", "/braze/webhook/x", "/rerank"] {
        under_way.extend(hang(&server, EVENTS_IN_FLIGHT_MAX, || stranger(path, "x-api-key", "wrong")).await);
    }
    assert_eq!(server.call("ListSchemas", json!({})).await.status(), 200);
    server.call("PutEvents", json!({})).await.is_error(400, "InvalidInputException", "");
    let events = Request::post("/events").header("x-api-key", "t").body(b"{}".to_vec()).unwrap();
    assert_eq!(server.send(events).await.status(), 400);
    drop(under_way);
}

/// More of strangers' bodies has arrived than all bodies may take, and none of it is held.
#[tokio::test]
async fn bodies_of_strangers_take_no_memory() {
    const PART: usize = 4_000_000;
    let server = server_with(closed());
    let part = Bytes::from(vec![b' '; PART]);
    let large = || {
        let first = Ok::<_, std::io::Error>(part.clone());
        Body::from_stream(futures::stream::iter([first]).chain(futures::stream::pending()))
    };
    let mut under_way = Vec::new();
    for path in ["/events", "/rerank", "/recommendations", "/braze/currents"] {
        let request = || Request::post(path).header("x-api-key", "wrong").body(large()).unwrap();
        under_way.extend(hang(&server, BODIES_BYTES_MAX / PART + 1, request).await);
    }
    let body = format!("{{\"x\":\"{}\"}}", " ".repeat(PART));
    let answer = server.send(SIGNER.sign(operation("ListSchemas", body))).await;
    assert_eq!(answer.status(), 200, "{}", answer.text());
    drop(under_way);
}

#[tokio::test]
async fn one_address_leaves_room_for_others() {
    let server = server();
    let from = |mut request: Request<Body>, address: &str| {
        request.extensions_mut().insert(Peer(address.parse().unwrap()));
        request
    };
    let list_schemas = endless("ListSchemas");
    let first = || from(list_schemas(), "203.0.113.1");
    let mut under_way = hang(&server, REQUESTS_IN_FLIGHT_MAX / PARTS_PER_ADDRESS, first).await;
    let list = |address| from(SIGNER.sign(operation("ListSchemas", "{}")).map(Body::from), address);
    let status = async |address| server.router.clone().oneshot(list(address)).await.unwrap().status().as_u16();
    assert_eq!((status("203.0.113.1").await, status("203.0.113.2").await), (400, 200));
    under_way.clear();
    assert_eq!(status("203.0.113.1").await, 200);
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
