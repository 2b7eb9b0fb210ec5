//! Reading of `multipart/form-data`: small fields first, then the file as a stream.

use bytes::{Bytes, BytesMut};
use futures::TryStreamExt;
use s3s::{S3ErrorCode, StdError};

use crate::declared::{BodyFault, RawBody};
use crate::limits::FORM_FIELDS_BYTES_MAX;

/// Bytes that a boundary may have: RFC 2046's limit.
const BOUNDARY_BYTES_MAX: usize = 70;

/// The fields before the file, in their order; names are in lower case.
#[derive(Debug, Default)]
pub(crate) struct Fields(Vec<(String, String)>);

impl Fields {
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }

    fn push(&mut self, name: String, value: String) -> Result<(), BodyFault> {
        if self.get(&name).is_some() {
            return Err(malformed(format!("the field {name:?} is given twice")));
        }
        self.0.push((name, value));
        Ok(())
    }
}

/// The file of a form.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct FileHead {
    /// The name of the file on the client's side.
    pub(crate) name: String,
    pub(crate) content_type: Option<String>,
}

/// A form that is being read.
pub(crate) struct FormReader {
    body: RawBody,
    buffer: BytesMut,
    /// CR LF, two hyphens, the boundary.
    delimiter: Vec<u8>,
    /// Bytes that were taken out of the buffer.
    taken: usize,
    /// The place at which the search for the delimiter goes on, so that bytes are looked at once.
    searched: usize,
}

impl FormReader {
    pub(crate) fn new(body: RawBody, content_type: &str) -> Result<Self, BodyFault> {
        let boundary = boundary(content_type).ok_or_else(|| malformed("its Content-Type has no boundary"))?;
        // The first delimiter has no line before it.
        let buffer = BytesMut::from(&b"\r\n"[..]);
        Ok(Self { body, buffer, delimiter: format!("\r\n--{boundary}").into_bytes(), taken: 0, searched: 0 })
    }

    /// Reads the fields, up to the file; they may have [`FORM_FIELDS_BYTES_MAX`] bytes together.
    pub(crate) async fn fields(&mut self) -> Result<(Fields, FileHead), BodyFault> {
        let mut fields = Fields::default();
        self.value().await?;
        loop {
            let line = self.line().await?;
            if line.starts_with(b"--") {
                return Err(malformed("it has no field \"file\""));
            }
            if !line.trim_ascii().is_empty() {
                return Err(malformed("text follows a boundary"));
            }
            let (mut name, mut file) = (None, FileHead::default());
            loop {
                let line = self.line().await?;
                if line.is_empty() {
                    break;
                }
                let line = String::from_utf8(line).map_err(|_| malformed("the head of a field is not text"))?;
                let Some((header, value)) = line.split_once(':') else {
                    return Err(malformed(format!("{line:?} is no header")));
                };
                if header.eq_ignore_ascii_case("content-disposition") {
                    name = parameter(value, "name");
                    file.name = parameter(value, "filename").unwrap_or_default();
                } else if header.eq_ignore_ascii_case("content-type") {
                    file.content_type = Some(value.trim().to_owned());
                }
            }
            let name = name.ok_or_else(|| malformed("a field has no name"))?.to_ascii_lowercase();
            if name == "file" {
                self.check_len(0)?;
                return Ok((fields, file));
            }
            let value = String::from_utf8(self.value().await?);
            fields.push(name, value.map_err(|_| malformed("the value of a field is not text"))?)?;
        }
    }

    /// The bytes up to the next delimiter, which is taken as well.
    async fn value(&mut self) -> Result<Vec<u8>, BodyFault> {
        loop {
            if let Some(at) = self.find_delimiter() {
                let value = self.take(at).to_vec();
                self.take(self.delimiter.len());
                return Ok(value);
            }
            self.more_of_fields().await?;
        }
    }

    /// The next line without its end.
    async fn line(&mut self) -> Result<Vec<u8>, BodyFault> {
        let mut looked = 0;
        loop {
            if let Some(at) = self.buffer[looked..].windows(2).position(|two| two == b"\r\n") {
                let line = self.take(looked + at).to_vec();
                self.take(2);
                return Ok(line);
            }
            looked = self.buffer.len().saturating_sub(1);
            self.more_of_fields().await?;
        }
    }

    async fn more_of_fields(&mut self) -> Result<(), BodyFault> {
        self.check_len(self.buffer.len())?;
        if self.more().await? {
            return Ok(());
        }
        Err(malformed("it ended before its file"))
    }

    fn check_len(&self, waiting: usize) -> Result<(), BodyFault> {
        if self.taken + waiting <= FORM_FIELDS_BYTES_MAX {
            return Ok(());
        }
        let message = format!(
            "Your POST request fields preceding the upload file were too large; at most {FORM_FIELDS_BYTES_MAX} bytes are taken."
        );
        Err(BodyFault::new(S3ErrorCode::MaxPostPreDataLengthExceededError, message))
    }

    /// Reads on; `false` at the end of the body.
    async fn more(&mut self) -> Result<bool, BodyFault> {
        let Some(bytes) = self.body.try_next().await.map_err(BodyFault::of)? else { return Ok(false) };
        self.buffer.extend_from_slice(&bytes);
        Ok(true)
    }

    fn find_delimiter(&mut self) -> Option<usize> {
        let delimiter = &self.delimiter[..];
        let mut from = self.searched;
        while let Some(at) = self.buffer[from..].iter().position(|byte| *byte == b'\r') {
            let rest = &self.buffer[from + at..];
            if rest.starts_with(delimiter) {
                return Some(from + at);
            }
            if delimiter.starts_with(rest) {
                self.searched = from + at;
                return None;
            }
            from += at + 1;
        }
        self.searched = self.buffer.len();
        None
    }

