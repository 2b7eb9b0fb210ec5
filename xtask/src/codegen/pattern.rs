//! The model's patterns, written for Java's regex engine, in the syntax of the `regex` crate.

/// Patterns that take more than AWS does, by intent: a location may also be a directory of the server, which the
/// configuration allows or not.
const WIDENED: &[(&str, &str)] = &[("(s3|http|https)://.+", "(s3|http|https|file)://.+")];

/// The same whole-string language: `\d` is ASCII, `.` excludes every line terminator, `\p{ASCII}` is spelt out.
pub fn translate(java: &str) -> String {
    let java = WIDENED.iter().find(|(model, _)| *model == java).map_or(java, |(_, widened)| widened);
    let mut out = String::from(r"\A(?:");
    let mut in_class = false;
    let mut rest = java;
    while let Some(letter) = rest.chars().next() {
        let (piece, taken) = if let Some(tail) = rest.strip_prefix(r"\p{ASCII}") {
            let class = if in_class { r"\x00-\x7F" } else { r"[\x00-\x7F]" };
            (class.to_owned(), rest.len() - tail.len())
        } else if rest.starts_with(r"\d") {
            ((if in_class { "0-9" } else { "[0-9]" }).to_owned(), 2)
        } else if letter == '\\' {
            let taken = 1 + rest.chars().nth(1).map_or(0, char::len_utf8);
            (rest[..taken].to_owned(), taken)
        } else if letter == '.' && !in_class {
            (r"[^\n\r\x{85}\x{2028}\x{2029}]".to_owned(), 1)
        } else {
            in_class = match letter {
                '[' => true,
                ']' => false,
                _ => in_class,
            };
            (letter.to_string(), letter.len_utf8())
        };
        out.push_str(&piece);
        rest = &rest[taken..];
    }
    out.push_str(r")\z");
    out
}

#[cfg(test)]
mod tests {
    use super::translate;

    #[test]
    fn java_classes_are_spelt_out() {
        assert_eq!(translate(r"[A-Za-z\d_]+"), r"\A(?:[A-Za-z0-9_]+)\z");
        assert_eq!(translate(r"rate\(\d+ days?\)"), r"\A(?:rate\([0-9]+ days?\))\z");
        assert_eq!(translate(r"\p{ASCII}{0,1500}"), r"\A(?:[\x00-\x7F]{0,1500})\z");
        assert_eq!(translate(r"[,.@]a.b"), r"\A(?:[,.@]a[^\n\r\x{85}\x{2028}\x{2029}]b)\z");
        assert_eq!(translate(r"\.\-"), r"\A(?:\.\-)\z");
    }
}
