//! Names that are near to one another, for advice on those that are misspelt.

use strsim::damerau_levenshtein;

/// Whether a name may be meant by another: it differs in case, or by few letters for its length.
pub(super) fn is_near(name: &str, other: &str) -> bool {
    const CHARS_MAX: usize = 100;
    let (name, other) = (name.to_lowercase(), other.to_lowercase());
    let chars = name.chars().count();
    chars <= CHARS_MAX && other.len() <= 4 * CHARS_MAX && damerau_levenshtein(&name, &other) <= 2.min(chars.div_ceil(3))
}

#[cfg(test)]
mod tests {
    use super::*;

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
        let long = |chars: usize| "\u{1f600}".repeat(chars);
        assert!(
            is_near(&long(100), &long(100)) && !is_near(&long(101), &long(101)) && !is_near(&long(100), &long(101))
        );
    }
}
