//! The choices that the form of an answer depends on.

use crate::columns::FieldColumns;

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

/// The form in which items are shown.
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

/// The members of a response that describe the whole list.
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
