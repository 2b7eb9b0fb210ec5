//! The table of calls, and the sentences on faults of templates.

use super::tests::{CALL, Responder, catalogs, client_with, fault, list, outcome, profile, rendered, reply, show};
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
    let refused: Responder = |_| Err(FetchFailure::Connection("refused".to_owned()));
    assert_eq!(note(CALL, &client_with(refused, None).0), "connection error: refused");
}

#[test]
fn the_unknown_one_of_several_filters_is_named() {
    let told = fault("{{'a' | upcase | upcas}}");
    assert!(told.contains("there is no filter 'upcas'; did you mean upcase?"), "{told}");
}

#[test]
fn a_value_in_the_place_of_a_tag_is_told() {
    for value in ["${first_name}", "custom_attribute.tier", "items[0]"] {
        let told = fault(&format!("{{% {value} %}}"));
        assert!(told.contains(&format!("to print the value write {{{{{value}}}}}")), "{told}");
    }
    assert!(fault("{% tier %}").contains("there is no tag 'tier'; to print a value write {{ tier }}"));
}

#[test]
fn headers_are_shown_but_for_those_of_a_login() {
    let client = client_with(list, None).0;
    let headers = |source: &str| show(source, &client).calls.remove(0).request_headers;
    let starred = |source: &str| -> Vec<String> {
        headers(source).into_iter().filter(|(_, value)| value == "***").map(|(name, _)| name).collect()
    };
    assert_eq!(starred(CALL), [""; 0]);
    assert!(headers(CALL).contains(&("Content-Type".to_owned(), "application/json".to_owned())));
    assert_eq!(starred("{% connected_content https://rec.test/x :auth_credentials token %}"), ["X-Api-Key"]);
    assert_eq!(
        starred("{% connected_content https://rec.test/y :headers {\"authorization\": \"b\"} %}"),
        ["authorization"]
    );
}

#[test]
fn who_names_another_login_is_told_those_there_are() {
    let source = "{% connected_content https://rec.test/x :basic_auth nobody %}";
    assert!(note(source, &client_with(list, None).0).contains("; there are login, token"));
    let (_, asked) = client_with(list, None);
    let fetch = Box::new(super::tests::Endpoint { answer: list, asked });
    let client = Client::new(fetch, AllowList::new(["rec.test".into()]), Default::default(), None);
    assert!(note(source, &client).contains("; give some with --credentials"));
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

fn codes(source: &str) -> Vec<&'static str> {
    show(source, &client_with(list, None).0).lints.iter().map(|lint| lint.code).collect()
}

#[test]
fn advice_is_given_for_every_call_and_where_it_applies() {
    let call = |url: &str| format!("{{% connected_content {url} :save r %}}");
    let guard = "{% if r == nil %}{% abort_message('x') %}{% endif %}";
    let of = |url: &str| codes(&format!("{}{guard}", call(url)));
    assert_eq!(of("http://rec.test/x"), ["no-tls"]);
    for local in ["http://127.0.0.1:4100/x", "http://localhost/x", "http://[::1]/x", "https://rec.test/x"] {
        assert!(of(local).is_empty(), "{local}");
    }
    assert_eq!(of("https://rec.test/{{a}}/{{b | url_encode}}"), ["unescaped"]);
    assert_eq!(of("https://rec.test/{{a}}/{{b}}"), ["unescaped", "unescaped"]);
    let both = format!("{{% connected_content :nothing %}}{}{guard}", call("http://rec.test/x"));
    assert!(codes(&both).is_empty() || codes(&both).contains(&"no-tls"));
    let shown = show(&call("https://rec.test/{{ name }}"), &client_with(list, None).0);
    let unescaped = shown.lints.iter().find(|lint| lint.code == "unescaped").unwrap();
    assert!(unescaped.message.ends_with("write {{name | url_param_escape}}"), "{}", unescaped.message);

    let checked = |url: &str| {
        let check = "{% if r.__http_status_code__ != 200 %}{% abort_message('x') %}{% endif %}";
        codes(&format!("{}{check}", call(url)))
    };
    assert_eq!(checked("https://rec.test/recommendations"), ["status-of-array"]);
    for url in ["https://rec.test/other", "https://rec.test/recommendations?shape=object"] {
        assert!(checked(url).is_empty(), "{url}");
    }
}

#[test]
fn images_are_of_three_kinds() {
    let client = client_with(list, None).0;
    for (image, fits) in [
        ("", true),
        ("https://s/a.png", true),
        ("https://s/a.JPG?w=1", true),
        ("https://s/a.jpeg#x", true),
        ("https://s/a.gif", true),
        ("https://s/a.webp", false),
        ("https://s/png", false),
    ] {
        let message = Message::card([("image".to_owned(), image.to_owned())]);
        let lints = preview(&message, &profile(), &catalogs(), &client, 0).lints;
        assert_eq!(lints.is_empty(), fits, "{image}");
    }
}

#[test]
fn the_report_has_what_there_is_and_no_more() {
    let plain = show("text", &client_with(list, None).0);
    assert_eq!(plain.to_string(), "--- template\ntext\n");
    assert!(!plain.failed());
    let client = client_with(|_| reply(502, ""), None).0;
    let retried = show(&CALL.replace(":save", ":method post :body a=1 :retry :save"), &client).to_string();
    for part in ["=== Connected Content", ": POST https://rec.test", "502 in 3 ms, 6 tries\n", "    > a=1"] {
        assert!(retried.contains(part), "{part}\n{retried}");
    }
    assert!(!retried.contains("    < "), "an empty answer has no line\n{retried}");
    let once = show(CALL, &client_with(|_| reply(404, "a\nb"), None).0).to_string();
    assert!(once.contains("    < a b\n") && !once.contains("tries"), "{once}");
    let long = show(CALL, &client_with(|_| reply(404, Box::leak("ä".repeat(161).into_boxed_str())), None).0);
    assert_eq!(long.calls[0].response, format!("{}…", "ä".repeat(160)));
    let whole = show(CALL, &client_with(|_| reply(404, Box::leak("ä".repeat(160).into_boxed_str())), None).0);
    assert_eq!(whole.calls[0].response, "ä".repeat(160));

    let client = client_with(list, None).0;
    let card = Message::card([("title".to_owned(), "x".to_owned()), ("message".to_owned(), "{% no %}".to_owned())]);
    let half = preview(&card, &profile(), &catalogs(), &client, 0);
    assert!(half.failed(), "one faulty field is enough");
    let text = half.to_string();
    assert!(text.contains("=== Card\n1 of 2048 bytes\n") && text.contains("--- message\nerror at line 1"), "{text}");
}

#[test]
fn quotation_marks_of_one_kind_close_their_own() {
    assert_eq!(rendered(r#"{{ "it's }} here" | upcase }}!"#), "IT'S }} HERE!");
    assert_eq!(rendered(r#"{{ 'a "}}" b' }}!"#), r#"a "}}" b!"#);
}

#[test]
fn braces_within_quotation_marks_are_text() {
    let (client, asked) = client_with(list, None);
    show(r#"{% connected_content https://rec.test/x :headers {"X-A": "} b"} :save r %}"#, &client);
    assert_eq!(asked.lock().unwrap().remove(0).headers["X-A"], "} b");
}
