use super::*;
use serde_json::json;

fn one(event: Value) -> Inbound {
    let found = currents().interactions(&event);
    assert_eq!(found.len(), 1, "{event}");
    found.into_iter().next().unwrap()
}

#[test]
fn a_purchase_in_both_forms() {
    let flat = json!({"event_type": "users.behaviors.Purchase", "id": "e1", "external_user_id": "u1", "time": 1_700_000_000,
        "product_id": "p1", "price": 9.5, "currency": "USD", "properties": "{\"colour\":\"red\"}"});
    let expected = Inbound {
        event_id: "e1#0".into(),
        user_id: "u1".into(),
        item_id: "p1".into(),
        event_type: "Purchase".into(),
        value: Some(9.5),
        sent_at: Some(1_700_000_000.0),
        recommendation_id: None,
    };
    assert_eq!(one(flat), expected);
    let nested = json!({"event_type": "users.behaviors.Purchase", "id": "e1", "time": 1_700_000_000,
        "user": {"user_id": "braze", "external_user_id": "u1"}, "properties": {"product_id": "p1", "price": 9.5}});
    assert_eq!(one(nested), expected);
}

#[test]
fn an_order_fans_out_over_its_products() {
    let products = json!({"products": [
        {"product_id": "a", "price": 1, "quantity": 2}, {"product_id": 77, "price": "2.5"}, {"product_name": "no id", "price": 3},
    ], "total_value": 9});
    let event = json!({"event_type": "users.behaviors.CustomEvent", "name": "ecommerce.order_placed", "id": "e",
        "external_user_id": "u", "time": 5, "properties": products.to_string()});
    let found = currents().interactions(&event);
    let shown: Vec<_> =
        found.iter().map(|f| (f.event_id.as_str(), f.item_id.as_str(), f.event_type.as_str())).collect();
    assert_eq!(shown, [("e#0", "a", "Purchase"), ("e#1", "77", "Purchase")]);

    let event = json!({"event_type": "users.behaviors.CustomEvent", "name": "ecommerce.product_viewed", "id": "e",
        "external_user_id": "u", "time": 5, "properties": {"product_id": "a"}});
    assert_eq!((one(event.clone()).event_type, one(event).value), ("View".to_owned(), None));
}

#[test]
fn a_click_on_a_tracked_url_names_its_recommendation() {
    for (kind, url_at) in [("contentcard", "url"), ("email", "properties.url")] {
        let url = Click::track("https://s/p?x=1#top", "RID-1", "a b");
        assert_eq!(url, "https://s/p?x=1&rid=RID-1&rid_item=a%20b#top");
        let mut event =
            json!({"event_type": format!("users.messages.{kind}.Click"), "id": "c", "external_user_id": "u"});
        match url_at {
            "url" => event["url"] = url.into(),
            _ => event["properties"] = json!({"url": url}),
        }
        let click = one(event);
        assert_eq!((click.item_id.as_str(), click.event_type.as_str()), ("a b", "Click"));
        assert_eq!(click.recommendation_id.as_deref(), Some("RID-1"));
    }
    assert_eq!(Click::track("https://s/p", "R", "i"), "https://s/p?rid=R&rid_item=i");
    for url in ["https://s/p", "https://s/p?rid=1", "https://s/p?rid=&rid_item=2"] {
        assert_eq!(Click::of(url), None, "{url}");
    }
}

#[test]
fn what_no_rule_knows_is_ignored() {
    for event in [
        json!({"event_type": "users.messages.email.Open", "external_user_id": "u"}),
        json!({"event_type": "users.behaviors.Purchase", "user_id": "braze only", "product_id": "p"}),
        json!({"event_type": "users.behaviors.Purchase", "external_user_id": "u"}),
        json!({"event_type": 5}),
        json!("text"),
        json!([1, 2]),
        Value::Null,
    ] {
        assert_eq!(currents().interactions(&event), [], "{event}");
    }
}

fn mapping(rule: Value) -> Result<Mapping, RuleError> {
    Mapping::new(&[serde_json::from_value(rule).unwrap()])
}

#[test]
fn a_rule_of_ones_own() {
    let rules = mapping(json!({
        "match": {"kind": "order", "test": "false"}, "user": ["customer.id", "fallback"], "item": ["lines.sku"],
        "value": ["lines.total"], "time": "at", "event_type": "Bought",
    }))
    .unwrap();
    let event = json!({"kind": "order", "test": false, "customer": {"id": 7}, "at": "2026-01-02T03:04:05Z",
        "lines": [{"sku": "a", "total": 1.5}, {"sku": "b", "total": 2}]});
    let found = rules.interactions(&event);
    assert_eq!(found.len(), 2);
    assert_eq!((found[1].user_id.as_str(), found[1].value, found[1].sent_at), ("7", Some(2.0), Some(1_767_323_045.0)));
    assert_ne!(found[0].event_id, found[1].event_id);
    assert_eq!(rules.interactions(&event)[0].event_id, found[0].event_id, "a repeated delivery has the same ids");
    let mut other = event.clone();
    other["test"] = true.into();
    assert_eq!(rules.interactions(&other), []);
    let mut many = event;
    many["lines"] = (0..500).map(|n| json!({"sku": n.to_string()})).collect();
    assert_eq!(rules.interactions(&many).len(), ITEMS_PER_EVENT_MAX);
}

#[test]
fn faulty_rules_name_their_member() {
    for (rule, problem) in [
        (json!({"user": ["u"], "item": ["i"], "event_type": ""}), "event_type"),
        (json!({"item": ["i"], "event_type": "e"}), "user"),
        (json!({"user": ["u"], "event_type": "e"}), "item"),
        (json!({"user": ["u..x"], "item": ["i"], "event_type": "e"}), "user: 'u..x'"),
        (json!({"user": ["u"], "item": ["i"], "event_type": "e", "time": ""}), "time"),
    ] {
        let error = mapping(rule.clone()).unwrap_err();
        assert_eq!(error.number, 1);
        assert!(error.problem.starts_with(problem), "{rule}: {error}");
    }
}

#[test]
fn batches_are_bounded_objects() {
    assert_eq!(batch(br#"{"events":[{"a":1}],"more":2}"#).unwrap().len(), 1);
    assert_eq!(webhook(br#"{"a":1}"#).unwrap().len(), 1);
    assert_eq!(webhook(br#"[{"a":1},{"a":2}]"#).unwrap().len(), 2);
    let many = json!({"events": vec![Value::Null; EVENTS_PER_BATCH_MAX + 1]}).to_string();
    for body in [&b"{"[..], b"[]", br#"{"events":{}}"#, many.as_bytes()] {
        assert!(batch(body).is_err());
    }
    assert!(webhook(b"5").is_err());
}
