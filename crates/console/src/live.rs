//! Live pages: one stream of Server-Sent Events for each open page, whose messages exchange parts of it.
//!
//! A page says its topics by [`Page::live`](crate::page::Page::live). A topic is a row of `pages::TOPICS`: a
//! name, and a function that renders the parts it keeps up to date. A topic of one resource takes an argument after a colon, as
//! `version:shop-solution/abc`. Parts are rendered when progress is noted and every two seconds, at most twice a second, and
//! sent when they differ from what was sent before; a slow reader gets the newest state only. The first message carries every part.

use crate::cx::Cx;
use crate::layout;
use crate::page::PageError;
use crate::pages::TOPICS;
use crate::topic::{Part, Subject, Topic};
use axum::extract::Query;
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use futures::stream;
use http::header::CACHE_CONTROL;
use http::{HeaderName, HeaderValue};
use maud::html;
use serde::Deserialize;
use std::collections::{HashMap, VecDeque};
use std::convert::Infallible;
use std::time::Duration;
use tokio::sync::watch;

/// Topics of one page.
const TOPICS_MAX: usize = 8;
/// Bytes of a message, unless a single part has more.
const MESSAGE_BYTES_MAX: usize = 8 << 10;
/// Time between two messages at least.
const PAUSE: Duration = Duration::from_millis(500);
/// Time after which parts are rendered though nothing was noted: most states change without a note.
const TICK: Duration = Duration::from_secs(2);
/// Time between signs of life.
const SIGN_OF_LIFE: Duration = Duration::from_secs(15);
/// Time after which a browser connects again.
const RETRY: Duration = Duration::from_secs(3);

/// The query of the stream's address.
#[derive(Debug, Deserialize)]
pub(crate) struct Asked {
    topics: String,
    g: Option<String>,
}

/// Answers `GET /live`.
pub(crate) async fn stream(cx: Cx, Query(asked): Query<Asked>) -> Result<Response, PageError> {
    let mut topics = Vec::new();
    for said in asked.topics.split(',').filter(|said| !said.is_empty()).take(TOPICS_MAX) {
        let (name, argument) = said.split_once(':').map_or((said, None), |(name, rest)| (name, Some(rest.to_owned())));
        let Some(topic) = TOPICS.iter().find(|topic| topic.name == name) else {
            return Err(PageError::BadInput(format!("There is no topic '{}'.", crate::format::shortened(name, 60))));
        };
        topics.push((topic, argument));
    }
    let changes = cx.console.ports.progress.changes();
    let stopping = cx.console.config.stopping.clone();
    let live = Live {
        cx,
        topics,
        group: asked.g,
        changes,
        stopping,
        sent: HashMap::new(),
        messages: VecDeque::new(),
        began: false,
        is_over: false,
    };
    let events = stream::unfold(live, |mut live| async move { Some((live.next().await?, live)) });
    let mut response = Sse::new(events).keep_alive(KeepAlive::new().interval(SIGN_OF_LIFE)).into_response();
    let headers = response.headers_mut();
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(HeaderName::from_static("x-accel-buffering"), HeaderValue::from_static("no"));
    Ok(response)
}

/// The state of a stream.
struct Live {
    cx: Cx,
    topics: Vec<(&'static Topic, Option<String>)>,
    group: Option<String>,
    changes: watch::Receiver<u64>,
    stopping: watch::Receiver<bool>,
    /// The content that the page has, by id.
    sent: HashMap<&'static str, String>,
    messages: VecDeque<String>,
    began: bool,
    is_over: bool,
}

impl Live {
    /// The next event; `None` at the end.
    async fn next(&mut self) -> Option<Result<Event, Infallible>> {
        loop {
            if self.is_over || self.session_is_over() {
                return None;
            }
            if let Some(message) = self.messages.pop_front() {
                return Some(Ok(Event::default().retry(RETRY).data(message)));
            }
            if *self.stopping.borrow() {
                self.is_over = true;
                return Some(Ok(Event::default().event("bye").retry(RETRY).data("bye")));
            }
            if self.began {
                self.wait().await;
            }
            self.began = true;
            self.changes.borrow_and_update();
            self.render().await;
        }
    }

    /// Until there may be something new, or the server stops.
    async fn wait(&mut self) {
        let (changes, stopping) = (&mut self.changes, &mut self.stopping);
        let something = async {
            tokio::time::sleep(PAUSE).await;
            tokio::select! {
                _ = changes.changed() => {}
                () = tokio::time::sleep(TICK - PAUSE) => {}
            }
        };
        tokio::select! {
            () = something => {}
            // The sender goes with the server.
            _ = stopping.wait_for(|stop| *stop) => {}
        }
    }

    fn session_is_over(&self) -> bool {
        self.cx.session.expires_s.is_some_and(|end_s| self.cx.console.now_s() >= end_s)
    }

    /// Renders every part and puts those that are new into messages.
    async fn render(&mut self) {
        let jobs = self.cx.console.ports.progress.now().len();
        let mut parts = vec![Part { id: "running", content: layout::running(&self.cx, jobs) }];
        for (topic, argument) in &self.topics {
            let subject = Subject { group: self.group.as_deref(), argument: argument.as_deref() };
            parts.extend((topic.render)(&self.cx, subject).await);
        }
        let mut message = String::new();
        for Part { id, content } in parts {
            if self.sent.get(id) == Some(&content.0) {
                continue;
            }
            let partial = html! { hx-partial hx-target={ "#" (id) } hx-swap="innerMorph" { (content) } }.into_string();
            if !message.is_empty() && message.len() + partial.len() > MESSAGE_BYTES_MAX {
                self.messages.push_back(std::mem::take(&mut message));
            }
            message += &partial;
            self.sent.insert(id, content.0);
        }
        if !message.is_empty() {
            self.messages.push_back(message);
        }
    }
}
