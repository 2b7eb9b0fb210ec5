//! The frame of every page: head, top bar, side menu, title with state, and what stands at its foot.

use crate::assets::Asset;
use crate::cx::{Cx, segment};
use crate::format;
use crate::language::Language;
use crate::links::LOGIN;
use crate::menu::{Menu, MenuEntry};
use crate::page::{MissingRight, Page, PageError};
use maud::{DOCTYPE, Markup, html};

/// Settings of htmx: no style of its own in the page (the security policy forbids it), and `<details>` stay as they are.
const HTMX_CONFIG: &str = r#"{"includeIndicatorCSS":false,"morphIgnore":["data-htmx-powered","open"]}"#;
/// Characters of an ARN that are shown.
const ARN_CHARACTERS_MAX: usize = 60;

/// The content of the frame besides the page.
#[derive(Debug, Clone, Default)]
pub(crate) struct Surroundings {
    /// The entries of the menu.
    pub menu: Vec<&'static MenuEntry>,
    /// Names of the dataset groups.
    pub groups: Vec<String>,
    /// Jobs that run.
    pub running: usize,
}

/// A page in its frame.
pub(crate) fn page(cx: &Cx, page: &Page, around: &Surroundings) -> Markup {
    let group = page.group.as_deref();
    let title: Vec<&str> = [Some(page.title.as_str()), group, Some("Tastemaker")].into_iter().flatten().collect();
    let is_bare = cx.session.key_id.is_empty();
    html! {
        (DOCTYPE)
        html lang=(cx.language.tag()) data-theme=[cx.theme] {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="htmx-config" content=(HTMX_CONFIG);
                title { (title.join(" · ")) }
                link rel="icon" href=(asset(cx, Asset::Icon)) type="image/svg+xml";
                link rel="stylesheet" href=(asset(cx, Asset::Css));
                script src=(asset(cx, Asset::Htmx)) defer {}
                script src=(asset(cx, Asset::Sse)) defer {}
                script src=(asset(cx, Asset::Js)) defer {}
                @if page.topics.is_some() && around.running > 0 {
                    noscript { meta http-equiv="refresh" content="5"; }
                }
            }
            body data-copied=(cx.text("copied")) data-base=(cx.base) {
                a.skip href="#content" { (cx.text("skip-to-content")) }
                (top_bar(cx, group, around, is_bare))
                div.columns {
                    @if !is_bare { (side_menu(cx, page.menu, group, around)) }
                    main id="content" tabindex="-1" {
                        (head(cx, page))
                        div id="messages" role="status" aria-live="polite" {}
                        (page.body)
                        @if let Some(examples) = &page.examples {
                            section.same-by-api aria-labelledby="same-by-api" {
                                h2 id="same-by-api" { (cx.text("same-by-api")) }
                                (examples)
                            }
                        }
                    }
                }
                @if let Some(topics) = &page.topics { (live(cx, topics, group)) }
                @if !is_bare { (keys(cx)) }
                @if cx.session.expires_s.is_some() { (log_in_again(cx)) }
            }
        }
    }
}

/// The connection of a live page, and what it says when there is none.
fn live(cx: &Cx, topics: &str, group: Option<&str>) -> Markup {
    let group = group.map(|name| format!("&g={}", segment(name))).unwrap_or_default();
    let topics: Vec<String> = topics.split(',').map(segment).collect();
    let stream = format!("{}/live?topics={}{group}", cx.base, topics.join(","));
    html! {
        div id="live" hx-sse:connect=(stream) hx-swap="none" hidden {}
        p id="not-live" role="status" hidden data-restarting=(cx.text("restarting")) { (cx.text("not-live")) }
    }
}

/// The list of keys, which a script opens, and the switch that turns them off.
fn keys(cx: &Cx) -> Markup {
    html! {
        dialog id="keys" aria-label=(cx.text("keys-title")) {
            p { (cx.text("keys-help")) }
            p { label { input type="checkbox" data-keys-use; " " (cx.text("keys-use")) } }
            form method="dialog" { button { (cx.text("keys-close")) } }
        }
    }
}

