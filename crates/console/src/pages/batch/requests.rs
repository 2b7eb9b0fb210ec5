//! The requests of a batch job from the lines of a form, as the files that the API takes have them.

use serde::Serialize;
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
    /// A whole request, as JSON.
    Json,
}

impl RequestKind {
    pub(super) fn of(recipe: &RecipeDescriptor) -> Self {
        match (recipe.inference(), recipe.purpose()) {
            (Inference::Ranking, _) => RequestKind::Json,
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
    #[serde(rename = "itemAttributes", skip_serializing_if = "Option::is_none")]
    item_attributes: Option<&'a str>,
}

/// The line of the form that is no request.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct BadLine {
    /// From 1.
    pub number: usize,
    pub text: String,
}

/// The file of the form's lines. Empty lines are left out; a line that begins with a brace is a request as it stands.
pub(super) fn file(kind: RequestKind, lines: &str) -> Result<String, BadLine> {
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
            let request = match kind {
                RequestKind::User => Request { user_id: Some(line), ..Request::default() },
                RequestKind::Item => Request { item_id: Some(line), ..Request::default() },
                RequestKind::Attributes => Request { item_attributes: Some(line), ..Request::default() },
                RequestKind::Json => return Err(bad()),
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

    #[test]
    fn lines_are_requests_by_the_recipe() {
        let kind = |name: &str| RequestKind::of(catalog::by_name(name).unwrap());
        assert_eq!(kind("aws-user-personalization-v2"), RequestKind::User);
        assert_eq!(kind("aws-similar-items"), RequestKind::Item);
        assert_eq!(kind("aws-item-affinity"), RequestKind::Item);
        assert_eq!(kind("aws-item-attribute-affinity"), RequestKind::Attributes);
        assert_eq!(kind("aws-personalized-ranking-v2"), RequestKind::Json);
        let text = " u1 \r\n\n\"o'\\\u{1F600}\n{\"userId\": \"u3\", \"context\": {\"DEVICE\": \"app\"}}";
        let expected = "{\"userId\":\"u1\"}\n{\"userId\":\"\\\"o'\\\\\u{1F600}\"}\n{\"context\":{\"DEVICE\":\"app\"},\"userId\":\"u3\"}\n";
        assert_eq!(file(RequestKind::User, text).unwrap(), expected);
        assert_eq!(
            file(RequestKind::Attributes, "ITEMS.genres = \"Comedy\"").unwrap(),
            "{\"itemAttributes\":\"ITEMS.genres = \\\"Comedy\\\"\"}\n"
        );
    }

    #[test]
    fn a_line_that_is_no_request_is_named() {
        let bad = |kind, text: &str| file(kind, text).unwrap_err();
        assert_eq!(bad(RequestKind::User, "u1\n{nonsense"), BadLine { number: 2, text: "{nonsense".into() });
        assert_eq!(bad(RequestKind::Json, "\nu1"), BadLine { number: 2, text: "u1".into() });
        assert_eq!(file(RequestKind::User, " \n"), Ok(String::new()));
    }
}
