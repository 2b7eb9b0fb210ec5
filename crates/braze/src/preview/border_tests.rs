//! Templates at the limits, and what is told of variables that are nil.

use super::budget::{NESTED_BLOCKS_MAX, NESTED_INDEXES_MAX, TAG_BYTES_MAX};
use super::tests::{client_with, fault, list, rendered, reply, show};
use super::*;

#[test]
fn blocks_nest_as_deep_as_the_limit() {
    let nested = |depth: usize| format!("{}x{}", "{% if true %}".repeat(depth), "{% endif %}".repeat(depth));
    assert_eq!(rendered(&nested(NESTED_BLOCKS_MAX)), "x");
    assert!(fault(&nested(NESTED_BLOCKS_MAX + 1)).contains("more than 64 blocks stand within one another"));
    assert_eq!(rendered(&nested(1).repeat(NESTED_BLOCKS_MAX + 1)), "x".repeat(NESTED_BLOCKS_MAX + 1));
}

#[test]
fn indexes_nest_as_deep_as_the_limit_and_stand_in_a_row() {
    let nested = |depth: usize| format!("{{{{a{}0{}}}}}", "[b".repeat(depth - 1) + "[", "]".repeat(depth));
    assert!(fault(&nested(NESTED_INDEXES_MAX)).contains("Expected scalar, found `nil`"), "not too deep");
    assert!(fault(&nested(NESTED_INDEXES_MAX + 1)).contains("more than 16 indexes stand within one another"));
    assert_eq!(rendered(&format!("{{{{a{}}}}}", "[0]".repeat(NESTED_INDEXES_MAX + 1))), "");
}

#[test]
fn an_output_is_as_long_as_the_limit() {
    let output = |bytes: usize| format!("{{{{'{}'}}}}", "a".repeat(bytes - 2));
    assert_eq!(rendered(&output(TAG_BYTES_MAX)).len(), TAG_BYTES_MAX - 2);
    assert!(fault(&output(TAG_BYTES_MAX + 1)).contains("at most 8192 bytes here, not 8193"));
}

fn messages(source: &str, code: &str) -> Vec<String> {
    let lints = show(source, &client_with(list, None).0).lints;
    lints.into_iter().filter(|lint| lint.code == code).map(|lint| lint.message).collect()
}

#[test]
fn advice_ends_with_the_fiftieth_finding() {
    assert_eq!(messages(&"{{custom_attribute.${tiers}}}".repeat(60), "misspelt").len(), 50);
    assert_eq!(messages(&"{{custom_attribute.${zzzzzzzzzzzz}}}".repeat(60), "nil").len(), 50);
}

#[test]
fn a_path_is_told_as_it_is_written() {
    for (source, path) in [
        ("{{custom_attribute.no_such_thing_9}}", "because custom_attribute.no_such_thing_9 is nil"),
        ("{{custom_attribute['no such thing']}}", "because custom_attribute[\"no such thing\"] is nil"),
        ("{{custom_attribute.${rec_for_you}[7]}}", "because custom_attribute.rec_for_you[7] is nil"),
        ("{{${no_such_thing}}}", "because ${no_such_thing} is nil"),
    ] {
        let told = messages(source, "nil");
        assert!(told.len() == 1 && told[0].contains(path), "{source}: {told:?}");
    }
}

#[test]
fn names_that_there_are_stand_in_the_order_of_the_alphabet() {
    let object = |_: &Request| reply(200, r#"{"hh":1,"gg":1,"ff":1,"ee":1,"dd":1,"cc":1,"bb":1,"aa":1}"#);
    let client = client_with(object, None).0;
    let source = "{% connected_content https://rec.test/x :save r %}{{r.zzzzzzzzzz}}";
    let told = show(source, &client).lints.into_iter().find(|lint| lint.code == "nil").unwrap().message;
    let names = "aa, bb, cc, dd, ee, ff, gg, hh)";
    assert!(told.contains("(there is no 'zzzzzzzzzz' among ") && told.contains(names), "{told}");
}
