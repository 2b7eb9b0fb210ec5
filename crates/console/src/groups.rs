//! The switch of dataset groups in the top bar.

use crate::cx::Cx;
use axum::extract::Query;
use axum::response::Redirect;
use serde::Deserialize;

/// The choice.
#[derive(Debug, Deserialize)]
pub(crate) struct Chosen {
    g: String,
}

/// Answers `GET /g?g=NAME`: leads to the group's page.
pub(crate) async fn choose(cx: Cx, Query(chosen): Query<Chosen>) -> Redirect {
    Redirect::to(&cx.group_link(&chosen.g, "/"))
}
