//! Calls by boto3, the AWS SDK for Python.

use super::call::{Call, service_name};
use super::names;
use serde_json::Value;

pub(super) fn text(call: &Call) -> String {
    let service = service_name(call.operation.service());
    let mut text = format!(
        "# {}\nimport boto3\n\nclient = boto3.client({}, endpoint_url={}, region_name={})\n",
        call.environment(),
        literal(&service.into(), 0),
        literal(&call.endpoint.into(), 0),
        literal(&call.region.into(), 0)
    );
    let arguments: Vec<String> =
        call.members().into_iter().map(|(name, _, value)| format!("    {name}={},\n", literal(value, 4))).collect();
    let method = names::words(call.operation.name(), '_');
    let arguments = if arguments.is_empty() { String::new() } else { format!("\n{}", arguments.concat()) };
    text.push_str(&format!("answer = client.{method}({arguments})\nprint(answer)\n"));
    text
}

/// `value` as a literal of Python; lines after the first are indented by `indent` and more.
fn literal(value: &Value, indent: usize) -> String {
    match value {
        Value::Null => "None".to_owned(),
        Value::Bool(true) => "True".to_owned(),
        Value::Bool(false) => "False".to_owned(),
        // JSON's numbers mean the same in Python, and so do its texts as serde_json writes them: it escapes control characters,
        // quotes and backslashes, and leaves all others as they are.
        Value::Number(_) | Value::String(_) => value.to_string(),
        Value::Array(values) if values.is_empty() => "[]".to_owned(),
        Value::Object(members) if members.is_empty() => "{}".to_owned(),
        Value::Array(values) => block('[', ']', indent, values.iter().map(|value| literal(value, indent + 4))),
        Value::Object(members) => block(
            '{',
            '}',
            indent,
            members
                .iter()
                .map(|(name, value)| format!("{}: {}", Value::String(name.clone()), literal(value, indent + 4))),
        ),
    }
}

fn block(open: char, close: char, indent: usize, entries: impl Iterator<Item = String>) -> String {
    let inner = " ".repeat(indent + 4);
    let entries: String = entries.map(|entry| format!("{inner}{entry},\n")).collect();
    format!("{open}\n{entries}{}{close}", " ".repeat(indent))
}
