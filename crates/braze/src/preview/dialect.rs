//! Braze's dialect, rewritten to plain Liquid.
//!
//! | Braze | plain |
//! |---|---|
//! | `{{ value }}` | `{% print value %}` |
//! | `${name}`, `group.${name}` | `__profile["name"]`, `group["name"]` |
//! | `{{ }}` inside a tag | its inside |
//! | `connected_content`, `catalog_items`, `abort_message` with free-form arguments | the number of the arguments, kept aside |
//!
//! Every output and tag is also compiled by itself, so that an error has the place where the customer wrote it.

use super::budget::{OutputWriter, TEMPLATE_BYTES_MAX};
use super::client::Client;
use super::findings::Finding;
use super::language::{self, CONTINUATIONS};
use super::lexer::{self, Markup, Piece};
use super::lint::{self, Lint};
use super::outcome::{CallRecord, Outcome, Position, TemplateError, shortened};
use super::plain_liquid::{BLOCKS, bounded, nested, push_mark, push_output, push_range_count, push_tag, references};
use super::profile::{Catalogs, Profile};
use super::session::{Session, budget_of};
use super::tags::abort_message::{self, AbortMessage};
use super::tags::catalog::{Catalog, Kind, Words};
use super::tags::connected_content::{Arguments, Call, ConnectedContent, OPTIONS};
use super::tags::mark::Mark;
use liquid_core::{Language, Renderable, Runtime};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use strsim::damerau_levenshtein;

/// A rendered field with everything that was noticed.
pub(super) struct Rendered {
    pub outcome: Outcome,
    pub calls: Vec<CallRecord>,
    /// Advice on names that lead nowhere.
    pub misspelt: Vec<Lint>,
    /// Advice on outputs that leave a gap.
    pub printed_nothing: Vec<Lint>,
}

/// Renders one field.
pub(super) fn render(source: &str, profile: &Profile, catalogs: &Catalogs, client: &Client, now_s: i64) -> Rendered {
    let at = |offset: usize, message: String| {
        Outcome::Failed(TemplateError { position: Position::at(source, offset), message })
    };
    let failed =
        |outcome: Outcome| Rendered { outcome, calls: Vec::new(), misspelt: Vec::new(), printed_nothing: Vec::new() };
    if source.len() > TEMPLATE_BYTES_MAX {
        let (len, most) = (source.len(), TEMPLATE_BYTES_MAX);
        return failed(at(0, format!("the template has {len} bytes; a preview takes {most} at most")));
    }
    let (plain, language) = match rewrite(source) {
        Ok(rewritten) => rewritten,
        Err((offset, message)) => return failed(at(offset, message)),
    };
    let template = match language::parse(&plain, &language) {
        Ok(template) => template,
        Err(message) => return failed(at(0, message)),
    };
    let globals = profile.globals();
    let runtime = liquid_core::runtime::RuntimeBuilder::new().set_globals(&globals).build();
    {
        let mut session = runtime.registers().get_mut::<Session>();
        session.client = Some(client.clone());
        session.catalogs = Arc::new(catalogs.clone());
        session.now_s = now_s;
    }
    let budget = budget_of(&runtime);
    let mut output = OutputWriter { text: Vec::new(), budget: budget.clone() };
    // Liquid panics on some values, such as a table of no columns.
    let result = catch_unwind(AssertUnwindSafe(|| template.render_to(&mut output, &runtime)));
    let mut session = runtime.registers().get_mut::<Session>();
    let calls = std::mem::take(&mut session.calls);
    let outcome = match (budget.exceeded(), session.abort.take(), result) {
        (Some(sentence), _, _) => at(session.at, sentence),
        (None, Some(reason), _) => Outcome::Aborted { reason },
        (None, None, Ok(Ok(()))) => Outcome::Rendered { text: String::from_utf8_lossy(&output.text).into_owned() },
        (None, None, Ok(Err(error))) => at(session.at, told(&error.to_string())),
        (None, None, Err(_)) => at(session.at, "Liquid cannot render this: a value is out of its range".to_owned()),
    };
    let lint = |Finding { code, at, message }| Lint {
        code,
        field: String::new(),
        position: Some(Position::at(source, at)),
        message,
    };
    let misspelt = session.findings.misspelt().into_iter().map(lint).collect();
    let printed_nothing = session.findings.printed_nothing(&lint::saved(source)).into_iter().map(lint).collect();
    Rendered { outcome, calls, misspelt, printed_nothing }
}

