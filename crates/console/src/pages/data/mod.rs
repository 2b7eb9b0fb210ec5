//! The pages of data: the datasets of a group, one of them with its statistics, imports, and the way of new files into a dataset.
//!
//! - `overview`, `dataset`: what there is.
//! - `facts`, `figures`, `insight_list`: parts of them.
//! - `add`, `buckets`, `upload`, `schema`, `import`: a file, its schema, and the import of it.
//! - `preparing`: copies that are made before an import.
//! - `item`, `user`: single ones, as the deployed `models` know them.
//! - `exports`: files of a dataset's rows.
//! - `job`, `rest`: an import with what it left out, and the import of the rest of a file that was refused.

mod add;
mod buckets;
mod dataset;
mod exports;
mod facts;
mod figures;
mod import;
pub(crate) mod insight_list;
mod item;
mod job;
mod known;
mod models;
mod overview;
mod plan;
mod preparing;
mod rest;
mod resume;
mod schema;
mod schema_form;
#[cfg(test)]
mod tests;
mod unpacked;
mod upload;
mod user;

pub(crate) use known::reason_to_stop;
pub(crate) use preparing::live as live_preparation;
pub(crate) use resume::resume as resume_copies;
pub(crate) use upload::said;

use crate::state::ConsoleState;
use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::routing::{get, post};

/// The routes of the pages.
pub fn routes() -> Router<ConsoleState> {
    Router::new()
        .route("/g/{group}/data", get(overview::show))
        .route("/g/{group}/data/add", get(add::show))
        .route("/g/{group}/data/locate", get(add::locate))
        .route("/g/{group}/data/upload", get(add::lead_here).post(upload::receive).layer(DefaultBodyLimit::disable()))
        .route("/g/{group}/data/schema", get(schema::show))
        .route("/g/{group}/data/import", get(add::lead_here).post(import::start))
        .route("/g/{group}/data/imports/{job}", get(job::show))
        .route("/g/{group}/data/imports/{job}/refused.csv", get(job::refused_csv))
        .route("/g/{group}/data/imports/{job}/rest", get(job::lead_here).post(rest::start))
        .route("/g/{group}/data/preparing/{id}", get(preparing::show))
        .route("/g/{group}/data/preparing/{id}/cancel", post(preparing::cancel))
        .route("/g/{group}/data/buckets", get(buckets::show))
        .route("/g/{group}/data/{kind}/exports", get(exports::lead_here).post(exports::start))
        .route("/g/{group}/data/exports/{job}/file", get(exports::download))
        .route("/g/{group}/items", get(item::show_asked))
        .route("/g/{group}/items/{id}", get(item::show))
        .route("/g/{group}/users", get(user::show_asked))
        .route("/g/{group}/users/{id}", get(user::show))
        .route("/g/{group}/delete-user", post(user::delete))
        .route("/g/{group}/data/{kind}", get(dataset::show))
}
