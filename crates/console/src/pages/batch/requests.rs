//! The requests of a batch job from the lines of a form, as the files that the API takes have them.

use serde::Serialize;
use std::collections::BTreeMap;
use tastemaker_domain::recipe::{Ability, Inference, Purpose, RecipeDescriptor};

/// The meaning of a line of the form, by the recipe.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum RequestKind {
    /// A user.
    User,
    /// An item.
    Item,
    /// A condition on the items' columns.
    Attributes,
    /// A user, and behind commas the items to be ranked.
    Ranking,
}

impl RequestKind {
    pub(super) fn of(recipe: &RecipeDescriptor) -> Self {
        match (recipe.inference(), recipe.purpose()) {
            (Inference::Ranking, _) => RequestKind::Ranking,
            (Inference::Segments, _) if recipe.can(Ability::AttributeSegments) => RequestKind::Attributes,
            (Inference::Segments, _) | (_, Purpose::RelatedItems) => RequestKind::Item,
            _ => RequestKind::User,
        }
    }
}

/// A request in a file.
#[derive(Debug, Default, Serialize)]
struct Request<'a> {
    #[serde(rename = "userId", skip_serializing_if = "Option::is_none")]
    user_id: Option<&'a str>,
    #[serde(rename = "itemId", skip_serializing_if = "Option::is_none")]
    item_id: Option<&'a str>,
    #[serde(rename = "itemList", skip_serializing_if = "Vec::is_empty")]
    item_list: Vec<&'a str>,
    #[serde(rename = "itemAttributes", skip_serializing_if = "Option::is_none")]
    item_attributes: Option<&'a str>,
    #[serde(rename = "filterValues", skip_serializing_if = "Option::is_none")]
    filter_values: Option<&'a BTreeMap<String, String>>,
}

/// The line of the form that is no request.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct BadLine {
    /// From 1.
    pub number: usize,
    pub text: String,
}

/// The file of the form's lines, with these values of the filter's parameters in each. Empty lines are left out; a line that begins with
/// a brace is a request as it stands.
pub(super) fn file(
    kind: RequestKind,
    filter_values: &BTreeMap<String, String>,
    lines: &str,
) -> Result<String, BadLine> {
    let filter_values = Some(filter_values).filter(|values| !values.is_empty());
    let mut file = String::new();
    for (at, line) in lines.lines().enumerate() {
        let line = line.trim();
        if line.is_empty() {
            continue;
        }
        let bad = || BadLine { number: at + 1, text: line.to_owned() };
        let request = if line.starts_with('{') {
            let value: serde_json::Map<String, serde_json::Value> = serde_json::from_str(line).map_err(|_| bad())?;
            serde_json::to_string(&value)
        } else {
            let request = Request { filter_values, ..Request::default() };
            let request = match kind {
                RequestKind::User => Request { user_id: Some(line), ..request },
                RequestKind::Item => Request { item_id: Some(line), ..request },
                RequestKind::Attributes => Request { item_attributes: Some(line), ..request },
                RequestKind::Ranking => {
                    let mut ids = line.split(',').map(str::trim);
                    let user_id = ids.next();
                    let item_list: Vec<&str> = ids.collect();
                    if item_list.is_empty() || user_id == Some("") || item_list.contains(&"") {
                        return Err(bad());
                    }
                    Request { user_id, item_list, ..request }
                }
            };
            serde_json::to_string(&request)
        };
        file.push_str(&request.map_err(|_| bad())?);
        file.push('\n');
    }
    Ok(file)
}

#[cfg(test)]
mod tests {
    use super::*;
    use tastemaker_domain::catalog;

    fn file(kind: RequestKind, lines: &str) -> Result<String, BadLine> {
        super::file(kind, &BTreeMap::new(), lines)
    }

    #[test]
    fn lines_are_requests_by_the_recipe() {
        let kind = |name: &str| RequestKind::of(catalog::by_name(name).unwrap());
        assert_eq!(kind("aws-user-personalization-v2"), RequestKind::User);
        assert_eq!(kind("aws-similar-items"), RequestKind::Item);
        assert_eq!(kind("aws-item-affinity"), RequestKind::Item);
        assert_eq!(kind("aws-item-attribute-affinity"), RequestKind::Attributes);
        assert_eq!(kind("aws-personalized-ranking-v2"), RequestKind::Ranking);
        let text = " u1 \r\n\n\"o'\\\u{1F600}\n{\"userId\": \"u3\", \"context\": {\"DEVICE\": \"app\"}}";
        let expected = "{\"userId\":\"u1\"}\n{\"userId\":\"\\\"o'\\\\\u{1F600}\"}\n{\"context\":{\"DEVICE\":\"app\"},\"userId\":\"u3\"}\n";
        assert_eq!(file(RequestKind::User, text).unwrap(), expected);
        assert_eq!(
            file(RequestKind::Attributes, "ITEMS.genres = \"Comedy\"").unwrap(),
            "{\"itemAttributes\":\"ITEMS.genres = \\\"Comedy\\\"\"}\n"
        );
    }

    #[test]
    fn a_ranking_and_the_values_of_a_filter_are_requests_as_well() {
        let values = BTreeMap::from([("CAT".to_owned(), "\"tea\"".to_owned())]);
        assert_eq!(
            super::file(RequestKind::Ranking, &values, "u1, p1 ,p2").unwrap(),
            "{\"userId\":\"u1\",\"itemList\":[\"p1\",\"p2\"],\"filterValues\":{\"CAT\":\"\\\"tea\\\"\"}}\n"
        );
        assert_eq!(super::file(RequestKind::User, &values, "{\"userId\":\"u1\"}").unwrap(), "{\"userId\":\"u1\"}\n");
    }

    #[test]
    fn a_line_that_is_no_request_is_named() {
        let bad = |kind, text: &str| file(kind, text).unwrap_err();
        assert_eq!(bad(RequestKind::User, "u1\n{nonsense"), BadLine { number: 2, text: "{nonsense".into() });
        for text in ["u1", "u1,", ",p1", "u1,p1,,p2"] {
            assert_eq!(bad(RequestKind::Ranking, &format!("\n{text}")), BadLine { number: 2, text: text.into() });
        }
        assert_eq!(file(RequestKind::User, " \n"), Ok(String::new()));
    }
}
