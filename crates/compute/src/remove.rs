//! Removing users: a list of them from CSV, and files without them.

use std::collections::HashSet;
use std::io::{Read, Write};

use arrow_array::cast::AsArray;
use arrow_array::{Array, BooleanArray};
use parquet::arrow::arrow_writer::ArrowWriter;
use tastemaker_domain::limits::ID_CHARS_MAX;
use tastemaker_store as store;

use crate::ImportError;
use crate::csv::{CsvReader, RecordReader, listed, position};
use crate::import::writer_properties;
use crate::read::{ReadAt, open, open_filtered};

const USER: &str = "USER_ID";

/// Adds the users of a CSV with the column USER_ID to `users`.
///
/// # Errors
/// [`ImportError::Data`] for the first broken rule, naming `file_name`, line, column and rule.
pub fn read_users(
    source: impl Read,
    file_name: &str,
    users: &mut HashSet<Box<str>>,
    cancelled: &dyn Fn() -> bool,
) -> Result<(), ImportError> {
    let mut reader = CsvReader::open(source, file_name)?;
    let (header, file) = (reader.header.clone(), reader.file().to_owned());
    let column = position(&header, USER).map_err(|text| ImportError::Data(format!("{file_name}: {text}")))?;
    let Some(column) = column else {
        let (found, looks) = (listed(&header), reader.looks());
        return Err(ImportError::Data(format!(
            "{file_name}: the header lacks the column {USER}; found [{found}]{looks}"
        )));
    };
    let (mut spans, mut scratch) = (Vec::new(), String::new());
    while let Some(block) = reader.next_block(Some(header.len()), &mut spans)? {
        if cancelled() {
            return Err(ImportError::Cancelled);
        }
        for row in 0..block.rows {
            let span = spans[row * header.len() + column];
            let user = span.text(block.text, &mut scratch);
            let chars = user.chars().count();
            if !(1..=ID_CHARS_MAX).contains(&chars) {
                let line = block.line_at(span.start());
                return Err(ImportError::Data(format!(
                    "{file_name} line {line} column {USER}: an id must have 1 to {ID_CHARS_MAX} characters, not {chars}"
                )));
            }
            users.insert(user.into());
        }
        if let Some(fault) = &block.fault {
            return Err(block.error(&file, &header, fault));
        }
    }
    Ok(())
}

/// The number of rows about one of `users` in a file that [`import_csv`](crate::import_csv) wrote.
pub fn count_users<F: ReadAt>(
    file: F,
    users: &HashSet<Box<str>>,
    cancelled: &dyn Fn() -> bool,
) -> Result<u64, ImportError> {
    let mut rows = 0;
    for batch in open(file, &[USER])? {
        if cancelled() {
            return Err(ImportError::Cancelled);
        }
        let batch = batch.map_err(|error| store::Error::Corrupt(format!("parquet: {error}")))?;
        let Some(ids) = batch.column_by_name(USER).and_then(|c| c.as_string_opt::<i32>()) else { return Ok(0) };
        rows += ids.iter().flatten().filter(|id| users.contains(*id)).count() as u64;
    }
    Ok(rows)
}

