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