/// The login that a script opens where a session has ended, before it sends a form.
fn log_in_again(cx: &Cx) -> Markup {
    html! {
        dialog id="log-in" aria-labelledby="log-in-title" {
            h2 id="log-in-title" { (cx.text("login-title")) }
            p { (cx.text("login-dialog")) }
            form.login method="post" action=(cx.link(LOGIN)) {
                p.error role="alert" hidden { (cx.text("login-wrong")) }
                label { (cx.text("login-key")) input name="key_id" autocomplete="username" required spellcheck="false" value=(cx.session.key_id); }
                label { (cx.text("login-token")) input name="token" type="password" autocomplete="current-password" required; }
                p.actions {
                    button.primary { (cx.text("login-and-send")) }
                    button type="button" data-closes { (cx.text("keys-close")) }
                }
            }
        }
    }
}

fn top_bar(cx: &Cx, group: Option<&str>, around: &Surroundings, is_bare: bool) -> Markup {
    html! {
        header.top {
            a.brand href=(cx.link("/")) { "Tastemaker" }
            @if !is_bare && !around.groups.is_empty() {
                form.group method="get" action=(cx.link("/g")) {
                    label {
                        span.quiet { (cx.text("group-choose")) }
                        select name="g" data-submits {
                            @for name in &around.groups { option value=(name) selected[Some(name.as_str()) == group] { (name) } }
                        }
                    }
                    noscript { button { (cx.text("group-show")) } }
                }
            }
            span.grow {}
            @if !is_bare {
                form method="get" action=(cx.link("/search")) role="search" {
                    input type="search" name="q" aria-label=(cx.text("search-label")) placeholder=(cx.text("search-label"));
                    @if let Some(group) = group { input type="hidden" name="g" value=(group); }
                }
            }
            span id="running" { (running(cx, around.running)) }
            (preferences(cx))
            @if !is_bare {
                span.user {
                    code { (cx.session.key_id) }
                    @if cx.session.expires_s.is_some() {
                        form method="post" action=(cx.link("/logout")) { button { (cx.text("log-out")) } }
                    }
                }
            }
        }
    }
}

/// The number of running jobs as the top bar shows it.
pub(crate) fn running(cx: &Cx, count: usize) -> Markup {
    html! {
        @if count > 0 {
            a.running href=(cx.link("/")) { (cx.text_with("running-jobs", &[("count", count.into())])) }
        }
    }
}

fn preferences(cx: &Cx) -> Markup {
    let themes =
        [("system", cx.text("theme-system")), ("light", cx.text("theme-light")), ("dark", cx.text("theme-dark"))];
    html! {
        form.preferences method="post" action=(cx.link("/preferences")) {
            input type="hidden" name="next" value=(cx.path);
            label {
                span.hidden { (cx.text("preferences-language")) }
                select name="language" data-submits {
                    @for language in Language::ALL {
                        option value=(language.tag()) lang=(language.tag()) selected[*language == cx.language] { (language.name()) }
                    }
                }
            }
            label {
                span.hidden { (cx.text("preferences-theme")) }
                select name="theme" data-submits {
                    @for (value, name) in &themes {
                        option value=(value) selected[cx.theme.unwrap_or("system") == *value] { (name) }
                    }
                }
            }
            noscript { button { (cx.text("preferences-apply")) } }
        }
    }
}

fn side_menu(cx: &Cx, current: Menu, group: Option<&str>, around: &Surroundings) -> Markup {
    // Pages of groups lead to the page's own, or to the first there is.
    let group = group.or(around.groups.first().map(String::as_str));
    let entries: Vec<(&MenuEntry, String)> = around
        .menu
        .iter()
        .filter_map(|entry| {
            let href = match (entry.of_group, group) {
                (false, _) => cx.link(entry.path),
                (true, Some(group)) => cx.group_link(group, entry.path),
                (true, None) => return None,
            };
            Some((*entry, href))
        })
        .collect();
    let links = html! {
        ul {
            @for (entry, href) in &entries {
                li {
                    a href=(href) aria-current=[(entry.menu == current).then_some("page")] data-key=[entry.menu.letter()] {
                        (cx.text(entry.menu.key()))
                    }
                }
            }
        }
    };
    html! {
        nav.side aria-label=(cx.text("menu-title")) {
            (links)
            button.keys type="button" data-keys-open hidden { (cx.text("keys-title")) }
        }
        details.side { summary { (cx.text("menu-title")) } nav aria-label=(cx.text("menu-title")) { (links) } }
    }
}

