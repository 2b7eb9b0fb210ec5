//! Pages of the identity service's lists.

use super::error::IamError;
use super::form::Form;
use crate::xml;

/// The result of an action: the content of its result element; nothing for actions without one.
pub type IamResult = Result<String, IamError>;

/// A page of a list by the entries' names: `MaxItems` (100) from after `Marker`, as the list's XML.
pub fn page<T>(
    form: &Form,
    list: &str,
    entries: Vec<T>,
    name: impl Fn(&T) -> &str,
    show: impl Fn(&T) -> String,
) -> IamResult {
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
