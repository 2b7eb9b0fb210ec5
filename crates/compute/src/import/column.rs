//! Field text to typed columns, and the rules on values.

use std::fmt::Write;
use std::sync::Arc;

use arrow_array::ArrayRef;
use arrow_array::builder::{BooleanBuilder, Float64Builder, Int64Builder, StringBuilder};
use tastemaker_domain::import_report::RefusalReason;
use tastemaker_domain::limits::{CATEGORICAL_CHARS_MAX, ID_CHARS_MAX, TIMESTAMP_SECONDS_MAX};
use tastemaker_domain::plain_decimal::plain_decimal;
use tastemaker_domain::row_properties::id_column;
use tastemaker_domain::schema::{DatasetType, Field, FieldType, Schema};

use crate::csv::{Span, listed, position, shown};
use crate::event_values;
use crate::texts::keeps_text;

/// Characters of a textual value that are kept.
const TEXTUAL_CHARS_KEPT: usize = 20_000;
/// Whole numbers up to this size have exactly one 64-bit float.
const EXACT_FLOAT_MAX: f64 = 9_007_199_254_740_992.0;

/// A value that breaks a rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Broken {
    /// Which rule it is.
    pub reason: RefusalReason,
    /// The value, shortened and in quotes.
    pub value: String,
    /// The rule, in the customer's words.
    pub rule: String,
}

impl Broken {
    fn new(reason: RefusalReason, text: &str, rule: impl Into<String>) -> Self {
        Self { reason, value: shown(text), rule: rule.into() }
    }

    /// An empty value of a field without null in its type.
    fn empty() -> Self {
        Self::new(RefusalReason::Empty, "", "must not be empty; only fields with null in their type may be")
    }
}

impl std::fmt::Display for Broken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {}", self.value, self.rule)
    }
}

/// A schema's field bound to its place in the file.
pub(super) struct Column {
    name: String,
    /// The position in the file's records.
    pub position: usize,
    nullable: bool,
    /// Whether a value that breaks a rule ends the import; it is left out otherwise.
    strict: bool,
    /// Whether the texts of its decimals are kept beside them.
    pub keeps_text: bool,
    rule: Rule,
}

/// The rule for a column's values.
#[derive(Clone, Copy)]
enum Rule {
    Text {
        chars_max: Option<(usize, &'static str)>,
    },
    Textual,
    /// A number that stays the text it is.
    NumberText,
    Integer {
        min: i64,
        max: i64,
        type_name: &'static str,
    },
    Number,
    Boolean,
    Seconds {
        as_float: bool,
    },
}

/// Whether a dataset's rows are nothing without their value in this column.
pub(super) fn is_key(dataset_type: DatasetType, column: &str) -> bool {
    match dataset_type {
        DatasetType::Interactions => matches!(column, "USER_ID" | "ITEM_ID" | "TIMESTAMP"),
        DatasetType::ActionInteractions => matches!(column, "USER_ID" | "ACTION_ID" | "TIMESTAMP"),
        DatasetType::Items | DatasetType::Users | DatasetType::Actions => column == id_column(dataset_type),
    }
}

/// Finds every field of the schema in the header, whose case of letters may differ. Only a value of a key breaks an import, but with `strict` that of any column.
pub(super) fn bind(schema: &Schema, header: &[String], strict: bool) -> Result<Vec<Column>, String> {
    let mut bound = Vec::with_capacity(schema.fields.len());
    let mut missing = Vec::new();
    for field in &schema.fields {
        let strict = strict || is_key(schema.dataset_type, &field.name);
        match position(header, &field.name)? {
            Some(position) => bound.push(Column {
                name: field.name.clone(),
                position,
                nullable: field.nullable,
                strict,
                keeps_text: keeps_text(schema.dataset_type, field),
                rule: rule(schema.dataset_type, field),
            }),
            None => missing.push(field.name.as_str()),
        }
    }
    if missing.is_empty() {
        return Ok(bound);
    }
    Err(format!("the header lacks the columns [{}] of the schema; found [{}]", missing.join(", "), listed(header)))
}

fn rule(dataset_type: DatasetType, field: &Field) -> Rule {
    if field.is_event_value(dataset_type) {
        return if field.field_type == FieldType::String { Rule::NumberText } else { Rule::Number };
    }
    let seconds = matches!(
        field.name.as_str(),
        "TIMESTAMP" | "CREATION_TIMESTAMP" | "EXPIRATION_TIMESTAMP" | "ACTION_EXPIRATION_TIMESTAMP"
    );
    match field.field_type {
        FieldType::Long | FieldType::Int if seconds => Rule::Seconds { as_float: false },
        FieldType::Float | FieldType::Double if seconds => Rule::Seconds { as_float: true },
        FieldType::String => match field.name.as_str() {
            "USER_ID" | "ITEM_ID" | "ACTION_ID" => Rule::Text { chars_max: Some((ID_CHARS_MAX, "an id")) },
            "IMPRESSION" => Rule::Text { chars_max: Some((CATEGORICAL_CHARS_MAX, "an impression")) },
            _ if field.categorical => Rule::Text { chars_max: Some((CATEGORICAL_CHARS_MAX, "a categorical value")) },
            _ if field.textual => Rule::Textual,
            _ => Rule::Text { chars_max: None },
        },
        FieldType::Int => {
            Rule::Integer { min: i32::MIN.into(), max: i32::MAX.into(), type_name: "an int, a whole number" }
        }
        FieldType::Long => Rule::Integer { min: i64::MIN, max: i64::MAX, type_name: "a long, a whole number" },
        FieldType::Float | FieldType::Double => Rule::Number,
        FieldType::Boolean => Rule::Boolean,
    }
}

impl Column {
    /// The column with nothing that ends an import.
    pub(super) fn into_lenient(self) -> Self {
        Self { strict: false, ..self }
    }

