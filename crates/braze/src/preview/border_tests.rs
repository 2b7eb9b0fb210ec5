//! Templates at the limits, and what is told of variables that are nil.

use super::budget::{NESTED_BLOCKS_MAX, NESTED_INDEXES_MAX, TAG_BYTES_MAX};
use super::tests::{catalogs, client_with, fault, list, profile_with, rendered, reply, show};
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

#[test]
fn a_value_counts_once_however_many_blocks_stand_around_it() {
    let looks_up = "{% for n in (1..40) %}{% if ${big} == 'x' %}x{% endif %}{% endfor %}";
    let source = format!("{}{looks_up}done{}", "{% if true %}".repeat(6), "{% endif %}".repeat(6));
    let profile = profile_with("big", "y".repeat(1 << 20).into());
    let shown = preview(&Message::template(&source), &profile, &catalogs(), &client_with(list, None).0, 0);
    assert_eq!(shown.fields[0].outcome, Outcome::Rendered { text: "done".to_owned() });
}

#[test]
fn a_text_counts_once_however_many_blocks_write_it() {
    let writes = format!("{}{{{{${{big}}}}}}{}", "{% if true %}".repeat(7), "{% endif %}".repeat(7));
    let source =
        format!("{{% for n in (1..20) %}}{{% capture c %}}{writes}{{% endcapture %}}{{% endfor %}}{{{{c | size}}}}");
    let profile = profile_with("big", "y".repeat(1 << 20).into());
    let shown = preview(&Message::template(&source), &profile, &catalogs(), &client_with(list, None).0, 0);
    assert_eq!(shown.fields[0].outcome, Outcome::Rendered { text: (1 << 20).to_string() });
}

#[test]
fn calls_behind_a_faulty_one_are_advised_on() {
    let advice = messages("{% connected_content %}{% connected_content http://rec.test/x %}", "no-tls");
    assert_eq!(advice, ["http:// sends the user's id in the open; write https://"]);
}

#[test]
fn an_output_ends_before_what_stands_directly_behind_it() {
    let source = "{% connected_content https://rec.test/{{${user_id}}}|{{${a} | url_param_escape}} %}";
    let told = messages(source, "unescaped");
    assert!(told.len() == 1 && told[0].starts_with("{{${user_id}}} stands unescaped"), "{told:?}");
}

#[test]
fn a_message_that_is_not_sent_has_no_gaps() {
    assert_eq!(messages("{{${no_such_thing}}}", "nil").len(), 1);
    assert_eq!(messages("{{${no_such_thing}}}{% abort_message('no list') %}", "nil"), [""; 0]);
}

#[test]
fn saved_answers_count_by_what_their_values_take() {
    // A few bytes each on the way, hundreds in the template.
    let large = |_: &Request| reply(200, &format!("[{}1]", "1e300,".repeat(150_000)));
    let calls = |count: usize| "{% connected_content https://rec.test/x :save r %}".repeat(count);
    let client = client_with(large, None).0;
    assert!(!show(&calls(1), &client).to_string().contains("makes more than"));
    let shown = show(&calls(4), &client).to_string();
    assert!(shown.contains("makes more than 128 MB of texts and values"), "{shown}");
}

#[test]
fn advice_names_its_field_and_each_output_of_a_url() {
    let source = "{% connected_content https://rec.test/{{custom_attribute.tier}}?user_id={{${user_id}}} %}";
    let told = messages(source, "unescaped");
    assert_eq!(told.len(), 2, "{told:?}");
    assert!(told[0].starts_with("{{custom_attribute.tier}} stands unescaped"), "{told:?}");
    assert!(told[1].starts_with("{{${user_id}}} stands unescaped"), "{told:?}");
    let shown = show(source, &client_with(list, None).0);
    assert!(!shown.lints.is_empty() && shown.lints.iter().all(|lint| lint.field == shown.fields[0].name));
}

#[test]
fn only_a_call_saves_what_may_be_missing() {
    assert_eq!(messages("{% if true %}{{connected.name}}{% endif %}", "nil").len(), 1);
    let down = client_with(|_| reply(404, "{}"), None).0;
    let shown = show("{% connected_content https://rec.test/x %}{{connected.name}}", &down);
    assert!(
        !shown.lints.iter().any(|lint| lint.code == "nil"),
        "the failed call is told, not what it would have saved"
    );
}

#[test]
fn a_place_within_a_character_is_that_of_the_character() {
    let places = [0, 1, 2, 3, 4, 9].map(|offset| Position::at("é\nx", offset));
    let expected = [(1, 1), (1, 1), (1, 2), (2, 1), (2, 2), (2, 2)];
    assert_eq!(places.map(|place| (place.line, place.column)), expected);
}

#[test]
fn blocks_of_answers_nest_as_deep_as_the_limit() {
    fn nested(depth: usize) -> Result<Reply, FetchFailure> {
        let opened = "{% if true %}{% assign a = 1 %}".repeat(depth);
        reply(200, &format!("{opened}x{}", "{% endif %}".repeat(depth)))
    }
    let call = "{% connected_content https://rec.test/x :rerender %}";
    let shown = show(call, &client_with(|_| nested(NESTED_BLOCKS_MAX), None).0);
    assert_eq!(shown.fields[0].outcome, Outcome::Rendered { text: "x".to_owned() });
    let shown = show(call, &client_with(|_| nested(NESTED_BLOCKS_MAX + 1), None).0).to_string();
    assert!(shown.contains("more than 64 blocks stand within one another"), "{shown}");
}

#[test]
fn hyphens_trim_before_the_tags_that_go_on_with_a_block() {
    assert_eq!(rendered("{% if true %}a {%- endif %} b"), "a b");
    assert_eq!(rendered("{% if false %}a {%- else -%} c {%- endif -%} b"), "cb");
}

#[test]
fn a_text_of_json_is_read_up_to_the_room_for_its_values() {
    let parsed = |bytes: usize| {
        let profile = profile_with("big", format!("\"{}\"", "y".repeat(bytes)).into());
        let source = "{{${big} | json_parse | size}}";
        preview(&Message::template(source), &profile, &catalogs(), &client_with(list, None).0, 0).to_string()
    };
    assert!(!parsed(3 << 20).contains("makes more than"));
    assert!(parsed(6 << 20).contains("makes more than 128 MB"));
}
