//! The paths of the web console, by which requests are routed to it.

use axum::body::Body;
use http::header::{ACCEPT, CONTENT_TYPE, LOCATION};
use http::request::Parts;
use http::{HeaderValue, Method, Response, StatusCode};

/// The path of the console below the base path.
const CONSOLE_PATH: &str = "/console";

/// The paths of a console.
#[derive(Debug, Clone)]
pub(crate) struct ConsolePaths {
    /// The path before [`CONSOLE_PATH`], such as `/rec`; mostly empty.
    pub base_path: String,
}

impl ConsolePaths {
    /// Whether an unsigned request is the console's.
    pub fn wants(&self, parts: &Parts) -> bool {
        self.below(parts.uri.path()).is_some_and(|rest| {
            // A form that a browser posts to a bucket called `console`.
            !(is_multipart(parts) && matches!(rest, "" | "/"))
        })
    }

    /// Whether a browser asks for the server's first page.
    pub fn is_front(&self, parts: &Parts) -> bool {
        let path = parts.uri.path();
        let at_front = path == "/" || path.strip_suffix('/').unwrap_or(path) == self.base_path;
        let accept = parts.headers.get(ACCEPT).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let reads = parts.method == Method::GET || parts.method == Method::HEAD;
        at_front && reads && accept.to_ascii_lowercase().contains("text/html")
    }

    /// The path below the console's; `None` for paths that are not below it.
    pub fn below<'a>(&self, path: &'a str) -> Option<&'a str> {
        let of = |path: &'a str| {
            let rest = path.strip_prefix(CONSOLE_PATH)?;
            (rest.is_empty() || rest.starts_with('/')).then_some(rest)
        };
        of(path).or_else(|| of(path.strip_prefix(self.base_path.as_str())?))
    }
}

/// Whether a request is a form with files.
pub(crate) fn is_multipart(parts: &Parts) -> bool {
    let content_type = parts.headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    content_type.starts_with("multipart/form-data")
}

/// Leads a browser from the server's first page to the console, by a relative address, which holds behind every proxy.
pub(crate) fn to_console(path: &str) -> Response<Body> {
    let folder = path.rsplit('/').next().unwrap_or_default();
    let location = if folder.is_empty() { "console/".to_owned() } else { format!("{folder}/console/") };
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::SEE_OTHER;
    if let Ok(location) = HeaderValue::from_str(&location) {
        response.headers_mut().insert(LOCATION, location);
    }
    response
}
