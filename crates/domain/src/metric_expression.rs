//! The expression language of metric attributions: the number that is computed from an event.
//!
//! ```text
//! expression = "SAMPLECOUNT" "(" ")" / "SUM" "(" dataset "." column ")"
//! dataset    = "Items" / "Interactions"
//! ```
//! Words are known in any case, and blanks may stand between them.

use crate::schema::{DatasetType, FieldType, Schema};

/// A parsed expression.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MetricExpression {
    /// The number of events.
    SampleCount,
    /// The sum of a column: of the event itself, or of its item.
    Sum(DatasetType, String),
}

impl MetricExpression {
    /// Parses `text`; the rule it breaks as error, to be put after the member's path.
    pub fn parse(text: &str) -> Result<Self, String> {
        let wrong =
            || format!("must be SAMPLECOUNT(), SUM(Items.<column>) or SUM(Interactions.<column>), not '{text}'");
        let (function, argument) = text.trim().split_once('(').ok_or_else(wrong)?;
        let argument = argument.strip_suffix(')').ok_or_else(wrong)?.trim();
        match (function.trim().to_ascii_uppercase().as_str(), argument.split_once('.')) {
            ("SAMPLECOUNT", None) if argument.is_empty() => Ok(Self::SampleCount),
            ("SUM", Some((dataset, column))) => {
                let column = column.trim();
                let plain = |c: char| c.is_ascii_alphanumeric() || c == '_';
                let dataset = match dataset.trim().to_ascii_uppercase().as_str() {
                    "ITEMS" => DatasetType::Items,
                    "INTERACTIONS" => DatasetType::Interactions,
                    _ => return Err(wrong()),
                };
                if column.is_empty() || !column.chars().all(plain) {
                    return Err(wrong());
                }
                Ok(Self::Sum(dataset, column.to_owned()))
            }
            _ => Err(wrong()),
        }
    }

    /// The function's word in published files.
    pub fn function(&self) -> &'static str {
        match self {
            Self::SampleCount => "samplecount",
            Self::Sum(..) => "sum",
        }
    }

    /// Checks that the column is a number of the dataset whose `schema` this is; the column's name as the schema spells it.
    pub fn check_column(column: &str, schema: &Schema) -> Result<String, String> {
        let dataset = schema.dataset_type.record_name();
        let Some(field) = schema.fields.iter().find(|field| field.name.eq_ignore_ascii_case(column)) else {
            return Err(format!("names the column '{column}', which the schema of {dataset} does not have"));
        };
        match field.field_type {
            _ if field.is_event_value(schema.dataset_type) => Ok(field.name.clone()),
            FieldType::Int | FieldType::Long | FieldType::Float | FieldType::Double => Ok(field.name.clone()),
            other => Err(format!("must sum a numeric column; {dataset}.{} is of type {}", field.name, other.as_str())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn expressions() {
        let sum = |dataset, column: &str| Ok(MetricExpression::Sum(dataset, column.to_owned()));
        for (text, expected) in [
            ("SAMPLECOUNT()", Ok(MetricExpression::SampleCount)),
            (" samplecount ( ) ", Ok(MetricExpression::SampleCount)),
            ("SUM(Items.PRICE)", sum(DatasetType::Items, "PRICE")),
            ("sum( interactions . EVENT_VALUE )", sum(DatasetType::Interactions, "EVENT_VALUE")),
        ] {
            assert_eq!(MetricExpression::parse(text), expected, "{text}");
        }
        for text in [
            "",
            "SUM",
            "SUM()",
            "SUM(PRICE)",
            "SUM(Users.AGE)",
            "AVG(Items.PRICE)",
            "SUM(Items.)",
            "SAMPLECOUNT(x)",
            "SUM(Items.A.B)",
            "SUM(Items.PRICE",
            "SUM(Items.PRICE))",
            "SUM(Items.PRICE) + 1",
        ] {
            assert!(MetricExpression::parse(text).is_err_and(|e| e.contains(text)), "{text}");
        }
    }

    #[test]
    fn columns_of_numbers_are_summed_and_values_of_events_in_any_type() {
        let schema = |record: &str, id: &str, fields: &str| {
            Schema::parse(
                &format!(
                    r#"{{"type":"record","name":"{record}","fields":[{{"name":"{id}","type":"string"}},{fields}]}}"#
                ),
                None,
            )
        };
        let value = r#"{"name":"EVENT_VALUE","type":"string"}"#;
        let events = format!(r#"{{"name":"USER_ID","type":"string"}},{{"name":"TIMESTAMP","type":"long"}},{value}"#);
        let events = schema("Interactions", "ITEM_ID", &events).expect("a schema");
        assert_eq!(MetricExpression::check_column("event_value", &events), Ok("EVENT_VALUE".to_owned()));
        assert!(MetricExpression::check_column("USER_ID", &events).is_err_and(|e| e.contains("of type string")));
        let items = schema("Items", "ITEM_ID", value).expect("a schema");
        assert!(MetricExpression::check_column("EVENT_VALUE", &items).is_err_and(|e| e.contains("Items.EVENT_VALUE")));
    }

    #[test]
    fn functions_have_a_word_in_files() {
        assert_eq!(MetricExpression::SampleCount.function(), "samplecount");
        assert_eq!(MetricExpression::Sum(DatasetType::Items, "PRICE".to_owned()).function(), "sum");
    }

    #[test]
    fn only_numeric_columns_are_summed() {
        let text = r#"{"type":"record","name":"Items","fields":[{"name":"ITEM_ID","type":"string"},
            {"name":"Price","type":["null","float"]},{"name":"STOCK","type":"int"},{"name":"GENRE","type":"string"}]}"#;
        let schema = Schema::parse(text, None).expect("a schema");
        let checked = |column: &str| MetricExpression::check_column(column, &schema);
        assert_eq!((checked("PRICE"), checked("stock")), (Ok("Price".to_owned()), Ok("STOCK".to_owned())));
        assert!(checked("COLOR").is_err_and(|rule| rule.contains("'COLOR', which the schema of Items does not have")));
        assert!(checked("genre").is_err_and(|rule| rule.contains("numeric column; Items.GENRE is of type string")));
    }
}
