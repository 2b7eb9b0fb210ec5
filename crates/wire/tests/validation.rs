//! Error texts of the validator, in AWS's form.

use serde_json::{Value, json};
use tastemaker_wire::Operation;
use tastemaker_wire::validate::{Invalid, validate};

const GROUP: &str = "arn:aws:personalize:us-east-1:000000000000:dataset-group/g";

fn check(operation: Operation, body: Value, expected: Result<(), Invalid>) {
    assert_eq!(validate(operation.descriptor().constraints, &body), expected, "{body}");
}

fn violates(operation: Operation, body: Value, texts: &[&str]) {
    let plural = if texts.len() == 1 { "error" } else { "errors" };
    let text = format!("{} validation {plural} detected: {}", texts.len(), texts.join("; "));
    // The member is that of the first text.
    let member = texts[0].split(" at '").nth(1).and_then(|rest| rest.split('\'').next()).expect("a path").to_owned();
    check(operation, body, Err(Invalid::Constraints { text, member }));
}

fn mistyped(operation: Operation, body: Value, text: &str) {
    check(operation, body, Err(Invalid::Type(text.to_owned())));
}

#[test]
fn names_follow_length_and_pattern() {
    use Operation::CreateDatasetGroup as operation;
    let pattern = "Member must satisfy regular expression pattern: ^[a-zA-Z0-9][a-zA-Z0-9\\-_]*";
    check(operation, json!({"name": "a"}), Ok(()));
    check(operation, json!({"name": "a".repeat(63)}), Ok(()));
    let long = "a".repeat(64);
    violates(
        operation,
        json!({"name": long}),
        &[&format!(
            "Value '{long}' at 'name' failed to satisfy constraint: Member must have length less than or equal to 63"
        )],
    );
    violates(
        operation,
        json!({"name": ""}),
        &[
            "Value '' at 'name' failed to satisfy constraint: Member must have length greater than or equal to 1",
            &format!("Value '' at 'name' failed to satisfy constraint: {pattern}"),
        ],
    );
    for name in ["!!", "a b", "-a", "a\n", "ä"] {
        let text = format!("Value '{name}' at 'name' failed to satisfy constraint: {pattern}");
        violates(operation, json!({ "name": name }), &[&text]);
    }
}

#[test]
fn absent_and_null_members_are_null() {
    let texts = [
        "Value null at 'name' failed to satisfy constraint: Member must not be null",
        "Value null at 'schema' failed to satisfy constraint: Member must not be null",
    ];
    violates(Operation::CreateSchema, json!({}), &texts);
    violates(Operation::CreateSchema, json!({"name": null, "schema": null, "domain": null}), &texts);
}

#[test]
fn enums_list_their_values() {
    violates(
        Operation::CreateDatasetGroup,
        json!({"name": "g", "domain": "FOO"}),
        &["Value 'FOO' at 'domain' failed to satisfy constraint: Member must satisfy enum value set: \
           [ECOMMERCE, VIDEO_ON_DEMAND]"],
    );
}

#[test]
fn numbers_have_ranges() {
    use Operation::ListSchemas as operation;
    check(operation, json!({"maxResults": 100, "nextToken": ""}), Ok(()));
    let text = |value: &str, rule: &str| {
        format!("Value '{value}' at 'maxResults' failed to satisfy constraint: Member must have value {rule}")
    };
    violates(operation, json!({"maxResults": 0}), &[&text("0", "greater than or equal to 1")]);
    violates(operation, json!({"maxResults": 101}), &[&text("101", "less than or equal to 100")]);
    violates(
        Operation::GetRecommendations,
        json!({"promotions": [{"percentPromotedItems": 101}]}),
        &["Value '101' at 'promotions.1.member.percentPromotedItems' failed to satisfy constraint: \
           Member must have value less than or equal to 100"],
    );
    let arn = "arn:aws:personalize:us-east-1:0:solution/s/1";
    violates(
        Operation::CreateCampaign,
        json!({"name": "c", "solutionVersionArn": arn, "campaignConfig": {"rankingInfluence": {"POPULARITY": 1.5}}}),
        &["Value '1.5' at 'campaignConfig.rankingInfluence.POPULARITY.member' failed to satisfy constraint: \
           Member must have value less than or equal to 1"],
    );
}

