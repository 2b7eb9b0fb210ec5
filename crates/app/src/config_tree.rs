//! The tree of values of a configuration, by paths.

use serde_json::{Map, Value};

/// The value at a path.
pub fn at<'a>(tree: &'a Value, path: &[String]) -> Option<&'a Value> {
    path.iter().try_fold(tree, |inner, segment| match inner {
        Value::Object(members) => members.get(segment),
        Value::Array(list) => list.get(segment.parse::<usize>().ok()?),
        _ => None,
    })
}

/// Every value that is no table, with its path.
pub fn leaves(tree: &Value) -> Vec<(Vec<String>, &Value)> {
    fn walk<'a>(value: &'a Value, path: &mut Vec<String>, into: &mut Vec<(Vec<String>, &'a Value)>) {
        match value {
            Value::Object(members) if !members.is_empty() || path.is_empty() => {
                for (name, member) in members {
                    path.push(name.clone());
                    walk(member, path, into);
                    path.pop();
                }
            }
            Value::Null => {}
            value => into.push((path.clone(), value)),
        }
    }
    let mut found = Vec::new();
    walk(tree, &mut Vec::new(), &mut found);
    found
}

/// Puts a value at a path, in the place of what is there; an entry of a list within it, or right behind it.
pub fn place(tree: &mut Value, path: &[String], value: Value) {
    let Some((first, rest)) = path.split_first() else {
        *tree = value;
        return;
    };
    if let Value::Array(list) = tree {
        let Ok(at) = first.parse::<usize>() else { return };
        if at == list.len() {
            list.push(Value::Null);
        }
        if let Some(entry) = list.get_mut(at) {
            place(entry, rest, value);
        }
        return;
    }
    if !tree.is_object() {
        *tree = Value::Object(Map::new());
    }
    if let Value::Object(members) = tree {
        place(members.entry(first.clone()).or_insert(Value::Null), rest, value);
    }
}

/// Takes away what is at a path; whether there was something.
pub fn remove(tree: &mut Value, path: &[String]) -> bool {
    let Some((last, above)) = path.split_last() else { return false };
    let mut inner = tree;
    for segment in above {
        let next = match inner {
            Value::Object(members) => members.get_mut(segment),
            Value::Array(list) => segment.parse::<usize>().ok().and_then(|at| list.get_mut(at)),
            _ => None,
        };
        let Some(next) = next else { return false };
        inner = next;
    }
    match inner {
        Value::Object(members) => members.remove(last).is_some(),
        Value::Array(list) => match last.parse::<usize>() {
            Ok(at) if at < list.len() => {
                list.remove(at);
                true
            }
            _ => false,
        },
        _ => false,
    }
}
