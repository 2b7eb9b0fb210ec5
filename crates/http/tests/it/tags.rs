//! Tags over the wire.

use crate::harness::*;
use serde_json::{Value, json};

fn tag(key: &str, value: &str) -> Value {
    json!({"tagKey": key, "tagValue": value})
}

#[tokio::test]
async fn every_taggable_create_takes_tags() {
    let server = server();
    let schema = json!({"name": "clicks", "schema": clicks()});
    let schema = server.call("CreateSchema", schema).await.json()["schemaArn"].clone();
    let tags = json!([tag("stage", "test"), tag("team", "")]);
    let group = json!({"name": "shop", "tags": tags});
    let group = server.call("CreateDatasetGroup", group).await.json()["datasetGroupArn"].clone();
    let body = json!({"name": "c", "datasetGroupArn": group, "schemaArn": schema, "datasetType": "Interactions", "tags": tags});
    let dataset = server.call("CreateDataset", body).await.json()["datasetArn"].clone();
    let body = json!({"name": "web", "datasetGroupArn": group, "tags": tags});
    let tracker = server.call("CreateEventTracker", body).await.json()["eventTrackerArn"].clone();
    let body = json!({"name": "taste", "datasetGroupArn": group, "tags": tags,
        "recipeArn": "arn:aws:personalize:::recipe/aws-popularity-count"});
    let solution = server.call("CreateSolution", body).await.json()["solutionArn"].clone();
    let body = json!({"solutionArn": solution, "tags": tags});
    let version = server.call("CreateSolutionVersion", body).await.json()["solutionVersionArn"].clone();
    for arn in [&group, &dataset, &tracker, &solution, &version] {
        let listed = server.call("ListTagsForResource", json!({"resourceArn": arn})).await.json();
        assert_eq!(listed, json!({"tags": tags}), "{arn}");
    }
    server.call("ListTagsForResource", json!({"resourceArn": schema})).await.is_error(
        400,
        "InvalidInputException",
        "'resourceArn'",
    );
}

#[tokio::test]
async fn limits_have_their_exceptions() {
    let server = server();
    let group = server.call("CreateDatasetGroup", json!({"name": "g"})).await.json()["datasetGroupArn"].clone();
    let many: Vec<_> = (0..51).map(|n| tag(&format!("k{n}"), "v")).collect();
    let refused = server.call("CreateDatasetGroup", json!({"name": "h", "tags": many})).await;
    refused.is_error(400, "TooManyTagsException", "51 tags; it may have at most 50");
    let refused = server.call("TagResource", json!({"resourceArn": group, "tags": many})).await;
    refused.is_error(400, "TooManyTagsException", "at most 50");
    let fifty = json!({"resourceArn": group, "tags": &many[..50]});
    assert_eq!(server.call("TagResource", fifty).await.json(), json!({}));
    let keys: Vec<_> = (0..51).map(|n| format!("k{n}")).collect();
    let refused = server.call("UntagResource", json!({"resourceArn": group, "tagKeys": keys})).await;
    refused.is_error(400, "TooManyTagKeysException", "51 keys");
    assert_eq!(
        server.call("UntagResource", json!({"resourceArn": group, "tagKeys": &keys[1..]})).await.json(),
        json!({})
    );
    let left = server.call("ListTagsForResource", json!({"resourceArn": group})).await.json();
    assert_eq!(left, json!({"tags": [tag("k0", "v")]}));
    let reserved = json!({"resourceArn": group, "tags": [tag("aws:cost", "1")]});
    server.call("TagResource", reserved).await.is_error(400, "InvalidInputException", "'aws:'");
}
