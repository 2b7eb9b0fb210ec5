//! The right sides of conditions, with parameters and the current item filled in.

use crate::ast::{Clause, Condition, Effect, List, Literal, Operand, Test};
use crate::row::Row;
use crate::scalar::Value;
use crate::values::parse_values;
use std::borrow::Cow;
use std::collections::BTreeMap;
use tastemaker_domain::{Error, Member, Result};

/// Values by parameter, of one clause.
pub(crate) type Given<'a> = BTreeMap<&'a str, Vec<Box<str>>>;

/// The values of a clause's parameters; `None` if one is missing and the clause excludes, so that it takes no part. A
/// parameter that is missing for an INCLUDE is an error, also when another clause needs it.
pub(crate) fn given<'a>(clause: &'a Clause, values: &BTreeMap<String, String>) -> Result<Option<Given<'a>>> {
    let mut given = Given::new();
    for name in clause.parameters() {
        match (values.get(name), clause.effect) {
            (Some(text), _) => given.insert(name, parse_values(name, text)?),
            (None, Effect::Exclude) => return Ok(None),
            (None, Effect::Include) => {
                return Err(Error::InvalidInput(format!(
                    "{}: the filter includes by ${name}, so a value of '{name}' is required.",
                    Member::FilterValues
                )));
            }
        };
    }
    Ok(Some(given))
}

/// The sources of a condition's right side.
pub(crate) struct Source<'a> {
    pub given: &'a Given<'a>,
    pub current_item: Option<Row<'a>>,
    /// Whether the left side is a numeric column.
    pub numeric: bool,
}

/// The values on the right side: none for `(*)` and for an item without the value.
///
/// Errors: [`Error::InvalidInput`] when a parameter's value is not a number and the column is numeric, or when a comparison
/// gets several.
pub(crate) fn right<'a>(condition: &'a Condition, source: &Source<'a>) -> Result<Vec<Value<'a>>> {
    let literal = |literal: &'a Literal| Value::Text(Cow::Borrowed(&*literal.text));
    let column = &condition.column.text;
    let current = |name: &str| source.current_item.map(|item| item.cell(name).values()).unwrap_or_default();
    let parameter = |name: &str| {
        let values = source.given.get(name).map(Vec::as_slice).unwrap_or_default();
        let values: Vec<_> = values.iter().map(|value| Value::Text(Cow::Borrowed(&**value))).collect();
        let odd = values.iter().find(|value| source.numeric && value.number().is_none());
        match odd.and_then(Value::text) {
            Some(odd) => Err(Error::InvalidInput(format!(
                "{}: '{odd}' given for '{name}' is not a number, but the filter compares it with {column}, which is numeric.",
                Member::FilterValues
            ))),
            None => Ok(values),
        }
    };
    match &condition.test {
        Test::In { list: List::Any, .. } => Ok(Vec::new()),
        Test::In { list: List::Literals(literals), .. } => Ok(literals.iter().map(literal).collect()),
        Test::In { list: List::Parameter(name), .. } => parameter(name),
        Test::In { list: List::CurrentItem(name), .. } => Ok(current(&name.text)),
        Test::Compare { operand: Operand::Literal(one), .. } => Ok(vec![literal(one)]),
        Test::Compare { operand: Operand::CurrentItem(name), .. } => Ok(current(&name.text)),
        Test::Compare { operand: Operand::Parameter(name), comparison } => {
            let values = parameter(name)?;
            match values.len() {
                1 => Ok(values),
                found => Err(Error::InvalidInput(format!(
                    "{}: '{name}' takes one value, because the filter compares {column} {} ${name}; found {found}.",
                    Member::FilterValues,
                    comparison.as_str()
                ))),
            }
        }
    }
}
