//! Plain Liquid, written from the outputs, tags and references of Braze's dialect.

use super::budget::{NESTED_BLOCKS_MAX, NESTED_INDEXES_MAX, TAG_BYTES_MAX};
use super::lexer::{self, Markup, Piece};
use super::profile::PROFILE_VARIABLE;

/// Tags that are closed by another.
pub(super) const BLOCKS: &[&str] = &["if", "unless", "for", "case", "capture", "comment", "raw", "tablerow"];
/// Braze's tags, whose arguments are texts of any length.
const FREE_FORM: &[&str] = &["connected_content", "abort_message", "catalog_items", "catalog_selection_items"];

/// Rewrites outputs and tags without Braze's own tags.
pub(super) fn plain(source: &str) -> Result<String, String> {
    let pieces = lexer::pieces(source).map_err(|open| format!("a delimiter is not closed with {}", open.missing))?;
    let mut plain = String::with_capacity(source.len());
    let mut open_blocks = 0usize;
    for piece in pieces {
        match piece {
            Piece::Text(text) | Piece::Raw(text) => plain.push_str(text),
            Piece::Output(markup) => {
                bounded(&markup)?;
                push_output(&mut plain, &markup);
            }
            Piece::Tag(markup) => {
                bounded(&markup)?;
                let name = markup.name();
                if BLOCKS.contains(&name) {
                    open_blocks += 1;
                    nested(open_blocks)?;
                } else if name.starts_with("end") {
                    open_blocks = open_blocks.saturating_sub(1);
                }
                let arguments = references(markup.rest());
                push_range_count(&mut plain, &markup, name, &arguments);
                push_tag(&mut plain, &markup, name, &arguments);
            }
        }
    }
    Ok(plain)
}

/// Refuses more blocks within blocks than anybody writes by hand: each takes a part of the stack.
pub(super) fn nested(open_blocks: usize) -> Result<(), String> {
    if open_blocks > NESTED_BLOCKS_MAX {
        return Err(format!("more than {NESTED_BLOCKS_MAX} blocks stand within one another"));
    }
    Ok(())
}

/// Refuses an output or tag that is longer, or has more indexes within indexes, than anybody writes by hand.
pub(super) fn bounded(markup: &Markup<'_>) -> Result<(), String> {
    let len = markup.inner.len();
    if len > TAG_BYTES_MAX && !FREE_FORM.contains(&markup.name()) {
        return Err(format!("an output or tag has at most {TAG_BYTES_MAX} bytes here, not {len}"));
    }
    let mut depth = 0usize;
    for c in markup.inner.chars() {
        match c {
            '[' => depth += 1,
            ']' => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth > NESTED_INDEXES_MAX && !FREE_FORM.contains(&markup.name()) {
            return Err(format!("more than {NESTED_INDEXES_MAX} indexes stand within one another"));
        }
    }
    Ok(())
}

/// Writes the count of the range that a loop runs over, if it does.
pub(super) fn push_range_count(plain: &mut String, markup: &Markup<'_>, tag: &str, arguments: &str) {
    if matches!(tag, "for" | "tablerow")
        && let Some((from, to)) = range(arguments)
    {
        let trim = if markup.trims_before { "-" } else { "" };
        plain.push_str(&format!("{{%{trim} count_range {from} {to} %}}"));
    }
}

/// The bounds of `(from..to)` outside of quotes.
fn range(arguments: &str) -> Option<(&str, &str)> {
    let mut quote = None;
    let (mut open, mut dots) = (None, None);
    for (at, c) in arguments.char_indices() {
        match (quote, c) {
            (Some(q), c) if q == c => quote = None,
            (Some(_), _) => {}
            (None, '"' | '\'') => quote = Some(c),
            (None, '(') => open = Some(at),
            (None, '.') if open.is_some() && dots.is_none() && arguments[at..].starts_with("..") => dots = Some(at),
            (None, ')') => {
                let (open, dots) = (open?, dots?);
                return Some((arguments[open + 1..dots].trim(), arguments[dots + 2..at].trim()));
            }
            _ => {}
        }
    }
    None
}

/// Plain Liquid with the profile's attributes as the customer writes them.
pub(super) fn as_written(plain: &str) -> String {
    let mut written = String::with_capacity(plain.len());
    let mut rest = plain;
    let opening = format!("{PROFILE_VARIABLE}[\"");
    while let Some(at) = rest.find(&opening) {
        let name = &rest[at + opening.len()..];
        let Some(end) = name.find("\"]") else { break };
        written.push_str(&rest[..at]);
        written.push_str(&format!("${{{}}}", &name[..end]));
        rest = &name[end + 2..];
    }
    written + rest
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
    // The dots of a range are no member's.
    match plain.strip_suffix('.').filter(|before| !before.ends_with('.')) {
        Some(group) => *plain = group.to_owned(),
        None => plain.push_str(PROFILE_VARIABLE),
    }
    plain.push_str(&format!("[{quote}{}{quote}]", name.trim()));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_found_outside_of_quotes() {
        for (arguments, bounds) in [
            ("i in (1..10)", Some(("1", "10"))),
            ("i in ( a.b .. \"c\" ) limit:2", Some(("a.b", "\"c\""))),
            ("i in list", None),
            ("i in \"(1..2)\"", None),
            ("i in (1..", None),
        ] {
            assert_eq!(range(arguments), bounds, "{arguments}");
        }
    }

    #[test]
    fn what_is_shown_is_what_was_written() {
        for text in ["${user_id} | upcase", "a.b[0] | default: ${first name}", "\"x\""] {
            assert_eq!(as_written(&references(text)), text);
        }
    }

    #[test]
    fn references_become_plain_liquid() {
        for (text, expected) in [
            ("${user_id} | url_param_escape", "__profile[\"user_id\"] | url_param_escape"),
            ("custom_attribute.${favourite colour}[0]", "custom_attribute[\"favourite colour\"][0]"),
            ("items = {{product_recommendation.${n}}}", "items =  product_recommendation[\"n\"] "),
            ("i in (1..${n})", "i in (1..__profile[\"n\"])"),
            ("'${kept}' == \"{{kept}}\"", "'${kept}' == \"{{kept}}\""),
        ] {
            assert_eq!(references(text), expected, "{text}");
        }
    }
}
