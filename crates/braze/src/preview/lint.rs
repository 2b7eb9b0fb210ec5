//! Lints: faults of a template that renders well and fails for some users later, each with the remedy.

use super::card::CARD_FIELDS;
use super::lexer::{self, Markup, Piece};
use super::names::is_near;
use super::outcome::{CallRecord, Field, Outcome, Position};
use super::tags::connected_content::Arguments;
use serde::Serialize;
use std::fmt;

/// One piece of advice.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Lint {
    /// A stable word for it.
    pub code: &'static str,
    /// The field it is about.
    pub field: String,
    /// Where, if it is about a place.
    pub position: Option<Position>,
    /// The consequence, and the text to write instead.
    pub message: String,
}

impl Lint {
    pub(super) fn in_field(mut self, field: &str) -> Self {
        field.clone_into(&mut self.field);
        self
    }
}

impl fmt::Display for Lint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.position {
            Some(position) => write!(f, "{} ({position}): {} [{}]", self.field, self.message, self.code),
            None => write!(f, "{}: {} [{}]", self.field, self.message, self.code),
        }
    }
}

/// Advice on a template, rendered or not.
pub(super) fn of(source: &str) -> Vec<Lint> {
    let Ok(pieces) = lexer::pieces(source) else { return Vec::new() };
    let mut lints = Vec::new();
    let mut say = |code, at: usize, message: String| {
        lints.push(Lint { code, field: String::new(), position: Some(Position::at(source, at)), message });
    };
    let tags: Vec<&Markup<'_>> =
        pieces.iter().filter_map(|p| if let Piece::Tag(m) = p { Some(m) } else { None }).collect();
    let aborts = tags.iter().any(|tag| tag.name() == "abort_message");
    for tag in tags.iter().filter(|tag| tag.name() == "connected_content") {
        let Ok(arguments) = Arguments::parse(tag.rest()) else { continue };
        let url = arguments.url;
        if let Some((scheme, rest)) = url.split_once(":/")
            && !rest.starts_with('/')
        {
            say("one-slash", tag.at, format!("{scheme}:/ has one slash and is not an absolute URL; write {scheme}://"));
        }
        if url.starts_with("http://") && !local(url) {
            say("no-tls", tag.at, "http:// sends the user's id in the open; write https://".to_owned());
        }
        for output in unescaped(url) {
            let inner = output.trim_matches(['{', '}']).trim();
            let inner = if output.starts_with("{{${") { format!("{inner}}}") } else { inner.to_owned() };
            say(
                "unescaped",
                tag.at,
                format!(
                    "{output} stands unescaped in the URL; ids with &, #, + or blanks break it; write {{{{{inner} | url_param_escape}}}}"
                ),
            );
        }
        if !aborts {
            let name = arguments.option("save").unwrap_or("connected");
            say(
                "no-abort",
                tag.at,
                format!(
                    "nothing stops the message when the list is empty or the call fails; add {{% if {name} == nil or {name}.size == 0 %}}{{% abort_message('no recommendation') %}}{{% endif %}}"
                ),
            );
        }
        if let Some(name) = arguments.option("save") {
            let checked = tags.iter().find(|tag| {
                matches!(tag.name(), "if" | "unless" | "elsif")
                    && tag.rest().contains(&format!("{name}.__http_status_code__"))
            });
            if let Some(check) = checked {
                if array_expected(url) {
                    say(
                        "status-of-array",
                        check.at,
                        format!("an array has no __http_status_code__; ask for shape=object, or check {name} == nil"),
                    );
                }
                if arguments.option("retry").is_some() && aborts {
                    say(
                        "abort-and-retry",
                        check.at,
                        "an abort on the status wins over :retry, so there is never a further try; keep one of them"
                            .to_owned(),
                    );
                }
            }
        }
    }
    lints
}

/// The flat form of `/recommendations` is an array unless another shape is asked for.
fn array_expected(url: &str) -> bool {
    url.contains("/recommendations") && !url.contains("shape=object") && !url.contains("shape=personalize")
}

