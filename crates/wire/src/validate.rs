//! One validator for every input: it walks a JSON value along a constraint table.
//!
//! Types come first: a member of a wrong JSON type ends the walk with [`Invalid::Type`]. Constraint violations are
//! collected and joined in AWS's form:
//!
//! ```text
//! 2 validation errors detected: Value '?' at 'name' failed to satisfy constraint: Member must satisfy regular expression
//! pattern: ^[a-zA-Z0-9][a-zA-Z0-9\-_]*; Value null at 'schema' failed to satisfy constraint: Member must not be null
//! ```
//!
//! A path joins member names with dots; `eventList.1.member.eventType` is inside the first member of a list,
//! `context.DEVICE.member` is the value of a map's key. Sensitive values stay out of the text.

use crate::scalars::{epoch_seconds, json_text, parameter_text};
use crate::shape::{Lenient, Shape};
use serde_json::{Map, Value};
use std::borrow::Cow;
use std::fmt;

/// The most violations that one message reports; the walk ends there.
pub const VIOLATIONS_MAX: usize = 10;

/// The most characters of a value that a message repeats.
pub const VALUE_CHARACTERS_MAX: usize = 256;

/// Why a value does not fit its shape.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Invalid {
    /// A member has a wrong JSON type; the text names the path and both types.
    Type(String),
    /// Constraint violations.
    Constraints {
        /// All of them, joined in AWS's form.
        text: String,
        /// The path of the first one, as the text has it.
        member: String,
    },
}

/// Checks a value against a shape.
///
/// # Errors
/// The first wrong JSON type, else all violated constraints up to [`VIOLATIONS_MAX`].
pub fn validate(shape: &Shape, value: &Value) -> Result<(), Invalid> {
    let mut violations = Violations::default();
    violations.walk(shape, value, &Path::Root)?;
    let Violations { texts, first: member } = violations;
    let text = match texts.len() {
        0 => return Ok(()),
        1 => format!("1 validation error detected: {}", texts[0]),
        count => format!("{count} validation errors detected: {}", texts.join("; ")),
    };
    Err(Invalid::Constraints { text, member })
}

/// The path to a value, as a chain of borrowed steps: a valid request builds no text.
enum Path<'a> {
    Root,
    Member(&'a Path<'a>, &'static str),
    Index(&'a Path<'a>, usize),
    Key(&'a Path<'a>, &'a str),
}

impl fmt::Display for Path<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Path::Root => Ok(()),
            Path::Member(Path::Root, name) => f.write_str(name),
            Path::Member(parent, name) => write!(f, "{parent}.{name}"),
            Path::Index(parent, index) => write!(f, "{parent}.{}.member", index + 1),
            Path::Key(parent, key) => write!(f, "{parent}.{}.member", shortened(key)),
        }
    }
}

/// The violations found so far.
#[derive(Default)]
struct Violations {
    texts: Vec<String>,
    /// The path of the first one.
    first: String,
}

impl Violations {
    fn walk(&mut self, shape: &Shape, value: &Value, path: &Path<'_>) -> Result<(), Invalid> {
        match shape {
            Shape::Structure { members } => {
                let object = object(value, path)?;
                for member in *members {
                    let path = Path::Member(path, member.name);
                    match object.get(member.name) {
                        None | Some(Value::Null) if member.required => self.null(&path),
                        None | Some(Value::Null) => {}
                        Some(held) => self.walk(member.shape, held, &path)?,
                    }
                }
            }
            Shape::List { member, min, max } => {
                let list = value.as_array().ok_or_else(|| wrong_type(value, path, "a list"))?;
                self.length(list.len(), *min, *max, value, is_shown(member), path);
                for (index, held) in list.iter().enumerate() {
                    self.element(member, held, &Path::Index(path, index))?;
                }
            }
            Shape::Map { key, value: member, min, max } => {
                let object = object(value, path)?;
                self.length(object.len(), *min, *max, value, is_shown(member), path);
                for (name, held) in object {
                    self.key(key, name, path);
                    self.element(member, held, &Path::Key(path, name))?;
                }
            }
            Shape::String { sensitive, lenient, .. } => {
                let text = text(value, *lenient).ok_or_else(|| wrong_type(value, path, string_form(*lenient)))?;
                for rule in broken_rules(shape, &text) {
                    self.add((!sensitive).then_some(&text), path, &rule);
                }
            }
            Shape::Integer { min, max } => {
                let number = value.as_i64().filter(|number| i32::try_from(*number).is_ok());
                let number = number.ok_or_else(|| wrong_type(value, path, "an integer of 32 bits"))?;
                self.range(number, *min, *max, path);
            }
            Shape::Double { min, max } => {
                let number = value.as_f64().ok_or_else(|| wrong_type(value, path, "a number"))?;
                self.range(number, *min, *max, path);
            }
            Shape::Boolean => {
                value.as_bool().ok_or_else(|| wrong_type(value, path, "true or false"))?;
            }
            Shape::Timestamp => {
                epoch_seconds(value)
                    .ok_or_else(|| wrong_type(value, path, "a timestamp in seconds since the Unix epoch"))?;
            }
        }
        Ok(())
    }

    /// A list member or map value: unlike a structure member it cannot be absent.
    fn element(&mut self, shape: &Shape, value: &Value, path: &Path<'_>) -> Result<(), Invalid> {
        if value.is_null() {
            self.null(path);
            return Ok(());
        }
        self.walk(shape, value, path)
    }

