//! Golden exchanges of what changes a solution, a version or a recommender after it was made.

use crate::control_plane::{Transcript, forget_jobs};
use crate::harness::{arn, server, with_dataset};
use serde_json::json;
use std::collections::BTreeMap;
use tastemaker_domain::Status;
use tastemaker_domain::resource::{Recommender, SolutionVersion};

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

#[tokio::test]
async fn recommenders() {
    let server = server();
    let texts = ["USER_ID", "ITEM_ID", "EVENT_TYPE"].map(|name| json!({"name": name, "type": "string"}));
    let fields = [&texts[..], &[json!({"name": "TIMESTAMP", "type": "long"})]].concat();
    let watches = json!({"type": "record", "name": "Interactions", "namespace": "com.amazonaws.personalize.schema",
        "fields": fields, "version": "1.0"})
    .to_string();
    for (operation, body) in [
        ("CreateDatasetGroup", json!({"name": "tv", "domain": "VIDEO_ON_DEMAND"})),
        ("CreateSchema", json!({"name": "watches", "domain": "VIDEO_ON_DEMAND", "schema": watches})),
        (
            "CreateDataset",
            json!({"name": "watches", "datasetGroupArn": arn("dataset-group/tv"), "schemaArn": arn("schema/watches"),
                "datasetType": "Interactions"}),
        ),
    ] {
        let answer = server.call(operation, body).await;
        assert_eq!(answer.status(), 200, "{operation}: {}", answer.text());
    }
    let mut t = Transcript::of(&server);
    let recommender = arn("recommender/tops");
    let named = json!({"recommenderArn": recommender});
    let body = json!({"name": "tops", "datasetGroupArn": arn("dataset-group/tv"),
        "recipeArn": "arn:aws:personalize:::recipe/aws-vod-top-picks", "recommenderConfig": {
            "itemExplorationConfig": {"explorationWeight": "0.2"}, "minRecommendationRequestsPerSecond": 2,
            "trainingDataConfig": {"excludedDatasetColumns": {"Interactions": ["EVENT_VALUE"]}}}});
    t.call("CreateRecommender", body.clone()).await;
    t.call("CreateRecommender", body).await;
    t.call("DescribeRecommender", named.clone()).await;
    t.call("DescribeRecommender", json!({"recommenderArn": arn("campaign/tops")})).await;
    t.call("ListRecommenders", json!({"datasetGroupArn": arn("dataset-group/tv")})).await;
    t.call("ListRecommenders", json!({"nextToken": "bm9uc2Vuc2U"})).await;
    t.call("StopRecommender", named.clone()).await;
    t.call("DeleteRecommender", named.clone()).await;
    forget_jobs(&server).await;
    server
        .change::<Recommender>(&recommender, |r| {
            (r.status, r.model_arn, r.training_arn) = (Status::Active, r.training_arn.take(), None);
            r.metrics = BTreeMap::from([("coverage".into(), 0.5)]);
        })
        .await;
    let body = json!({"recommenderArn": recommender, "recommenderConfig": {
        "trainingDataConfig": {"excludedDatasetColumns": {"INTERACTIONS": ["EVENT_VALUE"]}}}});
    t.call("UpdateRecommender", body.clone()).await;
    t.call("DescribeRecommender", named.clone()).await;
    t.call("UpdateRecommender", body).await;
    server.change::<Recommender>(&recommender, |r| r.latest_update = None).await;
    t.call("StartRecommender", named.clone()).await;
    t.call("StopRecommender", named.clone()).await;
    server.change::<Recommender>(&recommender, |r| r.status = Status::Inactive).await;
    t.call("StartRecommender", named.clone()).await;
    server.change::<Recommender>(&recommender, |r| r.status = Status::Active).await;
    t.call("DeleteRecommender", named.clone()).await;
    t.call("DescribeRecommender", named).await;
    insta::assert_snapshot!(t.finish());
}
