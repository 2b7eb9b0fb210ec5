//! `{% connected_content URL :option value ... %}`: the answer of an endpoint inside a message.
//!
//! ```text
//! arguments = url { ":" name [ value ] }       url first; values reach up to the next " :" outside of quotes and braces
//! ```

use crate::preview::budget::{CALLS_MAX, bytes};
use crate::preview::client::{Got, Wanted};
use crate::preview::outcome::{CallRecord, Position};
use crate::preview::profile::to_liquid;
use crate::preview::session::{Session, budget_of};
use crate::preview::{Method, language};
use liquid_core::model::Value;
use liquid_core::{Error, Language, ParseTag, Renderable, Result, Runtime, TagReflection, TagTokenIter, Template};
use std::collections::BTreeMap;
use std::io::Write;
use std::sync::Arc;

/// The variable of an answer without `:save`.
const UNNAMED: &str = "connected";
/// The member that Braze adds to objects.
const STATUS_MEMBER: &str = "__http_status_code__";

/// Every option, whether it takes a value.
pub(in crate::preview) const OPTIONS: &[(&str, bool)] = &[
    ("save", true),
    ("method", true),
    ("body", true),
    ("content_type", true),
    ("headers", true),
    ("basic_auth", true),
    ("auth_credentials", true),
    ("cache_max_age", true),
    ("no_cache", false),
    ("retry", false),
    ("rerender", false),
];

/// The arguments of one tag as text, not yet compiled.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(in crate::preview) struct Arguments<'a> {
    pub url: &'a str,
    pub options: Vec<(&'a str, &'a str)>,
}

impl<'a> Arguments<'a> {
    /// Cuts the text after the tag's name; an error is the offset in `text` and what to write instead.
    pub fn parse(text: &'a str) -> std::result::Result<Self, (usize, String)> {
        let words = words(text);
        let Some(&(_, url)) = words.first() else {
            return Err((0, "connected_content needs a URL first, such as https://host/path".into()));
        };
        if url.starts_with(':') {
            return Err((0, "connected_content needs the URL before its options".into()));
        }
        let mut options = Vec::new();
        let mut rest = words.iter().skip(1).peekable();
        while let Some(&(at, word)) = rest.next() {
            let Some(name) = word.strip_prefix(':') else {
                return Err((at, format!("'{word}' is not an option; options begin with a colon, such as :save name")));
            };
            let Some(&(name, takes_value)) = OPTIONS.iter().find(|(known, _)| *known == name) else {
                return Err((at, unknown_option(name)));
            };
            let from = rest.peek().map_or(text.len(), |&&(at, _)| at);
            let mut to = from;
            while let Some(&(at, word)) = rest.next_if(|(_, word)| !is_option(word)) {
                to = at + word.len();
            }
            let value = text[from..to].trim();
            match (takes_value, value.is_empty()) {
                (true, true) => return Err((at, format!(":{name} needs a value"))),
                (false, false) => return Err((at, format!(":{name} takes no value, but '{value}' follows"))),
                _ => options.push((name, value)),
            }
        }
        Ok(Self { url, options })
    }

    /// The value of an option; an empty one for a flag.
    pub fn option(&self, name: &str) -> Option<&'a str> {
        self.options.iter().find(|(known, _)| *known == name).map(|(_, value)| *value)
    }
}

fn is_option(word: &str) -> bool {
    word.strip_prefix(':').is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_alphabetic()))
}

fn unknown_option(name: &str) -> String {
    let remedy = match name {
        "http_basic" | "basic" | "auth" => "write :basic_auth NAME with a stored login".to_owned(),
        "cache" => "write :cache_max_age SECONDS".to_owned(),
        _ => {
            let all: Vec<String> = OPTIONS.iter().map(|(name, _)| format!(":{name}")).collect();
            format!("there are {}", all.join(", "))
        }
    };
    format!(":{name} is not an option of connected_content; {remedy}")
}

