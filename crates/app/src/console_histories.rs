//! Histories of users and values of items for the console, from deployed models.

use std::sync::Arc;
use tastemaker_console::ports::{Histories, HistoryEvent, UserExamples};
use tastemaker_domain::recommendation::MetadataValue;
use tastemaker_serving::Serving;

/// Histories and metadata in the deployed models of a server.
pub struct ConsoleHistories(pub Arc<Serving>);

impl Histories for ConsoleHistories {
    fn of(&self, campaign_arn: &str, user_id: &str, count: usize) -> Vec<HistoryEvent> {
        let Ok(snapshot) = self.0.snapshot(campaign_arn) else { return Vec::new() };
        let event = |event: tastemaker_serving::HistoryEvent| {
            let tastemaker_serving::HistoryEvent { item_id, event_type, timestamp_s } = event;
            HistoryEvent { item_id, event_type, timestamp_s }
        };
        snapshot.history(user_id, count).into_iter().map(event).collect()
    }

    fn users(&self, campaign_arn: &str) -> UserExamples {
        let Ok(snapshot) = self.0.snapshot(campaign_arn) else { return UserExamples::default() };
        let tastemaker_serving::UserExamples { short, median, long } = snapshot.user_examples();
        UserExamples { short, median, long }
    }

    fn columns(&self, campaign_arn: &str) -> Vec<String> {
        self.0.snapshot(campaign_arn).map(|snapshot| snapshot.item_columns()).unwrap_or_default()
    }

    fn item(&self, campaign_arn: &str, item_id: &str, columns: &[String]) -> Vec<(String, String)> {
        let Ok(snapshot) = self.0.snapshot(campaign_arn) else { return Vec::new() };
        as_texts(snapshot.item_metadata(item_id, columns))
    }

    fn knows_item(&self, campaign_arn: &str, item_id: &str) -> bool {
        self.0.snapshot(campaign_arn).is_ok_and(|snapshot| snapshot.knows_item(item_id))
    }

    fn user(&self, campaign_arn: &str, user_id: &str) -> Vec<(String, String)> {
        self.0.snapshot(campaign_arn).map(|snapshot| as_texts(snapshot.user_metadata(user_id))).unwrap_or_default()
    }
}

fn as_texts(values: Vec<(String, MetadataValue)>) -> Vec<(String, String)> {
    let text = |value| match value {
        MetadataValue::Text(text) | MetadataValue::Number(text) => text,
        MetadataValue::Boolean(truth) => truth.to_string(),
    };
    values.into_iter().map(|(name, value)| (name, text(value))).collect()
}
