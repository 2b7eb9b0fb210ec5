//! The pages, one a file.
//!
//! A page is added like this:
//!
//! 1. `pages/<name>.rs` has `pub fn routes() -> Router<ConsoleState>` with paths below the console's, such as `/g/{group}/data`.
//!    Its handlers take a [`Cx`](crate::cx::Cx), call operations of the API with [`Cx::call`](crate::cx::Cx::call), and return
//!    `Result<Page, PageError>`, so that `?` turns a refusal of the API into its error page. `about.rs` is a small example.
//! 2. `PAGES` has a row with its routes and, if it stands in the menu, its entry.
//! 3. `languages/en/<name>.ftl` and `languages/ko/<name>.ftl` have its texts, and `language.rs` names the file. The page says
//!    them with [`Cx::text`](crate::cx::Cx::text) and a literal key; tests compare the files with each other and with the sources.
//! 4. Styles and scripts of its own are further parts in `assets/css` and `assets/js`, which `assets.rs` joins. Markup has
//!    neither `style` nor `on...` attributes: the security policy forbids them and a test looks.
//! 5. A page with parts that change by themselves names its topics by [`Page::live`](crate::page::Page::live), and `TOPICS` has
//!    a row for each: it renders the contents of elements by their ids.
//!
//! GET and HEAD are for everybody who is logged in; every other method needs the right to change
//! ([`frame`](crate::frame)).

mod about;
mod batch;
mod campaigns;
mod data;
pub mod demo;
mod deploy;
mod evaluate;
mod filter_values;
mod form;
mod home;
mod new_form;
mod operate;
mod progress;
mod resources;
mod search;
mod train;
mod try_recommendations;

#[cfg(test)]
mod testing;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod traffic_tests;

pub(crate) use data::resume_copies;

use crate::menu::{Menu, MenuEntry};
use crate::state::ConsoleState;
use crate::topic::Topic;
use axum::Router;

/// A page or a family of pages.
pub(crate) struct PageEntry {
    /// Its routes.
    pub routes: fn() -> Router<ConsoleState>,
    /// Its entry in the menu.
    pub menu: Option<MenuEntry>,
}

/// The pages, in the order of the menu.
pub(crate) const PAGES: &[PageEntry] = &[
    PageEntry { routes: demo::routes, menu: None },
    PageEntry { routes: home::routes, menu: Some(MenuEntry { menu: Menu::Home, path: "/", of_group: false }) },
    PageEntry { routes: data::routes, menu: Some(MenuEntry { menu: Menu::Data, path: "/data", of_group: true }) },
    PageEntry { routes: train::routes, menu: Some(MenuEntry { menu: Menu::Train, path: "/train", of_group: true }) },
    PageEntry {
        routes: evaluate::routes,
        menu: Some(MenuEntry { menu: Menu::Evaluate, path: "/evaluate", of_group: true }),
    },
    PageEntry { routes: deploy::routes, menu: Some(MenuEntry { menu: Menu::Deploy, path: "/deploy", of_group: true }) },
    PageEntry {
        routes: try_recommendations::routes,
        menu: Some(MenuEntry { menu: Menu::Try, path: "/try", of_group: true }),
    },
    PageEntry { routes: batch::routes, menu: Some(MenuEntry { menu: Menu::Batch, path: "/batch", of_group: true }) },
    PageEntry { routes: search::routes, menu: None },
    PageEntry {
        routes: operate::routes,
        menu: Some(MenuEntry { menu: Menu::Operate, path: "/operate", of_group: false }),
    },
    PageEntry { routes: about::routes, menu: Some(MenuEntry { menu: Menu::About, path: "/about", of_group: false }) },
];

/// The topics of live pages.
pub(crate) const TOPICS: &[Topic] = &[
    Topic { name: "jobs", render: home::live },
    Topic { name: "traffic", render: home::live_traffic },
    Topic { name: "preparation", render: data::live_preparation },
    Topic { name: "version", render: train::live_version },
    Topic { name: "solution", render: train::live_solution },
    Topic { name: "campaigns", render: deploy::live_list },
    Topic { name: "campaign", render: deploy::live_campaign },
    Topic { name: "campaign-traffic", render: deploy::live_traffic },
    Topic { name: "recommender", render: deploy::live_recommender },
    Topic { name: "recommender-traffic", render: deploy::live_recommender_traffic },
    Topic { name: "operate", render: operate::live_traffic },
    Topic { name: "operate-events", render: operate::live_events },
    Topic { name: "operate-jobs", render: operate::live_jobs },
    Topic { name: "operate-log", render: operate::live_log },
    Topic { name: "events", render: deploy::live_events },
    Topic { name: "batch-jobs", render: batch::live_list },
    Topic { name: "batch-job", render: batch::live_job },
];
