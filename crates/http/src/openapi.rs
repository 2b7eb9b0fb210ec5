//! `GET /openapi.json`: the OpenAPI description of the whole port.

use crate::reply::{self, Compressible, JSON};
use axum::body::Body;
use http::header::ACCESS_CONTROL_ALLOW_ORIGIN;
use http::{HeaderValue, Response, StatusCode};

/// Written by `cargo xtask codegen`.
const DOCUMENT: &str = include_str!("openapi.json");

/// The document, readable by pages of other origins: it holds nothing secret.
pub fn answer() -> Response<Body> {
    let mut response = reply::with_body(StatusCode::OK, JSON, DOCUMENT);
    response.headers_mut().insert(ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    response.extensions_mut().insert(Compressible);
    response
}
