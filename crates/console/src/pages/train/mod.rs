//! The pages Train: the solutions of a dataset group, the form that makes one, a solution with its versions, and a version while
//! it trains and afterwards.

mod before_training;
mod create;
mod curves;
mod event_types;
mod history_lengths;
mod list;
mod purposes;
mod record;
mod shown;
mod solution;
mod solution_form;
mod version;

pub(crate) use solution::live as live_solution;
pub(crate) use version::live as live_version;

use crate::state::ConsoleState;
use axum::Router;
use axum::routing::{get, post};

/// The routes of the pages.
pub fn routes() -> Router<ConsoleState> {
    Router::new()
        .route("/g/{group}/train", get(list::show))
        .route("/g/{group}/new-solution", get(create::show).post(create::submit))
        .route("/g/{group}/train/{solution}", get(solution::show))
        .route("/g/{group}/train/{solution}/train", post(solution::train))
        .route("/g/{group}/train/{solution}/{version}", get(version::show))
        .route("/g/{group}/train/{solution}/{version}/stop", post(version::stop))
}
