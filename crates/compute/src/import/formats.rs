//! Files of rows in any format that an import takes, known by their first bytes.

use std::io::{Chain, Cursor, Read};

use tastemaker_domain::csv_columns::FileFormat;
use tastemaker_store as store;

use super::json_lines::{JsonLines, member_names};
use super::parquet_records::ParquetRecords;
use crate::ImportError;
use crate::csv::RecordReader;
use crate::first_bytes::{FIRST_BYTES, looks_binary};
use crate::packed::Unpacked;
use crate::read::ReadAt;

/// Bytes of text in one packed file.
pub const IMPORT_UNPACKED_BYTES_MAX: u64 = 256 << 30;

/// Objects of JSON whose members are looked at for names.
const OBJECTS_LOOKED_AT_MAX: usize = 1_000;

/// The content of a file after a look at its first bytes.
pub(crate) type Content<R> = Chain<Cursor<Vec<u8>>, Unpacked<R>>;

/// The format of a file, and its content without the packing.
pub(crate) fn looked_at<R: Read>(source: R, file_name: &str) -> Result<(FileFormat, Content<R>), ImportError> {
    let mut source = Unpacked::open(source, file_name, IMPORT_UNPACKED_BYTES_MAX)?;
    let is_packed = source.format().is_some();
    let mut first = Vec::with_capacity(FIRST_BYTES);
    source.by_ref().take(FIRST_BYTES as u64).read_to_end(&mut first)?;
    let format = if looks_binary(&first) == Some("Parquet") && !is_packed {
        FileFormat::Parquet
    } else if begins_object(&first) {
        FileFormat::JsonLines
    } else {
        FileFormat::Csv
    };
    Ok((format, Cursor::new(first).chain(source)))
}

/// Whether a text begins with an object of JSON.
fn begins_object(first: &[u8]) -> bool {
    let text = first.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(first);
    text.trim_ascii_start().starts_with(b"{")
}

/// The records of Parquet with all columns, or with those that are named.
pub(crate) fn parquet_records<F: ReadAt>(
    again: impl FnOnce() -> store::Result<F>,
    file_name: &str,
    only: Option<&[String]>,
) -> Result<Box<dyn RecordReader>, ImportError> {
    Ok(Box::new(ParquetRecords::with_columns(again()?, file_name, only)?))
}

/// The records of JSON Lines with the members of these names.
pub(crate) fn json_records<'a>(
    source: impl Read + 'a,
    file_name: &str,
    columns: Vec<String>,
) -> Box<dyn RecordReader + 'a> {
    Box::new(JsonLines::with_columns(source, file_name, columns))
}

/// The names of the members of JSON Lines by the first objects.
pub(crate) fn json_names(text: &str, names_max: usize) -> Vec<String> {
    member_names(text, OBJECTS_LOOKED_AT_MAX, names_max)
}
