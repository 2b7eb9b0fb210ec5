//! Printed answers beside those of a command.
//!
//! Times and generated ids differ from run to run and are not compared. Fractions may differ by a tenth and a twentieth, as a model's
//! numbers do between machines, and of listed items at least a third must be the printed ones. Everything else is equal. A line
//! `...` stands for any lines.

use serde_json::Value;
use std::collections::BTreeSet;

/// Says what differs.
pub fn compare(printed: &[String], given: &[String]) -> Result<(), String> {
    let (printed, given) = (trimmed(printed), trimmed(given));
    if let (Some(printed), Some(given)) = (json(&printed), json(&given)) {
        return same_json(&printed, &given, "$");
    }
    let lines = |lines: &[&str]| lines.iter().map(|line| Line::read(line)).collect::<Vec<_>>();
    let (printed, given) = (lines(&printed), lines(&given));
    same_lines(&printed, &given)?;
    let items = |lines: &[Line]| lines.iter().flat_map(|line| line.items.clone()).collect::<Vec<_>>();
    shared(&items(&printed), &items(&given))
}

/// Without blanks at the ends of lines and of the answer.
fn trimmed(lines: &[String]) -> Vec<&str> {
    let lines: Vec<&str> = lines.iter().map(|line| line.trim_end()).collect();
    let first = lines.iter().position(|line| !line.is_empty()).unwrap_or(lines.len());
    let last = lines.iter().rposition(|line| !line.is_empty()).map_or(first, |at| at + 1);
    lines[first..last].to_vec()
}

fn json(lines: &[&str]) -> Option<Value> {
    let value: Value = serde_json::from_str(&lines.join("\n")).ok()?;
    (value.is_object() || value.is_array()).then_some(value)
}

fn same_json(printed: &Value, given: &Value, at: &str) -> Result<(), String> {
    match (printed, given) {
        (Value::Object(a), Value::Object(b)) => {
            let names = |object: &serde_json::Map<String, Value>| object.keys().cloned().collect::<BTreeSet<_>>();
            if names(a) != names(b) {
                return Err(format!("{at} has the members {:?}, printed are {:?}", names(b), names(a)));
            }
            a.iter().try_for_each(|(name, value)| same_json(value, &b[name], &format!("{at}.{name}")))
        }
        (Value::Array(a), Value::Array(b)) => {
            if a.len() != b.len() {
                return Err(format!("{at} has {} elements, printed are {}", b.len(), a.len()));
            }
            let ids = |list: &[Value]| list.iter().map(id).collect::<Option<Vec<String>>>();
            let (Some(printed), Some(given)) = (ids(a), ids(b)) else {
                return a.iter().zip(b).enumerate().try_for_each(|(n, (a, b))| same_json(a, b, &format!("{at}[{n}]")));
            };
            shared(&printed, &given).map_err(|why| format!("{at}: {why}"))?;
            a.iter().zip(&printed).try_for_each(|(item, id)| {
                let place = given.iter().position(|other| other == id);
                place.map_or(Ok(()), |n| same_json(item, &b[n], &format!("{at}[{n}]")))
            })
        }
        (Value::Number(a), Value::Number(b)) if a.is_f64() || b.is_f64() => {
            near(a.as_f64().unwrap_or(f64::NAN), b.as_f64().unwrap_or(f64::NAN)).map_err(|why| format!("{at}: {why}"))
        }
        (Value::String(a), Value::String(b)) => {
            let (a, b) = (Line::read(a), Line::read(b));
            same_line(&a, &b).map_err(|why| format!("{at}: {why}"))
        }
        (a, b) if a == b => Ok(()),
        (a, b) => Err(format!("{at} is {b}, printed is {a}")),
    }
}

/// The id of a listed item.
fn id(value: &Value) -> Option<String> {
    let id = match value {
        Value::String(id) => Some(id.as_str()),
        object => object["id"].as_str().or(object["itemId"].as_str()),
    };
    id.filter(|id| is_item(id)).map(str::to_owned)
}

/// Whether it is a product of the sample shop.
fn is_item(word: &str) -> bool {
    word.len() == 5 && word.starts_with('p') && word[1..].bytes().all(|b| b.is_ascii_digit())
}

/// At least a third of the printed items must be among the given.
fn shared(printed: &[String], given: &[String]) -> Result<(), String> {
    let both = printed.iter().filter(|item| given.contains(item)).count();
    if both * 3 < printed.len() {
        return Err(format!("the items are {given:?}, printed are {printed:?}"));
    }
    Ok(())
}

fn near(printed: f64, given: f64) -> Result<(), String> {
    if (printed - given).abs() <= 0.1 * printed.abs() + 0.05 {
        return Ok(());
    }
    Err(format!("{given}, printed is {printed}"))
}

/// A line apart: what is compared as text, and the rest.
struct Line {
    text: String,
    fractions: Vec<f64>,
    items: Vec<String>,
}

