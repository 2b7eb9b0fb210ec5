use super::parsing;
use super::*;
use crate::operation::Operation;
use serde_json::{Value, json};

const ARN: &str = "arn:aws:personalize:us-east-1:000000000000";

fn call(operation: Operation, input: &Value) -> Call<'_> {
    Call { operation, input, endpoint: "http://127.0.0.1:4100", region: "us-east-1", data_dir: None }
}

fn text(operation: Operation, input: &Value, tool: Tool) -> Option<String> {
    examples(&call(operation, input)).into_iter().find(|example| example.tool == tool).map(|example| example.text)
}

fn inputs() -> Vec<(Operation, Value)> {
    let schema = json!({"type": "record", "name": "Users", "fields": [{"name": "USER_ID", "type": "string"}]});
    vec![
        (Operation::CreateDatasetGroup, json!({"name": "shop", "domain": "ECOMMERCE", "tags": []})),
        (Operation::CreateSchema, json!({"name": "users", "schema": schema.to_string()})),
        (Operation::ListDatasetGroups, json!({})),
        (Operation::ListSolutions, json!({"datasetGroupArn": format!("{ARN}:dataset-group/shop"), "maxResults": 50})),
        (
            Operation::CreateSolution,
            json!({
                "name": "for-you", "datasetGroupArn": format!("{ARN}:dataset-group/shop"), "performHPO": false,
                "performAutoTraining": true, "recipeArn": "arn:aws:personalize:::recipe/aws-user-personalization-v2",
                "solutionConfig": {
                    "algorithmHyperParameters": {"hidden_dimension": "149"},
                    "featureTransformationParameters": {"min_user_history_length_percentile": "0.05"},
                    "hpoConfig": {
                        "hpoResourceConfig": {"maxNumberOfTrainingJobs": "6", "maxParallelTrainingJobs": "2"},
                        "algorithmHyperParameterRanges": {
                            "continuousHyperParameterRanges": [{"name": "dropout", "minValue": 0.0, "maxValue": 0.5}],
                            "categoricalHyperParameterRanges": [{"name": "recency_mask", "values": ["true", "false"]}]
                        }
                    },
                    "eventsConfig": {"eventParametersList": [{"eventType": "구매", "weight": 1.5}]}
                }
            }),
        ),
        (Operation::CreateSolutionVersion, json!({"solutionArn": format!("{ARN}:solution/a"), "trainingMode": "FULL"})),
        (
            Operation::CreateCampaign,
            json!({
                "name": "c", "solutionVersionArn": format!("{ARN}:solution/a/1"), "minProvisionedTPS": 2,
                "campaignConfig": {"itemExplorationConfig": {"explorationWeight": "0.3"}, "enableMetadataWithRecommendations": true}
            }),
        ),
        (
            Operation::CreateFilter,
            json!({
                "name": "not-bought", "datasetGroupArn": format!("{ARN}:dataset-group/shop"),
                "filterExpression": "EXCLUDE ItemID WHERE Items.NAME IN (\"it's 5\\\" wide\", \"$HOME\", \"`x`\")"
            }),
        ),
        (Operation::DeleteFilter, json!({"filterArn": format!("{ARN}:filter/not-bought")})),
        (
            Operation::GetRecommendations,
            json!({
                "campaignArn": format!("{ARN}:campaign/c"), "userId": "사용자 1/2?&'\"", "numResults": 10,
                "filterArn": format!("{ARN}:filter/f"), "filterValues": {"CATEGORY": "\"a\",\"b\""},
                "context": {"DEVICE": "mobile"},
                "promotions": [{"name": "p", "filterArn": format!("{ARN}:filter/p"), "percentPromotedItems": 20}]
            }),
        ),
        (
            Operation::GetRecommendations,
            json!({"campaignArn": format!("{ARN}:campaign/c"), "itemId": "-5", "metadataColumns": {"ITEMS": ["NAME"]}}),
        ),
        (
            Operation::GetPersonalizedRanking,
            json!({"campaignArn": format!("{ARN}:campaign/r"), "userId": "file:///etc/passwd", "inputList": ["a,b", "c\nd"]}),
        ),
        (
            Operation::PutEvents,
            json!({
                "trackingId": "t", "sessionId": "s\u{0}\u{1}", "userId": "u\r\n2",
                "eventList": [{"eventType": "click", "itemId": "\u{1f600}", "sentAt": 1767225600, "properties": "{\"a\": 1}"}]
            }),
        ),
    ]
}

