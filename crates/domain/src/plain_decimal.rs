//! Numbers as people write them, whose text is shown as it was given.

/// Characters of a number's text that is kept.
const CHARS_MAX: usize = 64;

/// The text of a number in plain decimal form, such as `84.90`, without the blanks around it; `None` for every other form of a
/// number (`1e3`, `+5`, `.5`, `007`), which is shown in its shortest form.
pub fn plain_decimal(text: &str) -> Option<&str> {
    let text = text.trim();
    let (whole, fraction) = match text.strip_prefix('-').unwrap_or(text).split_once('.') {
        Some((whole, fraction)) => (whole, Some(fraction)),
        None => (text.strip_prefix('-').unwrap_or(text), None),
    };
    let are_digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    let leads = whole.len() > 1 && whole.starts_with('0');
    let is_plain = text.len() <= CHARS_MAX && are_digits(whole) && !leads && fraction.is_none_or(are_digits);
    is_plain.then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_a_plain_decimal() {
        for text in ["84.90", "3.0", "3", "0", "0.50", "-12.00", "123456789.123456789"] {
            assert_eq!(plain_decimal(text), Some(text));
            assert!(serde_json::from_str::<serde_json::Number>(text).is_ok(), "{text} is a number of JSON");
        }
        assert_eq!(plain_decimal(" 84.90 "), Some("84.90"));
        let longest = format!("0.{}", "1".repeat(62));
        assert_eq!(plain_decimal(&longest), Some(&*longest));
        let long = format!("0.{}", "1".repeat(63));
        for text in
            ["", "-", ".5", "5.", "+5", "007.5", "00", "1e3", "1E-5", "1,5", "1 000", "NaN", "inf", "0x1", "٣", &long]
        {
            assert_eq!(plain_decimal(text), None, "{text}");
        }
    }
}
