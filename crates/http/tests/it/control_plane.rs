//! Golden exchanges of the control plane: every built operation succeeds once and fails once.

use crate::harness::{ACCOUNT, NOW_MS, Server, arn, clicks, server, with_dataset};
use regex::Regex;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::fmt::Write;
use tastemaker_domain::Status;
use tastemaker_domain::resource::{Campaign, Dataset, DatasetImportJob, Job, SolutionVersion};
use tastemaker_store::records::{self, Record};

/// Exchanges as text, with what is random replaced by what it is.
pub(crate) struct Transcript<'a> {
    server: &'a Server,
    text: String,
}

impl<'a> Transcript<'a> {
    pub fn of(server: &'a Server) -> Self {
        Self { server, text: String::new() }
    }

    pub async fn call(&mut self, operation: &str, body: Value) -> Value {
        let answer = self.server.call(operation, body.clone()).await;
        let output = answer.json();
        let error = answer.header("x-amzn-errortype");
        assert_eq!(error, output["__type"].as_str().unwrap_or_default());
        assert_eq!(answer.header("content-type"), "application/x-amz-json-1.1");
        writeln!(self.text, "{operation} {body}\n{} {output:#}\n", answer.status()).unwrap();
        output
    }

    pub fn finish(self) -> String {
        let uuid = Regex::new("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}").unwrap();
        let text = uuid.replace_all(&self.text, "<uuid>");
        let id = Regex::new("(solution/[a-z]+|event-tracker)/[0-9a-f]{8}").unwrap();
        id.replace_all(&text, "$1/<id>").into_owned()
    }
}

pub(crate) async fn forget_jobs(server: &Server) {
    for (_, job) in records::list::<Job>(&*server.ctx.stores.records).await.unwrap() {
        let write = records::delete::<Job>(job.id());
        server.ctx.stores.records.commit(vec![], vec![write]).await.unwrap();
    }
}

#[tokio::test]
async fn data_resources() {
    let server = server();
    let mut t = Transcript::of(&server);
    t.call("CreateDatasetGroup", json!({"name": "shop"})).await;
    t.call("CreateDatasetGroup", json!({"name": "shop"})).await;
    t.call("DescribeDatasetGroup", json!({"datasetGroupArn": arn("dataset-group/shop")})).await;
    t.call("DescribeDatasetGroup", json!({"datasetGroupArn": arn("dataset-group/zoo")})).await;
    t.call("ListDatasetGroups", json!({})).await;
    t.call("CreateSchema", json!({"name": "clicks", "schema": clicks()})).await;
    t.call("CreateSchema", json!({"name": "clicks", "schema": clicks()})).await;
    t.call("CreateSchema", json!({"name": "bad", "schema": "{"})).await;
    t.call("DescribeSchema", json!({"schemaArn": arn("schema/clicks")})).await;
    t.call("ListSchemas", json!({"maxResults": 1})).await;
    let body = json!({"name": "clicks", "datasetGroupArn": arn("dataset-group/shop"), "schemaArn": arn("schema/clicks"),
        "datasetType": "interactions"});
    t.call("CreateDataset", body.clone()).await;
    t.call("CreateDataset", body).await;
    let body = json!({"name": "x", "datasetGroupArn": arn("dataset-group/shop"), "schemaArn": arn("schema/clicks"),
        "datasetType": "Things"});
    t.call("CreateDataset", body).await;
    let dataset = arn("dataset/shop/INTERACTIONS");
    t.call("DescribeDataset", json!({"datasetArn": dataset})).await;
    t.call("ListDatasets", json!({"datasetGroupArn": arn("dataset-group/shop")})).await;
    let source = json!({"dataLocation": "s3://data/clicks.csv"});
    let body = json!({"jobName": "first", "datasetArn": dataset, "dataSource": source,
        "roleArn": format!("arn:aws:iam::{ACCOUNT}:role/import")});
    t.call("CreateDatasetImportJob", body.clone()).await;
    t.call("CreateDatasetImportJob", body).await;
    t.call("DescribeDatasetImportJob", json!({"datasetImportJobArn": arn("dataset-import-job/first")})).await;
    t.call("ListDatasetImportJobs", json!({"datasetArn": dataset})).await;
    t.call("DeleteDataset", json!({"datasetArn": dataset})).await;
    server.change::<DatasetImportJob>(&arn("dataset-import-job/first"), |j| j.status = Status::Active).await;
    forget_jobs(&server).await;
    t.call("DeleteSchema", json!({"schemaArn": arn("schema/clicks")})).await;
    t.call("DeleteDatasetGroup", json!({"datasetGroupArn": arn("dataset-group/shop")})).await;
    t.call("DeleteDataset", json!({"datasetArn": dataset})).await;
    t.call("DeleteSchema", json!({"schemaArn": arn("schema/clicks")})).await;
    t.call("DeleteDatasetGroup", json!({"datasetGroupArn": arn("dataset-group/shop")})).await;
    insta::assert_snapshot!(t.finish());
}

