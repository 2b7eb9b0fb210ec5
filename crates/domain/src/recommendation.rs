//! Queries and results of real-time inference.

use std::collections::BTreeMap;

/// The question of GetRecommendations, with every limit already checked.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct RecommendationQuery {
    /// The campaign or recommender that answers.
    pub campaign_arn: String,
    /// The user; empty or unknown users get popular items.
    pub user_id: Option<String>,
    /// The time of the request in seconds since the Unix epoch; `None` is the time of the user's last event.
    pub now_s: Option<i64>,
    /// The item whose relatives are wanted, for recipes of related items.
    pub item_id: Option<String>,
    /// The number of items, 1..=500.
    pub num_results: usize,
    /// Holds for all items but promoted ones.
    pub filter: Option<FilterUse>,
    /// Items that get places whatever their rank.
    pub promotion: Option<Promotion>,
    /// Item columns to return beside each item.
    pub metadata_columns: Vec<String>,
    /// The circumstances of the request: column of the interactions -> value, several separated by `|`.
    pub context: BTreeMap<String, String>,
    /// The id of the answer; places of promoted items are drawn by it.
    pub recommendation_id: String,
    /// Leaves the model out: popular items for everybody, though filters still see the user.
    pub popular: bool,
    /// Items that are not listed, neither promoted nor explored; ids that nobody knows are none.
    pub excluded_items: Vec<String>,
    /// Whether exploration leaves the first place alone.
    pub keeps_first_place: bool,
}

/// A filter with the values of its parameters.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct FilterUse {
    /// The filter.
    pub arn: String,
    /// Parameter name -> values as they travel: `"travel","food"`.
    pub values: BTreeMap<String, String>,
}

/// Items that get a share of the places.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Promotion {
    /// Returned beside each promoted item.
    pub name: Option<String>,
    /// 1..=100, of the number of results.
    pub percent: u32,
    /// Which items are promoted.
    pub filter: FilterUse,
}

impl Promotion {
    /// The number of the `num_results` places that are for promoted items: rounded half up, at least one.
    pub fn places(&self, num_results: usize) -> usize {
        ((num_results * self.percent as usize + 50) / 100).clamp(1, num_results.max(1))
    }
}

/// The question of GetPersonalizedRanking, with every limit already checked.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct RankingQuery {
    /// The campaign that answers.
    pub campaign_arn: String,
    /// The user; for unknown users items are ranked by popularity.
    pub user_id: String,
    /// As of [`RecommendationQuery::now_s`].
    pub now_s: Option<i64>,
    /// The items to rank.
    pub item_ids: Vec<String>,
    /// Items that do not pass are left out.
    pub filter: Option<FilterUse>,
    /// Item columns to return beside each item.
    pub metadata_columns: Vec<String>,
    /// As of [`RecommendationQuery::context`].
    pub context: BTreeMap<String, String>,
}

/// Why an item has its place, other than its rank.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reason {
    /// A promotion gave it the place.
    Promoted,
    /// It is new and there is little known of it.
    Explored,
    /// It passes the filter, and the items that the model knows did not fill the list.
    Filler,
}

/// One recommended item.
#[derive(Debug, Clone, PartialEq)]
pub struct RecommendedItem {
    /// The customer's item id.
    pub item_id: String,
    /// Softmax over the whole catalog, where the recipe has one.
    pub score: Option<f64>,
    /// The promotion's name, for promoted items.
    pub promotion_name: Option<String>,
    /// Absent for items that are where the model ranks them.
    pub reason: Option<Reason>,
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

/// The origin of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Source {
    /// The model, for a user with known history.
    Model,
    /// Popular items, because nothing is known of the user.
    ColdStart,
    /// Popular items without a look at the user, because there was no time for more.
    Prepared,
}

/// An answer, best first.
#[derive(Debug, Clone, PartialEq)]
pub struct RecommendationList {
    /// Items, best first, without duplicates.
    pub items: Vec<RecommendedItem>,
    /// The origin of the list.
    pub source: Source,
    /// Name of the recipe that made it.
    pub recipe: &'static str,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_rounded_half_up_and_at_least_one() {
        let places =
            |percent, num_results| Promotion { name: None, percent, filter: FilterUse::default() }.places(num_results);
        for (percent, num_results, expected) in [
            (1, 25, 1),
            (10, 25, 3),
            (50, 25, 13),
            (49, 10, 5),
            (44, 10, 4),
            (45, 10, 5),
            (100, 25, 25),
            (100, 500, 500),
        ] {
            assert_eq!(places(percent, num_results), expected, "{percent} % of {num_results}");
        }
    }
}
