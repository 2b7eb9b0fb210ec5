//! Golden request and response bodies.

#![allow(clippy::unwrap_used)]

use serde_json::json;
use std::collections::BTreeMap;
use tastemaker_wire::events::PutEventsRequest;
use tastemaker_wire::personalize::{
    Campaign, CreateSolutionRequest, DescribeCampaignResponse, GetSolutionMetricsResponse, ListFiltersResponse,
    ListSchemasRequest, UpdateSolutionResponse,
};
use tastemaker_wire::runtime::{GetRecommendationsRequest, GetRecommendationsResponse, PredictedItem};
use tastemaker_wire::{ErrorShape, Operation, codec, decode, encode};

fn text(body: Vec<u8>) -> String {
    String::from_utf8(body).unwrap()
}

fn refused<T: serde::de::DeserializeOwned + std::fmt::Debug>(
    operation: Operation,
    body: &[u8],
) -> (ErrorShape, String) {
    let error = decode::<T>(operation, body).unwrap_err();
    (error.shape, error.message)
}

#[test]
fn create_solution_with_tuning() {
    let body = json!({
        "name": "shop-v2",
        "datasetGroupArn": "arn:aws:personalize:us-east-1:000000000000:dataset-group/shop",
        "recipeArn": "arn:aws:personalize:::recipe/aws-user-personalization",
        "performHPO": true,
        "performAutoTraining": null,
        "someNewerMember": {"ignored": [1, 2]},
        "solutionConfig": {
            "algorithmHyperParameters": {"hidden_dimension": 149, "bptt": "32", "recency_mask": true, "rate": 0.25},
            "hpoConfig": {
                "hpoResourceConfig": {"maxNumberOfTrainingJobs": "8"},
                "algorithmHyperParameterRanges": {
                    "integerHyperParameterRanges": [{"name": "hidden_dimension", "minValue": 32, "maxValue": 256}],
                    "continuousHyperParameterRanges": [{"name": "rate", "minValue": 0, "maxValue": 0.5}]
                },
                "hpoObjective": {"type": "Maximize"}
            },
            "trainingDataConfig": {"excludedDatasetColumns": {"Items": ["PRICE", "NAME"]}},
            "autoTrainingConfig": {"schedulingExpression": "rate(7 days)"}
        },
        "tags": [{"tagKey": "team", "tagValue": ""}]
    });
    let request: CreateSolutionRequest = decode(Operation::CreateSolution, body.to_string().as_bytes()).unwrap();
    assert_eq!(request.name, "shop-v2");
    assert_eq!(request.perform_hpo, Some(true));
    assert_eq!(request.perform_auto_training, None);
    assert_eq!(request.perform_auto_ml, None);
    let config = request.solution_config.unwrap();
    let parameters = config.algorithm_hyper_parameters.unwrap();
    let parameters: Vec<_> = parameters.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    assert_eq!(parameters, [("bptt", "32"), ("hidden_dimension", "149"), ("rate", "0.25"), ("recency_mask", "true")]);
    let hpo = config.hpo_config.unwrap();
    assert_eq!(hpo.hpo_objective.unwrap().r#type.as_deref(), Some("Maximize"));
    let ranges = hpo.algorithm_hyper_parameter_ranges.unwrap();
    assert_eq!(ranges.integer_hyper_parameter_ranges.unwrap()[0].max_value, Some(256));
    assert_eq!(ranges.continuous_hyper_parameter_ranges.unwrap()[0].min_value, Some(0.0));
    assert_eq!(config.training_data_config.unwrap().excluded_dataset_columns.unwrap()["Items"], ["PRICE", "NAME"]);
}

#[test]
fn put_events_as_clients_send_it() {
    let body = json!({
        "trackingId": "t-1",
        "userId": "u1",
        "sessionId": "s1",
        "eventList": [
            {"eventType": "click", "sentAt": 1704164645, "itemId": "i1", "properties": "{\"DEVICE\": \"phone\"}"},
            {"eventType": "click", "sentAt": 1704164645.678, "eventValue": 19999.99, "properties": {"b": [1], "a": 1.5}},
            {"eventType": "click", "sentAt": 1.704164645e9, "impression": ["i1", "i2"]},
            {"eventType": "click", "sentAt": "1704164645.5"},
            {"eventType": "click", "sentAt": "2024-01-02T03:04:05.678Z"},
            {"eventType": "click", "sentAt": "2024-01-02T04:04:05+01:00"},
            {"eventType": "click", "sentAt": "2024-01-02T03:04:05", "metricAttribution": {"eventAttributionSource": "web"}}
        ]
    });
    let request: PutEventsRequest = decode(Operation::PutEvents, body.to_string().as_bytes()).unwrap();
    let times: Vec<f64> = request.event_list.iter().map(|event| event.sent_at).collect();
    let second = 1_704_164_645.0;
    assert_eq!(times, [second, second + 0.678, second, second + 0.5, second + 0.678, second, second]);
    assert_eq!(request.event_list[0].properties.as_deref(), Some("{\"DEVICE\": \"phone\"}"));
    assert_eq!(request.event_list[1].properties.as_deref(), Some("{\"a\":1.5,\"b\":[1]}"));
    assert_eq!(request.event_list[1].event_value, Some(19999.99));
    assert_eq!(request.event_list[2].impression.as_deref().unwrap(), ["i1", "i2"]);
}

#[test]
fn an_empty_body_is_an_empty_object() {
    for body in [&b""[..], b"  \r\n", b"{}", b"{\"maxResults\": null}"] {
        let request: ListSchemasRequest = decode(Operation::ListSchemas, body).unwrap();
        assert_eq!(request, ListSchemasRequest::default());
    }
}

#[test]
fn get_recommendations_response() {
    let response = GetRecommendationsResponse {
        item_list: vec![
            PredictedItem {
                item_id: Some("i1".to_owned()),
                score: Some(0.1730128),
                metadata: Some(BTreeMap::from([("title".to_owned(), "Ä".to_owned())])),
                ..PredictedItem::default()
            },
            PredictedItem { item_id: Some("i2".to_owned()), score: Some(f64::NAN), ..PredictedItem::default() },
        ],
        recommendation_id: Some("RID-1".to_owned()),
    };
    assert_eq!(
        text(encode(&response)),
        r#"{"itemList":[{"itemId":"i1","metadata":{"title":"Ä"},"score":0.1730128},{"itemId":"i2"}],"recommendationId":"RID-1"}"#
    );
}

#[test]
fn empty_lists_are_sent_and_absent_members_are_not() {
    assert_eq!(text(encode(&ListFiltersResponse::default())), r#"{"Filters":[]}"#);
    assert_eq!(text(encode(&UpdateSolutionResponse::default())), "{}");
    let metrics = BTreeMap::from([("coverage".to_owned(), 0.0379), ("precision_at_5".to_owned(), f64::NAN)]);
    let response = GetSolutionMetricsResponse { metrics, solution_version_arn: None };
    assert_eq!(text(encode(&response)), r#"{"metrics":{"coverage":0.0379}}"#);
}

#[test]
fn timestamps_are_numbers_with_milliseconds() {
    let campaign = Campaign {
        creation_date_time: Some(1_542_392_161.837_4),
        last_updated_date_time: Some(1_542_392_162.0),
        min_provisioned_tps: Some(1),
        ..Campaign::default()
    };
    let response = DescribeCampaignResponse { campaign: Some(campaign) };
    assert_eq!(
        text(encode(&response)),
        r#"{"campaign":{"creationDateTime":1542392161.837,"lastUpdatedDateTime":1542392162.0,"minProvisionedTPS":1}}"#
    );
}

#[test]
fn what_is_encoded_decodes_to_the_same() {
    let request = GetRecommendationsRequest {
        campaign_arn: Some("arn:aws:personalize:us-east-1:000000000000:campaign/c".to_owned()),
        user_id: Some("u".to_owned()),
        num_results: Some(10),
        context: Some(BTreeMap::from([("DEVICE".to_owned(), "phone".to_owned())])),
        ..GetRecommendationsRequest::default()
    };
    let decoded: GetRecommendationsRequest = decode(Operation::GetRecommendations, &encode(&request)).unwrap();
    assert_eq!(decoded, request);
}

#[test]
fn what_is_not_an_object_in_json_is_a_serialization_exception() {
    for (body, reason) in [
        (&b"{"[..], "not JSON"),
        (b"\xff\xfe", "not JSON"),
        (b"{} {}", "not JSON"),
        (b"{\"maxResults\": 1e999}", "not JSON"),
        (b"[]", "not an object"),
        (b"null", "not an object"),
        (b"\"{}\"", "not an object"),
    ] {
        let (shape, message) = refused::<ListSchemasRequest>(Operation::ListSchemas, body);
        assert_eq!(shape, ErrorShape::SerializationException);
        assert!(message.contains(reason), "{message}");
    }
}

#[test]
fn bodies_have_named_limits() {
    let deep = |levels: usize| format!("{{\"x\": {}{}}}", "[".repeat(levels), "]".repeat(levels));
    let fits = deep(codec::NESTING_DEPTH_MAX - 1);
    assert!(decode::<ListSchemasRequest>(Operation::ListSchemas, fits.as_bytes()).is_ok());
    for levels in [codec::NESTING_DEPTH_MAX, 1000, 100_000] {
        let (shape, _) = refused::<ListSchemasRequest>(Operation::ListSchemas, deep(levels).as_bytes());
        assert_eq!(shape, ErrorShape::SerializationException);
    }
    let large = vec![b' '; codec::BODY_BYTES_MAX + 1];
    let (shape, message) = refused::<ListSchemasRequest>(Operation::ListSchemas, &large);
    assert_eq!(shape, ErrorShape::RequestEntityTooLargeException);
    assert!(message.contains("4194305 bytes"), "{message}");
}
