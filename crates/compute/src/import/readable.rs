//! A copy of a CSV without the rows that would end its import, with an account of them.

use std::io::{Read, Write};

use tastemaker_domain::import_report::{REFUSED_LINES_MAX, RefusalReason, Refused, RefusedLine};
use tastemaker_domain::schema::Schema;

use super::column::{self, Column, is_key};
use crate::ImportError;
use crate::csv::{Block, CsvReader, Fault, RecordReader, Span, shown};

/// Characters of a line that are kept of a row that cannot be divided into values.
const LINE_CHARS_MAX: usize = 200;

/// The rows of a file that an import takes, and those it does not.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Readable {
    /// Rows of the copy.
    pub rows: u64,
    /// Rows that are not in the copy, by column and reason.
    pub refused: Vec<Refused>,
}

impl Readable {
    /// Adds a row that is left out.
    fn refuse(&mut self, column: &str, reason: RefusalReason, line: impl FnOnce() -> RefusedLine) {
        let is = |of: &&mut Refused| of.column == column && of.reason == reason;
        let of = match self.refused.iter_mut().find(is) {
            Some(of) => of,
            None => {
                self.refused.push(Refused { column: column.to_owned(), reason, count: 0, lines: Vec::new() });
                let last = self.refused.len() - 1;
                &mut self.refused[last]
            }
        };
        of.count += 1;
        if of.lines.len() < REFUSED_LINES_MAX {
            of.lines.push(line());
        }
    }

    /// Adds the account of another file.
    pub fn add(&mut self, other: Self) {
        self.rows += other.rows;
        for more in other.refused {
            match self.refused.iter_mut().find(|of| of.column == more.column && of.reason == more.reason) {
                Some(of) => {
                    of.count += more.count;
                    of.lines.extend(more.lines);
                    of.lines.truncate(REFUSED_LINES_MAX);
                }
                None => self.refused.push(more),
            }
        }
    }
}

/// Copies a CSV without its unreadable rows: those whose values of keys break a rule, with another number of values than the header,
/// and with broken quotes. Other broken values stay, as the import leaves them out itself.
///
/// # Errors
/// [`ImportError::Data`] for what is wrong with the file as a whole, as a header without a column of the schema.
pub fn copy_readable(
    source: impl Read,
    file_name: &str,
    schema: &Schema,
    sink: impl Write,
    cancelled: &dyn Fn() -> bool,
) -> Result<Readable, ImportError> {
    let mut reader = CsvReader::open(source, file_name)?;
    let header = reader.header.clone();
    let columns = column::bind(schema, &header, false)
        .map_err(|text| ImportError::Data(format!("{file_name}: {text}{}", reader.looks())))?;
    let keys: Vec<Column> = columns
        .into_iter()
        .filter(|column| is_key(schema.dataset_type, column.name()))
        .map(Column::into_lenient)
        .collect();
    let mut writer = csv::WriterBuilder::new().flexible(true).from_writer(sink);
    let written =
        |result: Result<(), csv::Error>| result.map_err(|error| ImportError::from(std::io::Error::from(error)));
    written(writer.write_record(&header))?;
    let mut found = Readable::default();
    let (mut spans, mut scratch): (Vec<Span>, String) = (Vec::new(), String::new());
    loop {
        if cancelled() {
            return Err(ImportError::Cancelled);
        }
        let Some(block) = reader.next_block(Some(header.len()), &mut spans)? else { break };
        let broken = broken_rows(&block, &spans, header.len(), &keys, file_name, &mut found);
        for (row, record) in spans.chunks_exact(header.len().max(1)).take(block.rows).enumerate() {
            if broken.get(row).copied().unwrap_or(false) {
                continue;
            }
            for span in record {
                written(writer.write_field(span.text(block.text, &mut scratch)))?;
            }
            written(writer.write_record(None::<&[u8]>))?;
            found.rows += 1;
        }
        if let Some(fault) = &block.fault {
            refuse_line(&block, fault, &header, file_name, &mut found);
            reader.skip_line()?;
        }
    }
    writer.flush()?;
    Ok(found)
}

/// Which rows of a block have a key that breaks a rule.
fn broken_rows(
    block: &Block<'_>,
    spans: &[Span],
    width: usize,
    keys: &[Column],
    file_name: &str,
    found: &mut Readable,
) -> Vec<bool> {
    let mut broken_rows = vec![false; block.rows];
    for column in keys {
        let mut note = |row: usize, broken: column::Broken| {
            if std::mem::replace(&mut broken_rows[row], true) {
                return;
            }
            found.refuse(column.name(), broken.reason, || RefusedLine {
                file: file_name.to_owned(),
                line: block.line_at(spans[row * width + column.position].start()),
                value: broken.value,
                rule: broken.rule,
            });
        };
        // A column that is not strict has no other errors than those it notes.
        drop(column.decode(block.text, spans, width, block.rows, &mut note));
    }
    broken_rows
}

