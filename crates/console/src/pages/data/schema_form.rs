//! The form in which columns of a file become fields of a schema.

use std::collections::BTreeMap;
use tastemaker_domain::csv_columns::{ColumnRole, CsvRewrite, FileFormat, InspectedCsv, RoleReason, TimeFormat};
use tastemaker_domain::schema::{DatasetDomain, DatasetType, Field, FieldType, Schema};

/// Columns that a form may have.
const COLUMNS_MAX: usize = 500;

/// The form as it is shown and sent.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct SchemaForm {
    pub kind: DatasetType,
    pub location: String,
    pub separator: Option<char>,
    pub is_utf_16: bool,
    pub format: FileFormat,
    pub columns: Vec<FormColumn>,
    /// Avro JSON, as it was typed or made from the columns.
    pub avro: String,
    /// `FULL` or `INCREMENTAL`.
    pub mode: String,
    pub job_name: String,
}

/// A column of the file and the field that it becomes.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct FormColumn {
    pub header: String,
    pub name: String,
    pub field_type: FieldType,
    pub role: ColumnRole,
    pub nullable: bool,
    /// The format of its times, where they are not in seconds.
    pub time_format: Option<TimeFormat>,
    /// Facts from the first rows; absent in a form that was sent.
    pub seen: Option<Seen>,
}

/// Facts about a column from the first rows of a file.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Seen {
    pub reason: RoleReason,
    pub empty: u64,
    pub samples: Vec<String>,
}

impl SchemaForm {
    /// The form for a file that was looked at.
    pub fn of(kind: DatasetType, location: String, inspected: InspectedCsv, job_name: String) -> Self {
        let column = |column: tastemaker_domain::csv_columns::InspectedColumn| FormColumn {
            header: column.header,
            name: column.name,
            field_type: column.field_type,
            role: column.role,
            nullable: column.nullable,
            time_format: column.time_format,
            seen: Some(Seen { reason: column.reason, empty: column.empty, samples: column.samples }),
        };
        let mut form = Self {
            kind,
            location,
            separator: inspected.separator,
            is_utf_16: inspected.is_utf_16,
            format: inspected.format,
            columns: inspected.columns.into_iter().map(column).collect(),
            avro: String::new(),
            mode: "FULL".to_owned(),
            job_name,
        };
        form.avro = form.schema().to_avro();
        form
    }

    /// The form as it was sent; `Err` names the field that is wrong.
    pub fn sent(fields: &[(String, String)]) -> Result<Self, String> {
        let values: BTreeMap<&str, &str> = fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let text = |name: &str| values.get(name).map_or_else(String::new, |value| (*value).trim().to_owned());
        let wrong = |name: &str| format!("{name}: '{}'", text(name));
        let kind = DatasetType::parse(&text("type")).ok_or_else(|| wrong("type"))?;
        let count: usize =
            text("columns").parse().ok().filter(|count| *count <= COLUMNS_MAX).ok_or_else(|| wrong("columns"))?;
        let mut columns = Vec::with_capacity(count);
        for at in 0..count {
            let of = |what: &str| format!("{what}-{at}");
            let role = ColumnRole::parse(&text(&of("role"))).ok_or_else(|| wrong(&of("role")))?;
            columns.push(FormColumn {
                header: values.get(of("header").as_str()).map_or_else(String::new, |value| (*value).to_owned()),
                name: text(&of("name")),
                field_type: FieldType::parse(&text(&of("type"))).ok_or_else(|| wrong(&of("type")))?,
                role,
                // An id is never empty, whatever is ticked beside a column that became one.
                nullable: role != ColumnRole::Id && values.contains_key(of("null").as_str()),
                time_format: match text(&of("time")).as_str() {
                    "" => None,
                    word => Some(TimeFormat::parse(word).ok_or_else(|| wrong(&of("time")))?),
                },
                seen: None,
            });
        }
        let separator = text("separator");
        Ok(Self {
            kind,
            location: text("location"),
            separator: match separator.as_str() {
                "" => None,
                "tab" => Some('\t'),
                ";" => Some(';'),
                "|" => Some('|'),
                _ => return Err(wrong("separator")),
            },
            is_utf_16: text("utf-16") == "true",
            format: FileFormat::parse(&text("format")).ok_or_else(|| wrong("format"))?,
            columns,
            avro: text("avro"),
            mode: Some(text("mode"))
                .filter(|mode| ["FULL", "INCREMENTAL"].contains(&mode.as_str()))
                .ok_or_else(|| wrong("mode"))?,
            job_name: text("job"),
        })
    }

