//! Settings of the `/recommendations` family.

use crate::access::Access;
use std::collections::BTreeMap;
use std::time::Duration;
use tastemaker_braze::columns::FieldsConfig;
use tastemaker_braze::inbound::{Mapping, currents};
use tastemaker_braze::shape::Shape;

/// The time budget of a list when the composition root does not say: Braze waits two seconds.
pub const BUDGET_DEFAULT: Duration = Duration::from_millis(800);
/// Time for which an answer is repeated when the composition root does not say.
pub const CACHE_DEFAULT: Duration = Duration::from_secs(60);

/// Settings of the `/recommendations` family and of Braze's receivers.
#[derive(Debug, Clone)]
pub struct RecommendationsConfig {
    /// The callers that may ask.
    pub access: Access,
    /// The name or ARN of the campaign or recommender that answers `/recommendations`; without it the oldest ACTIVE one that
    /// ranks by users does.
    pub campaign: Option<String>,
    /// The same for `/related`; without it the oldest ACTIVE one of related items.
    pub related: Option<String>,
    /// The same for `/popular`; without it the oldest ACTIVE one of popular items, else the popular items of the one that
    /// answers `/recommendations`.
    pub popular: Option<String>,
    /// The same for `/rerank`; without it the oldest ACTIVE ranking one, else the one that answers `/recommendations`.
    pub rerank: Option<String>,
    /// Recommenders by the name that requests use; `default` is for requests that name none.
    pub recommenders: BTreeMap<String, RecommenderSettings>,
    /// The columns that the fields of an answer come from.
    pub fields: FieldsConfig,
    /// Item columns that every item carries besides the documented fields, under their names in lower case.
    pub extra_columns: Vec<String>,
    /// The form of answers whose request does not say.
    pub shape: Option<Shape>,
    /// Prefixed to relative image URLs when a request asks for it.
    pub image_base_url: Option<String>,
    /// Whether items are listed of which no field is known.
    pub bare_items: bool,
    /// Whether a request with an empty user is refused.
    pub user_required: bool,
    /// Whether exploration may give the first place to a new item when the request does not say.
    pub explore_first_place: bool,
    /// Time for a list; then a prepared one is answered.
    pub budget: Duration,
    /// Time for which an answer is repeated byte for byte, as long as its user does nothing; zero is never.
    pub cache: Duration,
    /// The dataset group whose interactions `/events` and Braze's receivers extend; without it that of the campaign that
    /// answers `/recommendations`.
    pub dataset_group: Option<String>,
    /// The mapping of Currents events to interactions.
    pub currents: Mapping,
    /// The mappings of webhooks to interactions, by the name in their path.
    pub webhooks: BTreeMap<String, Mapping>,
}

/// A recommender under a name of its own. A request's parameters win over these.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct RecommenderSettings {
    /// As of [`RecommendationsConfig::campaign`].
    pub campaign: Option<String>,
    /// The number of items, 1..=500.
    pub num_results: Option<usize>,
    /// A filter's name or ARN.
    pub filter: Option<String>,
    /// Values of its parameters, as the filter language reads them.
    pub filter_values: BTreeMap<String, String>,
    /// The name or ARN of the filter of promoted items.
    pub promotion: Option<String>,
    /// 1..=100.
    pub promotion_percent: Option<u32>,
    /// The form of the answer.
    pub shape: Option<Shape>,
    /// Keys of each item.
    pub fields: Option<Vec<String>>,
    /// Fewer are filled up.
    pub min_results: Option<usize>,
}

impl Default for RecommendationsConfig {
    fn default() -> Self {
        Self {
            access: Access::open(),
            campaign: None,
            related: None,
            popular: None,
            rerank: None,
            recommenders: BTreeMap::new(),
            fields: FieldsConfig::default(),
            extra_columns: Vec::new(),
            shape: None,
            image_base_url: None,
            bare_items: false,
            user_required: false,
            explore_first_place: false,
            budget: BUDGET_DEFAULT,
            cache: CACHE_DEFAULT,
            dataset_group: None,
            currents: currents(),
            webhooks: BTreeMap::new(),
        }
    }
}
