//! Borders of batches, ids and times of inbound events.

use super::*;
use serde_json::json;

fn purchase(more: Value) -> Inbound {
    let mut event = json!({"event_type": "users.behaviors.Purchase", "external_user_id": "u", "product_id": "p"});
    event.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    currents().interactions(&event).remove(0)
}

#[test]
fn batches_hold_a_thousand_events() {
    for (events, taken) in [(EVENTS_PER_BATCH_MAX, true), (EVENTS_PER_BATCH_MAX + 1, false)] {
        let list = Value::from(vec![json!({}); events]);
        assert_eq!(webhook(list.to_string().as_bytes()).is_ok(), taken, "{events}");
        assert_eq!(batch(json!({"events": list}).to_string().as_bytes()).is_ok(), taken, "{events}");
    }
}

#[test]
fn a_path_has_sixteen_members_at_most() {
    let path = |members: usize| Path::parse(&vec!["a"; members].join("."));
    assert!(path(16).is_ok());
    assert!(path(17).unwrap_err().ends_with("has 17 members; at most 16 are allowed"));
    assert!(Path::parse("a..b").unwrap_err().contains("is not a path"));
}

#[test]
fn an_event_without_an_id_has_that_of_its_content() {
    let ids = [json!({"price": 1}), json!({"price": 1}), json!({"price": 2})].map(|more| purchase(more).event_id);
    assert_eq!(ids[0], ids[1]);
    assert_ne!(ids[0], ids[2]);
    assert!(ids.iter().all(|id| id.len() == 34 && id.ends_with("#0")), "{ids:?}");
}

#[test]
fn times_are_numbers_as_they_were_sent_or_text() {
    for (time, sent_at) in [
        (json!(1_700_000_000), Some(1_700_000_000.0)),
        (json!(1_700_000_000_000_i64), Some(1_700_000_000_000.0)),
        (json!("1700000000"), Some(1_700_000_000.0)),
        (json!("2023-11-14T22:13:20Z"), Some(1_700_000_000.0)),
        (json!(0), Some(0.0)),
        (json!(-5), None),
        (json!("NaN"), None),
        (json!("inf"), None),
        (json!("yesterday"), None),
        (json!([]), None),
    ] {
        assert_eq!(purchase(json!({"time": time})).sent_at, sent_at, "{time}");
    }
}
