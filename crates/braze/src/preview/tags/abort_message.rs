//! `{% abort_message('reason') %}`: the message is not sent.

use crate::preview::session::Session;
use liquid_core::{Error, Language, ParseTag, Renderable, Result, Runtime, TagReflection, TagTokenIter};
use std::io::Write;
use std::sync::Arc;

/// The reason that Braze logs when the template gives none.
const NO_REASON: &str = "The message was aborted by Liquid.";

#[derive(Debug, Clone)]
pub(in crate::preview) struct AbortMessage(pub Arc<Vec<String>>);

impl TagReflection for AbortMessage {
    fn tag(&self) -> &'static str {
        "abort_message"
    }

    fn description(&self) -> &'static str {
        "stops the message"
    }
}

impl ParseTag for AbortMessage {
    fn parse(&self, mut arguments: TagTokenIter<'_>, _: &Language) -> Result<Box<dyn Renderable>> {
        let reason = self.0.get(super::number(&mut arguments)?).cloned().unwrap_or_default();
        Ok(Box::new(Abort(if reason.is_empty() { NO_REASON.to_owned() } else { reason })))
    }

    fn reflection(&self) -> &dyn TagReflection {
        self
    }
}

#[derive(Debug)]
struct Abort(String);

impl Renderable for Abort {
    fn render_to(&self, _: &mut dyn Write, runtime: &dyn Runtime) -> Result<()> {
        runtime.registers().get_mut::<Session>().abort = Some(self.0.clone());
        Err(Error::with_msg("aborted"))
    }
}

/// The literal of `('reason')`, `("reason")`, `()` or nothing; an error says what to write.
pub(in crate::preview) fn reason(arguments: &str) -> std::result::Result<String, String> {
    const FORM: &str = "write {% abort_message('reason') %} with a literal text between quotes";
    let inside = match arguments.trim() {
        "" => return Ok(String::new()),
        text => text.strip_prefix('(').and_then(|t| t.strip_suffix(')')).unwrap_or(text).trim(),
    };
    if inside.is_empty() {
        return Ok(String::new());
    }
    for quote in ['\'', '"'] {
        if let Some(text) = inside.strip_prefix(quote).and_then(|t| t.strip_suffix(quote))
            && !text.contains(quote)
        {
            return Ok(text.to_owned());
        }
    }
    Err(FORM.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reasons_are_literals() {
        for (arguments, expected) in [("('no list')", "no list"), ("(\"it's\")", "it's"), ("", ""), ("()", "")] {
            assert_eq!(reason(arguments).as_deref(), Ok(expected), "{arguments}");
        }
        for arguments in ["(reason)", "('a' | append: 'b')", "({{x}})"] {
            assert!(reason(arguments).unwrap_err().contains("literal"), "{arguments}");
        }
    }
}
