//! The parameters of the `/recommendations` family, decoded and checked. Aliases are equal in every way, unknown
//! parameters are ignored.

mod bad_query;
mod params;
mod values;

pub use bad_query::BadQuery;
pub use params::Params;

use crate::shape::Shape;
use crate::urlencoding;
use params::shown;
use std::collections::BTreeMap;
use tastemaker_domain::limits::{ID_CHARS_MAX, NUM_RESULTS_MAX};

/// Names of the user parameter; all equal.
pub const USER_ID_NAMES: &[&str] = &["user_id", "userId", "userID"];
/// Names of the parameter that says how many items; all equal.
pub const NUM_RESULTS_NAMES: &[&str] = &["num_results", "numResults", "n", "limit"];
/// Names of the parameter for the item in view.
pub const ITEM_ID_NAMES: &[&str] = &["item_id", "currentItemID", "currentItemId", "itemId"];
const RECOMMENDER_NAMES: &[&str] = &["recommender", "campaign", "use"];
const FILTER_VALUES_NAMES: &[&str] = &["filter_values", "filterValues"];
const FILTER_PREFIXES: &[&str] = &["f.", "filter."];
const CONTEXT_PREFIXES: &[&str] = &["ctx.", "context."];
const PERCENT_NAMES: &[&str] = &["promotion_percent", "promotionPercent"];
const DECORATE_NAMES: &[&str] = &["decorate", "decorateItems"];
const QUALIFY_NAMES: &[&str] = &["fully_qualify_image_urls", "fullyQualifyImageUrls"];
const EXPLORE_NAMES: &[&str] = &["explore_first_place", "exploreFirstPlace"];
const MIN_RESULTS_NAMES: &[&str] = &["min_results", "minResults"];
/// Spellings of the e-mail workshop of the Retail Demo Store, whose answers wrap each item in a product.
const WORKSHOP_NAMES: &[&str] = &["userID", "currentItemID"];
/// Names under which callers try to send a credential in the URL, where logs would keep it.
pub const CREDENTIAL_NAMES: &[&str] = &["token", "access_token", "api_key", "apikey", "x-api-key"];

/// Output keys of one answer.
const FIELDS_MAX: usize = 50;
/// The newest time that `timestamp` takes: the year 5138. Larger numbers are milliseconds.
const TIMESTAMP_S_MAX: i64 = 100_000_000_000;

/// Which list of non-personal items.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PopularKind {
    /// Counted over all time, or as the campaign's recipe counts.
    Popular,
    /// Rising now.
    Trending,
}

/// A checked request. Equal requests are answered alike within the cache window.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub struct Request {
    /// Any UTF-8 of at most [`ID_CHARS_MAX`] characters; empty for visitors without an id, `None` when it was not given.
    pub user_id: Option<String>,
    /// The item in view.
    pub item_id: Option<String>,
    /// 1..=[`NUM_RESULTS_MAX`].
    pub num_results: Option<usize>,
    /// A configured alias, or the name or ARN of a campaign or recommender.
    pub recommender: Option<String>,
    /// Items to rank, without repetitions.
    pub items: Vec<String>,
    /// Items that are left out, sorted, without repetitions.
    pub exclude: Vec<String>,
    /// The filter's name or ARN.
    pub filter: Option<String>,
    /// Values of the filter's parameters as the filter language reads them: `"a","b"`.
    pub filter_values: BTreeMap<String, String>,
    /// The circumstances of the request: column of the interactions -> value, several separated by `|`.
    pub context: BTreeMap<String, String>,
    /// The name or ARN of the filter of promoted items.
    pub promotion: Option<String>,
    /// 1..=100.
    pub promotion_percent: Option<u32>,
    /// Keys of each item, in this order.
    pub fields: Option<Vec<String>>,
    /// The form of the answer.
    pub shape: Option<Shape>,
    /// Whether items carry more than their ids.
    pub decorate: Option<bool>,
    /// Whether relative image URLs get the configured base.
    pub fully_qualify_image_urls: bool,
    /// Fewer are filled up from the popular items, as far as the filter lets them pass.
    pub min_results: Option<usize>,
    /// Whether fewer than `min_results` (1 without it) are a 404.
    pub strict: bool,
    /// Whether URLs carry the recommendation's id.
    pub track: bool,
    /// The time to answer for, in seconds since the Unix epoch.
    pub timestamp_s: Option<i64>,
    /// Which popular items.
    pub kind: Option<PopularKind>,
    /// Whether exploration may take the first place; `None` is as the configuration says.
    pub explore_first_place: Option<bool>,
    /// Whether the caller spells parameters as the workshop's template does.
    pub workshop: bool,
}

