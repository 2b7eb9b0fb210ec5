//! Single values: the current user's columns, the current item's, and the operands that conditions compare them with.

use crate::ast::{Comparison, Test};
use crate::number::Number;
use crate::text_index::parts;
use std::borrow::Cow;
use std::cmp::Ordering;

/// A value of a table.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Cell<'a> {
    Absent,
    /// One value, whatever its characters.
    Id(&'a str),
    /// Values separated by `|`.
    Text(&'a str),
    Integer(i64),
    Real(f64),
}

impl<'a> Cell<'a> {
    pub fn text(self) -> Option<&'a str> {
        match self {
            Cell::Text(text) => Some(text),
            _ => None,
        }
    }

    pub fn number(self) -> Option<Number> {
        match self {
            Cell::Integer(value) => Some(Number::Integer(value)),
            Cell::Real(value) => Number::real(value),
            _ => None,
        }
    }

    /// The values to compare others with.
    pub fn values(self) -> Vec<Value<'a>> {
        match self {
            Cell::Absent => Vec::new(),
            Cell::Id(id) => vec![Value::Text(Cow::Borrowed(id))],
            Cell::Text(text) => parts(text).map(|part| Value::Text(Cow::Borrowed(part))).collect(),
            Cell::Integer(_) | Cell::Real(_) => self.number().map(Value::Number).into_iter().collect(),
        }
    }

    fn equals(self, value: &Value<'_>) -> bool {
        match self {
            Cell::Absent => false,
            Cell::Id(id) => value.text() == Some(id),
            Cell::Text(text) => value.text().is_some_and(|value| parts(text).any(|part| part == value)),
            Cell::Integer(_) | Cell::Real(_) => self.compare(value) == Some(Ordering::Equal),
        }
    }

    fn compare(self, value: &Value<'_>) -> Option<Ordering> {
        Some(self.number()?.compare(value.number()?))
    }

    /// Whether the value passes `test`, whose right side is one of `values` (any of them for IN).
    pub fn passes(self, test: &Test, values: &[Value<'_>]) -> bool {
        match test {
            Test::In { negated, .. } => values.iter().any(|value| self.equals(value)) != *negated,
            Test::Compare { comparison, .. } => {
                let order = values.first().and_then(|value| self.compare(value));
                match comparison {
                    Comparison::Equal => values.first().is_some_and(|value| self.equals(value)),
                    Comparison::NotEqual => !values.first().is_some_and(|value| self.equals(value)),
                    Comparison::Less => order == Some(Ordering::Less),
                    Comparison::LessOrEqual => order.is_some_and(Ordering::is_le),
                    Comparison::Greater => order == Some(Ordering::Greater),
                    Comparison::GreaterOrEqual => order.is_some_and(Ordering::is_ge),
                }
            }
        }
    }
}

/// A value on the right side of a condition.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Value<'a> {
    /// As written, or as given for a parameter.
    Text(Cow<'a, str>),
    /// Of a numeric column.
    Number(Number),
}

impl Value<'_> {
    pub fn text(&self) -> Option<&str> {
        match self {
            Value::Text(text) => Some(text),
            Value::Number(_) => None,
        }
    }

    pub fn number(&self) -> Option<Number> {
        match self {
            Value::Text(text) => Number::parse(text),
            Value::Number(number) => Some(*number),
        }
    }
}
