//! Names that are near to one another, for advice on those that are misspelt.

/// Levenshtein's distance, in characters.
pub(super) fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, y) in b.iter().enumerate() {
            let changed = diagonal + usize::from(x != *y);
            diagonal = row[j + 1];
            row[j + 1] = changed.min(diagonal + 1).min(row[j] + 1);
        }
    }
    row[b.len()]
}

/// Whether a name may be meant by another: it differs in case, or by few letters for its length.
pub(super) fn is_near(name: &str, other: &str) -> bool {
    const CHARS_MAX: usize = 100;
    let (name, other) = (name.to_lowercase(), other.to_lowercase());
    let chars = name.chars().count();
    chars <= CHARS_MAX && other.len() <= 4 * CHARS_MAX && distance(&name, &other) <= 2.min(chars.div_ceil(3))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distances() {
        for (a, b, steps) in [
            ("abc", "abc", 0),
            ("url_param_escape", "url_param_escpe", 1),
            ("", "ab", 2),
            ("abc", "bc", 1),
            ("kitten", "sitting", 3),
            ("ab", "ba", 2),
        ] {
            assert_eq!(distance(a, b), steps);
        }
    }

    #[test]
    fn names_are_near_by_few_letters_for_their_length() {
        for (name, other, near) in [
            ("nmae", "name", true),
            ("Price", "price", true),
            ("img", "image", false),
            ("titel", "title", true),
            ("brand", "name", false),
        ] {
            assert_eq!(is_near(name, other), near, "{name}, {other}");
        }
    }
}
