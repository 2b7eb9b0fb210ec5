//! Lists by an unsigned GET of the `/recommendations` family.

use super::call::Call;
use super::shell;
use crate::operation::Operation;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::Value;

/// All but the characters that no part of a URL gives a meaning to.
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');

/// The call as a GET; `None` for operations without a list and for inputs that the family has no parameter for.
pub(super) fn text(call: &Call) -> Option<String> {
    let (path, pairs) = match call.operation {
        Operation::GetRecommendations => list(call.input)?,
        Operation::GetPersonalizedRanking => ranking(call.input)?,
        _ => return None,
    };
    let query: Vec<String> =
        pairs.iter().map(|(name, value)| format!("{}={}", encoded(name), encoded(value))).collect();
    Some(format!("curl -sS {}\n", shell::quoted(&format!("{}{path}?{}", call.endpoint, query.join("&")))))
}

type Pairs = Vec<(String, String)>;

fn list(input: &Value) -> Option<(&'static str, Pairs)> {
    let user = text_of(input, "userId");
    let item = text_of(input, "itemId");
    let path = if item.is_some() { "/related" } else { "/recommendations" };
    let mut pairs = Pairs::new();
    pairs.extend(item.map(|item| ("item_id".to_owned(), item)));
    pairs.extend(user.map(|user| ("user_id".to_owned(), user)));
    common(input, &mut pairs)?;
    if let Some(promotions) = input.get("promotions").and_then(Value::as_array).filter(|all| !all.is_empty()) {
        let [promotion] = promotions.as_slice() else { return None };
        if promotion.get("filterValues").and_then(Value::as_object).is_some_and(|values| !values.is_empty()) {
            return None;
        }
        pairs.push(("promotion".to_owned(), text_of(promotion, "filterArn")?));
        let percent = promotion.get("percentPromotedItems").and_then(Value::as_i64);
        pairs.extend(percent.map(|percent| ("promotion_percent".to_owned(), percent.to_string())));
    }
    Some((path, pairs))
}

fn ranking(input: &Value) -> Option<(&'static str, Pairs)> {
    let mut pairs: Pairs = text_of(input, "userId").map(|user| ("user_id".to_owned(), user)).into_iter().collect();
    // An array keeps ids with commas whole.
    pairs
        .push(("items".to_owned(), input.get("inputList")?.as_array()?.iter().cloned().collect::<Value>().to_string()));
    common(input, &mut pairs)?;
    Some(("/rerank", pairs))
}

/// Parameters that lists and rankings share. `None` for columns of other datasets than the items, which the family does not list.
fn common(input: &Value, pairs: &mut Pairs) -> Option<()> {
    for (dataset, columns) in input.get("metadataColumns").and_then(Value::as_object).into_iter().flatten() {
        let columns = columns.as_array().filter(|_| dataset == "ITEMS")?;
        let names = std::iter::once("id".to_owned())
            .chain(columns.iter().filter_map(|name| Some(name.as_str()?.to_lowercase())));
        pairs.push(("fields".to_owned(), names.collect::<Vec<_>>().join(",")));
    }
    let model = text_of(input, "campaignArn").or_else(|| text_of(input, "recommenderArn"));
    pairs.extend(model.map(|arn| ("recommender".to_owned(), arn)));
    let count = input.get("numResults").and_then(Value::as_i64);
    pairs.extend(count.map(|count| ("num_results".to_owned(), count.to_string())));
    pairs.extend(text_of(input, "filterArn").map(|arn| ("filter".to_owned(), arn)));
    for member in ["filterValues", "context"] {
        let Some(values) = input.get(member).and_then(Value::as_object).filter(|values| !values.is_empty()) else {
            continue;
        };
        let name = if member == "context" { "context" } else { "filter_values" };
        pairs.push((name.to_owned(), Value::Object(values.clone()).to_string()));
    }
    Some(())
}

fn text_of(input: &Value, member: &str) -> Option<String> {
    Some(input.get(member)?.as_str()?.to_owned())
}

fn encoded(text: &str) -> String {
    utf8_percent_encode(text, ENCODED).to_string()
}
