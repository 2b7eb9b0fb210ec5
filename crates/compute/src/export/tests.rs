use std::collections::BTreeMap;

use bytes::Bytes;
use proptest::prelude::*;
use tastemaker_domain::schema::Schema;

use super::*;
use crate::{ImportRules, import_csv};

fn schema(record: &str, fields: &str) -> Schema {
    Schema::parse(&format!(r#"{{"type":"record","name":"{record}","fields":[{fields}]}}"#), None).unwrap()
}

fn clicks() -> Schema {
    schema(
        "Interactions",
        r#"{"name":"USER_ID","type":"string"},{"name":"ITEM_ID","type":"string"},{"name":"TIMESTAMP","type":"long"},
           {"name":"EVENT_VALUE","type":["null","float"]},{"name":"NOTE","type":["null","string"]}"#,
    )
}

fn things() -> Schema {
    schema(
        "Items",
        r#"{"name":"NAME","type":["null","string"]},{"name":"ITEM_ID","type":"string"},
           {"name":"SOLD","type":["null","boolean"]}"#,
    )
}

fn parquet(csv: &str, schema: &Schema) -> Bytes {
    let mut file = Vec::new();
    import_csv(csv.as_bytes(), "t.csv", schema, &ImportRules::default(), &mut file, &|_, _| {}, &|| false).unwrap();
    file.into()
}

/// Parts in memory, of which those that were not deleted are left.
#[derive(Default)]
struct Shelf(BTreeMap<usize, Vec<u8>>);

/// A part that is written.
struct Part(usize, Vec<u8>);

impl Write for Part {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.1.write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl SetAside for Shelf {
    type Sink = Part;

    fn create(&mut self, part: usize) -> store::Result<Part> {
        Ok(Part(part, Vec::new()))
    }

    fn finish(&mut self, Part(part, bytes): Part) -> store::Result<()> {
        self.0.insert(part, bytes);
        Ok(())
    }

    fn read(&mut self, part: usize) -> store::Result<Box<dyn std::io::Read>> {
        Ok(Box::new(std::io::Cursor::new(self.0[&part].clone())))
    }

    fn delete(&mut self, part: usize) -> store::Result<()> {
        self.0.remove(&part);
        Ok(())
    }
}

/// Never lets an export go on, if it asks.
const STOP: Watch<'static> = Watch { progress: &|_| {}, cancelled: &|| true };

/// The texts of the files.
fn export(bulk: &[Bytes], schema: &Schema, change: impl FnOnce(&mut Export<'_>)) -> (Vec<String>, Exported) {
    let reads = std::cell::Cell::new(0);
    let files = || {
        reads.set(reads.get() + 1);
        Ok(bulk.to_vec())
    };
    let mut rows = ParquetRows { schema, files: Box::new(files) };
    let mut export =
        Export { schema, keep: Keep::Distinct, rows: 0, rows_in_memory: ROWS_IN_MEMORY, file_bytes_max: u64::MAX };
    change(&mut export);
    let mut files = Vec::new();
    let mut open = |_| Ok(Vec::new());
    let mut finish = |file: Vec<u8>| {
        files.push(String::from_utf8(file).unwrap());
        Ok(())
    };
    let (mut shelf, watch) = (Shelf::default(), Watch { progress: &|_| {}, cancelled: &|| false });
    let done = export_csv(&export, &mut rows, &mut shelf, &mut open, &mut finish, &watch).unwrap();
    assert_eq!((reads.get(), shelf.0.len()), (1, 0), "read once, and nothing is left aside");
    (files, done)
}

fn sorted(files: &[String]) -> Vec<&str> {
    let mut lines: Vec<&str> = files.iter().flat_map(|f| f.lines().skip(1)).collect();
    lines.sort_unstable();
    lines
}

#[test]
fn an_exported_file_is_the_imported_one_without_repetitions() {
    let csv = "USER_ID,ITEM_ID,TIMESTAMP,EVENT_VALUE,NOTE\n\
               u1,i1,1700000000,3.7,\"a,\"\"b\"\"\"\n\
               u1,i1,1700000000,3.7,\n\
               u2,i1,1700000001,,back\\slash\n\
               u1,i1,1700000000,3.7,\n";
    let (files, done) = export(&[parquet(csv, &clicks())], &clicks(), |_| {});
    let last = csv.len() - "u1,i1,1700000000,3.7,\n".len();
    assert_eq!((files, done), (vec![csv[..last].to_owned()], Exported { rows: 3, files: 1 }));
}

#[test]
fn exported_metadata_has_the_numbers_as_they_were_written() {
    let schema = schema(
        "Items",
        r#"{"name":"ITEM_ID","type":"string"},{"name":"PRICE","type":["null","float"]},{"name":"YEAR","type":"int"}"#,
    );
    let csv = "ITEM_ID,PRICE,YEAR\na,84.90,1999\nb,3.0,2000\nc,,2001\nd,19.99,2002\n";
    let (files, _) = export(&[parquet(csv, &schema)], &schema, |_| {});
    assert_eq!(files, [csv]);
}

#[test]
fn an_export_sees_its_switch_whether_or_not_it_writes() {
    let same = "u1,i1,1700000000,3.7,\n".repeat(40_000);
    let file = parquet(&format!("USER_ID,ITEM_ID,TIMESTAMP,EVENT_VALUE,NOTE\n{same}"), &clicks());
    for keep in [Keep::Distinct, Keep::NewestOfId] {
        let schema = clicks();
        let mut rows = ParquetRows { schema: &schema, files: Box::new(|| Ok(vec![file.clone()])) };
        let export =
            Export { schema: &schema, keep, rows: 0, rows_in_memory: ROWS_IN_MEMORY, file_bytes_max: u64::MAX };
        let mut open = |_| Ok(Vec::new());
        let done = export_csv(&export, &mut rows, &mut Shelf::default(), &mut open, &mut |_| Ok(()), &STOP);
        assert!(matches!(done, Err(ImportError::Cancelled)), "{keep:?}: {done:?}");
    }
}

#[test]
fn the_newest_record_of_an_id() {
    let first = "ITEM_ID,NAME,SOLD\na,old,true\nb,only,\n";
    let second = "ITEM_ID,NAME,SOLD\na,newer,true\na,newest,false\n";
    let files = [parquet(first, &things()), parquet(second, &things())];
    let (written, _) = export(&files, &things(), |e| e.keep = Keep::NewestOfId);
    assert_eq!(written, ["NAME,ITEM_ID,SOLD\nonly,b,\nnewest,a,false\n"]);
    let (written, done) = export(&files, &things(), |_| {});
    assert_eq!((sorted(&written).len(), done.rows), (4, 4));
}

#[test]
fn many_parts_have_the_same_records_and_files_are_split() {
    let mut csv = String::from("USER_ID,ITEM_ID,TIMESTAMP,EVENT_VALUE,NOTE\n");
    (0..3000).for_each(|n| csv.push_str(&format!("u{},i{},{},,\n", n % 70, n % 9, n % 1000)));
    let file = parquet(&csv, &clicks());
    let (one, done) = export(std::slice::from_ref(&file), &clicks(), |_| {});
    assert_eq!((one.len(), done.files), (1, 1));
    for keep in [Keep::Distinct, Keep::NewestOfId] {
        let whole = export(std::slice::from_ref(&file), &clicks(), |e| e.keep = keep).0;
        let (parts, done) = export(std::slice::from_ref(&file), &clicks(), |e| {
            (e.keep, e.rows, e.rows_in_memory, e.file_bytes_max) = (keep, 3000, 700, 5_000);
        });
        assert_eq!(sorted(&parts), sorted(&whole), "{keep:?}");
        assert_eq!(parts.len(), done.files);
        assert!(parts.iter().all(|p| p.starts_with("USER_ID,ITEM_ID,") && p.len() < 5_100), "{keep:?}");
        assert_eq!(parts.len() > 1, keep == Keep::Distinct);
    }
}

#[test]
fn nothing_is_a_header_and_cancelling_ends_it() {
    let (files, done) = export(&[], &things(), |_| {});
    assert_eq!((files, done), (vec!["NAME,ITEM_ID,SOLD\n".to_owned()], Exported { rows: 0, files: 1 }));

    let mut csv = String::from("ITEM_ID,NAME,SOLD\n");
    (0..20_000).for_each(|n| csv.push_str(&format!("{n},,\n")));
    let (file, schema) = (parquet(&csv, &things()), things());
    for keep in [Keep::Distinct, Keep::NewestOfId] {
        let files = || Ok(vec![file.clone()]);
        let mut rows = ParquetRows { schema: &schema, files: Box::new(files) };
        let export = Export { schema: &schema, keep, rows: 0, rows_in_memory: 1, file_bytes_max: 1 };
        let mut open = |_| Ok(Vec::new());
        let result = export_csv(&export, &mut rows, &mut Shelf::default(), &mut open, &mut |_| Ok(()), &STOP);
        assert!(matches!(result, Err(ImportError::Cancelled)), "{keep:?}");
    }
}

proptest! {
    #[test]
    fn what_is_exported_imports_to_the_same_values(
        rows in proptest::collection::btree_map("[a-c]{1,3}", (proptest::option::of("[a\\\\\",\n\r é]{1,6}"), proptest::option::of(any::<bool>())), 1..8)
    ) {
        let mut csv = String::from("NAME,ITEM_ID,SOLD\n");
        for (id, (name, sold)) in &rows {
            let name = name.as_deref().map_or(Cell::Null, Cell::Text);
            line::write_row([name, Cell::Text(id), sold.map_or(Cell::Null, Cell::Boolean)], &mut csv);
        }
        let (files, _) = export(&[parquet(&csv, &things())], &things(), |_| {});
        let again = parquet(&files[0], &things());
        let mut found = BTreeMap::new();
        let (schema, files) = (things(), || Ok(vec![again.clone()]));
        ParquetRows { schema: &schema, files: Box::new(files) }
            .each(&mut |cells| {
                let text = |cell: &Cell<'_>| if let Cell::Text(text) = cell { Some((*text).to_owned()) } else { None };
                let sold = if let Cell::Boolean(sold) = cells[2] { Some(sold) } else { None };
                found.insert(text(&cells[1]).unwrap(), (text(&cells[0]), sold));
                Ok(())
            })
            .unwrap();
        prop_assert_eq!(found, rows);
    }
}
