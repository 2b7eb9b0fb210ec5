//! Plain Liquid, written from the outputs, tags and references of Braze's dialect.

use super::lexer::{self, Markup, Piece};
use super::profile::PROFILE_VARIABLE;

/// Rewrites outputs and tags without Braze's own tags.
pub(super) fn plain(source: &str) -> Result<String, String> {
    let pieces = lexer::pieces(source).map_err(|open| format!("a delimiter is not closed with {}", open.missing))?;
    let mut plain = String::with_capacity(source.len());
    for piece in pieces {
        match piece {
            Piece::Text(text) | Piece::Raw(text) => plain.push_str(text),
            Piece::Output(markup) => push_output(&mut plain, &markup),
            Piece::Tag(markup) => push_tag(&mut plain, &markup, markup.name(), &references(markup.rest())),
        }
    }
    Ok(plain)
}

/// Writes where in the source the next output or tag stands.
pub(super) fn push_mark(plain: &mut String, markup: &Markup<'_>) {
    let trim = if markup.trims_before { "-" } else { "" };
    plain.push_str(&format!("{{%{trim} mark {} %}}", markup.at));
}

/// Writes an output as a tag.
pub(super) fn push_output(plain: &mut String, markup: &Markup<'_>) {
    if markup.inner.is_empty() {
        return;
    }
    push_tag(plain, markup, "print", &references(markup.inner));
}

/// Writes a tag.
pub(super) fn push_tag(plain: &mut String, markup: &Markup<'_>, name: &str, arguments: &str) {
    let before = if markup.trims_before { "-" } else { "" };
    let after = if markup.trims_after { "-" } else { "" };
    plain.push_str(&format!("{{%{before} {name} {arguments} {after}%}}"));
}

/// `${name}` and `group.${name}` as plain Liquid, and braces of outputs inside tags removed; string literals stay.
pub(super) fn references(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    let mut quote: Option<char> = None;
    while let Some(c) = rest.chars().next() {
        if quote.is_none() {
            if let Some(after) = rest.strip_prefix("${")
                && let Some(end) = after.find('}')
            {
                push_reference(&mut plain, &after[..end]);
                rest = &after[end + 1..];
                continue;
            }
            if let Some(after) = rest.strip_prefix("{{").or_else(|| rest.strip_prefix("}}")) {
                plain.push(' ');
                rest = after;
                continue;
            }
        }
        match quote {
            Some(open) if open == c => quote = None,
            None if c == '"' || c == '\'' => quote = Some(c),
            _ => {}
        }
        plain.push(c);
        rest = &rest[c.len_utf8()..];
    }
    plain
}

fn push_reference(plain: &mut String, name: &str) {
    let quote = if name.contains('"') { '\'' } else { '"' };
    match plain.strip_suffix('.') {
        Some(group) => *plain = group.to_owned(),
        None => plain.push_str(PROFILE_VARIABLE),
    }
    plain.push_str(&format!("[{quote}{}{quote}]", name.trim()));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_become_plain_liquid() {
        for (text, expected) in [
            ("${user_id} | url_param_escape", "__profile[\"user_id\"] | url_param_escape"),
            ("custom_attribute.${favourite colour}[0]", "custom_attribute[\"favourite colour\"][0]"),
            ("items = {{product_recommendation.${n}}}", "items =  product_recommendation[\"n\"] "),
            ("'${kept}' == \"{{kept}}\"", "'${kept}' == \"{{kept}}\""),
        ] {
            assert_eq!(references(text), expected, "{text}");
        }
    }
}