/// Notes a row that cannot be divided into its values.
fn refuse_line(block: &Block<'_>, fault: &Fault, header: &[String], file_name: &str, found: &mut Readable) {
    let column = fault.column.and_then(|column| header.get(column)).map_or("", String::as_str);
    found.refuse(column, RefusalReason::Structure, || {
        let rest = block.text.get(fault.at..).unwrap_or_default();
        let line: String = rest.lines().next().unwrap_or_default().chars().take(LINE_CHARS_MAX).collect();
        RefusedLine {
            file: file_name.to_owned(),
            line: block.line_at(fault.at),
            value: shown(&line),
            rule: fault.text.clone(),
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{ImportRules, import_csv};

    fn schema() -> Schema {
        let fields = r#"{"name":"USER_ID","type":"string"},{"name":"ITEM_ID","type":"string"},{"name":"TIMESTAMP","type":"long"},
            {"name":"NOTE","type":["null","string"]}"#;
        Schema::parse(&format!(r#"{{"type":"record","name":"Interactions","fields":[{fields}]}}"#), None).unwrap()
    }

    fn copied(csv: &[u8]) -> (Readable, Vec<u8>) {
        let mut copy = Vec::new();
        let found = copy_readable(csv, "t.csv", &schema(), &mut copy, &|| false).unwrap();
        (found, copy)
    }

    #[test]
    fn rows_that_end_an_import_are_left_out_and_the_rest_is_imported() {
        let csv = "USER_ID,ITEM_ID,TIMESTAMP,NOTE\nu,i,1,\"a, \"\"b\"\"\"\n,i,2,\nu,i,soon,\nu,i,3\nu,i,1700000000000,\n\
                   u,x\"y,5,\nu,i,6,\nu,i,,\n";
        let (found, copy) = copied(csv.as_bytes());
        assert_eq!(
            String::from_utf8(copy.clone()).unwrap(),
            "USER_ID,ITEM_ID,TIMESTAMP,NOTE\nu,i,1,\"a, \"\"b\"\"\"\nu,i,6,\n"
        );
        let lines: Vec<_> =
            found.refused.iter().map(|of| (of.column.as_str(), of.reason.as_str(), of.lines[0].line)).collect();
        assert_eq!(
            lines,
            [
                ("USER_ID", "empty", 3),
                ("TIMESTAMP", "not-a-whole-number", 4),
                ("", "structure", 5),
                ("TIMESTAMP", "milliseconds", 6),
                ("ITEM_ID", "structure", 7),
                ("TIMESTAMP", "empty", 9),
            ]
        );
        assert_eq!(found.refused[2].lines[0].rule, "the row has 3 values; the header has 4 columns");
        assert_eq!(found.rows, 2);
        let mut file = Vec::new();
        let totals =
            import_csv(copy.as_slice(), "copy.csv", &schema(), &ImportRules::default(), &mut file, &|_, _| {}, &|| {
                false
            });
        assert_eq!(totals.unwrap().rows, 2);
    }

    #[test]
    fn a_good_file_is_copied_whole_and_a_last_line_may_be_broken() {
        let (found, copy) = copied(b"ITEM_ID,USER_ID,NOTE,TIMESTAMP\ni,u,\xea\xb0\x80,1\n");
        assert_eq!((found.rows, found.refused.len(), copy.len()), (1, 0, 41));
        let (found, _) = copied(b"USER_ID,ITEM_ID,TIMESTAMP,NOTE\nu,i,1,\nu,\"i,2,\n");
        assert_eq!((found.rows, found.refused[0].reason), (1, RefusalReason::Structure));
        let (found, _) = copied(b"USER_ID,ITEM_ID,TIMESTAMP,NOTE\nu,i,1,\nu,\xff,2,\nu,i,3,\n");
        assert_eq!((found.rows, found.refused[0].count), (2, 1));
        let wrong = copy_readable(&b"USER_ID\nu\n"[..], "t.csv", &schema(), Vec::new(), &|| false);
        assert!(matches!(wrong, Err(ImportError::Data(text)) if text.contains("lacks the columns")));
    }

    #[test]
    fn files_add_up() {
        let (mut all, _) = copied(b"USER_ID,ITEM_ID,TIMESTAMP,NOTE\nu,i,x,\n");
        all.add(copied(b"USER_ID,ITEM_ID,TIMESTAMP,NOTE\nu,i,y,\n,i,1,\nu,i,1,\n").0);
        let counts: Vec<_> = all.refused.iter().map(|of| (of.column.as_str(), of.count, of.lines.len())).collect();
        assert_eq!((all.rows, counts), (1, vec![("TIMESTAMP", 2, 2), ("USER_ID", 1, 1)]));
    }
}
