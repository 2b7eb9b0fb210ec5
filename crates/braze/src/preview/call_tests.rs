//! What the table of calls and the faults of templates tell.

use super::tests::{CALL, catalogs, client_with, fault, list, outcome, profile, rendered, reply, show};
use super::*;

/// The note of the only call of a template.
fn note(source: &str, client: &Client) -> String {
    show(source, client).calls.remove(0).note.unwrap_or_default()
}

#[test]
fn calls_tell_why_there_is_no_list() {
    let down = client_with(list, Some(FailMode::Unhealthy)).0;
    assert!(!note(CALL, &down).is_empty(), "the failure is told that the preview stands in for");
    assert_eq!(note(CALL, &client_with(|_| reply(302, ""), None).0), "redirects are not followed");
    assert_eq!(note(CALL, &client_with(|_| reply(299, "{}"), None).0), "");
    assert_eq!(note(CALL, &client_with(|_| reply(404, "gone"), None).0), "");
}

#[test]
fn ports_that_braze_does_not_call_are_told() {
    for (host, told) in [
        ("rec.test", false),
        ("rec.test:80", false),
        ("rec.test:443", false),
        ("rec.test:8443", true),
        ("rec.test:4", true),
        ("[::1]", false),
        ("[::1]:443", false),
        ("[::1]:444", true),
    ] {
        let (_, asked) = client_with(list, None);
        let fetch = Box::new(super::tests::Endpoint { answer: list, asked });
        let allowed = AllowList::new(["rec.test".into(), "[::1]".into(), "::1".into()]);
        let client = Client::new(fetch, allowed, Default::default(), None);
        let note = note(&format!("{{% connected_content https://{host}/x :save r %}}"), &client);
        assert_eq!(note.contains("ports 80 and 443"), told, "{host}: {note}");
    }
}

#[test]
fn an_answer_from_the_cache_is_shown_as_the_first_was() {
    let client = client_with(list, None).0;
    let calls = [show(CALL, &client).calls.remove(0), show(CALL, &client).calls.remove(0)];
    assert_eq!(calls.clone().map(|call| call.cached), [false, true]);
    assert_eq!(calls[0].response, calls[1].response);
    assert!(calls[1].response.contains("Lamp"), "{:?}", calls[1]);
    assert_eq!((calls[1].status, calls[1].tries), (200, 0));
}

#[test]
fn bodies_are_json_where_the_type_begins_so() {
    let body = |content_type: &str| {
        let (client, asked) = client_with(list, None);
        show(
            &format!(
                "{{% connected_content https://rec.test/x :method post :body a=1 :content_type {content_type} %}}"
            ),
            &client,
        );
        let request = asked.lock().unwrap().remove(0);
        request.body.unwrap()
    };
    assert_eq!(body("application/json"), r#"{"a":"1"}"#);
    assert_eq!(body("application/json;charset=utf-8"), r#"{"a":"1"}"#);
    assert_eq!(body("text/plain;application/json"), "a=1");
}

#[test]
fn only_cards_have_a_budget() {
    let client = client_with(list, None).0;
    let shown = |message: Message| preview(&message, &profile(), &catalogs(), &client, 0).card_bytes;
    assert_eq!(shown(Message::template("12345")), None);
    assert_eq!(shown(Message::card([("title".into(), "12345".into())])), Some(5));
}

#[test]
fn what_is_not_closed_is_named() {
    assert!(fault("{{ open").contains("this output is not closed: '}}' is missing"));
    assert!(fault("{% open").contains("this tag is not closed: '%}' is missing"));
    assert!(fault("{% for a in b %}{% elsif c %}{% endfor %}").contains("stands outside of {% if %}"));
    assert!(matches!(outcome("{% if a %}{% elsif b | %}{% endif %}"), Outcome::Failed(_)));
    assert_eq!(rendered("{% if nothing %}a{% elsif nothing %}b{% else %}c{% endif %}"), "c");
}

#[test]
fn a_filter_is_advised_where_one_is_near() {
    assert!(fault("{{ 'a' | upcas }}").contains("did you mean upcase?"));
    assert!(fault("{{ 'a' | cpitlze }}").contains("did you mean capitalize?"), "three steps");
    let far = fault("{{ 'a' | zzzzzzzzzzzz }}");
    assert!(far.contains("there is no filter 'zzzzzzzzzzzz'") && !far.contains("did you mean"), "{far}");
}
