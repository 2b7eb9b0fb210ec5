//! Insights into a dataset: what its statistics mean for recommendations, as a pure function of them.
//!
//! The first thirteen rules and their numbers are those of Amazon Personalize's data analysis, but for outliers, whose rule
//! (beyond five robust standard deviations) is this console's own; the others are additions.

mod insight;
mod rules;
#[cfg(test)]
mod tests;

pub use insight::{Code, Insight, Severity, Source, Stream};

/// The insights into a dataset, by severity and then in the order of [`Code::ALL`].
pub fn insights(source: Source<'_>) -> Vec<Insight> {
    let mut found = rules::all(source);
    found.sort_by_key(|a| (a.severity, a.code));
    found
}
