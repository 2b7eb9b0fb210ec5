//! Events by an unsigned POST to `/events`.

use super::call::Call;
use super::shell;
use crate::operation::Operation;

/// The call as a POST; `None` for other operations than PutEvents.
pub(super) fn text(call: &Call) -> Option<String> {
    if call.operation != Operation::PutEvents {
        return None;
    }
    let lines = [
        format!("curl -sS {}", shell::word(&format!("{}/events", call.endpoint))),
        format!("-H {}", shell::quoted("Content-Type: application/json")),
        format!("--data-binary {}", shell::quoted(&call.body().to_string())),
    ];
    Some(format!("{}\n", lines.join(" \\\n  ")))
}
