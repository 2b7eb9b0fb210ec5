//! `{{ expression }}`, as a tag, so that unknown variables render as nothing.

use liquid_core::parser::FilterChain;
use liquid_core::{Language, ParseTag, Renderable, Result, Runtime, TagReflection, TagTokenIter};
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
        let chain = arguments.expect_next("a value")?.expect_filter_chain(options).into_result()?;
        arguments.expect_nothing()?;
        Ok(Box::new(Printed(chain)))
    }

    fn reflection(&self) -> &dyn TagReflection {
        self
    }
}

#[derive(Debug)]
struct Printed(FilterChain);

impl Renderable for Printed {
    fn render_to(&self, writer: &mut dyn Write, runtime: &dyn Runtime) -> Result<()> {
        self.0.render_to(writer, runtime)
    }
}
