//! A form that came after its session had ended: it is carried through the login, and offered to be sent again.

use crate::cx::Cx;
use crate::links::local;
use axum::body::Body;
use axum::extract::Request;
use http::header::{CONTENT_TYPE, HOST, ORIGIN};
use http::{HeaderMap, HeaderValue};
use maud::{Markup, html};
use serde::Deserialize;

/// Bytes of a form that is carried; a longer one has to be typed again.
const FORM_BYTES_MAX: usize = 256 << 10;
/// Fields whose values are shown before the form is sent again.
const FIELDS_SHOWN_MAX: usize = 50;
/// Characters of a value that are shown.
const VALUE_CHARACTERS_MAX: usize = 80;

/// A form as it was sent.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
pub(crate) struct SentForm {
    /// The path to which it was sent, below the console's; empty where there is no form.
    #[serde(default)]
    again: String,
    /// Its fields, URL-encoded.
    #[serde(default)]
    fields: String,
}

impl SentForm {
    /// The form in a request, unless it is too long, has files, or comes from another site: the request was not judged yet.
    pub async fn of(cx: &Cx, request: Request) -> Self {
        let headers = request.headers();
        let is_form = headers
            .get(CONTENT_TYPE)
            .is_some_and(|value| value.as_bytes().starts_with(b"application/x-www-form-urlencoded"));
        if !is_form || !is_from_here(headers) {
            return Self::default();
        }
        let body: Body = request.into_body();
        let Ok(bytes) = axum::body::to_bytes(body, FORM_BYTES_MAX).await else { return Self::default() };
        match String::from_utf8(bytes.to_vec()) {
            Ok(fields) => Self { again: cx.path.clone(), fields },
            Err(_) => Self::default(),
        }
    }

    /// Whether there is none.
    pub fn is_none(&self) -> bool {
        self.again.is_empty()
    }

    /// The fields of the login's form that carry it.
    pub fn carried(&self) -> Markup {
        html! {
            @if !self.is_none() {
                input type="hidden" name="again" value=(self.again);
                input type="hidden" name="fields" value=(self.fields);
            }
        }
    }

    /// The form, filled in as it was, with a button that sends it.
    pub fn filled(&self, cx: &Cx) -> Markup {
        let fields: Vec<(String, String)> =
            form_urlencoded::parse(self.fields.as_bytes()).map(|(name, value)| (name.into(), value.into())).collect();
        html! {
            form.stacked method="post" action=(cx.link(&local(&self.again))) {
                p { (cx.text("login-send-again-what")) }
                @for (name, value) in &fields { input type="hidden" name=(name) value=(value); }
                @if !fields.is_empty() {
                    dl.facts {
                        @for (name, value) in fields.iter().take(FIELDS_SHOWN_MAX) {
                            dt { bdi { (crate::format::shortened(name, VALUE_CHARACTERS_MAX)) } }
                            dd { bdi title=(value) { (crate::format::shortened(value, VALUE_CHARACTERS_MAX)) } }
                        }
                    }
                }
                p.actions { button.primary { (cx.text("login-send-again")) } }
            }
        }
    }
}

/// Whether a browser says that a page of this console sent the form.
fn is_from_here(headers: &HeaderMap) -> bool {
    match headers.get("sec-fetch-site").map(HeaderValue::as_bytes) {
        Some(site) => site == b"same-origin",
        None => {
            let text = |name| headers.get(name).and_then(|value: &HeaderValue| value.to_str().ok());
            let origin = text(ORIGIN).and_then(|origin| origin.split_once("://"));
            origin.is_some_and(|(_, host)| Some(host) == text(HOST))
        }
    }
}
