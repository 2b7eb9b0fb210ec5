//! A form that makes something with a name of its own, where what it is made of is there.

use super::form::{Field, FieldErrors, Sent};
use crate::cx::Cx;
use crate::page::empty;
use maud::{Markup, html};

/// A form, by the names of its texts.
pub(crate) struct NewForm {
    /// Its title, and the text of its button.
    pub title: &'static str,
    /// The address that takes it, below that of the dataset group.
    pub action: &'static str,
    /// The text that stands in its place where nothing is there that it could be made of, above the way to a new solution.
    pub nothing: &'static str,
}

impl NewForm {
    /// The form with these fields below the name; none where nothing is there.
    pub fn markup(&self, cx: &Cx, group: &str, sent: &Sent, errors: &FieldErrors, fields: Option<Markup>) -> Markup {
        html! {
            (errors.summary(cx))
            @if let Some(fields) = fields {
                form.stacked method="post" action=(cx.group_link(group, self.action)) novalidate {
                    (Field { name: "name", label: &cx.text("create-name"), value: sent.typed("name"), required: true,
                        help: &cx.text("create-name-help"), ..Field::default() }.markup(errors))
                    (fields)
                    p.actions { button.primary type="submit" disabled[!cx.may_edit()] { (cx.text(self.title)) } }
                }
            } @else {
                (empty(&cx.text(self.nothing), Some((&cx.text("train-create"), &cx.group_link(group, "/new-solution")))))
            }
        }
    }
}