/// The words of `text` with their offsets; blanks inside `{{ }}`, JSON braces and double quotes do not end a word.
fn words(text: &str) -> Vec<(usize, &str)> {
    let mut words = Vec::new();
    let (mut start, mut depth, mut quoted) = (None, 0usize, false);
    for (at, c) in text.char_indices() {
        match c {
            '"' if depth > 0 => quoted = !quoted,
            '{' if !quoted => depth += 1,
            '}' if !quoted => depth = depth.saturating_sub(1),
            _ => {}
        }
        let ends = c.is_whitespace() && depth == 0;
        match (start, ends) {
            (None, false) => start = Some(at),
            (Some(from), true) => {
                words.push((from, &text[from..at]));
                start = None;
            }
            _ => {}
        }
    }
    words.extend(start.map(|from| (from, &text[from..])));
    words
}

/// One tag, compiled.
pub(in crate::preview) struct Call {
    pub position: Position,
    pub url: Template,
    /// Every option whose value may hold Liquid.
    pub values: BTreeMap<&'static str, Template>,
    pub flags: Vec<&'static str>,
    /// The compiler of answers for `:rerender`.
    pub language: Arc<Language>,
}

#[derive(Clone)]
pub(in crate::preview) struct ConnectedContent(pub Arc<Vec<Arc<Call>>>);

impl TagReflection for ConnectedContent {
    fn tag(&self) -> &'static str {
        "connected_content"
    }

    fn description(&self) -> &'static str {
        "asks an endpoint"
    }
}

impl ParseTag for ConnectedContent {
    fn parse(&self, mut arguments: TagTokenIter<'_>, _: &Language) -> Result<Box<dyn Renderable>> {
        let number = super::number(&mut arguments)?;
        match self.0.get(number) {
            Some(call) => Ok(Box::new(Ask(call.clone()))),
            None => Err(Error::with_msg("the rewritten template has lost its arguments")),
        }
    }

    fn reflection(&self) -> &dyn TagReflection {
        self
    }
}

struct Ask(Arc<Call>);

impl std::fmt::Debug for Ask {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "connected_content at {}", self.0.position)
    }
}

impl Ask {
    fn value(&self, name: &str, runtime: &dyn Runtime) -> Result<Option<String>> {
        self.0.values.get(name).map(|template| Ok(template.render(runtime)?.trim().to_owned())).transpose()
    }

    fn has(&self, flag: &str) -> bool {
        self.0.flags.contains(&flag)
    }

    fn wanted(&self, runtime: &dyn Runtime) -> Result<Wanted> {
        let headers = match self.value("headers", runtime)? {
            Some(text) => serde_json::from_str::<BTreeMap<String, String>>(&text)
                .map_err(|error| Error::with_msg(format!(":headers is not a JSON object of texts: {error}")))?,
            None => BTreeMap::new(),
        };
        let cache_max_age_s = match self.value("cache_max_age", runtime)? {
            Some(text) => match text.parse() {
                Ok(seconds) => Some(seconds),
                Err(_) => return Err(Error::with_msg(format!(":cache_max_age takes whole seconds, not '{text}'"))),
            },
            None => None,
        };
        let post = match self.value("method", runtime)? {
            Some(method) if method.eq_ignore_ascii_case("post") => true,
            Some(method) if method.eq_ignore_ascii_case("get") => false,
            Some(method) => return Err(Error::with_msg(format!(":method is get or post, not '{method}'"))),
            None => false,
        };
        Ok(Wanted {
            url: self.0.url.render(runtime)?.trim().to_owned(),
            post,
            body: self.value("body", runtime)?,
            content_type: self.value("content_type", runtime)?,
            headers,
            basic_auth: self.value("basic_auth", runtime)?,
            auth_credentials: self.value("auth_credentials", runtime)?,
            cache_max_age_s,
            no_cache: self.has("no_cache"),
            retry: self.has("retry"),
        })
    }
}

