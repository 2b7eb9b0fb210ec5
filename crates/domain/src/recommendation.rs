//! Questions and answers of real-time inference.

/// What GetRecommendations asks, with every limit already checked.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct RecommendationQuery {
    /// The campaign that answers.
    pub campaign_arn: String,
    /// The user; empty or unknown users get popular items.
    pub user_id: Option<String>,
    /// The time of the request in seconds since the Unix epoch; `None` is the time of the user's last event.
    pub now_s: Option<i64>,
    /// How many items, 1..=500.
    pub num_results: usize,
    /// Item columns to return beside each item.
    pub metadata_columns: Vec<String>,
}

/// One recommended item.
#[derive(Debug, Clone, PartialEq)]
pub struct RecommendedItem {
    /// The customer's item id.
    pub item_id: String,
    /// Softmax over the whole catalogue, where the recipe has one.
    pub score: Option<f64>,
    /// Column name -> value for the columns asked for; columns without a value are absent.
    pub metadata: Vec<(String, MetadataValue)>,
}

/// A metadata value as it leaves the server.
#[derive(Debug, Clone, PartialEq)]
pub enum MetadataValue {
    /// Text.
    Text(String),
    /// A number in its shortest exact decimal form.
    Number(String),
    /// A truth value.
    Boolean(bool),
}

/// Where a list came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Source {
    /// The model, for a user with known history.
    Model,
    /// Popular items, because nothing is known of the user.
    ColdStart,
}

/// An answer, best first.
#[derive(Debug, Clone, PartialEq)]
pub struct RecommendationList {
    /// Items, best first, without duplicates.
    pub items: Vec<RecommendedItem>,
    /// Where the list came from.
    pub source: Source,
    /// Name of the recipe that made it.
    pub recipe: &'static str,
}
