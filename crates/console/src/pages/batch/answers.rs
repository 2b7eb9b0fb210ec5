//! Lines of the files that batch jobs write.

use serde::Deserialize;
use serde_json::Value;

/// A line: what was asked for, and what was answered or why there is no answer.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Answer {
    /// The user, the item or the condition that was asked for.
    pub asked: String,
    /// The theme of the list.
    pub theme: Option<String>,
    /// The items of the list, best first, with their scores where the recipe has some.
    pub items: Vec<(String, Option<f64>)>,
    /// The users of the segment.
    pub users: Vec<String>,
    /// Why there is no answer.
    pub error: Option<String>,
}

#[derive(Deserialize)]
struct Line {
    input: Input,
    output: Option<Output>,
    error: Option<Value>,
}

#[derive(Deserialize)]
struct Input {
    #[serde(rename = "userId")]
    user_id: Option<String>,
    #[serde(rename = "itemId")]
    item_id: Option<String>,
    #[serde(rename = "itemAttributes")]
    item_attributes: Option<String>,
}

#[derive(Deserialize)]
struct Output {
    #[serde(rename = "recommendedItems", default)]
    recommended_items: Vec<String>,
    #[serde(default)]
    scores: Option<Vec<f64>>,
    theme: Option<String>,
    #[serde(rename = "usersList", default)]
    users_list: Vec<String>,
}

impl Answer {
    /// The answer in a line of a file; `None` for what is no such line.
    pub(super) fn of(line: &str) -> Option<Self> {
        let line: Line = serde_json::from_str(line).ok()?;
        let Input { user_id, item_id, item_attributes } = line.input;
        let asked = user_id.or(item_id).or(item_attributes).unwrap_or_default();
        let error = line.error.filter(|error| !error.is_null());
        let error = error.map(|error| error.as_str().map_or_else(|| error.to_string(), str::to_owned));
        let Some(output) = line.output else { return Some(Self { asked, error, ..Self::default() }) };
        let scores = output.scores.unwrap_or_default();
        let items = output.recommended_items.into_iter().enumerate();
        let items = items.map(|(at, item)| (item, scores.get(at).copied())).collect();
        Some(Self { asked, theme: output.theme, items, users: output.users_list, error })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_of_both_kinds() {
        let line =
            r#"{"input":{"userId": "u0"},"output":{"recommendedItems":["a","b"],"scores":[0.5,0.25]},"error":null}"#;
        let items = vec![("a".to_owned(), Some(0.5)), ("b".to_owned(), Some(0.25))];
        assert_eq!(Answer::of(line), Some(Answer { asked: "u0".into(), items, ..Answer::default() }));
        let line = r#"{"input":{"itemId": "i"},"output":{"recommendedItems":["a"],"theme":"Cooking","itemsThemeRelevanceScores":[0.1]},"error":null}"#;
        let answer = Answer::of(line).unwrap();
        assert_eq!((answer.theme.as_deref(), answer.items[0].1), (Some("Cooking"), None));
        let line = r#"{"input":{"itemAttributes": "ITEMS.a = 1"},"output":{"usersList":["u"],"recommendedUsers":["u"]},"error":null}"#;
        assert_eq!(Answer::of(line).unwrap().users, ["u"]);
        let line = r#"{"input":{"userId": "u1"},"output":null,"error":"no such filter"}"#;
        assert_eq!(Answer::of(line).unwrap().error.as_deref(), Some("no such filter"));
        assert_eq!(Answer::of("{\"input\":"), None);
    }
}
