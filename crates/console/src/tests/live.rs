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

#[tokio::test(start_paused = true)]
async fn sixty_four_viewers_cost_as_many_renderings_as_one() {
    let world = world(|_| {});
    let browser = world.user().await;
    let renderings = |world: &super::world::World| {
        let calls = world.api.calls.lock();
        calls.iter().filter(|(operation, _)| operation.name() == "DescribeDatasetGroup").count()
    };
    let mut bodies = Vec::new();
    for _ in 0..64 {
        bodies.push(browser.open("GET", "/live?topics=campaigns&g=shop", "").await.into_body());
    }
    for body in &mut bodies {
        let first = message(body).await.expect("a first message");
        assert!(first.contains("hx-target=\"#campaigns\""), "{first}");
    }
    let after_first = renderings(&world);
    assert!((1..=3).contains(&after_first), "{after_first}");
    // Whoever comes with another language or right has a rendering of its own.
    let mut korean = browser
        .clone()
        .with("accept-language", "ko")
        .open("GET", "/live?topics=campaigns&g=shop", "")
        .await
        .into_body();
    assert!(message(&mut korean).await.is_some());
    tokio::time::sleep(Duration::from_secs(20)).await;
    let after = renderings(&world);
    assert!((after_first + 10..=after_first + 26).contains(&after), "{after_first}, then {after} in 20 seconds");
    drop((bodies, korean));
    tokio::time::sleep(Duration::from_secs(5)).await;
    let ended = renderings(&world);
    tokio::time::sleep(Duration::from_secs(20)).await;
    assert_eq!(renderings(&world), ended, "nobody looks any more");
}

#[tokio::test(start_paused = true)]
async fn messages_are_small_and_two_a_second_at_most() {
    let world = world(|_| {});
    let browser = world.user().await;
    let many = |done: u64| {
        (0..200).map(move |n| RunningJob {
            resource_arn: format!("arn:aws:personalize:eu-west-1:000000000000:solution/{}/{n}", "x".repeat(60)),
            detail: "a sentence with the figures of the newest step".repeat(3),
            ..job(done)
        })
    };
    world.jobs.running.lock().extend(many(1));
    let mut body = browser.open("GET", "/live?topics=jobs,traffic", "").await.into_body();
    let mut last = None;
    let mut seen = String::new();
    for done in 2..30 {
        let said = message(&mut body).await.expect("a message");
        assert!(said.len() <= (8 << 10) + 100, "{} bytes", said.len());
        let now = tokio::time::Instant::now();
        assert!(last.is_none_or(|last| now - last >= Duration::from_millis(500)), "two a second");
        last = Some(now);
        seen += &said;
        let mut running = world.jobs.running.lock();
        running.clear();
        running.extend(many(done));
        drop(running);
        world.jobs.count.send_modify(|count| *count += 1);
    }
    assert!(seen.contains("200 running jobs") && seen.contains("and 190 more") && seen.contains("#traffic"), "{seen}");
}