#[test]
fn every_text_sends_its_input() {
    for (operation, input) in inputs() {
        for example in examples(&call(operation, &input)) {
            let read = match example.tool {
                Tool::AwsCli => parsing::aws_cli(&example.text, operation),
                Tool::Boto3 => parsing::boto3(&example.text),
                Tool::JavaScript => parsing::javascript(&example.text),
                Tool::Curl | Tool::PlainPost => parsing::curl(&example.text),
                Tool::PlainGet => continue,
            };
            assert_eq!(read, input, "{operation:?} {:?}\n{}", example.tool, example.text);
        }
    }
}

#[test]
fn texts_of_a_nested_input() {
    let input = json!({
        "name": "it's", "recipeArn": "arn:aws:personalize:::recipe/aws-sims", "datasetGroupArn": "arn:aws:personalize:a:1:dataset-group/g",
        "performHPO": false, "solutionConfig": {"algorithmHyperParameters": {"item_count_hyperparameter": "5"}}, "unknown": 1
    });
    assert_eq!(
        text(Operation::CreateSolution, &input, Tool::AwsCli).unwrap(),
        "eval \"$(tastemaker env)\"\n\
         aws personalize create-solution \\\n  \
         --endpoint-url http://127.0.0.1:4100 --region us-east-1 \\\n  \
         --dataset-group-arn arn:aws:personalize:a:1:dataset-group/g \\\n  \
         --name 'it'\\''s' \\\n  \
         --no-perform-hpo \\\n  \
         --recipe-arn arn:aws:personalize:::recipe/aws-sims \\\n  \
         --solution-config '{\"algorithmHyperParameters\":{\"item_count_hyperparameter\":\"5\"}}'\n"
    );
    assert_eq!(
        text(Operation::CreateSolution, &input, Tool::Boto3).unwrap(),
        "# eval \"$(tastemaker env)\"\nimport boto3\n\n\
         client = boto3.client(\"personalize\", endpoint_url=\"http://127.0.0.1:4100\", region_name=\"us-east-1\")\n\
         answer = client.create_solution(\n    \
         datasetGroupArn=\"arn:aws:personalize:a:1:dataset-group/g\",\n    \
         name=\"it's\",\n    performHPO=False,\n    \
         recipeArn=\"arn:aws:personalize:::recipe/aws-sims\",\n    \
         solutionConfig={\n        \"algorithmHyperParameters\": {\n            \
         \"item_count_hyperparameter\": \"5\",\n        },\n    },\n)\nprint(answer)\n"
    );
}

