//! Answers as bytes with the headers that every answer carries.

use crate::errors::Failure;
use axum::body::Body;
use http::header::{CACHE_CONTROL, CONTENT_TYPE, RETRY_AFTER};
use http::{HeaderName, HeaderValue, Response, StatusCode};
use serde::Serialize;
use tastemaker_wire::Service;

/// The id that AWS clients read from every answer.
pub const REQUEST_ID_HEADER: HeaderName = HeaderName::from_static("x-amzn-requestid");
/// Names the exception of an error answer.
pub const ERROR_TYPE_HEADER: HeaderName = HeaderName::from_static(tastemaker_wire::errors::ERROR_TYPE_HEADER);
/// Media type of the `/recommendations` family and the operational JSON.
pub const JSON: &str = "application/json; charset=utf-8";

/// Marks answers that may be compressed: S3 objects must arrive as they were stored.
#[derive(Debug, Clone, Copy)]
pub struct Compressible;

/// An answer with a body of a media type.
pub fn with_body(status: StatusCode, content_type: &'static str, body: impl Into<Body>) -> Response<Body> {
    let mut response = Response::new(body.into());
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    response
}

/// The answer of an AWS operation.
pub fn aws(service: Service, outcome: Result<Vec<u8>, Failure>) -> Response<Body> {
    match outcome {
        Ok(body) => with_body(StatusCode::OK, service.content_type(), body),
        Err(failure) => {
            let status = status(failure.shape.http_status(service));
            let mut response = with_body(status, service.content_type(), failure.shape.body(&failure.message));
            response.headers_mut().insert(ERROR_TYPE_HEADER, HeaderValue::from_static(failure.shape.name()));
            later(response, &failure)
        }
    }
}

/// Says when a refused request may be sent again, where that is known.
pub fn later(mut response: Response<Body>, failure: &Failure) -> Response<Body> {
    if let Some(seconds) = failure.retry_after_s {
        response.headers_mut().insert(RETRY_AFTER, seconds.into());
    }
    response
}

/// An error of the `/recommendations` family and of paths that belong to nobody.
pub fn json_error(status: StatusCode, code: &'static str, message: &str, request_id: &str) -> Response<Body> {
    #[derive(Serialize)]
    #[serde(rename_all = "camelCase")]
    struct ErrorBody<'a> {
        message: &'a str,
        code: &'a str,
        request_id: &'a str,
    }
    let body = serde_json::to_vec(&ErrorBody { message, code, request_id }).unwrap_or_default();
    let mut response = with_body(status, JSON, body);
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

/// A status from the error table; a number that is none becomes 500.
pub fn status(code: u16) -> StatusCode {
    StatusCode::from_u16(code).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
}
