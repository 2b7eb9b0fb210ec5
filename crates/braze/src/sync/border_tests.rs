//! The reports of syncs, and the rows that they skip and refuse.

use super::tests::{Braze, Clock, item, list_in, lists, reply};
use super::users::{Event, Target, UsersSettings};
use super::*;
use serde_json::{Map, Value, json};

/// The events of a sync, as text.
fn told(event: Event<'_>) -> String {
    match event {
        Event::Progress(summary) => format!("progress {}", summary.sent + summary.removed),
        Event::Skipped { id, .. } => format!("skipped {}", id.len()),
        Event::Complaint(what) => format!("complaint {what}"),
        Event::WouldSend(request) => format!("{} {}", request.method, request.path),
    }
}

fn catalog(name: &str, braze: &Braze, items: &[super::catalog::Item]) -> (Result<Summary, SyncError>, Vec<String>) {
    let (mut ledger, mut events, clock) = (Ledger::default(), Vec::new(), Clock::default());
    let target = Target::Braze { rest: braze, pace: &clock };
    let mut keep = |_: &str| Ok(());
    let synced =
        super::catalog::sync(name, items, &mut ledger, &mut keep, target, &mut |event| events.push(told(event)));
    (synced, events)
}

#[test]
fn names_of_catalogs_are_letters_digits_hyphens_and_underscores() {
    for name in ["", "a b", "ä", "a/b", &"x".repeat(251)] {
        let (refused, events) = catalog(name, &Braze::default(), &[item("p", "n")]);
        assert!(refused.unwrap_err().to_string().contains("name of a catalog"), "{name}");
        assert!(events.is_empty());
    }
}

#[test]
fn a_catalog_that_braze_has_is_not_made_again() {
    let braze = Braze::default();
    braze.catalogs.borrow_mut().push(json!({"name": "products"}));
    let items = [item("a", "1"), item(&"é".repeat(100), "2"), item("b", "3")];
    let (synced, events) = catalog("products", &braze, &items);
    let summary = synced.unwrap();
    assert_eq!((summary.seen, summary.sent, summary.skipped, summary.requests), (3, 2, 1, 2));
    assert_eq!(events, ["skipped 200", "progress 2"]);
    assert_eq!(braze.catalogs.borrow().len(), 1);
}

#[test]
fn a_dry_run_of_a_catalog_shows_requests_and_keeps_nothing() {
    let (clock, mut ledger, mut events) = (Clock::default(), Ledger::default(), Vec::new());
    let mut keep = |_: &str| panic!("a dry run keeps nothing");
    let dry = Target::Dry { pace: &clock };
    let mut report = |event: Event<'_>| events.push(told(event));
    super::catalog::sync("products", &[item("a", "1")], &mut ledger, &mut keep, dry, &mut report).unwrap();
    assert_eq!(events, ["GET /catalogs", "POST /catalogs", "PUT /catalogs/products/items", "progress 1"]);
    assert_eq!(ledger, Ledger::default());
}

#[test]
fn fields_have_the_type_that_their_values_share() {
    let row = |id: &str, columns: Value| -> super::catalog::Item { (id.into(), columns.as_object().unwrap().clone()) };
    let items = [
        row(
            "a",
            json!({"ID": "other", "T": "x", "N": 1, "B": true, "L": [1], "O": {"k": 1}, "M": 1, "E": null, "A ü/1": 1}),
        ),
        row("b", json!({"T": "y", "N": 2, "B": false, "L": [], "O": {}, "M": "x", "E": null})),
    ];
    let braze = Braze::default();
    catalog("products", &braze, &items).0.unwrap();
    let fields: Map<String, Value> = braze.catalogs.borrow()[0]["fields"]
        .as_array()
        .unwrap()
        .iter()
        .map(|field| (field["name"].as_str().unwrap().to_owned(), field["type"].clone()))
        .collect();
    let expected = json!({"id": "string", "t": "string", "n": "number", "b": "boolean", "l": "array", "o": "object",
        "m": "string", "a___1": "number"});
    assert_eq!(Value::Object(fields), expected);
    let sent = braze.items.borrow()["a"].clone();
    assert_eq!((&sent["id"], sent.get("e")), (&json!("a"), None), "a column ID is not the id");
}

