//! Live pages.

use super::world::{START_S, world};
use crate::ports::RunningJob;
use crate::session::Role;
use axum::body::Body;
use http::StatusCode;
use http_body_util::BodyExt;
use std::sync::atomic::Ordering;
use std::time::Duration;

async fn message(body: &mut Body) -> Option<String> {
    let frame = tokio::time::timeout(Duration::from_secs(60), body.frame()).await.expect("in time")?;
    let bytes = frame.expect("a frame").into_data().expect("data");
    Some(String::from_utf8(bytes.to_vec()).expect("UTF-8"))
}

fn job(done: u64) -> RunningJob {
    RunningJob { resource_arn: "arn".into(), stage: "train".into(), done, total: 10, ..RunningJob::default() }
}

#[tokio::test(start_paused = true)]
async fn a_stream_carries_all_first_and_then_what_changes() {
    let world = world(|_| {});
    let browser = world.user().await;
    world.jobs.running.lock().push(job(1));
    let response = browser.open("GET", "/live?topics=", "").await;
    for (name, value) in
        [("content-type", "text/event-stream"), ("cache-control", "no-store"), ("x-accel-buffering", "no")]
    {
        assert_eq!(response.headers()[name], value);
    }
    let mut body = response.into_body();
    let first = message(&mut body).await.expect("a first message");
    assert!(
        first.contains("hx-target=\"#running\"") && first.contains("1 running job") && first.contains("retry: 3000"),
        "{first}"
    );
    world.jobs.running.lock().push(job(2));
    world.jobs.count.send_modify(|count| *count += 1);
    let began = tokio::time::Instant::now();
    let second = message(&mut body).await.expect("a second message");
    assert!(second.contains("2 running jobs"), "{second}");
    assert!(began.elapsed() >= Duration::from_millis(500), "at most two a second");
    // Nothing new: only a sign of life.
    let third = message(&mut body).await.expect("a third message");
    assert!(third.starts_with(':'), "{third}");
    world.stop.send_replace(true);
    let last = message(&mut body).await.expect("a farewell");
    assert!(last.contains("event: bye"), "{last}");
    assert_eq!(message(&mut body).await, None);
}

#[tokio::test(start_paused = true)]
async fn a_stream_ends_with_its_session() {
    let world = world(|_| {});
    let mut viewer = world.stranger();
    viewer.get(&format!("/login?code={}", world.secrets.make_code(Role::View, START_S))).await;
    let mut body = viewer.open("GET", "/live?topics=", "").await.into_body();
    assert!(message(&mut body).await.is_some());
    world.now_s.store(START_S + 3600, Ordering::SeqCst);
    while let Some(said) = message(&mut body).await {
        assert!(said.starts_with(':'), "{said}");
    }
    assert_eq!(viewer.get("/live?topics=").await.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn a_topic_that_is_none_is_refused() {
    let world = world(|_| {});
    let mut browser = world.user().await.with("hx-request", "true");
    let seen = browser.get("/live?topics=nothing%3Cb").await;
    assert!(seen.status == StatusCode::UNPROCESSABLE_ENTITY && seen.body.contains("nothing&lt;b"), "{}", seen.body);
}
