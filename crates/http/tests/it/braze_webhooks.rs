//! Events of users from Braze and plain clients: durable before the answer, once each.

use crate::harness::{CAMPAIGN, GROUP, Options, Received, Server, server_with, with_dataset};
use http::Request;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use tastemaker_braze::inbound::{Mapping, RuleText};
use tastemaker_http::Access;
use tastemaker_http::access::Key;
use tastemaker_store::records;

async fn post(server: &Server, path: &str, body: &Value) -> Received {
    let request = Request::post(path).header("content-type", "application/json");
    server.send(request.body(body.to_string().into_bytes()).unwrap()).await
}

/// The events of the shop's stream.
async fn kept(server: &Server) -> Vec<Value> {
    let stream = records::interactions_stream(GROUP);
    let events = server.ctx.stores.events.read(&stream, 0, 1000).await.unwrap();
    events.iter().map(|event| serde_json::from_slice(&event.body).unwrap()).collect()
}

fn purchase(id: &str, user: &str) -> Value {
    json!({"event_type": "users.behaviors.Purchase", "id": id, "external_user_id": user, "time": 1_767_000_000,
        "product_id": "i3", "price": 9.5, "currency": "USD", "properties": "{}"})
}

#[tokio::test]
async fn currents_are_kept_once_and_change_the_next_list() {
    let server = server_with(Options { bare_items: true, ..Options::default() });
    with_dataset(&server).await;
    server.publish(CAMPAIGN, true, false);
    let first = |answer: Received| answer.json()[0]["id"].clone();
    assert_eq!(first(server.get("/recommendations?user_id=known").await), "i/2");
    let batch = json!({"events": [
        purchase("e1", "known"),
        {"event_type": "users.messages.email.Open", "id": "e2", "external_user_id": "known"},
        {"event_type": "something.New", "anything": [1, {"deep": true}]},
        {"event_type": "users.behaviors.Purchase", "id": "e3", "external_user_id": "u".repeat(300), "product_id": "i1"},
    ]});
    let answer = post(&server, "/braze/currents", &batch).await;
    assert_eq!(answer.status(), 200, "{}", answer.text());
    assert_eq!(answer.json(), json!({"events": 4, "interactions": 1, "refused": 1, "ignored": 2}));
    assert_eq!(first(server.get("/recommendations?user_id=known").await), "i4");
    post(&server, "/braze/currents/", &batch).await;
    assert_eq!(kept(&server).await.len(), 1, "a repeated delivery adds nothing");
    assert_eq!(kept(&server).await[0]["event_value"], 9.5);
    let mut ahead = purchase("e9", "known");
    ahead["time"] = json!(99_999_999_999_i64);
    let answer = post(&server, "/braze/currents", &json!({"events": [ahead]})).await;
    assert_eq!(answer.json(), json!({"events": 1, "interactions": 0, "refused": 1, "ignored": 0}), "a clock ran ahead");
    assert_eq!(kept(&server).await.len(), 1);
    let empty = post(&server, "/braze/currents", &json!({"events": []})).await;
    assert_eq!((empty.status(), empty.json()["events"].as_u64()), (200, Some(0)));
}

#[tokio::test]
async fn a_click_on_a_tracked_url_names_its_recommendation() {
    let server = server_with(Options { bare_items: true, ..Options::default() });
    with_dataset(&server).await;
    server.publish(CAMPAIGN, true, false);
    let list = server.get("/recommendations?user_id=known&n=2&track=1").await;
    let (rid, url) = (list.header("x-recommendation-id").to_owned(), list.json()[0]["url"].clone());
    let click = json!({"events": [{"event_type": "users.messages.email.Click", "id": "c1", "time": 1_767_000_000,
        "user": {"external_user_id": "known"}, "properties": {"url": url}}]});
    assert_eq!(post(&server, "/braze/currents", &click).await.json()["interactions"], 1);
    let event = kept(&server).await.remove(0);
    assert_eq!((&event["item_id"], &event["event_type"]), (&json!("i/2"), &json!("Click")));
    assert_eq!(event["recommendation_id"], rid.as_str());
    assert_eq!(event["impression"], json!(["i/2", "i3"]), "what was shown beside it");
}

fn webhooks() -> Options {
    let rule: RuleText = serde_json::from_value(json!({"user": ["customer"], "item": ["lines.sku"],
        "value": ["lines.total"], "event_type": "Bought", "id": "order"}))
    .unwrap();
    let webhooks = BTreeMap::from([("orders".to_owned(), Mapping::new(&[rule]).unwrap())]);
    Options { webhooks, dataset_group: Some("shop".into()), bare_items: true, ..Options::default() }
}

#[tokio::test]
async fn webhooks_by_their_rules() {
    let server = server_with(webhooks());
    with_dataset(&server).await;
    let order =
        json!({"order": "o1", "customer": "u9", "lines": [{"sku": "i0", "total": 1.5}, {"sku": "i1", "total": 2}]});
    for _ in 0..2 {
        let answer = post(&server, "/braze/webhook/orders", &order).await;
        assert_eq!(answer.json(), json!({"events": 1, "interactions": 2, "refused": 0, "ignored": 0}));
    }
    assert_eq!(kept(&server).await.len(), 2);
    for (path, body, status, word) in [
        ("/braze/webhook/absent", json!({}), 404, "no webhook mapping 'absent'"),
        ("/braze/webhook/orders", json!("text"), 400, "object or an array"),
        ("/braze/currents", json!([]), 400, "events"),
    ] {
        let answer = post(&server, path, &body).await;
        assert_eq!(answer.status(), status, "{path}");
        assert!(answer.text().contains(word), "{}", answer.text());
    }
    let get = server.get("/braze/currents").await;
    assert_eq!(get.status(), 405);
}

