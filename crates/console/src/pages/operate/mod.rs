//! The pages Operate: requests, events, jobs, storage and the log of this server.

mod events;
mod files;
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

use crate::cx::Cx;
use crate::format;
use crate::menu::Menu;
use crate::metrics_text::Metrics;
use crate::page::Page;
use crate::state::ConsoleState;
use axum::Router;
use axum::routing::{get, post};
use maud::{Markup, html};

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

/// The pages, by their path and the key of their name.
const SUBPAGES: &[(&str, &str)] = &[
    ("", "operate-traffic"),
    ("/events", "operate-events"),
    ("/jobs", "operate-jobs"),
    ("/store", "operate-store"),
    ("/log", "operate-log"),
];

/// A page of Operate, with the way to the others.
fn page(cx: &Cx, path: &str, body: Markup) -> Page {
    let body = html! {
        nav.subpages aria-label=(cx.text("menu-operate")) {
            @for (other, key) in SUBPAGES {
                a href=(cx.link(&format!("/operate{other}"))) aria-current=[(*other == path).then_some("page")] { (cx.text(key)) }
            }
        }
        (body)
    };
    Page::new(Menu::Operate, cx.text("menu-operate"), body)
}

/// The numbers of `/metrics` now.
async fn metrics(cx: &Cx) -> Metrics {
    Metrics::read(&cx.console.ports.watch.metrics().await)
}

/// A number of a counter.
fn counted(value: f64) -> String {
    format::count(value.max(0.0) as u64)
}

/// A time that requests took, and a dash where there were none.
fn milliseconds(cx: &Cx, span: Option<f64>) -> String {
    span.map_or_else(|| "–".to_owned(), |span| format::milliseconds(cx.language, span))
}

/// Answers for which there is a choice, as links, of which one is current.
fn choices(label: &str, entries: &[(String, String, bool)]) -> Markup {
    html! {
        nav.choices aria-label=(label) {
            @for (text, address, is_current) in entries {
                a href=(address) aria-current=[is_current.then_some("true")] { (text) }
            }
        }
    }
}
