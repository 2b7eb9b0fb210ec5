//! Columns of a file as they look in its first rows, with the fields of a schema that they would be.

use crate::schema::FieldType;
use crate::words::words;

words! {
    /// The part that a column has in a schema.
    pub enum ColumnRole {
        /// The id of a user, an item or an action.
        Id = "id",
        /// A time.
        Timestamp = "timestamp",
        /// Values that repeat.
        Category = "category",
        /// Free text.
        Text = "text",
        /// A number.
        Number = "number",
        /// A value as it is, neither a category nor text.
        Plain = "plain",
        /// No part: the import leaves the column out.
        Ignore = "ignore",
    }
}

words! {
    /// Why a column was taken for what it was.
    pub enum RoleReason {
        /// Its name is one of the API's.
        KnownName = "known-name",
        /// Its name is another word for one of the API's.
        LikeKnownName = "like-known-name",
        /// All values are whole numbers.
        WholeNumbers = "whole-numbers",
        /// All values are numbers.
        Numbers = "numbers",
        /// Few distinct values, or several in one.
        FewValues = "few-values",
        /// Long texts.
        LongTexts = "long-texts",
        /// Many distinct values.
        ManyValues = "many-values",
        /// The schema has no room for another column of one's own.
        NoRoom = "no-room",
        /// A schema cannot have a field of this name.
        BadName = "bad-name",
        /// No row has a value.
        NoValues = "no-values",
    }
}

words! {
    /// The format of the values of a time, where it is not in seconds since the Unix epoch. Times without a zone are in UTC.
    pub enum TimeFormat {
        /// Milliseconds since the Unix epoch.
        Milliseconds = "milliseconds",
        /// ISO 8601: `2024-05-31`, `2024-05-31 16:20`, `2024-05-31T16:20:05.5+09:00`; also with `/` or `.` in the date.
        Iso8601 = "iso-8601",
        /// The day, the month and the year, perhaps with a time: `31.05.2024`, `31/05/2024 16:20`.
        DayMonthYear = "day-month-year",
        /// The month, the day and the year, perhaps with a time: `05/31/2024`.
        MonthDayYear = "month-day-year",
    }
}

words! {
    /// The format of a file of rows.
    pub enum FileFormat {
        /// Text with a first line of names.
        Csv = "CSV",
        /// An object of JSON a line.
        JsonLines = "JSON Lines",
        /// Columns.
        Parquet = "Parquet",
    }
}

/// A column as it looks in the first rows.
#[derive(Debug, Clone, PartialEq)]
pub struct InspectedColumn {
    /// Its name in the file.
    pub header: String,
    /// The name of the field that it would be.
    pub name: String,
    /// The type of that field.
    pub field_type: FieldType,
    /// Whether the field may be empty.
    pub nullable: bool,
    /// The part of the field.
    pub role: ColumnRole,
    /// Why it was taken for that.
    pub reason: RoleReason,
    /// The format of its times, where it is a time and they are not in seconds.
    pub time_format: Option<TimeFormat>,
    /// Rows without a value.
    pub empty: u64,
    /// The first distinct values, shortened.
    pub samples: Vec<String>,
}

/// A file as it looks in its first rows.
#[derive(Debug, Clone, PartialEq)]
pub struct InspectedCsv {
    /// Its format.
    pub format: FileFormat,
    /// The columns in the order of the file.
    pub columns: Vec<InspectedColumn>,
    /// The rows that were looked at.
    pub rows: u64,
    /// The character between values where it is not a comma, so that the file must be rewritten.
    pub separator: Option<char>,
    /// Whether the file is in UTF-16, so that it must be rewritten.
    pub is_utf_16: bool,
    /// The required names that no column has.
    pub missing: Vec<String>,
}

/// The changes by which an import takes a file; the copy is a CSV.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CsvRewrite {
    /// The character between values in the source.
    pub separator: Option<char>,
    /// Whether the source is in UTF-16.
    pub is_utf_16: bool,
    /// New names of columns, by the name in the file.
    pub names: Vec<(String, String)>,
    /// Columns whose times become seconds, by the name in the file.
    pub times: Vec<(String, TimeFormat)>,
    /// The columns that are copied of a file whose rows name their values, as in JSON; of others all are.
    pub columns: Vec<String>,
}

impl CsvRewrite {
    /// Whether there is nothing to rewrite.
    pub fn is_nothing(&self) -> bool {
        self.separator.is_none()
            && !self.is_utf_16
            && self.times.is_empty()
            && self.names.iter().all(|(from, to)| from == to)
    }
}
