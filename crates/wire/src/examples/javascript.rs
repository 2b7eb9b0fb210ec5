//! Calls by the AWS SDK for JavaScript, version 3.

use super::call::{Call, service_name};
use crate::service::Service;
use crate::shape::Shape;
use serde_json::Value;

pub(super) fn text(call: &Call) -> String {
    let service = call.operation.service();
    let client = match service {
        Service::Personalize => "PersonalizeClient",
        Service::Runtime => "PersonalizeRuntimeClient",
        Service::Events => "PersonalizeEventsClient",
    };
    let name = call.operation.name();
    let body = call.body();
    let input = literal(&body, call.operation.descriptor().constraints, 0);
    format!(
        "// {}\nimport {{ {client}, {name}Command }} from \"@aws-sdk/client-{}\";\n\n\
         const client = new {client}({{ endpoint: {}, region: {} }});\n\
         const answer = await client.send(new {name}Command({input}));\nconsole.log(answer);\n",
        call.environment(),
        service_name(service),
        Value::from(call.endpoint),
        Value::from(call.region)
    )
}

/// `value` as an expression of JavaScript. Times are the only values that JSON writes in another way.
fn literal(value: &Value, shape: &Shape, indent: usize) -> String {
    match (value, shape) {
        (Value::Number(seconds), Shape::Timestamp) => format!("new Date({seconds} * 1000)"),
        (Value::String(_), Shape::Timestamp) => format!("new Date({value})"),
        (Value::Object(members), _) if !members.is_empty() => {
            let entry = |(name, value): (&String, &Value)| {
                let member = literal(value, of_member(shape, name), indent + 2);
                format!("{}: {member}", Value::from(name.as_str()))
            };
            block('{', '}', indent, members.iter().map(entry))
        }
        (Value::Array(values), _) if !values.is_empty() => {
            let shape = if let Shape::List { member, .. } = shape { member } else { &Shape::Boolean };
            block('[', ']', indent, values.iter().map(|value| literal(value, shape, indent + 2)))
        }
        _ => value.to_string(),
    }
}

/// The shape of a member of a structure or of a map's values; one that changes nothing for what the model does not know.
fn of_member(shape: &Shape, name: &str) -> &'static Shape {
    match shape {
        Shape::Structure { members } => {
            members.iter().find(|member| member.name == name).map_or(&Shape::Boolean, |member| member.shape)
        }
        Shape::Map { value, .. } => value,
        _ => &Shape::Boolean,
    }
}

fn block(open: char, close: char, indent: usize, entries: impl Iterator<Item = String>) -> String {
    let inner = " ".repeat(indent + 2);
    let entries: String = entries.map(|entry| format!("{inner}{entry},\n")).collect();
    format!("{open}\n{entries}{}{close}", " ".repeat(indent))
}
