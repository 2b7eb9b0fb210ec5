//! A copy of a file that an import takes: a CSV with other names of columns, commas between values, times in seconds, and in UTF-8.

use std::borrow::Cow;
use std::io::{self, Read, Write};

use tastemaker_domain::csv_columns::{CsvRewrite, FileFormat, TimeFormat};
use tastemaker_store as store;

use crate::ImportError;
use crate::csv::{RecordReader, Span};
use crate::import::formats;
use crate::read::ReadAt;
use crate::times::seconds_of;
use crate::utf_16::Utf16;

/// Bytes of the line with the names of the columns.
const HEADER_BYTES_MAX: usize = 1 << 20;
/// Bytes that are copied at once.
const COPY_BYTES: usize = 256 << 10;

/// Copies a CSV as `rewrite` says; returns the bytes of the copy. A file with commas keeps all its lines but the first byte for byte.
///
/// # Errors
/// [`ImportError::Data`] for a first line that names no columns or lacks one that is to be renamed, and for values that break the
/// rules of quoting where separators are exchanged; [`ImportError::Cancelled`].
pub fn rewrite_csv(
    source: impl Read,
    file_name: &str,
    rewrite: &CsvRewrite,
    sink: impl Write,
    cancelled: &dyn Fn() -> bool,
) -> Result<u64, ImportError> {
    let job = Job { file_name, rewrite, cancelled };
    if rewrite.is_utf_16 { job.run(Utf16::new(source), sink) } else { job.run(source, sink) }
}

/// As [`rewrite_csv`], a file in any of the formats that an import takes. `again` opens the same file to be read at random.
///
/// # Errors
/// As of [`rewrite_csv`]; of JSON Lines and Parquet, also for a record that cannot be read.
pub fn rewrite_file<F: ReadAt>(
    source: impl Read,
    again: impl FnOnce() -> store::Result<F>,
    file_name: &str,
    rewrite: &CsvRewrite,
    sink: impl Write,
    cancelled: &dyn Fn() -> bool,
) -> Result<u64, ImportError> {
    let job = Job { file_name, rewrite, cancelled };
    let (format, source) = formats::looked_at(source, file_name)?;
    match format {
        FileFormat::Csv => rewrite_csv(source, file_name, rewrite, sink, cancelled),
        FileFormat::JsonLines => {
            job.records(&mut *formats::json_records(source, file_name, rewrite.columns.clone()), sink)
        }
        FileFormat::Parquet => {
            job.records(&mut *formats::parquet_records(again, file_name, Some(&rewrite.columns))?, sink)
        }
    }
}

struct Job<'a> {
    file_name: &'a str,
    rewrite: &'a CsvRewrite,
    cancelled: &'a dyn Fn() -> bool,
}