impl Line {
    fn read(line: &str) -> Self {
        let (mut text, mut fractions, mut items) = (String::new(), Vec::new(), Vec::new());
        let mut rest = line;
        while !rest.is_empty() {
            let is_word = |c: char| c.is_ascii_alphanumeric() || c == '.' || c == '-' || c == '_';
            let length = rest.find(|c| !is_word(c)).unwrap_or(rest.len());
            if length == 0 {
                let c = rest.chars().next().unwrap_or(' ');
                // Columns move with the width of numbers.
                if !(c == ' ' && text.ends_with(' ')) {
                    text.push(c);
                }
                rest = &rest[c.len_utf8()..];
                continue;
            }
            let word = &rest[..length];
            rest = &rest[length..];
            let timed = rest.starts_with(" s") && !rest[2..].starts_with(is_word) || rest.starts_with(" ms");
            match word.parse::<f64>() {
                Ok(_) if timed && word.contains('.') => text.push('#'),
                Ok(fraction) if word.contains('.') => {
                    fractions.push(fraction);
                    text.push('#');
                }
                _ if is_item(word) => {
                    items.push(word.to_owned());
                    text.push_str("p#");
                }
                _ if is_generated(word) => text.push('#'),
                _ => text.push_str(word),
            }
        }
        Self { text, fractions, items }
    }
}

/// Whether a word was drawn: eight or 32 hexadecimal digits or a UUID, with digits in them; also behind `RID-`.
fn is_generated(word: &str) -> bool {
    let word = word.strip_prefix("RID-").unwrap_or(word);
    let hex = word.bytes().all(|b| b.is_ascii_hexdigit() || b == b'-');
    hex && matches!(word.len(), 8 | 32 | 36) && !word.bytes().all(|b| b.is_ascii_digit())
        || word.len() == 8 && word.bytes().all(|b| b.is_ascii_digit())
}

fn same_line(printed: &Line, given: &Line) -> Result<(), String> {
    if printed.text != given.text || printed.fractions.len() != given.fractions.len() {
        return Err(format!("'{}', printed is '{}'", given.text, printed.text));
    }
    printed.fractions.iter().zip(&given.fractions).try_for_each(|(a, b)| near(*a, *b))
}

fn same_lines(printed: &[Line], given: &[Line]) -> Result<(), String> {
    let Some((first, others)) = printed.split_first() else {
        return given.first().map_or(Ok(()), |line| Err(format!("'{}' is not printed", line.text)));
    };
    if first.text == "..." {
        let found = (0..=given.len()).find(|skipped| same_lines(others, &given[*skipped..]).is_ok());
        return found.map(drop).ok_or_else(|| {
            format!("nothing in the answer is '{}'", others.first().map_or("its end", |line| line.text.as_str()))
        });
    }
    let Some((line, rest)) = given.split_first() else {
        return Err(format!("'{}' is missing", first.text));
    };
    same_line(first, line)?;
    same_lines(others, rest)
}

#[test]
fn answers_may_differ_where_machines_do() {
    let lines = |text: &str| text.lines().map(str::to_owned).collect::<Vec<_>>();
    for (printed, given, same) in [
        ("a\n\n", "a", true),
        ("a", "b", false),
        ("a\n...\nd", "a\nb\nc\nd", true),
        ("a\n...", "a", true),
        ("a\n...\nd", "a\nb", false),
        ("a", "a\nb", false),
        ("  coverage   0.8688   0.0521", "  coverage 0.9001 0.05", true),
        ("coverage 0.87", "coverage 0.47", false),
        ("480 products", "481 products", false),
        ("trained (15.1 s)", "trained (0.2 s)", true),
        ("p0001 p0002 p0003", "p0003 p0004 p0005", true),
        ("p0001 p0002 p0003", "p0006 p0004 p0005", false),
        (r#"{"arn": "solution/x/12140f8b"}"#, r#"{"arn": "solution/x/0a55ffee"}"#, true),
        (r#"{"arn": "solution/x/12140f8b"}"#, r#"{"arn": "solution/y/0a55ffee"}"#, false),
        (r#"{"a": 1}"#, r#"{"a": 1, "b": 2}"#, false),
        (
            r#"{"recommendationId": "RID-3276e9c2-c9d3-4419-a023-38c35956269c"}"#,
            r#"{"recommendationId": "RID-00000000-c9d3-4419-a023-38c35956269c"}"#,
            true,
        ),
        (r#"[{"id":"p0134","price":84.90}]"#, r#"[{"id":"p0134","price":44.90}]"#, false),
        (
            r#"[{"id":"p0134","price":84.90},{"id":"p0135","price":1}]"#,
            r#"[{"id":"p0135","price":1},{"id":"p0136","price":3}]"#,
            true,
        ),
        (r#"{"events":1}"#, r#"{"events":2}"#, false),
    ] {
        assert_eq!(compare(&lines(printed), &lines(given)).is_ok(), same, "{printed} | {given}");
    }
}
