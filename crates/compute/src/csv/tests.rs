use proptest::prelude::*;

use super::CsvReader;
use crate::ImportError;

/// All records of `bytes`, read in blocks that start at `block_bytes`.
fn records(bytes: &[u8], block_bytes: usize) -> Result<Vec<Vec<String>>, ImportError> {
    let mut reader = CsvReader::with_block_bytes(bytes, "t.csv", block_bytes)?;
    let header = reader.header.clone();
    let mut rows = vec![header.clone()];
    let (mut spans, mut scratch) = (Vec::new(), String::new());
    while let Some(block) = reader.next_block(Some(header.len()), &mut spans)? {
        let texts =
            |record: &[super::Span]| record.iter().map(|s| s.text(block.text, &mut scratch).to_owned()).collect();
        rows.extend(spans.chunks_exact(header.len()).map(texts).collect::<Vec<_>>());
        if let Some(fault) = &block.fault {
            return Err(block.error("t.csv", &header, fault));
        }
    }
    Ok(rows)
}

#[track_caller]
fn reads(text: &str, expected: &[&[&str]]) {
    for block_bytes in [1, 5, 64, 1 << 20] {
        match records(text.as_bytes(), block_bytes) {
            Ok(rows) => assert_eq!(rows, expected, "{text:?} in blocks of {block_bytes}"),
            Err(error) => panic!("{text:?} in blocks of {block_bytes}: {error}"),
        }
    }
}

#[track_caller]
fn fails(bytes: &[u8], expected: &str) {
    for block_bytes in [1, 5, 64, 1 << 20] {
        let message = records(bytes, block_bytes).map_err(|e| e.to_string());
        assert_eq!(
            message,
            Err(expected.to_owned()),
            "{:?} in blocks of {block_bytes}",
            String::from_utf8_lossy(bytes)
        );
    }
}

#[test]
fn headers_and_line_ends_of_every_kind() {
    reads("A,B\n1,2\n", &[&["A", "B"], &["1", "2"]]);
    reads("A,B\r\n1,2\r\n3,4", &[&["A", "B"], &["1", "2"], &["3", "4"]]);
    reads("\u{feff}A,B\n1,2", &[&["A", "B"], &["1", "2"]]);
    reads("\u{feff}\"A\", B \r\n1, 2 \r\n", &[&["A", "B"], &["1", " 2 "]]);
    reads("\n\nA,B\n\n1,2\r\n\r\n3,4\n\n", &[&["A", "B"], &["1", "2"], &["3", "4"]]);
    reads("A,B\n,\n", &[&["A", "B"], &["", ""]]);
    reads("A,B", &[&["A", "B"]]);
    reads("A,B\r\n1,x\ry\r\n", &[&["A", "B"], &["1", "x\ry"]]);
}

#[test]
fn quoting_of_both_traditions() {
    reads("A,B\n\"x,y\",\"\"\n", &[&["A", "B"], &["x,y", ""]]);
    reads("A,B\n\"say \"\"hi\"\"\",2\n", &[&["A", "B"], &["say \"hi\"", "2"]]);
    reads(
        r#"A,B
"say \"hi\"","C:\\temp\new"
"#,
        &[&["A", "B"], &["say \"hi\"", r"C:\temp\new"]],
    );
    reads(
        "A,B\n\"two\nlines\",\"three\r\nmore\n\"\r\nx,y",
        &[&["A", "B"], &["two\nlines", "three\r\nmore\n"], &["x", "y"]],
    );
    reads("A,B\nback\\slash,\\\n", &[&["A", "B"], &["back\\slash", "\\"]]);
    reads("A,B\n\"\"\"\",\"\\\\\"\n", &[&["A", "B"], &["\"", "\\"]]);
    reads("A,B\n\"é\\\"ü\",日本\n", &[&["A", "B"], &["é\"ü", "日本"]]);
}

