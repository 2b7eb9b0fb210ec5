//! Blocks of complete records from any `Read`, with their line numbers.

use std::collections::HashSet;
use std::io::{Chain, Cursor, Read};

use tastemaker_domain::limits::CSV_COLUMNS_MAX;

use super::scan::{Fault, Span, scan, shown};
use crate::ImportError;
use crate::first_bytes::{FIRST_BYTES, has_cr_line_ends, looks_binary, looks_other, looks_structured};

/// Bytes of input that are scanned at once; larger only for a record that does not fit.
const BLOCK_BYTES: usize = 1 << 20;
/// Bytes of one record.
const RECORD_BYTES_MAX: usize = 16 << 20;

/// Complete records of the file, as text and field positions.
pub(crate) struct Block<'a> {
    /// The block's text.
    pub text: &'a str,
    /// Where the records are in the file.
    pub places: Places<'a>,
    /// Complete records.
    pub rows: usize,
    /// The fault of the record after them.
    pub fault: Option<Fault>,
}

/// The places of a block's records in the file, for messages.
pub(crate) enum Places<'a> {
    /// By the line breaks of the text, the first line being this one, from 1.
    Lines(u64),
    /// By their beginnings in the text, ascending, with their numbers, which are called so.
    Numbered { called: &'static str, records: &'a [(usize, u64)] },
}

/// A source of records, block by block.
pub(crate) trait RecordReader {
    /// Column names in the order of a record's fields.
    fn header(&self) -> &[String];

    /// The file's name for messages.
    fn file(&self) -> &str;

    /// The format that the header looks like, for messages about one that does not fit: `"; the file looks like JSON"`.
    fn looks(&self) -> String;

    /// Bytes of text read so far.
    fn bytes(&self) -> u64;

    /// The next records, their fields in `spans` row by row; `None` at the end. After a block with a fault there is
    /// nothing sensible to read before [`skip_fault`](Self::skip_fault).
    fn next_records(&mut self, spans: &mut Vec<Span>) -> Result<Option<Block<'_>>, ImportError>;

    /// Passes over the record at which the last block ended with a fault.
    fn skip_fault(&mut self) -> Result<(), ImportError>;
}

/// A CSV file whose header has been read.
pub(crate) struct CsvReader<R> {
    /// The first bytes, which were looked at before, and the rest.
    source: Chain<Cursor<Vec<u8>>, R>,
    file: String,
    /// Column names in file order.
    pub header: Vec<String>,
    buffer: Vec<u8>,
    /// The unread part of `buffer`.
    begin: usize,
    end: usize,
    /// Nothing follows `end`.
    at_end: bool,
    /// The line on which `begin` lies.
    line: u64,
    /// Bytes taken from the source.
    pub bytes: u64,
}

impl<R: Read> CsvReader<R> {
    /// Reads the header: names without surrounding blanks, quoted or not, after an optional byte-order mark.
    pub(crate) fn open(source: R, file: &str) -> Result<Self, ImportError> {
        Self::with_block_bytes(source, file, BLOCK_BYTES)
    }

    pub(crate) fn with_block_bytes(mut source: R, file: &str, block_bytes: usize) -> Result<Self, ImportError> {
        let mut first = Vec::with_capacity(FIRST_BYTES);
        source.by_ref().take(FIRST_BYTES as u64).read_to_end(&mut first)?;
        check_format(&first, file)?;
        let mut reader = Self {
            source: Cursor::new(first).chain(source),
            file: file.to_owned(),
            header: Vec::new(),
            buffer: vec![0; block_bytes.max(4)],
            begin: 0,
            end: 0,
            at_end: false,
            line: 1,
            bytes: 0,
        };
        reader.fill()?;
        if reader.buffer[..reader.end].starts_with(b"\xEF\xBB\xBF") {
            reader.begin = 3;
        }
        let mut spans = Vec::new();
        let Some(block) = reader.next_block(None, &mut spans)? else {
            return Err(ImportError::Data(format!("{file}: the file is empty; its first line must name the columns")));
        };
        if let Some(fault) = &block.fault {
            let error = block.error(file, &[], fault);
            return Err(match looks_structured(block.text) {
                Some(format) => ImportError::Data(format!("{error}; the file looks like {format}")),
                None => error,
            });
        }
        let line = block.line_at(spans.first().map_or(0, |s| s.start()));
        if spans.len() > CSV_COLUMNS_MAX {
            return Err(ImportError::Data(format!(
                "{file} line {line}: the header has {} columns; at most {CSV_COLUMNS_MAX} are allowed",
                spans.len()
            )));
        }
        let mut scratch = String::new();
        let header: Vec<String> = spans.iter().map(|s| s.text(block.text, &mut scratch).trim().to_owned()).collect();
        let mut names = HashSet::with_capacity(header.len());
        for name in &header {
            if !name.is_empty() && !names.insert(name) {
                return Err(ImportError::Data(format!(
                    "{file} line {line}: column {} occurs twice in the header; names must be unique",
                    shown(name)
                )));
            }
        }
        reader.header = header;
        Ok(reader)
    }

