//! The vocabulary of the constraint tables.

use regex::Regex;
use std::sync::LazyLock;

/// A shape of the model with its constraints. Lengths count characters, list members or map entries.
#[derive(Debug)]
pub enum Shape {
    /// A JSON object with known members; others are ignored.
    Structure {
        /// The members in alphabetical order of the model.
        members: &'static [Member],
    },
    /// A JSON array.
    List {
        /// The shape of each member.
        member: &'static Shape,
        /// The smallest count.
        min: Option<u32>,
        /// The largest count.
        max: Option<u32>,
    },
    /// A JSON object with free keys.
    Map {
        /// The shape of each key.
        key: &'static Shape,
        /// The shape of each value.
        value: &'static Shape,
        /// The smallest count of entries.
        min: Option<u32>,
        /// The largest count of entries.
        max: Option<u32>,
    },
    /// A JSON string.
    String {
        /// The smallest length.
        min: Option<u32>,
        /// The largest length.
        max: Option<u32>,
        /// The pattern that the whole text matches.
        pattern: Option<&'static Pattern>,
        /// The allowed values; all when empty.
        values: &'static [&'static str],
        /// Whether error texts leave the value out.
        sensitive: bool,
        /// Other JSON types that are taken as text.
        lenient: Lenient,
    },
    /// A JSON integer of 32 bits.
    Integer {
        /// The smallest value.
        min: Option<i64>,
        /// The largest value.
        max: Option<i64>,
    },
    /// A JSON number.
    Double {
        /// The smallest value.
        min: Option<f64>,
        /// The largest value.
        max: Option<f64>,
    },
    /// A JSON boolean.
    Boolean,
    /// Seconds since the Unix epoch as a number or numeric string, or an ISO 8601 text.
    Timestamp,
}

/// A member of a structure.
#[derive(Debug)]
pub struct Member {
    /// The exact name on the wire.
    pub name: &'static str,
    /// Whether absence and `null` are refused.
    pub required: bool,
    /// The shape of the value.
    pub shape: &'static Shape,
}

/// The JSON values that a string shape takes besides a string.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lenient {
    /// Nothing.
    No,
    /// Numbers and booleans, as their JSON text: values of hyperparameter-like maps.
    Scalars,
    /// An object, as its JSON text: `properties`, which the model declares as a string that carries JSON.
    Object,
}

/// A pattern of the model; it is compiled once, at its first use.
#[derive(Debug)]
pub struct Pattern {
    /// The pattern as AWS writes it, for error texts.
    pub text: &'static str,
    regex: LazyLock<Regex>,
}

impl Pattern {
    /// A pattern with its AWS text and the function that compiles its translation.
    pub(crate) const fn new(text: &'static str, compile: fn() -> Regex) -> Pattern {
        Pattern { text, regex: LazyLock::new(compile) }
    }

    /// Whether the whole of `value` matches.
    pub fn matches(&self, value: &str) -> bool {
        self.regex.is_match(value)
    }
}

/// Compiles an expression that the generator wrote.
pub(crate) fn compile(expression: &str) -> Regex {
    // The expressions are literals of the generated table, and a test compiles each.
    Regex::new(expression).expect("a generated pattern compiles")
}

#[cfg(test)]
mod tests {
    use crate::constraints::PATTERNS;

    fn check(text: &str, matching: &[&str], failing: &[&str]) {
        let pattern = PATTERNS.iter().find(|pattern| pattern.text == text).unwrap();
        for value in matching {
            assert!(pattern.matches(value), "{value:?} should match {text}");
        }
        for value in failing {
            assert!(!pattern.matches(value), "{value:?} should not match {text}");
        }
    }

    #[test]
    fn every_pattern_compiles() {
        assert_eq!(PATTERNS.iter().filter(|pattern| pattern.matches("\u{1f600}\n")).count(), 0);
    }

    #[test]
    fn patterns_match_the_whole_text() {
        check(r"^[a-zA-Z0-9][a-zA-Z0-9\-_]*", &["a", "9-_z"], &["", "-a", "a b", "a\n", "\u{e4}"]);
        check(
            r"rate\(\d+ days?\)",
            &["rate(1 day)", "rate(30 days)"],
            &["rate(\u{661} day)", "xrate(1 day)", "rate(1 day)x"],
        );
        check(r"\p{ASCII}{0,1500}", &["", "\0\x7f"], &["\u{80}"]);
        check(
            r"arn:([a-z\d-]+):personalize:.*:.*:.+",
            &["arn:aws:personalize:::recipe/aws-sims", "arn:aws:personalize:us-east-1:1:solution/s/$LATEST"],
            &["arn:aws:personalize:", "arn:aws:s3:::b", "xarn:aws:personalize:a:b:c", "arn:aws:personalize:a:b:c\n"],
        );
        check(r"^([\p{L}\p{Z}\p{N}_.:/=+\-@]*)$", &["", "Stra\u{df}e 1"], &["a,b", "a\n"]);
    }
}
