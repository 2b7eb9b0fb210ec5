//! A look at the first rows of a file, for people who make a schema of it.

use std::collections::HashSet;
use std::io::{Cursor, Read};

use tastemaker_domain::csv_columns::{
    ColumnRole, CsvRewrite, FileFormat, InspectedColumn, InspectedCsv, RoleReason, TimeFormat,
};
use tastemaker_domain::limits::CSV_COLUMNS_MAX;
use tastemaker_domain::schema::{DatasetType, FieldType};
use tastemaker_store as store;

use crate::ImportError;
use crate::csv::{CsvReader, RecordReader, Span, listed, shown};
use crate::first_bytes::{FIRST_BYTES, looks_binary};
use crate::import::formats;
use crate::infer::{INTERACTIONS_OWN_MAX, Known, is_field_name, known_columns};
use crate::read::ReadAt;
use crate::rewrite::{rewrite_csv, split};
use crate::times::TimeFormats;

/// Rows that are looked at.
const ROWS_MAX: u64 = 10_000;
/// Bytes that are looked at.
const BYTES_MAX: usize = 16 << 20;
/// Distinct values up to which a column is a category.
const CATEGORY_VALUES_MAX: usize = 100;
/// The mean number of characters above which values are text.
const TEXT_CHARS: u64 = 40;
/// Samples of a column.
const SAMPLES_MAX: usize = 3;
/// Separators that are not commas.
const SEPARATORS: [char; 3] = [';', '\t', '|'];

/// Other words for the API's names, without case, blanks and underscores.
const SYNONYMS: &[(&str, &[&str])] = &[
    (
        "USER_ID",
        &[
            "user",
            "customer",
            "customerid",
            "visitorid",
            "visitor",
            "memberid",
            "uid",
            "account",
            "accountid",
            "externaluserid",
        ],
    ),
    (
        "ITEM_ID",
        &[
            "item",
            "product",
            "productid",
            "sku",
            "articleid",
            "article",
            "movieid",
            "contentid",
            "asin",
            "parentasin",
            "videoid",
            "iid",
        ],
    ),
    ("ACTION_ID", &["action", "offerid", "offer"]),
    ("TIMESTAMP", &["time", "ts", "date", "datetime", "eventtime", "unixtime", "createdat"]),
    ("EVENT_TYPE", &["event", "eventname", "type", "behavior", "actiontype"]),
    ("EVENT_VALUE", &["value", "rating", "score", "amount", "quantity"]),
    ("CREATION_TIMESTAMP", &["created", "createdat", "creationtime", "publishedat", "releasedate"]),
];

/// The columns of a CSV by its first 10,000 rows, whatever their names: what each would be in a schema for this type of dataset,
/// and why. A file in UTF-16 or with other separators than commas is read as it is and said to need a rewriting.
///
/// # Errors
/// [`ImportError::Data`] when the file is no CSV, in the words of the import.
pub fn inspect_csv(
    mut source: impl Read,
    file_name: &str,
    dataset_type: DatasetType,
) -> Result<InspectedCsv, ImportError> {
    let mut first = Vec::with_capacity(FIRST_BYTES);
    source.by_ref().take(FIRST_BYTES as u64).read_to_end(&mut first)?;
    let is_utf_16 = looks_binary(&first) == Some("UTF-16");
    let mut bytes = first;
    source.take((BYTES_MAX - FIRST_BYTES) as u64).read_to_end(&mut bytes)?;
    let cut = bytes.len() == BYTES_MAX;
    let mut rewrite = CsvRewrite { is_utf_16, ..CsvRewrite::default() };
    if is_utf_16 {
        bytes = rewritten(&bytes, file_name, &rewrite)?;
        rewrite.is_utf_16 = false;
    }
    let separator = separator(&bytes);
    if separator.is_some() {
        rewrite.separator = separator;
        bytes = rewritten(&bytes, file_name, &rewrite)?;
    }
    if cut {
        // The last line is not whole.
        let end = bytes.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
        bytes.truncate(end);
    }
    let mut reader = CsvReader::open(Cursor::new(bytes), file_name)?;
    if !reader.looks().is_empty() {
        let found = listed(&reader.header);
        return Err(ImportError::Data(format!(
            "{file_name}: the first line must name the columns; found [{found}]{}",
            reader.looks()
        )));
    }
    let (columns, rows, missing) = judged(&mut reader, dataset_type)?;
    if rows == 0 {
        return Err(ImportError::Data(format!("{file_name}: the file has a first line and no rows")));
    }
    Ok(InspectedCsv { format: FileFormat::Csv, columns, rows, separator, is_utf_16, missing })
}