    /// The next records, their fields in `spans` row by row; `None` at the end. After a block with a fault there is
    /// nothing sensible to read.
    pub(crate) fn next_block(
        &mut self,
        columns: Option<usize>,
        spans: &mut Vec<Span>,
    ) -> Result<Option<Block<'_>>, ImportError> {
        let (text_len, scanned) = loop {
            spans.clear();
            self.fill()?;
            let unread = &self.buffer[self.begin..self.end];
            let (text, invalid) = match std::str::from_utf8(unread) {
                Ok(text) => (text, false),
                Err(error) => {
                    let cut_off = error.error_len().is_none() && !self.at_end;
                    (std::str::from_utf8(&unread[..error.valid_up_to()]).unwrap_or_default(), !cut_off)
                }
            };
            let mut scanned = scan(text, columns, spans);
            if scanned.rows > 0 || scanned.fault.is_some() {
                break (text.len(), scanned);
            }
            if scanned.consumed > 0 {
                self.line += newlines(&unread[..scanned.consumed]);
                self.begin += scanned.consumed;
                continue;
            }
            let (at, column) = scanned.open;
            let fault = if invalid {
                format!("byte {:02x} is not UTF-8; save the file in UTF-8", unread[text.len()])
            } else if self.at_end {
                if text.is_empty() {
                    return Ok(None);
                }
                format!("{} has no closing quote", shown(&text[at..]))
            } else if unread.len() >= RECORD_BYTES_MAX {
                format!("the value is longer than {} MiB; a closing quote may be missing", RECORD_BYTES_MAX >> 20)
            } else {
                let doubled = (self.buffer.len() * 2).min(RECORD_BYTES_MAX);
                self.buffer.resize(doubled, 0);
                continue;
            };
            scanned.fault = Some(Fault { at, column: Some(column), text: fault });
            break (text.len(), scanned);
        };
        let begin = self.begin;
        let line = self.line;
        self.begin += scanned.consumed;
        self.line += newlines(&self.buffer[begin..self.begin]);
        let text = std::str::from_utf8(&self.buffer[begin..begin + text_len]).unwrap_or_default();
        Ok(Some(Block { text, places: Places::Lines(line), rows: scanned.rows, fault: scanned.fault }))
    }

    /// Moves the unread bytes to the front and fills the rest; the last line gets its newline if it has none.
    fn fill(&mut self) -> Result<(), ImportError> {
        if self.at_end {
            return Ok(());
        }
        self.buffer.copy_within(self.begin..self.end, 0);
        self.end -= self.begin;
        self.begin = 0;
        while self.end < self.buffer.len() {
            match self.source.read(&mut self.buffer[self.end..]) {
                Ok(0) => {
                    self.at_end = true;
                    if self.end > 0 && self.buffer[self.end - 1] != b'\n' {
                        self.buffer[self.end] = b'\n';
                        self.end += 1;
                    }
                    break;
                }
                Ok(len) => {
                    self.end += len;
                    self.bytes += len as u64;
                }
                Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error.into()),
            }
        }
        Ok(())
    }
}

impl<R: Read> RecordReader for CsvReader<R> {
    fn header(&self) -> &[String] {
        &self.header
    }

    fn file(&self) -> &str {
        &self.file
    }

    fn looks(&self) -> String {
        let names = self.header.join(",");
        let format = if names.contains('\r') { Some(CR_LINE_ENDS) } else { looks_other(&names) };
        format.map(|format| format!("; the file looks like {format}")).unwrap_or_default()
    }

    fn bytes(&self) -> u64 {
        self.bytes
    }

    fn next_records(&mut self, spans: &mut Vec<Span>) -> Result<Option<Block<'_>>, ImportError> {
        self.next_block(Some(self.header.len()), spans)
    }

    fn skip_fault(&mut self) -> Result<(), ImportError> {
        loop {
            let unread = &self.buffer[self.begin..self.end];
            if let Some(at) = unread.iter().position(|byte| *byte == b'\n') {
                self.begin += at + 1;
                self.line += 1;
                return Ok(());
            }
            self.begin = self.end;
            if self.at_end {
                return Ok(());
            }
            self.fill()?;
        }
    }
}

/// The format of a file with lines that end in CR alone, in words for the customer.
const CR_LINE_ENDS: &str = "text with CR line ends";

/// Refuses what is no text of lines, by its first bytes.
fn check_format(first: &[u8], file: &str) -> Result<(), ImportError> {
    if let Some(format) = looks_binary(first) {
        return Err(ImportError::Data(format!(
            "{file}: the file looks like {format}; it must be CSV, plain text in UTF-8"
        )));
    }
    if has_cr_line_ends(first) {
        return Err(ImportError::Data(format!(
            "{file}: the file looks like {CR_LINE_ENDS}; lines must end in LF or CR LF"
        )));
    }
    Ok(())
}

fn newlines(bytes: &[u8]) -> u64 {
    // Short runs keep the inner count in a byte, which the compiler turns into vector instructions.
    bytes.chunks(255).map(|run| u64::from(run.iter().fold(0u8, |n, &b| n + u8::from(b == b'\n')))).sum()
}

impl Block<'_> {
    /// The line of the block's byte `at`, or the number of its record.
    pub(crate) fn line_at(&self, at: usize) -> u64 {
        match self.places {
            Places::Lines(line) => line + newlines(&self.text.as_bytes()[..at]),
            Places::Numbered { records, .. } => {
                let next = records.partition_point(|(begin, _)| *begin <= at);
                next.checked_sub(1).and_then(|n| records.get(n)).map_or(1, |(_, number)| *number)
            }
        }
    }

    /// The customer's text for a fault in this block.
    pub(crate) fn error(&self, file: &str, header: &[String], fault: &Fault) -> ImportError {
        let line = self.line_at(fault.at);
        let column = fault.column.and_then(|c| header.get(c)).map(|name| format!(" column {name}")).unwrap_or_default();
        let called = match self.places {
            Places::Lines(_) => "line",
            Places::Numbered { called, .. } => called,
        };
        ImportError::Data(format!("{file} {called} {line}{column}: {}", fault.text))
    }
}
