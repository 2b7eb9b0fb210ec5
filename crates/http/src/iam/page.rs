//! Pages of the identity service's lists.

use super::form::Form;
use super::refusal::Refusal;
use crate::xml;

/// What an action answers: the content of its result element; nothing for actions without one.
pub type Answer = Result<String, Refusal>;

/// A page of a list by the entries' names: `MaxItems` (100) from after `Marker`, as the list's XML.
pub fn page<T>(
    form: &Form,
    list: &str,
    entries: Vec<T>,
    name: impl Fn(&T) -> &str,
    show: impl Fn(&T) -> String,
) -> Answer {
    let max = form.number("MaxItems", 1..=1000)?.unwrap_or(100) as usize;
    let mut rest: Vec<&T> =
        entries.iter().filter(|e| form.get("Marker").is_none_or(|marker| name(e) > marker)).collect();
    let truncated = rest.len() > max;
    rest.truncate(max);
    let marker = rest.last().filter(|_| truncated).map(|last| xml::text("Marker", name(last))).unwrap_or_default();
    Ok(format!(
        "{}{}{marker}",
        xml::list(list, rest.into_iter().map(show)),
        xml::text("IsTruncated", if truncated { "true" } else { "false" })
    ))
}
