//! Live pages: one stream of Server-Sent Events for each open page, whose messages exchange parts of it.
//!
//! A page says its topics by [`Page::live`](crate::page::Page::live). A topic is a row of `pages::TOPICS`: a
//! name, and a function that renders the parts it keeps up to date. A topic of one resource takes an argument after a colon, as
//! `version:shop-solution/abc`. Parts are rendered when progress is noted and every two seconds, at most twice a second, once
//! for all viewers with the same language and rights (`shared_renderings`). A viewer gets at most two messages a second of at
//! most 8 KiB: the parts that differ from what was sent before, in their newest state. The first messages carry every part.

use crate::cx::Cx;
use crate::layout;
use crate::page::PageError;
use crate::pages::TOPICS;
use crate::shared_renderings::{RenderedPart, Rendering, RenderingKey, RenderingPlace};
use crate::topic::{Part, Subject, Topic};
use axum::extract::Query;
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use futures::future::select_all;
use futures::{FutureExt, stream};
use http::header::CACHE_CONTROL;
use http::{HeaderName, HeaderValue};
use maud::html;
use serde::Deserialize;
use std::collections::HashMap;
use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;
use tokio::time::{Instant, sleep, sleep_until};

/// Topics of one page.
const TOPICS_MAX: usize = 8;
/// Bytes of a message, unless a single part has more.
const MESSAGE_BYTES_MAX: usize = 8 << 10;
/// Time between two messages, and between two renderings, at least.
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
    let mut topics = vec![watched(&cx, None, "", None)];
    for said in asked.topics.split(',').filter(|said| !said.is_empty()).take(TOPICS_MAX) {
        let name = said.split_once(':').map_or(said, |(name, _)| name);
        let Some(topic) = TOPICS.iter().find(|topic| topic.name == name) else {
            return Err(PageError::BadInput(format!("There is no topic '{}'.", crate::format::shortened(name, 60))));
        };
        topics.push(watched(&cx, Some(topic), said, asked.g.as_deref()));
    }
    let stopping = cx.console.config.stopping.clone();
    let live = Live { cx, topics, stopping, sent: HashMap::new(), said_at: None, is_over: false, is_broken: false };
    let events = stream::unfold(live, |mut live| async move { Some((live.next().await?, live)) });
    let mut response = Sse::new(events).keep_alive(KeepAlive::new().interval(SIGN_OF_LIFE)).into_response();
    let headers = response.headers_mut();
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(HeaderName::from_static("x-accel-buffering"), HeaderValue::from_static("no"));
    Ok(response)
}

/// The shared rendering of a topic, or of the number of running jobs that every page has.
fn watched(cx: &Cx, topic: Option<&'static Topic>, said: &str, group: Option<&str>) -> watch::Receiver<Rendering> {
    let key = RenderingKey {
        topic: said.to_owned(),
        group: group.map(str::to_owned),
        language: cx.language.tag(),
        base: cx.base.clone(),
        viewer: (cx.session.key_id.clone(), cx.session.role.word()),
    };
    let argument = said.split_once(':').map(|(_, argument)| argument.to_owned());
    let rendered = Rendered { cx: cx.apart(), topic, group: key.group.clone(), argument };
    cx.console.renderings.watch(key, |place| rendered.keep_up_to_date(place).boxed())
}

/// A topic that is rendered for all its viewers.
struct Rendered {
    cx: Cx,
    topic: Option<&'static Topic>,
    group: Option<String>,
    argument: Option<String>,
}

impl Rendered {
    async fn keep_up_to_date(self, place: RenderingPlace) {
        let mut changes = self.cx.console.ports.progress.changes();
        let mut stopping = self.cx.console.config.stopping.clone();
        loop {
            changes.borrow_and_update();
            place.show(self.parts().await);
            let something = async {
                sleep(PAUSE).await;
                tokio::select! {
                    _ = changes.changed() => {}
                    () = sleep(TICK - PAUSE) => {}
                }
            };
            tokio::select! {
                () = something => {}
                () = place.unwatched() => {
                    if place.end() {
                        return;
                    }
                }
                // The sender goes with the server.
                _ = stopping.wait_for(|stop| *stop) => return,
            }
        }
    }

    async fn parts(&self) -> Vec<RenderedPart> {
        let parts = match self.topic {
            None => {
                let jobs = self.cx.console.ports.progress.now().len();
                vec![Part { id: "running", content: layout::running(&self.cx, jobs) }]
            }
            Some(topic) => {
                let subject = Subject { group: self.group.as_deref(), argument: self.argument.as_deref() };
                (topic.render)(&self.cx, subject).await
            }
        };
        let exchange = |part: Part| {
            let Part { id, content } = part;
            let exchange = html! { hx-partial hx-target={ "#" (id) } hx-swap="innerMorph" { (content) } };
            RenderedPart { id, exchange: exchange.into_string().into() }
        };
        parts.into_iter().map(exchange).collect()
    }
}

/// The state of a viewer's stream.
struct Live {
    cx: Cx,
    topics: Vec<watch::Receiver<Rendering>>,
    stopping: watch::Receiver<bool>,
    /// The parts that the page has, by id.
    sent: HashMap<&'static str, Arc<str>>,
    /// When the last message was sent.
    said_at: Option<Instant>,
    is_over: bool,
    /// A rendering ended by itself; the browser connects again.
    is_broken: bool,
}

impl Live {
    /// The next event; `None` at the end.
    async fn next(&mut self) -> Option<Result<Event, Infallible>> {
        loop {
            if self.is_over || self.session_is_over() {
                return None;
            }
            if *self.stopping.borrow() {
                self.is_over = true;
                return Some(Ok(Event::default().event("bye").retry(RETRY).data("bye")));
            }
            if self.is_broken {
                return None;
            }
            if self.said_at.is_none_or(|said_at| said_at.elapsed() >= PAUSE)
                && let Some(message) = self.message()
            {
                self.said_at = Some(Instant::now());
                return Some(Ok(Event::default().retry(RETRY).data(message)));
            }
            self.wait().await;
        }
    }

    /// Until something may be said, or the session or the server may be over.
    async fn wait(&mut self) {
        let paused_until = self.said_at.map(|said_at| said_at + PAUSE).filter(|until| *until > Instant::now());
        let renderings = select_all(self.topics.iter_mut().map(|topic| topic.changed().boxed()));
        let something = async {
            match paused_until {
                Some(until) => {
                    sleep_until(until).await;
                    false
                }
                None => renderings.await.0.is_err(),
            }
        };
        tokio::select! {
            is_broken = something => self.is_broken = is_broken,
            () = sleep(TICK) => {}
            _ = self.stopping.wait_for(|stop| *stop) => {}
        }
    }

    fn session_is_over(&self) -> bool {
        self.cx.session.expires_s.is_some_and(|end_s| self.cx.console.now_s() >= end_s)
    }

    /// The parts that the page does not have, as many as fit.
    fn message(&mut self) -> Option<String> {
        let mut message = String::new();
        for topic in &mut self.topics {
            let Some(parts) = topic.borrow_and_update().clone() else { continue };
            for RenderedPart { id, exchange } in parts.iter() {
                if self.sent.get(id).is_some_and(|sent| Arc::ptr_eq(sent, exchange) || sent == exchange) {
                    continue;
                }
                if !message.is_empty() && message.len() + exchange.len() > MESSAGE_BYTES_MAX {
                    // The rest follows after a pause, in its state of then.
                    return Some(message);
                }
                message += exchange;
                self.sent.insert(id, exchange.clone());
            }
        }
        (!message.is_empty()).then_some(message)
    }
}
