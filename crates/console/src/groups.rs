//! Addresses that only lead elsewhere: the switch of dataset groups in the top bar, and those of forms.

use crate::cx::Cx;
use crate::page::PageError;
use axum::extract::Query;
use axum::response::{IntoResponse, Redirect, Response};
use http::Method;
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

/// Answers GET at the address of a form that is only sent, as a reload or a choice of language asks for it: leads to the page
/// above, which has the form.
pub(crate) async fn lead_up(cx: Cx, method: Method) -> Response {
    if !matches!(method, Method::GET | Method::HEAD) {
        return PageError::NotFound.into_response();
    }
    let path = cx.path.split('?').next().unwrap_or_default();
    let above = path.trim_end_matches('/').rsplit_once('/').map_or("", |(above, _)| above);
    // The page of a group ends with a slash.
    let is_group = above.strip_prefix("/g/").is_some_and(|rest| !rest.is_empty() && !rest.contains('/'));
    let above = if is_group || above.is_empty() { format!("{above}/") } else { above.to_owned() };
    Redirect::to(&cx.link(&above)).into_response()
}