/// As [`inspect_csv`], a file in any of the formats that an import takes. `again` opens the same file to be read at random.
///
/// # Errors
/// [`ImportError::Data`] for a file that cannot be read, in the words of the import.
pub fn inspect_file<F: ReadAt>(
    source: impl Read,
    again: impl FnOnce() -> store::Result<F>,
    file_name: &str,
    dataset_type: DatasetType,
) -> Result<InspectedCsv, ImportError> {
    let (format, source) = formats::looked_at(source, file_name)?;
    let (columns, rows, missing) = match format {
        FileFormat::Csv => return inspect_csv(source, file_name, dataset_type),
        FileFormat::Parquet => judged(&mut *formats::parquet_records(again, file_name, None)?, dataset_type)?,
        FileFormat::JsonLines => {
            let mut bytes = Vec::new();
            source.take(BYTES_MAX as u64).read_to_end(&mut bytes)?;
            if bytes.len() == BYTES_MAX {
                let end = bytes.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
                bytes.truncate(end);
            }
            let names = formats::json_names(&String::from_utf8_lossy(&bytes), CSV_COLUMNS_MAX);
            judged(&mut *formats::json_records(Cursor::new(bytes), file_name, names), dataset_type)?
        }
    };
    if rows == 0 {
        return Err(ImportError::Data(format!("{file_name}: the file has no rows that can be read")));
    }
    Ok(InspectedCsv { format, columns, rows, separator: None, is_utf_16: false, missing })
}

/// The columns of records by the first of them, how many were looked at, and the required names that no column has.
fn judged(
    reader: &mut dyn RecordReader,
    dataset_type: DatasetType,
) -> Result<(Vec<InspectedColumn>, u64, Vec<String>), ImportError> {
    let header = reader.header().to_vec();
    let mut seen: Vec<Seen> = header.iter().map(|_| Seen::default()).collect();
    let mut spans: Vec<Span> = Vec::new();
    let mut scratch = String::new();
    let mut rows = 0;
    while rows < ROWS_MAX
        && let Some(block) = reader.next_records(&mut spans)?
    {
        for record in spans.chunks_exact(header.len().max(1)).take((ROWS_MAX - rows) as usize) {
            rows += 1;
            for (seen, span) in seen.iter_mut().zip(record) {
                seen.see(span.text(block.text, &mut scratch));
            }
        }
        if block.fault.is_some() {
            // The import tells of it with its line.
            break;
        }
    }
    let known = known_columns(dataset_type);
    let mut columns = Columns { dataset_type, known: &known, taken: HashSet::new(), own: 0 };
    // Exact names first, so that another word for a name takes none of them.
    for name in &header {
        if let Some(known) = known.iter().find(|known| known.name.eq_ignore_ascii_case(name)) {
            columns.taken.insert(known.name.to_owned());
        }
    }
    let columns_found: Vec<_> = header.iter().zip(&seen).map(|(name, seen)| columns.judge(name, seen)).collect();
    let missing = known
        .iter()
        .filter(|known| known.required && !columns_found.iter().any(|column| column.name == known.name))
        .map(|known| known.name.to_owned())
        .collect();
    Ok((columns_found, rows, missing))
}

fn rewritten(bytes: &[u8], file_name: &str, rewrite: &CsvRewrite) -> Result<Vec<u8>, ImportError> {
    let mut copy = Vec::with_capacity(bytes.len());
    rewrite_csv(bytes, file_name, rewrite, &mut copy, &|| false)?;
    Ok(copy)
}

/// The character between the names of the first line, where it is not a comma.
fn separator(bytes: &[u8]) -> Option<char> {
    let line = bytes.split(|byte| *byte == b'\n').find(|line| line.len() > 1)?;
    let line = std::str::from_utf8(line).ok()?;
    if line.contains(',') || line.trim_start().starts_with(['{', '[', '<']) {
        return None;
    }
    SEPARATORS.into_iter().find(|separator| split(line, *separator).len() > 1)
}

/// The values of a column.
#[derive(Default)]
struct Seen {
    values: u64,
    empty: u64,
    not_whole: bool,
    not_number: bool,
    joined: bool,
    chars: u64,
    distinct: HashSet<String>,
    samples: Vec<String>,
    times: TimeFormats,
    first: String,
}

