//! The promises of [`Events`].

use std::sync::Arc;

use bytes::Bytes;
use futures::TryStreamExt;

use crate::{Events, EventsExt, NewEvent};

/// Runs every check, each on a store of its own; then once more through `Arc<Arc<dyn Events>>`.
pub async fn run_all(factory: impl AsyncFn() -> Arc<dyn Events>) {
    appended_events_are_read_in_order(&*factory().await).await;
    an_id_is_stored_once(&*factory().await).await;
    streams_do_not_mix(&*factory().await).await;
    a_deleted_stream_starts_anew_behind_old_positions(&*factory().await).await;
    removed_events_leave_the_others_in_place(&*factory().await).await;
    concurrent_appends_keep_every_event(factory().await).await;
    the_same_ids_may_race(factory().await).await;
    pages_cover_a_stream(&*factory().await).await;
    appended_events_are_read_in_order(&Arc::new(factory().await)).await;
}

fn event(id: impl ToString, body: &str) -> NewEvent {
    NewEvent { id: id.to_string(), body: Bytes::copy_from_slice(body.as_bytes()) }
}

async fn ids(events: &dyn Events, stream: &str, after: u64, limit: usize) -> Vec<String> {
    events.read(stream, after, limit).await.unwrap().into_iter().map(|event| event.id).collect()
}

async fn appended_events_are_read_in_order(events: &dyn Events) {
    assert!(events.read("s", 0, 10).await.unwrap().is_empty(), "a stream nobody wrote is empty");
    assert!(events.append("s", vec![]).await.unwrap().is_empty());
    let first = events.append("s", vec![event("b", "1"), event("a", "")]).await.unwrap();
    let second = events.append("s", vec![event("c", "3")]).await.unwrap();
    let positions = [first, second].concat();
    assert!(positions[0] > 0 && positions.is_sorted_by(|a, b| a < b), "{positions:?}");
    let read = events.read("s", 0, 10).await.unwrap();
    assert!(read.iter().map(|event| event.position).eq(positions.iter().copied()));
    assert!(read.iter().map(|event| &event.body[..]).eq([&b"1"[..], b"", b"3"]));
    assert_eq!(ids(events, "s", 0, 2).await, ["b", "a"]);
    assert_eq!(ids(events, "s", positions[0], 10).await, ["a", "c"]);
    assert!(ids(events, "s", positions[2], 10).await.is_empty());
    assert!(ids(events, "s", u64::MAX, 10).await.is_empty());
    assert!(ids(events, "s", 0, 0).await.is_empty());
}

async fn an_id_is_stored_once(events: &dyn Events) {
    let first = events.append("s", vec![event("a", "first"), event("b", "")]).await.unwrap();
    let again =
        events.append("s", vec![event("b", "x"), event("c", ""), event("a", "second"), event("c", "y")]).await.unwrap();
    assert_eq!((again[0], again[2]), (first[1], first[0]), "a repeated id answers its first position");
    assert_eq!(again[1], again[3], "also within one batch");
    assert_eq!(ids(events, "s", 0, 10).await, ["a", "b", "c"]);
    assert_eq!(&events.read("s", 0, 1).await.unwrap()[0].body[..], b"first", "the first body stays");
}

async fn streams_do_not_mix(events: &dyn Events) {
    for stream in ["s", "s/2", "S", "s%", "поток"] {
        events.append(stream, vec![event("same id", stream)]).await.unwrap();
    }
    for stream in ["s", "s/2", "S", "s%", "поток"] {
        let read = events.read(stream, 0, 10).await.unwrap();
        assert_eq!(read.len(), 1, "{stream}");
        assert_eq!(&read[0].body[..], stream.as_bytes());
    }
}

