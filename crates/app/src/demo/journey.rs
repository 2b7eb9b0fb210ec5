//! From three CSV files to a recommendation, through the public API alone.
//!
//! Every step may run again on a data directory that has some or all of it already.

use super::client::{Client, ServiceError};
use super::shop::{CAMPAIGN, Shop};
use super::steps::StepLog;
use crate::progress::ProgressBoard;
use anyhow::{Context, Result, bail};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::time::Duration;
use tastemaker_console::ports::{DemoReady, DemoStepKind};
use tastemaker_domain::catalog;
use tastemaker_domain::recipe::RecipeDescriptor;

const BUCKET: &str = "demo-shop";
const POLL: Duration = Duration::from_millis(100);

/// Name of the dataset group.
const DATASET_GROUP: &str = "demo-shop";

/// The resources that the journey made.
pub struct Outcome {
    /// The request that shows what was made.
    pub ready: DemoReady,
    /// Offline metrics of aws-user-personalization.
    pub learned: Value,
    /// Offline metrics of aws-popularity-count on users held out in the same way.
    pub popularity: Value,
    /// The answer of `GET /recommendations` for the busiest user.
    pub recommendations: Value,
    /// Whether one streamed event changed that answer.
    pub reacted: bool,
}

/// Plays the journey of one shop against one server.
pub struct Journey<'a> {
    /// Calls the server.
    pub client: &'a Client,
    /// Has the numbers of the jobs that make the resources.
    pub board: &'a ProgressBoard,
    /// Is told of every step.
    pub log: &'a dyn StepLog,
}