#[tokio::test]
async fn what_cannot_be_kept_is_asked_for_again() {
    let server = server_with(Options::default());
    let batch = json!({"events": [purchase("e1", "u")]});
    let unclear = post(&server, "/braze/currents", &batch).await;
    assert!(unclear.status() == 503 && unclear.text().contains("braze.dataset_group"), "{}", unclear.text());
    with_dataset(&server).await;
    assert_eq!(post(&server, "/braze/currents", &batch).await.status(), 200, "there is only one group now");
    let elsewhere = server_with(Options { dataset_group: Some("nowhere".into()), ..Options::default() });
    with_dataset(&elsewhere).await;
    let answer = post(&elsewhere, "/braze/currents", &batch).await;
    assert!(answer.status() == 503 && answer.text().contains("no ACTIVE Interactions"), "{}", answer.text());
}

#[tokio::test]
async fn receivers_want_the_token_of_their_scope() {
    let access = Access::keys(vec![Key::new("braze", "t").scoped(vec!["currents".into()])]);
    let server = server_with(Options { access, ..webhooks() });
    with_dataset(&server).await;
    let send = async |path: &str, token: &str| {
        let body = json!({"events": [purchase("e1", "u")]}).to_string().into_bytes();
        let request = Request::post(path).header("authorization", format!("Bearer {token}"));
        server.send(request.body(body).unwrap()).await.status()
    };
    assert_eq!(send("/braze/currents", "t").await, 200);
    assert_eq!(send("/braze/currents", "x").await, 401);
    assert_eq!(send("/braze/webhook/orders", "t").await, 403);
    assert_eq!(send("/events", "t").await, 403);
}

#[tokio::test]
async fn times_that_are_not_in_seconds_are_taken_at_every_door() {
    let server = server_with(Options { bare_items: true, ..Options::default() });
    with_dataset(&server).await;
    for (n, (time, kept_s)) in
        [(1_767_000_000_999_i64, 1_767_000_000), (1_767_000, 1_767_323_045)].into_iter().enumerate()
    {
        let mut braze = purchase(&format!("b{n}"), "u");
        braze["time"] = json!(time);
        let answer = post(&server, "/braze/currents", &json!({"events": [braze]})).await;
        assert_eq!(answer.json()["interactions"], 1);
        let event = json!({"eventType": "View", "itemId": "i1", "eventId": format!("e{n}"), "sentAt": time});
        let answer = post(&server, "/events", &json!({"user_id": "u", "eventList": [event]})).await;
        assert_eq!((answer.status(), answer.text()), (200, "{}"));
        let kept = kept(&server).await;
        let times: Vec<_> = kept.iter().rev().take(2).map(|event| event["timestamp_s"].as_i64()).collect();
        assert_eq!(times, [Some(kept_s), Some(kept_s)]);
        let counts = &server.ctx.odd_event_times;
        assert_eq!((counts.milliseconds(), counts.year_1970()), (2, 2 * n as u64));
    }
}

#[tokio::test]
async fn events_of_plain_clients() {
    let server = server_with(Options { bare_items: true, ..Options::default() });
    with_dataset(&server).await;
    server.publish(CAMPAIGN, true, false);
    let body = json!({"user_id": "new", "eventList": [{"eventType": "Click", "itemId": "i1"}]});
    let answer = post(&server, "/events", &body).await;
    assert_eq!((answer.status(), answer.text()), (200, "{}"));
    assert_eq!(server.get("/recommendations?user_id=new&n=1").await.json()[0]["id"], "i/2");
    for (body, word) in [
        (json!({"eventList": []}), "sessionId"),
        (json!({"user_id": "u", "eventList": []}), "eventList"),
        (json!({"user_id": "u", "eventList": [{"itemId": "i"}]}), "eventType"),
        (
            json!({"user_id": "u", "eventList": [{"eventType": "a", "itemId": "i", "sentAt": 1_767_500_000}]}),
            "'eventList.1.member.sentAt' must be at most one day after now, which is 1767323045, not 1767500000",
        ),
        (json!({"user_id": "u", "trackingId": "none", "eventList": [{"eventType": "a", "itemId": "i"}]}), "'none'"),
    ] {
        let answer = post(&server, "/events", &body).await;
        assert_eq!(answer.status(), 400, "{body}");
        assert!(answer.json()["message"].as_str().unwrap().contains(word), "{}", answer.text());
    }
    let preflight = Request::builder().method("OPTIONS").uri("/events").body(Vec::new()).unwrap();
    let allowed = server.send(preflight).await;
    assert_eq!((allowed.status(), allowed.header("access-control-allow-methods")), (204, "POST, OPTIONS"));
}