    /// The column's name.
    pub(super) fn name(&self) -> &str {
        &self.name
    }

    /// The column's values in `rows` records of `width` fields each, or the first row that breaks a rule and the text
    /// that says how. Where the column is not strict, `left_out` is told row and text, and the value is null.
    pub(super) fn decode(
        &self,
        block: &str,
        spans: &[Span],
        width: usize,
        rows: usize,
        left_out: &mut dyn FnMut(usize, Broken),
    ) -> Result<ArrayRef, (usize, Broken)> {
        let mut scratch = String::new();
        let fields = spans.iter().skip(self.position).step_by(width).take(rows).enumerate();
        macro_rules! collect {
            ($builder:expr, $parse:expr) => {{
                let mut builder = $builder;
                for (row, span) in fields {
                    let text = span.text(block, &mut scratch);
                    let value = if !text.is_empty() {
                        $parse(text).map(Some)
                    } else if self.nullable {
                        Ok(None)
                    } else {
                        Err(Broken::empty())
                    };
                    match value {
                        Ok(value) => builder.append_option(value),
                        Err(broken) if self.strict => return Err((row, broken)),
                        Err(broken) => {
                            left_out(row, broken);
                            builder.append_null();
                        }
                    }
                }
                Ok(Arc::new(builder.finish()) as ArrayRef)
            }};
        }
        match self.rule {
            Rule::Text { chars_max } => {
                collect!(StringBuilder::with_capacity(rows, rows * 12), |text| within(text, chars_max))
            }
            Rule::Textual => {
                collect!(StringBuilder::with_capacity(rows, rows * 64), |text| Ok::<_, Broken>(truncated(text)))
            }
            Rule::NumberText => {
                collect!(StringBuilder::with_capacity(rows, rows * 4), |text| number(text).map(|_| text))
            }
            Rule::Integer { min, max, type_name } => {
                collect!(Int64Builder::with_capacity(rows), |text| integer(text, min, max, type_name))
            }
            Rule::Seconds { as_float: false } => {
                collect!(Int64Builder::with_capacity(rows), |text| {
                    let value = integer(text, i64::MIN, i64::MAX, "a long, a whole number")?;
                    self.check_seconds(text, value as f64).map(|()| value)
                })
            }
            Rule::Seconds { as_float: true } => {
                collect!(Float64Builder::with_capacity(rows), |text| {
                    let value = number(text)?;
                    self.check_seconds(text, value).map(|()| value)
                })
            }
            Rule::Number => collect!(Float64Builder::with_capacity(rows), number),
            Rule::Boolean => collect!(BooleanBuilder::with_capacity(rows), boolean),
        }
    }

    /// The texts of the column's decimals that are not written in their shortest form, null for all others.
    pub(super) fn written(&self, block: &str, spans: &[Span], width: usize, rows: usize) -> ArrayRef {
        let mut scratch = String::new();
        let mut shortest = String::new();
        let mut builder = StringBuilder::with_capacity(rows, 0);
        for span in spans.iter().skip(self.position).step_by(width).take(rows) {
            let text = span.text(block, &mut scratch);
            let kept = plain_decimal(text).filter(|text| {
                let Ok(value) = number(text) else { return false };
                shortest.clear();
                // Writing to a String cannot fail.
                let _ = write!(shortest, "{value}");
                shortest != *text
            });
            builder.append_option(kept);
        }
        Arc::new(builder.finish())
    }

