//! A filter whose result counts against the limits of the rendering. What some filters make of little is foreseen, so that it
//! is refused before it is made.

use super::budget::bytes;
use super::session::budget_of;
use liquid_core::model::{Value, ValueView};
use liquid_core::parser::{FilterArguments, ParameterReflection, ParseFilter};
use liquid_core::{Error, Expression, Filter, FilterReflection, Result, Runtime};
use std::fmt;

/// Entries that `uniq` compares, each with each.
const UNIQ_ENTRIES_MAX: usize = 5_000;
/// Bytes of an entry of an array.
const ENTRY_BYTES: usize = 48;

/// A filter as a template names it.
#[derive(Clone)]
pub(super) struct LimitedFilter(pub Box<dyn ParseFilter>);

impl ParseFilter for LimitedFilter {
    fn parse(&self, arguments: FilterArguments<'_>) -> Result<Box<dyn Filter>> {
        let positional: Vec<Expression> = arguments.positional.collect();
        let given = FilterArguments { positional: Box::new(positional.clone().into_iter()), ..arguments };
        Ok(Box::new(Limited { name: self.name().to_owned(), filter: self.0.parse(given)?, positional }))
    }

    fn reflection(&self) -> &dyn FilterReflection {
        self
    }
}

impl FilterReflection for LimitedFilter {
    fn name(&self) -> &str {
        self.0.reflection().name()
    }

    fn description(&self) -> &str {
        self.0.reflection().description()
    }

    fn positional_parameters(&self) -> &'static [ParameterReflection] {
        self.0.reflection().positional_parameters()
    }

    fn keyword_parameters(&self) -> &'static [ParameterReflection] {
        self.0.reflection().keyword_parameters()
    }
}

#[derive(Debug)]
struct Limited {
    name: String,
    filter: Box<dyn Filter>,
    positional: Vec<Expression>,
}

impl fmt::Display for Limited {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.filter.fmt(f)
    }
}

impl Filter for Limited {
    fn evaluate(&self, input: &dyn ValueView, runtime: &dyn Runtime) -> Result<Value> {
        let budget = budget_of(runtime);
        budget.check()?;
        budget.make(self.foreseen(input, runtime)?)?;
        let value = self.filter.evaluate(input, runtime)?;
        budget.make(bytes(&value))?;
        Ok(value)
    }
}

impl Limited {
    /// Bytes of a result that may be much larger than input and arguments.
    fn foreseen(&self, input: &dyn ValueView, runtime: &dyn Runtime) -> Result<usize> {
        let argument = |n: usize| {
            let value = self.positional.get(n).and_then(|argument| argument.try_evaluate(runtime));
            value.map(|value| value.to_kstr().into_owned().into_string()).unwrap_or_default()
        };
        let found = |text: &str, search: &str| match search {
            "" => text.chars().count() + 1,
            search => text.matches(search).count(),
        };
        Ok(match self.name.as_str() {
            "replace" => found(&input.to_kstr(), &argument(0)).saturating_mul(argument(1).len()),
            "split" => found(&input.to_kstr(), &argument(0)).saturating_mul(ENTRY_BYTES),
            "join" => input.as_array().map_or(0, |array| array.values().count().saturating_mul(argument(0).len())),
            // Values are larger than their JSON.
            "json_parse" => input.to_kstr().len().saturating_mul(ENTRY_BYTES / 2),
            "date" => widths(&argument(0)),
            "uniq" => match input.as_array().map_or(0, |array| array.values().count()) {
                0..=UNIQ_ENTRIES_MAX => 0,
                many => {
                    return Err(Error::with_msg(format!(
                        "uniq takes at most {UNIQ_ENTRIES_MAX} entries here, not {many}"
                    )));
                }
            },
            _ => 0,
        })
    }
}

/// The widths that a format pads to, together: `%100d` has one.
fn widths(format: &str) -> usize {
    let numbers = format.split(|c: char| !c.is_ascii_digit()).filter(|digits| !digits.is_empty());
    numbers.map(|digits| digits.parse().unwrap_or(usize::MAX)).fold(0, usize::saturating_add)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn widths_of_formats() {
        for (format, bytes) in [("%Y-%m-%d", 0), ("%010d %5e", 15), ("%99999999999999999999d 1", usize::MAX)] {
            assert_eq!(widths(format), bytes, "{format}");
        }
    }
}
