//! The parameters of `GET /recommendations`.

use crate::urlencoding;
use tastemaker_domain::limits::{ID_CHARS_MAX, NUM_RESULTS_DEFAULT, NUM_RESULTS_MAX};

/// Names of the user parameter; all equal.
pub const USER_ID_NAMES: &[&str] = &["user_id", "userId", "userID"];
/// Names of the parameter that says how many items; all equal.
pub const NUM_RESULTS_NAMES: &[&str] = &["num_results", "numResults", "n", "limit"];
/// Names under which callers try to send a credential in the URL, where logs would keep it.
pub const CREDENTIAL_NAMES: &[&str] = &["token", "access_token", "api_key", "apikey", "x-api-key"];

/// A checked request. Of a parameter given twice the first one counts; unknown parameters are ignored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecommendationsQuery {
    /// Any UTF-8 of at most [`ID_CHARS_MAX`] characters; empty for visitors without an id.
    pub user_id: String,
    /// 1..=[`NUM_RESULTS_MAX`].
    pub num_results: usize,
}

/// What is wrong with a request; the text names the parameter and the rule.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct BadQuery(pub String);

impl RecommendationsQuery {
    /// Parses the part of a URL after `?`.
    pub fn parse(query: &str) -> Result<Self, BadQuery> {
        let Some(user) = value_of(query, USER_ID_NAMES) else {
            return Err(BadQuery("The parameter user_id is required; it may be empty for unknown visitors.".into()));
        };
        let user_id = String::from_utf8(user).map_err(|_| BadQuery("The parameter user_id is not UTF-8.".into()))?;
        let chars = user_id.chars().count();
        if chars > ID_CHARS_MAX {
            return Err(BadQuery(format!(
                "The parameter user_id has {chars} characters; at most {ID_CHARS_MAX} are allowed."
            )));
        }
        let num_results = match value_of(query, NUM_RESULTS_NAMES) {
            Some(value) if !value.is_empty() => count(&value)?,
            _ => NUM_RESULTS_DEFAULT,
        };
        Ok(Self { user_id, num_results })
    }
}

/// The first credential-like parameter of a query, if there is one.
pub fn credential_in(query: &str) -> Option<&'static str> {
    urlencoding::pairs(query)
        .find_map(|(name, _)| CREDENTIAL_NAMES.iter().copied().find(|c| name.eq_ignore_ascii_case(c.as_bytes())))
}

fn value_of(query: &str, names: &[&str]) -> Option<Vec<u8>> {
    let named = |name: &[u8]| names.iter().any(|n| n.as_bytes() == name);
    urlencoding::pairs(query).find(|(name, _)| named(name)).map(|(_, value)| value)
}

fn count(value: &[u8]) -> Result<usize, BadQuery> {
    let text = String::from_utf8_lossy(value);
    let number = text.parse().ok().filter(|n| (1..=NUM_RESULTS_MAX).contains(n));
    number.ok_or_else(|| {
        let shown: String = text.chars().take(40).collect();
        BadQuery(format!(
            "The parameter num_results must be a whole number from 1 to {NUM_RESULTS_MAX}, not '{shown}'."
        ))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ok(query: &str) -> (String, usize) {
        let parsed = RecommendationsQuery::parse(query).expect(query);
        (parsed.user_id, parsed.num_results)
    }

    fn refused(query: &str) -> String {
        RecommendationsQuery::parse(query).expect_err(query).0
    }

    #[test]
    fn aliases_are_equal_and_the_first_counts() {
        for query in ["user_id=u1", "userId=u1", "userID=u1", "x=1&user_id=u1&userId=u2", "user_id=u1&numResults="] {
            assert_eq!(ok(query), ("u1".into(), 25), "{query}");
        }
        for query in ["user_id=u&num_results=3", "user_id=u&numResults=3", "n=3&user_id=u", "user_id=u&limit=3&n=9"] {
            assert_eq!(ok(query), ("u".into(), 3), "{query}");
        }
    }

    #[test]
    fn an_empty_user_is_a_user_and_an_absent_one_is_not() {
        assert_eq!(ok("user_id="), (String::new(), 25));
        assert_eq!(ok("user_id"), (String::new(), 25));
        for query in ["", "user=u1", "USER_ID=u1"] {
            assert!(refused(query).contains("user_id is required"), "{query}");
        }
    }

    #[test]
    fn user_ids_are_any_utf8_of_bounded_length() {
        assert_eq!(ok("user_id=%EC%82%AC%EC%9A%A9%EC%9E%90").0, "사용자");
        assert_eq!(ok(&format!("user_id={}", "é".repeat(256))).0.chars().count(), 256);
        assert!(refused(&format!("user_id={}", "u".repeat(257))).contains("257"));
        assert!(refused("user_id=%FF").contains("UTF-8"));
    }

    #[test]
    fn counts_outside_the_range_name_parameter_and_range() {
        for query in ["n=0", "n=501", "n=-1", "n=1.5", "n=ten", "n=99999999999999999999"] {
            let message = refused(&format!("user_id=u&{query}"));
            assert!(message.contains("num_results") && message.contains("1 to 500"), "{message}");
        }
        assert_eq!(ok("user_id=u&n=500").1, 500);
    }

    #[test]
    fn credentials_in_the_url_are_seen() {
        assert_eq!(credential_in("user_id=u&Token=x"), Some("token"));
        assert_eq!(credential_in("api%5Fkey=x"), Some("api_key"));
        assert_eq!(credential_in("user_id=token"), None);
    }
}
