//! Syncs against a Braze of the same process that counts, checks and fails as told.

use super::catalog::legal_id;
use super::users::{Event, Target, UsersSettings};
use super::*;
use serde_json::{Map, Value, json};
use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::time::Duration;

/// Holds what it was sent, checks limits, and answers the next requests from `script` first.
#[derive(Default)]
pub(super) struct Braze {
    pub(super) profiles: RefCell<BTreeMap<String, Vec<Value>>>,
    pub(super) items: RefCell<BTreeMap<String, Value>>,
    pub(super) catalogs: RefCell<Vec<Value>>,
    pub(super) script: RefCell<Vec<Result<RestReply, String>>>,
    requests: Cell<usize>,
    /// Whether the answer to the next batch is lost after Braze has taken it.
    loses_answer: Cell<bool>,
}

pub(super) fn reply(status: u16, body: Value) -> RestReply {
    RestReply { status, body: body.to_string(), ..RestReply::default() }
}

impl Rest for Braze {
    fn send(&self, request: &RestRequest) -> Result<RestReply, String> {
        self.requests.set(self.requests.get() + 1);
        if !self.script.borrow().is_empty() {
            return self.script.borrow_mut().remove(0);
        }
        let body: Value = serde_json::from_str(&request.body).unwrap_or(Value::Null);
        match (request.method, request.path.as_str()) {
            ("POST", "/users/track") => {
                let attributes = body["attributes"].as_array().unwrap();
                assert!((1..=75).contains(&attributes.len()));
                for attribute in attributes {
                    let user = attribute["external_id"].as_str().unwrap().to_owned();
                    self.profiles.borrow_mut().entry(user).or_default().push(attribute.clone());
                }
                if self.loses_answer.take() {
                    return Err("connection reset".into());
                }
                Ok(reply(201, json!({"message": "success", "attributes_processed": attributes.len()})))
            }
            ("POST", "/users/export/ids") => {
                let ids = body["external_ids"].as_array().unwrap();
                assert!((1..=50).contains(&ids.len()));
                let profiles = self.profiles.borrow();
                let known = ids.iter().filter_map(|id| Some((id, profiles.get(id.as_str()?)?.last()?)));
                let users: Vec<Value> =
                    known.map(|(id, sent)| json!({"external_id": id, "custom_attributes": sent})).collect();
                Ok(reply(200, json!({"message": "success", "users": users})))
            }
            ("GET", "/catalogs") => Ok(reply(200, json!({"catalogs": *self.catalogs.borrow()}))),
            ("POST", "/catalogs") => {
                self.catalogs.borrow_mut().extend(body["catalogs"].as_array().unwrap().clone());
                Ok(reply(201, json!({"message": "success"})))
            }
            ("PUT", "/catalogs/products/items") => {
                let items = body["items"].as_array().unwrap();
                assert!((1..=50).contains(&items.len()));
                for item in items {
                    self.items.borrow_mut().insert(item["id"].as_str().unwrap().to_owned(), item.clone());
                }
                Ok(reply(202, json!({"message": "success"})))
            }
            ("DELETE", "/catalogs/products/items") => {
                for item in body["items"].as_array().unwrap() {
                    assert!(self.items.borrow_mut().remove(item["id"].as_str().unwrap()).is_some());
                }
                Ok(reply(202, json!({"message": "success"})))
            }
            other => panic!("unexpected {other:?}"),
        }
    }
}

#[derive(Default)]
pub(super) struct Clock {
    slept: RefCell<Vec<Duration>>,
}

impl Pace for Clock {
    fn now_s(&self) -> i64 {
        1_000
    }
    fn sleep(&self, duration: Duration) {
        self.slept.borrow_mut().push(duration);
    }
}

/// A file of the ledger's lines.
#[derive(Default)]
pub(super) struct File(Vec<u8>);

fn users(
    braze: &Braze,
    clock: &Clock,
    file: &mut File,
    lists: &[(String, Vec<String>)],
    batch: usize,
) -> Result<Summary, SyncError> {
    let (mut ledger, whole) = Ledger::parse(&file.0)?;
    file.0.truncate(whole);
    let settings = UsersSettings { batch, updated_attribute: Some("rec_at".into()), ..UsersSettings::default() };
    let mut users = lists.iter().map(|(user, _)| Ok(user.clone()));
    let mut list_of = list_in(lists);
    let mut keep = |lines: &str| {
        file.0.extend_from_slice(lines.as_bytes());
        Ok(())
    };
    let target = Target::Braze { rest: braze, pace: clock };
    super::users::sync(&settings, &mut users, &mut list_of, &mut ledger, &mut keep, target, &mut |_| {})
}

