//! Histories of users and metadata of items in deployed models, beyond what an operation of the API tells.

/// Something that a user did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HistoryEvent {
    /// The item.
    pub item_id: String,
    /// The type of the event; empty where the data has none.
    pub event_type: String,
    /// Seconds since the Unix epoch.
    pub timestamp_s: i64,
}

/// Users by the length of their history; absent for a model without users.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct UserExamples {
    /// One of those with the shortest.
    pub short: Option<String>,
    /// One in the middle.
    pub median: Option<String>,
    /// One of those with the longest.
    pub long: Option<String>,
}

/// Histories and items of deployed campaigns and recommenders. All are empty for one that is not loaded.
pub trait Histories: Send + Sync {
    /// The newest events of a user, newest first.
    fn of(&self, campaign_arn: &str, user_id: &str, count: usize) -> Vec<HistoryEvent>;
    /// Users to look at.
    fn users(&self, campaign_arn: &str) -> UserExamples;
    /// The names of the columns of the items.
    fn columns(&self, campaign_arn: &str) -> Vec<String>;
    /// The values of an item in these columns, without those that are absent.
    fn item(&self, campaign_arn: &str, item_id: &str, columns: &[String]) -> Vec<(String, String)>;
    /// Whether the model or the Items dataset has the item.
    fn knows_item(&self, campaign_arn: &str, item_id: &str) -> bool;
    /// The values of a user, without those that are absent.
    fn user(&self, campaign_arn: &str, user_id: &str) -> Vec<(String, String)>;
}
