//! The end of a campaign, a recommender or an event tracker: the form that asks for its name, and what comes of it.

use crate::cx::Cx;
use crate::pages::form::{Field, FieldErrors};
use crate::ports::ApiError;
use maud::{Markup, html};
use serde::Serialize;
use tastemaker_wire::Operation;

/// A kind of resource that is deleted, by the keys of its texts.
pub(super) struct Kind {
    /// The button.
    pub delete: &'static str,
    /// The question for the name.
    pub sure: &'static str,
    /// The refusal of another name.
    pub other_name: &'static str,
}

/// The result of a deletion.
pub(super) enum Ended {
    /// It is deleted.
    Now,
    /// Somebody else was quicker.
    Before,
    /// It stays.
    Refused(FieldErrors),
}

impl Kind {
    /// The form behind a button. `what` says what goes with the resource.
    pub(super) fn form(&self, cx: &Cx, name: &str, action: &str, what: Option<&str>, errors: &FieldErrors) -> Markup {
        let label = cx.text_with(self.sure, &[("name", name.to_owned().into())]);
        html! {
            details.confirm open[errors.of("confirm").is_some()] {
                summary.button.danger { (cx.text(self.delete)) }
                form method="post" action=(action) {
                    @if let Some(what) = what { p.hint { (what) } }
                    (Field { name: "confirm", label: &label, required: true, ..Field::default() }.markup(errors))
                    button.danger type="submit" { (cx.text(self.delete)) }
                }
            }
        }
    }

    /// Deletes the resource if its name was typed. `place` puts a refusal of the API where it belongs.
    pub(super) async fn delete(
        &self,
        cx: &Cx,
        (typed, name): (Option<&str>, &str),
        operation: Operation,
        input: &(impl Serialize + Sync),
        place: fn(&mut FieldErrors, &ApiError),
    ) -> Ended {
        let mut errors = FieldErrors::default();
        if typed != Some(name) {
            errors.at("confirm", cx.text(self.other_name));
            return Ended::Refused(errors);
        }
        let deleted: Result<serde_json::Value, ApiError> = cx.call(operation, input).await;
        match deleted {
            Ok(_) => Ended::Now,
            Err(error) if error.name == "ResourceNotFoundException" => Ended::Before,
            Err(error) => {
                place(&mut errors, &error);
                Ended::Refused(errors)
            }
        }
    }
}
