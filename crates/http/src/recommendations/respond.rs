//! Answers on the wire: status, caching, compression.

use super::refusal::Refusal;
use super::response_cache::{CachedResponse, Origin};
use crate::reply::{self, Compressible, JSON};
use axum::body::Body;
use http::header::{
    ACCEPT_ENCODING, ACCESS_CONTROL_ALLOW_METHODS, AGE, ALLOW, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_LENGTH,
    CONTENT_TYPE, ETAG, IF_NONE_MATCH, VARY, WWW_AUTHENTICATE,
};
use http::request::Parts;
use http::{HeaderMap, HeaderName, HeaderValue, Method, Response, StatusCode};
use std::sync::Arc;

const SOURCE_HEADER: HeaderName = HeaderName::from_static("x-recommendation-source");
const ID_HEADER: HeaderName = HeaderName::from_static("x-recommendation-id");
const RECIPE_HEADER: HeaderName = HeaderName::from_static("x-personalize-recipe");
/// Ends the entity tag of the compressed form, which is another sequence of bytes.
const GZIP_TAG: &str = "-gzip\"";

/// The answer or the refusal.
pub fn to(outcome: Result<(Arc<CachedResponse>, i64), Refusal>, parts: &Parts, request_id: &str) -> Response<Body> {
    match outcome {
        Ok((answer, now_ms)) => success(&answer, now_ms, parts),
        Err(refusal) => {
            let mut response = refusal.response(request_id);
            response.extensions_mut().insert(Compressible);
            response
        }
    }
}

fn success(answer: &CachedResponse, now_ms: i64, parts: &Parts) -> Response<Body> {
    let gzip = takes_gzip(&parts.headers);
    let etag = if gzip { format!("{}{GZIP_TAG}", answer.etag.trim_end_matches('"')) } else { answer.etag.clone() };
    let mut response = Response::new(Body::empty());
    if parts.headers.get(IF_NONE_MATCH).is_some_and(|tags| names(tags, &answer.etag)) {
        *response.status_mut() = StatusCode::NOT_MODIFIED;
    } else {
        let body = if gzip { answer.gzip() } else { answer.body.clone() };
        response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(JSON));
        response.headers_mut().insert(CONTENT_LENGTH, HeaderValue::from(body.len()));
        if gzip {
            response.headers_mut().insert(CONTENT_ENCODING, HeaderValue::from_static("gzip"));
        }
        if parts.method != Method::HEAD {
            *response.body_mut() = body.into();
        }
    }
    let headers = response.headers_mut();
    let caching = match (answer.origin, answer.terms.for_everybody) {
        (Origin::Fallback, _) => "no-store",
        (_, true) => "public, max-age=300",
        (_, false) => "private, max-age=60",
    };
    headers.insert(CACHE_CONTROL, HeaderValue::from_static(caching));
    headers.insert(VARY, HeaderValue::from_static("Accept-Encoding, Origin"));
    headers.insert(AGE, HeaderValue::from(u64::try_from((now_ms - answer.terms.made_ms) / 1000).unwrap_or(0)));
    headers.insert(SOURCE_HEADER, HeaderValue::from_static(answer.origin.word()));
    headers.insert(RECIPE_HEADER, HeaderValue::from_static(answer.recipe));
    for (name, text) in [(ETAG, etag.as_str()), (ID_HEADER, answer.terms.recommendation_id.as_str())] {
        if let Ok(value) = HeaderValue::from_str(text) {
            headers.insert(name, value);
        }
    }
    response
}

/// Whether a list of entity tags has `etag`, in either of its forms.
fn names(tags: &HeaderValue, etag: &str) -> bool {
    let Ok(tags) = tags.to_str() else { return false };
    let plain = etag.trim_end_matches('"');
    tags.split(',')
        .map(|tag| tag.trim().trim_start_matches("W/"))
        .any(|tag| tag == "*" || tag == etag || tag.strip_suffix(GZIP_TAG).is_some_and(|tag| tag == plain))
}

