//! The middleware around every page: it judges name, session and rights of a request, gives the handler its context, and lays
//! out what the handler answers.

use crate::client::Client;
use crate::config::Login;
use crate::cx::{Cx, CxParts, segment};
use crate::headers::protect;
use crate::hosts;
use crate::language::Language;
use crate::layout::{self, Surroundings};
use crate::links::LOGIN;
use crate::login;
use crate::menu::Menu;
use crate::page::{Framed, MissingRight, Page, PageError};
use crate::pages::PAGES;
use crate::preferences;
use crate::sent_form::SentForm;
use crate::session::{Role, Session};
use crate::state::{Console, ConsoleState};
use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{Html, IntoResponse, Redirect, Response};
use http::header::{ACCEPT_LANGUAGE, HOST, VARY};
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};
use maud::html;
use tastemaker_wire::Operation;
use tastemaker_wire::personalize::{ListDatasetGroupsRequest, ListDatasetGroupsResponse};
use tower_http::csrf::ProtectionError;

/// Changes of the user's own view, for which nobody needs a right.
const OWN_CHANGES: &[&str] = &[LOGIN, "/logout", "/preferences"];
/// Set by htmx on its requests.
const BY_SCRIPT: &str = "hx-request";
/// Headers by which htmx puts messages elsewhere than into the part that was to be exchanged.
const RETARGET: HeaderName = HeaderName::from_static("hx-retarget");
const RESWAP: HeaderName = HeaderName::from_static("hx-reswap");

/// Around everything, assets too: the security headers.
pub(crate) async fn protected(State(console): State<ConsoleState>, request: Request, next: Next) -> Response {
    let over_tls = request.extensions().get::<Client>().is_some_and(|client| client.tls(request.headers()));
    // A name of this machine is that of other servers on it as well.
    let strict_transport = over_tls && !hosts::is_of_this_machine(request.headers());
    let mut response = next.run(request).await;
    protect(response.headers_mut(), &console.policy, strict_transport);
    response
}

/// Around all pages.
pub(crate) async fn framed(State(console): State<ConsoleState>, mut request: Request, next: Next) -> Response {
    let mut cx = context(&console, &request);
    if let Some(host) = hosts::stranger(request.headers(), &console.config.hosts) {
        let host = host.to_owned();
        cx.session = nobody();
        return lay_out(&cx, Framed::Error(PageError::WrongHost(host))).await;
    }
    let path = request.uri().path();
    if cx.session.key_id.is_empty() && path != LOGIN {
        return to_login(&cx, request).await;
    }
    if let Err(missing) = right(&cx, request.method(), path) {
        return lay_out(&cx, Framed::Error(PageError::Forbidden(missing))).await;
    }
    request.extensions_mut().insert(cx.clone());
    let mut response = next.run(request).await;
    if let Some(framed) = response.extensions_mut().remove::<Framed>() {
        let (parts, _) = response.into_parts();
        let mut laid_out = lay_out(&cx, framed).await;
        // What a handler put beside its page, as a cookie.
        laid_out.headers_mut().extend(parts.headers);
        return laid_out;
    }
    if response.extensions().get::<ProtectionError>().is_some() {
        return lay_out(&cx, Framed::Error(PageError::CrossSite)).await;
    }
    response
}

fn context(console: &ConsoleState, request: &Request) -> Cx {
    let headers = request.headers();
    let client = request.extensions().get::<Client>().cloned().unwrap_or_default();
    let base = format!("{}/console", client.prefix(headers, &console.config.base_path));
    let accepted = || headers.get(ACCEPT_LANGUAGE).and_then(|value| Language::accepted(value.to_str().ok()?));
    let language = preferences::language(headers).or(console.config.language).or_else(accepted).unwrap_or_default();
    let parts = CxParts {
        language,
        session: session(console, headers, &client).unwrap_or_else(nobody),
        base,
        path: request.uri().path_and_query().map_or("/", |path| path.as_str()).to_owned(),
        theme: preferences::theme(headers),
        by_script: headers.contains_key(BY_SCRIPT),
        endpoint: endpoint(headers, &client),
        client,
    };
    Cx::new(console.clone(), parts)
}