fn head(cx: &Cx, page: &Page) -> Markup {
    html! {
        div.head {
            h1 { (page.title) }
            @if let Some(state) = &page.state { span id="state" { (status(cx, state)) } }
            @if let Some(seconds) = page.changed_s {
                span.quiet { (cx.text("changed-last")) " " (format::time(seconds)) }
            }
        }
        @if let Some(arn) = &page.arn { p.arn { (copyable(cx, arn)) } }
    }
}

/// A long id, cut in its middle, with a button that copies the whole.
pub fn copyable(cx: &Cx, text: &str) -> Markup {
    html! {
        span.copyable {
            code title=(text) { (format::shortened(text, ARN_CHARACTERS_MAX)) }
            button.copy type="button" data-copy=(text) hidden { (cx.text("copy")) }
        }
    }
}

/// The state of a resource, by the API's word, as a word with a shape: never by color alone.
pub fn status(cx: &Cx, word: &str) -> Markup {
    let kind = StateKind::of(word);
    html! { span class={ "state " (kind.class) } title=(word) { span aria-hidden="true" { (kind.shape) } " " (cx.text(kind.text)) } }
}

/// What the states of resources come down to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct StateKind {
    /// The class of its element, which is also its name in addresses.
    pub class: &'static str,
    /// The shape that says the same as its color.
    pub shape: &'static str,
    /// The key of its text.
    pub text: &'static str,
}

impl StateKind {
    /// Of the API's word, such as `CREATE FAILED`.
    pub(crate) fn of(word: &str) -> Self {
        let (class, shape, text) = if word == "ACTIVE" {
            ("active", "●", "state-active")
        } else if word.ends_with("FAILED") {
            ("failed", "▲", "state-failed")
        } else if word.ends_with("STOPPED") || word == "INACTIVE" {
            ("stopped", "■", "state-stopped")
        } else if word.is_empty() {
            ("absent", "○", "state-absent")
        } else {
            ("in-progress", "◐", "state-in-progress")
        };
        Self { class, shape, text }
    }
}

/// The title and the body of an error's page, or of its message inside a page.
pub(crate) fn error(cx: &Cx, error: &PageError) -> (String, Markup) {
    let (title, text) = match error {
        PageError::Api(refusal) => {
            let body = html! { p { strong { (refusal.name) } } p.message { (refusal.message) } };
            (cx.text("error-api-title"), body)
        }
        PageError::NotFound => (cx.text("error-not-found-title"), html! { p { (cx.text("error-not-found")) } }),
        PageError::BadInput(text) => (cx.text("error-bad-title"), html! { p.message { (text) } }),
        PageError::Forbidden(missing) => {
            let text = match missing {
                MissingRight::Edit => cx.text("error-needs-edit"),
                MissingRight::ReadOnly => cx.text("error-read-only"),
            };
            (cx.text("error-forbidden-title"), html! { p { (text) } })
        }
        PageError::WrongHost(host) => {
            let text = cx.text_with("error-host", &[("host", format::shortened(host, 100).into())]);
            (cx.text("error-host-title"), html! { p { (text) } })
        }
        PageError::CrossSite => (cx.text("error-forbidden-title"), html! { p { (cx.text("error-cross-site")) } }),
        PageError::Unavailable(text) => (cx.text("error-unavailable-title"), html! { p.message { (text) } }),
    };
    let body = html! {
        div.error role="alert" {
            (text)
            p.quiet { (cx.text("error-request")) " " code { (cx.client.request_id) } }
            p { a href=(cx.link(&cx.path)) { (cx.text("error-again")) } " · " a href=(cx.link("/")) { (cx.text("error-home")) } }
        }
    };
    (title, body)
}

fn asset(cx: &Cx, asset: Asset) -> String {
    format!("{}/assets/{}", cx.base, cx.console.assets.name(asset))
}
