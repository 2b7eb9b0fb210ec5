//! GetRecommendations and PutEvents through the rooms.

use crate::harness::{CAMPAIGN, GROUP, NOW_MS, arn, server, with_dataset};
use serde_json::json;
use tastemaker_domain::Status;
use tastemaker_domain::resource::Campaign;
use tastemaker_store::records;

#[tokio::test]
async fn a_list_with_scores_and_metadata() {
    let server = server();
    server.publish(CAMPAIGN, true, true);
    let body = json!({"campaignArn": CAMPAIGN, "userId": "known", "numResults": 2,
        "metadataColumns": {"ITEMS": ["NAME", "PRICE"]}, "context": {"DEVICE": "phone"}, "itemId": "ignored"});
    let answer = server.call("GetRecommendations", body).await;
    let id = answer.json()["recommendationId"].as_str().unwrap().to_owned();
    assert!(id.starts_with("RID-") && id.len() == 40, "{id}");
    let wanted = json!({"itemList": [
        {"itemId": "i/2", "score": 0.3678794, "metadata": {"name": "Lamp", "price": "39.90"}},
        {"itemId": "i3", "score": 0.1353353, "metadata": {"name": "Vase \"blue\" <ä>", "price": "5"}},
    ], "recommendationId": id});
    assert_eq!((answer.status(), answer.json()), (200, wanted));
    assert_eq!(answer.header("content-type"), "application/json");
}

#[tokio::test]
async fn refusals_of_the_runtime() {
    let server = server();
    server.publish(CAMPAIGN, true, false);
    let invalid = "InvalidInputException";
    for (body, status, name, word) in [
        (json!({"campaignArn": CAMPAIGN}), 400, invalid, "userId is required"),
        (json!({"userId": "u"}), 400, invalid, "campaignArn or recommenderArn"),
        (json!({"campaignArn": "shop", "userId": "u"}), 400, invalid, "'campaignArn' failed"),
        (json!({"campaignArn": CAMPAIGN, "userId": "u", "numResults": 501}), 400, invalid, "500"),
        (json!({"campaignArn": CAMPAIGN, "userId": "u".repeat(257)}), 400, invalid, "'userId' failed"),
        (
            json!({"campaignArn": CAMPAIGN, "userId": "u", "metadataColumns": {"ITEMS": ["NAME"]}}),
            400,
            invalid,
            "enableMetadataWithRecommendations",
        ),
        (json!({"campaignArn": CAMPAIGN, "userId": "u", "filterArn": CAMPAIGN}), 400, invalid, "filterArn"),
        (json!({"campaignArn": format!("{CAMPAIGN}x"), "userId": "u"}), 404, "ResourceNotFoundException", "shopx"),
    ] {
        server.call("GetRecommendations", body).await.is_error(status, name, word);
    }
}

#[tokio::test]
async fn a_campaign_that_is_not_ready_says_so() {
    let server = server();
    let campaign = Campaign {
        name: "shop".into(),
        arn: CAMPAIGN.into(),
        dataset_group_arn: GROUP.into(),
        solution_version_arn: "v".into(),
        min_provisioned_tps: 1,
        config: None,
        status: Status::CreateInProgress,
        failure_reason: None,
        latest_update: None,
        created_ms: 0,
        updated_ms: 0,
    };
    server.ctx.stores.records.commit(vec![], vec![records::put(&campaign).unwrap()]).await.unwrap();
    let ask = || server.call("GetRecommendations", json!({"campaignArn": CAMPAIGN, "userId": "u"}));
    ask().await.is_error(400, "InvalidInputException", "CREATE IN_PROGRESS");
    server.change::<Campaign>(CAMPAIGN, |c| c.status = Status::Active).await;
    ask().await.is_error(503, "ServiceUnavailableException", "loaded");
}

#[tokio::test]
async fn an_event_is_in_the_next_list() {
    let server = server();
    server.publish(CAMPAIGN, true, false);
    with_dataset(&server).await;
    let made = server.call("CreateEventTracker", json!({"name": "t", "datasetGroupArn": GROUP})).await.json();
    let tracking_id = made["trackingId"].as_str().unwrap();
    let described = server.call("DescribeEventTracker", json!({"eventTrackerArn": made["eventTrackerArn"]})).await;
    assert_eq!(described.json()["eventTracker"]["trackingId"], tracking_id);

    let event = |sent_at: serde_json::Value| {
        json!({"trackingId": tracking_id, "userId": "new", "sessionId": "s", "eventList": [
            {"eventType": "View", "itemId": "i3", "sentAt": sent_at, "properties": "{\"discount\": \"yes\"}"}]})
    };
    let put = server.call("PutEvents", event(json!(NOW_MS / 1000))).await;
    assert_eq!((put.status(), put.text()), (200, "{}"));
    let next = server.call("GetRecommendations", json!({"campaignArn": CAMPAIGN, "userId": "new"})).await;
    assert_eq!(next.json()["itemList"][0]["itemId"], "i4");

    server.call("PutEvents", event(json!(null))).await.is_error(400, "InvalidInputException", "sentAt");
    let mut unknown = event(json!(NOW_MS / 1000));
    unknown["trackingId"] = json!("00000000-0000-0000-0000-000000000000");
    server.call("PutEvents", unknown).await.is_error(400, "InvalidInputException", "trackingId");
}

#[tokio::test]
async fn what_is_streamed_to_nothing_is_refused() {
    let server = server();
    let interaction = json!({"actionId": "a", "userId": "u", "sessionId": "s", "timestamp": NOW_MS / 1000,
        "eventType": "Viewed"});
    let put = json!({"trackingId": "00000000-0000-0000-0000-000000000000", "actionInteractions": [interaction]});
    server.call("PutActionInteractions", put).await.is_error(404, "ResourceNotFoundException", "trackingId");
    for (operation, dataset, body) in [
        ("PutItems", "dataset/none/ITEMS", json!({"items": [{"itemId": "i"}]})),
        ("PutUsers", "dataset/none/USERS", json!({"users": [{"userId": "u"}]})),
        ("PutActions", "dataset/none/ACTIONS", json!({"actions": [{"actionId": "a"}]})),
    ] {
        let mut body = body;
        body["datasetArn"] = arn(dataset).into();
        server.call(operation, body).await.is_error(404, "ResourceNotFoundException", dataset);
    }
}
