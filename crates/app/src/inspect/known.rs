//! Users and items as a campaign knows them, with the list that it answers with.

use super::campaigns::chosen;
use super::server_inspect::ServerInspect;
use super::texts::seconds_text;
use serde::Deserialize;
use serde_json::{Map, Value, json};
use tastemaker_domain::recommendation::MetadataValue;
use tastemaker_domain::{Error, Result};
use tastemaker_http::CallApi;
use tastemaker_wire::Operation;

/// Events and items that are shown where nobody says how many.
const COUNT: usize = 10;
/// The most that are shown.
const COUNT_MAX: usize = 500;

/// The input of `GetUser`.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct UserInput {
    user_id: String,
    campaign: Option<String>,
    count: Option<usize>,
}

/// The input of `GetItem`.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ItemInput {
    item_id: String,
    campaign: Option<String>,
    count: Option<usize>,
}

fn count(count: Option<usize>) -> Result<usize> {
    match count.unwrap_or(COUNT) {
        count @ 1..=COUNT_MAX => Ok(count),
        count => Err(Error::InvalidInput(format!("count must be 1 to {COUNT_MAX}, not {count}."))),
    }
}

/// Metadata, newest events and list of a user.
pub async fn user(server: &ServerInspect, api: &CallApi, input: UserInput) -> Result<Value> {
    let count = count(input.count)?;
    let arn = chosen(server, input.campaign.as_deref()).await?;
    let snapshot = server.serving.snapshot(&arn)?;
    let metadata = snapshot.user_metadata(&input.user_id);
    let events = snapshot.history(&input.user_id, count);
    if metadata.is_empty() && events.is_empty() {
        return Err(Error::NotFound(format!(
            "The campaign {arn} knows no user '{}': neither events nor metadata.",
            input.user_id
        )));
    }
    let event = |event: &tastemaker_serving::HistoryEvent| {
        json!({
            "itemId": event.item_id,
            "eventType": event.event_type,
            "time": seconds_text(event.timestamp_s),
        })
    };
    let mut answer = json!({
        "campaignArn": arn,
        "userId": input.user_id,
        "metadata": texts(metadata),
        "events": events.iter().map(event).collect::<Vec<_>>(),
    });
    listed(api, json!({"campaignArn": arn, "userId": input.user_id, "numResults": count}), &mut answer).await;
    Ok(answer)
}

/// Metadata of an item, and the items that go with it where the campaign is about that.
pub async fn item(server: &ServerInspect, api: &CallApi, input: ItemInput) -> Result<Value> {
    let count = count(input.count)?;
    let arn = chosen(server, input.campaign.as_deref()).await?;
    let snapshot = server.serving.snapshot(&arn)?;
    let metadata = snapshot.item_metadata(&input.item_id, &snapshot.item_columns());
    if metadata.is_empty() && !snapshot.knows_item(&input.item_id) {
        return Err(Error::NotFound(format!("The campaign {arn} knows no item '{}'.", input.item_id)));
    }
    let mut answer = json!({"campaignArn": arn, "itemId": input.item_id, "metadata": texts(metadata)});
    if !snapshot.is_personal() {
        listed(api, json!({"campaignArn": arn, "itemId": input.item_id, "numResults": count}), &mut answer).await;
    }
    Ok(answer)
}

/// Adds the list that the API answers with, or why it does not.
async fn listed(api: &CallApi, request: Value, answer: &mut Value) {
    let listed = api(Operation::GetRecommendations, request.to_string().into_bytes()).await;
    match listed.map(|body| serde_json::from_slice::<Value>(&body)) {
        Ok(Ok(mut list)) => answer["itemList"] = list["itemList"].take(),
        Ok(Err(error)) => answer["listError"] = json!(error.to_string()),
        Err(refusal) => answer["listError"] = json!(refusal),
    }
}

fn texts(values: Vec<(String, MetadataValue)>) -> Map<String, Value> {
    let value = |value| match value {
        MetadataValue::Text(text) | MetadataValue::Number(text) => json!(text),
        MetadataValue::Boolean(truth) => json!(truth),
    };
    values.into_iter().map(|(name, found)| (name, value(found))).collect()
}