pub(super) fn list_in(lists: &[(String, Vec<String>)]) -> impl FnMut(&str) -> Result<Vec<String>, String> {
    let lists: BTreeMap<String, Vec<String>> = lists.iter().cloned().collect();
    move |user| Ok(lists[user].clone())
}

pub(super) fn lists(count: usize, first: &str) -> Vec<(String, Vec<String>)> {
    (0..count).map(|n| (format!("u{n}"), vec![first.to_owned(), "b".into(), first.to_owned()])).collect()
}

#[test]
fn only_changed_lists_are_sent_in_batches() {
    let (braze, clock, mut file) = (Braze::default(), Clock::default(), File::default());
    let first = users(&braze, &clock, &mut file, &lists(120, "a"), 50).unwrap();
    assert_eq!(first, Summary { seen: 120, sent: 120, requests: 3, ..Summary::default() });
    assert!(clock.slept.borrow().is_empty(), "nobody asked to wait");
    let profile = braze.profiles.borrow()["u7"][0].clone();
    assert_eq!(
        profile,
        json!({"external_id": "u7", "recommended_items": ["a", "b"], "rec_at": "1970-01-01T00:16:40Z",
            "_update_existing_only": true})
    );
    let again = users(&braze, &clock, &mut file, &lists(120, "a"), 50).unwrap();
    assert_eq!(again, Summary { seen: 120, unchanged: 120, ..Summary::default() });
    let mut changed = lists(120, "a");
    changed[3].1[0] = "z".into();
    let third = users(&braze, &clock, &mut file, &changed, 50).unwrap();
    assert_eq!((third.sent, third.unchanged, third.requests), (1, 119, 1));
    assert_eq!(braze.requests.get(), 4);
}

#[test]
fn an_interrupted_sync_goes_on_and_sends_everybody_once() {
    for interrupted_after in 0..4 {
        let (braze, clock, mut file) = (Braze::default(), Clock::default(), File::default());
        let lists = lists(200, "a");
        let refused = || Ok(reply(401, json!({"message": "Invalid API key"})));
        if interrupted_after > 0 {
            users(&braze, &clock, &mut file, &lists[..interrupted_after * 50], 50).unwrap();
        }
        braze.script.borrow_mut().push(refused());
        let error = users(&braze, &clock, &mut file, &lists, 50).unwrap_err();
        assert_eq!(error.to_string(), "Braze refused POST /users/track with 401: Invalid API key");
        // A crash in the middle of a line.
        file.0.extend_from_slice(b"{\"id\":\"u19");
        users(&braze, &clock, &mut file, &lists, 50).unwrap();
        let profiles = braze.profiles.borrow();
        assert_eq!(profiles.len(), 200);
        assert!(profiles.values().all(|sent| sent.len() == 1), "after {interrupted_after}");
    }
}