impl Job<'_> {
    fn run(&self, mut source: impl Read, sink: impl Write) -> Result<u64, ImportError> {
        let (header, rest) = self.header(&mut source)?;
        let separator = self.rewrite.separator.unwrap_or(',');
        let names = split(&header, separator);
        self.check(&names)?;
        let mut sink = Counting { sink, bytes: 0 };
        self.write_header(&names, &mut sink)?;
        let source = io::Cursor::new(rest).chain(source);
        if separator == ',' && self.rewrite.times.is_empty() {
            self.copy(source, &mut sink)?
        } else {
            self.separate(source, separator, &self.times(&names), &mut sink)?
        }
        sink.flush()?;
        Ok(sink.bytes)
    }

    /// Refuses a file without a column that is to change.
    fn check(&self, names: &[String]) -> Result<(), ImportError> {
        let named = self.rewrite.names.iter().map(|(from, _)| from);
        for from in named.chain(self.rewrite.times.iter().map(|(from, _)| from)) {
            if !names.contains(from) {
                return Err(ImportError::Data(format!(
                    "{}: the header lacks the column {from}; found [{}]",
                    self.file_name,
                    crate::csv::listed(names)
                )));
            }
        }
        Ok(())
    }

    fn write_header(&self, names: &[String], sink: &mut impl Write) -> io::Result<()> {
        let renamed = names.iter().map(|name| {
            let to = self.rewrite.names.iter().find(|(from, _)| from == name).map_or(name, |(_, to)| to);
            quoted(to)
        });
        sink.write_all(renamed.collect::<Vec<_>>().join(",").as_bytes())?;
        sink.write_all(b"\n")
    }

    /// By column: how its times are written, where they become seconds.
    fn times(&self, names: &[String]) -> Vec<Option<TimeFormat>> {
        let format =
            |name: &String| self.rewrite.times.iter().find(|(from, _)| from == name).map(|(_, format)| *format);
        names.iter().map(format).collect()
    }

    /// Writes the records of a file that is no CSV.
    fn records(&self, records: &mut dyn RecordReader, sink: impl Write) -> Result<u64, ImportError> {
        let names = records.header().to_vec();
        self.check(&names)?;
        let times = self.times(&names);
        let mut sink = Counting { sink, bytes: 0 };
        self.write_header(&names, &mut sink)?;
        let mut writer = csv::Writer::from_writer(&mut sink);
        let (mut spans, mut scratch): (Vec<Span>, String) = (Vec::new(), String::new());
        let data = |error: csv::Error| ImportError::from(io::Error::from(error));
        loop {
            if (self.cancelled)() {
                return Err(ImportError::Cancelled);
            }
            let Some(block) = records.next_records(&mut spans)? else { break };
            for record in spans.chunks_exact(names.len().max(1)).take(block.rows) {
                for (span, time) in record.iter().zip(&times) {
                    let value = span.text(block.text, &mut scratch);
                    writer.write_field(in_seconds(value.as_bytes(), *time).as_ref()).map_err(data)?;
                }
                writer.write_record(None::<&[u8]>).map_err(data)?;
            }
            if let Some(fault) = &block.fault {
                return Err(block.error(self.file_name, &names, fault));
            }
        }
        writer.flush()?;
        drop(writer);
        sink.flush()?;
        Ok(sink.bytes)
    }

    /// The first line that is not empty, without its end, and what was read beyond it.
    fn header(&self, source: &mut impl Read) -> Result<(String, Vec<u8>), ImportError> {
        let mut read = Vec::new();
        let mut chunk = vec![0; 8 << 10];
        let refuse = |what: &str| ImportError::Data(format!("{}: {what}", self.file_name));
        loop {
            let len = match source.read(&mut chunk) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                len => len?,
            };
            read.extend_from_slice(&chunk[..len]);
            let begin = read.iter().position(|byte| !matches!(byte, b'\r' | b'\n')).unwrap_or(read.len());
            let end = read[begin..].iter().position(|byte| *byte == b'\n').map(|at| begin + at);
            if end.is_none() && len > 0 && read.len() <= HEADER_BYTES_MAX {
                continue;
            }
            if end.is_none() && len > 0 {
                return Err(refuse("the first line, which must name the columns, is longer than 1 MiB"));
            }
            let end = end.unwrap_or(read.len());
            let rest = read.split_off((end + 1).min(read.len()));
            let line = std::str::from_utf8(&read[begin..end]).map_err(|_| refuse("the first line is not in UTF-8"))?;
            let line = line.trim_start_matches('\u{feff}').trim_end_matches('\r');
            if line.trim().is_empty() {
                return Err(refuse("the file is empty; its first line must name the columns"));
            }
            return Ok((line.to_owned(), rest));
        }
    }

    fn copy(&self, mut source: impl Read, sink: &mut impl Write) -> Result<(), ImportError> {
        let mut chunk = vec![0; COPY_BYTES];
        loop {
            if (self.cancelled)() {
                return Err(ImportError::Cancelled);
            }
            match source.read(&mut chunk) {
                Ok(0) => return Ok(()),
                Ok(len) => sink.write_all(&chunk[..len])?,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error.into()),
            }
        }
    }

    /// Reads values between separators and writes them between commas, times in seconds.
    fn separate(
        &self,
        source: impl Read,
        separator: char,
        times: &[Option<TimeFormat>],
        sink: &mut impl Write,
    ) -> Result<(), ImportError> {
        let mut delimiter = [0; 4];
        let delimiter = separator.encode_utf8(&mut delimiter).as_bytes()[0];
        let mut reader =
            csv::ReaderBuilder::new().delimiter(delimiter).has_headers(false).flexible(true).from_reader(source);
        // The import tells of rows with another number of values.
        let mut writer = csv::WriterBuilder::new().flexible(true).from_writer(sink);
        let mut record = csv::ByteRecord::new();
        let data = |error: csv::Error| ImportError::Data(format!("{}: {error}", self.file_name));
        let mut rows = 0_u64;
        while reader.read_byte_record(&mut record).map_err(data)? {
            rows += 1;
            if rows.is_multiple_of(4096) && (self.cancelled)() {
                return Err(ImportError::Cancelled);
            }
            for (at, field) in record.iter().enumerate() {
                let time = times.get(at).copied().flatten();
                let value =
                    if separator == ',' || time.is_some() { Cow::Borrowed(field) } else { decimal_point(field) };
                writer.write_field(in_seconds(&value, time).as_ref()).map_err(data)?;
            }
            writer.write_record(None::<&[u8]>).map_err(data)?;
        }
        writer.flush()?;
        Ok(())
    }
}

