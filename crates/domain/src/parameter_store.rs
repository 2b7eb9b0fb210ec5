//! Parameters of AWS Systems Manager: named texts that set-up scripts keep between their steps.

use crate::resource::TimeMs;
use crate::{Error, Result};
use std::collections::BTreeMap;

/// Characters of a name: AWS's limit.
pub const NAME_CHARS_MAX: usize = 1_011;
/// Levels of a name that begins with `/`: AWS's limit.
pub const LEVELS_MAX: usize = 15;
/// Bytes of a value: AWS's limit of the advanced tier.
pub const VALUE_BYTES_MAX: usize = 8_192;
/// Bytes of a value in the standard tier.
pub const STANDARD_VALUE_BYTES_MAX: usize = 4_096;

/// A parameter.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(missing_docs)]
pub struct Parameter {
    /// Its identity; a path when it begins with `/`.
    pub name: String,
    /// `String`, `StringList` or `SecureString`.
    pub kind: String,
    /// The text, or the base64 of its sealed bytes.
    pub value: String,
    /// Whether the value is sealed: that of a `SecureString`, unless an earlier build wrote it.
    pub sealed: bool,
    /// Counts the writes, from 1.
    pub version: u64,
    pub description: Option<String>,
    pub data_type: String,
    pub tags: BTreeMap<String, String>,
    pub created_ms: TimeMs,
    pub modified_ms: TimeMs,
}

/// Refuses what cannot be a new parameter's name.
pub fn check_name(name: &str) -> Result<()> {
    let legal = |b: u8| b.is_ascii_alphanumeric() || b"_.-/".contains(&b);
    let refuse = |why: &str| Err(Error::InvalidInput(format!("Parameter name: {why}")));
    if name.is_empty() || name.len() > NAME_CHARS_MAX || !name.bytes().all(legal) {
        return refuse(&format!(
            "must have 1 to {NAME_CHARS_MAX} characters, and only letters, numbers and the symbols .-_ and / are allowed."
        ));
    }
    if name.contains('/') && !name.starts_with('/') {
        return refuse("must be a fully qualified name: a name with / begins with it.");
    }
    if name.contains("//") || name.ends_with('/') {
        return refuse("every level between / must have a name.");
    }
    if name.matches('/').count() > LEVELS_MAX {
        return refuse(&format!("can have at most {LEVELS_MAX} levels."));
    }
    let first = name.trim_start_matches('/').to_ascii_lowercase();
    if ["aws", "ssm"].iter().any(|reserved| first.starts_with(reserved)) {
        return refuse("can't be prefixed with \"aws\" or \"ssm\" (case-insensitive).");
    }
    Ok(())
}

/// Whether a parameter lies under a path: on its next level, or on any when `recursive`.
pub fn is_under(name: &str, path: &str, recursive: bool) -> bool {
    let path = path.strip_suffix('/').unwrap_or(path);
    let rest = name.strip_prefix(path).and_then(|rest| rest.strip_prefix('/'));
    rest.is_some_and(|rest| !rest.is_empty() && (recursive || !rest.contains('/')))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_words_or_paths() {
        for name in [
            "a",
            "personalize_campaign-arn.1",
            "/a/b/c",
            "/personalize/aws",
            &"x".repeat(NAME_CHARS_MAX),
            &"/a".repeat(LEVELS_MAX),
        ] {
            assert!(check_name(name).is_ok(), "{name}");
        }
        let deep = "/a".repeat(LEVELS_MAX + 1);
        for name in [
            "",
            "a b",
            "a/b",
            "/",
            "/a/",
            "/a//b",
            "aws-x",
            "/AWS/x",
            "ssm",
            "é",
            &deep,
            &"x".repeat(NAME_CHARS_MAX + 1),
        ] {
            assert!(check_name(name).is_err(), "{name}");
        }
    }

    #[test]
    fn paths_hold_one_level_or_all() {
        for (name, path, recursive, held) in [
            ("/a/b", "/a", false, true),
            ("/a/b", "/a/", false, true),
            ("/a/b/c", "/a", false, false),
            ("/a/b/c", "/a", true, true),
            ("/ab", "/a", true, false),
            ("/a", "/a", true, false),
            ("/a", "/", false, true),
            ("a", "/", true, false),
        ] {
            assert_eq!(is_under(name, path, recursive), held, "{name} under {path}");
        }
    }
}
