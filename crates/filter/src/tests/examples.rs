//! Every example of the language, with what it reads as or why it is refused.

use crate::{EXPRESSION_CHARS_MAX, parse};
use std::fmt::Write;

fn transcript(examples: &str) -> String {
    let mut all = String::new();
    for text in examples.lines() {
        let result = parse(text).map_or_else(|e| e.to_string(), |e| e.to_string());
        writeln!(all, "{text}\n=> {result}\n").unwrap();
    }
    all
}

#[test]
fn valid_examples_read_back_as_themselves() {
    let examples = include_str!("valid.txt");
    for text in examples.lines() {
        let read = parse(text).unwrap_or_else(|error| panic!("{error}"));
        let again = parse(&read.to_string()).unwrap();
        assert_eq!(again.to_string(), read.to_string());
        assert_eq!(read.text(), text);
    }
    insta::assert_snapshot!(transcript(examples));
}

#[test]
fn invalid_examples_are_refused_with_the_place() {
    let examples = include_str!("invalid.txt");
    for text in examples.lines() {
        let error = parse(text).expect_err(text);
        assert!((1..=text.chars().count() + 1).contains(&error.position()));
    }
    insta::assert_snapshot!(transcript(examples));
}

#[test]
fn long_texts_are_shown_in_part() {
    let long = format!("INCLUDE ItemID WHERE Items.TOPIC IN (\"{}\") oder {}", "ä".repeat(300), "x".repeat(100));
    let error = parse(&long).expect_err("no keyword").to_string();
    let lines: Vec<_> = error.lines().collect();
    assert!(lines[0].contains("expected AND, OR, IF, '|' or the end, found oder (at position 342)"), "{error}");
    let caret = lines[2].chars().count() - 1;
    assert_eq!(lines[1].chars().skip(caret).take(4).collect::<String>(), "oder");
    assert!(lines[1].starts_with("...ä") && lines[1].ends_with("x..."));

    let longest = format!("INCLUDE ItemID WHERE Items.TOPIC IN (\"{}\")", "x".repeat(EXPRESSION_CHARS_MAX - 40));
    assert_eq!(longest.len(), EXPRESSION_CHARS_MAX);
    assert!(parse(&longest).is_ok());
    let error = parse(&format!("{longest} ")).expect_err("too long").to_string();
    assert!(error.contains("at most 2500 characters, found 2501"), "{error}");
}

#[test]
fn names_and_parameters_have_limits() {
    let of = |column: usize, parameter: usize| {
        parse(&format!("INCLUDE ItemID WHERE Items.{} IN (${})", "c".repeat(column), "p".repeat(parameter)))
    };
    assert!(of(150, 50).is_ok());
    assert!(of(151, 50).expect_err("long").to_string().contains("at most 150 characters, found 151"));
    assert!(of(150, 51).expect_err("long").to_string().contains("at most 50 characters, found 51"));
    let conditions: Vec<_> = (0..26).map(|n| format!("Items.A = $P{n}")).collect();
    let with = |n: usize| parse(&format!("INCLUDE ItemID WHERE {}", conditions[..n].join(" OR ")));
    assert_eq!(with(25).unwrap().parameters().count(), 25);
    assert!(with(26).expect_err("many").to_string().contains("at most 25 parameters, found 26"));
}

#[test]
fn what_an_expression_needs() {
    let about = |text: &str| {
        let e = parse(text).unwrap();
        (e.needs_user(), e.uses_current_user(), e.uses_interactions(), e.uses_current_item())
    };
    assert_eq!(about("INCLUDE ItemID WHERE Items.A IN ($B)"), (false, false, false, false));
    assert_eq!(about("INCLUDE ItemID WHERE Items.A IN CurrentItem.A IF CurrentUser.B = 1"), (true, true, false, true));
    assert_eq!(about("EXCLUDE ItemID WHERE Interactions.EVENT_TYPE IN (*)"), (true, false, true, false));
    assert_eq!(about("EXCLUDE UserID WHERE Interactions.EVENT_TYPE IN (*)"), (false, false, true, false));

    let e = parse(
        "INCLUDE ItemID WHERE Items.a IN ($X) AND ITEMS.A = $Y | EXCLUDE ItemID WHERE Items.B < CurrentItem.C IF CurrentUser.D IN ($X)",
    )
    .unwrap();
    let parameters: Vec<_> = e.parameters().map(|p| (p.name, p.effect.as_str())).collect();
    assert_eq!(parameters, [("X", "INCLUDE"), ("Y", "INCLUDE"), ("X", "EXCLUDE")]);
    assert_eq!(e.fields().into_iter().collect::<Vec<_>>(), ["ITEMS.A", "ITEMS.B", "ITEMS.C", "USERS.D"]);
}