#[tokio::test]
async fn event_trackers() {
    let server = server();
    with_dataset(&server).await;
    let mut t = Transcript::of(&server);
    let body = json!({"name": "web", "datasetGroupArn": arn("dataset-group/shop")});
    let made = t.call("CreateEventTracker", body.clone()).await;
    t.call("CreateEventTracker", body).await;
    t.call("DescribeEventTracker", json!({"eventTrackerArn": made["eventTrackerArn"]})).await;
    t.call("ListEventTrackers", json!({"datasetGroupArn": arn("dataset-group/shop")})).await;
    t.call("DeleteEventTracker", json!({"eventTrackerArn": made["eventTrackerArn"]})).await;
    t.call("DeleteEventTracker", json!({"eventTrackerArn": made["eventTrackerArn"]})).await;
    insta::assert_snapshot!(t.finish());
}

#[tokio::test]
async fn filters() {
    let server = server();
    with_dataset(&server).await;
    let mut t = Transcript::of(&server);
    let body = json!({"name": "unseen", "datasetGroupArn": arn("dataset-group/shop"),
        "filterExpression": "EXCLUDE ItemID WHERE Interactions.EVENT_TYPE IN (\"Order\")",
        "tags": [{"tagKey": "team", "tagValue": "shop"}]});
    let made = t.call("CreateFilter", body.clone()).await;
    assert!(server.serving.filters.get(made["filterArn"].as_str().unwrap()).is_some());
    t.call("CreateFilter", body).await;
    let body = json!({"name": "odd", "datasetGroupArn": arn("dataset-group/shop"),
        "filterExpression": "EXCLUDE ItemID WHERE Interactions.EVENT_TYPE LIKE (\"Order\")"});
    t.call("CreateFilter", body).await;
    t.call("DescribeFilter", json!({"filterArn": made["filterArn"]})).await;
    t.call("ListFilters", json!({"datasetGroupArn": arn("dataset-group/shop")})).await;
    t.call("ListTagsForResource", json!({"resourceArn": made["filterArn"]})).await;
    t.call("DeleteFilter", json!({"filterArn": made["filterArn"]})).await;
    assert_eq!(server.serving.filters.arns(), Vec::<String>::new());
    t.call("DescribeFilter", json!({"filterArn": made["filterArn"]})).await;
    insta::assert_snapshot!(t.finish());
}

