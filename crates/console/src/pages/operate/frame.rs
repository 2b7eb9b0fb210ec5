//! The frame of the pages Operate: their names, the way from one to another, and numbers as they are written there.

use crate::cx::Cx;
use crate::format;
use crate::menu::Menu;
use crate::metrics_text::Metrics;
use crate::page::Page;
use maud::{Markup, html};

/// The pages, by their path and the key of their name.
const SUBPAGES: &[(&str, &str)] = &[
    ("", "operate-traffic"),
    ("/events", "operate-events"),
    ("/jobs", "operate-jobs"),
    ("/store", "operate-store"),
    ("/log", "operate-log"),
];

/// A page of Operate, with the way to the others.
pub(super) fn page(cx: &Cx, path: &str, body: Markup) -> Page {
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
pub(super) async fn metrics(cx: &Cx) -> Metrics {
    Metrics::read(&cx.console.ports.watch.metrics().await)
}

/// A number of a counter.
pub(super) fn counted(value: f64) -> String {
    format::count(value.max(0.0) as u64)
}

/// A time that requests took, and a dash where there were none.
pub(super) fn milliseconds(cx: &Cx, span: Option<f64>) -> String {
    span.map_or_else(|| "–".to_owned(), |span| format::milliseconds(cx.language, span))
}

/// Answers for which there is a choice, as links, of which one is current.
pub(super) fn choices(label: &str, entries: &[(String, String, bool)]) -> Markup {
    html! {
        nav.choices aria-label=(label) {
            @for (text, address, is_current) in entries {
                a href=(address) aria-current=[is_current.then_some("true")] { (text) }
            }
        }
    }
}
