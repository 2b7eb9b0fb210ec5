//! Campaigns and recommenders, and what answers for them in this process.

use super::server_inspect::ServerInspect;
use super::texts::{name_of, time_text};
use serde_json::{Value, json};
use tastemaker_domain::resource::{Campaign, Recommender, SolutionVersion};
use tastemaker_domain::{Error, Result};
use tastemaker_store::records;

/// All of them.
pub async fn list(server: &ServerInspect) -> Result<Value> {
    let records = &*server.stores.records;
    let mut all = Vec::new();
    for (_, campaign) in records::list::<Campaign>(records).await? {
        let version = records::load::<SolutionVersion>(records, &campaign.solution_version_arn).await?;
        let update = campaign.latest_update.as_ref().map(|update| update.status.as_str());
        let (recipe, metrics) = version.map(|(_, version)| (version.recipe_arn, version.metrics)).unwrap_or_default();
        let reason = campaign.failure_reason.clone();
        let mut shown = shown(server, &campaign.arn, &recipe, campaign.status.as_str(), reason);
        shown["type"] = json!("campaign");
        shown["updateStatus"] = json!(update);
        shown["modelArn"] = json!(campaign.solution_version_arn);
        shown["minProvisionedTPS"] = json!(campaign.min_provisioned_tps);
        shown["datasetGroup"] = json!(name_of(&campaign.dataset_group_arn));
        shown["metrics"] = json!(metrics);
        shown["updated"] = json!(time_text(campaign.updated_ms));
        all.push(shown);
    }
    for (_, recommender) in records::list::<Recommender>(records).await? {
        let update = recommender.latest_update.as_ref().map(|update| update.status.as_str());
        let (reason, status) = (recommender.failure_reason.clone(), recommender.status.as_str());
        let mut shown = shown(server, &recommender.arn, &recommender.recipe_arn, status, reason);
        shown["type"] = json!("recommender");
        shown["updateStatus"] = json!(update);
        shown["modelArn"] = json!(recommender.model_arn);
        shown["datasetGroup"] = json!(name_of(&recommender.dataset_group_arn));
        shown["metrics"] = json!(recommender.metrics);
        shown["updated"] = json!(time_text(recommender.updated_ms));
        all.push(shown);
    }
    Ok(json!({"campaigns": all}))
}

fn shown(server: &ServerInspect, arn: &str, recipe: &str, status: &str, failure_reason: Option<String>) -> Value {
    let snapshot = server.serving.snapshot(arn).ok();
    json!({
        "name": name_of(arn),
        "arn": arn,
        "recipe": name_of(recipe),
        "status": status,
        "failureReason": failure_reason.or_else(|| server.serving.campaigns.failure(arn)),
        "answersHere": snapshot.is_some(),
        "items": snapshot.map(|snapshot| snapshot.item_count()),
    })
}

/// The ARN of the campaign or recommender of this name or ARN; without one, of the only one that answers here.
pub async fn chosen(server: &ServerInspect, named: Option<&str>) -> Result<String> {
    let answering = server.serving.campaigns.arns_oldest_first();
    let names = || answering.iter().map(|arn| name_of(arn)).collect::<Vec<_>>().join(", ");
    match named {
        Some(named) => {
            let mut found = answering.iter().filter(|arn| *arn == named || name_of(arn) == named);
            match (found.next(), found.next()) {
                (Some(arn), None) => Ok(arn.clone()),
                (Some(_), Some(_)) => {
                    Err(Error::InvalidInput(format!("Several campaigns are called '{named}': name one by its ARN.")))
                }
                (None, _) if answering.is_empty() => {
                    Err(Error::NotFound(format!("No campaign answers here, and none is called '{named}'.")))
                }
                (None, _) => {
                    Err(Error::NotFound(format!("No campaign '{named}' answers here; there are {}.", names())))
                }
            }
        }
        None => match &answering[..] {
            [only] => Ok(only.clone()),
            [] => Err(Error::NotFound("No campaign answers here.".to_owned())),
            _ => Err(Error::InvalidInput(format!("Name a campaign: there are {}.", names()))),
        },
    }
}
