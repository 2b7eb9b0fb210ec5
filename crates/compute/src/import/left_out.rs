//! The account of values that an import left out, because they break the rule of their column.

use super::column::Broken;
use std::collections::BTreeMap;
use tastemaker_domain::import_report::{REFUSED_LINES_MAX, RefusalReason, Refused, RefusedLine};

/// Examples of a column that a message has.
const EXAMPLES_MAX: usize = 3;
/// Columns that a message names.
const LISTED_MAX: usize = 10;

/// The values of a file, or of several added up, that are null in the dataset because they break the rule of their column.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LeftOut {
    columns: BTreeMap<String, Values>,
}

/// The values that one column lost.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Values {
    count: u64,
    /// The first of them.
    examples: Vec<Example>,
    /// All of them by reason.
    reasons: Vec<Reason>,
}

/// The values that one column lost for one reason.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Reason {
    reason: RefusalReason,
    count: u64,
    /// The first of them.
    lines: Vec<RefusedLine>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Example {
    file: String,
    line: u64,
    /// Value and rule.
    text: String,
}

impl LeftOut {
    /// Counts a value of `column`; `place` says the file and the line, and is asked only for the first of each reason.
    pub(super) fn add(&mut self, column: &str, broken: Broken, place: impl Fn() -> (String, u64)) {
        if !self.columns.contains_key(column) {
            self.columns.insert(column.to_owned(), Values::default());
        }
        let Some(values) = self.columns.get_mut(column) else { return };
        values.count += 1;
        if values.examples.len() < EXAMPLES_MAX {
            let (file, line) = place();
            values.examples.push(Example { file, line, text: broken.to_string() });
        }
        let reason = values.reason(broken.reason);
        reason.count += 1;
        if reason.lines.len() < REFUSED_LINES_MAX {
            let (file, line) = place();
            reason.lines.push(RefusedLine { file, line, value: broken.value, rule: broken.rule });
        }
    }

    /// The values by column and reason.
    pub fn refused(&self) -> Vec<Refused> {
        let of_column = |(column, values): (&String, &Values)| {
            let column = column.clone();
            let refused = move |of: &Reason| Refused {
                column: column.clone(),
                reason: of.reason,
                count: of.count,
                lines: of.lines.clone(),
            };
            values.reasons.iter().map(refused).collect::<Vec<_>>()
        };
        self.columns.iter().flat_map(of_column).collect()
    }

    /// The number of values.
    pub fn count(&self) -> u64 {
        self.columns.values().map(|values| values.count).sum()
    }

    /// The sentence that says how many values were left out and where, if there are any.
    pub fn sentence(&self) -> Option<String> {
        let count = self.count();
        if count == 0 {
            return None;
        }
        let mut columns: Vec<_> = self.columns.iter().collect();
        columns.sort_by_key(|(_, values)| std::cmp::Reverse(values.count));
        let mut listed: Vec<String> =
            columns.iter().take(LISTED_MAX).map(|(name, values)| values.describe(name)).collect();
        match columns.len().saturating_sub(LISTED_MAX) {
            0 => {}
            1 => listed.push("and 1 more column".to_owned()),
            more => listed.push(format!("and {more} more columns")),
        }
        let (values, are, they, their) =
            if count == 1 { ("value", "is", "it breaks", "its") } else { ("values", "are", "they break", "their") };
        Some(format!(
            "{count} {values} {are} empty in the dataset, because {they} the rule of {their} column: {}",
            listed.join("; ")
        ))
    }
}

impl Values {
    /// The account of one reason.
    fn reason(&mut self, reason: RefusalReason) -> &mut Reason {
        let at = self.reasons.iter().position(|of| of.reason == reason).unwrap_or_else(|| {
            self.reasons.push(Reason { reason, count: 0, lines: Vec::new() });
            self.reasons.len() - 1
        });
        &mut self.reasons[at]
    }

    fn describe(&self, column: &str) -> String {
        let mut file = "";
        let mut texts = Vec::with_capacity(self.examples.len());
        for example in &self.examples {
            let place = if example.file == file { String::new() } else { format!("{} ", example.file) };
            file = &example.file;
            texts.push(format!("{place}line {}: {}", example.line, example.text));
        }
        if self.count > self.examples.len() as u64 {
            texts.push("...".to_owned());
        }
        format!("{column} {} ({})", self.count, texts.join(", "))
    }
}

impl std::ops::AddAssign for LeftOut {
    fn add_assign(&mut self, other: Self) {
        for (column, more) in other.columns {
            let values = self.columns.entry(column).or_default();
            values.count += more.count;
            values.examples.extend(more.examples);
            values.examples.truncate(EXAMPLES_MAX);
            for of in more.reasons {
                let reason = values.reason(of.reason);
                reason.count += of.count;
                reason.lines.extend(of.lines);
                reason.lines.truncate(REFUSED_LINES_MAX);
            }
        }
    }
}