    fn key(&mut self, shape: &Shape, key: &str, path: &Path<'_>) {
        let rules: Vec<String> = broken_rules(shape, key).collect();
        if !rules.is_empty() {
            self.add(Some(key), path, &format!("Map keys must satisfy constraint: [{}]", rules.join(", ")));
        }
    }

    fn length(
        &mut self,
        length: usize,
        min: Option<u32>,
        max: Option<u32>,
        value: &Value,
        shown: bool,
        path: &Path<'_>,
    ) {
        for rule in broken_lengths(length, min, max) {
            let text = shown.then(|| value.to_string());
            self.add(text.as_deref(), path, &rule);
        }
    }

    fn range<N: PartialOrd + fmt::Display>(&mut self, number: N, min: Option<N>, max: Option<N>, path: &Path<'_>) {
        if let Some(min) = min.filter(|min| number < *min) {
            self.add(
                Some(&number.to_string()),
                path,
                &format!("Member must have value greater than or equal to {min}"),
            );
        }
        if let Some(max) = max.filter(|max| number > *max) {
            self.add(Some(&number.to_string()), path, &format!("Member must have value less than or equal to {max}"));
        }
    }

    fn null(&mut self, path: &Path<'_>) {
        self.push(path, || format!("Value null at '{path}' failed to satisfy constraint: Member must not be null"));
    }

    fn add(&mut self, value: Option<&str>, path: &Path<'_>, rule: &str) {
        self.push(path, || match value {
            Some(value) => format!("Value '{}' at '{path}' failed to satisfy constraint: {rule}", shortened(value)),
            None => format!("Value at '{path}' failed to satisfy constraint: {rule}"),
        });
    }

    fn push(&mut self, path: &Path<'_>, text: impl FnOnce() -> String) {
        if self.texts.is_empty() {
            self.first = path.to_string();
        }
        if self.texts.len() < VIOLATIONS_MAX {
            self.texts.push(text());
        }
    }
}

fn object<'v>(value: &'v Value, path: &Path<'_>) -> Result<&'v Map<String, Value>, Invalid> {
    value.as_object().ok_or_else(|| wrong_type(value, path, "an object"))
}

fn text(value: &Value, lenient: Lenient) -> Option<Cow<'_, str>> {
    match (value, lenient) {
        (Value::String(text), _) => Some(Cow::Borrowed(text)),
        (_, Lenient::No) => None,
        (_, Lenient::Scalars) => parameter_text(value).map(Cow::Owned),
        (_, Lenient::Object) => json_text(value).map(Cow::Owned),
    }
}

fn string_form(lenient: Lenient) -> &'static str {
    match lenient {
        Lenient::No => "a string",
        Lenient::Scalars => "a string, number or boolean",
        Lenient::Object => "a string that carries JSON, or an object",
    }
}

/// The rules of a string shape that `text` breaks; none for any other shape.
fn broken_rules<'a>(shape: &'a Shape, text: &'a str) -> impl Iterator<Item = String> + 'a {
    let Shape::String { min, max, pattern, values, .. } = shape else {
        return Vec::new().into_iter();
    };
    // Nearly every text is short enough in bytes, which spares counting its characters.
    let mut rules = Vec::new();
    if min.is_some() || max.is_some_and(|max| text.len() > max as usize) {
        rules.extend(broken_lengths(text.chars().count(), *min, *max));
    }
    if let Some(pattern) = pattern.filter(|pattern| !pattern.matches(text)) {
        rules.push(format!("Member must satisfy regular expression pattern: {}", pattern.text));
    }
    if !values.is_empty() && !values.contains(&text) {
        rules.push(format!("Member must satisfy enum value set: [{}]", values.join(", ")));
    }
    rules.into_iter()
}

fn broken_lengths(length: usize, min: Option<u32>, max: Option<u32>) -> impl Iterator<Item = String> {
    let short = min.filter(|min| length < *min as usize);
    let long = max.filter(|max| length > *max as usize);
    let short = short.map(|min| format!("Member must have length greater than or equal to {min}"));
    let long = long.map(|max| format!("Member must have length less than or equal to {max}"));
    short.into_iter().chain(long)
}

/// Whether a list or map with this member may appear in a message: only plain scalars do.
fn is_shown(member: &Shape) -> bool {
    match member {
        Shape::String { sensitive, .. } => !sensitive,
        Shape::Structure { .. } => false,
        Shape::List { member, .. } | Shape::Map { value: member, .. } => is_shown(member),
        Shape::Integer { .. } | Shape::Double { .. } | Shape::Boolean | Shape::Timestamp => true,
    }
}

fn wrong_type(value: &Value, path: &Path<'_>, expected: &str) -> Invalid {
    let found = match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    };
    // A string, list or object may be sensitive; a number or boolean tells what is wrong with it.
    let shown = match value {
        Value::Number(number) => format!(" {number}"),
        Value::Bool(flag) => format!(" {flag}"),
        _ => String::new(),
    };
    Invalid::Type(format!("The value at '{path}' must be {expected}; found {found}{shown}."))
}

fn shortened(text: &str) -> Cow<'_, str> {
    match text.char_indices().nth(VALUE_CHARACTERS_MAX) {
        None => Cow::Borrowed(text),
        Some((end, _)) => Cow::Owned(format!("{}...", &text[..end])),
    }
}
