//! Forms of parameters that look alike.

use super::*;

fn of(query: &str) -> Request {
    Request::of(&Params::of_query(query)).expect(query)
}

#[test]
fn a_plus_is_literal_where_that_is_said_whole() {
    for (query, user) in [
        ("user_id=a+b", "a b"),
        ("user_id=a+b&plus=literal", "a+b"),
        ("user_id=a+b&plus=blank", "a b"),
        ("user_id=a+b&other=literal", "a b"),
    ] {
        assert_eq!(of(query).user(), Some(user), "{query}");
    }
}

#[test]
fn values_in_quotation_marks_are_passed_on_and_others_get_them() {
    for (values, passed_on) in [(r#""a","b""#, true), (r#" "a""#, true), ("a", false), ("5", false), (r#"a""#, false)] {
        let body = serde_json::json!({"user_id": "u", "filter_values": {"T": values}}).to_string();
        let request = Request::of(&Params::of_json(body.as_bytes()).expect("parameters")).expect(values);
        let given = &request.filter_values["T"];
        assert_eq!(given == values, passed_on, "{values} {given}");
        assert!(given.trim_start().starts_with('"') && given.ends_with('"'), "{values} {given}");
    }
}

#[test]
fn what_is_not_asked_for_is_off() {
    let request = of("user_id=u");
    assert!(!request.fully_qualify_image_urls && !request.strict && !request.track && !request.workshop);
    let request = of("user_id=u&strict=1&track=true&fully_qualify_image_urls=true");
    assert!(request.fully_qualify_image_urls && request.strict && request.track);
}
