//! A copy of a CSV that an import takes: with other names of columns, commas between values, and in UTF-8.

use std::io::{self, Read, Write};

use tastemaker_domain::csv_columns::CsvRewrite;

use crate::ImportError;
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
        for (from, _) in &self.rewrite.names {
            if !names.contains(from) {
                return Err(ImportError::Data(format!(
                    "{}: the header lacks the column {from}; found [{}]",
                    self.file_name,
                    crate::csv::listed(&names)
                )));
            }
        }
        let renamed = names.iter().map(|name| {
            let to = self.rewrite.names.iter().find(|(from, _)| from == name).map_or(name, |(_, to)| to);
            quoted(to)
        });
        let mut sink = Counting { sink, bytes: 0 };
        sink.write_all(renamed.collect::<Vec<_>>().join(",").as_bytes())?;
        sink.write_all(b"\n")?;
        let source = io::Cursor::new(rest).chain(source);
        if separator == ',' {
            self.copy(source, &mut sink)?
        } else {
            self.separate(source, separator, &mut sink)?
        }
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

    /// Reads values between other separators and writes them between commas.
    fn separate(&self, source: impl Read, separator: char, sink: &mut impl Write) -> Result<(), ImportError> {
        let mut delimiter = [0; 4];
        let delimiter = separator.encode_utf8(&mut delimiter).as_bytes()[0];
        let mut reader =
            csv::ReaderBuilder::new().delimiter(delimiter).has_headers(false).flexible(true).from_reader(source);
        let mut writer = csv::Writer::from_writer(sink);
        let mut record = csv::ByteRecord::new();
        let data = |error: csv::Error| ImportError::Data(format!("{}: {error}", self.file_name));
        let mut rows = 0_u64;
        while reader.read_byte_record(&mut record).map_err(data)? {
            rows += 1;
            if rows.is_multiple_of(4096) && (self.cancelled)() {
                return Err(ImportError::Cancelled);
            }
            let fields: Vec<Vec<u8>> = record.iter().map(decimal_point).collect();
            writer.write_record(&fields).map_err(data)?;
        }
        writer.flush()?;
        Ok(())
    }
}

/// A number with a comma for its decimal point, as it is written where semicolons divide values, with a point.
fn decimal_point(field: &[u8]) -> Vec<u8> {
    let digits = |part: &[u8]| !part.is_empty() && part.iter().all(u8::is_ascii_digit);
    let at = field.iter().position(|byte| *byte == b',');
    let parts = at.map(|at| (field[..at].strip_prefix(b"-").unwrap_or(&field[..at]), &field[at + 1..]));
    let mut out = field.to_vec();
    if let (Some(at), Some((whole, rest))) = (at, parts)
        && digits(whole)
        && digits(rest)
    {
        out[at] = b'.';
    }
    out
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
