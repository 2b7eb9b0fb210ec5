//! A Braze for tests: its REST API with its limits, its Connected Content client, its Currents sender.
//!
//! Limits and answers follow Braze's public documentation. Nothing here is lenient where Braze is not.

mod catalogs;
mod connected_content;
mod currents;
mod socket;
mod state;
mod track;

pub use connected_content::{Answered, ConnectedContent};
pub use currents::{CurrentsSender, EVENTS_PER_BATCH_MAX};
pub use state::{BrazeState, Fault};

use serde_json::{Value, json};
use socket::{HttpReply, HttpRequest};
use std::net::TcpListener;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};

/// A running fake Braze on a port of its own; it ends with the process.
pub struct FakeBraze {
    /// `http://127.0.0.1:PORT`.
    pub url: String,
    /// The REST API key that it wants.
    pub key: String,
    state: Arc<Mutex<BrazeState>>,
}

impl FakeBraze {
    /// Starts one that knows nobody.
    pub fn start() -> std::io::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let url = format!("http://{}", listener.local_addr()?);
        let key = "rest-api-key".to_owned();
        let state = Arc::new(Mutex::new(BrazeState::default()));
        let (shared, bearer) = (state.clone(), format!("Bearer {key}"));
        socket::serve(listener, move |request| answer(&shared, &bearer, request));
        Ok(Self { url, key, state })
    }

    /// Its contents now.
    pub fn state(&self) -> MutexGuard<'_, BrazeState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Makes profiles that exist before anything is sent.
    pub fn know(&self, external_ids: impl IntoIterator<Item = String>) {
        self.state().profiles.extend(external_ids.into_iter().map(|id| (id, Vec::new())));
    }

    /// Lets the next request whose path begins so go wrong; several faults go wrong in order.
    pub fn fail(&self, path: &str, fault: Fault) {
        self.state().faults.push_back((path.to_owned(), fault));
    }

    /// Faults that have not happened yet.
    pub fn faults_left(&self) -> usize {
        self.state().faults.len()
    }

    /// Allows so many requests until `seconds` from now, and as many after.
    pub fn limit(&self, requests: u64, seconds: u64) {
        self.state().budget = Some((requests, requests, now_s() + seconds));
    }
}

/// Answers GET with a status and JSON, from the path and query, for ever.
pub fn serve_json(listener: TcpListener, answer: impl Fn(&str) -> (u16, String) + Send + Sync + 'static) {
    socket::serve(listener, move |request| {
        let (status, body) = answer(&request.target);
        let headers = vec![("content-type".to_owned(), "application/json".to_owned())];
        Some(HttpReply { status, headers, body: body.into_bytes() })
    });
}

fn now_s() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |d| d.as_secs())
}

fn answer(state: &Mutex<BrazeState>, bearer: &str, request: &HttpRequest) -> Option<HttpReply> {
    let mut state = state.lock().unwrap_or_else(PoisonError::into_inner);
    let fault = match state.faults.front() {
        Some((path, _)) if request.path.starts_with(path.as_str()) => state.faults.pop_front().map(|(_, fault)| fault),
        _ => None,
    };
    let mut reply = match fault {
        Some(Fault::Lost) => return None,
        Some(Fault::Status(status)) => HttpReply::json(status, json!({"message": "as the test wants it"})),
        Some(Fault::TakenUnanswered(_)) | None => judged(&mut state, bearer, request),
    };
    if let Some((left, limit, reset_s)) = state.budget {
        for (name, value) in [("limit", limit), ("remaining", left), ("reset", reset_s)] {
            reply.headers.push((format!("x-ratelimit-{name}"), value.to_string()));
        }
    }
    state.requests.push((request.method.clone(), request.path.clone(), reply.status));
    if let Some(Fault::TakenUnanswered(time)) = fault {
        drop(state);
        std::thread::sleep(time);
        return None;
    }
    Some(reply)
}

fn judged(state: &mut BrazeState, bearer: &str, request: &HttpRequest) -> HttpReply {
    if request.header("authorization") != Some(bearer) {
        return HttpReply::json(401, json!({"message": "Invalid API key"}));
    }
    if let Some((left, limit, reset_s)) = &mut state.budget {
        if now_s() >= *reset_s {
            (*left, *reset_s) = (*limit, now_s() + 1);
        }
        if *left == 0 {
            return HttpReply::json(429, json!({"message": "You have exceeded your rate limit."}));
        }
        *left -= 1;
    }
    if request.method != "GET" && !request.header("content-type").is_some_and(|t| t.starts_with("application/json")) {
        return HttpReply::json(400, json!({"message": "Content-Type must be application/json"}));
    }
    let body: Value = match request.body.is_empty() {
        true => Value::Null,
        false => match serde_json::from_slice(&request.body) {
            Ok(body) => body,
            Err(error) => return HttpReply::json(400, json!({"message": format!("Invalid JSON: {error}")})),
        },
    };
    let path: Vec<&str> = request.path.trim_matches('/').split('/').collect();
    match (request.method.as_str(), path.as_slice()) {
        ("POST", ["users", "track"]) => track::track(state, &body),
        ("POST", ["users", "delete"]) => track::delete(state, &body),
        ("POST", ["users", "export", "ids"]) => track::export(state, &body),
        (method, ["catalogs", rest @ ..]) => catalogs::answer(state, method, rest, &body),
        _ => HttpReply::json(404, json!({"message": "Not found"})),
    }
}

#[cfg(test)]
mod tests;
