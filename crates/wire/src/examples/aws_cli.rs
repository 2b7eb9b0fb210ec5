//! Calls by the AWS Command Line Interface.

use super::call::{Call, service_name};
use super::{names, shell};
use serde_json::Value;

pub(super) fn text(call: &Call) -> String {
    let service = service_name(call.operation.service());
    let mut lines = vec![format!("aws {service} {}", names::words(call.operation.name(), '-'))];
    lines.push(format!("--endpoint-url {} --region {}", shell::word(call.endpoint), shell::word(call.region)));
    let members = call.members();
    if members.iter().any(|(_, _, value)| value.as_str().is_some_and(is_special)) {
        lines.push(format!("--cli-input-json {}", shell::quoted(&call.body().to_string())));
    } else {
        lines.extend(members.into_iter().map(|(name, _, value)| option(name, value)));
    }
    format!("{}\n{}\n", call.environment(), lines.join(" \\\n  "))
}

/// Whether the CLI would take a value for an option, read a file of its name, or could not be given it.
fn is_special(value: &str) -> bool {
    value.starts_with('-') || value.starts_with("file://") || value.starts_with("fileb://") || value.contains('\0')
}

fn option(name: &str, value: &Value) -> String {
    let name = names::words(name, '-');
    match value {
        Value::Bool(true) => format!("--{name}"),
        Value::Bool(false) => format!("--no-{name}"),
        Value::String(text) => format!("--{name} {}", shell::word(text)),
        other => format!("--{name} {}", shell::word(&other.to_string())),
    }
}