#[test]
fn nested_paths_name_members_keys_and_positions() {
    let solution = |config: Value| json!({"name": "s", "datasetGroupArn": GROUP, "solutionConfig": config});
    let metric = "m".repeat(257);
    violates(
        Operation::CreateSolution,
        solution(json!({"hpoConfig": {"hpoObjective": {"metricName": metric}}})),
        &[&format!(
            "Value '{}...' at 'solutionConfig.hpoConfig.hpoObjective.metricName' failed to satisfy constraint: \
             Member must have length less than or equal to 256",
            "m".repeat(256)
        )],
    );
    violates(
        Operation::CreateSolution,
        solution(json!({"trainingDataConfig": {"excludedDatasetColumns": {"Items": ["OK", "1X"]}}})),
        &["Value '1X' at 'solutionConfig.trainingDataConfig.excludedDatasetColumns.Items.member.2.member' failed to \
           satisfy constraint: Member must satisfy regular expression pattern: [A-Za-z_][A-Za-z\\d_]*"],
    );
    violates(
        Operation::CreateSolution,
        solution(json!({"trainingDataConfig": {"excludedDatasetColumns": {"It ems": []}}})),
        &[
            "Value 'It ems' at 'solutionConfig.trainingDataConfig.excludedDatasetColumns' failed to satisfy constraint: \
           Map keys must satisfy constraint: [Member must satisfy regular expression pattern: ^[A-Za-z_]+$]",
        ],
    );
    violates(
        Operation::CreateSolution,
        solution(json!({"algorithmHyperParameters": {"rank": null}})),
        &["Value null at 'solutionConfig.algorithmHyperParameters.rank.member' failed to satisfy constraint: \
           Member must not be null"],
    );
    violates(
        Operation::PutEvents,
        json!({"trackingId": "t", "sessionId": "s", "eventList": [{"eventType": "", "sentAt": 1}]}),
        &["Value '' at 'eventList.1.member.eventType' failed to satisfy constraint: \
           Member must have length greater than or equal to 1"],
    );
}

#[test]
fn lists_have_lengths_and_structures_stay_out_of_the_text() {
    let events = |count: usize| {
        let event = json!({"eventType": "click", "sentAt": 1});
        json!({"trackingId": "t", "sessionId": "s", "eventList": vec![event; count]})
    };
    check(Operation::PutEvents, events(10), Ok(()));
    let text =
        |rule: &str| format!("Value at 'eventList' failed to satisfy constraint: Member must have length {rule}");
    violates(Operation::PutEvents, events(11), &[&text("less than or equal to 10")]);
    violates(Operation::PutEvents, events(0), &[&text("greater than or equal to 1")]);
    violates(
        Operation::GetRecommendations,
        json!({"metadataColumns": {"ITEMS": ["A"], "USERS": []}}),
        &["Value '{\"ITEMS\":[\"A\"],\"USERS\":[]}' at 'metadataColumns' failed to satisfy constraint: \
           Member must have length less than or equal to 1"],
    );
}

#[test]
fn sensitive_values_stay_out_of_the_text() {
    violates(
        Operation::CreateFilter,
        json!({"name": "f", "datasetGroupArn": GROUP, "filterExpression": "x".repeat(2501)}),
        &[
            "Value at 'filterExpression' failed to satisfy constraint: Member must have length less than or equal to 2500",
        ],
    );
    // The length of a raw object is that of its JSON text.
    violates(
        Operation::PutUsers,
        json!({"datasetArn": GROUP, "users": [{"userId": "u", "properties": {"a": "x".repeat(24_000)}}]}),
        &["Value at 'users.1.member.properties' failed to satisfy constraint: \
           Member must have length less than or equal to 24000"],
    );
}

