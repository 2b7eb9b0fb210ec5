//! `{% mark N %}`: remembers where in the source the next output or tag stands, for errors while rendering.

use crate::preview::session::Session;
use liquid_core::{Language, ParseTag, Renderable, Result, Runtime, TagReflection, TagTokenIter};
use std::io::Write;

#[derive(Debug, Clone, Copy)]
pub(in crate::preview) struct Mark;

impl TagReflection for Mark {
    fn tag(&self) -> &'static str {
        "mark"
    }

    fn description(&self) -> &'static str {
        "remembers a place"
    }
}

impl ParseTag for Mark {
    fn parse(&self, mut arguments: TagTokenIter<'_>, _: &Language) -> Result<Box<dyn Renderable>> {
        Ok(Box::new(At(super::number(&mut arguments)?)))
    }

    fn reflection(&self) -> &dyn TagReflection {
        self
    }
}

#[derive(Debug)]
struct At(usize);

impl Renderable for At {
    fn render_to(&self, _: &mut dyn Write, runtime: &dyn Runtime) -> Result<()> {
        runtime.registers().get_mut::<Session>().at = self.0;
        Ok(())
    }
}
