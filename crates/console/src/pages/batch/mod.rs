//! The pages Segments and batch: lists for many users and groups of users for items, made by the API's batch jobs, followed while they
//! run, and read and handed on when they are done.

mod answers;
mod create;
mod files;
mod jobs;
mod list;
mod requests;
mod show;

pub(crate) use list::live as live_list;
pub(crate) use show::live as live_job;

use crate::state::ConsoleState;
use axum::Router;
use axum::routing::get;

/// The routes of the pages.
pub fn routes() -> Router<ConsoleState> {
    Router::new()
        .route("/g/{group}/batch", get(list::show))
        .route("/g/{group}/new-batch", get(create::show).post(create::submit))
        .route("/g/{group}/batch/{kind}/{job}", get(show::show))
        .route("/g/{group}/batch/{kind}/{job}/file", get(files::download))
        .route("/g/{group}/batch/{kind}/{job}/users.csv", get(files::users))
}
