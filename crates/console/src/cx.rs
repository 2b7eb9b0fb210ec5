//! The context of a request: who asks, in which language, below which path, and the way to the API.

use crate::client::Client;
use crate::language::{self, FluentValue, Language};
use crate::ports::{self, ApiError};
use crate::session::{Role, Session};
use crate::state::ConsoleState;
use axum::extract::FromRequestParts;
use http::StatusCode;
use http::request::Parts;
use parking_lot::Mutex;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::sync::Arc;
use tastemaker_domain::arn::Scope;
use tastemaker_domain::recipe::{Parameter, RecipeDescriptor};
use tastemaker_wire::Operation;

/// Characters of an id that stand for themselves in a path or a query.
const PLAIN: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');

/// Calls that are noted of a page; a live page goes on calling as long as it is open.
const CALLS_MAX: usize = 500;

/// The context of a request. Handlers take it as an argument.
#[derive(Clone)]
pub struct Cx {
    /// The state that all pages share.
    pub console: ConsoleState,
    /// The region in the ARNs of what the page makes.
    pub region: String,
    /// The language of the page.
    pub language: Language,
    /// The sender of the request.
    pub session: Session,
    /// The console's path in the browser's address bar, such as `/console` or `/rec/console`, without a slash at its end.
    pub base: String,
    /// The path of the page below [`base`](Self::base), with its query.
    pub path: String,
    /// `light` or `dark` where the user chose one.
    pub theme: Option<&'static str>,
    /// Whether a script asks, for a part of a page.
    pub by_script: bool,
    /// The sender.
    pub client: Client,
    /// The server's address as the browser knows it, such as `https://rec.example`, without a slash at its end.
    pub endpoint: String,
    calls: Arc<Mutex<Vec<ApiCall>>>,
}

/// A call of the API that a page made.
#[derive(Debug, Clone, PartialEq)]
pub struct ApiCall {
    /// The operation.
    pub operation: Operation,
    /// The input, as its JSON.
    pub input: serde_json::Value,
}

/// The parts of a context.
pub(crate) struct CxParts {
    pub language: Language,
    pub session: Session,
    pub base: String,
    pub path: String,
    pub theme: Option<&'static str>,
    pub by_script: bool,
    pub client: Client,
    pub endpoint: String,
}

impl Cx {
    pub(crate) fn new(console: ConsoleState, parts: CxParts) -> Self {
        let CxParts { language, session, base, path, theme, by_script, client, endpoint } = parts;
        let region = console.config.region.clone();
        Self {
            console,
            region,
            language,
            session,
            base,
            path,
            theme,
            by_script,
            client,
            endpoint,
            calls: Arc::default(),
        }
    }

    /// Runs an operation of the API and notes it among the page's [`calls`](Self::calls).
    pub async fn call<I, O>(&self, operation: Operation, input: &I) -> Result<O, ApiError>
    where
        I: Serialize + Sync,
        O: DeserializeOwned,
    {
        let noted = serde_json::to_value(input).unwrap_or_default();
        self.note(ApiCall { operation, input: noted });
        self.call_unseen(operation, input).await
    }

    /// The same for what the frame of the page needs, which is nothing that "the same by API" should show.
    pub async fn call_unseen<I, O>(&self, operation: Operation, input: &I) -> Result<O, ApiError>
    where
        I: Serialize + Sync,
        O: DeserializeOwned,
    {
        ports::call(&*self.console.ports.api, &self.region, operation, input).await
    }

    /// The same context, whose calls are noted apart from this one's.
    pub(crate) fn apart(&self) -> Self {
        Self { calls: Arc::default(), ..self.clone() }
    }

    /// Apart from [`call`](Self::call), so that the lock is held across no await.
    fn note(&self, call: ApiCall) {
        let mut calls = self.calls.lock();
        if calls.len() < CALLS_MAX {
            calls.push(call);
        }
    }

    /// The calls that the page has made, in order, for "the same by API".
    pub fn calls(&self) -> Vec<ApiCall> {
        self.calls.lock().clone()
    }

