//! `GET /openapi.json`: the OpenAPI description of the whole port.

use crate::reply::{self, Compressible, JSON};
use axum::body::Body;
use http::{Response, StatusCode};

/// Written by `cargo xtask codegen`.
const DOCUMENT: &str = include_str!("openapi.json");

/// The document.
pub fn answer() -> Response<Body> {
    let mut response = reply::with_body(StatusCode::OK, JSON, DOCUMENT);
    response.extensions_mut().insert(Compressible);
    response
}
