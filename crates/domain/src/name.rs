//! Names that customers give to resources.

use crate::{Error, MemberPath, Result};

/// Characters of a name.
pub const NAME_CHARS_MAX: usize = 63;

/// Checks a resource's name: 1 to 63 ASCII letters, digits, `-` and `_`, the first a letter or digit. `member` names the
/// request's member in the error.
pub fn check(member: impl Into<MemberPath>, name: &str) -> Result<()> {
    let rule = if name.is_empty() {
        "Member must have length greater than or equal to 1".to_owned()
    } else if name.chars().count() > NAME_CHARS_MAX {
        format!("Member must have length less than or equal to {NAME_CHARS_MAX}")
    } else if name.starts_with(['-', '_']) || !name.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_".contains(&b)) {
        r"Member must satisfy regular expression pattern: ^[a-zA-Z0-9][a-zA-Z0-9\-_]*".to_owned()
    } else {
        return Ok(());
    };
    let member = member.into();
    let text =
        format!("1 validation error detected: Value '{name}' at '{member}' failed to satisfy constraint: {rule}");
    Err(Error::invalid(member, text))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Member;

    #[test]
    fn names() {
        let long = "x".repeat(64);
        for (name, rule) in [
            ("", "equal to 1"),
            ("-a", "pattern"),
            ("_a", "pattern"),
            ("a b", "pattern"),
            ("ä", "pattern"),
            (&long, "63"),
        ] {
            let text = check(Member::JobName, name).err().map(|e| e.to_string()).unwrap_or_default();
            assert!(text.contains(rule) && text.contains("'jobName'") && text.contains(name), "{name}: {text}");
        }
        for name in ["a", "0", "Shop-1_b", &long[..63]] {
            assert_eq!(check(Member::Name, name), Ok(()));
        }
    }
}
