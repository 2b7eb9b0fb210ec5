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
mod call_tests;
mod card;
mod client;
mod dialect;
mod fetch;
mod filters;
mod language;
mod lexer;
mod lint;
mod outcome;
mod plain_liquid;
mod profile;
mod report;
mod session;
mod tags;
#[cfg(test)]
mod tests;

pub use card::{CARD_BYTES_MAX, Message};
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
    for (name, source) in message.fields() {
        let (outcome, mut made) = dialect::render(source, profile, catalogs, client, now_s);
        for call in &mut made {
            call.field = name.to_owned();
        }
        lints.extend(lint::of(source).into_iter().map(|lint| lint.in_field(name)));
        fields.push(Field { name: name.to_owned(), outcome });
        calls.extend(made);
    }
    lints.extend(lint::of_images(&fields));
    let card_bytes = message.is_card().then(|| fields.iter().map(Field::bytes).sum());
    Preview { fields, calls, lints, card_bytes }
}