#[tokio::test]
async fn models() {
    let server = server();
    with_dataset(&server).await;
    let dataset = arn("dataset/shop/INTERACTIONS");
    server.change::<Dataset>(&dataset, |d| (d.bulk_rows, d.bulk_files) = (5000, vec!["x".into()])).await;
    let mut t = Transcript::of(&server);
    let body = json!({"name": "taste", "datasetGroupArn": arn("dataset-group/shop"),
        "recipeArn": "arn:aws:personalize:::recipe/aws-user-personalization",
        "solutionConfig": {"algorithmHyperParameters": {"hidden_dimension": "64"}}});
    t.call("CreateSolution", body.clone()).await;
    t.call("CreateSolution", body).await;
    let body = json!({"name": "odd", "datasetGroupArn": arn("dataset-group/shop"),
        "recipeArn": "arn:aws:personalize:::recipe/aws-user-personalization",
        "solutionConfig": {"algorithmHyperParameters": {"hidden_dimension": "many"}}});
    t.call("CreateSolution", body).await;
    let solution = arn("solution/taste");
    let made = t.call("CreateSolutionVersion", json!({"solutionArn": solution})).await;
    t.call("CreateSolutionVersion", json!({"solutionArn": arn("solution/none")})).await;
    let version = made["solutionVersionArn"].as_str().unwrap();
    t.call("GetSolutionMetrics", json!({"solutionVersionArn": version})).await;
    t.call("CreateCampaign", json!({"name": "shop", "solutionVersionArn": version})).await;
    server
        .change::<SolutionVersion>(version, |v| {
            v.status = Status::Active;
            v.training_hours = Some(0.25);
            v.metrics = BTreeMap::from([("coverage".into(), 0.5), ("ndcg_at_5".into(), 0.0379)]);
            v.updated_ms = NOW_MS + 60_000;
        })
        .await;
    forget_jobs(&server).await;
    t.call("DescribeSolutionVersion", json!({"solutionVersionArn": version})).await;
    t.call("ListSolutionVersions", json!({"solutionArn": solution})).await;
    t.call("GetSolutionMetrics", json!({"solutionVersionArn": version})).await;
    t.call("DescribeSolution", json!({"solutionArn": solution})).await;
    t.call("ListSolutions", json!({"datasetGroupArn": arn("dataset-group/shop")})).await;
    let campaign = arn("campaign/shop");
    let body = json!({"name": "shop", "solutionVersionArn": version, "minProvisionedTPS": 2});
    t.call("CreateCampaign", body.clone()).await;
    t.call("CreateCampaign", body).await;
    t.call("DeleteCampaign", json!({"campaignArn": campaign})).await;
    server.change::<Campaign>(&campaign, |c| c.status = Status::Active).await;
    forget_jobs(&server).await;
    t.call("DescribeCampaign", json!({"campaignArn": campaign})).await;
    t.call("ListCampaigns", json!({"solutionArn": solution})).await;
    t.call("UpdateCampaign", json!({"campaignArn": campaign, "minProvisionedTPS": 3})).await;
    t.call("DescribeCampaign", json!({"campaignArn": campaign})).await;
    t.call("UpdateCampaign", json!({"campaignArn": arn("campaign/none")})).await;
    t.call("DeleteSolution", json!({"solutionArn": solution})).await;
    server.change::<Campaign>(&campaign, |c| c.latest_update = None).await;
    forget_jobs(&server).await;
    t.call("DeleteCampaign", json!({"campaignArn": campaign})).await;
    t.call("DeleteSolution", json!({"solutionArn": solution})).await;
    t.call("DescribeSolution", json!({"solutionArn": solution})).await;
    insta::assert_snapshot!(t.finish());
}

#[tokio::test]
async fn recipes() {
    let server = server();
    let mut t = Transcript::of(&server);
    t.call("ListRecipes", json!({"recipeProvider": "SERVICE"})).await;
    t.call("ListRecipes", json!({"domain": "ECOMMERCE"})).await;
    let resource = |kind: &str| format!("arn:aws:personalize:::{kind}/aws-user-personalization");
    let described = t.call("DescribeRecipe", json!({"recipeArn": resource("recipe")})).await;
    t.call("DescribeRecipe", json!({"recipeArn": resource("algorithm")})).await;
    t.call("DescribeAlgorithm", json!({"algorithmArn": described["recipe"]["algorithmArn"]})).await;
    t.call("DescribeAlgorithm", json!({"algorithmArn": "arn:aws:personalize:::algorithm/none"})).await;
    let transformation = &described["recipe"]["featureTransformationArn"];
    t.call("DescribeFeatureTransformation", json!({"featureTransformationArn": transformation})).await;
    let none = "arn:aws:personalize:::feature-transformation/none";
    t.call("DescribeFeatureTransformation", json!({"featureTransformationArn": none})).await;
    insta::assert_snapshot!(t.finish());
}

#[tokio::test]
async fn what_does_not_exist_is_neither_changed_nor_deleted() {
    let server = server();
    for (operation, member, resource) in [
        ("DeleteCampaign", "campaignArn", "campaign/none"),
        ("DeleteDataset", "datasetArn", "dataset/none/ITEMS"),
        ("DeleteDatasetGroup", "datasetGroupArn", "dataset-group/none"),
        ("DeleteEventTracker", "eventTrackerArn", "event-tracker/00000000"),
        ("DeleteFilter", "filterArn", "filter/none"),
        ("DeleteMetricAttribution", "metricAttributionArn", "metric-attribution/none"),
        ("DeleteRecommender", "recommenderArn", "recommender/none"),
        ("DeleteSchema", "schemaArn", "schema/none"),
        ("DeleteSolution", "solutionArn", "solution/none"),
        ("StartRecommender", "recommenderArn", "recommender/none"),
        ("StopRecommender", "recommenderArn", "recommender/none"),
        ("StopSolutionVersionCreation", "solutionVersionArn", "solution/none/00000000"),
        ("UpdateCampaign", "campaignArn", "campaign/none"),
        ("UpdateSolution", "solutionArn", "solution/none"),
        ("UpdateMetricAttribution", "metricAttributionArn", "metric-attribution/none"),
    ] {
        let mut body = json!({});
        body[member] = arn(resource).into();
        server.call(operation, body).await.is_error(400, "ResourceNotFoundException", resource);
    }
}