/// A number with a comma for its decimal point, as it is written where semicolons divide values, with a point.
fn decimal_point(field: &[u8]) -> Cow<'_, [u8]> {
    let digits = |part: &[u8]| !part.is_empty() && part.iter().all(u8::is_ascii_digit);
    let at = field.iter().position(|byte| *byte == b',');
    let parts = at.map(|at| (field[..at].strip_prefix(b"-").unwrap_or(&field[..at]), &field[at + 1..]));
    match (at, parts) {
        (Some(at), Some((whole, rest))) if digits(whole) && digits(rest) => {
            let mut out = field.to_vec();
            out[at] = b'.';
            out.into()
        }
        _ => field.into(),
    }
}

/// A time in seconds. One that is not written so stays as it is, for the import to tell of.
fn in_seconds(field: &[u8], format: Option<TimeFormat>) -> Cow<'_, [u8]> {
    let seconds = format.and_then(|format| seconds_of(std::str::from_utf8(field).ok()?, format));
    seconds.map_or(Cow::Borrowed(field), |seconds| seconds.to_string().into_bytes().into())
}

/// The names in a first line.
pub(crate) fn split(line: &str, separator: char) -> Vec<String> {
    let mut delimiter = [0; 4];
    let delimiter = separator.encode_utf8(&mut delimiter).as_bytes()[0];
    let reader =
        csv::ReaderBuilder::new().delimiter(delimiter).has_headers(false).flexible(true).from_reader(line.as_bytes());
    let first = reader.into_records().next().and_then(Result::ok).unwrap_or_default();
    first.iter().map(|name| name.trim().to_owned()).collect()
}

fn quoted(name: &str) -> String {
    if name.contains([',', '"', '\n', '\r']) { format!("\"{}\"", name.replace('"', "\"\"")) } else { name.to_owned() }
}

/// A sink that counts what it is given.
struct Counting<W> {
    sink: W,
    bytes: u64,
}

