//! Streamed interactions.

use super::*;
use crate::events::{self, NewEvent, PutEvents};
use tastemaker_store::records::decode_event;

const SENT_AT_S: f64 = 1_700_000_000.75;

fn view(item: &str) -> NewEvent {
    NewEvent { event_type: "View".into(), item_id: Some(item.into()), sent_at_s: SENT_AT_S, ..NewEvent::default() }
}

fn of(tracker: &EventTracker, list: Vec<NewEvent>) -> PutEvents {
    PutEvents {
        tracking_id: tracker.tracking_id.clone(),
        user_id: Some("u".into()),
        session_id: "s".into(),
        events: list,
    }
}

async fn stored(world: &World) -> Vec<InteractionEvent> {
    let stream = records::interactions_stream(&world.arn("dataset-group/shop"));
    let read = world.ctx.stores.events.read(&stream, 0, 1000).await.expect("read");
    read.iter().map(|e| decode_event(&stream, e).expect("an event")).collect()
}

async fn tracked() -> (World, EventTracker) {
    let world = World::new();
    world.shop().await;
    let tracker = world.tracker("shop").await.expect("a tracker");
    (world, tracker)
}

#[tokio::test]
async fn events_are_kept_and_shown_in_order() {
    let (world, tracker) = tracked().await;
    let full = NewEvent {
        event_id: Some("e1".into()),
        event_value: Some(2.5),
        properties: Some(r#"{"numRatings":"12","device":"phone","colour":"red","eventValue":1}"#.into()),
        recommendation_id: Some("RID-1".into()),
        impression: vec!["a".into(), "b".into()],
        event_attribution_source: Some("mail".into()),
        ..view("a")
    };
    let inside = NewEvent {
        item_id: None,
        properties: Some(r#"{"itemId":"choc-panama","eventValue":4,"numRatings":0}"#.into()),
        ..view("")
    };
    events::put(&world.ctx, of(&tracker, vec![full, inside])).await.expect("kept");
    let kept = stored(&world).await;
    assert_eq!(kept.len(), 2);
    let columns: Vec<_> = kept[0].properties.iter().map(|(k, v)| (k.as_str(), v.as_str())).collect();
    assert_eq!(columns, [("DEVICE", "phone"), ("EVENT_ATTRIBUTION_SOURCE", "mail"), ("NUM_RATINGS", "12")]);
    assert_eq!((kept[0].event_id.as_str(), kept[0].event_value, kept[0].timestamp_s), ("e1", Some(2.5), 1_700_000_000));
    assert_eq!((kept[0].recommendation_id.as_deref(), kept[0].impression.len()), (Some("RID-1"), 2));
    assert_eq!((kept[1].item_id.as_str(), kept[1].event_value), ("choc-panama", Some(4.0)));
    assert_eq!((kept[1].user_id.as_str(), kept[1].session_id.as_str()), ("u", "s"));
    assert!(!kept[1].event_id.is_empty());
    let observed = world.observed.lock().expect("not poisoned").clone();
    assert_eq!(observed, [(world.arn("dataset-group/shop"), kept)]);
}

#[tokio::test]
async fn an_event_that_names_an_answer_gets_its_list_as_impression() {
    let (world, tracker) = tracked().await;
    let naming = |id: &str, impression: &[&str]| NewEvent {
        recommendation_id: Some(id.into()),
        impression: impression.iter().map(|i| (*i).into()).collect(),
        ..view("i2")
    };
    let list = vec![naming("RID-shown", &[]), naming("RID-shown", &["own"]), naming("RID-forgotten", &[])];
    events::put(&world.ctx, of(&tracker, list)).await.expect("kept");
    let kept: Vec<_> = stored(&world).await.into_iter().map(|e| e.impression).collect();
    assert_eq!(kept, [vec!["i1", "i2"], vec!["own"], vec![]]);
}

#[tokio::test]
async fn an_anonymous_visitor_is_the_session() {
    let (world, tracker) = tracked().await;
    let put = PutEvents { user_id: None, ..of(&tracker, vec![view("a")]) };
    events::put(&world.ctx, put).await.expect("kept");
    assert_eq!(stored(&world).await[0].user_id, "s");
}

#[tokio::test]
async fn an_event_alike_in_everything_is_kept_once() {
    let (world, tracker) = tracked().await;
    let twice = of(&tracker, vec![view("a"), view("b"), view("a")]);
    events::put(&world.ctx, twice.clone()).await.expect("kept");
    events::put(&world.ctx, twice).await.expect("kept");
    let items: Vec<_> = stored(&world).await.into_iter().map(|e| e.item_id).collect();
    assert_eq!(items, ["a", "b"]);
    assert_eq!(world.observed.lock().expect("not poisoned")[0].1.len(), 2);
    let later = NewEvent { sent_at_s: SENT_AT_S + 1.0, ..view("a") };
    events::put(&world.ctx, of(&tracker, vec![later])).await.expect("kept");
    assert_eq!(stored(&world).await.len(), 3);
}

#[tokio::test]
async fn events_that_differ_in_one_part_are_all_kept() {
    let (world, tracker) = tracked().await;
    let shown = |items: &[&str]| items.iter().map(|item| (*item).to_owned()).collect::<Vec<_>>();
    let properties = |text: &str| Some(text.to_owned());
    let list = vec![
        view("a"),
        NewEvent { event_type: "Click".into(), ..view("a") },
        NewEvent { event_value: Some(1.0), ..view("a") },
        NewEvent { recommendation_id: Some("RID".into()), ..view("a") },
        NewEvent { impression: shown(&["b"]), ..view("a") },
        // The same words as an impression and as a column.
        NewEvent { impression: shown(&["DEVICE", "phone"]), ..view("a") },
        NewEvent { properties: properties(r#"{"device":"phone"}"#), ..view("a") },
        NewEvent { properties: properties(r#"{"device":"desk"}"#), ..view("a") },
        NewEvent { properties: properties(r#"{"numRatings":"12"}"#), ..view("a") },
    ];
    let count = list.len();
    events::put(&world.ctx, of(&tracker, list)).await.expect("kept");
    assert_eq!(stored(&world).await.len(), count);
    let other_session = PutEvents { session_id: "t".into(), ..of(&tracker, vec![view("a")]) };
    let other_user = PutEvents { user_id: Some("v".into()), ..of(&tracker, vec![view("a")]) };
    for put in [other_session, other_user] {
        events::put(&world.ctx, put).await.expect("kept");
    }
    assert_eq!(stored(&world).await.len(), count + 2);
}

#[tokio::test]
async fn an_event_id_may_stand_for_several_items() {
    let (world, tracker) = tracked().await;
    let ordered = |item: &str, event_type: &str| NewEvent {
        event_id: Some("order-1".into()),
        event_type: event_type.into(),
        ..view(item)
    };
    let order = of(&tracker, vec![ordered("a", "Purchase"), ordered("b", "Purchase"), ordered("a", "Purchase")]);
    events::put(&world.ctx, order.clone()).await.expect("kept");
    events::put(&world.ctx, order).await.expect("kept already");
    events::put(&world.ctx, of(&tracker, vec![ordered("b", "Refund")])).await.expect("kept");
    let kept: Vec<_> = stored(&world).await.into_iter().map(|e| (e.event_id, e.item_id, e.event_type)).collect();
    let expected = [("a", "Purchase"), ("b", "Purchase"), ("b", "Refund")];
    assert_eq!(kept, expected.map(|(item, kind)| ("order-1".to_owned(), item.to_owned(), kind.to_owned())));
    assert_eq!(world.observed.lock().expect("not poisoned")[0].1.len(), 2);
}

#[tokio::test]
async fn times_in_milliseconds_and_of_1970_are_taken_and_counted() {
    let (world, tracker) = tracked().await;
    let at = |item: &str, sent_at_s| NewEvent { sent_at_s, ..view(item) };
    // `new Date(1699999000)` of JavaScript, sent in seconds.
    let list = vec![at("ms", 1_699_999_000_123.0), at("1970", 1_699_999.0), at("1970", 1_699_999.001), view("good")];
    events::put(&world.ctx, of(&tracker, list.clone())).await.expect("kept");
    let times = |kept: Vec<InteractionEvent>| kept.into_iter().map(|e| (e.item_id, e.timestamp_s)).collect::<Vec<_>>();
    let expected = [("ms", 1_699_999_000), ("1970", 1_700_000_000), ("1970", 1_700_000_000), ("good", 1_700_000_000)];
    let expected = expected.map(|(item, time_s)| (item.to_owned(), time_s));
    assert_eq!(times(stored(&world).await), expected);
    let counts = || (world.ctx.odd_event_times.milliseconds(), world.ctx.odd_event_times.year_1970());
    assert_eq!(counts(), (1, 2));
    // The same call again, later, adds nothing, although the time of arrival is another.
    world.now_ms.fetch_add(5_000, Ordering::SeqCst);
    events::put(&world.ctx, of(&tracker, list)).await.expect("kept already");
    assert_eq!(times(stored(&world).await), expected);
    // What is refused is not counted.
    let before = counts();
    let refusal = events::put(&world.ctx, of(&tracker, vec![at("ms", 1_699_999_000_123.0), at("a", -1.0)])).await;
    refused(refusal, "InvalidInput", &["eventList.2.member.sentAt"]);
    assert_eq!(counts(), before);
    let external = |item: &str, sent_at_s| events::ExternalEvent { user_id: "u".into(), event: at(item, sent_at_s) };
    let list = vec![external("x", 1_699_999_000_000.0), external("y", 2e12), external("z", 5.0)];
    let refused = events::put_external(&world.ctx, &world.arn("dataset-group/shop"), list).await.expect("kept");
    assert_eq!((refused.len(), refused[0].0), (1, 1));
    assert_eq!(counts(), (before.0 + 1, before.1 + 1));
    assert_eq!(stored(&world).await.last().map(|e| e.timestamp_s), Some(1_700_000_005));
}

#[tokio::test]
async fn refusals_name_the_event_and_keep_nothing() {
    let (world, tracker) = tracked().await;
    let long = "x".repeat(257);
    let with = |properties: &str| NewEvent { properties: Some(properties.into()), ..view("a") };
    let at = |sent_at_s| NewEvent { sent_at_s, ..view("a") };
    for (event, member, words) in [
        (NewEvent { item_id: None, ..view("") }, "itemId", &["must be given"][..]),
        (view(""), "itemId", &["1 to 256", "not 0"]),
        (view(&long), "itemId", &["1 to 256", "not 257"]),
        (NewEvent { item_id: None, ..with(&format!("{{\"itemId\":\"{long}\"}}")) }, "itemId", &["257"]),
        (NewEvent { event_type: String::new(), ..view("a") }, "eventType", &["1 to 256"]),
        (NewEvent { event_id: Some(long.clone()), ..view("a") }, "eventId", &["257"]),
        (NewEvent { event_value: Some(f64::INFINITY), ..view("a") }, "eventValue", &["finite"]),
        (NewEvent { event_value: Some(1e300), ..view("a") }, "eventValue", &["32 bits"]),
        (NewEvent { recommendation_id: Some("r".repeat(41)), ..view("a") }, "recommendationId", &["40", "41"]),
        (NewEvent { impression: vec!["i".into(); 26], ..view("a") }, "impression", &["25", "26"]),
        (NewEvent { impression: vec!["i".into(), String::new()], ..view("a") }, "impression.2.member", &["256"]),
        (with("not json"), "properties", &["JSON object"]),
        (with(r#"{"userId":"u"}"#), "properties", &["'userId'"]),
        (with(r#"{"numRatings":"many"}"#), "properties", &["'numRatings'", "NUM_RATINGS", "many"]),
        (
            at(1_700_086_401_000.0),
            "sentAt",
            &["one day after now", "not 1700086401000 milliseconds, that is 1700086401"],
        ),
        (at(99_999_999_999.0), "sentAt", &["at most one day after now, which is 1700000000, not 99999999999"]),
        (at(1_700_086_401.0), "sentAt", &["one day", "not 1700086401"]),
        (at(-1.0), "sentAt", &["seconds since 1970"]),
        (at(f64::NAN), "sentAt", &["NaN"]),
    ] {
        let path = format!("eventList.2.member.{member}'");
        let refusal = events::put(&world.ctx, of(&tracker, vec![view("good"), event])).await;
        let words: Vec<_> = words.iter().copied().chain([path.as_str()]).collect();
        refused(refusal, "InvalidInput", &words);
    }
    let put = |change: &dyn Fn(&mut PutEvents)| {
        let mut put = of(&tracker, vec![view("a")]);
        change(&mut put);
        put
    };
    for (put, words) in [
        (put(&|p| p.tracking_id = "none".into()), &["'trackingId'", "'none'"][..]),
        (put(&|p| p.session_id = String::new()), &["'sessionId'"]),
        (put(&|p| p.user_id = Some(long.clone())), &["'userId'", "257"]),
        (put(&|p| p.events = vec![]), &["'eventList'", "not 0"]),
        (put(&|p| p.events = vec![view("a"); 11]), &["'eventList'", "not 11"]),
    ] {
        refused(events::put(&world.ctx, put).await, "InvalidInput", words);
    }
    assert_eq!(stored(&world).await, []);
    assert!(world.observed.lock().expect("not poisoned").is_empty());
}

#[tokio::test]
async fn columns_without_null_must_be_given() {
    let world = World::new();
    world.group("shop").await.expect("a group");
    let strict = INTERACTIONS
        .replace(r#"["float","null"]"#, r#""float""#)
        .replace(r#"["int","null"]"#, r#""int""#)
        .replace(r#"["null","string"]"#, r#""string""#);
    world.schema("strict", &strict).await.expect("a schema");
    world.dataset("shop", "strict", DatasetType::Interactions).await.expect("a dataset");
    let tracker = world.tracker("shop").await.expect("a tracker");
    let event = |value: Option<f64>, properties: &str| NewEvent {
        event_value: value,
        properties: Some(properties.into()),
        ..view("a")
    };
    for (event, words) in [
        (event(Some(1.0), r#"{"device":"tv"}"#), ["eventList.1.member.properties", "NUM_RATINGS"]),
        (event(Some(1.0), r#"{"numRatings":1}"#), ["eventList.1.member.properties", "DEVICE"]),
        (event(Some(1.0), r#"{"numRatings":1,"device":null}"#), ["eventList.1.member.properties", "'device'"]),
    ] {
        refused(events::put(&world.ctx, of(&tracker, vec![event])).await, "InvalidInput", &words);
    }
    let whole = event(Some(1.0), r#"{"numRatings":1,"device":"tv"}"#);
    events::put(&world.ctx, of(&tracker, vec![whole])).await.expect("kept");
}

#[tokio::test]
async fn columns_that_the_request_itself_fills_are_empty_where_it_has_nothing() {
    let world = World::new();
    world.group("shop").await.expect("a group");
    let text = r#"{"type":"record","name":"Interactions","fields":[{"name":"USER_ID","type":"string"},
        {"name":"ITEM_ID","type":"string"},{"name":"TIMESTAMP","type":"long"},{"name":"EVENT_TYPE","type":"string"},
        {"name":"EVENT_VALUE","type":"float"},{"name":"SESSION_ID","type":"string"},{"name":"IMPRESSION","type":"string"},
        {"name":"RECOMMENDATION_ID","type":"string"},{"name":"EVENT_ATTRIBUTION_SOURCE","type":"string"}]}"#;
    world.schema("reserved", text).await.expect("a schema");
    world.dataset("shop", "reserved", DatasetType::Interactions).await.expect("a dataset");
    let tracker = world.tracker("shop").await.expect("a tracker");
    let put = PutEvents { session_id: "s-7".into(), ..of(&tracker, vec![NewEvent { event_value: None, ..view("a") }]) };
    events::put(&world.ctx, put).await.expect("kept");
    let [kept] = &stored(&world).await[..] else { panic!("one event") };
    assert_eq!(kept.properties.iter().collect::<Vec<_>>(), [(&"SESSION_ID".to_owned(), &"s-7".to_owned())]);
    assert_eq!((kept.event_value, kept.recommendation_id.as_deref(), kept.impression.len()), (None, None, 0));
}

#[tokio::test]
async fn events_need_an_interactions_dataset() {
    let world = World::new();
    world.group("shop").await.expect("a group");
    let tracker = world.tracker("shop").await.expect("a tracker");
    let put = async || events::put(&world.ctx, of(&tracker, vec![view("a")])).await;
    refused(put().await, "InvalidInput", &["dataset-group/shop", "Interactions dataset"]);
    world.schema("clicks", INTERACTIONS).await.expect("a schema");
    world.dataset("shop", "clicks", DatasetType::Interactions).await.expect("a dataset");
    put().await.expect("kept");
    world.end(&tracker, Status::CreateFailed).await;
    refused(put().await, "InvalidInput", &[&tracker.arn, "CREATE FAILED"]);
}

#[tokio::test]
async fn what_changes_behind_a_tracking_id_is_followed() {
    let (world, tracker) = tracked().await;
    let put = || events::put(&world.ctx, of(&tracker, vec![view("a")]));
    put().await.expect("kept");
    put().await.expect("kept as before");
    let arn = world.arn("dataset/shop/INTERACTIONS");
    let (_, mut dataset) =
        records::load::<Dataset>(&*world.ctx.stores.records, &arn).await.expect("read").expect("a dataset");
    dataset.status = Status::DeletePending;
    let write = records::put(&dataset).expect("writable");
    world.ctx.stores.records.commit(vec![], vec![write]).await.expect("committed");
    refused(put().await, "InvalidInput", &["no ACTIVE Interactions dataset"]);
    dataset.status = Status::Active;
    let write = records::put(&dataset).expect("writable");
    world.ctx.stores.records.commit(vec![], vec![write]).await.expect("committed");
    put().await.expect("kept again");
    let gone = records::delete::<EventTracker>(&tracker.arn);
    world.ctx.stores.records.commit(vec![], vec![gone]).await.expect("committed");
    refused(put().await, "InvalidInput", &["of no event tracker"]);
}
