//! The pages Deploy: the campaigns of a dataset group, the form that makes one, and a campaign with its settings, its roll back and
//! its end.

mod campaign;
mod campaign_form;
mod create;
mod list;
mod recommender_form;
mod traffic;

pub(crate) use campaign::live as live_campaign;
pub(crate) use list::live as live_list;
pub(crate) use traffic::live as live_traffic;

use crate::state::ConsoleState;
use axum::Router;
use axum::routing::{get, post};

/// The routes of the pages.
pub fn routes() -> Router<ConsoleState> {
    Router::new()
        .route("/g/{group}/deploy", get(list::show))
        .route("/g/{group}/new-recommender", get(recommender_form::show).post(recommender_form::submit))
        .route("/g/{group}/new-campaign", get(create::show).post(create::submit))
        .route("/g/{group}/deploy/{campaign}", get(campaign::show).post(campaign::update))
        .route("/g/{group}/deploy/{campaign}/version", post(campaign::change_version))
        .route("/g/{group}/deploy/{campaign}/delete", post(campaign::delete))
}
