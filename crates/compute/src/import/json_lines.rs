//! JSON Lines as records: an object a line, its members found by the names of the schema's columns.

use std::fmt;
use std::io::{BufRead, BufReader, Read};

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;
use tastemaker_domain::schema::Schema;

use crate::ImportError;
use crate::csv::{Block, Fault, Places, RecordReader, Span, shown};

/// Bytes of text of a block.
const BLOCK_BYTES: usize = 1 << 20;
/// Bytes of one line.
const LINE_BYTES_MAX: u64 = 16 << 20;

/// A file with an object a line.
pub(super) struct JsonLines<R> {
    input: BufReader<R>,
    file: String,
    /// The columns.
    header: Vec<String>,
    /// The values of a block, one behind the other.
    text: String,
    records: Vec<(usize, u64)>,
    line: u64,
    bytes: u64,
    raw: Vec<u8>,
    /// By column: the member that the present line has for it.
    values: Vec<Option<String>>,
}

impl<R: Read> JsonLines<R> {
    pub(super) fn open(source: R, file: &str, schema: &Schema) -> Self {
        Self::with_columns(source, file, schema.fields.iter().map(|field| field.name.clone()).collect())
    }

    /// With the members of these names.
    pub(super) fn with_columns(source: R, file: &str, header: Vec<String>) -> Self {
        Self {
            input: BufReader::with_capacity(1 << 16, source),
            file: file.to_owned(),
            values: vec![None; header.len()],
            header,
            text: String::new(),
            records: Vec::new(),
            line: 0,
            bytes: 0,
            raw: Vec::new(),
        }
    }

    /// The next line that is not empty, in `raw`; `false` at the end.
    fn next_line(&mut self) -> Result<Result<bool, Fault>, ImportError> {
        loop {
            self.raw.clear();
            let read = self.input.by_ref().take(LINE_BYTES_MAX).read_until(b'\n', &mut self.raw)?;
            if read == 0 {
                return Ok(Ok(false));
            }
            self.line += 1;
            self.bytes += read as u64;
            if read as u64 == LINE_BYTES_MAX && !self.raw.ends_with(b"\n") {
                let text = format!("the line is longer than {} MiB", LINE_BYTES_MAX >> 20);
                return Ok(Err(Fault { at: self.text.len(), column: None, text }));
            }
            if self.line == 1 && self.raw.starts_with(b"\xEF\xBB\xBF") {
                self.raw.drain(..3);
            }
            if !self.raw.trim_ascii().is_empty() {
                return Ok(Ok(true));
            }
        }
    }

    /// Appends the present line's values to the block, or says what is wrong with it.
    fn take(&mut self, spans: &mut Vec<Span>) -> Result<(), Fault> {
        let at = self.text.len();
        let whole = |text: String| Fault { at, column: None, text };
        let line = std::str::from_utf8(self.raw.trim_ascii()).map_err(|error| {
            let byte = self.raw.trim_ascii().get(error.valid_up_to()).copied().unwrap_or_default();
            whole(format!("byte {byte:02x} is not UTF-8; save the file in UTF-8"))
        })?;
        let Members(members) = serde_json::from_str(line)
            .map_err(|error| whole(format!("{} is no object of JSON in one line ({error})", shown(line))))?;
        self.values.fill(None);
        for (name, value) in members {
            let Some(column) = position(&self.header, &name) else { continue };
            let text = text_of(value.get()).map_err(|text| Fault { at, column: Some(column), text })?;
            if self.values[column].replace(text).is_some() {
                return Err(Fault {
                    at,
                    column: Some(column),
                    text: format!("{} occurs twice in the object", shown(&name)),
                });
            }
        }
        for value in &self.values {
            let begin = self.text.len();
            self.text.push_str(value.as_deref().unwrap_or_default());
            spans.push(Span::plain(begin, self.text.len()));
        }
        // So that no two records begin at the same place.
        self.text.push('\n');
        Ok(())
    }
}

