//! Parameter values as they travel: `"travel","food"`.

use tastemaker_domain::{Error, Member, Result};

/// The values in the text given for the parameter `name`, at least one.
///
/// A text that begins with a quote is a list of quoted strings with backslash escapes, separated by commas, so that one
/// string may contain commas. Any other text is split at commas and trimmed: `Travel`, `10`.
///
/// Errors: [`Error::InvalidInput`] names the parameter and what is wrong.
pub fn parse_values(name: &str, text: &str) -> Result<Vec<Box<str>>> {
    let refuse = |what: &str| {
        let form = r#"write values like "a","b""#;
        Err(Error::InvalidInput(format!("{}: the value of '{name}' {what}; {form}.", Member::FilterValues)))
    };
    let text = text.trim();
    let values: Vec<Box<str>> = match text.chars().next() {
        None => return refuse("is empty"),
        Some(quote @ '"') => return quoted(text, quote).or_else(refuse),
        Some(quote @ '\'') if text.len() > 1 && text.ends_with(quote) => return quoted(text, quote).or_else(refuse),
        Some(_) => text.split(',').map(|part| part.trim().into()).collect(),
    };
    match values.iter().any(|value| value.is_empty()) {
        true => refuse("has an empty part between commas"),
        false => Ok(values),
    }
}

/// Quoted strings between commas; `text` begins with a quote.
fn quoted(text: &str, quote: char) -> std::result::Result<Vec<Box<str>>, &'static str> {
    let mut values = Vec::new();
    let mut chars = text.chars();
    loop {
        if chars.next() != Some(quote) {
            return Err("has something else than a quoted string after a comma");
        }
        let mut value = String::new();
        loop {
            match chars.next() {
                Some('\\') => value.extend(chars.next()),
                Some(c) if c == quote => break,
                Some(c) => value.push(c),
                None => return Err("has a string without closing quote"),
            }
        }
        values.push(value.into_boxed_str());
        chars = chars.as_str().trim_start().chars();
        match chars.next() {
            None => return Ok(values),
            Some(',') => chars = chars.as_str().trim_start().chars(),
            Some(_) => return Err("has no comma between strings"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &[&str]) {
        let values = parse_values("P", text).unwrap();
        assert_eq!(values.iter().map(|v| &**v).collect::<Vec<_>>(), expected, "{text}");
    }

    #[test]
    fn lists() {
        check(r#""Travel""#, &["Travel"]);
        check(r#" "travel" ,"food","art" "#, &["travel", "food", "art"]);
        check(r#""a \"b\" \\ c","""#, &[r#"a "b" \ c"#, ""]);
        check(r#""value1, value2""#, &["value1, value2"]);
        check("'a','b'", &["a", "b"]);
        check("'tis", &["'tis"]);
        check("'", &["'"]);
        check("Travel, Food", &["Travel", "Food"]);
        check("10", &["10"]);
        check("Sci-Fi", &["Sci-Fi"]);
    }

    #[test]
    fn what_is_no_list() {
        for (text, word) in [
            ("", "is empty"),
            ("  ", "is empty"),
            ("a,,b", "empty part"),
            (r#""a"#, "closing quote"),
            (r#""a" "b""#, "no comma"),
            (r#""a",b"#, "something else"),
            (r#""a","#, "something else"),
            (r#""a\"#, "closing quote"),
            ("'a','", "closing quote"),
        ] {
            let error = parse_values("TOPIC", text).err().map(|e| e.to_string()).unwrap_or_default();
            assert!(error.contains(word) && error.contains("'TOPIC'"), "{text}: {error}");
        }
    }
}
