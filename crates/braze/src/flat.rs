//! The flat shape: a bare JSON array, best first, of `{"id", "url", "name", "price", "image"}` in this key order.
//!
//! Values that an item lacks are `null`, so a Liquid template prints nothing for them. The bytes depend on the items
//! alone: equal lists give equal bytes, which Braze's cache relies on.

use crate::columns::{FieldColumns, FieldsConfig};
use crate::urlencoding;
use serde::{Serialize, Serializer};
use serde_json::value::RawValue;
use tastemaker_domain::recommendation::{MetadataValue, RecommendedItem};

/// Renders items whose metadata was asked for by [`FieldColumns::to_request`].
pub fn render(items: &[RecommendedItem], columns: &FieldColumns, config: &FieldsConfig) -> serde_json::Result<Vec<u8>> {
    let flat: Vec<_> = items.iter().map(|item| FlatItem::new(item, columns, config)).collect();
    serde_json::to_vec(&flat)
}

#[derive(Serialize)]
struct FlatItem<'a> {
    id: &'a str,
    url: Option<String>,
    name: Option<String>,
    price: Option<Price<'a>>,
    image: Option<String>,
}

impl<'a> FlatItem<'a> {
    fn new(item: &'a RecommendedItem, columns: &FieldColumns, config: &FieldsConfig) -> Self {
        let value = |column: &Option<String>| {
            let column = column.as_deref()?;
            item.metadata.iter().find(|(name, _)| name == column).map(|(_, value)| value)
        };
        let templated = |column: &Option<String>, template: &Option<String>| {
            let given = value(column).map(text).filter(|t| !t.is_empty());
            let filled = || Some(template.as_deref()?.replace("{id}", &urlencoding::encode(&item.item_id)));
            given.or_else(filled)
        };
        Self {
            id: &item.item_id,
            url: templated(&columns.url, &config.url_template),
            name: value(&columns.name).map(text),
            price: value(&columns.price).and_then(Price::new),
            image: templated(&columns.image, &config.image_template),
        }
    }
}

fn text(value: &MetadataValue) -> String {
    match value {
        MetadataValue::Text(text) | MetadataValue::Number(text) => text.clone(),
        MetadataValue::Boolean(truth) => truth.to_string(),
    }
}

/// A price as the customer wrote it: digits stay those digits, whatever a float would make of them.
enum Price<'a> {
    Number(&'a RawValue),
    Text(&'a str),
}

impl<'a> Price<'a> {
    fn new(value: &'a MetadataValue) -> Option<Self> {
        match value {
            MetadataValue::Number(text) => number(text).map(Price::Number),
            MetadataValue::Text(text) if text.trim().is_empty() => None,
            MetadataValue::Text(text) => Some(number(text.trim()).map_or(Price::Text(text), Price::Number)),
            MetadataValue::Boolean(_) => None,
        }
    }
}

impl Serialize for Price<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Price::Number(raw) => raw.serialize(serializer),
            Price::Text(text) => serializer.serialize_str(text),
        }
    }
}

/// `text` itself when JSON's grammar calls it a number.
fn number(text: &str) -> Option<&RawValue> {
    let begins = text.starts_with(|c: char| c == '-' || c.is_ascii_digit());
    if begins { serde_json::from_str(text).ok() } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn item(id: &str, metadata: &[(&str, MetadataValue)]) -> RecommendedItem {
        let metadata = metadata.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect();
        RecommendedItem { item_id: id.into(), score: Some(0.5), promotion_name: None, reason: None, metadata }
    }

    fn word(text: &str) -> MetadataValue {
        MetadataValue::Text(text.into())
    }

    fn rendered(items: &[RecommendedItem], config: &FieldsConfig) -> String {
        let (columns, _) = config.resolve(&["NAME", "PRICE", "URL", "IMAGE"]);
        String::from_utf8(render(items, &columns, config).expect("renders")).expect("is text")
    }

    #[test]
    fn the_documented_answer_byte_by_byte() {
        let first = item(
            "abc123",
            &[
                ("IMAGE", word("http://pp.cdn.com/abvh3321pjb1j")),
                ("NAME", word("First Item")),
                ("PRICE", MetadataValue::Number("39.99".into())),
                ("URL", word("http://productpage.com/product/abc123")),
            ],
        );
        let wanted = concat!(
            r#"[{"id":"abc123","url":"http://productpage.com/product/abc123","name":"First Item","price":39.99,"#,
            r#""image":"http://pp.cdn.com/abvh3321pjb1j"}]"#
        );
        assert_eq!(rendered(&[first], &FieldsConfig::default()), wanted);
        assert_eq!(rendered(&[], &FieldsConfig::default()), "[]");
    }

    #[test]
    fn prices_stay_as_given() {
        for (given, wanted) in [
            (word("19.90"), "19.90"),
            (word(" 5 "), "5"),
            (word("0.10000000000000000555"), "0.10000000000000000555"),
            (word("-3e2"), "-3e2"),
            (word("19,99 €"), "\"19,99 €\""),
            (word("007"), "\"007\""),
            (word("1.5 2"), "\"1.5 2\""),
            (word("NaN"), "\"NaN\""),
            (word("  "), "null"),
            (MetadataValue::Number("19.99".into()), "19.99"),
            (MetadataValue::Number("inf".into()), "null"),
            (MetadataValue::Boolean(true), "null"),
        ] {
            let text = rendered(&[item("i", &[("PRICE", given.clone())])], &FieldsConfig::default());
            let wanted = format!(r#"[{{"id":"i","url":null,"name":null,"price":{wanted},"image":null}}]"#);
            assert_eq!(text, wanted, "{given:?}");
        }
    }

    #[test]
    fn templates_fill_gaps_with_the_encoded_id() {
        let config = FieldsConfig {
            url_template: Some("https://shop/p/{id}?ref={id}".into()),
            image_template: Some("https://cdn/{id}.png".into()),
            ..FieldsConfig::default()
        };
        let items = [item("a b/1", &[("URL", word("")), ("IMAGE", word("http://given"))])];
        let wanted = concat!(
            r#"[{"id":"a b/1","url":"https://shop/p/a%20b%2F1?ref=a%20b%2F1","name":null,"price":null,"#,
            r#""image":"http://given"}]"#
        );
        assert_eq!(rendered(&items, &config), wanted);
    }

    #[test]
    fn names_are_text_even_when_the_column_is_not() {
        let text = rendered(&[item("i", &[("NAME", MetadataValue::Number("1984".into()))])], &FieldsConfig::default());
        assert!(text.contains(r#""name":"1984""#), "{text}");
    }
}