#[test]
fn a_sync_that_was_killed_between_request_and_record_sends_nobody_twice() {
    let (braze, clock) = (Braze::default(), Clock::default());
    let all = lists(120, "a");
    // The file as the kill left it: a batch was announced, and Braze took it, or not.
    for taken in [true, false] {
        braze.profiles.borrow_mut().clear();
        let mut file = File::default();
        users(&braze, &clock, &mut file, &all[..50], 50).unwrap();
        let text = String::from_utf8(file.0.clone()).unwrap();
        let cut = text.replace("{\"ended\":true}\n", "");
        let mut ledger = Ledger::parse(cut.as_bytes()).unwrap().0;
        let batch: Vec<_> = all[50..100]
            .iter()
            .map(|(user, _)| {
                (user.clone(), Some(Fingerprint::of(&json!(["recommended_items", ["a", "b"]]).to_string())))
            })
            .collect();
        file.0 = (cut + &ledger.announce(&batch).unwrap()).into_bytes();
        if taken {
            for (user, _) in &batch {
                let sent = json!({"external_id": user, "recommended_items": ["a", "b"]});
                braze.profiles.borrow_mut().insert(user.clone(), vec![sent]);
            }
        }
        // The lists have changed meanwhile: whoever was sent in this run is left alone all the same.
        users(&braze, &clock, &mut file, &lists(120, "z"), 50).unwrap();
        let profiles = braze.profiles.borrow();
        assert_eq!(profiles.len(), 120);
        assert!(profiles.values().all(|sent| sent.len() == 1), "{taken}");
        let first_fifty = &profiles["u0"][0]["recommended_items"];
        assert_eq!((first_fifty, &profiles["u119"][0]["recommended_items"]), (&json!(["a", "b"]), &json!(["z", "b"])));
        drop(profiles);
        assert_eq!(Ledger::parse(&file.0).unwrap().0.unsettled(), []);
        let next = users(&braze, &clock, &mut file, &lists(120, "z"), 50).unwrap();
        assert_eq!(next.sent, if taken { 100 } else { 50 }, "the next run sends what changed since");
    }
}

#[test]
fn a_batch_whose_answer_was_lost_is_looked_up_before_it_is_sent_again() {
    let (braze, clock, mut file) = (Braze::default(), Clock::default(), File::default());
    braze.loses_answer.set(true);
    users(&braze, &clock, &mut file, &lists(120, "a"), 75).unwrap();
    let profiles = braze.profiles.borrow();
    assert_eq!(profiles.len(), 120);
    assert!(profiles.values().all(|sent| sent.len() == 1));
    assert_eq!(braze.requests.get(), 3, "two batches and a look-up");
}

#[test]
fn a_ledger_in_few_lines_says_the_same() {
    let print = |text: &str| Some(Fingerprint::of(text));
    let mut ledger = Ledger::default();
    let mut text = ledger.extend(&[("old".into(), print("1")), ("gone".into(), print("1"))]).unwrap();
    text += &ledger.begin(1_000, 10).unwrap();
    for round in 0..5 {
        text += &ledger.announce(&[("a".into(), print("2")), ("b".into(), print("2"))]).unwrap();
        text += &ledger.extend(&[("a".into(), print(&round.to_string())), ("gone".into(), None)]).unwrap();
    }
    assert_eq!(ledger.begin(1_005, 10).unwrap(), "", "the run goes on");
    let (read, whole) = Ledger::parse(text.as_bytes()).unwrap();
    assert_eq!((read.clone(), whole), (ledger.clone(), text.len()));
    assert!(read.is_done("a") && !read.is_done("b") && !read.is_done("old"));
    assert_eq!(read.unsettled().len(), 1);
    let compact = read.compact().unwrap();
    assert_eq!(Ledger::parse(compact.as_bytes()).unwrap().0, ledger);
    assert_eq!(compact.lines().count(), 4);
    assert_ne!(ledger.begin(2_000, 10).unwrap(), "", "an old run is not gone on with");
    assert!(!ledger.is_done("a"));
}

#[test]
fn rate_limits_are_waited_out_and_faults_retried_with_back_off() {
    let (braze, clock, mut file) = (Braze::default(), Clock::default(), File::default());
    let nobody = reply(200, json!({"users": []}));
    let limited = |status| RestReply { status, remaining: Some(0), reset_s: Some(1_030), body: "{}".into() };
    *braze.script.borrow_mut() =
        vec![Ok(limited(429)), Err("connection reset".into()), Ok(nobody), Ok(reply(503, json!({}))), Ok(limited(201))];
    users(&braze, &clock, &mut file, &lists(1, "a"), 50).unwrap();
    assert_eq!(*clock.slept.borrow(), [30, 1, 2, 30].map(Duration::from_secs));

    *braze.script.borrow_mut() = (0..8).map(|_| Ok(reply(500, json!({"message": "oops"})))).collect();
    let error = users(&braze, &clock, &mut file, &lists(2, "a"), 50).unwrap_err();
    assert!(matches!(&error, SyncError::Unavailable { message, .. } if message == "500 oops"), "{error}");
}

