//! Texts of policies: plain characters, the wildcards `*` and `?`, and variables such as `${aws:username}`.

use super::condition_keys;
use super::facts::Facts;
use std::borrow::Cow;

/// How a text of a policy is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reading {
    /// Whether `*` stands for any text and `?` for one character.
    pub wildcards: bool,
    /// Whether `${...}` stands for a value of the request; policies of the version of 2008 have no variables.
    pub variables: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Token {
    Char(char),
    AnyText,
    AnyChar,
    Variable { lower_key: String, default: Option<String> },
}

/// A text of a policy that is compared with texts of requests.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pattern {
    tokens: Vec<Token>,
    has_variables: bool,
}

impl Pattern {
    /// Reads a text. Errors say what is wrong with one of its variables.
    pub fn parse(text: &str, reading: Reading) -> Result<Self, String> {
        let (mut tokens, mut has_variables, mut rest) = (Vec::new(), false, text);
        while let Some(first) = rest.chars().next() {
            if let Some((name, after)) =
                rest.strip_prefix("${").filter(|_| reading.variables).map(closed).transpose()?
            {
                let token = variable(name)?;
                has_variables |= matches!(token, Token::Variable { .. });
                tokens.push(token);
                rest = after;
                continue;
            }
            tokens.push(match first {
                '*' if reading.wildcards => Token::AnyText,
                '?' if reading.wildcards => Token::AnyChar,
                other => Token::Char(other),
            });
            rest = &rest[first.len_utf8()..];
        }
        Ok(Self { tokens, has_variables })
    }

    /// The pattern with its letters in lower case, for texts in which case does not matter.
    pub fn lower_case(mut self) -> Self {
        for token in &mut self.tokens {
            if let Token::Char(letter) = token {
                *letter = letter.to_ascii_lowercase();
            }
        }
        self
    }

    /// Whether a text fits. A variable that the request has no value for fits nothing.
    pub fn matches(&self, text: &str, facts: &Facts) -> bool {
        self.filled(facts).is_some_and(|tokens| fits(&tokens, text))
    }

    /// Whether an ARN fits: wildcards do not reach over the colons that part its first five fields. A pattern without six fields
    /// is compared as plain text.
    pub fn matches_arn(&self, arn: &str, facts: &Facts) -> bool {
        let Some(tokens) = self.filled(facts) else { return false };
        let fields: Vec<&[Token]> = tokens.splitn(ARN_FIELDS, |token| *token == Token::Char(':')).collect();
        if fields.len() < ARN_FIELDS {
            return fits(&tokens, arn);
        }
        let given: Vec<&str> = arn.splitn(ARN_FIELDS, ':').collect();
        given.len() == ARN_FIELDS && fields.into_iter().zip(given).all(|(field, text)| fits(field, text))
    }

    fn filled(&self, facts: &Facts) -> Option<Cow<'_, [Token]>> {
        if !self.has_variables {
            return Some(Cow::Borrowed(&self.tokens));
        }
        let mut filled = Vec::with_capacity(self.tokens.len());
        for token in &self.tokens {
            match token {
                Token::Variable { lower_key, default } => {
                    let value = match facts.values(lower_key) {
                        [one] => one,
                        _ => default.as_ref()?,
                    };
                    filled.extend(value.chars().map(Token::Char));
                }
                other => filled.push(other.clone()),
            }
        }
        Some(Cow::Owned(filled))
    }
}

const ARN_FIELDS: usize = 6;

/// The inside of a variable whose beginning was read, and what comes after it.
fn closed(text: &str) -> Result<(&str, &str), String> {
    text.split_once('}').ok_or_else(|| "A policy variable has no closing brace".to_owned())
}

fn variable(inside: &str) -> Result<Token, String> {
    if let "*" | "?" | "$" = inside {
        return Ok(Token::Char(inside.chars().next().unwrap_or('$')));
    }
    let (key, default) = match inside.split_once(',') {
        None => (inside.trim(), None),
        Some((key, default)) => {
            let quoted = default.trim().strip_prefix('\'').and_then(|rest| rest.strip_suffix('\''));
            let default =
                quoted.ok_or_else(|| format!("The default of the policy variable ${{{inside}}} is not in quotes"))?;
            (key.trim(), Some(default.to_owned()))
        }
    };
    let lower_key = key.to_ascii_lowercase();
    if !condition_keys::is_known(&lower_key) {
        return Err(format!("The policy variable ${{{key}}} is not known"));
    }
    Ok(Token::Variable { lower_key, default })
}

fn fits(pattern: &[Token], text: &str) -> bool {
    let (mut p, mut rest) = (0, text);
    // The last star, and the text from which it is tried again.
    let mut star: Option<(usize, &str)> = None;
    while let Some(letter) = rest.chars().next() {
        match (pattern.get(p), star) {
            (Some(Token::AnyText), _) => {
                star = Some((p, rest));
                p += 1;
            }
            (Some(Token::AnyChar), _) => {
                p += 1;
                rest = &rest[letter.len_utf8()..];
            }
            (Some(Token::Char(wanted)), _) if *wanted == letter => {
                p += 1;
                rest = &rest[letter.len_utf8()..];
            }
            (_, Some((at, from))) => {
                let skipped = from.chars().next().map_or(0, char::len_utf8);
                rest = &from[skipped..];
                star = Some((at, rest));
                p = at + 1;
            }
            _ => return false,
        }
    }
    pattern[p..].iter().all(|token| *token == Token::AnyText)
}
