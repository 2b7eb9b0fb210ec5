use std::sync::atomic::{AtomicU64, Ordering};

use arrow_schema::DataType;
use bytes::Bytes;
use proptest::prelude::*;
use tastemaker_data::DatasetBuilder;
use tastemaker_data::table::{Column, Value};
use tastemaker_domain::schema::{DatasetType, Schema};
use tastemaker_domain::solution_config::EventParameter;
use tastemaker_store as store;

use super::*;
use crate::{InteractionsFilter, InteractionsRead, ReadLimits, read_contexts, read_interactions, read_table};

fn schema(record: &str, fields: &str) -> Schema {
    let text = format!(r#"{{"type":"record","name":"{record}","fields":[{fields}]}}"#);
    Schema::parse(&text, None).expect("a valid schema")
}

fn interactions() -> Schema {
    schema(
        "Interactions",
        r#"{"name":"USER_ID","type":"string"},{"name":"ITEM_ID","type":"string"},{"name":"TIMESTAMP","type":"long"},
           {"name":"EVENT_TYPE","type":"string"},{"name":"EVENT_VALUE","type":["null","float"]}"#,
    )
}

fn items() -> Schema {
    schema(
        "Items",
        r#"{"name":"ITEM_ID","type":"string"},{"name":"GENRES","type":["null","string"],"categorical":true},
           {"name":"YEAR","type":["int","null"]},{"name":"PRICE","type":["null","double"]},
           {"name":"SOLD","type":["null","boolean"]},{"name":"ABOUT","type":["null","string"],"textual":true},
           {"name":"CREATION_TIMESTAMP","type":["null","long"]}"#,
    )
}

const STRICT: ImportRules = ImportRules { until_s: None, strict: true };

fn import(csv: &[u8], schema: &Schema) -> Result<(Totals, Bytes), ImportError> {
    import_by(&STRICT, csv, schema)
}

fn import_by(rules: &ImportRules, csv: &[u8], schema: &Schema) -> Result<(Totals, Bytes), ImportError> {
    let mut parquet = Vec::new();
    let totals = import_csv(csv, "t.csv", schema, rules, &mut parquet, &|_, _| {}, &|| false)?;
    Ok((totals, parquet.into()))
}

#[track_caller]
fn refused(csv: impl AsRef<[u8]>, schema: &Schema, expected: &str) {
    match import(csv.as_ref(), schema) {
        Err(ImportError::Data(text)) => assert_eq!(text, expected),
        other => panic!("expected {expected:?}, found {:?}", other.map(|(totals, _)| totals)),
    }
}

#[test]
fn any_order_of_columns_and_unknown_ones() {
    let csv = "\u{feff}\"NOTE\",TIMESTAMP,ITEM_ID,EVENT_VALUE,EVENT_TYPE,USER_ID\r\n\
               \"a,\"\"b\"\"\",1700000000,i1,19.99,view,u1\r\n\
               ,1700000001.0,i2,,Buy,u1\r\n";
    let (totals, parquet) = import(csv.as_bytes(), &interactions()).unwrap();
    assert_eq!(totals, Totals { rows: 2, bytes_in: csv.len() as u64, files: 1, ..Totals::default() });
    let mut builder = DatasetBuilder::new();
    let read =
        read_interactions([parquet], &mut builder, &InteractionsFilter::default(), &ReadLimits::default()).unwrap();
    assert_eq!(read, InteractionsRead { rows: 2, kept: 2 });
    let dataset = builder.build();
    let sequence = dataset.sequence(tastemaker_data::ids::UserIx(0));
    assert_eq!(sequence.times, [1_700_000_000, 1_700_000_001]);
    assert_eq!(sequence.values[0], 19.99);
    assert!(sequence.values[1].is_nan());
    assert_eq!(dataset.event_types.iter().collect::<Vec<_>>(), ["", "view", "Buy"]);
}

#[test]
fn interactions_are_chosen_by_type_and_value() {
    let csv = "USER_ID,ITEM_ID,TIMESTAMP,EVENT_TYPE,EVENT_VALUE\nu,a,1,Watch,0.5\nu,b,2,watch,0.25\nu,c,3,WATCH,\nu,d,4,click,0.9\n";
    let (_, parquet) = import(csv.as_bytes(), &interactions()).unwrap();
    let kept = |event_type: Option<&str>, event_value_threshold: Option<f64>| {
        let mut builder = DatasetBuilder::new();
        let filter = InteractionsFilter {
            event_type: event_type.map(str::to_owned),
            event_value_threshold,
            ..InteractionsFilter::default()
        };
        let read = read_interactions([parquet.clone()], &mut builder, &filter, &ReadLimits::default()).unwrap();
        assert_eq!(read.rows, 4);
        let items: Vec<String> = builder.build().items.iter().map(str::to_owned).collect();
        assert_eq!(read.kept, items.len() as u64);
        items.concat()
    };
    assert_eq!(kept(None, None), "abcd");
    assert_eq!(kept(Some("watch"), None), "abc");
    assert_eq!(kept(Some("watch"), Some(0.5)), "a");
    assert_eq!(kept(None, Some(0.25)), "abd");
    assert_eq!(kept(Some("buy"), None), "");
}

#[test]
fn values_of_events_are_numbers_in_any_type_and_texts_stay_as_they_are() {
    let header = "USER_ID,ITEM_ID,EVENT_VALUE,TIMESTAMP,EVENT_TYPE\n";
    let rows = "u,a,4.0,1,RATING\nu,b, 3.50 ,2,RATING\nu,c,good,3,RATING\nu,d,,4,RATING\nu,e,2,5,RATING\n";
    let csv = format!("{header}{rows}");
    for (value, texts) in
        [(r#""string""#, true), (r#"["null","string"]"#, true), (r#""int""#, false), (r#"["long","null"]"#, false)]
    {
        let schema = schema(
            "Interactions",
            &format!(
                r#"{{"name":"USER_ID","type":"string"}},{{"name":"ITEM_ID","type":"string"}},{{"name":"EVENT_VALUE","type":{value}}},
                   {{"name":"TIMESTAMP","type":"int"}},{{"name":"EVENT_TYPE","type":"string"}}"#
            ),
        );
        let (totals, file) = import_by(&ImportRules::default(), csv.as_bytes(), &schema).unwrap();
        let empty = u64::from(!value.contains("null"));
        assert_eq!((totals.rows, totals.left_out.count()), (5, 1 + empty), "{value}");
        let mut builder = DatasetBuilder::new();
        let all = InteractionsFilter::default();
        read_interactions([file.clone()], &mut builder, &all, &ReadLimits::default()).unwrap();
        let dataset = builder.build();
        let values = dataset.sequence(tastemaker_data::ids::UserIx(0)).values;
        assert_eq!((values[0], values[1], values[4]), (4.0, 3.5, 2.0), "{value}");
        assert!(values[2].is_nan() && values[3].is_nan(), "{value}");
        let kept = |filter: &InteractionsFilter| {
            let mut builder = DatasetBuilder::new();
            read_interactions([file.clone()], &mut builder, filter, &ReadLimits::default()).unwrap();
            builder.build().items.iter().collect::<Vec<_>>().concat()
        };
        let least = InteractionsFilter { event_value_threshold: Some(3.5), ..InteractionsFilter::default() };
        assert_eq!(kept(&least), "ab", "{value}");
        let weighed = EventParameter { event_type: "rating".into(), event_value_threshold: Some(2.0), weight: 1.0 };
        let weighed = InteractionsFilter { events: vec![weighed], ..InteractionsFilter::default() };
        assert_eq!(kept(&weighed), "abe", "{value}");
        let mut counts = tastemaker_data::ContextCounts::default();
        read_contexts([file.clone()], &[], false, &least, &mut counts, &ReadLimits::default()).unwrap();
        assert_eq!(counts.events(&dataset.items), [1.0, 1.0, 0.0, 0.0, 0.0], "{value}");

        // Exports have the text of the file, or the number.
        let mut found = Vec::new();
        let mut rows = crate::ParquetRows { schema: &schema, files: Box::new(|| Ok(vec![file.clone()])) };
        crate::Rows::each(&mut rows, &mut |cells| {
            found.push(format!("{:?}", cells[2]));
            Ok(())
        })
        .unwrap();
        let expected = if texts {
            [r#"Text("4.0")"#, r#"Text(" 3.50 ")"#, "Null", "Null", r#"Text("2")"#]
        } else {
            ["Number(4.0)", "Number(3.5)", "Null", "Null", "Number(2.0)"]
        };
        assert_eq!(found, expected, "{value}");

        refused(
            &csv,
            &schema,
            "t.csv line 4 column EVENT_VALUE: 'good' must be a finite number with '.' as the decimal point",
        );
    }
}

#[test]
fn tables_keep_types_and_the_newest_row() {
    let csv = "ITEM_ID,GENRES,YEAR,PRICE,SOLD,ABOUT,CREATION_TIMESTAMP\n\
               a,Drama|War,1994.0,19.99,true,\"long\ntext\",1500000000\n\
               b,,,,,,\n\
               a,Comedy,-5,1e3,False,x,\n";
    let (_, first) = import(csv.as_bytes(), &items()).unwrap();
    let older = schema("Items", r#"{"name":"ITEM_ID","type":"string"},{"name":"GENRES","type":"string"}"#);
    let (_, second) = import(b"GENRES,ITEM_ID\nWar,c\nNew,b\n", &older).unwrap();

    let table = read_table([first, second], &items()).unwrap();
    assert_eq!(table.ids.iter().collect::<Vec<_>>(), ["a", "b", "c"]);
    let text = |values: [Option<&str>; 3]| Column::Text(values.map(|v| v.map(Into::into)).to_vec());
    assert_eq!(table.column("GENRES"), Some(&text([Some("Comedy"), Some("New"), Some("War")])));
    assert_eq!(table.column("YEAR"), Some(&Column::Integer(vec![Some(-5), None, None])));
    assert_eq!(table.column("PRICE"), Some(&Column::Number(vec![Some(1000.0), None, None])));
    assert_eq!(table.column("SOLD"), Some(&Column::Boolean(vec![Some(false), None, None])));
    assert_eq!(table.column("ABOUT"), Some(&text([Some("x"), None, None])));
    assert_eq!(table.column("CREATION_TIMESTAMP"), Some(&Column::Integer(vec![None, None, None])));
    assert_eq!(table.column("ITEM_ID"), None);
}

#[test]
fn decimals_keep_the_text_of_the_file() {
    let header = "ITEM_ID,GENRES,YEAR,PRICE,SOLD,ABOUT,CREATION_TIMESTAMP\n";
    let prices = ["84.90", "3.0", "19.99", " 5.50 ", "\"7.10\"", "1e3", ".5", "007.50", "", "0.00", "free"];
    let rows: Vec<String> = prices.iter().enumerate().map(|(n, price)| format!("i{n},,,{price},,,\n")).collect();
    let csv = format!("{header}{}", rows.concat());
    let (totals, file) = import_by(&ImportRules::default(), csv.as_bytes(), &items()).unwrap();
    assert_eq!(totals.left_out.count(), 1);
    let table = read_table([file.clone()], &items()).unwrap();
    let shown: Vec<_> = (0..prices.len()).map(|row| table.written("PRICE", row)).collect();
    let expected =
        [Some("84.90"), Some("3.0"), None, Some("5.50"), Some("7.10"), None, None, None, None, Some("0.00"), None];
    assert_eq!(shown, expected);
    let numbers = [84.9, 3.0, 19.99, 5.5, 7.1, 1000.0, 0.5, 7.5];
    let Some(Column::Number(found)) = table.column("PRICE") else { panic!("numbers") };
    assert_eq!(found[..8], numbers.map(Some));
    // A later row without a price, or with a shorter text, takes the text of an earlier one away.
    let (_, later) = import(format!("{header}i0,,,84.9,,,\ni1,,,,,,\n").as_bytes(), &items()).unwrap();
    let table = read_table([file, later], &items()).unwrap();
    assert_eq!([0, 1, 3].map(|row| table.written("PRICE", row)), [None, None, Some("5.50")]);
    // Interactions are not shown, and have no texts.
    let clicks = interactions();
    assert_eq!(sink::batch_schema(&clicks).fields().len(), clicks.fields.len());
}

#[test]
fn files_without_the_texts_of_decimals_stay_readable() {
    // As imports wrote them before.
    let fields = ["ITEM_ID", "PRICE"].map(|name| {
        let data_type = if name == "PRICE" { DataType::Float64 } else { DataType::Utf8 };
        arrow_schema::Field::new(name, data_type, name == "PRICE")
    });
    let columns: Vec<arrow_array::ArrayRef> = vec![
        std::sync::Arc::new(arrow_array::StringArray::from(vec!["a", "b"])),
        std::sync::Arc::new(arrow_array::Float64Array::from(vec![Some(84.9), None])),
    ];
    let batch = RecordBatch::try_new(std::sync::Arc::new(arrow_schema::Schema::new(fields.to_vec())), columns).unwrap();
    let mut file = Vec::new();
    let mut writer = parquet::arrow::ArrowWriter::try_new(&mut file, batch.schema(), None).unwrap();
    writer.write(&batch).unwrap();
    writer.close().unwrap();
    let table = read_table([Bytes::from(file)], &items()).unwrap();
    assert_eq!(table.column("PRICE"), Some(&Column::Number(vec![Some(84.9), None])));
    assert_eq!(table.written("PRICE", 0), None);
}

#[test]
fn long_text_is_cut_at_a_character() {
    let csv = format!("ITEM_ID,GENRES,YEAR,PRICE,SOLD,ABOUT,CREATION_TIMESTAMP\na,,,,,{},\n", "é".repeat(20_001));
    let (_, parquet) = import(csv.as_bytes(), &items()).unwrap();
    let table = read_table([parquet], &items()).unwrap();
    assert_eq!(table.column("ABOUT"), Some(&Column::Text(vec![Some("é".repeat(20_000).into())])));
}

#[test]
fn missing_columns_are_listed() {
    refused(
        "USER_ID,ITEM_ID,timestamp\nu,i,1\n",
        &interactions(),
        "t.csv: the header lacks the columns [EVENT_TYPE, EVENT_VALUE] of the schema; found [USER_ID, ITEM_ID, timestamp]",
    );
    refused("", &interactions(), "t.csv: the file is empty; its first line must name the columns");
}

#[test]
fn the_header_may_be_in_another_case() {
    let csv = "item_id,Genres,year,Price,sold,about,creation_timestamp,ID\na,Drama,1994,2.5,true,x,5,7\n";
    let (totals, parquet) = import(csv.as_bytes(), &items()).unwrap();
    assert_eq!(totals.rows, 1);
    let table = read_table([parquet], &items()).unwrap();
    assert_eq!(table.ids.iter().collect::<Vec<_>>(), ["a"]);
    assert_eq!(table.column("YEAR"), Some(&Column::Integer(vec![Some(1994)])));
    assert_eq!(table.column("CREATION_TIMESTAMP"), Some(&Column::Integer(vec![Some(5)])));

    let things = schema("Items", r#"{"name":"ITEM_ID","type":"string"},{"name":"Name","type":"string"}"#);
    let (_, parquet) = import(b"item_id,ITEM_ID,NAME,Name\nwrong,a,wrong,Lamp\n", &things).unwrap();
    let table = read_table([parquet], &things).unwrap();
    assert_eq!(table.ids.iter().collect::<Vec<_>>(), ["a"], "the column of the very name counts");
    assert_eq!(table.column("Name"), Some(&Column::Text(vec![Some("Lamp".into())])));
    refused(
        "item_id,Item_Id,name\na,a,x\n",
        &things,
        "t.csv: the header has 'item_id' and 'Item_Id', which differ from the column ITEM_ID by the case of letters only; call one \
         of them ITEM_ID",
    );
}

#[test]
fn files_that_are_no_csv_are_told_by_what_they_look_like() {
    let utf_16: Vec<u8> = "USER_ID,ITEM_ID\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
    for (file, looks) in [
        (&b"\x1f\x8b\x08\x00\x00\x00\x00\x00"[..], "gzip"),
        (b"PAR1\x15\x04\x15\x00", "Parquet"),
        (b"PK\x03\x04\x14\x00", "ZIP or an Excel workbook"),
        (&utf_16, "UTF-16"),
    ] {
        let expected = format!("t.csv: the file looks like {looks}; it must be CSV, plain text in UTF-8");
        refused(file, &interactions(), &expected);
    }
    refused(
        "USER_ID,ITEM_ID,TIMESTAMP,EVENT_TYPE,EVENT_VALUE\ru,i,1,v,\r",
        &interactions(),
        "t.csv: the file looks like text with CR line ends; lines must end in LF or CR LF",
    );
    refused(
        "{\"userId\": \"1\"}\n",
        &interactions(),
        "t.csv line 1: '{\"' has a quote inside an unquoted value; enclose the whole value in quotes and double the inner quote; the \
         file looks like JSON",
    );
    refused(
        "USER_ID;ITEM_ID\nu;i\n",
        &interactions(),
        "t.csv: the header lacks the columns [USER_ID, ITEM_ID, TIMESTAMP, EVENT_TYPE, EVENT_VALUE] of the schema; found \
         [USER_ID;ITEM_ID]; the file looks like CSV with semicolons between its values, where commas are needed",
    );
}

#[test]
fn every_rule_on_values_names_line_column_and_value() {
    let id = "x".repeat(257);
    let events = [
        (
            "u,i,1700000000000,v,",
            "column TIMESTAMP: '1700000000000' looks like milliseconds; TIMESTAMP must be Unix epoch seconds",
        ),
        ("u,i,-1,v,", "column TIMESTAMP: '-1' is negative; TIMESTAMP must be Unix epoch seconds"),
        (
            "u,i,yesterday,v,",
            "column TIMESTAMP: 'yesterday' must be a long, a whole number from -9223372036854775808 to 9223372036854775807",
        ),
        (
            "u,i,1.5,v,",
            "column TIMESTAMP: '1.5' must be a long, a whole number from -9223372036854775808 to 9223372036854775807",
        ),
        ("u,i,,v,", "column TIMESTAMP: '' must not be empty; only fields with null in their type may be"),
        (",i,1,v,", "column USER_ID: '' must not be empty; only fields with null in their type may be"),
        ("u,\"\",1,v,", "column ITEM_ID: '' must not be empty; only fields with null in their type may be"),
        ("u,i,1,,", "column EVENT_TYPE: '' must not be empty; only fields with null in their type may be"),
        ("u,i,1,v,\"1,5\"", "column EVENT_VALUE: '1,5' must be a finite number with '.' as the decimal point"),
        ("u,i,1,v,NaN", "column EVENT_VALUE: 'NaN' must be a finite number with '.' as the decimal point"),
        ("u,i,1,v,1e999", "column EVENT_VALUE: '1e999' must be a finite number with '.' as the decimal point"),
        ("u,i,1,v", "the row has 4 values; the header has 5 columns"),
        (
            &format!("u,{id},1,v,"),
            &format!("column ITEM_ID: '{}...' has 257 characters; an id may have at most 256", &id[..60]),
        ),
    ];
    for (row, expected) in events {
        let csv = format!("USER_ID,ITEM_ID,TIMESTAMP,EVENT_TYPE,EVENT_VALUE\nu,\"i\n2\",1,v,\n\n{row}\nu,i,bad,v,\n");
        let separator = if expected.starts_with("column") { " " } else { ": " };
        refused(csv, &interactions(), &format!("t.csv line 5{separator}{expected}"));
    }
    let genres = "g".repeat(1001);
    let metadata = [
        (format!("a,{genres},,,,,"), format!("column GENRES: '{}...' has 1001 characters; a categorical value may have at most 1000", &genres[..60])),
        ("a,,2147483648,,,,".into(), "column YEAR: '2147483648' must be an int, a whole number from -2147483648 to 2147483647".into()),
        ("a,,,,yes,,".into(), "column SOLD: 'yes' must be true or false".into()),
        ("a,,,,,,1500000000000".into(), "column CREATION_TIMESTAMP: '1500000000000' looks like milliseconds; CREATION_TIMESTAMP must be Unix epoch seconds".into()),
    ];
    for (row, expected) in metadata {
        let csv = format!("ITEM_ID,GENRES,YEAR,PRICE,SOLD,ABOUT,CREATION_TIMESTAMP\n{row}\n");
        refused(csv, &items(), &format!("t.csv line 2 {expected}"));
    }
}

#[test]
fn the_first_fault_of_the_file_is_reported() {
    let csv = "USER_ID,ITEM_ID,TIMESTAMP,EVENT_TYPE,EVENT_VALUE\nu,i,1,v,x\n,i,1,v,\nu,i\"\n";
    refused(
        csv,
        &interactions(),
        "t.csv line 2 column EVENT_VALUE: 'x' must be a finite number with '.' as the decimal point",
    );
    let mut far = String::from("USER_ID,ITEM_ID,TIMESTAMP,EVENT_TYPE,EVENT_VALUE\n");
    for row in 0..100_000 {
        far.push_str(&format!("user-{row},item,1700000000,view,\n"));
    }
    far.push_str("u,i,soon,v,\n");
    refused(
        far,
        &interactions(),
        "t.csv line 100002 column TIMESTAMP: 'soon' must be a long, a whole number from -9223372036854775808 to 9223372036854775807",
    );
}

#[test]
fn long_ids_of_many_bytes_count_characters() {
    let id = "é".repeat(256);
    let csv = format!("USER_ID,ITEM_ID,TIMESTAMP,EVENT_TYPE,EVENT_VALUE\n{id},i,1,v,\n");
    assert_eq!(import(csv.as_bytes(), &interactions()).unwrap().0.rows, 1);
}

#[test]
fn interactions_need_a_thousand_rows_over_all_files() {
    let mut totals = Totals::default();
    totals += Totals { rows: 600, bytes_in: 10, files: 1, ..Totals::default() };
    totals += Totals { rows: 399, bytes_in: 10, files: 1, ..Totals::default() };
    let error = check_totals(DatasetType::Interactions, &totals).unwrap_err();
    assert_eq!(error.to_string(), "an import of Interactions needs at least 1000 rows; found 999 in 2 files");
    assert!(check_totals(DatasetType::Items, &totals).is_ok());
    totals += Totals { rows: 1, bytes_in: 1, files: 1, ..Totals::default() };
    assert!(check_totals(DatasetType::Interactions, &totals).is_ok());
}

fn many_rows() -> String {
    let row = "user,item,1700000000,view,\n";
    format!("USER_ID,ITEM_ID,TIMESTAMP,EVENT_TYPE,EVENT_VALUE\n{}", row.repeat(200_000))
}

#[test]
fn progress_is_told_and_cancelling_ends_the_import() {
    let csv = many_rows();
    let (rows, bytes) = (AtomicU64::new(0), AtomicU64::new(0));
    let progress = |r, b| {
        assert!(r > rows.swap(r, Ordering::Relaxed));
        bytes.store(b, Ordering::Relaxed);
    };
    let totals =
        import_csv(csv.as_bytes(), "t.csv", &interactions(), &ImportRules::default(), Vec::new(), &progress, &|| false)
            .unwrap();
    assert_eq!((totals.rows, totals.bytes_in), (rows.into_inner(), bytes.into_inner()));
    assert_eq!(totals.bytes_in, csv.len() as u64);

    let blocks = AtomicU64::new(0);
    let mut parquet = Vec::new();
    let cancelled = || blocks.fetch_add(1, Ordering::Relaxed) == 2;
    let result = import_csv(
        csv.as_bytes(),
        "t.csv",
        &interactions(),
        &ImportRules::default(),
        &mut parquet,
        &|_, _| {},
        &cancelled,
    );
    assert!(matches!(result, Err(ImportError::Cancelled)));
    assert!(
        read_interactions(
            [Bytes::from(parquet)],
            &mut DatasetBuilder::new(),
            &InteractionsFilter::default(),
            &ReadLimits::default()
        )
        .is_err()
    );
}

#[test]
fn rows_of_a_clock_that_ran_ahead_are_left_out_and_counted() {
    let csv = "USER_ID,ITEM_ID,TIMESTAMP,EVENT_TYPE,EVENT_VALUE\nu,a,1700000000,v,\nu,b,99999999999,v,\nu,c,1700086400,v,\nu,d,1700086401,v,\n";
    let until = |until_s, schema: &Schema, csv: &str| {
        import_by(&ImportRules { until_s, strict: false }, csv.as_bytes(), schema)
    };
    let (totals, parquet) = until(Some(1_700_086_400), &interactions(), csv).unwrap();
    assert_eq!((totals.rows, totals.later_rows, totals.latest_s), (2, 2, 99_999_999_999));
    let text =
        "2 rows left out, because their TIMESTAMP is more than one day after the import (the latest is 99999999999)";
    assert_eq!(later_rows(&totals).as_deref(), Some(text));
    let refused = check_totals(DatasetType::Interactions, &totals).unwrap_err().to_string();
    assert_eq!(refused, format!("an import of Interactions needs at least 1000 rows; found 2 in 1 file; {text}"));
    let mut builder = DatasetBuilder::new();
    let read = |limits: &ReadLimits<'_>, builder: &mut DatasetBuilder| {
        read_interactions([parquet.clone()], builder, &InteractionsFilter::default(), limits)
    };
    assert_eq!(read(&ReadLimits::default(), &mut builder).unwrap().kept, 2);
    let early = ReadLimits { until_s: Some(1_700_000_000), ..ReadLimits::default() };
    assert_eq!(read(&early, &mut builder).unwrap(), InteractionsRead { rows: 2, kept: 1 });
    let stopped = ReadLimits { cancelled: &|| true, ..ReadLimits::default() };
    assert!(matches!(read(&stopped, &mut builder), Err(ImportError::Cancelled)));

    let (totals, _) = until(None, &interactions(), csv).unwrap();
    assert_eq!((totals.rows, later_rows(&totals)), (4, None));
    let things = schema("Items", r#"{"name":"ITEM_ID","type":"string"},{"name":"TIMESTAMP","type":"long"}"#);
    let (totals, _) = until(Some(5), &things, "ITEM_ID,TIMESTAMP\na,7\n").unwrap();
    assert_eq!((totals.rows, totals.later_rows), (1, 0), "a column of items means what the customer likes");
}

#[test]
fn values_that_break_their_rule_are_null_and_told() {
    let schema = schema(
        "Items",
        r#"{"name":"ITEM_ID","type":"string"},{"name":"YEAR","type":"int"},{"name":"GENRES","type":"string","categorical":true},
           {"name":"PRICE","type":["null","float"]},{"name":"SOLD","type":"boolean"},{"name":"CREATION_TIMESTAMP","type":"long"}"#,
    );
    let header = "ITEM_ID,YEAR,GENRES,PRICE,SOLD,CREATION_TIMESTAMP\n";
    let genres = "g".repeat(1001);
    let csv = format!(
        "{header}a,2006\u{2013}2007,Drama,12.5,true,1\nb,,,,,\nc,1999,{genres},free,maybe,1500000000000\nd,7.5,War,1,false,5\ne,x,War,1,false,5\n"
    );
    let lenient = ImportRules::default();
    let (totals, parquet) = import_by(&lenient, csv.as_bytes(), &schema).unwrap();
    assert_eq!((totals.rows, totals.left_out.count()), (5, 11));
    let table = read_table([parquet], &schema).unwrap();
    let text = |values: [Option<&str>; 5]| Column::Text(values.map(|v| v.map(Into::into)).to_vec());
    assert_eq!(table.column("YEAR"), Some(&Column::Integer(vec![None, None, Some(1999), None, None])));
    assert_eq!(table.column("GENRES"), Some(&text([Some("Drama"), None, None, Some("War"), Some("War")])));
    assert_eq!(table.column("PRICE"), Some(&Column::Number(vec![Some(12.5), None, None, Some(1.0), Some(1.0)])));
    assert_eq!(table.column("SOLD"), Some(&Column::Boolean(vec![Some(true), None, None, Some(false), Some(false)])));
    assert_eq!(table.column("CREATION_TIMESTAMP"), Some(&Column::Integer(vec![Some(1), None, None, Some(5), Some(5)])));
    let int = "must be an int, a whole number from -2147483648 to 2147483647";
    let empty = "'' must not be empty; only fields with null in their type may be";
    assert_eq!(
        totals.warning().unwrap(),
        format!(
            "11 values are empty in the dataset, because they break the rule of their column: YEAR 4 (t.csv line 2: '2006\u{2013}2007' \
             {int}, line 3: {empty}, line 5: '7.5' {int}, ...); CREATION_TIMESTAMP 2 (t.csv line 3: {empty}, line 4: '1500000000000' \
             looks like milliseconds; CREATION_TIMESTAMP must be Unix epoch seconds); GENRES 2 (t.csv line 3: {empty}, line 4: '{}...' \
             has 1001 characters; a categorical value may have at most 1000); SOLD 2 (t.csv line 3: {empty}, line 4: 'maybe' must be \
             true or false); PRICE 1 (t.csv line 4: 'free' must be a finite number with '.' as the decimal point)",
            &genres[..60]
        )
    );
    match import_by(&STRICT, csv.as_bytes(), &schema) {
        Err(ImportError::Data(text)) => {
            assert_eq!(text, format!("t.csv line 2 column YEAR: '2006\u{2013}2007' {int}"));
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn ids_times_and_the_structure_of_a_file_are_never_left_out() {
    let refused =
        |csv: &str, schema: &Schema, expected: &str| match import_by(&ImportRules::default(), csv.as_bytes(), schema) {
            Err(ImportError::Data(text)) => assert_eq!(text, expected),
            other => panic!("{csv:?}: {other:?}"),
        };
    let row = |row: &str| format!("USER_ID,ITEM_ID,TIMESTAMP,EVENT_TYPE,EVENT_VALUE\n{row}\n");
    let empty = "'' must not be empty; only fields with null in their type may be";
    refused(&row(",i,1,v,"), &interactions(), &format!("t.csv line 2 column USER_ID: {empty}"));
    refused(&row("u,,1,v,"), &interactions(), &format!("t.csv line 2 column ITEM_ID: {empty}"));
    refused(&row("u,i,,v,"), &interactions(), &format!("t.csv line 2 column TIMESTAMP: {empty}"));
    let seconds = "column TIMESTAMP: '1700000000000' looks like milliseconds; TIMESTAMP must be Unix epoch seconds";
    refused(&row("u,i,1700000000000,v,"), &interactions(), &format!("t.csv line 2 {seconds}"));
    refused(&row("u,i,1,v"), &interactions(), "t.csv line 2: the row has 4 values; the header has 5 columns");
    refused(
        "ITEM_ID,YEAR\na,1\n",
        &schema("Items", r#"{"name":"ITEM_ID","type":"string"},{"name":"TITLE","type":"string"}"#),
        "t.csv: the header lacks the columns [TITLE] of the schema; found [ITEM_ID, YEAR]",
    );
    let users = schema("Users", r#"{"name":"USER_ID","type":"string"},{"name":"TIMESTAMP","type":"long"}"#);
    refused("USER_ID,TIMESTAMP\n,1\n", &users, &format!("t.csv line 2 column USER_ID: {empty}"));
    let (totals, _) = import_by(&ImportRules::default(), b"USER_ID,TIMESTAMP\nu,x\n", &users).unwrap();
    assert_eq!((totals.rows, totals.left_out.count()), (1, 1), "only an interaction's time is a key");
    let (totals, parquet) = import_by(&ImportRules::default(), row("u,i,1,,1O").as_bytes(), &interactions()).unwrap();
    assert_eq!((totals.rows, totals.left_out.count()), (1, 2));
    let mut builder = DatasetBuilder::new();
    read_interactions([parquet], &mut builder, &InteractionsFilter::default(), &ReadLimits::default()).unwrap();
    let dataset = builder.build();
    assert_eq!((dataset.len(), dataset.event_types.iter().collect::<Vec<_>>()), (1, vec![""]));
}

#[test]
fn what_files_lost_is_added_up_and_named_by_file() {
    let things = schema("Items", r#"{"name":"ITEM_ID","type":"string"},{"name":"YEAR","type":"int"}"#);
    let import = |name: &str, csv: &str| {
        import_csv(csv.as_bytes(), name, &things, &ImportRules::default(), Vec::new(), &|_, _| {}, &|| false).unwrap()
    };
    let mut totals = import("a.csv", "ITEM_ID,YEAR\na,\n");
    assert_eq!(
        totals.warning().unwrap(),
        "1 value is empty in the dataset, because it breaks the rule of its column: YEAR 1 (a.csv line 2: '' must not be empty; \
         only fields with null in their type may be)"
    );
    totals += import("b.csv", "ITEM_ID,YEAR\na,1\nb,x\nc,y\nd,z\n");
    let int = "must be an int, a whole number from -2147483648 to 2147483647";
    assert_eq!(
        totals.warning().unwrap(),
        format!(
            "4 values are empty in the dataset, because they break the rule of their column: YEAR 4 (a.csv line 2: '' must not be \
             empty; only fields with null in their type may be, b.csv line 3: 'x' {int}, line 4: 'y' {int}, ...)"
        )
    );
    totals.later_rows = 1;
    let both = totals.warning().unwrap();
    assert!(
        both.starts_with("1 row left out, because its TIMESTAMP") && both.contains(". 4 values are empty"),
        "{both}"
    );
    assert_eq!(import("c.csv", "ITEM_ID,YEAR\na,1\n").warning(), None);
}

#[test]
fn columns_are_limited_and_messages_are_short() {
    let wide = |columns: usize| {
        let own: String = (0..columns - 5).map(|n| format!(",OWN_{n}")).collect();
        format!("USER_ID,ITEM_ID,TIMESTAMP,EVENT_TYPE,EVENT_VALUE{own}\nu,i,1,v,{}\n", ",x".repeat(columns - 5))
    };
    assert_eq!(import(wide(1000).as_bytes(), &interactions()).unwrap().0.rows, 1);
    refused(wide(1001), &interactions(), "t.csv line 1: the header has 1001 columns; at most 1000 are allowed");
    // Many names once took time in the square of their number.
    refused(wide(1_000_000), &interactions(), "t.csv line 1: the header has 1000000 columns; at most 1000 are allowed");
    let long = format!(
        "{}\n",
        (0..900).map(|_| "x".repeat(900)).enumerate().map(|(n, x)| format!("{n}{x}")).collect::<Vec<_>>().join(",")
    );
    match import(long.as_bytes(), &interactions()) {
        Err(ImportError::Data(text)) => assert!(text.len() < 5000 && text.ends_with(" and 850 more]"), "{text}"),
        other => panic!("{other:?}"),
    }
}

struct Failing(usize);

impl Write for Failing {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        match self.0.checked_sub(bytes.len()) {
            Some(left) => self.0 = left,
            None => return Err(store::Error::Unavailable("disk full".into()).into()),
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

struct Broken;

impl Read for Broken {
    fn read(&mut self, _: &mut [u8]) -> std::io::Result<usize> {
        Err(store::Error::NotFound("blob".into()).into())
    }
}

#[test]
fn storage_errors_come_out_as_they_went_in() {
    let csv = many_rows();
    for room in [0, 3, 1000] {
        let result = import_csv(
            csv.as_bytes(),
            "t.csv",
            &interactions(),
            &ImportRules::default(),
            Failing(room),
            &|_, _| {},
            &|| false,
        );
        assert!(matches!(result, Err(ImportError::Store(store::Error::Unavailable(what))) if what == "disk full"));
    }
    let result =
        import_csv(Broken, "t.csv", &interactions(), &ImportRules::default(), Vec::new(), &|_, _| {}, &|| false);
    assert!(matches!(result, Err(ImportError::Store(store::Error::NotFound(what))) if what == "blob"));
}

/// RFC 4180 with AWS's escape of backslashes in quoted text.
fn csv_field(text: &str) -> String {
    if text.contains([',', '"', '\n', '\r', '\\']) {
        format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\"\""))
    } else {
        text.to_owned()
    }
}

proptest! {
    #[test]
    fn rows_survive_csv_and_parquet(
        rows in prop::collection::btree_map(
            "[a-z\"\\\\,é\n ]{1,12}",
            (
                prop::option::of("[A-Z|,\"\\\\ü]{1,8}"),
                prop::option::of(any::<i32>()),
                prop::option::of(prop::num::f64::NORMAL | prop::num::f64::ZERO),
                prop::option::of(any::<bool>()),
                prop::option::of("\\PC{1,20}"),
                prop::option::of(0i64..100_000_000_000),
            ),
            1..30,
        ),
        crlf in any::<bool>(),
    ) {
        fn show<T: ToString>(value: &Option<T>) -> String {
            value.as_ref().map(T::to_string).unwrap_or_default()
        }
        let mut lines = vec!["ITEM_ID,GENRES,YEAR,PRICE,SOLD,ABOUT,CREATION_TIMESTAMP".to_owned()];
        for (id, (genres, year, price, sold, about, created)) in &rows {
            let texts = [csv_field(id), csv_field(&show(genres)), show(year), show(price), show(sold), csv_field(&show(about)), show(created)];
            lines.push(texts.join(","));
        }
        let csv = lines.join(if crlf { "\r\n" } else { "\n" });
        let (totals, parquet) = import(csv.as_bytes(), &items()).map_err(|e| TestCaseError::fail(e.to_string()))?;
        prop_assert_eq!(totals.rows, rows.len() as u64);
        let table = read_table([parquet], &items()).map_err(|e| TestCaseError::fail(e.to_string()))?;
        prop_assert_eq!(table.ids.iter().collect::<Vec<_>>(), rows.keys().collect::<Vec<_>>());
        for (row, (genres, year, price, sold, about, created)) in rows.values().enumerate() {
            let expected = [
                genres.as_deref().map(|v| Value::Text(v.into())),
                year.map(|v| Value::Integer(v.into())),
                price.map(Value::Number),
                sold.map(Value::Boolean),
                about.as_deref().map(|v| Value::Text(v.into())),
                created.map(Value::Integer),
            ];
            let found = table.columns.iter().map(|(_, column)| match column {
                Column::Text(v) => v[row].clone().map(Value::Text),
                Column::Integer(v) => v[row].map(Value::Integer),
                Column::Number(v) => v[row].map(Value::Number),
                Column::Boolean(v) => v[row].map(Value::Boolean),
            });
            prop_assert_eq!(found.collect::<Vec<_>>(), expected);
        }
    }
}