/// Copies a file that [`import_csv`](crate::import_csv) wrote without the rows of `users`, in the same order; returns how
/// many rows the copy has. `sink` holds a complete file only when the result is `Ok`.
pub fn remove_users<F: ReadAt>(
    file: F,
    users: &HashSet<Box<str>>,
    sink: impl Write + Send,
    cancelled: &dyn Fn() -> bool,
) -> Result<u64, ImportError> {
    let kept = users.clone();
    let keep = move |ids: &dyn Array| match ids.as_string_opt::<i32>() {
        Some(ids) => ids.iter().map(|id| Some(id.is_none_or(|id| !kept.contains(id)))).collect(),
        None => BooleanArray::from(vec![true; ids.len()]),
    };
    let batches = open_filtered(file, USER, Box::new(keep))?;
    let schema = batches.schema.clone();
    let mut writer = ArrowWriter::try_new(sink, schema.clone(), Some(writer_properties(&schema)))?;
    let mut rows = 0;
    for batch in batches {
        if cancelled() {
            return Err(ImportError::Cancelled);
        }
        let batch = batch.map_err(|error| store::Error::Corrupt(format!("parquet: {error}")))?;
        rows += batch.num_rows() as u64;
        writer.write(&batch)?;
    }
    writer.close()?;
    Ok(rows)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Cell, ImportRules, ParquetRows, Rows, import_csv};
    use bytes::Bytes;
    use tastemaker_domain::schema::Schema;

    fn users(csv: &str) -> Result<Vec<String>, String> {
        let mut users = HashSet::new();
        read_users(csv.as_bytes(), "u.csv", &mut users, &|| false).map_err(|error| error.to_string())?;
        let mut users: Vec<String> = users.into_iter().map(String::from).collect();
        users.sort();
        Ok(users)
    }

    #[test]
    fn lists_of_users() {
        assert_eq!(users("USER_ID\r\nb\r\n\"a, b\"\nb\n").unwrap(), ["a, b", "b"]);
        assert_eq!(users("NOTE,USER_ID\n,a\n").unwrap(), ["a"]);
        assert_eq!(users("note,user_id\n,a\n").unwrap(), ["a"]);
        assert!(users("user_id,User_Id\na,b\n").unwrap_err().contains("by the case of letters only"));
        assert_eq!(users("USER_ID\n").unwrap(), [""; 0]);
        let stopped = read_users("USER_ID\na\n".as_bytes(), "u.csv", &mut HashSet::new(), &|| true);
        assert!(matches!(stopped, Err(ImportError::Cancelled)), "{stopped:?}");
        for (csv, error) in [
            ("user\na\n", "u.csv: the header lacks the column USER_ID; found [user]"),
            ("[\n", "u.csv: the header lacks the column USER_ID; found [[]; the file looks like JSON"),
            ("PAR1\u{15}", "u.csv: the file looks like Parquet; it must be CSV, plain text in UTF-8"),
            ("USER_ID\na\n\"\"\n", "u.csv line 3 column USER_ID: an id must have 1 to 256 characters, not 0"),
        ] {
            assert_eq!(users(csv).unwrap_err(), error);
        }
        assert!(users("").is_err() && users("USER_ID\na,b\n").is_err());
    }

    #[test]
    fn a_file_without_some_users_is_otherwise_the_same() {
        let fields = r#"{"name":"USER_ID","type":"string"},{"name":"ITEM_ID","type":"string"},
            {"name":"TIMESTAMP","type":"long"},{"name":"EVENT_VALUE","type":["null","float"]}"#;
        let text = format!(r#"{{"type":"record","name":"Interactions","fields":[{fields}]}}"#);
        let schema = Schema::parse(&text, None).unwrap();
        let mut csv = String::from("USER_ID,ITEM_ID,TIMESTAMP,EVENT_VALUE\n");
        (0..20_000).for_each(|n| csv.push_str(&format!("u{},i{},{n},{}\n", n % 7, n % 9, f64::from(n) / 8.0)));
        let mut file = Vec::new();
        import_csv(csv.as_bytes(), "t.csv", &schema, &ImportRules::default(), &mut file, &|_, _| {}, &|| false)
            .unwrap();
        let (file, gone) = (Bytes::from(file), HashSet::from(["u1".into(), "u5".into(), "nobody".into()]));
        let matching = count_users(file.clone(), &gone, &|| false).unwrap();
        assert!(matches!(count_users(file.clone(), &gone, &|| true), Err(ImportError::Cancelled)));
        let mut rest = Vec::new();
        let kept = remove_users(file, &gone, &mut rest, &|| false).unwrap();
        assert_eq!(matching + kept, 20_000);
        let rest = Bytes::from(rest);
        assert_eq!(count_users(rest.clone(), &gone, &|| false).unwrap(), 0);

        let mut rows = Vec::new();
        ParquetRows { schema: &schema, files: Box::new(|| Ok(vec![rest.clone()])) }
            .each(&mut |cells| {
                let [Cell::Text(user), Cell::Text(item), Cell::Integer(time), Cell::Number(value)] = cells else {
                    panic!("{cells:?}")
                };
                rows.push(format!("{user},{item},{time},{value}"));
                Ok(())
            })
            .unwrap();
        let expected: Vec<_> =
            csv.lines().skip(1).filter(|line| !line.starts_with("u1,") && !line.starts_with("u5,")).collect();
        assert_eq!(rows, expected);
    }
}
