//! Random data and expressions: the bitmaps equal the naive interpreter; random texts: the parser never panics.

use super::reference::World;
use super::row;
use crate::{Columns, Compiled, Interaction, Overlay, Subject, parse, parse_values};
use proptest::prelude::*;
use std::collections::BTreeMap;
use std::sync::Arc;
use tastemaker_data::table::Value;
use tastemaker_data::{Column, IdMap, ItemIx, Table, TableBuilder};

/// Enough items that a numeric index has kept beginnings.
const ITEMS: usize = 3000;

fn table(rows: u32, seed: u64) -> Table {
    let mut builder = TableBuilder::new(vec![
        ("TOPIC".into(), Column::Text(vec![])),
        ("BRAND".into(), Column::Text(vec![])),
        ("YEAR".into(), Column::Integer(vec![])),
        ("PRICE".into(), Column::Number(vec![])),
    ]);
    let mut state = seed;
    let mut next = |n: u64| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) % n
    };
    for row in 0..rows {
        let letters = ["a", "b", "c", "d"];
        let topic: Vec<_> = (0..next(4)).map(|_| letters[next(4) as usize]).collect();
        let topic = (!topic.is_empty()).then(|| Value::Text(topic.join("|").into()));
        let brand = (next(5) > 0).then(|| Value::Text(format!("a{}", next(200)).into()));
        let year = (next(9) > 0).then(|| Value::Integer(next(12) as i64 - 2));
        let price = (next(9) > 0).then(|| Value::Number(next(4000) as f64 / 4.0));
        builder.set(&format!("i{row}"), [topic, brand, year, price]);
    }
    builder.build()
}

fn condition() -> impl Strategy<Value = String> {
    let text_list = prop_oneof![
        proptest::collection::vec("[a-e]|a[0-9]", 1..4).prop_map(|v| format!("(\"{}\")", v.join("\", \""))),
        Just("($TEXTS)".to_owned()),
        Just("CurrentItem.TOPIC".to_owned()),
    ];
    let number = prop_oneof![
        "-?[0-9]{1,3}",
        "[0-9]{1,3}\\.[0-9]",
        Just("$NUMBER".to_owned()),
        Just("CurrentItem.YEAR".to_owned()),
        Just("CurrentItem.PRICE".to_owned()),
    ];
    let text = (prop_oneof![Just("TOPIC"), Just("BRAND")], prop_oneof![Just("IN"), Just("NOT IN")], text_list)
        .prop_map(|(column, test, list)| format!("{column} {test} {list}"));
    let comparison = prop_oneof![Just("="), Just("!="), Just("<"), Just("<="), Just(">"), Just(">=")];
    let numeric = (prop_oneof![Just("YEAR"), Just("PRICE")], comparison, number)
        .prop_map(|(column, comparison, number)| format!("{column} {comparison} {number}"));
    let listed = proptest::collection::vec(0..9u8, 1..3).prop_map(|v| {
        let numbers: Vec<_> = v.iter().map(u8::to_string).collect();
        format!("YEAR NOT IN ({})", numbers.join(","))
    });
    prop_oneof![3 => text, 3 => numeric, 1 => listed]
}

