//! Golden exchanges of what changes a solution, a version or a recommender after it was made.

use crate::control_plane::Transcript;
use crate::harness::{arn, server, with_dataset};
use serde_json::json;
use tastemaker_domain::Status;
use tastemaker_domain::resource::SolutionVersion;

#[tokio::test]
async fn stopping_a_training() {
    let server = server();
    with_dataset(&server).await;
    let body = json!({"name": "taste", "datasetGroupArn": arn("dataset-group/shop"),
        "recipeArn": "arn:aws:personalize:::recipe/aws-user-personalization"});
    server.call("CreateSolution", body).await;
    let made = server.call("CreateSolutionVersion", json!({"solutionArn": arn("solution/taste")})).await.json();
    let version = made["solutionVersionArn"].as_str().unwrap();
    server.change::<SolutionVersion>(version, |v| v.status = Status::CreateInProgress).await;
    let mut t = Transcript::of(&server);
    let body = json!({"solutionVersionArn": version});
    t.call("StopSolutionVersionCreation", body.clone()).await;
    t.call("DescribeSolutionVersion", body.clone()).await;
    t.call("StopSolutionVersionCreation", body).await;
    t.call("StopSolutionVersionCreation", json!({"solutionVersionArn": arn("solution/taste/none")})).await;
    insta::assert_snapshot!(t.finish());
}

#[tokio::test]
async fn updating_a_solution() {
    let server = server();
    with_dataset(&server).await;
    let mut t = Transcript::of(&server);
    let body = json!({"name": "taste", "datasetGroupArn": arn("dataset-group/shop"),
        "recipeArn": "arn:aws:personalize:::recipe/aws-user-personalization", "performAutoTraining": true,
        "solutionConfig": {"autoTrainingConfig": {"schedulingExpression": "rate(3 days)"}}});
    t.call("CreateSolution", body).await;
    let body = json!({"solutionArn": arn("solution/taste"), "performAutoTraining": false,
        "solutionUpdateConfig": {"autoTrainingConfig": {"schedulingExpression": "rate(1 day)"}}});
    t.call("UpdateSolution", body).await;
    t.call("DescribeSolution", json!({"solutionArn": arn("solution/taste")})).await;
    let body = json!({"solutionArn": arn("solution/taste"),
        "solutionUpdateConfig": {"autoTrainingConfig": {"schedulingExpression": "rate(90 days)"}}});
    t.call("UpdateSolution", body).await;
    t.call("UpdateSolution", json!({"solutionArn": arn("solution/none")})).await;
    insta::assert_snapshot!(t.finish());
}
