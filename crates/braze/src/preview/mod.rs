//! The preview of a Braze message before it is sent: Braze's dialect of Liquid, its HTTP client's rules, and the
//! faults that a marketer meets only after launch.
//!
//! Each field of a message is rendered by itself, as Braze does: a variable that one field's `connected_content` saved is
//! unknown in the next. Requests go through a [`Fetch`] that the caller gives; the rules of Braze's client (methods, two
//! seconds, one megabyte, no redirects, the cache, allow-listed hosts) are in [`Client`].
//!
//! ```text
//! source -> lexer (text, outputs, tags with positions) -> dialect (rewritten to plain Liquid, free-form arguments kept
//! aside) -> liquid -> rendered field + calls + abort reason; lints read the lexed source
//! ```
//!
//! Behaviour follows Braze's public documentation of Liquid, Connected Content and Content Cards.

#[cfg(test)]
mod border_tests;
mod budget;
#[cfg(test)]
mod call_tests;
mod card;
mod client;
mod dialect;
mod fetch;
mod filters;
mod findings;
mod language;
mod lexer;
mod limited_filter;
mod lint;
mod names;
mod outcome;
mod plain_liquid;
mod profile;
mod report;
mod session;
mod tags;
#[cfg(test)]
mod tests;

pub use card::{CARD_BYTES_MAX, CARD_FIELDS, Message};
pub use client::{AllowList, Client, Credential, FailMode};
pub use fetch::{BODY_BYTES_MAX, Fetch, FetchFailure, Method, REPLY_TIME_MS_MAX, Reply, Request};
pub use lint::Lint;
pub use outcome::{CallRecord, Field, Outcome, Position, TemplateError};
pub use profile::{Catalogs, Profile};
pub use report::Preview;

/// Renders every field of `message` for `profile`. `now_s` dates the cache and the `date` filter's "now".
///
/// Never fails as a whole: a field that cannot be rendered carries a [`TemplateError`] with its position.
pub fn preview(message: &Message, profile: &Profile, catalogs: &Catalogs, client: &Client, now_s: i64) -> Preview {
    let mut fields = Vec::new();
    let mut calls = Vec::new();
    let mut lints = Vec::new();
    let mut printed_nothing = Vec::new();
    for (name, source) in message.fields() {
        let mut rendered = dialect::render(source, profile, catalogs, client, now_s);
        for call in &mut rendered.calls {
            call.field = name.to_owned();
        }
        let in_field = |lint: Lint| lint.in_field(name);
        lints.extend(lint::of(source).into_iter().chain(rendered.misspelt).map(in_field));
        lints.extend(lint::of_calls(&rendered.calls).into_iter().map(in_field));
        printed_nothing.extend(rendered.printed_nothing.into_iter().map(in_field));
        fields.push(Field { name: name.to_owned(), outcome: rendered.outcome });
        calls.extend(rendered.calls);
    }
    // A message that is not sent has no gaps.
    if !fields.iter().any(|field| matches!(field.outcome, Outcome::Aborted { .. })) {
        lints.extend(printed_nothing);
    }
    if message.is_card() {
        lints.extend(lint::of_field_names(&fields));
    }
    lints.extend(lint::of_images(&fields));
    let card_bytes = message.is_card().then(|| fields.iter().map(Field::bytes).sum());
    Preview { fields, calls, lints, card_bytes }
}