#[test]
fn settings_and_users_that_braze_would_refuse() {
    let (braze, clock, mut file) = (Braze::default(), Clock::default(), File::default());
    for batch in [0, 76] {
        assert!(users(&braze, &clock, &mut file, &[], batch).unwrap_err().to_string().contains("1 to 75"));
    }
    let odd = vec![(String::new(), vec![]), ("x".repeat(998), vec![]), ("ok".to_owned(), vec![])];
    let summary = users(&braze, &clock, &mut file, &odd, 50).unwrap();
    assert_eq!((summary.skipped, summary.sent), (2, 1));
}

#[test]
fn a_dry_run_shows_requests_and_keeps_nothing() {
    let clock = Clock::default();
    let mut ledger = Ledger::default();
    let mut shown = Vec::new();
    let mut keep = |_: &str| panic!("a dry run keeps nothing");
    let summary = super::users::sync(
        &UsersSettings::default(),
        &mut lists(60, "a").into_iter().map(|(user, _)| Ok(user)),
        &mut list_in(&lists(60, "a")),
        &mut ledger,
        &mut keep,
        Target::Dry { pace: &clock },
        &mut |event| {
            if let Event::WouldSend(request) = event {
                shown.push(request.clone());
            }
        },
    )
    .unwrap();
    assert_eq!((summary.sent, shown.len()), (60, 2));
    assert_eq!(ledger, Ledger::default());
}

pub(super) fn item(id: &str, name: &str) -> super::catalog::Item {
    (id.to_owned(), Map::from_iter([("NAME".to_owned(), json!(name)), ("PRICE".to_owned(), json!(9.5))]))
}

fn catalog(braze: &Braze, file: &mut File, items: &[super::catalog::Item]) -> Result<Summary, SyncError> {
    let (mut ledger, whole) = Ledger::parse(&file.0)?;
    file.0.truncate(whole);
    let mut keep = |lines: &str| {
        file.0.extend_from_slice(lines.as_bytes());
        Ok(())
    };
    let clock = Clock::default();
    let target = Target::Braze { rest: braze, pace: &clock };
    super::catalog::sync("products", items, &mut ledger, &mut keep, target, &mut |_| {})
}

#[test]
fn a_catalog_becomes_what_the_items_are() {
    let (braze, mut file) = (Braze::default(), File::default());
    let items: Vec<_> = (0..60).map(|n| item(&format!("p{n}"), "Lamp")).collect();
    let first = catalog(&braze, &mut file, &items).unwrap();
    assert_eq!((first.sent, first.requests), (60, 4));
    let fields = braze.catalogs.borrow()[0]["fields"].clone();
    assert_eq!(
        fields,
        json!([{"name": "id", "type": "string"}, {"name": "name", "type": "string"}, {"name": "price", "type": "number"}])
    );
    assert_eq!(braze.items.borrow()["p3"], json!({"id": "p3", "name": "Lamp", "price": 9.5}));

    let mut next = items[10..].to_vec();
    next[0] = item("p10", "Chair");
    let second = catalog(&braze, &mut file, &next).unwrap();
    assert_eq!((second.sent, second.unchanged, second.removed), (1, 49, 10));
    assert_eq!(braze.items.borrow().len(), 50);

    braze.catalogs.borrow_mut().clear();
    braze.items.borrow_mut().clear();
    assert_eq!(catalog(&braze, &mut file, &next).unwrap().sent, 50, "a deleted catalog is filled again");
}

#[test]
fn ids_become_legal_and_stay_different() {
    for (id, legal) in [("a-B_9", "a-B_9"), ("a b", "a_x20_b"), ("a_x20_b", "a_x5f_x20_b"), ("é", "_xe9_"), ("", "")] {
        assert_eq!(legal_id(id), legal, "{id}");
    }
    let (braze, mut file) = (Braze::default(), File::default());
    let twice = [item("a", "1"), item("a", "2")];
    assert!(catalog(&braze, &mut file, &twice).unwrap_err().to_string().contains("occurs twice"));
    let long = ("x".repeat(20), Map::from_iter([("D".to_owned(), json!("y".repeat(6000)))]));
    catalog(&braze, &mut file, &[long]).unwrap();
    assert_eq!(braze.items.borrow()[&"x".repeat(20)]["d"].as_str().unwrap().len(), 5000);
    assert_eq!(catalog(&braze, &mut file, &[item(&"é".repeat(100), "n")]).unwrap().skipped, 1);
}