#[test]
fn complaints_name_the_line_where_the_value_begins() {
    fails(b"", "t.csv: the file is empty; its first line must name the columns");
    fails(b"\n\n", "t.csv: the file is empty; its first line must name the columns");
    fails(b"A,B,A\n", "t.csv line 1: column 'A' occurs twice in the header; names must be unique");
    fails(b"A,B\n1,2\n\n3\n", "t.csv line 4: the row has 1 value; the header has 2 columns");
    fails(b"A,B\n1,2,3\n", "t.csv line 2: the row has 3 values; the header has 2 columns");
    fails(
        b"A,B\n\"x\ny\",1\n2,5\" pipe\n",
        "t.csv line 4 column B: '5\"' has a quote inside an unquoted value; enclose the whole value in quotes and double the inner quote",
    );
    fails(
        b"A,B\n1,\"a\"b\n",
        "t.csv line 2 column B: '\"a\"b' has text after its closing quote; double a quote that belongs to the value",
    );
    fails(b"A,B\n1,2\n3,\"open\n4,5\n", "t.csv line 3 column B: '\"open 4,5 ' has no closing quote");
    fails(b"A,B\n1,\"ends in a backslash\\", "t.csv line 2 column B: '\"ends in a backslash\\ ' has no closing quote");
    fails(b"A,B\n1,caf\xe9\n", "t.csv line 2 column B: byte e9 is not UTF-8; save the file in UTF-8");
    fails(b"A,B\n1,2\n\"\n\xff\",3\n", "t.csv line 3 column A: byte ff is not UTF-8; save the file in UTF-8");
    fails(b"\xff\xfeA\0,\0B\0\n\0", "t.csv: the file looks like UTF-16; it must be CSV, plain text in UTF-8");
    fails(b"\xffA,B\n", "t.csv line 1: byte ff is not UTF-8; save the file in UTF-8");
}

#[test]
fn a_missing_quote_does_not_swallow_a_large_file() {
    let mut text = b"A,B\n1,2\n3,\"".to_vec();
    text.resize((16 << 20) + 100, b'x');
    text.extend(b"\n".repeat(5 << 20));
    let message = records(&text, 1 << 20).map_err(|e| e.to_string());
    assert_eq!(
        message,
        Err("t.csv line 3 column B: the value is longer than 16 MiB; a closing quote may be missing".into())
    );
}

proptest! {
    /// Text that means the same in RFC 4180 is read as the `csv` crate reads it, wherever blocks end.
    #[test]
    fn agrees_with_the_csv_crate(
        rows in prop::collection::vec(prop::collection::vec("[a,\"\n\r é|]{0,6}", 3), 1..12),
        crlf in any::<bool>(),
        always in any::<bool>(),
        block_bytes in 1usize..40,
    ) {
        let mut writer = csv::WriterBuilder::new()
            .terminator(if crlf { csv::Terminator::CRLF } else { csv::Terminator::Any(b'\n') })
            .quote_style(if always { csv::QuoteStyle::Always } else { csv::QuoteStyle::Necessary })
            .from_writer(Vec::new());
        writer.write_record(["A", "B", "C"])?;
        for row in &rows {
            writer.write_record(row)?;
        }
        let text = writer.into_inner().map_err(|e| TestCaseError::fail(e.to_string()))?;
        let read = records(&text, block_bytes).map_err(|e| TestCaseError::fail(e.to_string()))?;
        prop_assert_eq!(&read[1..], &rows[..]);
    }

    /// Whatever the bytes: records of one width or a complaint, the same for every size of block, and no panic.
    #[test]
    fn any_bytes_are_read_or_refused(bytes in prop::collection::vec(prop::sample::select(b"ab,,\"\"\\\\\n\n\r\xc3\xa9".to_vec()), 0..60)) {
        let whole = records(&bytes, 1 << 16).map_err(|e| e.to_string());
        for block_bytes in [1, 7, 16] {
            prop_assert_eq!(&records(&bytes, block_bytes).map_err(|e| e.to_string()), &whole);
        }
    }
}
