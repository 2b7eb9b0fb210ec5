//! The check of an expression against the schemas of its dataset group.

use crate::FIELDS_MAX;
use crate::ast::{Condition, Expression, List, Literal, Name, Operand, Test};
use crate::error::ExpressionError;
use crate::number::Number;
use tastemaker_domain::schema::{DatasetType, Field, FieldType, Schema};
use tastemaker_domain::{Error, Result};

/// Refuses an expression that names a dataset which `schemas`, those of the dataset group, lack, a column that does not
/// exist or cannot be filtered, or a comparison that does not fit its type; and one with too many different columns.
///
/// Errors: [`Error::InvalidInput`] with the position, [`Error::LimitExceeded`].
pub fn check(expression: &Expression, schemas: &[Schema]) -> Result<()> {
    let checker = Checker { expression, schemas };
    for clause in &expression.clauses {
        for condition in clause.any_of.iter().flatten() {
            if clause.is_about_events() {
                checker.schema(clause.dataset, &condition.column)?;
            } else {
                checker.condition(clause.dataset, condition)?;
            }
        }
        for condition in &clause.only_if {
            checker.condition(DatasetType::Users, condition)?;
        }
    }
    let fields = expression.fields();
    if fields.len() > FIELDS_MAX {
        let names: Vec<_> = fields.iter().map(String::as_str).collect();
        return Err(Error::LimitExceeded(format!(
            "A filter can use at most {FIELDS_MAX} different dataset fields; found {}: {}.",
            fields.len(),
            names.join(", ")
        )));
    }
    Ok(())
}

struct Checker<'a> {
    expression: &'a Expression,
    schemas: &'a [Schema],
}

/// The type as which a column's values are compared.
#[derive(Clone, Copy, PartialEq)]
enum Kind {
    Text,
    Number,
}

impl Kind {
    fn of(field: &Field) -> Option<Self> {
        match field.field_type {
            FieldType::String => (!field.textual).then_some(Kind::Text),
            FieldType::Int | FieldType::Long | FieldType::Float | FieldType::Double => Some(Kind::Number),
            FieldType::Boolean => None,
        }
    }
}

impl Checker<'_> {
    fn condition(&self, dataset: DatasetType, condition: &Condition) -> Result<()> {
        let left = self.column(dataset, &condition.column)?;
        let kind = Kind::of(left);
        match &condition.test {
            Test::In { list: List::Literals(literals), .. } if kind == Some(Kind::Number) => {
                literals.iter().try_for_each(|literal| self.must_be_number(left, literal))
            }
            Test::In { list: List::CurrentItem(right), .. } => self.same_kind(left, right),
            Test::In { .. } => Ok(()),
            Test::Compare { comparison, .. } if comparison.is_range() && kind == Some(Kind::Text) => {
                let message = format!(
                    "'{}' compares numbers, but {} is of type string",
                    comparison.as_str(),
                    condition.column.text
                );
                self.refuse(condition.column.at, message)
            }
            Test::Compare { operand: Operand::Literal(literal), .. } if kind == Some(Kind::Number) => {
                self.must_be_number(left, literal)
            }
            Test::Compare { operand: Operand::CurrentItem(right), .. } => self.same_kind(left, right),
            Test::Compare { .. } => Ok(()),
        }
    }

    fn schema(&self, dataset: DatasetType, column: &Name) -> Result<&Schema> {
        match self.schemas.iter().find(|schema| schema.dataset_type == dataset) {
            Some(schema) => Ok(schema),
            None => {
                let name = dataset.record_name();
                self.refuse(column.at, format!("the dataset group has no {name} dataset, which the filter needs"))
            }
        }
    }

    /// The column, if it can be filtered.
    fn column(&self, dataset: DatasetType, name: &Name) -> Result<&Field> {
        let schema = self.schema(dataset, name)?;
        let of = dataset.record_name();
        let Some(field) = schema.fields.iter().find(|f| f.name.eq_ignore_ascii_case(&name.text)) else {
            let known: Vec<_> =
                schema.fields.iter().filter(|f| Kind::of(f).is_some()).map(|f| f.name.as_str()).collect();
            let known = known.join(", ");
            return self.refuse(
                name.at,
                format!("{of} has no column '{}'; those that can be filtered are [{known}]", name.text),
            );
        };
        match Kind::of(field) {
            Some(_) => Ok(field),
            None => {
                let what = if field.textual { "textual" } else { "boolean" };
                self.refuse(name.at, format!("{of}.{} is a {what} column, which cannot be filtered", field.name))
            }
        }
    }

    fn same_kind(&self, left: &Field, right: &Name) -> Result<()> {
        let right_field = self.column(DatasetType::Items, right)?;
        if Kind::of(left) == Kind::of(right_field) {
            return Ok(());
        }
        let (a, b) = (left.field_type.as_str(), right_field.field_type.as_str());
        let message = format!("{} is of type {a}, but CurrentItem.{} of type {b}", left.name, right_field.name);
        self.refuse(right.at, message)
    }

    fn must_be_number(&self, field: &Field, literal: &Literal) -> Result<()> {
        match Number::parse(&literal.text) {
            Some(_) => Ok(()),
            None => {
                let (name, of) = (&field.name, field.field_type.as_str());
                self.refuse(literal.at, format!("{name} is of type {of}, but '{}' is not a number", literal.text))
            }
        }
    }

    fn refuse<T>(&self, at: usize, message: String) -> Result<T> {
        Err(ExpressionError::expression(self.expression.text(), at, message).into())
    }
}
