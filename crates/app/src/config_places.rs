//! Settings within lists of tables: the entries of the lists, and the places that their variables name.

use crate::config_keys::{ANY_PLACE, find, is_list, is_place, written};
use crate::config_tree::{at, place};
use serde_json::Value;
use std::cmp::Ordering;

/// The order in which variables are read: a list before its entries, and these by their places.
pub fn in_order(one: &[String], other: &[String]) -> Ordering {
    let segments = one.iter().zip(other).map(|(one, other)| match (one.parse::<u64>(), other.parse::<u64>()) {
        (Ok(one), Ok(other)) => one.cmp(&other),
        _ => one.cmp(other),
    });
    segments.fold(Ordering::Equal, Ordering::then).then(one.len().cmp(&other.len()))
}

/// The beginnings of a path that are lists of tables, each with the segment behind it.
fn lists(path: &[String]) -> impl Iterator<Item = (&[String], &str)> {
    (1..path.len()).filter(|length| is_list(&path[..*length])).map(|length| (&path[..length], path[length].as_str()))
}

/// Makes the lists that a path goes through where they are not there; whether each of them is a list now.
pub fn make_lists(tree: &mut Value, path: &[String]) -> bool {
    lists(path).all(|(list, _)| {
        if at(tree, list).is_none_or(Value::is_null) {
            place(tree, list, Value::Array(Vec::new()));
        }
        at(tree, list).is_some_and(Value::is_array)
    })
}

/// The sentence about a path whose place in a list is neither one that the list has nor the next.
pub fn gap(tree: &Value, path: &[String]) -> Option<String> {
    lists(path).find_map(|(list, given)| {
        let entries = at(tree, list).and_then(Value::as_array).map_or(0, Vec::len);
        let known = given.parse::<usize>().is_ok_and(|place| place <= entries);
        (!known).then(|| {
            format!(
                "{}: the next place in the list {} is {entries}; places are numbered from 0, and none is left out",
                written(path),
                written(list)
            )
        })
    })
}

/// The paths of a setting for every entry that its lists have.
pub fn expanded(tree: &Value, pattern: &[String]) -> Vec<Vec<String>> {
    let mut paths = vec![Vec::new()];
    for segment in pattern {
        let next = |path: &Vec<String>| -> Vec<Vec<String>> {
            let with = |segment: String| [path.as_slice(), &[segment]].concat();
            if segment != ANY_PLACE {
                return vec![with(segment.clone())];
            }
            let entries = at(tree, path).and_then(Value::as_array).map_or(0, Vec::len);
            (0..entries).map(|place| with(place.to_string())).collect()
        };
        paths = paths.iter().flat_map(next).collect();
    }
    paths
}

/// The list of a path that has no place behind it, and the path that may have been meant.
pub fn without_place(path: &[String]) -> Option<(Vec<String>, Vec<String>)> {
    let (list, _) = lists(path).find(|(_, given)| !is_place(given))?;
    let first = "0".to_owned();
    let inserted = [list, std::slice::from_ref(&first), &path[list.len()..]].concat();
    let replaced = [list, std::slice::from_ref(&first), &path[list.len() + 1..]].concat();
    let meant = [inserted, replaced].into_iter().find(|meant| find(meant).is_some())?;
    Some((list.to_vec(), meant))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn path(text: &str) -> Vec<String> {
        text.split('.').map(str::to_owned).collect()
    }

    #[test]
    fn places_are_read_by_their_numbers() {
        let mut paths =
            ["webhooks.10.url", "webhooks.2.url", "webhooks", "s3.external.0.bucket", "webhooks.2.secret"].map(path);
        paths.sort_by(|one, other| in_order(one, other));
        let sorted = paths.map(|path| path.join("."));
        assert_eq!(
            sorted,
            ["s3.external.0.bucket", "webhooks", "webhooks.2.secret", "webhooks.2.url", "webhooks.10.url"]
        );
    }

    #[test]
    fn lists_are_made_and_gaps_are_named() {
        let mut tree = json!({"webhooks": [{"url": "a"}], "s3": "no table"});
        assert!(make_lists(&mut tree, &path("braze.webhook.orders.0.match")));
        assert_eq!(tree["braze"]["webhook"]["orders"], json!([]));
        assert_eq!(gap(&tree, &path("webhooks.0.url")), None);
        assert_eq!(gap(&tree, &path("webhooks.1.url")), None);
        assert_eq!(
            gap(&tree, &path("webhooks.3.url")).as_deref(),
            Some(
                "webhooks.3.url: the next place in the list webhooks is 1; places are numbered from 0, and none is left out"
            )
        );
        tree["webhooks"] = json!("no list");
        assert!(!make_lists(&mut tree, &path("webhooks.0.url")), "what is wrong is told as such");
    }

    #[test]
    fn settings_are_those_of_every_entry() {
        let tree = json!({"webhooks": [{}, {}]});
        assert_eq!(
            expanded(&tree, &path("webhooks.[].secret")),
            [path("webhooks.0.secret"), path("webhooks.1.secret")]
        );
        assert!(expanded(&tree, &path("s3.external.[].bucket")).is_empty());
        assert_eq!(without_place(&path("webhooks.url")), Some((path("webhooks"), path("webhooks.0.url"))));
        assert_eq!(without_place(&path("webhooks.x.url")), Some((path("webhooks"), path("webhooks.0.url"))));
        assert_eq!(without_place(&path("webhooks.0.url")), None);
    }
}
