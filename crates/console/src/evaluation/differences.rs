//! The settings of versions, row by row.

use super::Column;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// A setting with its value in each column; `None` where a column does not have it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SettingRow {
    /// Its path, such as `solutionConfig.algorithmHyperParameters.bptt`.
    pub name: String,
    /// One value for each column.
    pub values: Vec<Option<String>>,
}

impl SettingRow {
    /// Whether the columns do not all have the same.
    pub fn differs(&self) -> bool {
        self.values.windows(2).any(|pair| pair[0] != pair[1])
    }
}

/// The settings of the columns that are versions: all of them, or those that differ.
pub fn differing(columns: &[Column], all: bool) -> Vec<SettingRow> {
    let versions: Vec<&Column> = columns.iter().filter(|column| !column.is_popularity()).collect();
    let names: BTreeSet<&String> = versions.iter().flat_map(|column| column.settings.keys()).collect();
    let row = |name: &String| SettingRow {
        name: name.clone(),
        values: versions.iter().map(|column| column.settings.get(name).cloned()).collect(),
    };
    names.into_iter().map(row).filter(|row| all || row.differs()).collect()
}

/// The leaves of a JSON value by their path. Members of lists are named by their place.
pub fn settings_of(prefix: &str, value: &Value) -> BTreeMap<String, String> {
    let mut settings = BTreeMap::new();
    collect(prefix, value, &mut settings);
    settings
}

fn collect(path: &str, value: &Value, settings: &mut BTreeMap<String, String>) {
    let below = |name: &str| if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") };
    match value {
        Value::Null => {}
        Value::Object(members) => members.iter().for_each(|(name, value)| collect(&below(name), value, settings)),
        Value::Array(values) => {
            values.iter().enumerate().for_each(|(at, value)| collect(&below(&at.to_string()), value, settings));
        }
        Value::String(text) => drop(settings.insert(path.to_owned(), text.clone())),
        other => drop(settings.insert(path.to_owned(), other.to_string())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn column(settings: &Value) -> Column {
        Column { id: "v".into(), settings: settings_of("", settings), ..Column::default() }
    }

    #[test]
    fn only_what_differs() {
        let a = column(&json!({"recipe": "aws-sims", "config": {"bptt": "32", "events": [{"weight": 1.5}]}}));
        let b = column(&json!({"recipe": "aws-sims", "config": {"bptt": "16"}, "none": null}));
        let popularity = Column { id: super::super::POPULARITY.into(), ..Column::default() };
        let columns = [a, b, popularity];
        let names = |all| differing(&columns, all).into_iter().map(|row| row.name).collect::<Vec<_>>();
        assert_eq!(names(false), ["config.bptt", "config.events.0.weight"]);
        assert_eq!(names(true), ["config.bptt", "config.events.0.weight", "recipe"]);
        assert_eq!(differing(&columns, false)[1].values, [Some("1.5".to_owned()), None]);
        assert!(differing(&columns[..1], false).is_empty());
    }
}
