//! Cells of files for spreadsheets.

/// A cell of a CSV file that no spreadsheet takes for a formula. Numbers stay numbers, also negative ones.
pub(crate) fn cell(text: &str) -> String {
    let is_formula = text.starts_with(['=', '+', '-', '@', '\t', '\r']) && text.parse::<f64>().is_err();
    let guarded = if is_formula { format!("'{text}") } else { text.to_owned() };
    format!("\"{}\"", guarded.replace('"', "\"\""))
}

#[cfg(test)]
mod tests {
    use super::cell;

    #[test]
    fn formulas_become_texts_and_numbers_stay() {
        for (text, expected) in [
            ("plain", "\"plain\""),
            ("=1+1", "\"'=1+1\""),
            ("@cmd", "\"'@cmd\""),
            ("-x", "\"'-x\""),
            ("-0.25", "\"-0.25\""),
            ("a \"b\", c", "\"a \"\"b\"\", c\""),
        ] {
            assert_eq!(cell(text), expected);
        }
    }
}
