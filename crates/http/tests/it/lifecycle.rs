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
    server.call("CreateDatasetGroup", json!({"name": "tv", "domain": "VIDEO_ON_DEMAND"})).await;
    let text = |name: &str| json!({"name": name, "type": "string"});
    let time = |name: &str| json!({"name": name, "type": "long"});
    let value = json!({"name": "EVENT_VALUE", "type": "float"});
    let watches = [text("USER_ID"), text("ITEM_ID"), text("EVENT_TYPE"), value, time("TIMESTAMP")];
    let genres = json!({"name": "GENRES", "type": "string", "categorical": true});
    let videos = [text("ITEM_ID"), genres, time("CREATION_TIMESTAMP")];
    for (kind, fields) in [("Interactions", &watches[..]), ("Items", &videos)] {
        let schema = json!({"type": "record", "name": kind, "namespace": "com.amazonaws.personalize.schema", "fields": fields,
            "version": "1.0"});
        let schema = json!({"name": kind, "domain": "VIDEO_ON_DEMAND", "schema": schema.to_string()});
        let dataset = json!({"name": kind, "datasetGroupArn": arn("dataset-group/tv"), "schemaArn": arn(&format!("schema/{kind}")),
            "datasetType": kind});
        for (operation, body) in [("CreateSchema", schema), ("CreateDataset", dataset)] {
            let answer = server.call(operation, body).await;
            assert_eq!(answer.status(), 200, "{operation}: {}", answer.text());
        }
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
