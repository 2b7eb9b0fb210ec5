//! The server outlives its handlers' faults and its callers' numbers.

use crate::harness::{CAMPAIGN, GROUP, SIGNER, operation, server, with_dataset};
use axum::body::{Body, Bytes};
use http::Request;
use http_body_util::BodyExt;
use serde_json::json;
use std::sync::Arc;
use tastemaker_data::{Bitmap, IdMap};
use tastemaker_http::limits::REQUESTS_IN_FLIGHT_MAX;
use tastemaker_learn::{Ask, Event, Ranked, Scorer, Scratch, UserState};
use tastemaker_serving::{Histories, Snapshot, SnapshotParts};
use tower::ServiceExt;

struct Faulty;

impl Scorer for Faulty {
    fn item_count(&self) -> usize {
        0
    }
    fn start(&self) -> UserState {
        panic!("a secret detail")
    }
    fn observe(&self, _: &mut UserState, _: Event, _: &mut Scratch) {}
    fn scores<'s>(&self, _: &UserState, _: &Ask, _: &'s mut Scratch) -> &'s [f32] {
        &[]
    }
    fn top_k(&self, _: &UserState, _: &Ask, _: usize, _: Option<&Bitmap>, _: &mut Scratch) -> Ranked {
        Ranked { items: Vec::new(), log_partition: 0.0 }
    }
    fn has_probabilities(&self) -> bool {
        false
    }
}

#[tokio::test]
async fn a_panic_is_an_error_without_detail() {
    let server = server();
    let parts = SnapshotParts {
        dataset_group_arn: GROUP.into(),
        solution_version_arn: "v".into(),
        recipe: &tastemaker_domain::catalogue::AWS_USER_PERSONALIZATION,
        scorer: Arc::new(Faulty),
        popular: Arc::new(Faulty),
        items: IdMap::default(),
        event_types: IdMap::default(),
        histories: Histories::default(),
        event_type: None,
        metadata_enabled: false,
        exploration: None,
    };
    server.serving.publish(CAMPAIGN, Snapshot::new(parts).unwrap());
    let body = json!({"campaignArn": CAMPAIGN, "userId": ""});
    server.call("GetRecommendations", body).await.is_error(500, "InternalServerError", "internal error");
    let plain = server.get("/recommendations?user_id=").await;
    assert_eq!((plain.status(), plain.text().contains("secret")), (500, false));
    assert_eq!(server.get("/health").await.status(), 200);
}

#[tokio::test]
async fn more_requests_than_the_limit_are_throttled_at_once() {
    let server = server();
    with_dataset(&server).await;
    server.publish(CAMPAIGN, true, false);
    let endless = || Body::from_stream(futures::stream::pending::<Result<Bytes, std::io::Error>>());
    let mut under_way = Vec::new();
    for _ in 0..REQUESTS_IN_FLIGHT_MAX {
        let request = Request::post("/events").body(endless()).unwrap();
        let mut answer = Box::pin(server.router.clone().oneshot(request));
        assert!(futures::poll!(&mut answer).is_pending());
        under_way.push(answer);
    }
    server.call("ListSchemas", json!({})).await.is_error(400, "ThrottlingException", "try again");
    let events = server.send(SIGNER.sign(operation("PutEvents", "{}"))).await;
    events.is_error(429, "ThrottlingException", "try again");
    // Degrade, do not shed: what is computed from memory is answered all the same.
    assert_eq!(server.get("/recommendations?user_id=u").await.status(), 200);
    assert_eq!(server.get("/health").await.status(), 200);
    under_way.clear();
    assert_eq!(server.call("ListSchemas", json!({})).await.status(), 200);
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
