use super::*;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

pub(super) type Responder = fn(&Request) -> Result<Reply, FetchFailure>;

/// Answers from a function of the request and remembers what was asked.
pub(super) struct Endpoint {
    pub(super) answer: Responder,
    pub(super) asked: Arc<Mutex<Vec<Request>>>,
}

impl Fetch for Endpoint {
    fn fetch(&self, request: &Request) -> Result<Reply, FetchFailure> {
        self.asked.lock().unwrap().push(request.clone());
        (self.answer)(request)
    }
}

pub(super) fn reply(status: u16, body: &str) -> Result<Reply, FetchFailure> {
    Ok(Reply { status, body: body.as_bytes().to_vec(), took_ms: 3 })
}

const LIST: &str = r#"[{"id":"p1","url":"https://s/p1","name":"Lamp","price":39.90,"image":"https://s/p1.png"},
 {"id":"p2","url":"https://s/p2","name":"Chair","price":5,"image":"https://s/p2.png"}]"#;

pub(super) fn list(_: &Request) -> Result<Reply, FetchFailure> {
    reply(200, LIST)
}

pub(super) fn client_with(answer: Responder, fail_mode: Option<FailMode>) -> (Client, Arc<Mutex<Vec<Request>>>) {
    let asked = Arc::default();
    let endpoint = Box::new(Endpoint { answer, asked: Arc::clone(&asked) });
    let credentials = BTreeMap::from([
        ("login".to_owned(), Credential::Basic { username: "u".into(), password: "p".into() }),
        ("token".to_owned(), Credential::Headers(BTreeMap::from([("X-Api-Key".to_owned(), "k".to_owned())]))),
    ]);
    (Client::new(endpoint, AllowList::new(["rec.test".into()]), credentials, fail_mode), asked)
}

pub(super) fn profile() -> Profile {
    Profile::from_json(serde_json::json!({
        "user_id": "a+b&c", "first_name": "Mina",
        "custom_attribute": {"rec_for_you": ["p2", "p1"], "tier": "gold"},
    }))
    .unwrap()
}

pub(super) fn catalogs() -> Catalogs {
    let row = |id: &str, name: &str| serde_json::json!({"id": id, "name": name}).as_object().cloned().unwrap();
    Catalogs::from([("products".to_owned(), vec![row("p1", "Lamp"), row("p2", "Chair")])])
}

pub(super) fn show(source: &str, client: &Client) -> Preview {
    preview(&Message::template(source), &profile(), &catalogs(), client, 1_000)
}

pub(super) fn outcome(source: &str) -> Outcome {
    show(source, &client_with(list, None).0).fields.remove(0).outcome
}

pub(super) fn rendered(source: &str) -> String {
    match outcome(source) {
        Outcome::Rendered { text } => text,
        other => panic!("{source}: {other:?}"),
    }
}

pub(super) fn fault(source: &str) -> String {
    match outcome(source) {
        Outcome::Failed(error) => error.to_string(),
        other => panic!("{source}: {other:?}"),
    }
}

pub(super) const CALL: &str = "{% connected_content https://rec.test/recommendations?user_id={{${user_id} | url_param_escape}}&num_results=2 :save recommendations %}";

