//! The plan of a copy and the import that follows: kept while it is under way, so that it goes on after a restart.

use crate::cx::Cx;
use crate::language::Language;
use crate::preparations::{Outcome, Preparation};
use serde::{Deserialize, Serialize};

/// A copy and its import.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Plan {
    pub group: String,
    pub location: String,
    /// The page with its form, below the console's path.
    pub form: String,
    /// The language of who sent the form, for the messages.
    pub language: Language,
    /// The access key of who sent it.
    pub key_id: String,
    pub work: Work,
}

/// What is copied how.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) enum Work {
    /// Files whose columns get other names, by the fields of the form.
    Mapped { fields: Vec<(String, String)> },
    /// The readable rows of the files of an import that failed, for another one.
    Readable { job: String, name: String },
}

/// Keeps the plan of a preparation; what cannot be kept is made all the same, and ends with the process.
pub(super) async fn keep(cx: &Cx, preparation: &Preparation, work: Work) {
    let plan = Plan {
        group: preparation.group.clone(),
        location: preparation.location.clone(),
        form: preparation.form.clone(),
        language: cx.language,
        key_id: cx.session.key_id.clone(),
        work,
    };
    let text = serde_json::to_string(&plan).unwrap_or_default();
    if let Err(error) = cx.console.ports.planned_copies.keep(&preparation.id, &text).await {
        tracing::warn!(location = plan.location, error, "a copy before an import would not go on after a restart");
    }
}

/// Ends a preparation and forgets its plan.
pub(super) async fn end(cx: &Cx, preparation: &Preparation, outcome: Outcome) {
    // A server that stops gives copies up; the next one goes on.
    let is_cut = *cx.console.config.stopping.borrow() && matches!(outcome, Outcome::Refused(_));
    if !is_cut {
        cx.console.ports.planned_copies.forget(&preparation.id).await;
    }
    preparation.end(outcome);
}