/// The message of an error while rendering, with the input that a filter could not take.
fn told(message: &str) -> String {
    let first = language::one_line(message);
    let member = |name: &str| message.lines().find_map(|line| line.trim().strip_prefix(name));
    match (member("filter="), member("input=")) {
        (Some(filter), Some(input)) => format!("{first} (filter {}, input {})", shortened(filter), shortened(input)),
        _ => first,
    }
}

/// An offset in the source, and what to write there.
type Fault = (usize, String);

fn rewrite(source: &str) -> Result<(String, Language), Fault> {
    let pieces = lexer::pieces(source).map_err(|open| {
        let opened = if open.missing == "}}" { "this output" } else { "this tag" };
        (open.at, format!("{opened} is not closed: '{}' is missing", open.missing))
    })?;
    let base = Arc::new(language::base());
    let mut aside =
        Aside { base: base.clone(), calls: Vec::new(), reasons: Vec::new(), items: Vec::new(), selections: Vec::new() };
    let mut open_blocks: Vec<(&str, usize)> = Vec::new();
    let mut plain = String::with_capacity(source.len() * 2);
    for piece in &pieces {
        match piece {
            Piece::Text(text) | Piece::Raw(text) => plain.push_str(text),
            Piece::Output(markup) => {
                bounded(markup).map_err(|message| (markup.at, message))?;
                check_output(markup, &base)?;
                push_mark(&mut plain, markup);
                push_output(&mut plain, &Markup { trims_before: false, ..*markup });
            }
            Piece::Tag(markup) => {
                let name = markup.name();
                bounded(markup).map_err(|message| (markup.at, message))?;
                balance(markup, &mut open_blocks)?;
                let continues = name.starts_with("end") || CONTINUATIONS.iter().any(|(c, _)| *c == name);
                let mut marked = *markup;
                if !continues {
                    push_mark(&mut plain, markup);
                    marked.trims_before = false;
                }
                let arguments = match aside.take(source, markup)? {
                    Some(number) => number.to_string(),
                    None => {
                        check_tag(markup, &base)?;
                        references(markup.rest())
                    }
                };
                push_range_count(&mut plain, &marked, name, &arguments);
                push_tag(&mut plain, &marked, name, &arguments);
            }
        }
    }
    if let Some((name, at)) = open_blocks.pop() {
        return Err((at, format!("{{% {name} %}} is not closed: {{% end{name} %}} is missing")));
    }
    Ok((plain, aside.language()))
}

/// The free-form arguments of Braze's tags.
struct Aside {
    base: Arc<Language>,
    calls: Vec<Arc<Call>>,
    reasons: Vec<String>,
    items: Vec<Words>,
    selections: Vec<Words>,
}

impl Aside {
    /// Keeps the arguments of one of Braze's own tags and gives their number; `None` for other tags.
    fn take(&mut self, source: &str, markup: &Markup<'_>) -> Result<Option<usize>, Fault> {
        let rest = markup.rest();
        let rest_at = markup.inner_at + (markup.inner.len() - rest.len());
        let compile = |text: &str, offset: usize| {
            language::compile(text, &self.base).map_err(|message| (rest_at + offset, message))
        };
        match markup.name() {
            "connected_content" => {
                let arguments = Arguments::parse(rest).map_err(|(offset, message)| (rest_at + offset, message))?;
                let mut call = Call {
                    position: Position::at(source, markup.at),
                    url: compile(arguments.url, 0)?,
                    values: Default::default(),
                    flags: Vec::new(),
                    language: self.base.clone(),
                };
                for &(name, takes_value) in OPTIONS {
                    match (arguments.option(name), takes_value) {
                        (Some(value), true) => drop(call.values.insert(name, compile(value, 0)?)),
                        (Some(_), false) => call.flags.push(name),
                        (None, _) => {}
                    }
                }
                self.calls.push(Arc::new(call));
                Ok(Some(self.calls.len() - 1))
            }
            "abort_message" => {
                let reason = abort_message::reason(rest).map_err(|message| (rest_at, message))?;
                self.reasons.push(reason);
                Ok(Some(self.reasons.len() - 1))
            }
            name @ ("catalog_items" | "catalog_selection_items") => {
                if rest.is_empty() {
                    return Err((markup.inner_at, format!("{name} needs the name of a catalog")));
                }
                let words = vec![Arc::new(compile(rest, 0)?)];
                let tags = if name == "catalog_items" { &mut self.items } else { &mut self.selections };
                tags.push(words);
                Ok(Some(tags.len() - 1))
            }
            _ => Ok(None),
        }
    }