impl Seen {
    fn see(&mut self, text: &str) {
        if text.is_empty() {
            self.empty += 1;
            return;
        }
        self.values += 1;
        self.not_whole |= text.trim().parse::<i64>().is_err();
        self.not_number |= !text.trim().parse::<f64>().is_ok_and(f64::is_finite);
        self.joined |= text.contains('|');
        self.times.see(text);
        if self.values == 1 {
            text.clone_into(&mut self.first);
        }
        self.chars += text.chars().count() as u64;
        if self.distinct.len() <= CATEGORY_VALUES_MAX && !self.distinct.contains(text) {
            self.distinct.insert(text.to_owned());
            if self.samples.len() < SAMPLES_MAX {
                self.samples.push(shown(text).trim_matches('\'').to_owned());
            }
        }
    }

    /// The format of the times of a column of times, where they are not in seconds.
    fn time_format(&self) -> Option<TimeFormat> {
        self.times.guess(&self.first).filter(|_| self.values > 0)
    }

    /// The type and the part of a column of one's own, and why.
    fn decide(&self) -> (FieldType, ColumnRole, RoleReason) {
        if self.values == 0 {
            (FieldType::String, ColumnRole::Ignore, RoleReason::NoValues)
        } else if !self.not_whole {
            (FieldType::Long, ColumnRole::Number, RoleReason::WholeNumbers)
        } else if !self.not_number {
            (FieldType::Double, ColumnRole::Number, RoleReason::Numbers)
        } else if self.joined || self.distinct.len() <= CATEGORY_VALUES_MAX {
            (FieldType::String, ColumnRole::Category, RoleReason::FewValues)
        } else if self.chars / self.values > TEXT_CHARS {
            (FieldType::String, ColumnRole::Text, RoleReason::LongTexts)
        } else {
            (FieldType::String, ColumnRole::Plain, RoleReason::ManyValues)
        }
    }
}

struct Columns<'a> {
    dataset_type: DatasetType,
    known: &'a [Known],
    taken: HashSet<String>,
    own: usize,
}

impl<'a> Columns<'a> {
    fn judge(&mut self, header: &str, seen: &Seen) -> InspectedColumn {
        let column = |name: &str, field_type, nullable, role, reason| InspectedColumn {
            header: header.to_owned(),
            name: name.to_owned(),
            field_type,
            nullable,
            role,
            reason,
            time_format: if role == ColumnRole::Timestamp { seen.time_format() } else { None },
            empty: seen.empty,
            samples: seen.samples.clone(),
        };
        let exact: Option<&'a Known> = self.known.iter().find(|known| known.name.eq_ignore_ascii_case(header));
        let (known, reason) = match exact {
            Some(known) => (Some(known), RoleReason::KnownName),
            None => (self.alike(header), RoleReason::LikeKnownName),
        };
        if let Some(known) = known {
            self.taken.insert(known.name.to_owned());
            // An event type that is given at all must be given in every row.
            let nullable = !known.required && known.name != "EVENT_TYPE";
            return column(known.name, known.field_type, nullable, role_of(known), reason);
        }
        let name = field_name(header);
        let is_new = !name.is_empty() && is_field_name(&name) && self.taken.insert(name.to_ascii_uppercase());
        let (field_type, role, reason) = seen.decide();
        if !is_new {
            return column(&name, field_type, true, ColumnRole::Ignore, RoleReason::BadName);
        }
        self.own += usize::from(role != ColumnRole::Ignore);
        let many = matches!(self.dataset_type, DatasetType::Items | DatasetType::Users | DatasetType::Actions);
        if !many && self.own > INTERACTIONS_OWN_MAX {
            return column(&name, field_type, true, ColumnRole::Ignore, RoleReason::NoRoom);
        }
        column(&name, field_type, true, role, reason)
    }

    /// The known column that a name is another word for, if no other column has it.
    fn alike(&self, header: &str) -> Option<&'a Known> {
        let plain = plain(header);
        let is = |known: &&'a Known| {
            let words = SYNONYMS.iter().find(|(name, _)| *name == known.name).map_or(&[][..], |(_, words)| words);
            !self.taken.contains(known.name) && (plain == self::plain(known.name) || words.contains(&plain.as_str()))
        };
        self.known.iter().find(is)
    }
}

fn plain(name: &str) -> String {
    name.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_ascii_lowercase()
}

/// A header as a name that a schema may have.
fn field_name(header: &str) -> String {
    let name: String = header.trim().chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '_' }).collect();
    let name = name.trim_matches('_').to_owned();
    if name.starts_with(|c: char| c.is_ascii_digit()) { format!("_{name}") } else { name }
}

