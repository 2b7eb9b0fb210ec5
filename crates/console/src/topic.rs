//! Topics of live pages: what keeps parts of a page up to date.

use crate::cx::Cx;
use futures::future::BoxFuture;
use maud::Markup;

/// The parts of a page that a topic keeps up to date.
pub struct Topic {
    /// The name in `Page::live`.
    pub name: &'static str,
    /// Renders its parts.
    pub render: for<'a> fn(&'a Cx, Subject<'a>) -> BoxFuture<'a, Vec<Part>>,
}

/// The subject of a topic.
#[derive(Debug, Clone, Copy)]
pub struct Subject<'a> {
    /// The dataset group of the page.
    pub group: Option<&'a str>,
    /// The argument after the topic's name.
    pub argument: Option<&'a str>,
}

/// A part of a page in its newest form.
#[derive(Debug, Clone)]
pub struct Part {
    /// The `id` of the element whose content it is.
    pub id: &'static str,
    /// The element's content.
    pub content: Markup,
}