    fn language(self) -> Language {
        let mut language = (*self.base).clone();
        language::add_tag(&mut language, Box::new(ConnectedContent(Arc::new(self.calls))));
        language::add_tag(&mut language, Box::new(AbortMessage(Arc::new(self.reasons))));
        language::add_tag(&mut language, Box::new(Catalog { kind: Kind::Items, tags: Arc::new(self.items) }));
        language::add_tag(&mut language, Box::new(Catalog { kind: Kind::Selection, tags: Arc::new(self.selections) }));
        language::add_tag(&mut language, Box::new(Mark));
        language
    }
}

/// Opens, continues and closes blocks.
fn balance<'a>(markup: &Markup<'a>, open: &mut Vec<(&'a str, usize)>) -> Result<(), Fault> {
    let name = markup.name();
    if BLOCKS.contains(&name) {
        open.push((name, markup.at));
        return nested(open.len()).map_err(|message| (markup.at, message));
    }
    if let Some((_, within)) = CONTINUATIONS.iter().find(|(continuation, _)| *continuation == name) {
        return match open.last() {
            Some((block, _)) if within.contains(block) => Ok(()),
            _ => Err((markup.at, format!("{{% {name} %}} stands outside of {{% {} %}}", within[0]))),
        };
    }
    if let Some(block) = name.strip_prefix("end") {
        return match open.pop() {
            Some((opened, _)) if opened == block => Ok(()),
            Some((opened, _)) => {
                Err((markup.at, format!("{{% {name} %}} closes {{% {opened} %}}; write {{% end{opened} %}}")))
            }
            None => Err((markup.at, format!("{{% {name} %}} closes nothing"))),
        };
    }
    Ok(())
}

fn check_output(markup: &Markup<'_>, language: &Language) -> Result<(), Fault> {
    if markup.inner.is_empty() {
        return Ok(());
    }
    let mut alone = String::new();
    push_output(&mut alone, markup);
    language::parse(&alone, language).map(drop).map_err(|message| (markup.inner_at, advised(message, markup, language)))
}

/// A tag of its own, or the opening of a block with an empty body.
fn check_tag(markup: &Markup<'_>, language: &Language) -> Result<(), Fault> {
    let name = markup.name();
    let arguments = references(markup.rest());
    let alone = match name {
        "if" | "unless" | "for" | "capture" | "tablerow" | "case" => {
            format!("{{% {name} {arguments} %}}{{% end{name} %}}")
        }
        "elsif" => format!("{{% if {arguments} %}}{{% endif %}}"),
        "when" => format!("{{% case 1 %}}{{% when {arguments} %}}{{% endcase %}}"),
        "else" | "raw" | "comment" => return Ok(()),
        _ if name.starts_with("end") => return Ok(()),
        _ if language.tags.get(name).is_some() => format!("{{% {name} {arguments} %}}"),
        _ => return Err((markup.at, unknown_tag(markup))),
    };
    language::parse(&alone, language).map(drop).map_err(|message| (markup.inner_at, advised(message, markup, language)))
}

fn unknown_tag(markup: &Markup<'_>) -> String {
    let inner = markup.inner;
    let name = markup.name();
    let looks_like_a_value = inner.len() > name.len() && inner[name.len()..].starts_with(['.', '[']);
    if looks_like_a_value || inner.starts_with("${") {
        return format!(
            "{{% {inner} %}} is a tag, and there is none called '{name}'; to print the value write {{{{{inner}}}}}"
        );
    }
    format!("there is no tag '{name}'; to print a value write {{{{ {inner} }}}}")
}

/// Names the nearest filter when one is unknown.
fn advised(message: String, markup: &Markup<'_>, language: &Language) -> String {
    let known: Vec<&str> = language.filters.plugin_names().collect();
    let used = markup.inner.split('|').skip(1).map(|f| f.trim().split([':', ' ']).next().unwrap_or_default());
    let unknown = used.into_iter().find(|name| !name.is_empty() && !known.contains(name));
    let Some(unknown) = unknown else { return message };
    let nearest = known.iter().map(|name| (damerau_levenshtein(name, unknown), *name)).min();
    match nearest {
        Some((steps, name)) if steps <= 3 => format!("there is no filter '{unknown}'; did you mean {name}?"),
        _ => format!("there is no filter '{unknown}'"),
    }
}