impl Journey<'_> {
    /// Runs all steps. The links of the shop's products begin with `links`.
    pub async fn run(&self, shop: &Shop, links: &str) -> Result<Outcome> {
        self.log.begin(DemoStepKind::Upload);
        self.client.create_bucket(BUCKET).await?;
        let files =
            [("interactions", shop.interactions_csv()), ("items", shop.items_csv(links)), ("users", shop.users_csv())];
        for (name, csv) in files {
            self.client.put_object(BUCKET, &format!("{name}.csv"), csv.into()).await?;
        }
        self.log.end();

        let group = self.create("CreateDatasetGroup", json!({"name": DATASET_GROUP}), "datasetGroupArn").await?;
        // The items' links name the server, so that another address needs another import.
        let place = hex::encode(&Sha256::digest(links)[..4]);
        for (name, schema) in SCHEMAS {
            self.import(&group, name, schema, &place).await?;
        }

        // The campaign answers within seconds and gets better once there is better.
        let personal = &catalog::AWS_USER_PERSONALIZATION;
        let fast = self.train(&group, "for-you-fast", personal, Some(catalog::FAST_PRESET)).await?;
        let campaign = self.deploy(&fast).await?;
        let learned = self.train(&group, "for-you", personal, None).await?;
        let popularity = self.train(&group, "popular", &catalog::AWS_POPULARITY_COUNT, None).await?;
        let tracker = json!({"name": "demo-shop", "datasetGroupArn": group});
        let tracker = match self.client.control("CreateEventTracker", tracker).await {
            Ok(made) => made["trackingId"].clone(),
            Err(e) if is_existing(&e) => self.tracking_id(&group).await?,
            Err(e) => return Err(e),
        };
        self.update(&campaign, &learned).await?;

        let metrics = async |version: &str| -> Result<Value> {
            let input = json!({"solutionVersionArn": version});
            Ok(self.client.control("GetSolutionMetrics", input).await?["metrics"].clone())
        };
        let (learned, popularity) = (metrics(&learned).await?, metrics(&popularity).await?);
        let user = shop.busiest_user();
        let recommendations = self.recommendations(user).await?;
        let reacted = self.react(&tracker, user, &recommendations).await?;
        let user_id = shop.middle_user().to_owned();
        let ready = DemoReady { dataset_group: DATASET_GROUP.to_owned(), campaign_arn: campaign, user_id };
        Ok(Outcome { ready, learned, popularity, recommendations, reacted })
    }

    async fn import(&self, group: &str, name: &'static str, schema: &str, place: &str) -> Result<()> {
        let schema = json!({"name": format!("demo-shop-{name}"), "schema": schema});
        let schema = self.create("CreateSchema", schema, "schemaArn").await?;
        let dataset = json!({
            "name": format!("demo-shop-{name}"), "datasetGroupArn": group, "datasetType": name, "schemaArn": schema,
        });
        let dataset = self.create("CreateDataset", dataset, "datasetArn").await?;
        let job = self.import_job(&dataset, name, place).await?;
        self.log.begin(DemoStepKind::Import { dataset: name });
        let describe = ("DescribeDatasetImportJob", json!({"datasetImportJobArn": job}), "datasetImportJob");
        self.until_active(&job, describe).await?;
        self.log.end();
        Ok(())
    }

    /// Starts an import, or takes the dataset's newest one when that was of links to this same place.
    async fn import_job(&self, dataset: &str, name: &str, place: &str) -> Result<String> {
        let listed = self.client.control("ListDatasetImportJobs", json!({"datasetArn": dataset})).await?;
        let jobs = listed["datasetImportJobs"].as_array().map(Vec::as_slice).unwrap_or_default();
        let prefix = format!("demo-shop-{name}-{place}-");
        if let Some(newest) = jobs.first()
            && newest["jobName"].as_str().is_some_and(|n| n.starts_with(&prefix))
            && newest["status"] != "CREATE FAILED"
        {
            return text(newest, "datasetImportJobArn");
        }
        let job = json!({
            "jobName": format!("{prefix}{}", jobs.len() + 1),
            "datasetArn": dataset,
            "dataSource": {"dataLocation": format!("s3://{BUCKET}/{name}.csv")},
            "roleArn": "arn:aws:iam::000000000000:role/demo",
        });
        self.create("CreateDatasetImportJob", job, "datasetImportJobArn").await
    }

    /// Trains a solution version, or finds the one that an earlier run left.
    async fn train(
        &self,
        group: &str,
        name: &str,
        recipe: &RecipeDescriptor,
        preset: Option<&'static str>,
    ) -> Result<String> {
        let parameters = preset.map_or(json!({}), |preset| json!({"preset": preset}));
        let solution = json!({
            "name": format!("demo-shop-{name}"),
            "datasetGroupArn": group,
            "recipeArn": recipe.arn(),
            "performAutoTraining": false,
            "solutionConfig": {"algorithmHyperParameters": parameters},
        });
        let solution = self.create("CreateSolution", solution, "solutionArn").await?;
        let described = self.client.control("DescribeSolution", json!({"solutionArn": solution})).await?;
        let latest = &described["solution"]["latestSolutionVersion"];
        let version = match (latest["solutionVersionArn"].as_str(), latest["status"].as_str()) {
            (Some(arn), Some(status)) if status != "CREATE FAILED" => arn.to_owned(),
            _ => {
                let made = self.client.control("CreateSolutionVersion", json!({"solutionArn": solution})).await?;
                text(&made, "solutionVersionArn")?
            }
        };
        self.log.begin(DemoStepKind::Train { recipe: recipe.name, preset });
        let describe = ("DescribeSolutionVersion", json!({"solutionVersionArn": version}), "solutionVersion");
        self.until_active(&version, describe).await?;
        self.log.end();
        Ok(version)
    }

    /// Makes the campaign with a version, or finds the one that an earlier run left.
    async fn deploy(&self, version: &str) -> Result<String> {
        self.log.begin(DemoStepKind::Deploy);
        let campaign = json!({
            "name": CAMPAIGN,
            "solutionVersionArn": version,
            "minProvisionedTPS": 1,
            "campaignConfig": campaign_config(),
        });
        let campaign = self.create("CreateCampaign", campaign, "campaignArn").await?;
        let describe = ("DescribeCampaign", json!({"campaignArn": campaign}), "campaign");
        self.until_active(&campaign, describe).await?;
        self.log.end();
        Ok(campaign)
    }

    /// Has the campaign answer from another version.
    async fn update(&self, campaign: &str, version: &str) -> Result<()> {
        self.log.begin(DemoStepKind::Update);
        let describe = async || -> Result<Value> {
            let described = self.client.control("DescribeCampaign", json!({"campaignArn": campaign})).await?;
            Ok(described["campaign"].clone())
        };
        let input =
            json!({"campaignArn": campaign, "solutionVersionArn": version, "campaignConfig": campaign_config()});
        if describe().await?["solutionVersionArn"] != version {
            self.client.control("UpdateCampaign", input).await?;
        }
        loop {
            let found = describe().await?;
            if found["solutionVersionArn"] == version && found["status"] == "ACTIVE" {
                break;
            }
            let update = &found["latestCampaignUpdate"];
            if update["status"].as_str().is_some_and(|status| status.ends_with("FAILED")) {
                bail!("{campaign}: {}: {}", update["status"], update["failureReason"]);
            }
            tokio::time::sleep(POLL).await;
        }
        self.log.end();
        Ok(())
    }

    async fn recommendations(&self, user: &str) -> Result<Value> {
        let (status, body) = self.client.get(&format!("/recommendations?user_id={user}")).await?;
        let list: Value = serde_json::from_slice(&body)
            .with_context(|| format!("GET /recommendations answered {status} {}", String::from_utf8_lossy(&body)))?;
        let complete = |item: &Value| {
            ["id", "url", "name", "image"].iter().all(|key| item[key].is_string()) && item["price"].is_number()
        };
        let items = list.as_array().map(Vec::as_slice).unwrap_or_default();
        if status != 200 || items.is_empty() || !items.iter().all(complete) {
            bail!("GET /recommendations answered {status} {list}");
        }
        Ok(list)
    }

    /// Sends one click on the tenth recommendation and asks again.
    async fn react(&self, tracking_id: &Value, user: &str, before: &Value) -> Result<bool> {
        let clicked = before.get(9).or(before.get(0)).map(|item| item["id"].clone()).unwrap_or_default();
        let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH)?.as_secs();
        let event = json!({"eventType": "View", "itemId": clicked, "sentAt": now});
        let input = json!({"trackingId": tracking_id, "userId": user, "sessionId": "demo", "eventList": [event]});
        self.client.at_path("/events", input).await?;
        Ok(self.recommendations(user).await? != *before)
    }

    async fn tracking_id(&self, group: &str) -> Result<Value> {
        let listed = self.client.control("ListEventTrackers", json!({"datasetGroupArn": group})).await?;
        let arn = text(&listed["eventTrackers"][0], "eventTrackerArn")?;
        let described = self.client.control("DescribeEventTracker", json!({"eventTrackerArn": arn})).await?;
        Ok(described["eventTracker"]["trackingId"].clone())
    }

    /// Creates a resource, or takes the one of that name.
    async fn create(&self, operation: &str, input: Value, member: &str) -> Result<String> {
        match self.client.control(operation, input).await {
            Ok(made) => text(&made, member),
            Err(e) if is_existing(&e) => {
                let message = e.to_string();
                let arn = message.split_whitespace().find(|word| word.starts_with("arn:"));
                arn.map(str::to_owned).with_context(|| format!("no ARN in: {message}"))
            }
            Err(e) => Err(e),
        }
    }

    async fn until_active(&self, arn: &str, describe: (&str, Value, &str)) -> Result<()> {
        let (operation, input, member) = describe;
        loop {
            let described = self.client.control(operation, input.clone()).await?;
            let resource = &described[member];
            match resource["status"].as_str() {
                Some("ACTIVE") => return Ok(()),
                Some(status) if status.ends_with("FAILED") => {
                    bail!("{arn}: {status}: {}", resource["failureReason"].as_str().unwrap_or("no reason given"))
                }
                _ => {}
            }
            if let Some(progress) = self.board.of(arn) {
                self.log.progress(&progress);
            }
            tokio::time::sleep(POLL).await;
        }
    }
}