#[test]
fn a_sync_of_users_tells_what_it_skips_and_how_far_it_is() {
    let sent = |only_existing: bool, script: Vec<RestReply>| {
        let (braze, clock, mut events) = (Braze::default(), Clock::default(), Vec::new());
        *braze.script.borrow_mut() = script.into_iter().map(Ok).collect();
        let mut users = lists(2, "a");
        users.push((String::new(), Vec::new()));
        let settings = UsersSettings { batch: 1, update_existing_only: only_existing, ..UsersSettings::default() };
        let synced = super::users::sync(
            &settings,
            &mut users.clone().into_iter().map(|(user, _)| Ok(user)),
            &mut list_in(&users),
            &mut Ledger::default(),
            &mut |_| Ok(()),
            Target::Braze { rest: &braze, pace: &clock },
            &mut |event| events.push(told(event)),
        );
        synced.unwrap();
        let marked = braze.profiles.borrow().get("u0").map(|sent| sent[0].get("_update_existing_only").cloned());
        (events, marked)
    };
    let (events, marked) = sent(false, vec![]);
    assert_eq!((events, marked), (["progress 1", "progress 2", "skipped 0"].map(str::to_owned).to_vec(), Some(None)));
    assert_eq!(sent(true, vec![]).1, Some(Some(json!(true))));

    let fine = reply(201, json!({"message": "success", "errors": []}));
    assert_eq!(sent(false, vec![fine]).0[0], "progress 1", "no errors are no complaint");
    let complaint = reply(201, json!({"message": "success", "errors": [{"type": "odd"}]}));
    let events = sent(false, vec![complaint]).0;
    assert!(events[0].starts_with("complaint "), "{events:?}");
}

#[test]
fn unsettled_entries_are_in_order() {
    let print = |text: &str| Some(Fingerprint::of(text));
    let mut ledger = Ledger::default();
    let ids: Vec<String> = (0..30).map(|n| format!("u{:02}", n * 7 % 30)).collect();
    ledger.announce(&ids.iter().map(|id| (id.clone(), print("1"))).collect::<Vec<_>>()).unwrap();
    let unsettled: Vec<String> = ledger.unsettled().into_iter().map(|(id, _)| id).collect();
    assert_eq!(unsettled.len(), 30);
    assert!(unsettled.is_sorted(), "{unsettled:?}");
}

#[test]
fn a_ledger_without_a_run_is_written_without_one() {
    let mut ledger = Ledger::default();
    ledger.extend(&[("a".into(), Some(Fingerprint::of("1")))]).unwrap();
    let compact = ledger.compact().unwrap();
    assert_eq!(compact.lines().count(), 1, "{compact}");
    assert_eq!(Ledger::parse(compact.as_bytes()).unwrap().0, ledger);
}

#[test]
fn attributes_have_names_of_their_own() {
    for attribute in ["", "$recommended"] {
        let settings = UsersSettings { attribute: attribute.to_owned(), ..UsersSettings::default() };
        let synced = super::users::sync(
            &settings,
            &mut std::iter::empty(),
            &mut |_| Ok(Vec::new()),
            &mut Ledger::default(),
            &mut |_| Ok(()),
            Target::Braze { rest: &Braze::default(), pace: &Clock::default() },
            &mut |_| {},
        );
        assert_eq!(synced.unwrap_err().to_string(), format!("'{attribute}' cannot be the name of an attribute"));
    }
}

#[test]
fn profiles_that_may_not_be_read_are_complained_about() {
    let (braze, clock, mut events, mut ledger) = (Braze::default(), Clock::default(), Vec::new(), Ledger::default());
    ledger.announce(&[("u0".into(), Some(Fingerprint::of("1"))), ("u1".into(), Some(Fingerprint::of("1")))]).unwrap();
    *braze.script.borrow_mut() = vec![Ok(reply(403, json!({"message": "no permission"})))];
    let users = lists(2, "a");
    let summary = super::users::sync(
        &UsersSettings::default(),
        &mut users.iter().map(|(user, _)| Ok(user.clone())),
        &mut list_in(&users),
        &mut ledger,
        &mut |_| Ok(()),
        Target::Braze { rest: &braze, pace: &clock },
        &mut |event| events.push(told(event)),
    )
    .unwrap();
    assert_eq!((summary.sent, summary.requests), (2, 2));
    assert!(events[0].starts_with("complaint 2 users of an interrupted sync may be sent twice"), "{events:?}");
    assert!(events[0].contains("no permission"), "{events:?}");
}

#[test]
fn a_refusal_is_told_with_its_errors() {
    for (body, told) in [
        (r#"{"message":"m","errors":[{"id":"a","message":"b"},"c",{"x":1}]}"#, r#"m; a: b; c; {"x":1}"#),
        (r#"{"message":"m"}"#, "m"),
        ("<html>", "<html>"),
    ] {
        assert_eq!(super::deliver::message(body), told);
    }
}
