//! Positions of the fields in a block of CSV text.
//!
//! Grammar (RFC 4180, with the two liberties that AWS and its customers take):
//! ```text
//! record  = field *("," field) ["\r"] "\n"      a record without any character is skipped
//! field   = quoted / plain
//! plain   = *(any byte but "," "\n" "\"")
//! quoted  = "\"" *(any byte but "\"" "\\" / "\"\"" / "\\\"" / "\\\\" / "\\") "\""
//! ```
//! In quoted text a backslash escapes a quote or a backslash and is itself otherwise.

/// The range of one field's text within its block.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Span {
    start: u32,
    /// One past the last byte, with [`ESCAPED`] when the text contains escapes to undo.
    end: u32,
}

const ESCAPED: u32 = 1 << 31;

impl Span {
    /// The text from `start` to before `end`.
    pub(crate) fn plain(start: usize, end: usize) -> Self {
        Self::new(start, end, false)
    }

    fn new(start: usize, end: usize, escaped: bool) -> Self {
        Self { start: start as u32, end: end as u32 | if escaped { ESCAPED } else { 0 } }
    }

    /// The first byte of the text within the block.
    pub(crate) fn start(self) -> usize {
        self.start as usize
    }

    /// The field's text; `scratch` holds it when escapes had to be undone.
    #[inline]
    pub(crate) fn text<'a>(self, block: &'a str, scratch: &'a mut String) -> &'a str {
        let raw = &block[self.start as usize..(self.end & !ESCAPED) as usize];
        if self.end & ESCAPED == 0 {
            return raw;
        }
        scratch.clear();
        let mut rest = raw;
        while let Some(at) = rest.find(['"', '\\']) {
            scratch.push_str(&rest[..at]);
            // A quote is always the first of a pair here; a backslash escapes a quote or a backslash and is text otherwise.
            let escapes = rest[at..].starts_with('"') || rest[at + 1..].starts_with(['"', '\\']);
            let kept = if escapes { at + 1 } else { at };
            scratch.push_str(&rest[kept..kept + 1]);
            rest = &rest[kept + 1..];
        }
        scratch.push_str(rest);
        scratch
    }
}

/// A broken rule at a place in a block.
#[derive(Debug, PartialEq)]
pub(crate) struct Fault {
    /// The byte of the block where the offending field or record begins.
    pub at: usize,
    /// The position of the offending field in its record, where it is a field that offends.
    pub column: Option<usize>,
    /// Value and rule, in the customer's words.
    pub text: String,
}

/// The result of a scan.
pub(crate) struct Scanned {
    /// Bytes up to the end of the last complete record.
    pub consumed: usize,
    /// Complete records.
    pub rows: usize,
    /// Why the scan ended before the end of the block.
    pub fault: Option<Fault>,
    /// The start and the position in its record of the field that was still open at the end of the block.
    pub open: (usize, usize),
}

enum Field {
    /// The span, the position after the separator, and whether the record ended.
    Complete(Span, usize, bool),
    Incomplete,
    Wrong(String),
}

/// Appends the spans of all complete records of `block` to `spans`, row by row. With `columns`, a record of another
/// width is a fault; without, the scan ends after one record.
pub(crate) fn scan(block: &str, columns: Option<usize>, spans: &mut Vec<Span>) -> Scanned {
    let bytes = block.as_bytes();
    let mut found = Scanned { consumed: 0, rows: 0, fault: None, open: (0, 0) };
    loop {
        let record = found.consumed;
        match &bytes[record..] {
            [b'\n', ..] => {
                found.consumed += 1;
                continue;
            }
            [b'\r', b'\n', ..] => {
                found.consumed += 2;
                continue;
            }
            _ => {}
        }
        let first_span = spans.len();
        let mut at = record;
        let ended = loop {
            match field(block, at) {
                Field::Complete(span, next, ends_record) => {
                    spans.push(span);
                    at = next;
                    if ends_record {
                        break true;
                    }
                }
                Field::Incomplete => break false,
                Field::Wrong(text) => {
                    found.fault = Some(Fault { at, column: Some(spans.len() - first_span), text });
                    break false;
                }
            }
        };
        let width = spans.len() - first_span;
        if !ended {
            found.open = (at, width);
            spans.truncate(first_span);
            return found;
        }
        if let Some(columns) = columns
            && width != columns
        {
            spans.truncate(first_span);
            let values = if width == 1 { "value" } else { "values" };
            found.fault = Some(Fault {
                at: record,
                column: None,
                text: format!("the row has {width} {values}; the header has {columns} columns"),
            });
            return found;
        }
        found.rows += 1;
        found.consumed = at;
        if columns.is_none() {
            return found;
        }
    }
}

#[inline]
fn field(block: &str, start: usize) -> Field {
    let bytes = block.as_bytes();
    if bytes.get(start) == Some(&b'"') {
        return quoted(block, start);
    }
    let Some(len) = bytes[start..].iter().position(|&b| b == b',' || b == b'\n' || b == b'"') else {
        return Field::Incomplete;
    };
    let end = start + len;
    match bytes[end] {
        b',' => Field::Complete(Span::new(start, end, false), end + 1, false),
        b'\n' => {
            let text_end = if bytes[start..end].ends_with(b"\r") { end - 1 } else { end };
            Field::Complete(Span::new(start, text_end, false), end + 1, true)
        }
        _ => Field::Wrong(format!(
            "{} has a quote inside an unquoted value; enclose the whole value in quotes and double the inner quote",
            shown(&block[start..=end])
        )),
    }
}

fn quoted(block: &str, start: usize) -> Field {
    let bytes = block.as_bytes();
    let mut escaped = false;
    let mut at = start + 1;
    loop {
        let Some(step) = bytes[at..].iter().position(|&b| b == b'"' || b == b'\\') else { return Field::Incomplete };
        at += step;
        match (bytes[at], bytes.get(at + 1)) {
            (_, None) => return Field::Incomplete,
            (b'"', Some(b'"')) | (b'\\', Some(b'"' | b'\\')) => {
                escaped = true;
                at += 2;
            }
            (b'\\', Some(_)) => at += 1,
            (_, Some(b',')) => return Field::Complete(Span::new(start + 1, at, escaped), at + 2, false),
            (_, Some(b'\n')) => return Field::Complete(Span::new(start + 1, at, escaped), at + 2, true),
            (_, Some(b'\r')) if bytes.get(at + 2) == Some(&b'\n') => {
                return Field::Complete(Span::new(start + 1, at, escaped), at + 3, true);
            }
            (_, Some(b'\r')) if bytes.len() == at + 2 => return Field::Incomplete,
            (_, Some(_)) => {
                let end = at + 1 + block[at + 1..].chars().next().map_or(0, char::len_utf8);
                return Field::Wrong(format!(
                    "{} has text after its closing quote; double a quote that belongs to the value",
                    shown(&block[start..end])
                ));
            }
        }
    }
}

/// Characters of a value that an error repeats.
const SHOWN_CHARS_MAX: usize = 60;

/// A value for an error text: quoted, shortened, on one line.
pub(crate) fn shown(value: &str) -> String {
    format!("'{}'", clipped(value))
}

/// A value's beginning, on one line.
pub(super) fn clipped(value: &str) -> String {
    let mut text: String = value.chars().take(SHOWN_CHARS_MAX).map(|c| if c.is_control() { ' ' } else { c }).collect();
    if value.chars().nth(SHOWN_CHARS_MAX).is_some() {
        text.push_str("...");
    }
    text
}