    /// The text of a key of the language files.
    pub fn text(&self, key: &str) -> String {
        language::text(self.language, key, &[])
    }

    /// The text of a key with values for its variables.
    pub fn text_with(&self, key: &str, values: &[(&str, FluentValue<'_>)]) -> String {
        language::text(self.language, key, values)
    }

    /// A sentence of a job in the language of the page; a text that is no known sentence stays as it is.
    pub fn said(&self, text: &str) -> String {
        if self.language == Language::En {
            return text.to_owned();
        }
        let worded = (self.console.ports.sentences)(text).and_then(|said| {
            let values: Vec<(&str, FluentValue<'_>)> =
                said.values.iter().map(|(name, value)| (*name, self.said_within(value).into())).collect();
            language::translated(self.language, &language::prose_key("said", said.kind), &values)
        });
        worded.unwrap_or_else(|| text.to_owned())
    }

    /// A value of a sentence: one itself, or names with commas or a last "and" between them, or as it is.
    fn said_within(&self, value: &str) -> String {
        let whole = self.said(value);
        if whole != value {
            return whole;
        }
        let names: Vec<String> =
            value.split(", ").flat_map(|part| part.split(" and ")).map(|name| self.said(name)).collect();
        names.join(", ")
    }

    /// The description of a recipe.
    pub fn recipe_prose(&self, recipe: &RecipeDescriptor) -> String {
        self.prose("recipe", recipe.name, recipe.description)
    }

    /// The title of a use case, which a recipe of a domain has.
    pub fn use_case_title(&self, recipe: &RecipeDescriptor) -> Option<String> {
        recipe.use_case.map(|use_case| self.prose("use-case", recipe.name, use_case.title))
    }

    /// The purpose of a parameter.
    pub fn parameter_prose(&self, parameter: &Parameter) -> String {
        self.prose("parameter", parameter.name, parameter.doc)
    }

    fn prose(&self, about: &str, name: &str, english: &str) -> String {
        let translated = language::translated(self.language, &language::prose_key(about, name), &[]);
        translated.unwrap_or_else(|| english.to_owned())
    }

    /// A link to a page of the console: `path` begins with `/`.
    pub fn link(&self, path: &str) -> String {
        format!("{}{path}", self.base)
    }

    /// A link to a page of a dataset group: `path` is below the group's, and begins with `/`.
    pub fn group_link(&self, group: &str, path: &str) -> String {
        format!("{}/g/{}{path}", self.base, segment(group))
    }

    /// Whether the user may change anything here.
    pub fn may_edit(&self) -> bool {
        self.session.role >= Role::Edit && !self.console.config.read_only
    }

    /// The ARN of a resource of this server by its kind and name, such as `dataset-group` and `shop`.
    pub fn arn(&self, kind: &str, name: &str) -> String {
        Scope::new(&self.region, &self.console.config.account_id).arn(&format!("{kind}/{name}"))
    }
}

/// A name or an id as one segment of a path or one value of a query. Segments of dots alone have no meaning in a path and are
/// written out.
pub fn segment(text: &str) -> String {
    if !text.is_empty() && text.chars().all(|c| c == '.') {
        return text.replace('.', "%2E");
    }
    utf8_percent_encode(text, PLAIN).to_string()
}

impl<S: Send + Sync> FromRequestParts<S> for Cx {
    type Rejection = StatusCode;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, StatusCode> {
        // The frame puts it there for every page.
        parts.extensions.get::<Cx>().cloned().ok_or(StatusCode::INTERNAL_SERVER_ERROR)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_one_segment_each() {
        assert_eq!(segment("a/b?c d%2e"), "a%2Fb%3Fc%20d%252e");
        assert_eq!(segment(".."), "%2E%2E");
        assert_eq!(segment("v1.2-x_y~z"), "v1.2-x_y~z");
        assert_eq!(segment("상점"), "%EC%83%81%EC%A0%90");
    }
}
