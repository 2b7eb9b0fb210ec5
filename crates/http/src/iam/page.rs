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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_says_whether_there_is_more_and_from_where() {
        let listed = |form: &str| {
            let form = Form::read(form.as_bytes(), "");
            page(&form, "Names", vec!["a", "b", "c"], |name| name, |name| xml::text("N", name))
        };
        let of = |form: &str| listed(form).unwrap_or_else(|refusal| refusal.message);
        let whole = "<N>c</N></member></Names><IsTruncated>false</IsTruncated>";
        for form in ["", "MaxItems=3", "Marker=b&MaxItems=1"] {
            assert!(of(form).ends_with(whole), "{form}: {}", of(form));
            assert!(!of(form).contains("<Marker>"), "{form}: {}", of(form));
        }
        let first = of("MaxItems=2");
        let more = ["<N>b</N>", "<IsTruncated>true</IsTruncated>", "<Marker>b</Marker>"];
        assert!(more.iter().all(|part| first.contains(part)) && !first.contains("<N>c</N>"), "{first}");
        for wrong in ["MaxItems=0", "MaxItems=1001"] {
            assert!(of(wrong).contains("'maxItems'"), "{wrong}: {}", of(wrong));
        }
    }
}
