//! From characters to tokens.

use crate::error::ExpressionError;
use crate::{COLUMN_CHARS_MAX, PARAMETER_CHARS_MAX};

/// The smallest part that means something.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Token<'a> {
    /// A keyword, dataset or column.
    Word(&'a str),
    /// The name after `$`.
    Parameter(&'a str),
    /// A string without its quotes and escapes.
    Text(String),
    /// Digits as written.
    Number(&'a str),
    /// Punctuation or a comparison.
    Symbol(&'static str),
    End,
}

/// The two-character symbols first.
const SYMBOLS: &[&str] = &["!=", "<=", ">=", "=", "<", ">", "(", ")", ",", ".", "|", "*"];

/// Symbols of other languages, with what to write instead.
const FOREIGN: &[(&str, &str)] = &[
    ("==", "'==' is no operator; write '='"),
    ("<>", "'<>' is no operator; write '!='"),
    ("\u{201c}", "strings are enclosed in straight quotes (\")"),
    ("\u{201d}", "strings are enclosed in straight quotes (\")"),
];

/// A token with where it begins and ends in the text, in bytes.
#[derive(Debug, Clone)]
pub(crate) struct Placed<'a> {
    pub token: Token<'a>,
    pub at: usize,
    pub end: usize,
}

/// All tokens of `text`, the last one [`Token::End`].
pub(crate) fn tokens(text: &str) -> Result<Vec<Placed<'_>>, ExpressionError> {
    let mut tokens = Vec::new();
    let mut at = 0;
    loop {
        at += text[at..].len() - text[at..].trim_start().len();
        let (token, bytes) = token(text, at)?;
        let ended = token == Token::End;
        tokens.push(Placed { token, at, end: at + bytes });
        if ended {
            return Ok(tokens);
        }
        at += bytes;
    }
}

/// The token at byte `at`, which is no white space, and its length in bytes.
fn token(text: &str, at: usize) -> Result<(Token<'_>, usize), ExpressionError> {
    let rest = &text[at..];
    let refuse = |message: String| Err(ExpressionError::symbol(text, at, message));
    let Some(first) = rest.chars().next() else { return Ok((Token::End, 0)) };
    match first {
        'A'..='Z' | 'a'..='z' | '_' => {
            let word = name(rest);
            match word.len() {
                0..=COLUMN_CHARS_MAX => Ok((Token::Word(word), word.len())),
                chars => refuse(format!("names have at most {COLUMN_CHARS_MAX} characters, found {chars}")),
            }
        }
        '$' => {
            let name = name(&rest[1..]);
            match name.len() {
                0 => refuse("a parameter is '$' and a name of letters, digits and '_'".to_owned()),
                1..=PARAMETER_CHARS_MAX => Ok((Token::Parameter(name), 1 + name.len())),
                chars => {
                    refuse(format!("parameter names have at most {PARAMETER_CHARS_MAX} characters, found {chars}"))
                }
            }
        }
        '"' | '\'' => string(text, at, first),
        '0'..='9' => Ok(number(rest)),
        '-' if rest[1..].starts_with(|c: char| c.is_ascii_digit()) => Ok(number(rest)),
        '-' if text[..at].rfind('$').is_some_and(|from| name(&text[from + 1..at]).len() == at - from - 1) => {
            refuse("parameter names have letters, digits and '_' only, found '-'".to_owned())
        }
        _ => {
            if let Some((_, hint)) = FOREIGN.iter().find(|(symbol, _)| rest.starts_with(symbol)) {
                return refuse((*hint).to_owned());
            }
            match SYMBOLS.iter().find(|symbol| rest.starts_with(**symbol)) {
                Some(symbol) => Ok((Token::Symbol(symbol), symbol.len())),
                None => refuse(format!("'{}' is not part of the language", first.escape_debug())),
            }
        }
    }
}

fn name(text: &str) -> &str {
    let end = text.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(text.len());
    &text[..end]
}

fn number(text: &str) -> (Token<'_>, usize) {
    let digits = |text: &str| text.len() - text.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    let sign = usize::from(text.starts_with('-'));
    let mut end = sign + digits(&text[sign..]);
    if let Some(fraction) = text[end..].strip_prefix('.').map(digits).filter(|&count| count > 0) {
        end += 1 + fraction;
    }
    (Token::Number(&text[..end]), end)
}

fn string(text: &str, at: usize, quote: char) -> Result<(Token<'_>, usize), ExpressionError> {
    let mut content = String::new();
    let mut chars = text[at + 1..].char_indices();
    while let Some((n, c)) = chars.next() {
        match c {
            '\\' => match chars.next() {
                Some((_, escaped)) => content.push(escaped),
                None => break,
            },
            c if c == quote => return Ok((Token::Text(content), n + 2)),
            c => content.push(c),
        }
    }
    Err(ExpressionError::expression(text, at, format!("the string that begins here has no closing {quote}")))
}
