//! `{{ expression }}`, as a tag, so that unknown variables render as nothing.

use crate::preview::plain_liquid;
use crate::preview::session::Session;
use liquid_core::parser::FilterChain;
use liquid_core::{Error, Language, ParseTag, Renderable, Result, Runtime, TagReflection, TagTokenIter, ValueView};
use std::io::Write;

#[derive(Debug, Clone, Copy)]
pub(in crate::preview) struct Print;

impl TagReflection for Print {
    fn tag(&self) -> &'static str {
        "print"
    }

    fn description(&self) -> &'static str {
        "writes a value"
    }
}

impl ParseTag for Print {
    fn parse(&self, mut arguments: TagTokenIter<'_>, options: &Language) -> Result<Box<dyn Renderable>> {
        let value = arguments.expect_next("a value")?;
        let text = plain_liquid::as_written(value.as_str().trim());
        let chain = value.expect_filter_chain(options).into_result()?;
        arguments.expect_nothing()?;
        Ok(Box::new(Printed { chain, text }))
    }

    fn reflection(&self) -> &dyn TagReflection {
        self
    }
}

#[derive(Debug)]
struct Printed {
    chain: FilterChain,
    /// As the customer wrote it.
    text: String,
}

impl Renderable for Printed {
    fn render_to(&self, writer: &mut dyn Write, runtime: &dyn Runtime) -> Result<()> {
        let nil_lookups = || runtime.registers().get_mut::<Session>().findings.nil_lookups();
        let before = nil_lookups();
        let text = self.chain.evaluate(runtime)?.render().to_string();
        if text.is_empty() && nil_lookups() > before {
            let mut session = runtime.registers().get_mut::<Session>();
            let at = session.at;
            if !session.in_arguments {
                session.findings.note_printed(at, &self.text);
            }
        }
        writer.write_all(text.as_bytes()).map_err(|error| Error::with_msg(error.to_string()))
    }
}
