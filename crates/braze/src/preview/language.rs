//! The Liquid that Braze runs, on top of the standard one: unknown variables are nothing instead of an error.

use super::budget::{CountedWriter, bytes};
use super::findings::NilLookup;
use super::limited_filter::LimitedFilter;
use super::session::{Session, budget_of};
use super::tags::count_range::CountRange;
use super::tags::print::Print;
use super::{filters, plain_liquid};
use liquid_core::model::{KString, KStringCow, KStringRef, ScalarCow, Value, ValueCow, ValueView};
use liquid_core::parser::{ParseBlock, ParseFilter, TagBlock};
use liquid_core::runtime::{PartialStore, Registers};
use liquid_core::{
    BlockReflection, Language, ParseTag, Renderable, Result, Runtime, TagReflection, TagTokenIter, Template,
};
use liquid_lib::stdlib;
use std::any::Any;
use std::collections::BTreeSet;
use std::io::Write;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// Tags that continue or close a block, by the block that they belong to.
pub(super) const CONTINUATIONS: &[(&str, &[&str])] =
    &[("else", &["if", "unless", "case", "for"]), ("elsif", &["if", "unless"]), ("when", &["case"])];

/// The language without Braze's tags: what URLs, option values and rerendered answers may hold.
pub(super) fn base() -> Language {
    let mut language = Language::empty();
    for tag in [
        Box::new(stdlib::AssignTag) as Box<dyn ParseTag>,
        Box::new(stdlib::BreakTag),
        Box::new(stdlib::ContinueTag),
        Box::new(stdlib::CycleTag),
        Box::new(stdlib::IncrementTag),
        Box::new(stdlib::DecrementTag),
        Box::new(Print),
        Box::new(CountRange),
    ] {
        add_tag(&mut language, tag);
    }
    for block in [
        Box::new(stdlib::RawBlock) as Box<dyn ParseBlock>,
        Box::new(stdlib::IfBlock),
        Box::new(stdlib::UnlessBlock),
        Box::new(stdlib::ForBlock),
        Box::new(stdlib::TableRowBlock),
        Box::new(stdlib::CommentBlock),
        Box::new(stdlib::CaptureBlock),
        Box::new(stdlib::CaseBlock),
    ] {
        language.blocks.register(block.reflection().start_tag().to_owned(), Box::new(LenientBlock(block)));
    }
    for filter in standard_filters().into_iter().chain(filters::all()) {
        language.filters.register(filter.reflection().name().to_owned(), Box::new(LimitedFilter(filter)));
    }
    language
}

/// Adds a tag whose variables may be unknown.
pub(super) fn add_tag(language: &mut Language, tag: Box<dyn ParseTag>) {
    language.tags.register(tag.reflection().tag().to_owned(), Box::new(LenientTag(tag)));
}

/// Compiles a text that may hold outputs and standard tags.
pub(super) fn compile(source: &str, language: &Language) -> std::result::Result<Template, String> {
    let plain = plain_liquid::plain(source)?;
    parse(&plain, language)
}

/// Compiles plain Liquid; the error is one line.
pub(super) fn parse(plain: &str, language: &Language) -> std::result::Result<Template, String> {
    // The parser panics on some blocks that do not end, among them comments within comments, and on whole numbers beyond
    // 64 bits.
    let parsed = catch_unwind(AssertUnwindSafe(|| liquid_core::parser::parse(plain, language)));
    let parsed = parsed.map_err(|panic| unparsed(&*panic).to_owned())?;
    parsed.map(Template::new).map_err(|error| one_line(&error.to_string()))
}

/// The fault of a template on which the parser panicked.
fn unparsed(panic: &(dyn Any + Send)) -> &'static str {
    let told = panic.downcast_ref::<String>().map_or("", String::as_str);
    if told.contains("parseable as integers") {
        return "a whole number of the template is too large; the greatest is 9223372036854775807";
    }
    "the blocks of the template cannot be matched: one does not end"
}

/// The telling line of liquid's several-line message.
pub(super) fn one_line(message: &str) -> String {
    let told = message.lines().rev().find_map(|line| line.trim().strip_prefix("= "));
    let first = || message.lines().next().unwrap_or_default();
    let told = told.unwrap_or_else(first).trim();
    told.strip_prefix("liquid: ").unwrap_or(told).to_owned()
}

