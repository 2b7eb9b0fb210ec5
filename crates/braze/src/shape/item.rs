//! One item as JSON.

use super::look::{About, KEYS, Look, Shape};
use super::price::Price;
use crate::columns::FieldsConfig;
use crate::inbound::Click;
use crate::urlencoding;
use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};
use std::collections::BTreeMap;
use tastemaker_domain::recommendation::{MetadataValue, Reason, RecommendedItem};

/// An item with everything that its form depends on.
#[derive(Clone, Copy)]
pub(super) struct Item<'a> {
    pub item: &'a RecommendedItem,
    pub look: &'a Look,
    pub config: &'a FieldsConfig,
    pub about: About<'a>,
}

impl Item<'_> {
    pub fn promoted(&self) -> bool {
        self.item.reason == Some(Reason::Promoted)
    }

    fn value(&self, column: Option<&str>) -> Option<&MetadataValue> {
        let column = column?;
        self.item.metadata.iter().find(|(name, _)| name == column).map(|(_, value)| value)
    }

    /// The column's text, or the template filled with the item's id.
    fn templated(&self, column: Option<&str>, template: &Option<String>) -> Option<String> {
        let given = self.value(column).map(text).filter(|t| !t.is_empty());
        let filled = || Some(template.as_deref()?.replace("{id}", &urlencoding::encode(&self.item.item_id)));
        given.or_else(filled)
    }

    fn url(&self) -> Option<String> {
        let url = self.templated(self.look.columns.url.as_deref(), &self.config.url_template)?;
        let (id, item) = (self.about.recommendation_id, &self.item.item_id);
        Some(if self.look.track { Click::track(&url, id, item) } else { url })
    }

    fn image(&self) -> Option<String> {
        let image = self.templated(self.look.columns.image.as_deref(), &self.config.image_template)?;
        let absolute = image.contains("://") || image.starts_with("//") || image.starts_with("data:");
        Some(match &self.look.image_base {
            Some(base) if !absolute => format!("{}/{}", base.trim_end_matches('/'), image.trim_start_matches('/')),
            _ => image,
        })
    }

    fn entry<M: SerializeMap>(&self, key: &str, map: &mut M) -> Result<(), M::Error> {
        let columns = &self.look.columns;
        match key {
            "id" => map.serialize_entry(key, &self.item.item_id),
            "url" => map.serialize_entry(key, &self.url()),
            "name" => map.serialize_entry(key, &self.value(columns.name.as_deref()).map(text)),
            "price" => map.serialize_entry(key, &self.value(columns.price.as_deref()).and_then(Price::new)),
            "image" => map.serialize_entry(key, &self.image()),
            "score" => map.serialize_entry(key, &self.item.score.map(seven_decimals)),
            "promoted" => map.serialize_entry(key, &self.promoted()),
            extra => {
                let column = self.look.extra.iter().find(|(key, _)| key == extra).map(|(_, column)| column.as_str());
                match self.value(column) {
                    None => map.serialize_entry(key, &None::<()>),
                    Some(MetadataValue::Text(text)) => map.serialize_entry(key, text),
                    Some(MetadataValue::Boolean(truth)) => map.serialize_entry(key, truth),
                    Some(number @ MetadataValue::Number(_)) => map.serialize_entry(key, &Price::new(number)),
                }
            }
        }
    }
}

impl Serialize for Item<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        if self.look.bare {
            self.entry("id", &mut map)?;
            return map.end();
        }
        match &self.look.fields {
            Some(fields) => fields.iter().try_for_each(|key| self.entry(key, &mut map))?,
            None => {
                let extra = self.look.extra.iter().map(|(key, _)| key.as_str());
                KEYS.iter().copied().chain(extra).try_for_each(|key| self.entry(key, &mut map))?;
                if self.promoted() && self.look.shape != Shape::Product {
                    self.entry("promoted", &mut map)?;
                }
            }
        }
        map.end()
    }
}

/// The form of GetRecommendations: column names in lower case, values as text.
pub(super) fn personalize(items: &[RecommendedItem], look: &Look, about: About<'_>) -> serde_json::Result<Vec<u8>> {
    #[derive(Serialize)]
    #[serde(rename_all = "camelCase")]
    struct Entry<'a> {
        item_id: &'a str,
        #[serde(skip_serializing_if = "Option::is_none")]
        score: Option<f64>,
        #[serde(skip_serializing_if = "BTreeMap::is_empty")]
        metadata: BTreeMap<String, String>,
        #[serde(skip_serializing_if = "Option::is_none")]
        promotion_name: Option<&'a str>,
    }
    impl<'a> Entry<'a> {
        fn new(item: &'a RecommendedItem, bare: bool) -> Self {
            let metadata = item.metadata.iter().filter(|_| !bare);
            Self {
                item_id: &item.item_id,
                score: item.score.map(seven_decimals),
                metadata: metadata.map(|(name, value)| (name.to_lowercase(), text(value))).collect(),
                promotion_name: item.promotion_name.as_deref(),
            }
        }
    }
    #[derive(Serialize)]
    #[serde(rename_all = "camelCase")]
    struct List<'a> {
        item_list: Vec<Entry<'a>>,
        recommendation_id: &'a str,
    }
    let item_list = items.iter().map(|item| Entry::new(item, look.bare)).collect();
    serde_json::to_vec(&List { item_list, recommendation_id: about.recommendation_id })
}

fn seven_decimals(score: f64) -> f64 {
    (score * 1e7).round() / 1e7
}

fn text(value: &MetadataValue) -> String {
    match value {
        MetadataValue::Text(text) | MetadataValue::Number(text) => text.clone(),
        MetadataValue::Boolean(truth) => truth.to_string(),
    }
}
