//! The objects of a folder that hold data, whatever they are called.

use std::collections::HashSet;
use tastemaker_store::objects::ObjectRecord;

/// Names of skipped objects that the log has.
const LOGGED_MAX: usize = 10;

/// The objects of a folder that hold data, and how many do not.
pub(crate) struct DataObjects {
    pub data: Vec<ObjectRecord>,
    pub skipped: usize,
}

/// Leaves out what is no part of the data: objects without bytes, the folders' own placeholders among them, what writers of
/// parts hide by a name (`_SUCCESS`, `_temporary/`, `.part-0.crc`), and the description that Athena writes beside a result.
/// Everything else is data: who cannot read it must say so.
pub(crate) fn data_objects(folder: &str, all: Vec<ObjectRecord>) -> DataObjects {
    let keys: HashSet<String> = all.iter().map(|object| object.key.clone()).collect();
    let is_beside_another = |key: &str| key.strip_suffix(".metadata").is_some_and(|result| keys.contains(result));
    let is_data = |object: &ObjectRecord| {
        let name = object.key.strip_prefix(folder).unwrap_or(&object.key);
        object.size_bytes > 0 && !name.ends_with('/') && !is_hidden(name) && !is_beside_another(&object.key)
    };
    let (data, skipped): (Vec<_>, Vec<_>) = all.into_iter().partition(is_data);
    if !skipped.is_empty() {
        let names: Vec<_> = skipped.iter().take(LOGGED_MAX).map(|object| object.key.as_str()).collect();
        tracing::info!(folder, count = skipped.len(), ?names, "objects without data are skipped");
    }
    DataObjects { data, skipped: skipped.len() }
}

/// Whether a part of the name begins with '.' or '_'. A CSV file by name is data also with '_'.
fn is_hidden(name: &str) -> bool {
    let (folders, file) = name.rsplit_once('/').unwrap_or(("", name));
    let is_csv = file.to_ascii_lowercase().ends_with(".csv");
    folders.split('/').any(|part| part.starts_with(['.', '_']))
        || file.starts_with('.')
        || (file.starts_with('_') && !is_csv)
}

#[cfg(test)]
mod tests {
    use super::*;
    use tastemaker_store::objects::OBJECT_FORMAT;

    fn object(key: &str, size_bytes: u64) -> ObjectRecord {
        ObjectRecord {
            format: OBJECT_FORMAT,
            key: key.into(),
            size_bytes,
            etag: "0".into(),
            last_modified_ms: 1,
            blob: "b".into(),
            headers: Default::default(),
            metadata: Default::default(),
            checksums: Default::default(),
            tags: Default::default(),
            grants: None,
            part_sizes: Vec::new(),
        }
    }

    #[test]
    fn data_is_what_is_neither_empty_nor_hidden() {
        let folder = "_out/day/";
        let data = [
            "a.csv",
            "_b.csv",
            "x.csv000",
            "part-r-00000",
            "9c1.csv",
            "READ-ME",
            "deep/er/0001_part_00",
            "lone.metadata",
        ];
        let others =
            ["_SUCCESS", "_temporary/0/a.csv", ".a.csv.crc", "._a.csv", "deep/_SUCCESS", "9c1.csv.metadata", "dir/"];
        let mut all: Vec<_> = data.iter().chain(&others).map(|name| object(&format!("{folder}{name}"), 5)).collect();
        all.push(object("_out/day/empty.csv", 0));
        all.push(object("_out/day/", 0));
        all.sort_by(|a, b| a.key.cmp(&b.key));
        let found = data_objects(folder, all);
        let mut names: Vec<_> = found.data.iter().map(|object| &object.key[folder.len()..]).collect();
        let mut expected = data.to_vec();
        names.sort_unstable();
        expected.sort_unstable();
        assert_eq!((names, found.skipped), (expected, others.len() + 2));
    }
}
