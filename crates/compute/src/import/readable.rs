//! A copy of a file as a CSV without the rows that would end its import, with an account of them.

use std::io::{Read, Write};

use tastemaker_domain::csv_columns::FileFormat;
use tastemaker_domain::import_report::{REFUSED_LINES_MAX, RefusalReason, Refused, RefusedLine};
use tastemaker_domain::schema::Schema;
use tastemaker_store as store;

use super::column::{self, Column, is_key};
use super::formats;
use super::json_lines::JsonLines;
use super::parquet_records::ParquetRecords;
use crate::ImportError;
use crate::csv::{Block, CsvReader, Fault, RecordReader, Span, shown};
use crate::read::ReadAt;

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
    copy(&mut CsvReader::open(source, file_name)?, schema, sink, cancelled)
}

/// As [`copy_readable`], of a file in any of the formats that an import takes. `again` opens the same file to be read at random. The
/// copies of JSON Lines and Parquet have the columns of the schema; a line that is no object, or a row with a value that has no text,
/// is left out.
///
/// # Errors
/// As of [`copy_readable`].
pub fn copy_readable_file<F: ReadAt>(
    source: impl Read,
    again: impl FnOnce() -> store::Result<F>,
    file_name: &str,
    schema: &Schema,
    sink: impl Write,
    cancelled: &dyn Fn() -> bool,
) -> Result<Readable, ImportError> {
    let (format, source) = formats::looked_at(source, file_name)?;
    match format {
        FileFormat::Csv => copy_readable(source, file_name, schema, sink, cancelled),
        FileFormat::JsonLines => copy(&mut JsonLines::open(source, file_name, schema), schema, sink, cancelled),
        FileFormat::Parquet => copy(&mut ParquetRecords::open(again()?, file_name, schema)?, schema, sink, cancelled),
    }
}

fn copy(
    reader: &mut dyn RecordReader,
    schema: &Schema,
    sink: impl Write,
    cancelled: &dyn Fn() -> bool,
) -> Result<Readable, ImportError> {
    let file = reader.file().to_owned();
    let file_name = file.as_str();
    let header = reader.header().to_vec();
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
        let Some(block) = reader.next_records(&mut spans)? else { break };
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
            reader.skip_fault()?;
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
            // Only of a CSV, the block holds the text of a record that cannot be read.
            value: if line.is_empty() { String::new() } else { shown(&line) },
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
    fn every_format_is_copied_as_a_csv_without_what_ends_its_import() {
        let lines = "{\"USER_ID\":\"u\",\"ITEM_ID\":\"a,b\",\"TIMESTAMP\":1}\nno object\n{\"USER_ID\":\"\",\"ITEM_ID\":\"i\",\"TIMESTAMP\":2}\n\
                     {\"ITEM_ID\":{\"x\":1},\"USER_ID\":\"u\",\"TIMESTAMP\":3}\n{\"USER_ID\":\"v\",\"ITEM_ID\":\"i\",\"TIMESTAMP\":4,\"NOTE\":\"n\"}\n";
        let copied_of = |bytes: &[u8]| {
            let mut copy = Vec::new();
            let again = || Ok(bytes::Bytes::copy_from_slice(bytes));
            let found = copy_readable_file(bytes, again, "f", &schema(), &mut copy, &|| false).unwrap();
            (found, String::from_utf8(copy).unwrap())
        };
        let (found, copy) = copied_of(lines.as_bytes());
        assert_eq!(copy, "USER_ID,ITEM_ID,TIMESTAMP,NOTE\nu,\"a,b\",1,\nv,i,4,n\n");
        let lines: Vec<_> =
            found.refused.iter().map(|of| (of.column.as_str(), of.reason.as_str(), of.lines[0].line)).collect();
        assert_eq!(lines, [("", "structure", 2), ("USER_ID", "empty", 3), ("ITEM_ID", "structure", 4)]);

        let parquet = parquet();
        let (found, copy) = copied_of(&parquet);
        assert_eq!(copy, "USER_ID,ITEM_ID,TIMESTAMP,NOTE\nu0,i,1,n\nu3,i,4,n\n", "{found:?}");
        let lines: Vec<_> = found.refused.iter().map(|of| (of.column.as_str(), of.count, of.lines[0].line)).collect();
        assert_eq!((lines, found.rows), (vec![("ITEM_ID", 1, 2), ("NOTE", 1, 3)], 2));
        // A CSV that is packed.
        let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        packed.write_all(b"USER_ID,ITEM_ID,TIMESTAMP,NOTE\nu,i,x,\nu,i,1,\n").unwrap();
        let (found, copy) = copied_of(&packed.finish().unwrap());
        assert_eq!((found.rows, copy.as_str()), (1, "USER_ID,ITEM_ID,TIMESTAMP,NOTE\nu,i,1,\n"));
    }

    /// Four rows, of which the second has no item and the third a list with nothing in it.
    fn parquet() -> Vec<u8> {
        use arrow_array::builder::{ListBuilder, StringBuilder};
        use arrow_array::{ArrayRef, Int64Array, RecordBatch, StringArray};
        use std::sync::Arc;
        let mut notes = ListBuilder::new(StringBuilder::new());
        for note in [Some("n"), Some("n"), None, Some("n")] {
            notes.append_value([note]);
        }
        let columns: [(&str, ArrayRef); 4] = [
            ("USER_ID", Arc::new(StringArray::from(vec!["u0", "u1", "u2", "u3"]))),
            ("ITEM_ID", Arc::new(StringArray::from(vec![Some("i"), None, Some("i"), Some("i")]))),
            ("TIMESTAMP", Arc::new(Int64Array::from(vec![1, 2, 3, 4]))),
            ("NOTE", Arc::new(notes.finish())),
        ];
        let batch = RecordBatch::try_from_iter(columns).unwrap();
        let mut bytes = Vec::new();
        let mut writer = parquet::arrow::ArrowWriter::try_new(&mut bytes, batch.schema(), None).unwrap();
        writer.write(&batch).unwrap();
        writer.close().unwrap();
        bytes
    }

    #[test]
    fn lines_beyond_the_limit_are_passed_over_whole() {
        let long = format!("{{\"USER_ID\":\"{}\"}}\n", "u".repeat(33 << 20));
        let text = format!("{long}{{\"USER_ID\":\"u\",\"ITEM_ID\":\"i\",\"TIMESTAMP\":1}}\n");
        let mut copy = Vec::new();
        let again = || Ok(bytes::Bytes::new());
        let found = copy_readable_file(text.as_bytes(), again, "f", &schema(), &mut copy, &|| false).unwrap();
        assert_eq!((found.rows, found.refused.len(), found.refused[0].count), (1, 1, 1));
    }

    #[test]
    fn files_add_up() {
        let (mut all, _) = copied(b"USER_ID,ITEM_ID,TIMESTAMP,NOTE\nu,i,x,\n");
        all.add(copied(b"USER_ID,ITEM_ID,TIMESTAMP,NOTE\nu,i,y,\n,i,1,\nu,i,1,\n").0);
        let counts: Vec<_> = all.refused.iter().map(|of| (of.column.as_str(), of.count, of.lines.len())).collect();
        assert_eq!((all.rows, counts), (1, vec![("TIMESTAMP", 2, 2), ("USER_ID", 1, 1)]));
    }
}