impl<R: Read> RecordReader for JsonLines<R> {
    fn header(&self) -> &[String] {
        &self.header
    }

    fn file(&self) -> &str {
        &self.file
    }

    fn looks(&self) -> String {
        String::new()
    }

    fn bytes(&self) -> u64 {
        self.bytes
    }

    fn next_records(&mut self, spans: &mut Vec<Span>) -> Result<Option<Block<'_>>, ImportError> {
        spans.clear();
        self.text.clear();
        self.records.clear();
        let (mut rows, mut fault) = (0, None);
        while fault.is_none() && self.text.len() < BLOCK_BYTES {
            let line = self.next_line()?;
            self.records.push((self.text.len(), self.line));
            match line {
                Ok(false) => break,
                Ok(true) => match self.take(spans) {
                    Ok(()) => rows += 1,
                    Err(wrong) => fault = Some(wrong),
                },
                Err(wrong) => fault = Some(wrong),
            }
        }
        if rows == 0 && fault.is_none() {
            return Ok(None);
        }
        let places = Places::Numbered { called: "line", records: &self.records };
        Ok(Some(Block { text: &self.text, places, rows, fault }))
    }

    fn skip_fault(&mut self) -> Result<(), ImportError> {
        // The line is read already, unless it is too long for that.
        while self.raw.len() as u64 == LINE_BYTES_MAX && !self.raw.ends_with(b"\n") {
            self.raw.clear();
            self.bytes += self.input.by_ref().take(LINE_BYTES_MAX).read_until(b'\n', &mut self.raw)? as u64;
        }
        Ok(())
    }
}

/// The names of the members of the first objects, in the order in which they come; lines that are no objects have none.
pub(super) fn member_names(text: &str, lines_max: usize, names_max: usize) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for line in text.trim_start_matches('\u{feff}').lines().take(lines_max) {
        let Ok(Members(members)) = serde_json::from_str(line.trim()) else { continue };
        for (name, _) in members {
            if names.len() < names_max && !names.contains(&name) {
                names.push(name);
            }
        }
    }
    names
}

/// The column of a member, in any case of letters if none is called exactly so.
fn position(header: &[String], name: &str) -> Option<usize> {
    let exact = header.iter().position(|column| column == name);
    exact.or_else(|| header.iter().position(|column| column.eq_ignore_ascii_case(name)))
}

/// A value as a field of CSV has it.
fn text_of(json: &str) -> Result<String, String> {
    let wrong = |_| format!("{} cannot be read", shown(json));
    match json.as_bytes().first() {
        Some(b'"') => serde_json::from_str(json).map_err(wrong),
        Some(b'n') => Ok(String::new()),
        Some(b'[') => {
            let parts: Vec<&RawValue> = serde_json::from_str(json).map_err(wrong)?;
            let texts = parts.iter().map(|part| match part.get().as_bytes().first() {
                Some(b'[' | b'{' | b'n') => {
                    Err(format!("{} must have only texts, numbers and booleans in its array", shown(json)))
                }
                _ => text_of(part.get()),
            });
            Ok(texts.collect::<Result<Vec<_>, _>>()?.join("|"))
        }
        Some(b'{') => Err(format!("{} must be a text, a number, a boolean, null or an array of these", shown(json))),
        // Numbers keep the digits they were written with.
        _ => Ok(json.to_owned()),
    }
}

/// The members of an object in their order, those of one name too.
struct Members<'a>(Vec<(String, &'a RawValue)>);

impl<'de: 'a, 'a> Deserialize<'de> for Members<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Object;

        impl<'de> Visitor<'de> for Object {
            type Value = Vec<(String, &'de RawValue)>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut members = Vec::new();
                while let Some(member) = map.next_entry()? {
                    members.push(member);
                }
                Ok(members)
            }
        }

        deserializer.deserialize_map(Object).map(Members)
    }
}
