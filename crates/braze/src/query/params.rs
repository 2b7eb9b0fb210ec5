//! Parameters as pairs, from a query string or a JSON body.

use super::bad_query::BadQuery;
use crate::urlencoding;
use serde_json::Value;
use std::collections::BTreeMap;

/// Names and values in order. Of a parameter given twice the first one counts; those that are
/// lists are put together.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Params(Vec<(String, Given)>);

/// A value; bytes that are no UTF-8 are a fault only of the parameter that somebody reads.
type Given = Result<String, ()>;

impl Params {
    /// Parses the part of a URL after `?`. With `plus=literal` among the pairs a `+` is a plus sign and no blank, for
    /// callers that do not escape addresses such as `a+1@example.com`.
    pub fn of_query(query: &str) -> Self {
        let literal = urlencoding::pairs(query).any(|(name, value)| name == b"plus" && value == b"literal");
        let query = if literal { query.replace('+', "%2B") } else { query.to_owned() };
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).map_err(|_| ());
        Self(urlencoding::pairs(&query).filter_map(|(name, value)| Some((text(name).ok()?, text(value)))).collect())
    }

    /// Takes the members of a JSON object as pairs: scalars as text, arrays and objects as JSON text.
    pub fn of_json(body: &[u8]) -> Result<Self, BadQuery> {
        let json: Value =
            serde_json::from_slice(body).map_err(|error| BadQuery(format!("The body is not JSON: {error}.")))?;
        let Value::Object(members) = json else {
            return Err(BadQuery("The body must be a JSON object.".into()));
        };
        let pair = |(name, value)| {
            let text = match value {
                Value::Null => return None,
                Value::String(text) => text,
                other => other.to_string(),
            };
            Some((name, Ok(text)))
        };
        Ok(Self(members.into_iter().filter_map(pair).collect()))
    }

    /// These, and then `more`.
    pub fn and(mut self, more: Self) -> Self {
        self.0.extend(more.0);
        self
    }

    /// The first value under one of `names`, the first of which names the parameter in messages.
    pub fn text(&self, names: &[&str]) -> Result<Option<&str>, BadQuery> {
        let found = self.0.iter().find(|(name, _)| names.contains(&name.as_str()));
        match found {
            None => Ok(None),
            Some((_, Ok(text))) => Ok(Some(text)),
            Some((_, Err(()))) => Err(BadQuery(format!("The parameter {} is not UTF-8.", names[0]))),
        }
    }

    /// As of [`Params::text`], with an empty value counting as none.
    pub fn filled(&self, names: &[&str]) -> Result<Option<&str>, BadQuery> {
        Ok(self.text(names)?.filter(|text| !text.is_empty()))
    }

    /// Every value under one of `names`, without the empty ones.
    pub fn all_filled(&self, names: &[&str]) -> Result<Vec<&str>, BadQuery> {
        let mut found = Vec::new();
        for (name, value) in &self.0 {
            if !names.contains(&name.as_str()) {
                continue;
            }
            match value {
                Ok(text) if text.is_empty() => {}
                Ok(text) => found.push(text.as_str()),
                Err(()) => return Err(BadQuery(format!("The parameter {} is not UTF-8.", names[0]))),
            }
        }
        Ok(found)
    }

    /// A whole number of a range.
    pub fn number(&self, names: &[&str], range: std::ops::RangeInclusive<i64>) -> Result<Option<i64>, BadQuery> {
        let Some(text) = self.filled(names)? else { return Ok(None) };
        match text.parse().ok().filter(|n| range.contains(n)) {
            Some(number) => Ok(Some(number)),
            None => Err(BadQuery(format!(
                "The parameter {} must be a whole number from {} to {}, not '{}'.",
                names[0],
                range.start(),
                range.end(),
                shown(text)
            ))),
        }
    }

    /// A truth value.
    pub fn truth(&self, names: &[&str]) -> Result<Option<bool>, BadQuery> {
        let Some(text) = self.filled(names)? else { return Ok(None) };
        match text.to_ascii_lowercase().as_str() {
            "1" | "true" | "t" | "yes" | "y" | "on" => Ok(Some(true)),
            "0" | "false" | "f" | "no" | "n" | "off" => Ok(Some(false)),
            _ => Err(BadQuery(format!("The parameter {} must be 1 or 0, not '{}'.", names[0], shown(text)))),
        }
    }

    /// The values of all parameters whose name is one of `prefixes` and more, by the rest of the name; a parameter given
    /// several times has several values.
    pub fn prefixed(&self, prefixes: &[&str]) -> Result<BTreeMap<String, Vec<String>>, BadQuery> {
        let mut found: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for (name, value) in &self.0 {
            let rest = prefixes.iter().find_map(|prefix| name.strip_prefix(prefix)).filter(|rest| !rest.is_empty());
            let Some(rest) = rest else { continue };
            let value = value.clone().map_err(|()| BadQuery(format!("The parameter {name} is not UTF-8.")))?;
            found.entry(rest.to_owned()).or_default().push(value);
        }
        Ok(found)
    }

    /// Whether a parameter has exactly this name.
    pub fn has(&self, name: &str) -> bool {
        self.0.iter().any(|(given, _)| given == name)
    }
}