#[test]
fn the_dialect() {
    for (source, expected) in [
        ("Hi {{${first_name}}}!", "Hi Mina!"),
        ("{{ ${first_name} | upcase }}", "MINA"),
        ("{{custom_attribute.${tier}}}", "gold"),
        ("{{custom_attribute.${rec_for_you}[0]}}", "p2"),
        ("{{${last_name} | default: 'friend'}}", "friend"),
        ("[{{unknown.member[3].x}}]", "[]"),
        ("{% if {{custom_attribute.${tier}}} == 'gold' %}G{% else %}-{% endif %}", "G"),
        ("{% if ${first_name} == \"Mina\" and nothing == nil %}yes{% endif %}", "yes"),
        ("{% assign ids = {{custom_attribute.${rec_for_you}}} %}{{ids.size}}", "2"),
        ("{% for id in custom_attribute.${rec_for_you} %}{{id}}{{id.missing}};{% endfor %}", "p2;p1;"),
        ("{% for x in nothing %}x{% endfor %}.", "."),
        ("{% case custom_attribute.${tier} %}{% when 'gold' %}A{% else %}B{% endcase %}", "A"),
        ("{% capture c %}{{ 'x' }}{% endcapture %}[{{c}}]", "[x]"),
        ("{% raw %}{{ kept }}{% endraw %}{% comment %}{{ gone }}{% endcomment %}", "{{ kept }}"),
        ("a  {{- 'b' -}}  c", "abc"),
        ("a<!-- {{ gone | nofilter }} -->b", "ab"),
        ("{% catalog_items products p1 nope p2 %}{{items[0].name}},{{items[1].name}},{{items.size}}", "Lamp,Chair,2"),
        ("{% catalog_items products {{custom_attribute.${rec_for_you}[0]}} %}{{items[0].name}}", "Chair"),
        ("{% catalog_items nowhere p1 %}[{{items[0].name}}]", "[]"),
        ("{% catalog_selection_items products best %}{{items.size}}", "2"),
    ] {
        assert_eq!(rendered(source), expected, "{source}");
    }
}

#[test]
fn filters() {
    for (source, expected) in [
        ("{{ 'a b&c/d' | url_param_escape }}", "a%20b%26c%2Fd"),
        ("{{ 'https://h/a b?x=ü' | url_escape }}", "https://h/a%20b?x=%C3%BC"),
        ("{{ 'say \"hi\"' | json_escape }}", "say \\\"hi\\\""),
        ("{{ 'test_user_rds_7' | remove_first: \"test_user_rds_\" }}", "7"),
        ("{{ 1234567.5 | number_with_delimiter }}", "1,234,567.5"),
        ("{{ '{\"a\":[1,2]}' | json_parse | property_accessor: 'a' | last }}", "2"),
        ("{{ custom_attribute | as_json_string }}", "{\"rec_for_you\":[\"p2\",\"p1\"],\"tier\":\"gold\"}"),
        ("{{ 'hi' | base64_encode | base64_decode }}", "hi"),
        ("{{ 'abc' | md5 }}", "900150983cd24fb0d6963f7d28e17f72"),
        ("{{ 3.7 | round | plus: 1 }}", "5"),
        ("{{ 'abcdef' | truncate: 4, '..' }}", "ab.."),
    ] {
        assert_eq!(rendered(source), expected, "{source}");
    }
}

#[test]
fn a_call_fills_the_card() {
    let (client, asked) = client_with(list, None);
    let source = format!("{CALL}{{{{recommendations[0].name}}}} at {{{{recommendations[1].price}}}}");
    let shown = show(&source, &client);
    assert_eq!(shown.fields[0].outcome, Outcome::Rendered { text: "Lamp at 5".into() });
    let call = &shown.calls[0];
    assert_eq!(call.url, "https://rec.test/recommendations?user_id=a%2Bb%26c&num_results=2");
    assert_eq!((call.status, call.cached, call.saved_as.as_deref()), (200, false, Some("recommendations")));
    let request = &asked.lock().unwrap()[0];
    assert_eq!(request.method, Method::Get);
    assert_eq!(request.headers["Accept"], "*/*");
    assert_eq!(request.headers["Content-Type"], "application/json");
    assert!(request.headers["User-Agent"].starts_with("Braze Sender "));
}