fn standard_filters() -> Vec<Box<dyn ParseFilter>> {
    macro_rules! boxed {
        ($($name:ident)+) => { vec![$(Box::new(stdlib::$name) as Box<dyn ParseFilter>),+] };
    }
    boxed!(Abs Append AtLeast AtMost Capitalize Ceil Compact Concat Date Default DividedBy Downcase Escape EscapeOnce First
        Floor Join Last Lstrip Map Minus Modulo NewlineToBr Plus Prepend Remove RemoveFirst Replace ReplaceFirst Reverse
        Round Rstrip Size Slice Sort SortNatural Split Strip StripHtml StripNewlines Times Truncate TruncateWords Uniq
        Upcase UrlDecode UrlEncode Where)
}

/// A view of a runtime in which unknown variables are nil, and in which what is looked up counts.
struct Lenient<'r>(&'r dyn Runtime);

impl Lenient<'_> {
    /// The value of a path. Of views around each other only the innermost one, which sees every variable, counts.
    fn look_up(&self, path: &[ScalarCow<'_>]) -> Result<Option<ValueCow<'_>>> {
        let budget = budget_of(self.0);
        if budget.looking.replace(true) {
            return Ok(self.0.try_get(path));
        }
        let found = self.0.try_get(path);
        let counted = match found.as_ref().filter(|value| !value.is_nil()) {
            Some(value) => budget.make(bytes(value.as_view())),
            None => {
                if let Some(nil) = NilLookup::of(self.0, path) {
                    let mut session = self.0.registers().get_mut::<Session>();
                    let at = session.at;
                    session.findings.note_nil(at, nil);
                }
                Ok(())
            }
        };
        budget.looking.set(false);
        counted?;
        Ok(found)
    }
}

impl Runtime for Lenient<'_> {
    fn partials(&self) -> &dyn PartialStore {
        self.0.partials()
    }

    fn name(&self) -> Option<KStringRef<'_>> {
        self.0.name()
    }

    fn roots(&self) -> BTreeSet<KStringCow<'_>> {
        self.0.roots()
    }

    fn try_get(&self, path: &[ScalarCow<'_>]) -> Option<ValueCow<'_>> {
        // A budget that is used up ends the rendering at the next tag.
        self.look_up(path).ok().flatten()
    }

    fn get(&self, path: &[ScalarCow<'_>]) -> Result<ValueCow<'_>> {
        Ok(self.look_up(path)?.unwrap_or(ValueCow::Owned(Value::Nil)))
    }

    fn set_global(&self, name: KString, value: Value) -> Option<Value> {
        self.0.set_global(name, value)
    }

    fn set_index(&self, name: KString, value: Value) -> Option<Value> {
        self.0.set_index(name, value)
    }

    fn get_index<'a>(&'a self, name: &str) -> Option<ValueCow<'a>> {
        self.0.get_index(name)
    }

    fn registers(&self) -> &Registers {
        self.0.registers()
    }
}

#[derive(Debug)]
struct Leniently(Box<dyn Renderable>);

impl Renderable for Leniently {
    fn render_to(&self, writer: &mut dyn Write, runtime: &dyn Runtime) -> Result<()> {
        let budget = budget_of(runtime);
        budget.check()?;
        self.0.render_to(&mut CountedWriter { inner: writer, budget: budget.clone() }, &Lenient(runtime))?;
        budget.check()
    }
}

#[derive(Clone)]
struct LenientTag(Box<dyn ParseTag>);

impl ParseTag for LenientTag {
    fn parse(&self, arguments: TagTokenIter<'_>, options: &Language) -> Result<Box<dyn Renderable>> {
        Ok(Box::new(Leniently(self.0.parse(arguments, options)?)))
    }

    fn reflection(&self) -> &dyn TagReflection {
        self.0.reflection()
    }
}

#[derive(Clone)]
struct LenientBlock(Box<dyn ParseBlock>);

impl ParseBlock for LenientBlock {
    fn parse(
        &self,
        arguments: TagTokenIter<'_>,
        block: TagBlock<'_, '_>,
        options: &Language,
    ) -> Result<Box<dyn Renderable>> {
        Ok(Box::new(Leniently(self.0.parse(arguments, block, options)?)))
    }

    fn reflection(&self) -> &dyn BlockReflection {
        self.0.reflection()
    }
}