/// Without exploration, whose draws come from the version's name, the shop answers the same everywhere.
fn campaign_config() -> Value {
    json!({
        "enableMetadataWithRecommendations": true,
        "itemExplorationConfig": {"explorationWeight": "0"},
    })
}

const SCHEMAS: [(&str, &str); 3] = [
    (
        "interactions",
        r#"{"type":"record","name":"Interactions","namespace":"com.amazonaws.personalize.schema","fields":[
        {"name":"USER_ID","type":"string"},{"name":"ITEM_ID","type":"string"},{"name":"TIMESTAMP","type":"long"},
        {"name":"EVENT_TYPE","type":"string"}],"version":"1.0"}"#,
    ),
    (
        "items",
        r#"{"type":"record","name":"Items","namespace":"com.amazonaws.personalize.schema","fields":[
        {"name":"ITEM_ID","type":"string"},{"name":"NAME","type":"string"},
        {"name":"CATEGORY","type":"string","categorical":true},{"name":"PRICE","type":"float"},
        {"name":"URL","type":"string"},{"name":"IMAGE","type":"string"},
        {"name":"CREATION_TIMESTAMP","type":"long"}],"version":"1.0"}"#,
    ),
    (
        "users",
        r#"{"type":"record","name":"Users","namespace":"com.amazonaws.personalize.schema","fields":[
        {"name":"USER_ID","type":"string"},{"name":"AGE_GROUP","type":"string","categorical":true},
        {"name":"MEMBERSHIP","type":"string","categorical":true}],"version":"1.0"}"#,
    ),
];

fn is_existing(error: &anyhow::Error) -> bool {
    error.downcast_ref::<ServiceError>().is_some_and(|e| e.code == "ResourceAlreadyExistsException")
}

fn text(value: &Value, member: &str) -> Result<String> {
    value[member].as_str().map(str::to_owned).with_context(|| format!("no {member} in {value}"))
}