#[test]
fn the_cache_knows_only_the_request() {
    let (client, asked) = client_with(list, None);
    for (source, now_s, requests) in [
        (CALL.to_owned(), 0, 1),
        (CALL.to_owned(), 299, 1),
        (CALL.to_owned(), 300, 2),
        (CALL.replace(":save", ":no_cache :save"), 301, 3),
        (CALL.replace(":save", ":method post :save"), 301, 4),
        (CALL.replace(":save", ":method post :save"), 301, 5),
        (CALL.replace(":save", ":method post :cache_max_age 900 :save"), 301, 6),
        (CALL.replace(":save", ":method post :cache_max_age 900 :save"), 1200, 6),
    ] {
        preview(&Message::template(&*source), &profile(), &catalogs(), &client, now_s);
        assert_eq!(asked.lock().unwrap().len(), requests, "{source} at {now_s}");
    }
}

#[test]
fn objects_carry_the_status_and_arrays_cannot() {
    let object = client_with(|_| reply(201, r#"{"recommendations":[{"name":"Lamp"}]}"#), None).0;
    let source =
        "{% connected_content https://rec.test/r :save r %}{{r.__http_status_code__}} {{r.recommendations[0].name}}";
    assert_eq!(show(source, &object).fields[0].outcome, Outcome::Rendered { text: "201 Lamp".into() });
    let array = show(source, &client_with(list, None).0);
    assert_eq!(array.fields[0].outcome, Outcome::Rendered { text: " ".into() });
    assert!(array.calls[0].note.as_deref().unwrap().contains("not an object"));
}

#[test]
fn failures_are_empty_and_an_abort_stops_the_message() {
    let guarded = format!(
        "{CALL}{{% if recommendations == nil or recommendations.size == 0 %}}{{% abort_message('no recommendation') %}}{{% endif %}}{{{{recommendations[0].name}}}}"
    );
    let cases: [(Responder, Option<FailMode>, u16); 8] = [
        (|_| reply(404, "{}"), None, 404),
        (|_| reply(302, ""), None, 302),
        (|_| reply(500, ""), None, 500),
        (|_| Err(FetchFailure::TooSlow), None, 599),
        (|_| Err(FetchFailure::TooLarge), None, 599),
        (list, Some(FailMode::NotFound), 404),
        (list, Some(FailMode::Timeout), 599),
        (list, Some(FailMode::Unhealthy), 598),
    ];
    for (answer, mode, status) in cases {
        let client = client_with(answer, mode).0;
        let shown = show(&guarded, &client);
        assert_eq!(shown.abort_reason(), Some("no recommendation"), "{status}");
        assert_eq!(shown.calls[0].status, status);
        let bare = show(&format!("{CALL}[{{{{recommendations[0].name}}}}]"), &client);
        assert_eq!(bare.fields[0].outcome, Outcome::Rendered { text: "[]".into() });
    }
    assert_eq!(show(&guarded, &client_with(|_| reply(200, "[]"), None).0).abort_reason(), Some("no recommendation"));
    assert_eq!(show(&guarded, &client_with(list, None).0).abort_reason(), None);
}

#[test]
fn retry_tries_six_times_and_then_aborts() {
    let (client, asked) = client_with(|_| reply(502, ""), None);
    let shown = show(&CALL.replace(":save", ":retry :save"), &client);
    assert_eq!(asked.lock().unwrap().len(), 6);
    assert_eq!((shown.calls[0].tries, shown.calls[0].status), (6, 502));
    assert!(shown.abort_reason().unwrap().contains("failed 6 times"));
    let answers: [(Responder, usize); 3] = [(|_| reply(404, ""), 1), (|_| reply(499, ""), 1), (|_| reply(500, ""), 6)];
    for (answer, tries) in answers {
        let (client, asked) = client_with(answer, None);
        let shown = show(&CALL.replace(":save", ":retry :save"), &client);
        assert_eq!((shown.abort_reason().is_some(), asked.lock().unwrap().len()), (tries == 6, tries));
    }
}

#[test]
fn logins_post_bodies_and_answers_that_are_text() {
    let (client, asked) = client_with(|_| reply(200, "plain {{${first_name}}}"), None);
    let source = "{% connected_content https://rec.test/x :method post :body a=1&b={{${first_name}}} :content_type application/json :basic_auth login :headers {\"X-A\": \"{{custom_attribute.${tier}}}\"} :rerender %}!";
    let shown = show(source, &client);
    assert_eq!(shown.fields[0].outcome, Outcome::Rendered { text: "plain Mina!".into() });
    let request = asked.lock().unwrap()[0].clone();
    assert_eq!(request.body.as_deref(), Some(r#"{"a":"1","b":"Mina"}"#));
    assert_eq!((request.headers["Authorization"].as_str(), request.headers["X-A"].as_str()), ("Basic dTpw", "gold"));
    assert_eq!(request.headers["Accept"], "application/json");
    let starred = shown.calls[0].request_headers.iter().find(|(name, _)| name == "Authorization").unwrap();
    assert_eq!(starred.1, "***");

    let shown = show("{% connected_content https://rec.test/x :auth_credentials token %}", &client);
    assert_eq!(asked.lock().unwrap()[1].headers["X-Api-Key"], "k");
    assert!(!shown.to_string().contains("X-Api-Key: k"));
    show("{% connected_content https://u:pw@rec.test/y %}", &client);
    assert_eq!(asked.lock().unwrap()[2].headers["Authorization"], "Basic dTpwdw==");
    assert_eq!(asked.lock().unwrap()[2].url, "https://rec.test/y");
}

#[test]
fn only_allowed_hosts_and_absolute_urls_are_asked() {
    let (client, asked) = client_with(list, None);
    for (url, note) in [
        ("https://other.test/x", "allow-list"),
        ("https:/rec.test/x", "two slashes"),
        ("https://rec.test/?q={{${user_id} | append: ' x'}}", "url_param_escape"),
        ("https://rec.test/ :basic_auth nobody", "no stored login"),
    ] {
        let shown = show(&format!("{{% connected_content {url} %}}[{{{{connected}}}}]"), &client);
        assert_eq!(shown.fields[0].outcome, Outcome::Rendered { text: "[]".into() }, "{url}");
        assert!(shown.calls[0].note.as_deref().unwrap().contains(note), "{:?}", shown.calls);
    }
    assert!(asked.lock().unwrap().is_empty());
}

#[test]
fn faults_have_a_place_and_a_remedy() {
    for (source, place, remedy) in [
        ("a\n {% recommendations[0].name %}", "line 2, column 2", "write {{recommendations[0].name}}"),
        ("{% shout %}", "line 1, column 1", "no tag 'shout'"),
        ("{{ name | url_param_escpe }}", "line 1, column 4", "did you mean url_param_escape?"),
        ("ü{{ a b }}", "line 1, column 5", ""),
        ("{{ open", "line 1, column 1", "'}}' is missing"),
        ("x{% if a %}y", "line 1, column 2", "{% endif %} is missing"),
        ("{% if a %}{% endfor %}", "line 1, column 11", "write {% endif %}"),
        ("{% endif %}", "line 1, column 1", "closes nothing"),
        ("{% else %}", "line 1, column 1", "outside of {% if %}"),
        ("{% abort_message(reason) %}", "line 1, column 17", "literal"),
        ("{% connected_content https://rec.test :http_basic x %}", "line 1, column 39", ":basic_auth NAME"),
        ("a {{ 'x' | json_parse }}", "line 1, column 3", "not JSON"),
    ] {
        let fault = fault(source);
        assert!(fault.starts_with(place) && fault.contains(remedy), "{source}: {fault}");
    }
}

#[test]
fn the_faults_of_published_examples_are_advised_on() {
    let page = "{% connected_content https:/<service-endpoint.com>/recommendations?user_id={{${user_id}}} :save recommendations %}\nThis seems like a great fit for you:\n{{recommendations[0].name}}";
    let shown = show(page, &client_with(list, None).0);
    let codes: Vec<&str> = shown.lints.iter().map(|lint| lint.code).collect();
    assert_eq!(codes, ["one-slash", "unescaped", "no-abort"]);
    assert!(shown.lints[1].message.contains("{{${user_id} | url_param_escape}}"), "{}", shown.lints[1].message);

    let status = format!(
        "{}{{% if recommendations.__http_status_code__ != 200 %}}{{% abort_message('x') %}}{{% endif %}}",
        CALL.replace(":save", ":retry :save")
    );
    let codes: Vec<&str> = show(&status, &client_with(list, None).0).lints.iter().map(|l| l.code).collect();
    assert_eq!(codes, ["status-of-array", "abort-and-retry"]);

    let clean = format!("{CALL}{{% if recommendations == nil %}}{{% abort_message('x') %}}{{% endif %}}");
    assert_eq!(show(&clean, &client_with(list, None).0).lints, []);
}

#[test]
fn cards_have_a_budget_and_fields_have_their_own_variables() {
    let (client, asked) = client_with(list, None);
    let card = |message: String| {
        Message::card([
            ("title".to_owned(), format!("{CALL}{{{{recommendations[0].name}}}}")),
            ("message".to_owned(), message),
            ("image".to_owned(), "https://s/p1".to_owned()),
        ])
    };
    let shown = preview(&card("[{{recommendations[0].name}}]".into()), &profile(), &catalogs(), &client, 0);
    assert_eq!(shown.fields[1].outcome, Outcome::Rendered { text: "[]".into() });
    assert_eq!((shown.card_bytes, shown.over_budget()), (Some(4 + 2 + 12), false));
    assert!(shown.lints.iter().any(|lint| lint.code == "image-type" && lint.field == "image"));
    let shown = preview(&card("x".repeat(2048)), &profile(), &catalogs(), &client, 0);
    assert!(shown.over_budget() && shown.to_string().contains("too large"));
    assert_eq!(asked.lock().unwrap().len(), 1, "the second card's call is in the cache");
}

#[test]
fn the_report_reads_well() {
    let shown = show(&format!("{CALL}{{{{recommendations[0].name}}}}"), &client_with(list, None).0);
    let text = shown.to_string();
    for part in [
        "--- template\nLamp\n",
        "template (line 1, column 1): GET https://rec.test/recommendations?user_id=a%2Bb%26c&num_results=2",
        "200 in 3 ms, saved as recommendations",
        "[no-abort]",
    ] {
        assert!(text.contains(part), "{part}\n{text}");
    }
    let json = serde_json::to_value(&shown).unwrap();
    assert_eq!(json["fields"][0]["text"], "Lamp");
}

#[test]
fn templates_that_do_not_end_are_stopped_with_a_sentence() {
    let doubling = format!("{{% assign a = 'xxxxxxxx' %}}{}", "{% assign a = a | append: a %}".repeat(60));
    let squared = "{% assign a = 'xxxxxxxxxxxxxxxx' %}".to_owned()
        + &"{% assign a = a | append: a %}".repeat(14)
        + "{% assign b = a | replace: 'x', a %}";
    let joined = squared.replace("{% assign b = a | replace: 'x', a %}", "{% assign b = a | split: '' | join: a %}");
    let loops = "{% for a in (1..1000) %}".repeat(4) + &"{% endfor %}".repeat(4);
    let text = "{% for a in (1..1000) %}{% for b in (1..900) %}0123456789{% endfor %}{% endfor %}";
    let captured = "{% for n in (1..9999) %}{% capture c %}{% for i in (1..50) %}".to_owned()
        + &"y".repeat(10_000)
        + "{% endfor %}{% endcapture %}{% endfor %}";
    let array = "{% assign a = '1,2,3,4' | split: ',' %}".to_owned() + &"{% assign a = a | concat: a %}".repeat(40);
    for (source, sentence) in [
        (doubling.as_str(), "makes more than 128 MB of texts and values"),
        (&squared, "makes more than 128 MB"),
        (&joined, "makes more than 128 MB"),
        (&array, "makes more than 128 MB"),
        (&captured, "makes more than 128 MB"),
        (text, "the rendered text is larger than 4 MB"),
        (&loops, "the loops over ranges run more than 1000000 times"),
        ("{% for a in (1..1000000000) %}x{% endfor %}", "the range (1..1000000000) has 1000000000 numbers"),
        ("{% assign n = 9999999999 %}x{% for a in (1..n) %}x{% endfor %}", "(1..9999999999)"),
        ("{%- tablerow a in (0..${big}) %}x{% endtablerow %}", "(0..123456789)"),
        ("{% for a in (1..99999999999999999999) %}x{% endfor %}", "a whole number of the template is too large"),
        ("{{ 'now' | date: '%999999999d' }}", "makes more than 128 MB"),
    ] {
        let profile = profile_with("big", 123_456_789.into());
        let shown = preview(&Message::template(source), &profile, &catalogs(), &client_with(list, None).0, 0);
        let Outcome::Failed(error) = &shown.fields[0].outcome else { panic!("{source:.60}: {:?}", shown.fields[0]) };
        assert!(error.message.contains(sentence), "{source:.60}: {error}");
    }
    let rerendered = client_with(|_| reply(200, "{% for a in (1..1000000000) %}x{% endfor %}"), None).0;
    let shown = show("{% connected_content https://rec.test/x :rerender %}", &rerendered);
    assert!(shown.to_string().contains("has 1000000000 numbers"), "{shown}");
    assert_eq!(rendered("{% for a in (1..3) %}{{a}}{% endfor %}{% for a in (3..1) %}x{% endfor %}"), "123");
    assert_eq!(rendered("a  {%- for a in (1..3) %}{{a}}{% endfor %}"), "a123");
}

pub(super) fn profile_with(name: &str, value: serde_json::Value) -> Profile {
    Profile::from_json(serde_json::json!({ name: value })).unwrap()
}

#[test]
fn templates_deeper_than_the_stack_are_refused() {
    let nested = "{% if true %}".repeat(20_000) + &"{% endif %}".repeat(20_000);
    for (source, sentence) in [
        (nested.clone(), "more than 64 blocks"),
        (format!("{{{{ {}0{} }}}}", "a[".repeat(2_000), "]".repeat(2_000)), "more than 16 indexes"),
        (format!("{{% if a{} %}}{{% endif %}}", " and a".repeat(20_000)), "at most 8192 bytes"),
        (format!("{{% tablerow a in (1..2) cols:0 %}}x{{% endtablerow %}}{}", ""), "out of its range"),
        ("x".repeat((1 << 20) + 1), "a preview takes 1048576 at most"),
    ] {
        let fault = fault(&source);
        assert!(fault.contains(sentence), "{fault}");
    }
    let many = "{% connected_content https://rec.test/x :no_cache %}".repeat(51);
    assert!(fault(&many).contains("more than 50 calls"));
    // What is read once is read in time that grows with its length.
    assert_eq!(rendered(&"<{ ".repeat(100_000)).len(), 300_000);
}

/// The codes and messages of the advice on a template whose call answers `answer`.
fn advice(source: &str, answer: Responder) -> Vec<(&'static str, String)> {
    let shown = show(source, &client_with(answer, None).0);
    shown.lints.into_iter().map(|lint| (lint.code, lint.message)).filter(|(code, _)| *code != "no-abort").collect()
}

#[test]
fn values_that_are_nil_and_names_that_are_misspelt_get_advice() {
    let bare: Responder = |_| reply(200, r#"[{"id":"p1","name":null,"price":5,"image":"a.png"}]"#);
    let printed = advice(&format!("{CALL}{{{{recommendations[0].name}}}}"), bare);
    let told = "{{recommendations[0].name}} prints nothing, because recommendations[0].name is nil; test it before: \
                {% if recommendations[0].name == nil %}{% abort_message('recommendations[0].name is missing') %}{% endif %}";
    assert_eq!(printed, [("nil", told.to_owned())]);
    let advised = |source: &str| advice(&format!("{CALL}{source}"), bare);
    for (source, code, message) in [
        (
            "{{recommendations[0].nmae}}",
            "misspelt",
            "recommendations[0].nmae is nil, because there is no 'nmae'; did you mean name?",
        ),
        ("{{recommendations[0].Price}}", "misspelt", "did you mean price?"),
        (
            "{{recomendations[0].name}}",
            "misspelt",
            "recomendations[0].name is nil, because there is no 'recomendations'; did you mean recommendations?",
        ),
        ("{% if recommendations[0].prise > 3 %}x{% endif %}", "misspelt", "did you mean price?"),
        (
            "{% for r in recommendations %}{{r.prize}}{% endfor %}",
            "misspelt",
            "r.prize is nil, because there is no 'prize'; did you mean price?",
        ),
        (
            "{{${frist_name}}}",
            "misspelt",
            "${frist_name} is nil, because there is no 'frist_name'; did you mean first_name?",
        ),
        ("{{custom_attribute.${teir}}}", "misspelt", "did you mean tier?"),
        ("{{recommendations[0].brand}}", "nil", "(there is no 'brand' among id, image, name, price)"),
        ("{{recommendations[7].name | upcase}}", "nil", "{{recommendations[7].name | upcase}} prints nothing"),
        ("{{recommendations[0].name | number_with_delimiter}}", "nil", "recommendations[0].name is nil"),
        ("{{${last_name}}}", "nil", "{{${last_name}}} prints nothing, because ${last_name} is nil"),
    ] {
        let found = advised(source);
        assert_eq!(found.len(), 1, "{source}: {found:?}");
        assert!(found[0].0 == code && found[0].1.contains(message), "{source}: {found:?}");
    }
    for source in [
        "{{recommendations[0].price}}{{''}}",
        "{{recommendations[0].name | default: 'something'}}",
        "{% if recommendations[0].name == nil %}{% abort_message('no name') %}{% endif %}{{recommendations[0].name}}",
        "{% if recommendations[0].brand %}{{recommendations[0].brand}}{% endif %}",
        "{% for r in nothing %}{{r.name}}{% endfor %}{{forloop.index | default: 1}}",
    ] {
        assert_eq!(advised(source), [], "{source}");
    }
    // One advice for an output, however often it prints, and none where the call failed and an abort is missing.
    let many: Responder = |_| reply(200, r#"[{"name":null},{"name":null},{"name":null}]"#);
    assert_eq!(advice(&format!("{CALL}{{% for r in recommendations %}}{{{{r.name}}}}{{% endfor %}}"), many).len(), 1);
    assert_eq!(advice(&format!("{CALL}{{{{recommendations[0].name}}}}"), |_| reply(404, "{}")), []);
}

#[test]
fn advice_on_calls_without_a_login_and_on_names_of_fields() {
    let refused: Responder = |_| reply(401, "{}");
    let codes = |source: &str| advice(source, refused).into_iter().map(|(code, _)| code).collect::<Vec<_>>();
    assert_eq!(codes(CALL), ["no-login"]);
    assert_eq!(codes(&CALL.replace(":save", ":basic_auth login :save")), [""; 0]);
    assert_eq!(codes(&CALL.replace(":save", ":auth_credentials token :save")), [""; 0]);
    let card = Message::card(
        ["titel", "message", "img", "link-text", "url", "colour"].map(|name| (name.to_owned(), "x".to_owned())),
    );
    let shown = preview(&card, &profile(), &catalogs(), &client_with(list, None).0, 0);
    let named: Vec<_> = shown.lints.iter().filter(|l| l.code == "card-field").map(|l| l.message.as_str()).collect();
    assert_eq!(named.len(), 2, "{named:?}");
    assert!(named[0].contains("no field 'titel'") && named[0].ends_with("did you mean title?"), "{named:?}");
    assert!(named[1].ends_with("did you mean link_text?"), "{named:?}");
}
