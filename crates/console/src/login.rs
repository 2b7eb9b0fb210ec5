//! The pages that log in and out.

use crate::cx::Cx;
use crate::links::{LOGIN, local};
use crate::menu::Menu;
use crate::page::Page;
use crate::sent_form::SentForm;
use crate::session::{CookieScope, Role, Session, logged_out};
use axum::extract::{Form, Query};
use axum::response::{IntoResponse, Redirect, Response};
use http::header::RETRY_AFTER;
use http::{HeaderMap, Method, StatusCode};
use maud::{Markup, html};
use serde::Deserialize;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

/// The query of the login's address.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct Asked {
    /// The page to go to, below the console's path.
    #[serde(default)]
    next: String,
    /// A one-time code.
    code: Option<String>,
}

/// The login's form.
#[derive(Debug, Deserialize)]
pub(crate) struct Given {
    key_id: String,
    token: String,
    /// Present when only the right to look is wanted.
    view: Option<String>,
    #[serde(default)]
    next: String,
    /// A form that came after the last session had ended.
    #[serde(flatten)]
    sent: SentForm,
}

/// Answers `GET /login`: the form, or with a one-time code the session.
pub(crate) async fn show(cx: Cx, method: Method, headers: HeaderMap, Query(asked): Query<Asked>) -> Response {
    let now_s = cx.console.now_s();
    let none = SentForm::default();
    // Programs that look at links ask by HEAD, and are not to use them up.
    let Some(code) = asked.code.filter(|_| method == Method::GET) else {
        return form(&cx, &asked.next, &none, StatusCode::OK, None).into_response();
    };
    if let Some(wait_s) = cx.console.attempts.wait_s(cx.client.address, now_s) {
        return too_many(&cx, &asked.next, &none, wait_s);
    }
    match cx.console.codes.redeem(&code, now_s) {
        Some(role) => log_in(&cx, &headers, role, &asked.next, &none),
        None => {
            cx.console.attempts.failed(cx.client.address, now_s);
            form(&cx, &asked.next, &none, StatusCode::UNAUTHORIZED, Some(cx.text("login-used"))).into_response()
        }
    }
}

/// Answers `POST /login`.
pub(crate) async fn submit(cx: Cx, headers: HeaderMap, Form(given): Form<Given>) -> Response {
    let now_s = cx.console.now_s();
    if let Some(wait_s) = cx.console.attempts.wait_s(cx.client.address, now_s) {
        return too_many(&cx, &given.next, &given.sent, wait_s);
    }
    let user = &cx.console.config.user;
    // Both are compared whichever is wrong, by digest, so that the time tells nothing.
    let same = |a: &str, b: &str| Sha256::digest(a).ct_eq(&Sha256::digest(b));
    let right = same(given.key_id.trim(), &user.key_id) & same(given.token.trim(), &user.token);
    if !bool::from(right) || user.token.is_empty() {
        cx.console.attempts.failed(cx.client.address, now_s);
        tracing::warn!(address = ?cx.client.address, request_id = cx.client.request_id, "a login to the console failed");
        let fault = Some(cx.text("login-wrong"));
        return form(&cx, &given.next, &given.sent, StatusCode::UNAUTHORIZED, fault).into_response();
    }
    let role = if given.view.is_some() { Role::View } else { Role::Edit };
    log_in(&cx, &headers, role, &given.next, &given.sent)
}

/// Answers `POST /logout`.
pub(crate) async fn log_out(cx: Cx, headers: HeaderMap) -> Response {
    let scope = CookieScope { path: &cx.base, tls: cx.client.tls(&headers) };
    (logged_out(&cx.console.cookie_key, scope), Redirect::to(&cx.link(LOGIN))).into_response()
}

fn log_in(cx: &Cx, headers: &HeaderMap, role: Role, next: &str, sent: &SentForm) -> Response {
    let now_s = cx.console.now_s();
    let config = &cx.console.config;
    let session = Session { key_id: config.user.key_id.clone(), role, expires_s: Some(now_s + config.session_seconds) };
    let scope = CookieScope { path: &cx.base, tls: cx.client.tls(headers) };
    tracing::info!(address = ?cx.client.address, role = role.word(), "a login to the console");
    let cookie = session.cookie(&cx.console.cookie_key, now_s, scope);
    if !sent.is_none() {
        let page = Page::new(Menu::Home, cx.text("login-send-again-title"), sent.filled(cx));
        return (cookie, page).into_response();
    }
    (cookie, Redirect::to(&cx.link(&local(next)))).into_response()
}

fn too_many(cx: &Cx, next: &str, sent: &SentForm, wait_s: i64) -> Response {
    let text = cx.text_with("login-wait", &[("seconds", wait_s.into())]);
    let page = form(cx, next, sent, StatusCode::TOO_MANY_REQUESTS, Some(text));
    ([(RETRY_AFTER, wait_s.to_string())], page).into_response()
}

fn form(cx: &Cx, next: &str, sent: &SentForm, status: StatusCode, fault: Option<String>) -> Page {
    Page::new(Menu::Home, cx.text("login-title"), fields(cx, next, sent, fault.as_deref())).status(status)
}

/// The login's form.
pub(crate) fn fields(cx: &Cx, next: &str, sent: &SentForm, fault: Option<&str>) -> Markup {
    html! {
        form.login method="post" action=(cx.link(LOGIN)) {
            @if let Some(fault) = fault { p.error role="alert" { (fault) } }
            input type="hidden" name="next" value=(local(next));
            (sent.carried())
            label { (cx.text("login-key")) input name="key_id" autocomplete="username" required spellcheck="false"; }
            label {
                (cx.text("login-token"))
                input name="token" type="password" autocomplete="current-password" required;
            }
            label.check { input type="checkbox" name="view" value="1"; " " (cx.text("login-view")) }
            button.primary { (cx.text("login-submit")) }
            p.quiet { (cx.text("login-hint")) }
        }
    }
}
