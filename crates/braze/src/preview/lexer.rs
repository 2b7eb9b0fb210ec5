//! A template cut into text, outputs and tags, with the place of each.
//!
//! HTML comments are left out, because Braze removes them before Liquid runs. Inside `{% raw %}` and `{% comment %}`
//! everything up to the closing tag is text.

/// A piece of a template; `at` is the byte offset of its first delimiter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Piece<'a> {
    Text(&'a str),
    Output(Markup<'a>),
    Tag(Markup<'a>),
    /// The inside of `{% raw %}...{% endraw %}`.
    Raw(&'a str),
}

/// The inside of `{{ }}` or `{% %}`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Markup<'a> {
    /// Without delimiters, hyphens and outer blanks.
    pub inner: &'a str,
    /// Offset of the opening delimiter.
    pub at: usize,
    /// Offset of `inner`.
    pub inner_at: usize,
    /// `{{-` or `{%-`.
    pub trims_before: bool,
    /// `-}}` or `-%}`.
    pub trims_after: bool,
}

impl<'a> Markup<'a> {
    /// The first word of a tag.
    pub fn name(&self) -> &'a str {
        let end = self.inner.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).unwrap_or(self.inner.len());
        &self.inner[..end]
    }

    /// The text after the first word.
    pub fn rest(&self) -> &'a str {
        self.inner[self.name().len()..].trim_start()
    }
}

/// An opening delimiter without its closing one: offset and what is missing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Unclosed {
    pub at: usize,
    pub missing: &'static str,
}

/// Cuts a template.
pub(super) fn pieces(source: &str) -> Result<Vec<Piece<'_>>, Unclosed> {
    let mut pieces = Vec::new();
    let mut at = 0;
    while at < source.len() {
        let rest = &source[at..];
        let Some(found) = next_delimiter(rest) else {
            pieces.push(Piece::Text(rest));
            break;
        };
        if found > 0 {
            pieces.push(Piece::Text(&rest[..found]));
            at += found;
            continue;
        }
        if rest.starts_with("<!--") {
            at += rest.find("-->").map_or(rest.len(), |end| end + 3);
            continue;
        }
        let is_output = rest.starts_with("{{");
        let (len, missing) = if is_output { (output_len(rest), "}}") } else { (tag_len(rest), "%}") };
        let Some(len) = len else { return Err(Unclosed { at, missing }) };
        let markup = markup(source, at, len);
        at += len;
        if is_output {
            pieces.push(Piece::Output(markup));
            continue;
        }
        pieces.push(Piece::Tag(markup));
        if let Some(end) = verbatim(markup.name()) {
            let rest = &source[at..];
            let Some((inner, closing_len)) = up_to_tag(rest, end) else {
                return Err(Unclosed { at: markup.at, missing: end });
            };
            pieces.push(Piece::Raw(&rest[..inner]));
            pieces.push(Piece::Tag(self::markup(source, at + inner, closing_len)));
            at += inner + closing_len;
        }
    }
    Ok(pieces)
}

/// The position of the first opening delimiter, read once from the beginning.
fn next_delimiter(text: &str) -> Option<usize> {
    let opens = |at: usize| ["{{", "{%", "<!--"].iter().any(|delimiter| text[at..].starts_with(delimiter));
    text.match_indices(['{', '<']).map(|(at, _)| at).find(|at| opens(*at))
}

/// The tag that closes a block whose inside is not read.
fn verbatim(name: &str) -> Option<&'static str> {
    match name {
        "raw" => Some("endraw"),
        "comment" => Some("endcomment"),
        _ => None,
    }
}

/// The position of `{% name %}` in `text`, and its length.
fn up_to_tag(text: &str, name: &str) -> Option<(usize, usize)> {
    let mut from = 0;
    while let Some(found) = text[from..].find("{%") {
        let at = from + found;
        if let Some(len) = tag_len(&text[at..])
            && markup(text, at, len).name() == name
        {
            return Some((at, len));
        }
        from = at + 2;
    }
    None
}

/// The length of an output that starts `text`. A `${name}` inside has a brace of its own.
fn output_len(text: &str) -> Option<usize> {
    let mut at = 2;
    let mut quote = None;
    while at < text.len() {
        let rest = &text[at..];
        let c = rest.chars().next()?;
        match quote {
            Some(open) if c == open => quote = None,
            Some(_) => {}
            None if c == '\'' || c == '"' => quote = Some(c),
            None if rest.starts_with("${") => at += rest.find('}')?,
            None if rest.starts_with("}}") => return Some(at + 2),
            None => {}
        }
        at += text[at..].chars().next()?.len_utf8();
    }
    // An apostrophe outside of Liquid's strings would swallow the rest of the template.
    text.find("}}").map(|end| end + 2)
}

fn tag_len(text: &str) -> Option<usize> {
    // After the `{%`, whose own `%` does not close it.
    text.get(2..)?.find("%}").map(|end| end + 4)
}

fn markup(source: &str, at: usize, len: usize) -> Markup<'_> {
    let inside = &source[at + 2..at + len - 2];
    let (trims_before, inside) = match inside.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, inside),
    };
    let (trims_after, inside) = match inside.strip_suffix('-') {
        Some(rest) => (true, rest),
        None => (false, inside),
    };
    let inner = inside.trim();
    let inner_at = at + 2 + usize::from(trims_before) + (inside.len() - inside.trim_start().len());
    Markup { inner, at, inner_at, trims_before, trims_after }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shape(source: &str) -> Vec<String> {
        let shown = |piece: &Piece| match piece {
            Piece::Text(text) => format!("text:{text}"),
            Piece::Output(markup) => format!("output@{}:{}", markup.at, markup.inner),
            Piece::Tag(markup) => format!("tag@{}:{}", markup.at, markup.inner),
            Piece::Raw(text) => format!("raw:{text}"),
        };
        pieces(source).unwrap().iter().map(shown).collect()
    }

    #[test]
    fn cuts_text_outputs_and_tags() {
        let cases: &[(&str, &[&str])] = &[
            ("a {{ b }} c", &["text:a ", "output@2:b", "text: c"]),
            ("{{${user_id}}}", &["output@0:${user_id}"]),
            ("{{custom_attribute.${a}[0]}}!", &["output@0:custom_attribute.${a}[0]", "text:!"]),
            ("{{ '}}' }}", &["output@0:'}}'"]),
            ("{%- if a -%}x{% endif %}", &["tag@0:if a", "text:x", "tag@13:endif"]),
            ("{% raw %}{{ a }}{% endraw %}", &["tag@0:raw", "raw:{{ a }}", "tag@16:endraw"]),
            ("a<!-- {{ gone }} -->b", &["text:a", "text:b"]),
            ("{%} a %}b", &["tag@0:} a", "text:b"]),
            ("{%-%}{{-}}{{}}", &["tag@0:", "output@5:", "output@10:"]),
            ("it's {{ it's }} fine", &["text:it's ", "output@5:it's", "text: fine"]),
        ];
        for (source, expected) in cases {
            assert_eq!(shape(source), *expected, "{source}");
        }
    }

    #[test]
    fn an_open_delimiter_is_found_at_its_place() {
        for (source, at, missing) in [("ab {{ c", 3, "}}"), ("{% if", 0, "%}"), ("{% raw %}x", 0, "endraw")] {
            assert_eq!(pieces(source), Err(Unclosed { at, missing }), "{source}");
        }
    }
}
