//! The address of the page, from which everything on it follows: links to it with other choices, and the addresses of its forms.

use crate::cx::{Cx, segment};

/// Fields of a comparison with lists of an earlier answer, and of a walk; another question has neither.
const PASSING: [&str; 6] = ["was", "was2", "did", "on", "walk", "from"];
/// Bytes of a list in an address; browsers and proxies take some thousands in all.
const LIST_BYTES_MAX: usize = 1500;

/// The choices in an address, in their order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Address {
    group: String,
    fields: Vec<(String, String)>,
}

impl Address {
    /// The choices of a query. An empty user is a visitor without an id; other empty fields say nothing.
    pub(super) fn new(group: &str, query: &[(String, String)]) -> Self {
        let says = |(name, value): &&(String, String)| name == "user" || !value.trim().is_empty();
        Self { group: group.to_owned(), fields: query.iter().filter(says).cloned().collect() }
    }

    /// The same with other values of some fields; an empty value takes the field away.
    pub(super) fn with(&self, changes: &[(&str, &str)]) -> Self {
        let mut fields = self.fields.clone();
        fields.retain(|(name, _)| changes.iter().all(|(changed, _)| changed != name));
        let set = changes.iter().filter(|(_, value)| !value.is_empty());
        fields.extend(set.map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
        Self { group: self.group.clone(), fields }
    }

    /// The same question without what led to it.
    pub(super) fn fresh(&self) -> Self {
        self.with(&PASSING.map(|name| (name, "")))
    }

    /// The path of the page with these choices.
    pub(super) fn link(&self, cx: &Cx) -> String {
        self.below(cx, "/try")
    }

    /// The path of a form that leads back to these choices: `name` is the last part of its path.
    pub(super) fn form(&self, cx: &Cx, name: &str) -> String {
        self.below(cx, &format!("/try/{name}"))
    }

    fn below(&self, cx: &Cx, path: &str) -> String {
        let pairs: Vec<String> =
            self.fields.iter().map(|(name, value)| format!("{}={}", segment(name), segment(value))).collect();
        cx.group_link(&self.group, &format!("{path}?{}", pairs.join("&")))
    }
}

/// Ids as one value of an address: the first `max` of them, as far as there is room.
pub(super) fn joined<'a>(ids: impl Iterator<Item = &'a str>, max: usize) -> String {
    let mut text = String::new();
    for id in ids.take(max) {
        let id = segment(id);
        if text.len() + id.len() >= LIST_BYTES_MAX {
            break;
        }
        if !text.is_empty() {
            text.push(',');
        }
        text += &id;
    }
    text
}

/// The ids of such a value.
pub(super) fn split(text: &str) -> Vec<String> {
    let decoded = |id: &str| percent_encoding::percent_decode_str(id).decode_utf8_lossy().into_owned();
    text.split(',').filter(|id| !id.is_empty()).map(decoded).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(pairs: &[(&str, &str)]) -> Address {
        let pairs: Vec<_> = pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        Address::new("shop", &pairs)
    }

    #[test]
    fn choices_are_changed_added_and_taken_away() {
        let asked = address(&[("c", "a"), ("user", ""), ("filter", " "), ("was", "x"), ("n", "5")]);
        assert_eq!(
            asked.with(&[("n", ""), ("b", "z")]),
            address(&[("c", "a"), ("user", ""), ("was", "x"), ("b", "z")])
        );
        assert_eq!(asked.fresh(), address(&[("c", "a"), ("user", ""), ("n", "5")]));
    }

    #[test]
    fn ids_with_commas_come_back_and_long_lists_end() {
        let ids = ["a,b", "c d", "상점", "e/f?"];
        assert_eq!(split(&joined(ids.into_iter(), 25)), ids);
        assert_eq!(split(&joined(ids.into_iter(), 2)), ids[..2]);
        let long = "x".repeat(256);
        assert_eq!(split(&joined(std::iter::repeat_n(long.as_str(), 25), 25)).len(), 5);
        assert!(split("").is_empty());
    }
}