    fn take(&mut self, len: usize) -> Bytes {
        self.taken += len;
        self.searched = 0;
        self.buffer.split_to(len).freeze()
    }

    /// The bytes of the file, which follow [`FormReader::fields`]. They end without an error only at the delimiter.
    pub(crate) fn file(self) -> RawBody {
        Box::pin(futures::stream::try_unfold(Some(self), |reader| async move {
            let Some(mut reader) = reader else { return Ok(None) };
            loop {
                if let Some(at) = reader.find_delimiter() {
                    return Ok(Some((reader.take(at), None)));
                }
                // What may be the beginning of a delimiter waits.
                if reader.searched > 0 {
                    let bytes = reader.take(reader.searched);
                    return Ok(Some((bytes, Some(reader))));
                }
                match reader.more().await {
                    Ok(true) => {}
                    Ok(false) => {
                        let fault = BodyFault::incomplete("The form ended within its file.");
                        return Err(Box::new(fault) as StdError);
                    }
                    Err(fault) => return Err(Box::new(fault) as StdError),
                }
            }
        }))
    }

    /// The unread rest of the body.
    pub(crate) fn into_rest(self) -> RawBody {
        self.body
    }
}

fn malformed(message: impl std::fmt::Display) -> BodyFault {
    BodyFault::new(
        S3ErrorCode::MalformedPOSTRequest,
        format!("The body is no well-formed multipart/form-data: {message}."),
    )
}

fn boundary(content_type: &str) -> Option<String> {
    parameter(content_type, "boundary").filter(|boundary| (1..=BOUNDARY_BYTES_MAX).contains(&boundary.len()))
}

/// A parameter of a header's value, such as `name` in `form-data; name="a"; filename="b"`.
fn parameter(value: &str, wanted: &str) -> Option<String> {
    let mut rest = value.split_once(';')?.1;
    loop {
        let (name, after) = rest.split_once('=')?;
        let after = after.trim_start();
        let (found, behind) = match after.strip_prefix('"') {
            Some(quoted) => quoted_text(quoted),
            None => {
                let end = after.find(';').unwrap_or(after.len());
                (after[..end].trim().to_owned(), &after[end..])
            }
        };
        if name.trim().eq_ignore_ascii_case(wanted) {
            return Some(found);
        }
        rest = behind.split_once(';')?.1;
    }
}

/// The text up to the closing quotation mark, and what is behind it. A backslash escapes a quotation mark and nothing else,
/// since browsers send the paths of Windows as they are.
fn quoted_text(quoted: &str) -> (String, &str) {
    let mut text = String::new();
    let mut chars = quoted.char_indices().peekable();
    while let Some((at, char)) = chars.next() {
        match char {
            '"' => return (text, &quoted[at + 1..]),
            '\\' if chars.peek().is_some_and(|(_, next)| *next == '"') => {
                text.push('"');
                chars.next();
            }
            other => text.push(other),
        }
    }
    (text, "")
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures::StreamExt;

    /// A form whose body has these chunks, and then silence.
    fn stalled(chunks: &'static [&'static str]) -> FormReader {
        let chunks = futures::stream::iter(chunks).map(|chunk| Ok(Bytes::from_static(chunk.as_bytes())));
        let body = Box::pin(chunks.chain(futures::stream::pending()));
        FormReader::new(body, "multipart/form-data; boundary=XX").expect("a boundary")
    }

    #[tokio::test]
    async fn a_file_is_handed_on_as_it_comes() {
        let head = "--XX\r\nContent-Disposition: form-data; name=\"file\"\r\n\r\n";
        for (chunks, expected) in [
            (&["first", "second"][..], &["first", "second"][..]),
            (&["a\rb", "\r\n--X", "Y"], &["a\rb", "\r\n--XY"]),
            (&["ab\r", "\n--XX"], &["ab", ""]),
            (&["ab\r\n-", "c", "\r"], &["ab", "\r\n-c"]),
        ] {
            let chunks: Vec<&'static str> = std::iter::once(head).chain(chunks.iter().copied()).collect();
            let mut reader = stalled(chunks.leak());
            reader.fields().await.expect("fields");
            let file: Vec<_> = reader.file().take(expected.len()).map(|bytes| bytes.expect("bytes")).collect().await;
            assert_eq!(file, expected);
        }
    }

    #[test]
    fn parameters_are_found_whatever_stands_around() {
        for (value, wanted, found) in [
            (r#"form-data; name="a"; filename="b""#, "filename", Some("b")),
            (r#"form-data; name="a"; filename="b""#, "name", Some("a")),
            (r#"form-data; name="a"; filename="b""#, "other", None),
            (r#"form-data; name="x; filename=y"; filename=z"#, "filename", Some("z")),
            ("form-data; Name = plain ; x=1", "name", Some("plain")),
            (r#"form-data; name="a\"b\\c""#, "name", Some(r#"a"b\\c"#)),
            (r#"form-data; name="open\"#, "name", Some(r"open\")),
            ("form-data", "name", None),
            ("form-data; name", "name", None),
        ] {
            assert_eq!(parameter(value, wanted).as_deref(), found, "{value}");
        }
    }

    #[test]
    fn a_boundary_has_one_to_seventy_bytes() {
        for (bytes, taken) in [(0, false), (1, true), (70, true), (71, false)] {
            let value = format!("multipart/form-data; boundary={}", "b".repeat(bytes));
            assert_eq!(boundary(&value).is_some(), taken, "{bytes}");
        }
    }
}