impl<W: Write> Write for Counting<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.sink.write(bytes)?;
        self.bytes += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.sink.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rewritten(source: &[u8], rewrite: &CsvRewrite) -> Result<String, String> {
        let mut copy = Vec::new();
        let bytes = rewrite_csv(source, "t.csv", rewrite, &mut copy, &|| false).map_err(|error| error.to_string())?;
        assert_eq!(bytes, copy.len() as u64);
        Ok(String::from_utf8(copy).unwrap())
    }

    fn names(names: &[(&str, &str)]) -> CsvRewrite {
        let names = names.iter().map(|(from, to)| ((*from).to_owned(), (*to).to_owned())).collect();
        CsvRewrite { names, ..CsvRewrite::default() }
    }

    #[test]
    fn only_the_first_line_changes_where_names_do() {
        let source = "\u{feff}who,\"what, when\",n\r\nu,\"a\nb\",1\r\nv,c,2";
        let copy = rewritten(source.as_bytes(), &names(&[("who", "USER_ID"), ("what, when", "X")])).unwrap();
        assert_eq!(copy, "USER_ID,X,n\nu,\"a\nb\",1\r\nv,c,2");
        assert_eq!(
            rewritten(b"a,b\n1,2\n", &names(&[("c", "X")])).unwrap_err(),
            "t.csv: the header lacks the column c; found [a, b]"
        );
    }

    #[test]
    fn other_separators_become_commas_and_decimals_keep_their_value() {
        let rewrite = CsvRewrite { separator: Some(';'), ..names(&[("kunde", "USER_ID")]) };
        let copy = rewritten("kunde;preis;note\nu1;12,50;a,b\nu2;-3,1;\"x;y\"\n".as_bytes(), &rewrite).unwrap();
        assert_eq!(copy, "USER_ID,preis,note\nu1,12.50,\"a,b\"\nu2,-3.1,x;y\n");
        let tabs = CsvRewrite { separator: Some('\t'), ..CsvRewrite::default() };
        assert_eq!(rewritten(b"a\tb\n1\t2\n", &tabs).unwrap(), "a,b\n1,2\n");
    }

    #[test]
    fn times_become_seconds_and_other_values_stay() {
        let times = vec![("when".to_owned(), TimeFormat::Iso8601)];
        let rewrite = CsvRewrite { times, ..names(&[("when", "TIMESTAMP")]) };
        let source = "who,when\nu,2024-05-31T16:20:05Z\n\"v,w\",\"2024-05-31 16:20\"\nx,soon\n";
        let copy = rewritten(source.as_bytes(), &rewrite).unwrap();
        assert_eq!(copy, "who,TIMESTAMP\nu,1717172405\n\"v,w\",1717172400\nx,soon\n");
        assert!(rewritten(b"who\nu\n", &rewrite).unwrap_err().contains("lacks the column when"));
        let times = vec![("wann".to_owned(), TimeFormat::DayMonthYear)];
        let rewrite = CsvRewrite { separator: Some(';'), times, ..CsvRewrite::default() };
        assert_eq!(rewritten(b"wann;preis\n31.05.2024;1,5\n", &rewrite).unwrap(), "wann,preis\n1717113600,1.5\n");
    }

    fn rewritten_file(source: &[u8], rewrite: &CsvRewrite) -> Result<String, String> {
        let mut copy = Vec::new();
        let again = || Ok(bytes::Bytes::copy_from_slice(source));
        let done = rewrite_file(source, again, "t", rewrite, &mut copy, &|| false);
        done.map_err(|error| error.to_string())?;
        Ok(String::from_utf8(copy).unwrap())
    }

    #[test]
    fn json_lines_and_packed_files_become_a_csv() {
        let columns = vec!["who".to_owned(), "when".to_owned(), "tags".to_owned()];
        let times = vec![("when".to_owned(), TimeFormat::Milliseconds)];
        let rewrite = CsvRewrite { columns, times, ..names(&[("who", "USER_ID")]) };
        let lines = b"{\"when\":1717172405999,\"who\":\"a,b\",\"more\":1}\n{\"who\":\"c\",\"tags\":[\"x\",\"y\"]}\n";
        let expected = "USER_ID,when,tags\n\"a,b\",1717172405,\nc,,x|y\n";
        assert_eq!(rewritten_file(lines, &rewrite).unwrap(), expected);
        assert_eq!(rewritten_file(&zstd::encode_all(&lines[..], 1).unwrap(), &rewrite).unwrap(), expected);
        let broken = rewritten_file(b"{\"who\":\"a\"}\n{\n", &rewrite).unwrap_err();
        assert!(broken.starts_with("t line 2"), "{broken}");
        let packed = zstd::encode_all(&b"who,when\nu,1717172405999\n"[..], 1).unwrap();
        assert_eq!(rewritten_file(&packed, &rewrite).unwrap(), "USER_ID,when\nu,1717172405\n");
    }

    #[test]
    fn utf_16_becomes_utf_8() {
        let bytes: Vec<u8> = "\u{feff}a,b\n가,2\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
        let rewrite = CsvRewrite { is_utf_16: true, ..CsvRewrite::default() };
        assert_eq!(rewritten(&bytes, &rewrite).unwrap(), "a,b\n가,2\n");
    }

    #[test]
    fn files_without_a_first_line_are_refused_and_a_copy_may_be_cancelled() {
        for empty in ["", "\n\r\n", "\u{feff}\n"] {
            let refused = rewritten(empty.as_bytes(), &CsvRewrite::default()).unwrap_err();
            assert!(refused.contains("the file is empty"), "{empty:?}: {refused}");
        }
        let long = format!("{}\n", "a".repeat(HEADER_BYTES_MAX + 9000));
        assert!(rewritten(long.as_bytes(), &CsvRewrite::default()).unwrap_err().contains("longer than 1 MiB"));
        let cancelled = rewrite_csv(&b"a\n1\n"[..], "t.csv", &CsvRewrite::default(), Vec::new(), &|| true);
        assert!(matches!(cancelled, Err(ImportError::Cancelled)));
    }
}
