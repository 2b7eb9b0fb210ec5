//! The answer of a handler: a page, which the frame puts into its layout, a part of one, or the reason why there is none.

use crate::menu::Menu;
use crate::ports::ApiError;
use axum::response::{Html, IntoResponse, Response};
use http::StatusCode;
use maud::{Markup, html};
use std::sync::Arc;

/// A page without its frame. Handlers return it; the frame lays it out.
#[derive(Clone)]
pub struct Page {
    pub(crate) status: StatusCode,
    pub(crate) menu: Menu,
    pub(crate) title: String,
    pub(crate) group: Option<String>,
    pub(crate) state: Option<String>,
    pub(crate) arn: Option<String>,
    pub(crate) changed_s: Option<f64>,
    pub(crate) body: Arc<Markup>,
    pub(crate) examples: Option<Arc<Markup>>,
    pub(crate) topics: Option<String>,
}

impl Page {
    /// A page of an entry of the menu.
    pub fn new(menu: Menu, title: impl Into<String>, body: Markup) -> Self {
        Self {
            status: StatusCode::OK,
            menu,
            title: title.into(),
            group: None,
            state: None,
            arn: None,
            changed_s: None,
            body: Arc::new(body),
            examples: None,
            topics: None,
        }
    }

    /// Answers with another status than 200, as 422 for a form with faults.
    pub fn status(self, status: StatusCode) -> Self {
        Self { status, ..self }
    }

    /// Belongs to a dataset group.
    pub fn group(self, name: impl Into<String>) -> Self {
        Self { group: Some(name.into()), ..self }
    }

    /// Shows the state of its resource beside the title, by the API's word such as `ACTIVE` or `CREATE IN_PROGRESS`.
    pub fn state(self, status: impl Into<String>) -> Self {
        Self { state: Some(status.into()), ..self }
    }

    /// Shows the ARN of its resource.
    pub fn arn(self, arn: impl Into<String>) -> Self {
        Self { arn: Some(arn.into()), ..self }
    }

    /// Shows when its resource changed last, in seconds since the Unix epoch.
    pub fn changed(self, seconds: f64) -> Self {
        Self { changed_s: Some(seconds), ..self }
    }

    /// Shows at its foot the calls that do the same, if there are any.
    pub fn examples(self, examples: Markup) -> Self {
        let examples = (!examples.0.is_empty()).then(|| Arc::new(examples));
        Self { examples, ..self }
    }

    /// Is live: the frame connects it to the stream of these topics, divided by commas.
    pub fn live(self, topics: impl Into<String>) -> Self {
        Self { topics: Some(topics.into()), ..self }
    }
}

impl IntoResponse for Page {
    fn into_response(self) -> Response {
        let mut response = self.status.into_response();
        response.extensions_mut().insert(Framed::Page(self));
        response
    }
}

/// A part of a page, for a script that exchanges it.
#[derive(Debug, Clone)]
pub struct Fragment(pub Markup);

impl IntoResponse for Fragment {
    fn into_response(self) -> Response {
        Html(self.0.into_string()).into_response()
    }
}

/// Why there is no page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PageError {
    /// An operation of the API refused.
    Api(ApiError),
    /// There is nothing at this address.
    NotFound,
    /// The address or the form cannot be read, for a reason.
    BadInput(String),
    /// A right is missing.
    Forbidden(MissingRight),
    /// The request came by a name that is not the console's.
    WrongHost(String),
    /// The form was sent from another site.
    CrossSite,
    /// Something that it needs is not available now, for a reason.
    Unavailable(String),
}

/// The right that a user lacks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MissingRight {
    /// The user may only look.
    Edit,
    /// Nobody may change anything in this console.
    ReadOnly,
}

impl PageError {
    /// The status of the answer.
    pub fn status(&self) -> StatusCode {
        match self {
            PageError::Api(error) => StatusCode::from_u16(error.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR),
            PageError::NotFound => StatusCode::NOT_FOUND,
            PageError::BadInput(_) => StatusCode::UNPROCESSABLE_ENTITY,
            PageError::Forbidden(_) | PageError::CrossSite => StatusCode::FORBIDDEN,
            PageError::WrongHost(_) => StatusCode::MISDIRECTED_REQUEST,
            PageError::Unavailable(_) => StatusCode::SERVICE_UNAVAILABLE,
        }
    }
}

impl From<ApiError> for PageError {
    fn from(error: ApiError) -> Self {
        // The control plane answers 400 for what is absent.
        PageError::Api(match error.name.as_str() {
            "ResourceNotFoundException" => ApiError { status: 404, ..error },
            _ => error,
        })
    }
}

impl IntoResponse for PageError {
    fn into_response(self) -> Response {
        let mut response = self.status().into_response();
        response.extensions_mut().insert(Framed::Error(self));
        response
    }
}

/// An answer that the frame still has to lay out; in the extensions of the response.
#[derive(Clone)]
pub(crate) enum Framed {
    Page(Page),
    Error(PageError),
}

/// The text of a page when there is nothing to show yet: a sentence and the next step, as the text and the address of a link.
pub fn empty(sentence: &str, next: Option<(&str, &str)>) -> Markup {
    html! {
        div.empty {
            p { (sentence) }
            @if let Some((text, href)) = next { p { a.button href=(href) { (text) } } }
        }
    }
}
