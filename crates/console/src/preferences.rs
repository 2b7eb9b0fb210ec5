//! Language and theme of a user, kept in cookies.

use crate::cx::Cx;
use crate::language::Language;
use crate::links::local;
use axum::extract::Form;
use axum::response::{IntoResponse, Redirect, Response};
use axum_extra::extract::cookie::{Cookie, SameSite};
use http::HeaderMap;
use http::header::{COOKIE, SET_COOKIE};
use serde::Deserialize;
use time::Duration;

const LANGUAGE: &str = "tastemaker_language";
const THEME: &str = "tastemaker_theme";
/// The themes besides the system's.
const THEMES: &[&str] = &["light", "dark"];
/// Days for which they are kept.
const DAYS: i64 = 365;

/// The language that a browser's user chose.
pub(crate) fn language(headers: &HeaderMap) -> Option<Language> {
    Language::of(&cookie(headers, LANGUAGE)?)
}

/// The theme that a browser's user chose; `None` is the system's.
pub(crate) fn theme(headers: &HeaderMap) -> Option<&'static str> {
    let chosen = cookie(headers, THEME)?;
    THEMES.iter().find(|theme| **theme == chosen).copied()
}

fn cookie(headers: &HeaderMap, name: &str) -> Option<String> {
    let texts = headers.get_all(COOKIE).iter().filter_map(|value| value.to_str().ok());
    let mut pairs = texts.flat_map(|text| text.split(';')).filter_map(|pair| pair.trim().split_once('='));
    pairs.find(|(key, _)| *key == name).map(|(_, value)| value.to_owned())
}

/// The form in the top bar.
#[derive(Debug, Deserialize)]
pub(crate) struct Chosen {
    language: String,
    theme: String,
    next: String,
}

/// Answers `POST /preferences`.
pub(crate) async fn choose(cx: Cx, Form(chosen): Form<Chosen>) -> Response {
    let mut response = Redirect::to(&cx.link(&local(&chosen.next))).into_response();
    let language = Language::of(&chosen.language).unwrap_or_default().tag();
    let theme = THEMES.iter().find(|theme| **theme == chosen.theme).copied().unwrap_or_default();
    for (name, value) in [(LANGUAGE, language), (THEME, theme)] {
        let age = if value.is_empty() { Duration::ZERO } else { Duration::days(DAYS) };
        let cookie = Cookie::build((name, value)).path(cx.base.clone()).same_site(SameSite::Lax).max_age(age);
        if let Ok(value) = cookie.build().to_string().parse() {
            response.headers_mut().append(SET_COOKIE, value);
        }
    }
    response
}
