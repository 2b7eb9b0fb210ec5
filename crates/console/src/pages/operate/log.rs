//! The last lines of the log, by level and by text or request id.

use super::frame::{choices, page};
use crate::cx::{Cx, segment};
use crate::format;
use crate::page::Page;
use crate::pages::form::Sent;
use crate::ports::{LogLevel, LogLine};
use crate::topic::{Part, Subject};
use axum::extract::Query;
use futures::FutureExt;
use futures::future::BoxFuture;
use maud::{Markup, html};
use std::sync::Arc;

/// Lines of a live page, whose messages are short.
const LIVE_LINES_MAX: usize = 20;
/// Characters of a line of a live page.
const LIVE_CHARACTERS_MAX: usize = 240;
/// Characters of a search.
const SEARCH_CHARACTERS_MAX: usize = 100;

/// The lines that are wanted.
#[derive(Debug, Clone, Default)]
struct Wanted {
    level: Option<LogLevel>,
    text: String,
}

impl Wanted {
    fn lines(&self, cx: &Cx) -> Vec<Arc<LogLine>> {
        let text = self.text.to_lowercase();
        let holds = |line: &LogLine| {
            let at_level = self.level.is_none_or(|level| line.level <= level);
            let found = || line.text.to_lowercase().contains(&text) || line.target.contains(&text);
            at_level && (text.is_empty() || line.request_id.as_deref() == Some(self.text.as_str()) || found())
        };
        let mut lines = cx.console.ports.watch.log_lines();
        lines.retain(|line| holds(line));
        lines.reverse();
        lines
    }

    fn level_word(&self) -> &'static str {
        self.level.map_or("all", LogLevel::word)
    }

    /// The argument of the topic; `None` for a search that no address of a stream can hold.
    fn topic(&self) -> Option<String> {
        let plain = self.text.chars().all(|c| c.is_ascii_alphanumeric() || "-_./= ".contains(c));
        plain.then(|| format!("operate-log:{}:{}", self.level_word(), self.text))
    }
}

pub(super) async fn show(cx: Cx, Query(pairs): Query<Vec<(String, String)>>) -> Page {
    let sent = Sent::new(pairs);
    let text: String = sent.get("q").unwrap_or_default().chars().take(SEARCH_CHARACTERS_MAX).collect();
    let wanted = Wanted { level: sent.get("level").and_then(LogLevel::of), text };
    let topic = wanted.topic().filter(|_| sent.get("live") == Some("1"));
    let address = |level: Option<LogLevel>, live: bool| {
        let live = if live { "&live=1" } else { "" };
        let level = level.map_or("all", LogLevel::word);
        cx.link(&format!("/operate/log?level={level}&q={}{live}", segment(&wanted.text)))
    };
    let is_live = topic.is_some();
    let levels: Vec<_> = std::iter::once(None)
        .chain(LogLevel::ALL.map(Some))
        .map(|level| {
            let name = level.map_or_else(|| cx.text("operate-all-levels"), |level| level.word().to_owned());
            (name, address(level, is_live), level == wanted.level)
        })
        .collect();
    let body = html! {
        form.row method="get" action=(cx.link("/operate/log")) {
            input type="hidden" name="level" value=(wanted.level_word());
            div.field { label for="q" { (cx.text("operate-log-search")) } input id="q" name="q" type="search" value=(wanted.text) maxlength=(SEARCH_CHARACTERS_MAX); }
            button { (cx.text("operate-log-find")) }
        }
        (choices(&cx.text("operate-level"), &levels))
        p.actions {
            @if is_live {
                a.button href=(address(wanted.level, false)) { (cx.text("operate-pause")) }
                span.hint { (cx.text_with("operate-live-help", &[("count", LIVE_LINES_MAX.into())])) }
            } @else if wanted.topic().is_some() {
                a.button href=(address(wanted.level, true)) { (cx.text("operate-go-live")) }
            }
        }
        div id="operate-log" { (lines(&cx, &wanted, is_live)) }
        p.hint { (cx.text("operate-log-help")) }
    };
    let page = page(&cx, "/log", body);
    match topic {
        Some(topic) => page.live(topic),
        None => page,
    }
}

/// The topic of the page, by the level and the search.
pub(crate) fn live<'a>(cx: &'a Cx, subject: Subject<'a>) -> BoxFuture<'a, Vec<Part>> {
    async move {
        let (level, text) = subject.argument.and_then(|said| said.split_once(':')).unwrap_or_default();
        let wanted = Wanted { level: LogLevel::of(level), text: text.chars().take(SEARCH_CHARACTERS_MAX).collect() };
        vec![Part { id: "operate-log", content: lines(cx, &wanted, true) }]
    }
    .boxed()
}

/// The lines, the newest first.
fn lines(cx: &Cx, wanted: &Wanted, is_live: bool) -> Markup {
    let lines = wanted.lines(cx);
    let (count, characters) = if is_live { (LIVE_LINES_MAX, LIVE_CHARACTERS_MAX) } else { (usize::MAX, usize::MAX) };
    html! {
        @if lines.is_empty() {
            p.hint { (cx.text("operate-log-none")) }
        } @else {
            ul.lines tabindex="0" aria-label=(cx.text("operate-log")) {
                @for line in lines.iter().take(count) {
                    li {
                        (format::time(line.at_ms as f64 / 1e3)) " "
                        span class=(format!("level level-{}", line.level)) { (line.level) } " "
                        span lang="en" { span.target { (line.target) } " " (format::shortened(&line.text, characters)) }
                    }
                }
            }
        }
    }
}
