//! Neighbors by each kind of column, and columns that say nothing.

use super::*;
use crate::fixtures::cancelled;
use tastemaker_data::table::Value;
use tastemaker_data::{Column, TableBuilder};

fn text(value: &str) -> Option<Value> {
    Some(Value::Text(value.into()))
}

fn ids(names: &[&str]) -> IdMap {
    let mut ids = IdMap::default();
    names.iter().for_each(|name| {
        ids.insert(name);
    });
    ids
}

fn all(row_max: usize) -> ContentConfig<'static> {
    ContentConfig { row_max, features_max: usize::MAX, counts: &[] }
}

/// The neighbors of the first item, best first.
fn nearest(column: Column, values: &[(&str, Option<Value>)]) -> (Vec<String>, ColumnUse) {
    let mut builder = TableBuilder::new(vec![("X".to_owned(), column)]);
    values.iter().for_each(|(id, value)| builder.set(id, [value.clone()]));
    let items = ids(&values.iter().map(|(id, _)| *id).collect::<Vec<_>>());
    let found = content(&builder.build(), &items, &all(10), &Cancel::new()).unwrap();
    let mut row: Vec<(u32, f32)> = found.to_all.row(0).collect();
    row.sort_by(|a, b| b.1.total_cmp(&a.1));
    (row.into_iter().map(|(item, _)| items.id(item).to_owned()).collect(), found.columns[0].used.clone())
}