fn clause() -> impl Strategy<Value = String> {
    let effect = prop_oneof![Just("INCLUDE"), Just("EXCLUDE")];
    let joined = |dataset: &'static str| {
        proptest::collection::vec((condition(), prop_oneof![Just("AND"), Just("OR")]), 1..4).prop_map(move |all| {
            let mut text = String::new();
            for (n, (condition, word)) in all.iter().enumerate() {
                let between = if n == 0 { String::new() } else { format!(" {word} ") };
                text += &format!("{between}{dataset}.{condition}");
            }
            text
        })
    };
    let events = (
        prop_oneof![Just("IN"), Just("NOT IN")],
        prop_oneof![Just("(\"x\", \"Y\")"), Just("(\"z\")"), Just("($TEXTS)"), Just("(*)")],
    )
        .prop_map(|(test, list)| format!("Interactions.EVENT_TYPE {test} {list}"));
    let only_if = proptest::option::of(condition().prop_map(|condition| format!(" IF CurrentUser.{condition}")));
    (effect, prop_oneof![3 => joined("Items").boxed(), 1 => events.boxed()], only_if).prop_map(
        |(effect, conditions, only_if)| format!("{effect} ItemID WHERE {conditions}{}", only_if.unwrap_or_default()),
    )
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn bitmaps_equal_the_naive_interpreter(
        clauses in proptest::collection::vec(clause(), 1..4),
        seed in any::<u64>(),
        user in proptest::option::of(0..20u32),
        current_item in proptest::option::of(0..ITEMS as u32),
        events in proptest::collection::vec((0..ITEMS as u32, prop_oneof![Just("x"), Just("y"), Just("a"), Just("")]), 0..60),
        texts in proptest::option::of("[a-d](,[a-d]){0,2}"),
    ) {
        let text = clauses.join(" | ");
        let expression = Arc::new(parse(&text).unwrap());
        let (items, users) = (Arc::new(table(ITEMS as u32 * 9 / 10, seed)), table(20, !seed));
        let mut ids = IdMap::default();
        (0..ITEMS).for_each(|n| { ids.insert(&format!("i{n}")); });
        let mut values = BTreeMap::from([("NUMBER".to_owned(), "5".to_owned())]);
        values.extend(texts.map(|texts| ("TEXTS".to_owned(), texts)));
        let interactions: Vec<_> = events.iter().zip(0..)
            .map(|(&(item, event_type), time_s)| Interaction { item: ItemIx(item), event_type, time_s })
            .collect();
        let user_id = user.map(|user| format!("i{user}"));
        let current_item = current_item.map(ItemIx);

        let columns = Arc::new(Columns::new(items.clone(), "ITEM_ID", ids.iter()));
        let user_row = user_id.as_deref().and_then(|user| row(&users, "USER_ID", user));
        let item_row = current_item.and_then(|item| row(&items, "ITEM_ID", ids.id(item.0)));
        let subject = Subject { user: user_row, current_item: item_row, interactions: &interactions };
        let found = Compiled::new(expression.clone(), columns).evaluate(&subject, &values);
        let incomplete = expression.parameters().any(|p| p.effect.as_str() == "INCLUDE" && !values.contains_key(p.name));
        prop_assert_eq!(found.is_err(), incomplete, "{}", text);
        let Ok(found) = found else { return Ok(()) };

        let world = World {
            ids: &ids, items: &items, users: &users, user: user_id.as_deref(), current_item,
            interactions: &interactions, values: &values,
        };
        for item in 0..ITEMS as u32 {
            let expected = world.passes(&expression, ItemIx(item));
            prop_assert_eq!(found.get(ItemIx(item)), expected, "{} for i{}", text, item);
        }

        // The same data in two parts: older columns of fewer items, and newer rows.
        let older = Arc::new(table(ITEMS as u32 / 2, seed ^ 1));
        let columns = Arc::new(Columns::new(older, "ITEM_ID", ids.iter().take(ITEMS / 2)));
        let newer: Vec<ItemIx> = items.ids.iter().map(|id| ItemIx(ids.get(id).unwrap())).collect();
        let overlay = Overlay { len: ITEMS, table: &items, items: &newer };
        let overlaid = Compiled::new(expression, columns).evaluate_with(&subject, &values, &overlay).unwrap();
        for item in newer {
            prop_assert_eq!(overlaid.get(item), found.get(item), "{} for {:?}", text, item);
        }
    }

    #[test]
    fn what_is_written_reads_back(clauses in proptest::collection::vec(clause(), 1..4)) {
        let written = parse(&clauses.join("|")).unwrap().to_string();
        prop_assert_eq!(parse(&written).unwrap().to_string(), written);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, ..ProptestConfig::default() })]

    #[test]
    fn any_text_is_read_or_refused(text in any::<String>()) {
        let _ = parse(&text).map_err(|error| error.to_string());
        let _ = parse_values("P", &text);
    }

    #[test]
    fn any_tokens_are_read_or_refused(words in proptest::collection::vec(prop_oneof![
        Just("INCLUDE"), Just("EXCLUDE"), Just("ItemID"), Just("WHERE"), Just("Items"), Just("."), Just("A"), Just("IN"),
        Just("NOT"), Just("("), Just(")"), Just("\"x\""), Just("'"), Just("5"), Just("-1.5"), Just("$P"), Just("*"),
        Just("AND"), Just("IF"), Just("CurrentUser"), Just("CurrentItem"), Just("|"), Just("="), Just("<="), Just("Interactions"),
        Just("EVENT_TYPE"), Just("é"), Just("\\"),
    ], 0..24)) {
        let text = words.join(" ");
        match parse(&text) {
            Ok(read) => prop_assert_eq!(parse(&read.to_string()).unwrap().to_string(), read.to_string()),
            Err(error) => prop_assert!(error.position() <= text.chars().count() + 1 && error.to_string().lines().count() == 3),
        }
    }
}
