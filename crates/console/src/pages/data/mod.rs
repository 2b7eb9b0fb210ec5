//! The pages of data: the datasets of a group, one of them with its statistics, imports, and the way of new files into a dataset.
//!
//! - `overview`, `dataset`: what there is.
//! - `facts`, `figures`, `insight_list`: parts of them.
//! - `add`, `upload`, `schema`, `import`: a file, its schema, and the import of it.
//! - `job`, `rest`: an import with what it left out, and the import of the rest of a file that was refused.

mod add;
mod dataset;
mod facts;
mod figures;
mod import;
pub(crate) mod insight_list;
mod job;
mod known;
mod overview;
mod rest;
mod schema;
mod schema_form;
#[cfg(test)]
mod tests;
mod unpacked;
mod upload;

use crate::state::ConsoleState;
use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::routing::get;

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
        .route("/g/{group}/data/{kind}", get(dataset::show))
}
