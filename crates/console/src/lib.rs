//! The web console: pages rendered by the server. It is a client of the API in the same process: every page reads and changes
//! resources through the API's own operations with the caller's rights ([`Api`](ports::Api)), so that its errors are the API's
//! texts and every page can show the calls that would do the same. What no operation tells (progress of running jobs, reports of
//! trainings) comes through the other traits of [`ports`].
//!
//! | module | holds |
//! |---|---|
//! | [`pages`] | the pages, one a file, and how one is added |
//! | [`cx`] | the context of a request |
//! | [`page`], [`layout`] | what a handler answers, and the frame around it |
//! | [`frame`] | name, session and rights of a request |
//! | [`live`], [`topic`] | live pages |
//! | [`language`], [`mod@format`] | texts, numbers and times |
//! | [`config`], [`ports`], [`data_ports`] | settings and the rest of the server |
//! | [`insights`] | what the statistics of a dataset mean for recommendations |
//! | [`chart`], [`examples`] | pictures of numbers, and the calls that do the same as a page |
//! | [`report`], [`evaluation`] | reports of trainings, and versions side by side |
//! | [`session`], [`secrets`] | signed cookies and one-time codes |

#![cfg_attr(test, allow(clippy::unwrap_used))]

pub mod chart;
pub mod client;
pub mod config;
pub mod cx;
pub mod data_ports;
pub mod evaluation;
pub mod examples;
pub mod format;
pub mod frame;
pub mod headers;
pub mod insights;
pub mod language;
pub mod layout;
pub mod live;
pub mod menu;
pub mod page;
pub mod pages;
pub mod ports;
pub mod report;
pub mod secrets;
pub mod session;
mod spreadsheet;
pub mod state;
pub mod topic;

mod assets;
mod attempts;
mod demo_products;
mod groups;
mod hosts;
mod links;
mod login;
mod metrics_text;
mod preferences;
mod preparations;
mod sent_form;
mod shared_renderings;

use crate::config::ConsoleConfig;
use crate::page::PageError;
use crate::ports::Ports;
use crate::state::{Console, ConsoleState, Memory};
use axum::Router;
use axum::extract::{Path, State};
use axum::middleware::from_fn_with_state;
use axum::response::Response;
use axum::routing::{get, post};
use http::{HeaderMap, StatusCode};
use std::sync::Arc;
use tower_http::csrf::CsrfLayer;

/// The console of a server. Its pages are made anew when its settings change, and know what they knew before.
pub struct Pages {
    ports: Ports,
    memory: Memory,
}

impl Pages {
    /// The first pages of a server. Copies that were not over when it ended go on.
    pub fn start(config: ConsoleConfig, ports: Ports) -> (Self, Router) {
        let memory = Memory::new(&config);
        let console = Arc::new(Console::new(config, ports.clone(), memory.clone()));
        // Without a runtime nobody is asked for pages either.
        if let Ok(runtime) = tokio::runtime::Handle::try_current() {
            runtime.spawn(pages::resume_copies(console.clone()));
        }
        (Self { ports, memory }, of(console))
    }

    /// The pages with other settings, for requests from now on.
    pub fn with(&self, config: ConsoleConfig) -> Router {
        of(Arc::new(Console::new(config, self.ports.clone(), self.memory.clone())))
    }
}

/// All pages, by their paths below the console's.
pub fn router(config: ConsoleConfig, ports: Ports) -> Router {
    Pages::start(config, ports).1
}

fn of(console: ConsoleState) -> Router {
    let mut pages: Router<ConsoleState> = Router::new()
        .route(links::LOGIN, get(login::show).post(login::submit))
        .route("/logout", post(login::log_out))
        .route("/preferences", post(preferences::choose))
        .route("/g", get(groups::choose))
        .route("/session", get(|| async { StatusCode::NO_CONTENT }))
        .route("/live", get(live::stream));
    for page in pages::PAGES {
        pages = pages.merge((page.routes)());
    }
    let pages = pages
        .fallback(|| async { PageError::NotFound })
        .method_not_allowed_fallback(groups::lead_up)
        .layer(CsrfLayer::new())
        .layer(from_fn_with_state(console.clone(), frame::framed));
    Router::new()
        .route("/assets/{name}", get(asset))
        .merge(demo_products::routes())
        .merge(pages)
        .layer(from_fn_with_state(console.clone(), frame::protected))
        .with_state(console)
}

async fn asset(State(console): State<ConsoleState>, Path(name): Path<String>, headers: HeaderMap) -> Response {
    console.assets.answer(&name, &headers)
}

#[cfg(test)]
mod tests;