    /// The schema of the columns that are not ignored; not yet checked.
    pub fn schema(&self) -> Schema {
        let field = |column: &FormColumn| Field {
            name: column.name.clone(),
            field_type: column.field_type,
            nullable: column.nullable,
            categorical: column.role == ColumnRole::Category,
            textual: column.role == ColumnRole::Text,
            item_name: false,
        };
        let fields = self.columns.iter().filter(|column| column.role != ColumnRole::Ignore).map(field).collect();
        Schema { dataset_type: self.kind, fields }
    }

    /// The checked schema, or the text that says what is wrong with it.
    pub fn checked(&self, domain: Option<DatasetDomain>) -> Result<Schema, String> {
        Schema::parse(&self.schema().to_avro(), domain).map_err(|error| error.to_string())
    }

    /// Takes the fields of the JSON into the columns: those of the same name, in any case of letters, or with the same header. `Err`
    /// has the text of the parser, or the fields that no column has.
    pub fn take_avro(&mut self, domain: Option<DatasetDomain>) -> Result<(), String> {
        let schema = Schema::parse(&self.avro, domain).map_err(|error| error.to_string())?;
        self.take_schema(&schema).map_err(|missing| missing.join(", "))
    }

    /// The same for a schema that is there; `Err` has the fields that no column has.
    pub fn take_schema(&mut self, schema: &Schema) -> Result<(), Vec<String>> {
        for column in &mut self.columns {
            column.role = ColumnRole::Ignore;
        }
        let mut missing = Vec::new();
        for field in &schema.fields {
            let is = |name: &str| name.eq_ignore_ascii_case(&field.name);
            let at = self.columns.iter().position(|column| column.header == field.name);
            let at = at.or_else(|| self.columns.iter().position(|column| is(&column.name) || is(&column.header)));
            match at {
                Some(at) => {
                    let column = &mut self.columns[at];
                    column.name.clone_from(&field.name);
                    column.field_type = field.field_type;
                    column.nullable = field.nullable;
                    column.role = role(field);
                }
                None => missing.push(field.name.clone()),
            }
        }
        if missing.is_empty() { Ok(()) } else { Err(missing) }
    }

    /// How the files must be rewritten so that the import finds the fields.
    pub fn rewrite(&self) -> CsvRewrite {
        let renamed = |column: &&FormColumn| {
            column.role != ColumnRole::Ignore && !column.header.eq_ignore_ascii_case(&column.name)
        };
        let names = self.columns.iter().filter(renamed).map(|column| (column.header.clone(), column.name.clone()));
        let taken = self.columns.iter().filter(|column| column.role != ColumnRole::Ignore);
        let timed = |column: &FormColumn| Some((column.header.clone(), column.time_format?));
        CsvRewrite {
            separator: self.separator,
            is_utf_16: self.is_utf_16,
            names: names.collect(),
            times: taken.clone().filter(|column| column.role == ColumnRole::Timestamp).filter_map(timed).collect(),
            columns: taken.map(|column| column.header.clone()).collect(),
        }
    }
}

fn role(field: &Field) -> ColumnRole {
    match field.name.as_str() {
        "USER_ID" | "ITEM_ID" | "ACTION_ID" => ColumnRole::Id,
        name if name.ends_with("TIMESTAMP") => ColumnRole::Timestamp,
        _ if field.categorical => ColumnRole::Category,
        _ if field.textual => ColumnRole::Text,
        _ if matches!(field.field_type, FieldType::String | FieldType::Boolean) => ColumnRole::Plain,
        _ => ColumnRole::Number,
    }
}

