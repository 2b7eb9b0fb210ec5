//! Every format of file gives the rows and the complaints of a CSV with the same values.

use std::io::Write as _;
use std::sync::Arc;

use arrow_array::builder::{ListBuilder, StringBuilder};
use arrow_array::{ArrayRef, BinaryArray, BooleanArray, Float64Array, Int64Array, RecordBatch, StringArray};
use bytes::Bytes;
use parquet::arrow::ArrowWriter;

use super::*;
use crate::{Cell, ParquetRows, Rows as _};

fn schema() -> Schema {
    let fields = r#"{"name":"USER_ID","type":"string"},{"name":"ITEM_ID","type":"string"},{"name":"TIMESTAMP","type":"long"},
        {"name":"EVENT_VALUE","type":["null","float"]},{"name":"TAGS","type":["null","string"],"categorical":true},
        {"name":"RATING","type":["null","int"]},{"name":"LIKED","type":["null","boolean"]}"#;
    Schema::parse(&format!(r#"{{"type":"record","name":"Interactions","fields":[{fields}]}}"#), None).unwrap()
}

/// The rows of a file as lines, and the totals.
fn import_as(bytes: &[u8], name: &str, strict: bool) -> Result<(Vec<String>, Totals), String> {
    let (schema, mut parquet) = (schema(), Vec::new());
    let again = || Ok(Bytes::copy_from_slice(bytes));
    let rules = ImportRules { until_s: None, strict };
    let import =
        FileImport { file_name: name, schema: &schema, rules: &rules, progress: &|_, _| {}, cancelled: &|| false };
    let totals = import_file(bytes, again, &mut parquet, &import);
    let totals = totals.map_err(|error| error.to_string())?;
    let (parquet, mut rows) = (Bytes::from(parquet), Vec::new());
    let mut source = ParquetRows { schema: &schema, files: Box::new(|| Ok(vec![parquet.clone()])) };
    source
        .each(&mut |cells: &[Cell<'_>]| {
            rows.push(format!("{cells:?}"));
            Ok(())
        })
        .unwrap();
    Ok((rows, totals))
}

fn rows(bytes: &[u8]) -> Vec<String> {
    import_as(bytes, "f", true).unwrap().0
}

fn refusal(bytes: &[u8]) -> String {
    import_as(bytes, "f", true).unwrap_err()
}

const CSV: &str = "USER_ID,ITEM_ID,TIMESTAMP,EVENT_VALUE,TAGS,RATING,LIKED,other\n\
    u1,i1,1600000000,3.70,a|b,5,true,x\n\
    zoë,\"i,2\",1600000001,,,,false,y\n\
    u1,i3,1600000002,1,,4,,z\n";

const LINES: &str = "{\"USER_ID\":\"u1\",\"ITEM_ID\":\"i1\",\"TIMESTAMP\":1600000000,\"EVENT_VALUE\":3.70,\"TAGS\":[\"a\",\"b\"],\"RATING\":5,\"LIKED\":true,\"other\":{\"x\":[1]}}\n\
    \n\
    { \"LIKED\": false, \"item_id\": \"i,2\", \"User_Id\": \"zo\\u00eb\", \"TIMESTAMP\": \"1600000001\", \"RATING\": null }\r\n\
    {\"USER_ID\":\"u1\",\"ITEM_ID\":\"i3\",\"TIMESTAMP\":1600000002,\"EVENT_VALUE\":1,\"RATING\":4}";

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut writer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    writer.write_all(bytes).unwrap();
    writer.finish().unwrap()
}

fn zstd(bytes: &[u8]) -> Vec<u8> {
    zstd::encode_all(bytes, 3).unwrap()
}

fn parquet(columns: Vec<(&str, ArrayRef)>) -> Vec<u8> {
    let batch = RecordBatch::try_from_iter_with_nullable(columns.into_iter().map(|(n, c)| (n, c, true))).unwrap();
    let mut bytes = Vec::new();
    let mut writer = ArrowWriter::try_new(&mut bytes, batch.schema(), None).unwrap();
    writer.write(&batch).unwrap();
    writer.close().unwrap();
    bytes
}

fn columns() -> Vec<(&'static str, ArrayRef)> {
    let mut tags = ListBuilder::new(StringBuilder::new());
    tags.append_value([Some("a"), Some("b")]);
    tags.append_value([None::<&str>; 0]);
    tags.append_null();
    vec![
        ("LIKED", Arc::new(BooleanArray::from(vec![Some(true), Some(false), None]))),
        ("TAGS", Arc::new(tags.finish())),
        ("USER_ID", Arc::new(StringArray::from(vec!["u1", "zoë", "u1"]))),
        ("ITEM_ID", Arc::new(StringArray::from(vec!["i1", "i,2", "i3"]))),
        ("TIMESTAMP", Arc::new(Int64Array::from(vec![1_600_000_000, 1_600_000_001, 1_600_000_002]))),
        ("RATING", Arc::new(Float64Array::from(vec![Some(5.0), None, Some(4.0)]))),
        ("EVENT_VALUE", Arc::new(StringArray::from(vec![Some("3.70"), None, Some("1")]))),
        ("other", Arc::new(BinaryArray::from(vec![&b"x"[..], b"y", b"z"]))),
    ]
}

#[test]
fn every_format_gives_the_rows_of_the_csv() {
    let expected = rows(CSV.as_bytes());
    assert_eq!(expected.len(), 3);
    assert_eq!(
        expected[0],
        r#"[Text("u1"), Text("i1"), Integer(1600000000), Number(3.7), Text("a|b"), Integer(5), Boolean(true)]"#
    );
    let bom = format!("\u{feff}{LINES}");
    let table = parquet(columns());
    for (what, bytes) in [
        ("gzip", gzip(CSV.as_bytes())),
        ("zstd", zstd(CSV.as_bytes())),
        ("JSON Lines", LINES.as_bytes().to_vec()),
        ("JSON Lines of Windows", bom.into_bytes()),
        ("JSON Lines in gzip", gzip(LINES.as_bytes())),
        ("JSON Lines in zstd", zstd(LINES.as_bytes())),
        ("Parquet", table),
    ] {
        assert_eq!(rows(&bytes), expected, "{what}");
    }
}

/// `fixtures/interactions.py` made the file.
#[test]
fn a_file_of_pyarrow_is_read() {
    let found = rows(include_bytes!("../../fixtures/interactions.parquet"));
    let plain = CSV.replace("3.70", "3.7");
    assert_eq!(found, rows(plain.as_bytes()));
}

#[test]
fn complaints_name_file_line_or_row_column_and_value() {
    let line = |text: &str| refusal(format!("{}\n\n{text}\n", LINES.lines().next().unwrap()).as_bytes());
    let good = r#""USER_ID":"u","ITEM_ID":"i","TIMESTAMP":1"#;
    for (text, expected) in [
        (r#"{"ITEM_ID":"i","TIMESTAMP":1}"#.to_owned(), "f line 3 column USER_ID: '' must not be empty"),
        (
            r#"{"USER_ID":"u","ITEM_ID":"i","TIMESTAMP":"now"}"#.to_owned(),
            "f line 3 column TIMESTAMP: 'now' must be a long",
        ),
        (format!("{{{good},\"RATING\":1.5}}"), "f line 3 column RATING: '1.5' must be an int"),
        (format!("{{{good},\"TAGS\":{{}}}}"), "f line 3 column TAGS: '{}' must be a text, a number"),
        (format!("{{{good},\"TAGS\":[[1]]}}"), "f line 3 column TAGS: '[[1]]' must have only texts"),
        (format!("{{{good},\"user_id\":\"v\"}}"), "f line 3 column USER_ID: 'user_id' occurs twice"),
        ("[1]".to_owned(), "f line 3: '[1]' is no object of JSON in one line"),
        ("{\"USER_ID\":".to_owned(), "f line 3: '{\"USER_ID\":' is no object of JSON in one line"),
        ("u,i,1".to_owned(), "f line 3: 'u,i,1' is no object of JSON in one line"),
    ] {
        let found = line(&text);
        assert!(found.starts_with(expected), "{text}: {found}");
    }
    let broken = gzip(CSV.replace("1600000002", "soon").as_bytes());
    assert!(refusal(&broken).starts_with("f line 4 column TIMESTAMP: 'soon' must be a long"));

    let mut odd = columns();
    odd[4].1 = Arc::new(StringArray::from(vec!["1600000000", "1600000001", "soon"]));
    assert!(refusal(&parquet(odd)).starts_with("f row 3 column TIMESTAMP: 'soon' must be a long"));
    let mut odd = columns();
    odd.remove(3);
    assert!(
        refusal(&parquet(odd))
            .starts_with("f: the header lacks the columns [ITEM_ID] of the schema; found [LIKED, TAGS,")
    );
    let mut odd = columns();
    odd[1].1 = Arc::new(BinaryArray::from(vec![&b"x"[..], b"y", b"z"]));
    let found = refusal(&parquet(odd));
    assert!(
        found.starts_with("f row 1 column TAGS: the column has the type Binary; it must be text, a number"),
        "{found}"
    );
    let whole = parquet(columns());
    for cut in [8, whole.len() / 2, whole.len() - 1] {
        let found = refusal(&whole[..cut]);
        assert!(found.starts_with("f: the file begins as Parquet and cannot be read"), "{found}");
    }
    assert!(refusal(&gzip(&whole)).contains("looks like Parquet"), "packed Parquet is told");
}

#[test]
fn values_that_break_a_rule_are_left_out_and_counted_in_every_format() {
    let lines = LINES.replace("\"RATING\":5", "\"RATING\":\"five\"");
    for (bytes, place) in [(lines.clone().into_bytes(), "line 1"), (gzip(lines.as_bytes()), "line 1")] {
        let (rows, totals) = import_as(&bytes, "f", false).unwrap();
        assert_eq!((rows.len(), totals.left_out.count()), (3, 1));
        let warning = totals.warning().unwrap();
        assert!(warning.contains("RATING") && warning.contains(place) && warning.contains("'five'"), "{warning}");
    }
}

#[test]
fn many_lines_come_in_blocks() {
    let line = |n: usize| format!("{{\"USER_ID\":\"u{n}\",\"ITEM_ID\":\"{}\",\"TIMESTAMP\":{n}}}\n", "i".repeat(200));
    let mut text: String = (0..12_000).map(line).collect();
    assert_eq!(rows(text.as_bytes()).len(), 12_000);
    text += "{}\n";
    assert!(refusal(text.as_bytes()).starts_with("f line 12001 column USER_ID: '' must not be empty"));
}
