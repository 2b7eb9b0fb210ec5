//! Messages to the service manager that started the process, as systemd's `Type=notify` and `WatchdogSec=` want them. Without one, which
//! `NOTIFY_SOCKET` names, nothing is sent.

use crate::reload::Stage;
use axum::Router;
use axum::body::Body;
use http::header::HOST;
use http::{Request, StatusCode};
use sd_notify::NotifyState;
use std::future::Future;
use std::time::Duration;
use tower::ServiceExt;

/// Messages in the time after which the manager takes the process for stuck.
const SIGNS_OF_LIFE: u32 = 3;

/// Says that the server answers.
pub fn ready(url: &str) {
    send(&[NotifyState::Ready, NotifyState::Status(&format!("serving at {url}"))]);
}

/// Says that the configuration is read anew, and then that it was.
pub fn reloading(stage: Stage) {
    match (stage, NotifyState::monotonic_usec_now()) {
        // Newer systemds want the time with it.
        (Stage::Began, Ok(now)) => send(&[NotifyState::Reloading, now]),
        (Stage::Began, Err(_)) => send(&[NotifyState::Reloading]),
        (Stage::Ended, _) => send(&[NotifyState::Ready]),
    }
}

/// Says that the server finishes what is under way and ends.
pub fn stopping() {
    send(&[NotifyState::Stopping, NotifyState::Status("finishing requests and giving jobs back")]);
}

/// Sends signs of life for ever while `router` answers that it is healthy, where the manager waits for them.
pub async fn keep_alive(router: Router) {
    if let Some(limit) = sd_notify::watchdog_enabled() {
        signs_of_life(limit / SIGNS_OF_LIFE, || is_healthy(router.clone()), || send(&[NotifyState::Watchdog])).await;
    }
}

/// Calls `sign` each time that `healthy` says so within the pause between two looks.
async fn signs_of_life<F: Future<Output = bool>>(pause: Duration, healthy: impl Fn() -> F, sign: impl Fn()) {
    loop {
        match tokio::time::timeout(pause, healthy()).await {
            Ok(true) => sign(),
            Ok(false) => tracing::error!("the server is not healthy; the service manager is not told that it lives"),
            Err(_) => tracing::error!(pause_ms = pause.as_millis(), "the server does not answer itself in time"),
        }
        tokio::time::sleep(pause).await;
    }
}

async fn is_healthy(router: Router) -> bool {
    let Ok(request) = Request::get("/health").header(HOST, "localhost").body(Body::empty()) else { return false };
    router.oneshot(request).await.is_ok_and(|response| response.status() == StatusCode::OK)
}

fn send(states: &[NotifyState<'_>]) {
    if let Err(error) = sd_notify::notify(states) {
        tracing::warn!(%error, "the service manager cannot be told");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

    #[tokio::test(start_paused = true)]
    async fn only_a_healthy_server_gives_signs_of_life() {
        for (healthy, expected) in [(Some(true), 4), (Some(false), 0), (None, 0)] {
            let signs = AtomicUsize::new(0);
            let look = || async move {
                match healthy {
                    Some(healthy) => healthy,
                    None => std::future::pending().await,
                }
            };
            let sign = || {
                signs.fetch_add(1, Relaxed);
            };
            let life = signs_of_life(Duration::from_secs(10), look, sign);
            let ended = tokio::time::timeout(Duration::from_secs(35), life).await;
            assert!(ended.is_err());
            assert_eq!(signs.load(Relaxed), expected, "{healthy:?}");
        }
    }

    #[tokio::test]
    async fn health_is_what_the_router_answers() {
        let router =
            |status: StatusCode| Router::new().route("/health", axum::routing::get(move || async move { status }));
        assert!(is_healthy(router(StatusCode::OK)).await);
        assert!(!is_healthy(router(StatusCode::SERVICE_UNAVAILABLE)).await);
        assert!(!is_healthy(Router::new()).await);
    }
}
