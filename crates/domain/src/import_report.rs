//! Report of an import: its accepted rows, and the rows and values that it left out, with their place.

use crate::words::words;

/// Lines of one column and reason that a report has.
pub const REFUSED_LINES_MAX: usize = 100;
/// Columns with their reasons that a report has.
pub const REFUSED_GROUPS_MAX: usize = 40;
/// Lines that a report has.
pub const REPORT_LINES_MAX: usize = 1_000;

words! {
    /// Why a value or a row was left out.
    pub enum RefusalReason {
        /// The value is empty and its field has no null in its type.
        Empty = "empty",
        /// The value has too many characters.
        TooLong = "too-long",
        /// The value is no whole number of its type.
        NotAWholeNumber = "not-a-whole-number",
        /// The value is no finite number.
        NotANumber = "not-a-number",
        /// The value is neither true nor false.
        NotABoolean = "not-a-boolean",
        /// The time is given in milliseconds.
        Milliseconds = "milliseconds",
        /// The time is negative.
        NegativeTime = "negative-time",
        /// The time is later than the import takes.
        Future = "future",
        /// The row has another number of values than the header, or broken quotes.
        Structure = "structure",
    }
}

/// The report of an import.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImportReport {
    /// The import job.
    pub import_arn: String,
    /// Its dataset.
    pub dataset_arn: String,
    /// Rows that are in the dataset.
    pub rows: u64,
    /// Files that were read.
    pub files: u64,
    /// Bytes that were read.
    pub bytes: u64,
    /// Rows that were left out.
    pub rows_left_out: u64,
    /// Values that are empty in the dataset, because they break a rule.
    pub values_left_out: u64,
    /// Values and rows left out, by column and reason, most first.
    pub refused: Vec<Refused>,
}

/// The values of a column that were left out for one reason.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused {
    /// The column.
    pub column: String,
    /// The reason.
    pub reason: RefusalReason,
    /// Their number.
    pub count: u64,
    /// The first of them.
    pub lines: Vec<RefusedLine>,
}

/// A value that was left out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefusedLine {
    /// The file.
    pub file: String,
    /// Its line, from 1.
    pub line: u64,
    /// The value, shortened, in quotes.
    pub value: String,
    /// The rule that it breaks.
    pub rule: String,
}

impl ImportReport {
    /// The share of rows and values that were left out among all rows, from 0 to 1.
    pub fn refused_share(&self) -> f64 {
        let refused = self.rows_left_out + self.values_left_out;
        let all = self.rows + self.rows_left_out;
        if all == 0 { 0.0 } else { (refused as f64 / all as f64).min(1.0) }
    }

    /// Cuts the lists to the sizes that a report may have.
    pub fn limit(&mut self) {
        self.refused.sort_by(|a, b| b.count.cmp(&a.count).then_with(|| a.column.cmp(&b.column)));
        self.refused.truncate(REFUSED_GROUPS_MAX);
        let mut left = REPORT_LINES_MAX;
        for refused in &mut self.refused {
            refused.lines.truncate(REFUSED_LINES_MAX.min(left));
            left -= refused.lines.len();
        }
    }
}