fn several(values: &[(&'static str, Option<Value>)]) -> Vec<(&'static str, Option<Value>)> {
    // Others enough that what two share is rare.
    const OTHERS: [&str; 8] = ["o1", "o2", "o3", "o4", "o5", "o6", "o7", "o8"];
    let others = OTHERS.iter().map(|id| (*id, text(&format!("{id} something quite different from {id}"))));
    values.iter().cloned().chain(others).collect()
}

#[test]
fn prose_is_compared_word_by_word() {
    let values = several(&[
        ("a", text("Organic sweet almond oil for dry hair")),
        ("b", text("Pure ALMOND OIL, organic")),
        ("c", text("Leather wallet for men in brown")),
    ]);
    let (near, used) = nearest(Column::Text(vec![]), &values);
    assert_eq!((near[0].as_str(), used), ("b", ColumnUse::Text));
}

#[test]
fn a_bar_in_one_of_many_texts_does_not_make_categories_of_them() {
    let values = several(&[
        ("a", text("a red lamp | for the table")),
        ("b", text("a blue lamp for the table")),
        ("c", text("green shoes for every road")),
    ]);
    let (near, used) = nearest(Column::Text(vec![]), &values);
    assert_eq!((near[0].as_str(), used), ("b", ColumnUse::Text));
}

#[test]
fn categories_are_compared_as_a_whole() {
    let mut values =
        vec![("a", text("Drama|Crime")), ("b", text("Crime")), ("c", text("Crimea")), ("d", text("Comedy"))];
    values.extend(["e", "f", "g", "h", "i", "j"].map(|id| (id, text("Western"))));
    let (near, used) = nearest(Column::Text(vec![]), &values);
    assert_eq!((near, used), (vec!["b".to_owned()], ColumnUse::Category));
}

#[test]
fn numbers_are_compared_by_rank_whatever_their_scale() {
    let ids = ["a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k", "l", "m", "n", "o", "p", "q", "r", "s", "t"];
    let absurd = |k: usize| [1.0, 1e300, -1e300][k % 3] * (k as f64);
    let mut values: Vec<_> = ids.iter().enumerate().map(|(k, id)| (*id, Some(Value::Number(absurd(k + 3))))).collect();
    values[0].1 = Some(Value::Number(5.0));
    values[1].1 = Some(Value::Number(5.5));
    values[2].1 = Some(Value::Number(f64::NAN));
    let (near, used) = nearest(Column::Number(vec![]), &values);
    assert_eq!((near[0].as_str(), used), ("b", ColumnUse::Number));
    assert!(!near.contains(&"c".to_owned()), "{near:?}");
}

#[test]
fn columns_that_say_nothing_are_left_out_with_the_reason() {
    let left_out = |column: Column, value: Option<Value>| match nearest(column, &[("a", value.clone()), ("b", value)]) {
        (near, ColumnUse::LeftOut(why)) => {
            assert!(near.is_empty());
            why
        }
        other => panic!("{other:?}"),
    };
    assert!(left_out(Column::Number(vec![]), Some(Value::Number(3.0))).contains("one value"));
    assert!(left_out(Column::Number(vec![]), Some(Value::Number(f64::INFINITY))).contains("no finite value"));
    assert!(left_out(Column::Integer(vec![]), None).contains("no finite value"));
    assert!(left_out(Column::Text(vec![]), text("Same")).contains("one value"));
    assert!(left_out(Column::Boolean(vec![]), Some(Value::Boolean(true))).contains("one value"));
}

#[test]
fn rows_follow_the_items_and_strangers_are_ignored() {
    let mut builder = TableBuilder::new(vec![("BRAND".to_owned(), Column::Text(vec![]))]);
    for id in ["stranger", "b", "a", "c", "d", "e", "f", "g", "h"] {
        builder.set(id, [text(if id < "c" || id == "stranger" { "Acme" } else { id })]);
    }
    let items = ids(&["a", "no row", "b", "c", "d", "e", "f", "g", "h"]);
    let relations = content(&builder.build(), &items, &all(5), &Cancel::new()).unwrap().to_all;
    assert_eq!(relations.len(), 9);
    assert_eq!(relations.row(0).map(|r| r.0).collect::<Vec<_>>(), [2]);
    assert_eq!(relations.row(1).len(), 0);
    let cancel = cancelled();
    assert_eq!(content(&Table::default(), &items, &all(5), &cancel).unwrap_err(), Error::Cancelled);
}

/// The best of the names for a text that is put in as one more item.
fn best(names: &[&str], text_of: &str) -> usize {
    let ids: Vec<String> = (0..=names.len()).map(|n| n.to_string()).collect();
    let mut builder = TableBuilder::new(vec![("NAME".to_owned(), Column::Text(vec![]))]);
    for (id, name) in ids.iter().zip(names.iter().chain([&text_of])) {
        builder.set(id, [text(name)]);
    }
    let items = self::ids(&ids.iter().map(String::as_str).collect::<Vec<_>>());
    let found = content(&builder.build(), &items, &all(100), &Cancel::new()).unwrap().to_all;
    let near = found.row(names.len() as u32).max_by(|a, b| a.1.total_cmp(&b.1));
    near.map_or(usize::MAX, |near| near.0 as usize)
}

#[test]
fn misspelt_names_find_what_was_meant() {
    let names = [
        "Organic sweet almond oil",
        "Nourishing conditioner, coconut",
        "Leather wallet, brown",
        "Waterproof camping tent",
        "Cordless workshop drill",
        "Stainless kitchen knife",
    ];
    for (misspelt, meant) in [
        ("almnd oyl", 0),
        ("conditoner", 1),
        ("leahter walet", 2),
        ("watterprof tentt", 3),
        ("cordles dril", 4),
        ("stainles knifes", 5),
    ] {
        assert_eq!(best(&names, misspelt), meant, "{misspelt}");
    }
}

#[test]
fn korean_names_are_found_whatever_particle_follows_and_with_a_wrong_vowel() {
    let names = [
        "유기농 아몬드 오일",
        "코코넛 헤어 컨디셔너",
        "갈색 가죽 지갑",
        "방수 캠핑 텐트",
        "무선 전동 드릴",
        "스테인리스 부엌 칼",
    ];
    for (asked, meant) in [
        ("아몬드를 짠 기름은", 0),
        ("컨디셔너가 필요하다", 1),
        ("지갑은 가죽이 좋다", 2),
        ("텐트를 캠핑에", 3),
        ("드릴이 무선이다", 4),
        ("칼을 부엌에서", 5),
        ("컨디셔너 컨디서너", 1),
        ("아먼드", 0),
    ] {
        assert_eq!(best(&names, asked), meant, "{asked}");
    }
}

#[test]
fn new_items_are_kept_beside_those_of_all() {
    const IDS: [&str; 12] = ["a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k", "l"];
    let mut builder = TableBuilder::new(vec![("BRAND".to_owned(), Column::Text(vec![]))]);
    for id in IDS {
        builder.set(id, [text(if id < "d" { "Acme" } else { id })]);
    }
    let items = ids(&IDS);
    let mut counts = [1.0; IDS.len()];
    (counts[2], counts[11]) = (0.0, 0.0);
    let config = ContentConfig { row_max: 1, features_max: 10, counts: &counts };
    let found = content(&builder.build(), &items, &config, &Cancel::new()).unwrap();
    let row = |matrix: &ItemMatrix, item| matrix.row(item).map(|r| r.0).collect::<Vec<_>>();
    assert_eq!((row(&found.to_all, 0), row(&found.to_new, 0)), (vec![1], vec![2]));
    assert!(row(&found.to_new, 3).is_empty());
}
