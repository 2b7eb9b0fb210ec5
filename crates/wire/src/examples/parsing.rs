//! Readers of rendered examples, for tests: each gives the input that the text would send.

use crate::operation::Operation;
use crate::shape::Shape;
use serde_json::{Map, Value};
use std::collections::HashMap;

/// The input of a command of the AWS CLI, by the model of `operation`.
pub(super) fn aws_cli(text: &str, operation: Operation) -> Value {
    let (environment, command) = text.split_once('\n').unwrap();
    assert!(environment.starts_with("eval \"$(tastemaker env"), "{environment}");
    let words = shlex::split(&joined(command)).unwrap();
    assert_eq!(words[0], "aws");
    let Shape::Structure { members } = operation.descriptor().constraints else { panic!("{operation:?}") };
    let options: HashMap<String, (&str, &Shape)> =
        members.iter().map(|member| (kebab(member.name), (member.name, member.shape))).collect();
    let mut input = Map::new();
    let mut words = words.into_iter().skip(3);
    while let Some(word) = words.next() {
        let option = word.strip_prefix("--").unwrap();
        match option {
            "endpoint-url" | "region" => drop(words.next().unwrap()),
            "cli-input-json" => return serde_json::from_str(&words.next().unwrap()).unwrap(),
            _ => {
                let negated = option.strip_prefix("no-").filter(|option| options.contains_key(*option));
                let (name, shape) = options[negated.unwrap_or(option)];
                let value = match shape {
                    Shape::Boolean => Value::Bool(negated.is_none()),
                    Shape::String { .. } => Value::String(words.next().unwrap()),
                    _ => serde_json::from_str(&words.next().unwrap()).unwrap(),
                };
                assert!(input.insert(name.to_owned(), value).is_none(), "{name} twice");
            }
        }
    }
    Value::Object(input)
}

/// The lines of a command as one, as a shell joins them.
fn joined(command: &str) -> String {
    command.replace(" \\\n ", " ")
}

/// botocore's regular expressions for names, applied as it does.
fn kebab(name: &str) -> String {
    let first = regex::Regex::new("(.)([A-Z][a-z]+)").unwrap();
    let end = regex::Regex::new("([a-z0-9])([A-Z])").unwrap();
    let text = first.replace_all(name, "$1-$2").into_owned();
    end.replace_all(&text, "$1-$2").to_lowercase()
}

/// The keyword arguments of the call in a script for boto3.
pub(super) fn boto3(text: &str) -> Value {
    let call = &text[text.find("answer = client.").unwrap()..];
    let arguments = &call[call.find('(').unwrap() + 1..call.rfind(")\nprint").unwrap()];
    let mut json = python_to_json(arguments);
    // `name=` at the beginning of an argument becomes a member.
    let keyword = regex::Regex::new(r"(?m)^    (\w+)=").unwrap();
    json = keyword.replace_all(&json, "\"$1\": ").into_owned();
    let json = format!("{{{json}}}");
    let comma = regex::Regex::new(r",\s*([}\]])").unwrap();
    serde_json::from_str(&outside_texts(&json, |part| comma.replace_all(part, "$1").into_owned())).unwrap()
}

fn python_to_json(text: &str) -> String {
    outside_texts(text, |part| part.replace("True", "true").replace("False", "false").replace("None", "null"))
}

/// Changes what stands outside of texts in double quotes. A comma and what closes after it are never parted by a text.
fn outside_texts(text: &str, change: impl Fn(&str) -> String) -> String {
    let quoted = regex::Regex::new(r#""(?:[^"\\]|\\.)*""#).unwrap();
    let mut changed = String::new();
    let mut at = 0;
    for found in quoted.find_iter(text) {
        changed.push_str(&change(&text[at..found.start()]));
        changed.push_str(found.as_str());
        at = found.end();
    }
    changed.push_str(&change(&text[at..]));
    changed
}

/// The body that a command of curl sends.
pub(super) fn curl(text: &str) -> Value {
    let (_, command) = text.split_once('\n').unwrap();
    let words = shlex::split(command).unwrap();
    let at = words.iter().position(|word| word == "--data-binary").unwrap();
    serde_json::from_str(&words[at + 1]).unwrap()
}

/// The object that a script for JavaScript passes, with times as seconds.
pub(super) fn javascript(text: &str) -> Value {
    let start = text.find("Command(").unwrap() + "Command(".len();
    let object = &text[start..text.rfind("));\n").unwrap()];
    let date = regex::Regex::new(r"new Date\((\d+(?:\.\d+)?) \* 1000\)").unwrap();
    let comma = regex::Regex::new(r",\s*([}\]])").unwrap();
    let json = outside_texts(object, |part| comma.replace_all(&date.replace_all(part, "$1"), "$1").into_owned());
    serde_json::from_str(&json).unwrap()
}
