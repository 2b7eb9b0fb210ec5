//! Formats of files by their first bytes, to tell people what they have given instead of text.

/// Bytes of a file's beginning that tell its format.
pub const FIRST_BYTES: usize = 4096;

/// The formats that are no text in UTF-8, by the bytes that they begin with.
const BINARY: &[(&[u8], &str)] = &[
    (b"\x1f\x8b", "gzip"),
    (b"PAR1", "Parquet"),
    (b"ORC", "ORC"),
    (b"Obj\x01", "Avro"),
    (b"PK\x03\x04", "ZIP or an Excel workbook"),
    (b"\x28\xb5\x2f\xfd", "zstd"),
    (b"BZh", "bzip2"),
    (b"\xfd7zXZ\x00", "xz"),
    (b"7z\xbc\xaf\x27\x1c", "7-Zip"),
    (b"\x04\x22\x4d\x18", "LZ4"),
    (b"\xff\x06\x00\x00sNaPpY", "Snappy"),
    (b"ARROW1", "Arrow or Feather"),
    (b"\xd0\xcf\x11\xe0", "an old Excel workbook"),
    (b"SQLite format 3\x00", "an SQLite database"),
    (b"%PDF", "PDF"),
    (b"\xff\xfe\x00\x00", "UTF-32"),
    (b"\x00\x00\xfe\xff", "UTF-32"),
    (b"\xff\xfe", "UTF-16"),
    (b"\xfe\xff", "UTF-16"),
];

/// The format of a file that is no text in UTF-8; `None` for text, as far as the first bytes tell.
pub fn looks_binary(first: &[u8]) -> Option<&'static str> {
    // Two of these could begin the name of a column.
    let found = BINARY.iter().find(|(magic, _)| first.starts_with(magic)).map(|(_, name)| *name);
    match found {
        Some("ORC" | "bzip2") if is_text(first) => None,
        Some(name) => Some(name),
        None => is_utf_16(first).then_some("UTF-16"),
    }
}

/// The format of a text that begins as no CSV does.
pub(crate) fn looks_structured(first: &str) -> Option<&'static str> {
    match first.trim_start().chars().next() {
        Some('{' | '[') => Some("JSON"),
        Some('<') => Some("XML or HTML"),
        _ => None,
    }
}

/// The format of a text with this first line that is no CSV with commas.
pub(crate) fn looks_other(line: &str) -> Option<&'static str> {
    let structured = looks_structured(line);
    if structured.is_some() || line.contains(',') {
        return structured;
    }
    let separators = [
        (';', "CSV with semicolons between its values, where commas are needed"),
        ('\t', "CSV with tabs between its values, where commas are needed"),
        ('|', "CSV with '|' between its values, where commas are needed"),
    ];
    separators.into_iter().find(|(separator, _)| line.contains(*separator)).map(|(_, looks)| looks)
}

/// Whether the lines of a file's beginning end in CR alone.
pub(crate) fn has_cr_line_ends(first: &[u8]) -> bool {
    // What follows a CR at the end is not known.
    let known = first.split_last().map_or(first, |(_, known)| known);
    known.contains(&b'\r') && !first.contains(&b'\n')
}

/// Text without a byte-order mark: letters of Latin scripts leave every second byte zero.
fn is_utf_16(first: &[u8]) -> bool {
    let zeros = |from: usize| first.iter().skip(from).step_by(2).filter(|byte| **byte == 0).count();
    let half = first.len() / 2;
    half >= 4 && (zeros(0).max(zeros(1)) * 4 >= half * 3) && zeros(0).min(zeros(1)) == 0
}

fn is_text(first: &[u8]) -> bool {
    !first.iter().any(|byte| *byte == 0 || *byte >= 0x80 || (*byte < 0x20 && !matches!(byte, b'\t' | b'\r' | b'\n')))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn utf_16(text: &str) -> Vec<u8> {
        text.encode_utf16().flat_map(u16::to_le_bytes).collect()
    }

    #[test]
    fn formats_are_known_by_their_first_bytes() {
        for (first, expected) in [
            (&b"\x1f\x8b\x08\x00"[..], Some("gzip")),
            (b"PAR1\x15\x04", Some("Parquet")),
            (b"ORC\x0a\x03\x00", Some("ORC")),
            (b"Obj\x01\x04\x14avro.codec", Some("Avro")),
            (b"PK\x03\x04\x14\x00", Some("ZIP or an Excel workbook")),
            (b"\x28\xb5\x2f\xfd\x04", Some("zstd")),
            (b"BZh91AY&SY\xb1", Some("bzip2")),
            (b"\xff\xfeU\x00S\x00", Some("UTF-16")),
            (b"\xfe\xff\x00U\x00S", Some("UTF-16")),
            (b"\xff\xfe\x00\x00U\x00\x00\x00", Some("UTF-32")),
            (&utf_16("USER_ID,ITEM_ID"), Some("UTF-16")),
            (&utf_16("USER_ID,ITEM_ID")[1..], Some("UTF-16")),
            (b"a\x00b", None),
            (b"ORCHARD,ITEM_ID\n", None),
            (b"BZh,ITEM_ID\n", None),
            (b"USER_ID,ITEM_ID\n", None),
            (b"\xef\xbb\xbfUSER_ID\n", None),
            (b"", None),
        ] {
            assert_eq!(looks_binary(first), expected, "{first:?}");
        }
    }

    #[test]
    fn texts_that_are_no_csv() {
        for (first, expected) in [
            ("{\"userId\": \"1\"}\n", Some("JSON")),
            (" [\n", Some("JSON")),
            ("<html>", Some("XML or HTML")),
            ("USER_ID;ITEM_ID\n", Some("CSV with semicolons between its values, where commas are needed")),
            ("USER_ID\tITEM_ID\n", Some("CSV with tabs between its values, where commas are needed")),
            ("USER_ID|ITEM_ID\n", Some("CSV with '|' between its values, where commas are needed")),
            ("USER_ID,A;B\n", None),
            ("USER_ID\n", None),
        ] {
            assert_eq!(looks_other(first), expected, "{first:?}");
        }
        assert!(has_cr_line_ends(b"a,b\r1,2\r") && !has_cr_line_ends(b"a,b\r\n") && !has_cr_line_ends(b"a,b\r"));
    }
}