#[test]
fn texts_of_a_list() {
    let input =
        json!({"campaignArn": "arn:aws:personalize:us-east-1:1:campaign/c", "userId": "사 &1", "numResults": 3});
    assert_eq!(
        text(Operation::GetRecommendations, &input, Tool::Curl).unwrap(),
        "eval \"$(tastemaker env)\"\n\
         curl -sS http://127.0.0.1:4100/recommendations \\\n  \
         --aws-sigv4 aws:amz:us-east-1:personalize \\\n  \
         --user \"$AWS_ACCESS_KEY_ID:$AWS_SECRET_ACCESS_KEY\" \\\n  \
         -H 'Content-Type: application/json' \\\n  \
         --data-binary '{\"campaignArn\":\"arn:aws:personalize:us-east-1:1:campaign/c\",\"numResults\":3,\"userId\":\"사 &1\"}'\n"
    );
    assert_eq!(
        text(Operation::GetRecommendations, &input, Tool::PlainGet).unwrap(),
        "curl -sS 'http://127.0.0.1:4100/recommendations?user_id=%EC%82%AC%20%261&recommender=\
         arn%3Aaws%3Apersonalize%3Aus-east-1%3A1%3Acampaign%2Fc&num_results=3'\n"
    );
    assert_eq!(
        text(Operation::GetRecommendations, &input, Tool::JavaScript).unwrap(),
        "// eval \"$(tastemaker env)\"\n\
         import { PersonalizeRuntimeClient, GetRecommendationsCommand } from \"@aws-sdk/client-personalize-runtime\";\n\n\
         const client = new PersonalizeRuntimeClient({ endpoint: \"http://127.0.0.1:4100\", region: \"us-east-1\" });\n\
         const answer = await client.send(new GetRecommendationsCommand({\n  \
         \"campaignArn\": \"arn:aws:personalize:us-east-1:1:campaign/c\",\n  \"numResults\": 3,\n  \"userId\": \"사 &1\",\n}));\n\
         console.log(answer);\n"
    );
}

#[test]
fn plain_requests_are_only_for_what_they_can_say() {
    let related = json!({"campaignArn": "arn:aws:personalize:a:1:campaign/c", "itemId": "a b"});
    let text_of = |operation, input: &Value| text(operation, input, Tool::PlainGet);
    let expected = "curl -sS 'http://127.0.0.1:4100/related?item_id=a%20b&recommender=arn%3Aaws%3Apersonalize%3Aa%3A1%3Acampaign%2Fc'\n";
    assert_eq!(text_of(Operation::GetRecommendations, &related).as_deref(), Some(expected));
    let promoted =
        |values: Value| json!({"userId": "u", "promotions": [{"filterArn": "arn:f", "filterValues": values}]});
    assert!(text_of(Operation::GetRecommendations, &promoted(json!({}))).is_some());
    assert_eq!(text_of(Operation::GetRecommendations, &promoted(json!({"A": "\"b\""}))), None);
    let columns = |dataset: &str| json!({"userId": "u", "metadataColumns": {dataset: ["NAME", "PRICE"]}});
    assert_eq!(
        text_of(Operation::GetRecommendations, &columns("ITEMS")).as_deref(),
        Some("curl -sS 'http://127.0.0.1:4100/recommendations?user_id=u&fields=id%2Cname%2Cprice'\n")
    );
    assert_eq!(text_of(Operation::GetRecommendations, &columns("USERS")), None);
    assert_eq!(text_of(Operation::ListSolutions, &json!({})), None);
    let ranking = json!({"userId": "u", "inputList": ["a", "b,c"]});
    assert_eq!(
        text_of(Operation::GetPersonalizedRanking, &ranking).as_deref(),
        Some("curl -sS 'http://127.0.0.1:4100/rerank?user_id=u&items=%5B%22a%22%2C%22b%2Cc%22%5D'\n")
    );
}

#[test]
fn events_have_a_plain_request() {
    let input = json!({"trackingId": "t", "sessionId": "s", "eventList": [{"eventType": "it's", "sentAt": 1}]});
    assert_eq!(
        text(Operation::PutEvents, &input, Tool::PlainPost).unwrap(),
        "curl -sS http://127.0.0.1:4100/events \\\n  -H 'Content-Type: application/json' \\\n  \
         --data-binary '{\"eventList\":[{\"eventType\":\"it'\\''s\",\"sentAt\":1}],\"sessionId\":\"s\",\"trackingId\":\"t\"}'\n"
    );
    assert_eq!(text(Operation::PutItems, &json!({}), Tool::PlainPost), None);
}

#[test]
fn the_data_directory_is_named_and_quoted() {
    let input = json!({});
    let call = Call { data_dir: Some("/srv/my data"), ..call(Operation::ListSchemas, &input) };
    for example in examples(&call) {
        assert!(example.text.contains("tastemaker env --data-dir '/srv/my data')"), "{}", example.text);
    }
}
