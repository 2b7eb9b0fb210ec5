//! The forms of an answer. The bytes depend on the items, the form and the recommendation's id alone.
//!
//! | form | body |
//! |---|---|
//! | `flat` | `[{"id", "url", "name", "price", "image"}]`, the form of Braze's partner page |
//! | `product` | `[{"product": {...}}]`, the form of the Retail Demo Store's e-mail template |
//! | `object` | `{"recommendations": [...], "recommendation_id", "source", "count"}`: Braze adds `__http_status_code__` to objects only |
//! | `ids` | `["a", "b"]` |
//! | `personalize` | `{"itemList": [{"itemId", "score", "metadata"}], "recommendationId"}` |
//!
//! Values that an item lacks are `null`, so a Liquid template prints nothing for them.

mod item;
mod price;
#[cfg(test)]
mod tests;

use crate::columns::{FieldColumns, FieldsConfig};
use item::Item;
use serde::Serialize;
use tastemaker_domain::recommendation::RecommendedItem;

/// The form of an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Shape {
    /// A bare array of items.
    #[default]
    Flat,
    /// Each item wrapped in a product.
    Product,
    /// An object around the array.
    Object,
    /// Ids alone.
    Ids,
    /// GetRecommendations' own form.
    Personalize,
}

impl Shape {
    /// The words of `shape=`.
    pub const WORDS: &[(&str, Shape)] = &[
        ("flat", Shape::Flat),
        ("product", Shape::Product),
        ("object", Shape::Object),
        ("ids", Shape::Ids),
        ("personalize", Shape::Personalize),
    ];

    /// The form called `word`.
    pub fn of(word: &str) -> Option<Self> {
        Self::WORDS.iter().find(|(known, _)| *known == word).map(|(_, shape)| *shape)
    }
}

/// How items are shown.
#[derive(Debug, Clone, Default)]
pub struct Look {
    /// The form around them.
    pub shape: Shape,
    /// Item columns of the documented keys.
    pub columns: FieldColumns,
    /// Further keys, each with its item column.
    pub extra: Vec<(String, String)>,
    /// Keys of each item, in this order; `None` is all.
    pub fields: Option<Vec<String>>,
    /// Whether items are ids alone.
    pub bare: bool,
    /// Prefixed to relative image URLs.
    pub image_base: Option<String>,
    /// Whether URLs carry the recommendation's id.
    pub track: bool,
}

/// What is said of the whole list.
#[derive(Debug, Clone, Copy)]
pub struct About<'a> {
    /// `RID-...`.
    pub recommendation_id: &'a str,
    /// `model`, `cold-start` or `fallback`.
    pub source: &'a str,
}

/// Keys that every item has besides the configured ones.
pub const KEYS: &[&str] = &["id", "url", "name", "price", "image"];
/// Keys that items have when they are asked for, or where they apply.
pub const KEYS_ON_DEMAND: &[&str] = &["score", "promoted"];

impl Look {
    /// The item columns to ask the recommender for, each once.
    pub fn to_request(&self) -> Vec<String> {
        if self.bare || self.shape == Shape::Ids {
            return Vec::new();
        }
        let mut names = self.columns.to_request();
        for (_, column) in &self.extra {
            if !names.contains(column) {
                names.push(column.clone());
            }
        }
        names
    }
}

/// Renders items whose metadata was asked for by [`Look::to_request`].
pub fn render(
    items: &[RecommendedItem],
    look: &Look,
    config: &FieldsConfig,
    about: About<'_>,
) -> serde_json::Result<Vec<u8>> {
    let shown: Vec<Item<'_>> = items.iter().map(|item| Item { item, look, config, about }).collect();
    match look.shape {
        Shape::Flat => serde_json::to_vec(&shown),
        Shape::Product => {
            #[derive(Serialize)]
            struct Wrapped<'a> {
                product: Item<'a>,
                #[serde(skip_serializing_if = "std::ops::Not::not")]
                promoted: bool,
            }
            let wrapped = shown.into_iter().map(|product| Wrapped { promoted: product.promoted(), product });
            serde_json::to_vec(&wrapped.collect::<Vec<_>>())
        }
        Shape::Object => {
            #[derive(Serialize)]
            struct Object<'a> {
                recommendations: &'a [Item<'a>],
                recommendation_id: &'a str,
                source: &'a str,
                count: usize,
            }
            serde_json::to_vec(&Object {
                recommendations: &shown,
                recommendation_id: about.recommendation_id,
                source: about.source,
                count: shown.len(),
            })
        }
        Shape::Ids => serde_json::to_vec(&items.iter().map(|item| item.item_id.as_str()).collect::<Vec<_>>()),
        Shape::Personalize => item::personalize(items, look, about),
    }
}