    fn check_seconds(&self, text: &str, value: f64) -> Result<(), Broken> {
        let broken = |reason, what: &str| {
            Err(Broken::new(reason, text, format!("{what}; {} must be Unix epoch seconds", self.name)))
        };
        if value > TIMESTAMP_SECONDS_MAX as f64 {
            return broken(RefusalReason::Milliseconds, "looks like milliseconds");
        }
        if value < 0.0 {
            return broken(RefusalReason::NegativeTime, "is negative");
        }
        Ok(())
    }
}

#[inline]
fn within<'a>(text: &'a str, chars_max: Option<(usize, &'static str)>) -> Result<&'a str, Broken> {
    match chars_max {
        Some((max, what)) if text.len() > max => match text.chars().count() {
            chars if chars > max => {
                let rule = format!("has {chars} characters; {what} may have at most {max}");
                Err(Broken::new(RefusalReason::TooLong, text, rule))
            }
            _ => Ok(text),
        },
        _ => Ok(text),
    }
}

fn truncated(text: &str) -> &str {
    match text.char_indices().nth(TEXTUAL_CHARS_KEPT) {
        Some((end, _)) => &text[..end],
        None => text,
    }
}

#[inline]
fn integer(text: &str, min: i64, max: i64, type_name: &str) -> Result<i64, Broken> {
    let bytes = text.as_bytes();
    // Eighteen digits cannot overflow.
    if bytes.len() <= 18 && bytes.iter().all(u8::is_ascii_digit) {
        let value = bytes.iter().fold(0i64, |value, b| value * 10 + i64::from(b - b'0'));
        if value <= max {
            return Ok(value);
        }
    }
    slow_integer(text.trim()).filter(|value| (min..=max).contains(value)).ok_or_else(|| {
        let rule = format!("must be {type_name} from {min} to {max}");
        Broken::new(RefusalReason::NotAWholeNumber, text, rule)
    })
}

/// Signs, many digits, and whole numbers written as decimals (`1994.0`), which spreadsheets and data frames produce.
fn slow_integer(text: &str) -> Option<i64> {
    if let Ok(value) = text.parse::<i64>() {
        return Some(value);
    }
    let value = number(text).ok()?;
    (value.fract() == 0.0 && value.abs() <= EXACT_FLOAT_MAX).then_some(value as i64)
}

fn number(text: &str) -> Result<f64, Broken> {
    let rule = "must be a finite number with '.' as the decimal point";
    event_values::number(text).ok_or_else(|| Broken::new(RefusalReason::NotANumber, text, rule))
}

fn boolean(text: &str) -> Result<bool, Broken> {
    match text.trim() {
        "true" | "True" | "TRUE" => Ok(true),
        "false" | "False" | "FALSE" => Ok(false),
        _ => Err(Broken::new(RefusalReason::NotABoolean, text, "must be true or false")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_numbers_in_every_dress() {
        let long = |text| integer(text, i64::MIN, i64::MAX, "a long").ok();
        let accepted = [
            ("0", 0),
            ("007", 7),
            ("+5", 5),
            ("-5", -5),
            (" 12 ", 12),
            ("1994.0", 1994),
            ("1.7e9", 1_700_000_000),
            ("-0.0", 0),
            ("999999999999999999", 999_999_999_999_999_999),
            ("9223372036854775807", i64::MAX),
            ("-9223372036854775808", i64::MIN),
        ];
        for (text, value) in accepted {
            assert_eq!(long(text), Some(value), "{text}");
        }
        for text in
            ["1.5", "9223372036854775808", "1e300", "0x10", "1_000", "1,000", "--1", "-", " ", "ten", "NaN", "٣"]
        {
            assert_eq!(long(text), None, "{text}");
        }
        let int = |text| integer(text, i32::MIN.into(), i32::MAX.into(), "an int").ok();
        assert_eq!(
            [int("2147483647"), int("2147483648"), int("-2147483648"), int("-2147483649")],
            [Some(2147483647), None, Some(-2147483648), None]
        );
    }

    #[test]
    fn decimals_keep_their_digits() {
        assert_eq!(number("19.99").map(|v| v.to_string()), Ok("19.99".into()));
        assert_eq!(number(" .5 "), Ok(0.5));
        for text in ["inf", "-Infinity", "nan", "1.2.3", "1,5", "", "$5"] {
            assert!(number(text).is_err(), "{text}");
        }
    }
}
