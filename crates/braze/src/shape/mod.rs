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
mod look;
mod price;
#[cfg(test)]
mod tests;

pub use look::{About, KEYS, KEYS_ON_DEMAND, Look, Shape};

use crate::columns::FieldsConfig;
use item::Item;
use serde::Serialize;
use tastemaker_domain::recommendation::RecommendedItem;

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
