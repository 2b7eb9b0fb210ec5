//! Evaluation of expressions on hand-made examples.

use super::passing;
use crate::Overlay;
use crate::{Columns, Compiled, Interaction, Subject, UserEvents, parse};
use std::collections::BTreeMap;
use std::sync::Arc;
use tastemaker_data::table::Value;
use tastemaker_data::{Column, ItemIx, TableBuilder};

#[track_caller]
fn check(filter: &str, expected: &str) {
    assert_eq!(passing(filter, None, None, &[], &[]).unwrap(), expected, "{filter}");
}

#[track_caller]
fn check_item(condition: &str, expected: &str) {
    check(&format!("INCLUDE ItemID WHERE {condition}"), expected);
}

#[test]
fn columns() {
    check_item(r#"Items.TOPIC IN ("food")"#, "ac");
    check_item(r#"items.topic in ("food", "travel")"#, "abc");
    check_item(r#"Items.TOPIC IN ("art|food")"#, "");
    check_item(r#"Items.TOPIC NOT IN ("food")"#, "bdef");
    check_item(r#"Items.TOPIC = "Food""#, "d");
    check_item(r#"Items.TOPIC != "Food""#, "abcef");
    check_item(r#"Items.ITEM_ID IN ("a", "f", "z")"#, "af");
    check_item(r#"Items.ITEM_ID NOT IN ("a")"#, "bcdef");
    check_item(r#"items.item_id IN ("a", "c")"#, "ac");
    check_item("Items.PRICE = 19.99", "b");
    check_item("Items.PRICE != 5", "bcdef");
    check_item("Items.PRICE < 10", "ae");
    check_item("Items.PRICE <= (10)", "ade");
    check_item("Items.PRICE > -3.5", "abd");
    check_item("Items.PRICE >= -3.5", "abde");
    check_item("Items.YEAR > 1999.5", "bce");
    check_item("Items.YEAR IN (2000, 1990)", "abc");
    check_item(r#"Items.YEAR IN ("2000")"#, "bc");
    check_item("Items.YEAR NOT IN (2000)", "adef");
    check_item("Items.NOWHERE = 1", "");
    check_item("Items.NOWHERE != 1", "abcdef");
    check_item("Items.ADULT = 1", "");
}

#[test]
fn ranges_of_a_long_column_leave_out_just_what_is_outside() {
    let ids: Vec<String> = (0..3000).map(|n| format!("i{n}")).collect();
    let mut table = TableBuilder::new(vec![("PRICE".into(), Column::Integer(vec![]))]);
    ids.iter().zip(0..).for_each(|(id, price)| table.set(id, [Some(Value::Integer(price))]));
    let columns = Arc::new(Columns::new(Arc::new(table.build()), "ITEM_ID", ids.iter().map(String::as_str)));
    let of = |condition: &str| {
        let filter = parse(&format!("INCLUDE ItemID WHERE Items.PRICE {condition}")).unwrap();
        let allowed = Compiled::new(Arc::new(filter), columns.clone());
        let allowed = allowed.evaluate(&Subject::default(), &BTreeMap::new()).unwrap();
        (allowed.count(), allowed.iter_ones().next().map(|item| item.0))
    };
    assert_eq!((of("> 0"), of(">= 0"), of("> 1")), ((2999, Some(1)), (3000, Some(0)), (2998, Some(2))));
    assert_eq!((of("< 2999"), of("<= 2999"), of("!= 0")), ((2999, Some(0)), (3000, Some(0)), (2999, Some(1))));
}

#[test]
fn what_looks_like_the_language_and_is_not() {
    let written = |filter: &str| parse(filter).map(|read| read.to_string()).map_err(|error| error.to_string());
    let literal = r#"INCLUDE ItemID WHERE Items.TOPIC IN ("*")"#;
    assert_eq!(written(literal), Ok(literal.to_owned()), "only event types can be any");
    assert!(written("INCLUDE ItemID WHERE Items.PRICE = 5.").is_err());
    let other = "INCLUDE ActionID WHERE Actions.PRICE > 1 IF CurrentUser.AGE = CurrentItem.AGE";
    assert!(written(other).unwrap_err().contains("CurrentItem is for conditions"));
}

#[test]
fn and_binds_tighter_than_or() {
    check_item(r#"Items.YEAR = 1990 OR Items.YEAR = 2000 AND Items.TOPIC IN ("food")"#, "ac");
    check_item(r#"Items.TOPIC IN ("food") AND Items.YEAR = 2000 OR Items.YEAR = 1990"#, "ac");
    check_item(r#"Items.TOPIC IN ("food") AND Items.YEAR = 2000 AND Items.PRICE > 0"#, "");
}

#[test]
fn clauses_combine_whatever_their_order() {
    let include = r#"INCLUDE ItemID WHERE Items.TOPIC IN ("food")"#;
    let travel = r#"INCLUDE ItemID WHERE Items.TOPIC IN ("travel")"#;
    let exclude = "EXCLUDE ItemID WHERE Items.YEAR = 2000";
    check(&format!("{include} | {travel}"), "abc");
    check(&format!("{include} | {travel} | {exclude}"), "a");
    check(&format!("{exclude} | {travel} | {include}"), "a");
    check(&format!("{exclude} | EXCLUDE ItemID WHERE Items.PRICE < 0"), "adf");
}

#[test]
fn events_of_the_user() {
    let events = [("a", "View"), ("b", "buy"), ("a", "buy"), ("c", "view")];
    let of = |filter: &str| passing(filter, None, None, &events, &[("T", "\"VIEW\"")]).unwrap();
    assert_eq!(of(r#"EXCLUDE ItemID WHERE Interactions.EVENT_TYPE IN ("buy")"#), "cdef");
    assert_eq!(of("EXCLUDE ItemID WHERE INTERACTIONS.event_type IN ($T)"), "bdef");
    assert_eq!(of("INCLUDE ItemID WHERE Interactions.EVENT_TYPE IN (*)"), "abc");
    assert_eq!(of("INCLUDE ItemID WHERE Interactions.EVENT_TYPE IN (\"*\")"), "abc");
    assert_eq!(of("INCLUDE ItemID WHERE Interactions.EVENT_TYPE NOT IN (*)"), "");
    assert_eq!(of(r#"INCLUDE ItemID WHERE Interactions.EVENT_TYPE NOT IN ("view")"#), "ab");
    let both = r#"INCLUDE ItemID WHERE Interactions.EVENT_TYPE IN ("view") AND Interactions.EVENT_TYPE IN ("buy")"#;
    assert_eq!(of(both), "a");
    let either = r#"Interactions.EVENT_TYPE IN ("rate") OR Interactions.EVENT_TYPE IN ("buy")"#;
    assert_eq!(of(&format!("INCLUDE ItemID WHERE {either}")), "ab");
    assert_eq!(of(&format!("EXCLUDE ItemID WHERE {either}")), "cdef");
    let any = r#"Interactions.EVENT_TYPE IN ("view") OR Interactions.EVENT_TYPE IN ("buy")"#;
    assert_eq!(of(&format!("EXCLUDE ItemID WHERE {any}")), "def");
    let mixed =
        r#"INCLUDE ItemID WHERE Items.TOPIC IN ("food") | EXCLUDE ItemID WHERE Interactions.EVENT_TYPE IN ("buy")"#;
    assert_eq!(of(mixed), "c");
    let none = r#"INCLUDE ItemID WHERE Interactions.EVENT_TYPE IN ("buy")"#;
    assert_eq!(passing(none, None, None, &[], &[]).unwrap(), "");
}

#[test]
fn only_the_newest_hundred_of_each_event_type_count() {
    let (ids, table) = super::shop();
    let columns = Arc::new(Columns::new(table, "ITEM_ID", ids.iter()));
    let filter = parse("EXCLUDE ItemID WHERE Interactions.EVENT_TYPE IN (*)").unwrap();
    let compiled = Compiled::new(Arc::new(filter), columns);
    let event =
        |item: u32, event_type: &'static str, time_s: i64| Interaction { item: ItemIx(item), event_type, time_s };
    let mut events = vec![event(0, "view", 1), event(1, "buy", 0)];
    events.extend((0..99).map(|n| event(2, "view", 10 + n)));
    let left = |events: &[Interaction<'_>]| {
        let subject = Subject { interactions: events, ..Subject::default() };
        compiled.evaluate(&subject, &BTreeMap::new()).unwrap().iter_ones().map(|i| i.0).collect::<Vec<_>>()
    };
    assert_eq!(left(&events), [3, 4, 5]);
    events.push(event(2, "VIEW", 5));
    assert_eq!(left(&events), [0, 3, 4, 5]);
}

#[test]
fn conditions_on_the_user() {
    let of = |condition: &str, user: Option<&str>| {
        let filter = format!(r#"EXCLUDE ItemID WHERE Items.TOPIC IN ("food") IF {condition}"#);
        passing(&filter, user, None, &[], &[("AGE", "30"), ("TIER", "gold")]).unwrap() == "bdef"
    };
    for (condition, ann, bob, nobody) in [
        ("CurrentUser.AGE > 20", true, false, false),
        ("CurrentUser.AGE >= 30", true, false, false),
        ("CurrentUser.AGE <= 15", false, true, false),
        ("CurrentUser.AGE = $AGE", true, false, false),
        ("CurrentUser.TIER = $TIER", true, false, false),
        (r#"CurrentUser.TIER IN ("silver", "early")"#, true, false, false),
        (r#"CurrentUser.TIER NOT IN ("gold")"#, false, true, true),
        (r#"CurrentUser.TIER != "gold""#, false, true, true),
        (r#"CurrentUser.USER_ID IN ("bob")"#, false, true, false),
        ("CurrentUser.AGE > 10 AND CurrentUser.BUDGET <= 10", true, false, false),
        ("CurrentUser.NOWHERE = 1", false, false, false),
    ] {
        let found = (of(condition, Some("ann")), of(condition, Some("bob")), of(condition, None));
        assert_eq!(found, (ann, bob, nobody), "{condition}");
    }
    let include = r#"INCLUDE ItemID WHERE Items.TOPIC IN ("food") IF CurrentUser.AGE > 20"#;
    assert_eq!(passing(include, Some("ann"), None, &[], &[]).unwrap(), "ac");
    assert_eq!(passing(include, Some("bob"), None, &[], &[]).unwrap(), "abcdef");
    let other = format!("{include} | INCLUDE ItemID WHERE Items.YEAR = 2024");
    assert_eq!(passing(&other, Some("bob"), None, &[], &[]).unwrap(), "e");
    let budget = "INCLUDE ItemID WHERE Items.YEAR = 2024 IF CurrentUser.BUDGET = CurrentItem.PRICE";
    assert_eq!(passing(budget, Some("ann"), Some("d"), &[], &[]).unwrap(), "e");
    assert_eq!(passing(budget, Some("ann"), Some("a"), &[], &[]).unwrap(), "abcdef");
}

#[test]
fn conditions_on_the_current_item() {
    let of = |condition: &str, item: Option<&str>| {
        passing(&format!("INCLUDE ItemID WHERE {condition}"), None, item, &[], &[]).unwrap()
    };
    assert_eq!(of("Items.TOPIC IN CurrentItem.TOPIC", Some("a")), "ac");
    assert_eq!(of("Items.TOPIC NOT IN CurrentItem.TOPIC", Some("a")), "bdef");
    assert_eq!(of("Items.PRICE < CurrentItem.PRICE AND Items.YEAR = CurrentItem.YEAR", Some("b")), "");
    assert_eq!(of("Items.PRICE <= CurrentItem.PRICE", Some("a")), "ae");
    assert_eq!(of("Items.YEAR IN CurrentItem.YEAR", Some("b")), "bc");
    assert_eq!(of("Items.ITEM_ID != CurrentItem.ITEM_ID", Some("b")), "acdef");
    for item in [Some("f"), None] {
        assert_eq!(of("Items.TOPIC IN CurrentItem.TOPIC", item), "");
        assert_eq!(of("Items.TOPIC NOT IN CurrentItem.TOPIC", item), "abcdef");
        assert_eq!(of("Items.PRICE > CurrentItem.PRICE", item), "");
        assert_eq!(of("Items.PRICE != CurrentItem.PRICE", item), "abcdef");
    }
}

#[test]
fn parameters() {
    let of = |filter: &str, values: &[(&str, &str)]| passing(filter, None, None, &[], values);
    let include = "INCLUDE ItemID WHERE Items.TOPIC IN ($TOPICS) AND Items.PRICE < $MAX";
    assert_eq!(of(include, &[("TOPICS", r#""food","travel""#), ("MAX", "20"), ("EXTRA", "")]).unwrap(), "ab");
    assert_eq!(of(include, &[("TOPICS", "food"), ("MAX", r#""5.5""#)]).unwrap(), "a");
    let refused = |filter: &str, values: &[(&str, &str)], words: &[&str]| {
        let error = of(filter, values).expect_err("refused").to_string();
        words.iter().for_each(|word| assert!(error.contains(word), "{error}"));
    };
    refused(include, &[("TOPICS", "food")], &["'MAX'", "required"]);
    refused(include, &[("topics", "food"), ("MAX", "1")], &["'TOPICS'", "required"]);
    refused(include, &[("TOPICS", "food"), ("MAX", "cheap")], &["'cheap'", "'MAX'", "PRICE", "not a number"]);
    refused(include, &[("TOPICS", "food"), ("MAX", "1,2")], &["'MAX'", "one value", "PRICE < $MAX", "found 2"]);
    refused(include, &[("TOPICS", "\"food"), ("MAX", "1")], &["'TOPICS'", "closing quote"]);

    let exclude = "EXCLUDE ItemID WHERE Items.TOPIC IN ($A) | EXCLUDE ItemID WHERE Items.YEAR = $Y";
    assert_eq!(of(exclude, &[]).unwrap(), "abcdef");
    assert_eq!(of(exclude, &[("Y", "2000")]).unwrap(), "adef");
    assert_eq!(of(exclude, &[("Y", "2000"), ("A", "food")]).unwrap(), "def");
    let guarded = r#"EXCLUDE ItemID WHERE Items.YEAR = 2000 IF CurrentUser.AGE NOT IN ($AGES)"#;
    assert_eq!(of(guarded, &[]).unwrap(), "abcdef");
    assert_eq!(of(guarded, &[("AGES", "1")]).unwrap(), "adef");
    // An INCLUDE needs its values even where its IF is false.
    refused("INCLUDE ItemID WHERE Items.YEAR = $Y IF CurrentUser.AGE > 99", &[], &["'Y'"]);
}

#[test]
fn users_by_their_columns_and_events() {
    let users = Arc::new(super::users());
    let ids = super::ids(&["ann", "bob", "new"]);
    let of = |filter: &str| {
        let mut events = UserEvents::new(3);
        events.add(0, "view");
        events.add(1, "View");
        events.add(1, "buy");
        let columns = Arc::new(Columns::new(users.clone(), "USER_ID", ids.iter()));
        let compiled = Compiled::for_users(Arc::new(parse(filter).unwrap()), columns, events);
        let values = BTreeMap::from([("P".to_owned(), "\"buy\"".to_owned())]);
        let allowed = compiled.evaluate(&Subject::default(), &values).unwrap();
        allowed.iter_ones().map(|user| ids.id(user.0)).collect::<Vec<_>>().join(" ")
    };
    assert_eq!(of("INCLUDE UserID WHERE Users.AGE >= 18"), "ann");
    assert_eq!(of(r#"EXCLUDE UserID WHERE Users.TIER IN ("early")"#), "bob new");
    assert_eq!(of("EXCLUDE UserID WHERE Interactions.EVENT_TYPE IN ($P)"), "ann new");
    assert_eq!(of("INCLUDE UserID WHERE Interactions.EVENT_TYPE NOT IN ($P)"), "ann bob");
    assert_eq!(
        of(r#"INCLUDE UserID WHERE Interactions.EVENT_TYPE IN (*) AND Interactions.EVENT_TYPE IN ("BUY")"#),
        "bob"
    );
    assert_eq!(of("INCLUDE UserID WHERE Users.USER_ID IN (\"new\")"), "new", "without a row");
}

#[test]
fn actions() {
    let (ids, table) = super::shop();
    let of = |filter: &str| {
        let columns = Arc::new(Columns::new(table.clone(), "ACTION_ID", ids.iter()));
        let compiled = Compiled::new(Arc::new(parse(filter).unwrap()), columns);
        let events = [Interaction { item: ItemIx(1), event_type: "Taken", time_s: 0 }];
        let subject = Subject { interactions: &events, ..Subject::default() };
        let allowed = compiled.evaluate(&subject, &BTreeMap::new()).unwrap();
        allowed.iter_ones().map(|action| ids.id(action.0)).collect::<String>()
    };
    assert_eq!(of("INCLUDE ActionID WHERE Action.PRICE > (6)"), "bd");
    assert_eq!(of(r#"EXCLUDE ActionID WHERE Action_Interactions.EVENT_TYPE IN ("TAKEN")"#), "acdef");
    assert_eq!(of(r#"INCLUDE ActionID WHERE Actions.ACTION_ID IN ("c")"#), "c");
    assert_eq!(of(r#"EXCLUDE ActionID WHERE Actions.ACTION_ID IN ("c", "f", "z")"#), "abde");
    let either = r#"Action_Interactions.EVENT_TYPE IN ("VIEWED") OR Action_Interactions.EVENT_TYPE IN ("TAKEN")"#;
    assert_eq!(of(&format!("INCLUDE ActionID WHERE {either}")), "b");
}

#[test]
fn the_newest_three_hundred_responses_of_each_type_count() {
    let (ids, table) = super::shop();
    let columns = Arc::new(Columns::new(table, "ACTION_ID", ids.iter()));
    let filter = parse("EXCLUDE ActionID WHERE Action_Interactions.EVENT_TYPE IN (*)").unwrap();
    let compiled = Compiled::new(Arc::new(filter), columns);
    let left = |later: i64| {
        let mut events = vec![Interaction { item: ItemIx(0), event_type: "Viewed", time_s: 0 }];
        events.extend((1..=later).map(|time_s| Interaction { item: ItemIx(2), event_type: "viewed", time_s }));
        let subject = Subject { interactions: &events, ..Subject::default() };
        compiled.evaluate(&subject, &BTreeMap::new()).unwrap().iter_ones().map(|action| action.0).collect::<Vec<_>>()
    };
    assert_eq!((left(299), left(300)), (vec![1, 3, 4, 5], vec![0, 1, 3, 4, 5]));
}

#[test]
fn rows_of_strangers_and_no_items_at_all() {
    let (_, table) = super::shop();
    let columns = Arc::new(Columns::new(table.clone(), "ITEM_ID", ["b"].into_iter()));
    assert_eq!((columns.len(), columns.is_empty()), (1, false));
    assert!(Columns::new(table, "ITEM_ID", std::iter::empty()).is_empty());
    let of = |filter: &str| {
        let compiled = Compiled::new(Arc::new(parse(filter).unwrap()), columns.clone());
        compiled.evaluate(&Subject::default(), &BTreeMap::new()).unwrap().get(ItemIx(0))
    };
    assert!(!of(r#"INCLUDE ItemID WHERE Items.ITEM_ID IN ("a", "c")"#));
    assert!(of(r#"INCLUDE ItemID WHERE Items.ITEM_ID IN ("a", "b")"#));
}

#[test]
fn a_column_that_only_newer_rows_have_is_numeric_too() {
    let mut older = TableBuilder::new(vec![("TOPIC".into(), Column::Text(vec![]))]);
    older.set("a", [Some(Value::Text("food".into()))]);
    let columns = Arc::new(Columns::new(Arc::new(older.build()), "ITEM_ID", ["a"].into_iter()));
    let mut newer = TableBuilder::new(vec![("PRICE".into(), Column::Number(vec![]))]);
    newer.set("a", [Some(Value::Number(5.0))]);
    newer.set("b", [Some(Value::Number(f64::NAN))]);
    let newer = newer.build();
    let overlay = Overlay { len: 2, table: &newer, items: &[ItemIx(0), ItemIx(1)] };
    let compiled = Compiled::new(Arc::new(parse("INCLUDE ItemID WHERE Items.PRICE < $MAX").unwrap()), columns);
    let of = |max: &str| {
        let values = BTreeMap::from([("MAX".to_owned(), max.to_owned())]);
        let allowed = compiled.evaluate_with(&Subject::default(), &values, &overlay);
        allowed.map(|allowed| allowed.iter_ones().map(|item| item.0).collect::<Vec<_>>())
    };
    assert_eq!((of("6"), of("5")), (Ok(vec![0]), Ok(vec![])));
    assert!(of("cheap").unwrap_err().to_string().contains("'cheap'"));
}