#[test]
fn lengths_count_characters() {
    check(Operation::GetRecommendations, json!({"userId": "ü".repeat(256)}), Ok(()));
    let (user, rule) = ("ü".repeat(257), "Member must have length less than or equal to 256");
    let shown = "ü".repeat(256);
    violates(
        Operation::GetRecommendations,
        json!({ "userId": user }),
        &[&format!("Value '{shown}...' at 'userId' failed to satisfy constraint: {rule}")],
    );
}

#[test]
fn arns_and_locations_match_as_a_whole() {
    let arn = "Member must satisfy regular expression pattern: arn:([a-z\\d-]+):personalize:.*:.*:.+";
    check(Operation::CreateSolutionVersion, json!({"solutionArn": "arn:aws-cn:personalize:r:1:solution/s"}), Ok(()));
    for value in ["", "solution/s", "arn:aws:s3:::b", " arn:aws:personalize:r:1:solution/s"] {
        let text = format!("Value '{value}' at 'solutionArn' failed to satisfy constraint: {arn}");
        violates(Operation::CreateSolutionVersion, json!({ "solutionArn": value }), &[&text]);
    }
    let import = |path: &str| json!({"jobName": "j", "datasetArn": GROUP, "dataSource": {"dataLocation": path}});
    check(Operation::CreateDatasetImportJob, import("s3://b/k"), Ok(()));
    // Beyond AWS: a configuration may allow directories of the server.
    check(Operation::CreateDatasetImportJob, import("file:///data/k.csv"), Ok(()));
    violates(
        Operation::CreateDatasetImportJob,
        import("b/k"),
        &["Value 'b/k' at 'dataSource.dataLocation' failed to satisfy constraint: \
           Member must satisfy regular expression pattern: (s3|http|https)://.+"],
    );
}

#[test]
fn wrong_types_come_before_constraints_and_name_the_path() {
    let operation = Operation::CreateCampaign;
    mistyped(
        operation,
        json!({"name": "!!", "minProvisionedTPS": "1"}),
        "The value at 'minProvisionedTPS' must be an integer of 32 bits; found a string.",
    );
    for (value, found) in [(json!(1.5), "1.5"), (json!(3_000_000_000_u32), "3000000000")] {
        mistyped(
            operation,
            json!({ "minProvisionedTPS": value }),
            &format!("The value at 'minProvisionedTPS' must be an integer of 32 bits; found a number {found}."),
        );
    }
    mistyped(
        operation,
        json!({"campaignConfig": {"syncWithLatestSolutionVersion": "true"}}),
        "The value at 'campaignConfig.syncWithLatestSolutionVersion' must be true or false; found a string.",
    );
    mistyped(
        operation,
        json!({"campaignConfig": {"itemExplorationConfig": {"explorationWeight": []}}}),
        "The value at 'campaignConfig.itemExplorationConfig.explorationWeight.member' must be a string, number or \
         boolean; found a list.",
    );
    mistyped(operation, json!({"tags": {}}), "The value at 'tags' must be a list; found an object.");
    mistyped(operation, json!({"tags": ["x"]}), "The value at 'tags.1.member' must be an object; found a string.");
    mistyped(operation, json!({"name": 5}), "The value at 'name' must be a string; found a number 5.");
    mistyped(
        Operation::PutEvents,
        json!({"eventList": [{"sentAt": "soon"}]}),
        "The value at 'eventList.1.member.sentAt' must be a timestamp in seconds since the Unix epoch; found a string.",
    );
    mistyped(
        Operation::PutEvents,
        json!({"eventList": [{"properties": [1]}]}),
        "The value at 'eventList.1.member.properties' must be a string that carries JSON, or an object; found a list.",
    );
}

#[test]
fn a_message_reports_ten_violations_at_most() {
    let body = json!({"campaignArn": GROUP, "userId": "u", "inputList": vec![Value::Null; 1000]});
    let checked = validate(Operation::GetPersonalizedRanking.descriptor().constraints, &body);
    let Err(Invalid::Constraints { text, .. }) = checked else {
        panic!("nulls in a list are refused");
    };
    assert!(text.starts_with("10 validation errors detected: Value null at 'inputList.1.member'"), "{text}");
    assert!(text.len() < 2000);
}
