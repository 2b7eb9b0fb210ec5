//! The pages Deploy: the campaigns and recommenders of a dataset group, the forms that make one, a campaign with its settings, its
//! roll back and its end, a recommender with its own, and the event tracker of the group.

mod campaign;
mod campaign_form;
mod create;
mod deletion;
mod event_tracker;
mod list;
mod recommender;
mod recommender_fields;
mod recommender_form;
mod traffic;
mod unused;

pub(crate) use campaign::live as live_campaign;
pub(crate) use event_tracker::live as live_events;
pub(crate) use list::live as live_list;
pub(crate) use recommender::live as live_recommender;
pub(crate) use traffic::{live as live_traffic, live_recommender as live_recommender_traffic};

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
        .route("/g/{group}/recommenders/{recommender}", get(recommender::show).post(recommender::update))
        .route("/g/{group}/recommenders/{recommender}/delete", post(recommender::delete))
        .route("/g/{group}/recommenders/{recommender}/stop", post(recommender::stop))
        .route("/g/{group}/recommenders/{recommender}/start", post(recommender::start))
        .route("/g/{group}/event-tracker", get(event_tracker::show).post(event_tracker::create))
        .route("/g/{group}/event-tracker/delete", post(event_tracker::delete))
}