/// The word of a separator in the form.
pub(super) fn separator_word(separator: Option<char>) -> String {
    match separator {
        None => String::new(),
        Some('\t') => "tab".to_owned(),
        Some(other) => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tastemaker_domain::csv_columns::InspectedColumn;

    fn inspected(columns: &[(&str, &str, FieldType, ColumnRole)]) -> InspectedCsv {
        let column = |(header, name, field_type, role): &(&str, &str, FieldType, ColumnRole)| InspectedColumn {
            header: (*header).to_owned(),
            name: (*name).to_owned(),
            field_type: *field_type,
            nullable: !matches!(role, ColumnRole::Id | ColumnRole::Timestamp),
            role: *role,
            time_format: None,
            reason: RoleReason::KnownName,
            empty: 0,
            samples: Vec::new(),
        };
        let columns = columns.iter().map(column).collect();
        InspectedCsv {
            format: FileFormat::Csv,
            columns,
            rows: 1,
            separator: Some(';'),
            is_utf_16: false,
            missing: Vec::new(),
        }
    }

    fn form() -> SchemaForm {
        let columns = [
            ("customer", "USER_ID", FieldType::String, ColumnRole::Id),
            ("ITEM_ID", "ITEM_ID", FieldType::String, ColumnRole::Id),
            ("time", "TIMESTAMP", FieldType::Long, ColumnRole::Timestamp),
            ("device", "device", FieldType::String, ColumnRole::Category),
            ("junk", "junk", FieldType::String, ColumnRole::Ignore),
        ];
        let mut inspected = inspected(&columns);
        inspected.columns[2].time_format = Some(TimeFormat::Iso8601);
        SchemaForm::of(DatasetType::Interactions, "s3://b/f/".into(), inspected, "one".into())
    }

    fn pairs(form: &SchemaForm) -> Vec<(String, String)> {
        let mut pairs = vec![
            ("type".to_owned(), form.kind.as_str().to_owned()),
            ("location".to_owned(), form.location.clone()),
            ("separator".to_owned(), separator_word(form.separator)),
            ("utf-16".to_owned(), form.is_utf_16.to_string()),
            ("format".to_owned(), form.format.as_str().to_owned()),
            ("columns".to_owned(), form.columns.len().to_string()),
            ("avro".to_owned(), form.avro.clone()),
            ("mode".to_owned(), form.mode.clone()),
            ("job".to_owned(), form.job_name.clone()),
        ];
        for (at, column) in form.columns.iter().enumerate() {
            pairs.push((format!("header-{at}"), column.header.clone()));
            pairs.push((format!("name-{at}"), column.name.clone()));
            pairs.push((format!("type-{at}"), column.field_type.as_str().to_owned()));
            pairs.push((format!("role-{at}"), column.role.as_str().to_owned()));
            if let Some(format) = column.time_format {
                pairs.push((format!("time-{at}"), format.as_str().to_owned()));
            }
            if column.nullable {
                pairs.push((format!("null-{at}"), "true".to_owned()));
            }
        }
        pairs
    }

    #[test]
    fn what_is_sent_is_what_was_shown() {
        let shown = form();
        let mut sent = SchemaForm::sent(&pairs(&shown)).unwrap();
        assert!(sent.columns.iter().all(|column| column.seen.is_none()));
        for (sent, shown) in sent.columns.iter_mut().zip(&shown.columns) {
            sent.seen.clone_from(&shown.seen);
        }
        assert_eq!(sent, shown);
        let mut ids = pairs(&shown);
        ids.extend([("role-3".to_owned(), "id".to_owned()), ("null-3".to_owned(), "true".to_owned())]);
        let ids = SchemaForm::sent(&ids).unwrap();
        assert!(ids.columns[3].role == ColumnRole::Id && !ids.columns[3].nullable, "{:?}", ids.columns[3]);
        let mut wrong = pairs(&shown);
        wrong[7].1 = "SOMETIMES".into();
        assert_eq!(SchemaForm::sent(&wrong).unwrap_err(), "mode: 'SOMETIMES'");
        wrong[5].1 = "100000000".into();
        assert_eq!(SchemaForm::sent(&wrong).unwrap_err(), "columns: '100000000'");
    }

    #[test]
    fn columns_become_a_schema_and_a_rewriting() {
        let form = form();
        let schema = form.checked(None).unwrap();
        let names: Vec<_> = schema.fields.iter().map(|field| field.name.as_str()).collect();
        assert_eq!(names, ["USER_ID", "ITEM_ID", "TIMESTAMP", "device"]);
        assert!(schema.fields[3].categorical && schema.fields[3].nullable);
        let rewrite = form.rewrite();
        let pair = |from: &str, to: &str| (from.to_owned(), to.to_owned());
        assert_eq!(rewrite.names, [pair("customer", "USER_ID"), pair("time", "TIMESTAMP")]);
        assert_eq!((rewrite.separator, rewrite.is_nothing()), (Some(';'), false));
        assert_eq!(rewrite.times, [("time".to_owned(), TimeFormat::Iso8601)]);
        assert_eq!(rewrite.columns, ["customer", "ITEM_ID", "time", "device"]);
    }

    #[test]
    fn faults_are_in_the_words_of_the_parser() {
        let mut form = form();
        form.columns[1].role = ColumnRole::Ignore;
        let error = form.checked(None).unwrap_err();
        assert!(error.contains("ITEM_ID"), "{error}");
        form.avro = "{\"type\":".into();
        assert!(form.take_avro(None).is_err());
    }

    #[test]
    fn json_is_taken_into_the_columns() {
        let mut form = form();
        form.avro = form.avro.replace("\"device\"", "\"junk\"");
        form.take_avro(None).unwrap();
        let roles: Vec<_> = form.columns.iter().map(|column| column.role).collect();
        use ColumnRole::{Category, Id, Ignore, Timestamp};
        assert_eq!(roles, [Id, Id, Timestamp, Ignore, Category]);
        let mut other = form.schema();
        other.fields.push(Field { name: "PRICE".into(), ..other.fields[3].clone() });
        assert_eq!(form.take_schema(&other), Err(vec!["PRICE".to_owned()]));
    }
}
