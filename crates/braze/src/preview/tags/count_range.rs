//! `{% count_range FROM TO %}`: counts the numbers of a range before the loop over it makes them all.

use crate::preview::session::budget_of;
use liquid_core::{
    Expression, Language, ParseTag, Renderable, Result, Runtime, TagReflection, TagTokenIter, ValueView,
};
use std::io::Write;

#[derive(Debug, Clone, Copy)]
pub(in crate::preview) struct CountRange;

impl TagReflection for CountRange {
    fn tag(&self) -> &'static str {
        "count_range"
    }

    fn description(&self) -> &'static str {
        "counts the numbers of a range"
    }
}

impl ParseTag for CountRange {
    fn parse(&self, mut arguments: TagTokenIter<'_>, _: &Language) -> Result<Box<dyn Renderable>> {
        let mut bound = || arguments.expect_next("a number")?.expect_value().into_result();
        let (from, to) = (bound()?, bound()?);
        arguments.expect_nothing()?;
        Ok(Box::new(Range { from, to }))
    }

    fn reflection(&self) -> &dyn TagReflection {
        self
    }
}

#[derive(Debug)]
struct Range {
    from: Expression,
    to: Expression,
}

impl Renderable for Range {
    fn render_to(&self, _: &mut dyn Write, runtime: &dyn Runtime) -> Result<()> {
        let number = |bound: &Expression| bound.try_evaluate(runtime)?.as_scalar()?.to_integer();
        match (number(&self.from), number(&self.to)) {
            (Some(from), Some(to)) => budget_of(runtime).count(from, to),
            // The loop itself says what is wrong.
            _ => Ok(()),
        }
    }
}
