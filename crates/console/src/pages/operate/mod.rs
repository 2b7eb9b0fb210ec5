//! The pages Operate: requests, events, jobs, storage and the log of this server.

mod events;
mod files;
mod frame;
mod jobs;
mod log;
mod store;
mod traffic;
mod unused;

#[cfg(test)]
mod tests;

pub(crate) use events::live as live_events;
pub(crate) use jobs::live as live_jobs;
pub(crate) use log::live as live_log;
pub(crate) use traffic::live as live_traffic;

use crate::state::ConsoleState;
use axum::Router;
use axum::routing::{get, post};

/// The routes of the pages.
pub fn routes() -> Router<ConsoleState> {
    Router::new()
        .route("/operate", get(traffic::show))
        .route("/operate/events", get(events::show))
        .route("/operate/jobs", get(jobs::show))
        .route("/operate/store", get(store::show))
        .route("/operate/store/delete", post(store::delete))
        .route("/operate/log", get(log::show))
        .route("/operate/tastemaker-grafana.json", get(files::dashboard))
        .route("/operate/tastemaker-alerts.yml", get(files::alerts))
}