fn local(url: &str) -> bool {
    ["http://127.", "http://localhost", "http://[::1]"].iter().any(|host| url.starts_with(host))
}

/// Outputs in the query of `url` without an escaping filter.
fn unescaped(url: &str) -> Vec<&str> {
    let mut found = Vec::new();
    let mut rest = url;
    while let Some(start) = rest.find("{{") {
        let output = &rest[start..];
        let braces = || output.find("}}").map(|end| end + 2);
        let names_a_user = braces().is_some_and(|end| output[..end].contains("${"));
        let end = if names_a_user { output.find("}}}").map(|end| end + 3).or_else(braces) } else { braces() };
        // `{{${a} | f}}` ends with two braces, the first of `${a}` belonging to the name.
        let end = match output.find('|') {
            Some(bar) if end.is_none_or(|end| bar < end) => output[bar..].find("}}").map(|end| bar + end + 2),
            _ => end,
        };
        let Some(end) = end else { break };
        let output = &output[..end];
        if !["url_param_escape", "url_encode", "url_escape"].iter().any(|filter| output.contains(filter)) {
            found.push(output);
        }
        rest = &rest[start + end..];
    }
    found
}

/// The variables that the calls of a template save their answers as.
pub(super) fn saved(source: &str) -> Vec<&str> {
    let pieces = lexer::pieces(source).unwrap_or_default();
    let calls = pieces.iter().filter_map(|piece| match piece {
        Piece::Tag(tag) if tag.name() == "connected_content" => Arguments::parse(tag.rest()).ok(),
        _ => None,
    });
    calls.map(|arguments| arguments.option("save").unwrap_or("connected")).collect()
}

/// Advice on calls without a login that the endpoint refused.
pub(super) fn of_calls(calls: &[CallRecord]) -> Vec<Lint> {
    let logs_in = |call: &CallRecord| {
        call.request_headers
            .iter()
            .any(|(name, _)| ["authorization", "x-api-key"].contains(&&*name.to_ascii_lowercase()))
    };
    let refused = calls.iter().filter(|call| call.status == 401 && !logs_in(call));
    let advice = refused.map(|call| Lint {
        code: "no-login",
        field: String::new(),
        position: Some(call.position),
        message: "the endpoint wants a token; name a stored login with :basic_auth, as in :basic_auth tastemaker"
            .to_owned(),
    });
    advice.collect()
}

/// Advice on names of a card's fields that are almost those that Braze knows, and would be sent as key-value pairs.
pub(super) fn of_field_names(fields: &[Field]) -> Vec<Lint> {
    let advice = fields.iter().filter(|field| !CARD_FIELDS.contains(&field.name.as_str())).filter_map(|field| {
        let near = CARD_FIELDS.iter().filter(|known| is_near(&field.name, known));
        let nearest = near.min_by_key(|known| strsim::damerau_levenshtein(&field.name, known))?;
        Some(Lint {
            code: "card-field",
            field: field.name.clone(),
            position: None,
            message: format!(
                "a Content Card has no field '{}', which is sent as a key-value pair; did you mean {nearest}?",
                field.name
            ),
        })
    });
    advice.collect()
}

/// Advice on rendered image fields: Content Cards show PNG, JPEG and GIF.
pub(super) fn of_images(fields: &[Field]) -> Vec<Lint> {
    let images = fields.iter().filter(|field| field.name.contains("image"));
    images
        .filter_map(|field| {
            let Outcome::Rendered { text } = &field.outcome else { return None };
            let path = text.trim().split(['?', '#']).next().unwrap_or_default().to_ascii_lowercase();
            let fits = path.is_empty() || [".png", ".jpg", ".jpeg", ".gif"].iter().any(|end| path.ends_with(end));
            (!fits).then(|| Lint {
                code: "image-type",
                field: field.name.clone(),
                position: None,
                message: format!(
                    "'{}' does not end in .png, .jpg or .gif; Content Cards show no other images",
                    text.trim()
                ),
            })
        })
        .collect()
}