fn takes_gzip(headers: &HeaderMap) -> bool {
    let accepted = headers.get_all(ACCEPT_ENCODING).iter().filter_map(|value| value.to_str().ok());
    let mut codings = accepted.flat_map(|value| value.split(','));
    codings.any(|coding| {
        let mut parts = coding.split(';').map(str::trim);
        let name = parts.next().unwrap_or_default();
        let refused = parts.any(|p| p.strip_prefix("q=").is_some_and(|q| q.parse::<f32>().is_ok_and(|q| q == 0.0)));
        name.eq_ignore_ascii_case("gzip") && !refused
    })
}

/// A method that the path does not have.
pub fn not_allowed(method: &Method, methods: &'static str, request_id: &str) -> Response<Body> {
    let message = format!("{method} is not allowed here; the methods are {methods}.");
    let mut response = reply::json_error(StatusCode::METHOD_NOT_ALLOWED, "MethodNotAllowed", &message, request_id);
    response.headers_mut().insert(ALLOW, HeaderValue::from_static(methods));
    response
}

/// The answer to OPTIONS: the methods of the path.
pub fn options(methods: &'static str) -> Response<Body> {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::NO_CONTENT;
    let headers = response.headers_mut();
    headers.insert(ALLOW, HeaderValue::from_static(methods));
    headers.insert(ACCESS_CONTROL_ALLOW_METHODS, HeaderValue::from_static(methods));
    response
}

/// The headers of every answer of the family.
pub fn finish(mut response: Response<Body>, request_id: &str) -> Response<Body> {
    let status = response.status();
    let headers = response.headers_mut();
    if status == StatusCode::UNAUTHORIZED {
        headers.insert(WWW_AUTHENTICATE, HeaderValue::from_static("Basic realm=\"tastemaker\""));
    }
    if let Ok(id) = HeaderValue::from_str(request_id) {
        headers.insert(HeaderName::from_static("x-request-id"), id);
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::recommendations::response_cache::Terms;

    #[test]
    fn entity_tags_in_lists_and_both_forms() {
        for (tags, named) in [
            ("\"ab\"", true),
            ("W/\"ab\"", true),
            ("\"x\", \"ab-gzip\"", true),
            ("*", true),
            ("\"abc\"", false),
            ("ab", false),
            ("\"ab-gzip", false),
        ] {
            assert_eq!(names(&HeaderValue::from_static(tags), "\"ab\""), named, "{tags}");
        }
    }

    #[test]
    fn gzip_is_for_those_who_take_it() {
        for (accepted, takes) in
            [("gzip", true), ("br, GZIP;q=0.5", true), ("gzip;q=0", false), ("br", false), ("identity, *", false)]
        {
            let headers = HeaderMap::from_iter([(ACCEPT_ENCODING, HeaderValue::from_static(accepted))]);
            assert_eq!(takes_gzip(&headers), takes, "{accepted}");
        }
    }
    #[test]
    fn an_answer_tells_caches_its_age_and_for_whom_it_is() {
        const MADE_MS: i64 = 1_700_000_000_000;
        let headers = |origin, for_everybody, after_ms: i64| {
            let terms =
                Terms { recommendation_id: "RID-1".to_owned(), for_everybody, events_seen: 0, made_ms: MADE_MS };
            let answer = CachedResponse::new(b"[]".to_vec(), origin, "aws-sims", terms);
            let (parts, ()) = http::Request::new(()).into_parts();
            success(&answer, MADE_MS + after_ms, &parts).headers().clone()
        };
        for (after_ms, age) in [(0, "0"), (7_999, "7"), (-5_000, "0")] {
            assert_eq!(headers(Origin::Model, true, after_ms)[AGE], age, "{after_ms}");
        }
        for (origin, for_everybody, caching) in [
            (Origin::Model, true, "public, max-age=300"),
            (Origin::ColdStart, false, "private, max-age=60"),
            (Origin::Fallback, true, "no-store"),
        ] {
            assert_eq!(headers(origin, for_everybody, 0)[CACHE_CONTROL], caching);
        }
    }
}
