//! `[recommendations]` and `[braze]`: the `/recommendations` family, who may call it, and what Braze sends back.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::PathBuf;
use tastemaker_braze::inbound::RuleText;

/// `[recommendations]`: where the `/recommendations` family gets its answers and fields.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct RecommendationsConfig {
    /// The campaign's or recommender's name or ARN; without it the oldest ACTIVE user-personalization campaign.
    pub campaign: Option<String>,
    /// The campaign or recommender that answers `/related`; without it the oldest ACTIVE campaign of related items.
    pub related: Option<String>,
    /// The campaign or recommender that answers `/popular`; without it the oldest ACTIVE campaign of popular items, else the
    /// popular items of `campaign`.
    pub popular: Option<String>,
    /// The campaign or recommender that answers `/rerank`; without it the oldest ACTIVE ranking campaign, else `campaign`.
    pub rerank: Option<String>,
    /// Makes `url` where no column has it; `{id}` is the item id.
    pub url_template: Option<String>,
    /// Makes `image` where no column has it; `{id}` is the item id.
    pub image_template: Option<String>,
    /// Prefixed to relative image URLs when a request says `fully_qualify_image_urls=1`.
    pub image_base_url: Option<String>,
    /// Item columns of the answer's fields.
    pub columns: RecommendationColumns,
    /// Further item columns that every item carries, under their names in lower case.
    pub extra_columns: Vec<String>,
    /// The form of answers whose request does not say: flat, product, object, ids or personalize. Without it flat, and product
    /// for callers that write `userID`, as the Retail Demo Store's e-mail template does.
    pub shape: Option<String>,
    /// Whether items are listed of which neither name nor anything else is known.
    pub bare_items: bool,
    /// Whether a request with an empty user id is refused instead of answered with popular items.
    pub user_required: bool,
    /// Whether exploration may give the first place of a list to an item that nobody knows yet, when the request does not say
    /// `explore_first_place`.
    pub explore_first_place: bool,
    /// Milliseconds for a list, 1 to 1900; after that a prepared one is answered.
    pub budget_ms: u64,
    /// Seconds for which an answer is repeated byte for byte, as long as its user does nothing; 0 is never.
    pub cache_s: u64,
    /// Whether a token is wanted: `auto` (everywhere but on a loopback listener without `keys`) or `always`.
    pub access: AccessMode,
    /// Tokens besides the one of the data directory, each for some recommenders.
    pub keys: Vec<KeyConfig>,
    /// From where the family may be called.
    pub network: NetworkConfig,
    /// Recommenders by the name that requests use; `default` holds for requests that name none.
    pub recommenders: BTreeMap<String, RecommenderConfig>,
}

impl Default for RecommendationsConfig {
    fn default() -> Self {
        Self {
            campaign: None,
            related: None,
            popular: None,
            rerank: None,
            url_template: None,
            image_template: None,
            image_base_url: None,
            columns: RecommendationColumns::default(),
            extra_columns: Vec::new(),
            shape: None,
            bare_items: false,
            user_required: false,
            explore_first_place: false,
            budget_ms: 800,
            cache_s: 60,
            access: AccessMode::Auto,
            keys: Vec::new(),
            network: NetworkConfig::default(),
            recommenders: BTreeMap::new(),
        }
    }
}

/// `[recommendations.columns]`: item columns by field of the answer.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct RecommendationColumns {
    /// The column of an item's address; without it `URL`, or what else is usual.
    pub url: Option<String>,
    /// The column of an item's name.
    pub name: Option<String>,
    /// The column of an item's price.
    pub price: Option<String>,
    /// The column of an item's picture.
    pub image: Option<String>,
}

/// When a token is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum AccessMode {
    /// If other machines reach the listener, or `keys` are configured.
    Auto,
    /// Also on loopback, as behind a proxy that others reach.
    Always,
}

/// `[[recommendations.keys]]`: a token for some callers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct KeyConfig {
    /// For people.
    pub name: String,
    /// A file with the token.
    pub token_file: PathBuf,
    /// The scopes that it opens: names of recommenders (`default` for requests that name none), `related`, `popular`,
    /// `rerank`, `events`, `currents`, `webhook`; everything without it.
    #[serde(default)]
    pub scopes: Option<Vec<String>>,
    /// Blocks of addresses from which it opens; everywhere without it.
    #[serde(default)]
    pub allow: Vec<String>,
}

/// `[recommendations.network]`: from where the family may be called.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct NetworkConfig {
    /// Blocks of addresses that may call, such as those of your Braze cluster; empty is all.
    pub allow: Vec<String>,
    /// Blocks of addresses of proxies that say whom they speak for.
    pub trusted_proxies: Vec<String>,
    /// The header in which they say it.
    pub client_header: String,
}

impl Default for NetworkConfig {
    fn default() -> Self {
        Self { allow: Vec::new(), trusted_proxies: Vec::new(), client_header: "x-forwarded-for".into() }
    }
}

/// `[recommendations.recommenders.<name>]`: a recommender under a name of its own. A request's parameters win over these.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct RecommenderConfig {
    /// The campaign's or recommender's name or ARN; without it what answers `/recommendations`.
    pub campaign: Option<String>,
    /// The number of items, 1 to 500.
    pub num_results: Option<u32>,
    /// A filter's name or ARN.
    pub filter: Option<String>,
    /// Values of its parameters.
    pub filter_values: BTreeMap<String, String>,
    /// The name or ARN of the filter of promoted items.
    pub promotion: Option<String>,
    /// Percent of the places for them, 1 to 100.
    pub promotion_percent: Option<u32>,
    /// The form of the answer.
    pub shape: Option<String>,
    /// Keys of each item.
    pub fields: Option<Vec<String>>,
    /// Fewer are filled up from the popular items.
    pub min_results: Option<u32>,
}

/// `[braze]`: what Braze sends.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct BrazeConfig {
    /// The dataset group whose interactions are extended; without it that of the campaign that answers, or the only one.
    pub dataset_group: Option<String>,
    /// Rules for Currents events that come before the built-in ones.
    pub currents: Vec<RuleText>,
    /// Rules for webhooks by the name in their path: `POST /braze/webhook/<name>`.
    pub webhook: BTreeMap<String, Vec<RuleText>>,
}