/// The server's address by the name that the browser calls it.
fn endpoint(headers: &HeaderMap, client: &Client) -> String {
    let host = headers.get(HOST).and_then(|value| value.to_str().ok()).unwrap_or("127.0.0.1");
    format!("{}://{host}", if client.tls(headers) { "https" } else { "http" })
}

/// Stands for somebody who is not logged in.
fn nobody() -> Session {
    Session { key_id: String::new(), role: Role::View, expires_s: None }
}

fn session(console: &Console, headers: &HeaderMap, client: &Client) -> Option<Session> {
    let config = &console.config;
    let session = Session::of(headers, &console.cookie_key, console.now_s());
    if let Some(session) = session.filter(|session| session.key_id == config.user.key_id) {
        return Some(session);
    }
    let free = config.login == Login::LoopbackFree && config.listens_on_loopback && client.is_local(headers);
    free.then(|| Session { key_id: config.user.key_id.clone(), role: Role::Edit, expires_s: None })
}

/// Looking is for everybody who is logged in; everything else changes something.
fn right(cx: &Cx, method: &Method, path: &str) -> Result<(), MissingRight> {
    if matches!(*method, Method::GET | Method::HEAD) || OWN_CHANGES.contains(&path) {
        return Ok(());
    }
    if cx.console.config.read_only {
        return Err(MissingRight::ReadOnly);
    }
    if cx.session.role < Role::Edit { Err(MissingRight::Edit) } else { Ok(()) }
}

/// Leads to the login. A form that was sent goes with it.
async fn to_login(cx: &Cx, request: Request) -> Response {
    let login = cx.link(&format!("{LOGIN}?next={}", segment(&cx.path)));
    let looks = matches!(*request.method(), Method::GET | Method::HEAD);
    if looks && !cx.by_script {
        return Redirect::to(&login).into_response();
    }
    if cx.by_script {
        let login = if looks { login } else { cx.link(LOGIN) };
        let body = html! {
            div.error role="alert" {
                p { (cx.text("login-needed")) }
                p { a.button href=(login) target="_blank" rel="noopener" { (cx.text("login-again")) } }
            }
        };
        return message(StatusCode::UNAUTHORIZED, body);
    }
    let sent = SentForm::of(cx, request).await;
    let needed = if sent.is_none() { cx.text("login-needed") } else { cx.text("login-needed-kept") };
    let body = login::fields(cx, "/", &sent, Some(&needed));
    let page = Page::new(Menu::Home, cx.text("login-title"), body).status(StatusCode::UNAUTHORIZED);
    lay_out(cx, Framed::Page(page)).await
}

/// A message into the page that a script shows, instead of the part that was to be exchanged.
fn message(status: StatusCode, body: maud::Markup) -> Response {
    let headers = [(RETARGET, HeaderValue::from_static("#messages")), (RESWAP, HeaderValue::from_static("innerHTML"))];
    (status, headers, Html(body.into_string())).into_response()
}

async fn lay_out(cx: &Cx, framed: Framed) -> Response {
    let page = match framed {
        Framed::Page(page) => page,
        Framed::Error(error) => {
            let (title, body) = layout::error(cx, &error);
            if cx.by_script {
                return message(error.status(), body);
            }
            Page::new(Menu::Home, title, body).status(error.status())
        }
    };
    let around = surroundings(cx).await;
    let laid_out = layout::page(cx, &page, &around).into_string();
    (page.status, [(VARY, "Cookie, Accept-Language")], Html(laid_out)).into_response()
}

async fn surroundings(cx: &Cx) -> Surroundings {
    if cx.session.key_id.is_empty() {
        return Surroundings::default();
    }
    let request = ListDatasetGroupsRequest { max_results: Some(100), next_token: None };
    let listed: Result<ListDatasetGroupsResponse, _> = cx.call_unseen(Operation::ListDatasetGroups, &request).await;
    let groups = listed.unwrap_or_default().dataset_groups;
    Surroundings {
        menu: PAGES.iter().filter_map(|page| page.menu.as_ref()).collect(),
        groups: groups.into_iter().filter_map(|group| group.name).collect(),
        running: cx.console.ports.progress.now().len(),
    }
}