/// As much of a value as a message shows.
pub(super) fn shown(text: &str) -> String {
    const CHARS: usize = 40;
    text.chars().take(CHARS).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pairs_of_both_kinds_are_alike() {
        let query = Params::of_query("user_id=u1&n=3&items=a%2Cb&user_id=u2");
        let body = Params::of_json(br#"{"user_id":"u1","n":3,"items":["a"],"none":null,"track":true}"#).unwrap();
        for params in [&query, &body] {
            assert_eq!(params.text(&["user_id", "userId"]), Ok(Some("u1")));
            assert_eq!(params.number(&["num_results", "n"], 1..=500), Ok(Some(3)));
            assert!(!params.has("none"));
        }
        assert_eq!(body.text(&["items"]), Ok(Some("[\"a\"]")));
        assert_eq!(body.truth(&["track"]), Ok(Some(true)));
        for bad in [&b"{"[..], b"[]", b"5", b""] {
            assert!(Params::of_json(bad).is_err());
        }
    }

    #[test]
    fn a_plus_is_a_blank_unless_it_is_literal() {
        assert_eq!(Params::of_query("user_id=a+1@x").text(&["user_id"]), Ok(Some("a 1@x")));
        assert_eq!(Params::of_query("user_id=a+1@x&plus=literal").text(&["user_id"]), Ok(Some("a+1@x")));
        assert_eq!(Params::of_query("user_id=a%2B1@x").text(&["user_id"]), Ok(Some("a+1@x")));
    }

    #[test]
    fn faults_name_the_parameter_and_the_rule() {
        let params = Params::of_query("n=0&track=maybe&user_id=%FF&x=%FF");
        let number = params.number(&["num_results", "n"], 1..=500).unwrap_err().0;
        assert_eq!(number, "The parameter num_results must be a whole number from 1 to 500, not '0'.");
        assert!(params.truth(&["track"]).unwrap_err().0.contains("'maybe'"));
        assert!(params.text(&["user_id"]).unwrap_err().0.contains("user_id is not UTF-8"));
        assert_eq!(params.text(&["other"]), Ok(None));
    }

    #[test]
    fn prefixes_gather_values() {
        let params = Params::of_query("f.genre=Comedy&filter.genre=Drama&f.max=5&f.=x&filter=kept");
        let found = params.prefixed(&["f.", "filter."]).unwrap();
        assert_eq!(found["genre"], ["Comedy", "Drama"]);
        assert_eq!((found["max"].as_slice(), found.len()), (&["5".to_owned()][..], 2));
    }
}
