//! Patterns of buckets' names.

/// Refuses what no bucket's name can match.
pub(super) fn check(pattern: &str) -> Result<(), String> {
    if pattern.is_empty() {
        return Err("a pattern must not be empty".to_owned());
    }
    let legal = |c: char| c.is_ascii_alphanumeric() || "._-*".contains(c);
    match pattern.chars().find(|c| !legal(*c)) {
        Some(_) => {
            Err(format!("'{pattern}' must be a bucket's name of letters, digits, '.', '-' and '_', or have * in it"))
        }
        None => Ok(()),
    }
}

/// Whether a name matches, each `*` standing for any characters.
pub(super) fn matches(pattern: &str, name: &str) -> bool {
    let mut parts = pattern.split('*');
    let Some(mut rest) = parts.next().and_then(|first| name.strip_prefix(first)) else { return false };
    let Some(last) = parts.next_back() else { return rest.is_empty() };
    for part in parts {
        match rest.find(part) {
            Some(at) => rest = &rest[at + part.len()..],
            None => return false,
        }
    }
    rest.ends_with(last)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_stands_for_any_characters() {
        for (pattern, name, expected) in [
            ("shop", "shop", true),
            ("shop", "shop2", false),
            ("shop-*", "shop-", true),
            ("shop-*", "shop-eu", true),
            ("*", "anything.at-all", true),
            ("*-eu", "shop-eu", true),
            ("*-eu", "eu", false),
            ("a*b*c", "a-b-b-c", true),
            ("a*b*c", "a-c", false),
            ("ab*ba", "aba", false),
        ] {
            assert_eq!(matches(pattern, name), expected, "{pattern} {name}");
        }
        assert!(check("my.shop-*_1").is_ok());
        assert!(check("").is_err() && check("a b").is_err() && check("s3://a").is_err());
    }
}