async fn a_deleted_stream_starts_anew_behind_old_positions(events: &dyn Events) {
    events.append("kept", vec![event("a", "")]).await.unwrap();
    let old = events.append("s", vec![event("a", ""), event("b", "")]).await.unwrap();
    events.delete_stream("s").await.unwrap();
    events.delete_stream("never there").await.unwrap();
    assert!(events.read("s", 0, 10).await.unwrap().is_empty());
    let new = events.append("s", vec![event("a", "again")]).await.unwrap();
    assert!(new[0] > old[1], "position {} was used before", new[0]);
    assert_eq!(&events.read("s", old[1], 10).await.unwrap()[0].body[..], b"again");
    assert_eq!(ids(events, "kept", 0, 10).await, ["a"]);
}

async fn removed_events_leave_the_others_in_place(events: &dyn Events) {
    let other = events.append("other", vec![event("a", "")]).await.unwrap();
    let old = events.append("s", vec![event("a", ""), event("b", ""), event("c", "")]).await.unwrap();
    events.remove("s", vec![old[1], old[2] + 1_000, other[0]]).await.unwrap();
    events.remove("s", vec![old[1]]).await.unwrap();
    events.remove("s", vec![]).await.unwrap();
    events.remove("never there", vec![1]).await.unwrap();
    assert_eq!(ids(events, "s", 0, 10).await, ["a", "c"]);
    assert_eq!(ids(events, "s", old[0], 10).await, ["c"]);
    assert_eq!(ids(events, "other", 0, 10).await, ["a"]);
    events.remove("s", vec![old[2]]).await.unwrap();
    let new = events.append("s", vec![event("c", "again"), event("a", "")]).await.unwrap();
    assert!(new[0] > old[2], "position {} was used before", new[0]);
    assert_eq!(new[1], old[0]);
    assert_eq!(&events.read("s", old[0], 10).await.unwrap()[0].body[..], b"again", "a removed id is free");
}

async fn concurrent_appends_keep_every_event(events: Arc<dyn Events>) {
    const TASKS: usize = 16;
    const BATCHES: usize = 5;
    let task = |task: usize, events: Arc<dyn Events>| async move {
        let mut acknowledged = Vec::new();
        for batch in 0..BATCHES {
            let new = (0..3).map(|n| event(format!("{task}-{batch}-{n}"), "x")).collect();
            acknowledged.extend(events.append("s", new).await.unwrap());
        }
        acknowledged
    };
    let tasks: Vec<_> = (0..TASKS).map(|n| tokio::spawn(task(n, events.clone()))).collect();
    let mut acknowledged = Vec::new();
    for task in tasks {
        let positions = task.await.unwrap();
        assert!(positions.is_sorted_by(|a, b| a < b), "one writer's positions grow");
        acknowledged.extend(positions);
    }
    acknowledged.sort_unstable();
    let read = events.read("s", 0, usize::MAX).await.unwrap();
    assert!(read.iter().map(|event| event.position).eq(acknowledged));
    assert_eq!(read.len(), TASKS * BATCHES * 3);
}

async fn the_same_ids_may_race(events: Arc<dyn Events>) {
    let tasks: Vec<_> = (0..8)
        .map(|_| {
            let events = events.clone();
            tokio::spawn(async move { events.append("s", (0..5).map(|n| event(n, "x")).collect()).await.unwrap() })
        })
        .collect();
    let mut answers = Vec::new();
    for task in tasks {
        answers.push(task.await.unwrap());
    }
    assert!(answers.windows(2).all(|pair| pair[0] == pair[1]), "{answers:?}");
    assert_eq!(events.read("s", 0, 100).await.unwrap().len(), 5);
}

async fn pages_cover_a_stream(events: &dyn Events) {
    events.append("s", (0..2_100).map(|n| event(n, "x")).collect()).await.unwrap();
    let pages: Vec<_> = events.pages("s", 0).try_collect().await.unwrap();
    assert!(pages.concat().into_iter().map(|event| event.id).eq((0..2_100).map(|n: i32| n.to_string())));
}
