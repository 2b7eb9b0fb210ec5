//! The rules for Currents that need no configuration.

use super::rule::{Mapping, RuleError, RuleText};

/// The member of a Currents event that names its type.
const TYPE: &str = "event_type";
/// The member of a custom event that names it.
const NAME: &str = "name";

/// The member of a purchase that has its price.
const PRICES: &[&str] =
    &["price", "properties.products.price", "properties.properties.products.price", "properties.price"];

/// Purchases, ecommerce events, and clicks on tracked URLs.
///
/// | Braze | interaction |
/// |---|---|
/// | `users.behaviors.Purchase` | `Purchase` of `product_id`, value `price` |
/// | custom event `ecommerce.product_viewed` | `View` |
/// | custom event `ecommerce.cart_updated` | `AddToCart` of each product |
/// | custom event `ecommerce.order_placed` | `Purchase` of each product, value `price` |
/// | Content Card and email clicks on a URL with `rid` | `Click` of its item, in its recommendation |
pub fn currents() -> Mapping {
    // The rules are constants, so that they hold is a matter of the tests.
    Mapping::new(&built_in()).unwrap_or_default()
}

/// The same, after rules of one's own.
pub fn currents_with(own: &[RuleText]) -> Result<Mapping, RuleError> {
    Mapping::new(&own.iter().cloned().chain(built_in()).collect::<Vec<_>>())
}

fn built_in() -> Vec<RuleText> {
    let mut rules =
        vec![rule(&[(TYPE, "users.behaviors.Purchase")], "Purchase", &["product_id", "properties.product_id"])];
    for (name, event_type) in [
        ("ecommerce.product_viewed", "View"),
        ("ecommerce.cart_updated", "AddToCart"),
        ("ecommerce.order_placed", "Purchase"),
    ] {
        // Newer accounts put the name into the properties of the nested form.
        for place in [NAME, "properties.name"] {
            let matched = [(TYPE, "users.behaviors.CustomEvent"), (place, name)];
            let items = [
                "properties.products.product_id",
                "properties.product_id",
                "properties.properties.products.product_id",
                "properties.properties.product_id",
            ];
            rules.push(rule(&matched, event_type, &items));
        }
    }
    for click in ["users.messages.contentcard.Click", "users.messages.email.Click"] {
        for url in ["url", "properties.url"] {
            rules.push(RuleText { url: Some(url.to_owned()), ..rule(&[(TYPE, click)], "Click", &[]) });
        }
    }
    rules
}

fn rule(matched: &[(&str, &str)], event_type: &str, items: &[&str]) -> RuleText {
    RuleText {
        conditions: matched.iter().map(|(path, text)| ((*path).to_owned(), (*text).to_owned())).collect(),
        user: ["external_user_id", "user.external_user_id"].map(str::to_owned).to_vec(),
        item: items.iter().map(|path| (*path).to_owned()).collect(),
        url: None,
        event_type: event_type.to_owned(),
        value: match event_type {
            "Purchase" => PRICES.iter().map(|path| (*path).to_owned()).collect(),
            _ => Vec::new(),
        },
        time: Some("time".to_owned()),
        id: Some("id".to_owned()),
    }
}