impl Renderable for Ask {
    fn render_to(&self, writer: &mut dyn Write, runtime: &dyn Runtime) -> Result<()> {
        let arguments = |are_rendered: bool| runtime.registers().get_mut::<Session>().in_arguments = are_rendered;
        arguments(true);
        let wanted = self.wanted(runtime);
        arguments(false);
        let wanted = wanted?;
        let budget = budget_of(runtime);
        if runtime.registers().get_mut::<Session>().calls.len() >= CALLS_MAX {
            return Err(budget.exceed(format!("the template makes more than {CALLS_MAX} calls and was stopped")));
        }
        let method = if wanted.post { Method::Post } else { Method::Get };
        let mut record = CallRecord::new(self.0.position, method, wanted.url.clone());
        let (client, now_s) = {
            let session = runtime.registers().get_mut::<Session>();
            (session.client.clone(), session.now_s)
        };
        let Some(client) = client else { return Err(Error::with_msg("no client was given")) };
        let got = budget.wait_for(|| client.call(&wanted, now_s, &mut record));
        let result = match got {
            Got::Body { status, text } => self.take(status, text, &mut record, writer, runtime),
            Got::Nothing => Ok(()),
            Got::Abort(reason) => {
                runtime.registers().get_mut::<Session>().abort = Some(reason);
                Err(Error::with_msg("aborted"))
            }
        };
        runtime.registers().get_mut::<Session>().calls.push(record);
        result
    }
}

impl Ask {
    /// Saves a JSON answer, or writes one that is not JSON in place of the tag.
    fn take(
        &self,
        status: u16,
        mut text: String,
        record: &mut CallRecord,
        writer: &mut dyn Write,
        runtime: &dyn Runtime,
    ) -> Result<()> {
        if self.has("rerender") {
            text = language::compile(&text, &self.0.language)
                .map_err(|error| Error::with_msg(format!("the answer's Liquid: {error}")))?
                .render(runtime)?;
        }
        let Ok(mut json) = serde_json::from_str::<serde_json::Value>(&text) else {
            record.note.get_or_insert_with(|| "the answer is not JSON; it stands in place of the tag".to_owned());
            return writer.write_all(text.as_bytes()).map_err(|error| Error::with_msg(error.to_string()));
        };
        match &mut json {
            serde_json::Value::Object(members) => {
                members.insert(STATUS_MEMBER.to_owned(), status.into());
            }
            _ => {
                record.note.get_or_insert_with(|| format!("the answer is not an object, so it has no {STATUS_MEMBER}"));
            }
        }
        let name = self.value("save", runtime)?.unwrap_or_else(|| UNNAMED.to_owned());
        record.saved_as = Some(name.clone());
        let value: Value = to_liquid(&json);
        budget_of(runtime).make(bytes(&value))?;
        runtime.set_global(name.into(), value);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arguments_are_cut_at_options() {
        let text = "https://h/r?user_id={{${user_id} | url_param_escape}}&n=1 :save recs :headers { \"A b\": \"{{x}} :y\" } :retry";
        let arguments = Arguments::parse(text).unwrap();
        assert_eq!(arguments.url, "https://h/r?user_id={{${user_id} | url_param_escape}}&n=1");
        assert_eq!(arguments.option("save"), Some("recs"));
        assert_eq!(arguments.option("headers"), Some("{ \"A b\": \"{{x}} :y\" }"));
        assert_eq!(arguments.option("retry"), Some(""));
        assert_eq!(arguments.option("no_cache"), None);
    }

    #[test]
    fn options_begin_with_a_colon_and_a_letter() {
        assert_eq!(Arguments::parse("https://h :save :1x").unwrap().options, [("save", ":1x")]);
        assert_eq!(Arguments::parse("https://h :save :x1").unwrap_err(), (10, ":save needs a value".to_owned()));
    }

    #[test]
    fn braces_within_quotes_end_nothing() {
        let arguments = Arguments::parse("https://h :headers {\"A\": \"} :y z\"} :retry").unwrap();
        assert_eq!(arguments.options, [("headers", "{\"A\": \"} :y z\"}"), ("retry", "")]);
    }

    #[test]
    fn faulty_arguments_say_what_to_write() {
        for (text, at, expected) in [
            ("", 0, "needs a URL first"),
            (":save x", 0, "URL before its options"),
            ("https://h :http_basic me", 10, ":basic_auth NAME"),
            ("https://h :cache 5", 10, ":cache_max_age"),
            ("https://h :save", 10, ":save needs a value"),
            ("https://h :retry 3", 10, "takes no value"),
            ("https://h save x", 10, "begin with a colon"),
        ] {
            let (offset, message) = Arguments::parse(text).unwrap_err();
            assert_eq!(offset, at, "{text}");
            assert!(message.contains(expected), "{text}: {message}");
        }
    }
}