impl Request {
    /// Checks parameters. Which of them an endpoint needs is for the endpoint to say.
    pub fn of(params: &Params) -> Result<Self, BadQuery> {
        let id = |names: &[&str]| -> Result<Option<String>, BadQuery> {
            let Some(id) = params.text(names)? else { return Ok(None) };
            bounded(names[0], id)?;
            Ok(Some(id.to_owned()))
        };
        let named = |names: &[&str]| Ok::<_, BadQuery>(params.filled(names)?.map(str::to_owned));
        let results_max = NUM_RESULTS_MAX as i64;
        let count = |names: &[&str], least| {
            Ok::<_, BadQuery>(params.number(names, least..=results_max)?.and_then(|n| usize::try_from(n).ok()))
        };
        Ok(Self {
            user_id: id(USER_ID_NAMES)?,
            item_id: id(ITEM_ID_NAMES)?.filter(|id| !id.is_empty()),
            num_results: count(NUM_RESULTS_NAMES, 1)?,
            recommender: named(RECOMMENDER_NAMES)?,
            items: ids("items", &params.all_filled(&["items", "item_ids", "itemIds"])?)?,
            exclude: sorted(ids("exclude", &params.all_filled(&["exclude"])?)?),
            filter: named(&["filter"])?,
            filter_values: values::filter(params.filled(FILTER_VALUES_NAMES)?, params.prefixed(FILTER_PREFIXES)?)?,
            context: values::context(params.filled(&["context"])?, params.prefixed(CONTEXT_PREFIXES)?)?,
            promotion: named(&["promotion"])?,
            promotion_percent: params.number(PERCENT_NAMES, 1..=100)?.and_then(|n| u32::try_from(n).ok()),
            fields: params.filled(&["fields"])?.map(fields).transpose()?,
            shape: params.filled(&["shape"])?.map(shape).transpose()?,
            decorate: params.truth(DECORATE_NAMES)?,
            fully_qualify_image_urls: params.truth(QUALIFY_NAMES)?.unwrap_or(false),
            min_results: count(MIN_RESULTS_NAMES, 0)?,
            strict: params.truth(&["strict"])?.unwrap_or(false),
            track: params.truth(&["track"])?.unwrap_or(false),
            timestamp_s: params.number(&["timestamp"], 0..=TIMESTAMP_S_MAX)?,
            kind: params.filled(&["kind"])?.map(kind).transpose()?,
            explore_first_place: params.truth(EXPLORE_NAMES)?,
            workshop: WORKSHOP_NAMES.iter().any(|name| params.has(name)),
        })
    }

    /// The bytes that the request takes besides its own structure.
    pub fn heap_bytes(&self) -> usize {
        const TEXT: usize = std::mem::size_of::<String>();
        let texts = [&self.user_id, &self.item_id, &self.recommender, &self.filter, &self.promotion];
        let texts: usize = texts.into_iter().flatten().map(String::len).sum();
        let lists =
            self.items.iter().chain(&self.exclude).chain(self.fields.iter().flatten()).map(|text| text.len() + TEXT);
        let maps = self.filter_values.iter().chain(&self.context);
        texts + lists.sum::<usize>() + maps.map(|(name, value)| name.len() + value.len() + 2 * TEXT).sum::<usize>()
    }

    /// The user, if one was named.
    pub fn user(&self) -> Option<&str> {
        self.user_id.as_deref().filter(|id| !id.is_empty())
    }
}