fn role_of(known: &Known) -> ColumnRole {
    match (known.name, known.field_type) {
        ("USER_ID" | "ITEM_ID" | "ACTION_ID", _) => ColumnRole::Id,
        (name, _) if name.ends_with("TIMESTAMP") => ColumnRole::Timestamp,
        (_, FieldType::String) => ColumnRole::Plain,
        _ => ColumnRole::Number,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn inspected(csv: impl AsRef<[u8]>, dataset_type: DatasetType) -> Result<InspectedCsv, String> {
        inspect_csv(csv.as_ref(), "t.csv", dataset_type).map_err(|error| error.to_string())
    }

    fn columns(found: &InspectedCsv) -> Vec<(&str, &str, FieldType, ColumnRole)> {
        found.columns.iter().map(|c| (c.header.as_str(), c.name.as_str(), c.field_type, c.role)).collect()
    }

    #[test]
    fn names_are_known_or_guessed_and_others_judged_by_their_values() {
        let csv = "customer_id,product id,Timestamp,event,device,price\nu1,i1,1,view,ios,9.5\nu2,i2,2,buy,web,\n";
        let found = inspected(csv, DatasetType::Interactions).unwrap();
        use ColumnRole::{Category, Id, Number, Plain, Timestamp};
        assert_eq!(
            columns(&found),
            [
                ("customer_id", "USER_ID", FieldType::String, Id),
                ("product id", "ITEM_ID", FieldType::String, Id),
                ("Timestamp", "TIMESTAMP", FieldType::Long, Timestamp),
                ("event", "EVENT_TYPE", FieldType::String, Plain),
                ("device", "device", FieldType::String, Category),
                ("price", "price", FieldType::Double, Number),
            ]
        );
        assert_eq!((found.rows, found.separator, found.missing.len()), (2, None, 0));
        assert_eq!((found.columns[5].empty, found.columns[5].samples.as_slice()), (1, &["9.5".to_owned()][..]));
        assert_eq!(found.columns[0].reason, RoleReason::LikeKnownName);
    }

    #[test]
    fn an_exact_name_is_not_taken_by_another_word_for_it() {
        let found = inspected("user,USER_ID,ITEM_ID,TIMESTAMP\na,b,c,1\n", DatasetType::Interactions).unwrap();
        assert_eq!((found.columns[0].name.as_str(), found.columns[1].name.as_str()), ("user", "USER_ID"));
    }

    #[test]
    fn what_is_missing_is_told_and_own_columns_end_at_the_maximum() {
        let found = inspected("a,b,c,d,e,f,g\n1,x,2,3,4,5,6\n", DatasetType::Interactions).unwrap();
        assert_eq!(found.missing, ["USER_ID", "ITEM_ID", "TIMESTAMP"]);
        assert_eq!(found.columns[5].reason, RoleReason::NoRoom);
        let found = inspected("ITEM_ID,가격,1st,about\na,1,2,b\n", DatasetType::Items).unwrap();
        assert_eq!((found.columns[1].role, found.columns[1].reason), (ColumnRole::Ignore, RoleReason::BadName));
        assert_eq!(found.columns[2].name, "_1st");
    }

    #[test]
    fn texts_and_ids_are_told_apart() {
        let mut csv = String::from("ITEM_ID,sku,about\n");
        (0..300).for_each(|n| csv += &format!("i{n},s{n},{}\n", format!("words and words {n} ").repeat(5)));
        let found = inspected(csv, DatasetType::Items).unwrap();
        assert_eq!((found.columns[1].role, found.columns[2].role), (ColumnRole::Plain, ColumnRole::Text));
    }

    #[test]
    fn other_separators_and_utf_16_are_read_as_they_are() {
        let text = "USER_ID;ITEM_ID;TIMESTAMP\nu;i;1\n";
        let found = inspected(text, DatasetType::Interactions).unwrap();
        assert_eq!((found.separator, found.missing.len(), found.rows), (Some(';'), 0, 1));
        let wide: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let found = inspected(wide, DatasetType::Interactions).unwrap();
        assert_eq!((found.separator, found.is_utf_16, found.rows), (Some(';'), true, 1));
        let found = inspected("\u{feff}USER_ID,ITEM_ID,TIMESTAMP\r\nu,i,1\r\n", DatasetType::Interactions).unwrap();
        assert_eq!((found.separator, found.is_utf_16, found.columns[0].name.as_str()), (None, false, "USER_ID"));
    }

    #[test]
    fn times_that_are_not_in_seconds_are_known() {
        for (time, expected) in [
            ("1717172405", None),
            ("1717172405999", Some(TimeFormat::Milliseconds)),
            ("2024-05-31T16:20:05Z", Some(TimeFormat::Iso8601)),
            ("31.05.2024", Some(TimeFormat::DayMonthYear)),
            ("soon", None),
        ] {
            let csv = format!("USER_ID,ITEM_ID,date,other\nu,i,{time},2024-05-31\n");
            let found = inspected(csv, DatasetType::Interactions).unwrap();
            let times: Vec<_> = found.columns.iter().map(|column| column.time_format).collect();
            assert_eq!(times, [None, None, expected, None], "{time}");
        }
    }

    fn inspected_file(bytes: &[u8]) -> Result<InspectedCsv, String> {
        let again = || Ok(bytes::Bytes::copy_from_slice(bytes));
        inspect_file(bytes, again, "f", DatasetType::Interactions).map_err(|error| error.to_string())
    }

    #[test]
    fn json_lines_parquet_and_packed_files_are_read_as_they_are() {
        let lines = b"{\"user\":\"u\",\"sku\":7}\n{\"sku\":8,\"time\":\"2024-05-31\",\"user\":null}\n";
        let found = inspected_file(lines).unwrap();
        let names: Vec<_> = found.columns.iter().map(|column| (column.header.as_str(), column.name.as_str())).collect();
        assert_eq!(names, [("user", "USER_ID"), ("sku", "ITEM_ID"), ("time", "TIMESTAMP")]);
        assert_eq!((found.format, found.rows, found.columns[0].empty), (FileFormat::JsonLines, 2, 1));
        assert_eq!(found.columns[2].time_format, Some(TimeFormat::Iso8601));
        let csv = b"USER_ID;ITEM_ID;TIMESTAMP\nu;i;1\n";
        let found = inspected_file(&zstd::encode_all(&csv[..], 1).unwrap()).unwrap();
        assert_eq!((found.format, found.separator, found.rows), (FileFormat::Csv, Some(';'), 1));
        let columns: [(&str, arrow_array::ArrayRef); 2] = [
            ("who", std::sync::Arc::new(arrow_array::StringArray::from(vec!["u"]))),
            ("TIMESTAMP", std::sync::Arc::new(arrow_array::TimestampMillisecondArray::from(vec![1_717_172_405_999]))),
        ];
        let batch = arrow_array::RecordBatch::try_from_iter(columns).unwrap();
        let mut parquet = Vec::new();
        let mut writer = parquet::arrow::ArrowWriter::try_new(&mut parquet, batch.schema(), None).unwrap();
        writer.write(&batch).unwrap();
        writer.close().unwrap();
        let found = inspected_file(&parquet).unwrap();
        assert_eq!(
            (found.format, found.rows, found.missing),
            (FileFormat::Parquet, 1, vec!["USER_ID".into(), "ITEM_ID".into()])
        );
        assert_eq!((found.columns[1].samples[0].as_str(), found.columns[1].time_format), ("1717172405", None));
        let rewrite = CsvRewrite {
            columns: vec!["who".into()],
            names: vec![("who".into(), "USER_ID".into())],
            ..CsvRewrite::default()
        };
        let (mut copy, again) = (Vec::new(), || Ok(bytes::Bytes::from(parquet.clone())));
        crate::rewrite_file(&parquet[..], again, "f", &rewrite, &mut copy, &|| false).unwrap();
        assert_eq!(String::from_utf8(copy).unwrap(), "USER_ID\nu\n");
        assert!(inspected_file(b"PAR1nothing").unwrap_err().contains("begins as Parquet"));
        assert!(inspected_file(b"{\n").unwrap_err().contains("no rows that can be read"));
    }

    #[test]
    fn what_is_no_csv_has_a_sentence_of_its_own() {
        for (bytes, said) in [
            (&b""[..], "the file is empty"),
            (b"USER_ID,ITEM_ID,TIMESTAMP\n", "no rows"),
            (b"PK\x03\x04\x14\x00", "ZIP or an Excel workbook"),
            (b"\x1f\x8b\x08\x00", "gzip"),
            (b"{\"userId\": 1}\n", "JSON"),
            (b"a,a\n1,2\n", "occurs twice"),
        ] {
            let error = inspected(bytes, DatasetType::Interactions).unwrap_err();
            assert!(error.contains(said), "{error}");
        }
        let long = [&b"USER_ID,ITEM_ID,TIMESTAMP\nu,\""[..], &vec![b'x'; 10 << 20], b"\",1\n"].concat();
        assert_eq!(inspected(long, DatasetType::Interactions).unwrap().rows, 1, "a long line is a line");
    }
}
