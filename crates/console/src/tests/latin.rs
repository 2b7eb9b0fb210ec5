//! Words in Latin letters on Korean pages, of which only names may stand there.

/// Names that are the same in every language: of the product, of protocols and formats, of metrics and of AWS.
const NAMES: &[&str] = &[
    "API",
    "ARN",
    "AWS",
    "CLI",
    "CSV",
    "GB",
    "GET",
    "GiB",
    "HPO",
    "HTTP",
    "HTTPS",
    "ID",
    "IDs",
    "IP",
    "JSON",
    "JavaScript",
    "KiB",
    "MB",
    "MRR",
    "MiB",
    "NDCG",
    "POST",
    "Parquet",
    "S3",
    "SDK",
    "Tastemaker",
    "URL",
    "UTC",
    "UTF",
    "boto3",
    "curl",
    "p95",
    "v3",
    "events",
    "recommendations",
    "English",
    "B",
    "Avro",
    "gz",
    "zst",
    "gzip",
    "zstd",
];

/// Names in the sample data of the pages' tests.
pub const SHOP: &[&str] =
    &["shop", "for", "you", "home", "v1", "v2", "user42", "user1", "bought", "web", "cat", "p9", "p8", "p1", "p2"];

/// The words of a page in Latin letters that are no names. What stands in `code` and `pre` is of the API, and left out.
pub fn strangers(page: &str, names: &[&str]) -> Vec<String> {
    let text = text_of(page);
    let words = text
        .split(|c: char| !c.is_ascii_alphanumeric())
        .filter(|word| word.chars().any(|c| c.is_ascii_alphabetic()) && !NAMES.contains(word) && !names.contains(word));
    words.map(str::to_owned).collect()
}

/// The text of a page outside of tags, scripts, code and styles, with the texts of attributes that people are read.
fn text_of(page: &str) -> String {
    let mut text = String::new();
    let mut rest = page;
    while let Some(at) = rest.find('<') {
        text.push_str(&rest[..at]);
        text.push(' ');
        let end = at + rest[at..].find('>').map_or(rest.len() - at, |end| end + 1);
        let tag = &rest[at..end];
        for attribute in ["aria-label=\"", "placeholder=\"", "alt=\""] {
            if let Some((_, value)) = tag.split_once(attribute) {
                text.push_str(value.split('"').next().unwrap_or_default());
                text.push(' ');
            }
        }
        rest = &rest[end..];
        for skipped in ["code", "pre", "script", "style"] {
            let name = tag.trim_start_matches('<').split([' ', '>']).next().unwrap_or_default();
            if name == skipped {
                let close = format!("</{skipped}>");
                rest = rest.find(&close).map_or("", |at| &rest[at + close.len()..]);
            }
        }
    }
    text.push_str(rest);
    ["&lt;", "&gt;", "&amp;", "&quot;"].iter().fold(text, |text, entity| text.replace(entity, " "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_found_outside_of_code_and_tags() {
        let page = "<main class=\"wide\"><p aria-label=\"more of it\">\u{ac00} API <code>GetIt</code> word1&lt;b</p><pre>x y</pre></main>";
        assert_eq!(strangers(page, &["b"]), ["more", "of", "it", "word1"]);
    }
}