/// The first credential-like parameter of a query, if there is one.
pub fn credential_in(query: &str) -> Option<&'static str> {
    urlencoding::pairs(query)
        .find_map(|(name, _)| CREDENTIAL_NAMES.iter().copied().find(|c| name.eq_ignore_ascii_case(c.as_bytes())))
}

fn bounded(name: &str, id: &str) -> Result<(), BadQuery> {
    match id.chars().count() {
        chars if chars <= ID_CHARS_MAX => Ok(()),
        chars => {
            Err(BadQuery(format!("The parameter {name} has {chars} characters; at most {ID_CHARS_MAX} are allowed.")))
        }
    }
}

fn shape(word: &str) -> Result<Shape, BadQuery> {
    let words: Vec<&str> = Shape::WORDS.iter().map(|(word, _)| *word).collect();
    Shape::of(word).ok_or_else(|| {
        BadQuery(format!("The parameter shape must be one of {}, not '{}'.", words.join(", "), shown(word)))
    })
}

fn kind(word: &str) -> Result<PopularKind, BadQuery> {
    match word {
        "popular" => Ok(PopularKind::Popular),
        "trending" => Ok(PopularKind::Trending),
        _ => Err(BadQuery(format!("The parameter kind must be popular or trending, not '{}'.", shown(word)))),
    }
}

fn fields(list: &str) -> Result<Vec<String>, BadQuery> {
    let mut fields: Vec<String> = Vec::new();
    for field in list.split(',').map(str::trim).filter(|field| !field.is_empty()) {
        let field = field.to_lowercase();
        if !fields.contains(&field) {
            fields.push(field);
        }
    }
    match fields.len() {
        1..=FIELDS_MAX => Ok(fields),
        many => Err(BadQuery(format!("The parameter fields must have 1 to {FIELDS_MAX} names, not {many}."))),
    }
}

/// Ids from lists such as `a,b` or the JSON array of a body, whose entries may be objects with `itemId` or `id`.
fn ids(name: &str, lists: &[&str]) -> Result<Vec<String>, BadQuery> {
    let mut given: Vec<String> = Vec::new();
    for list in lists {
        if list.starts_with('[') {
            given.extend(ids_in_array(name, list)?);
        } else {
            given.extend(list.split(',').map(str::trim).filter(|id| !id.is_empty()).map(str::to_owned));
        }
    }
    let mut ids: Vec<String> = Vec::with_capacity(given.len());
    let mut known = std::collections::HashSet::new();
    for id in given {
        bounded(name, &id)?;
        if known.insert(id.clone()) {
            ids.push(id);
        }
    }
    match ids.len() {
        0..=NUM_RESULTS_MAX => Ok(ids),
        many => Err(BadQuery(format!("The parameter {name} must have 1 to {NUM_RESULTS_MAX} ids, not {many}."))),
    }
}

fn sorted(mut ids: Vec<String>) -> Vec<String> {
    ids.sort_unstable();
    ids
}

fn ids_in_array(name: &str, list: &str) -> Result<Vec<String>, BadQuery> {
    let entries: Vec<serde_json::Value> = serde_json::from_str(list)
        .map_err(|error| BadQuery(format!("The parameter {name} is not a JSON array: {error}.")))?;
    let scalar = |value: &serde_json::Value| match value {
        serde_json::Value::String(text) => Some(text.clone()),
        serde_json::Value::Number(number) => Some(number.to_string()),
        _ => None,
    };
    let id = |(at, entry): (usize, &serde_json::Value)| {
        let named = || ["itemId", "id", "item_id"].iter().find_map(|name| entry.get(name).and_then(scalar));
        scalar(entry).or_else(named).ok_or_else(|| {
            BadQuery(format!("The parameter {name} has no id at {}; give texts, or objects with itemId.", at + 1))
        })
    };
    entries.iter().enumerate().map(id).collect()
}

#[cfg(test)]
mod form_tests;
#[cfg(test)]
mod tests;
