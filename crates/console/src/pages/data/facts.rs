//! Numbers in words, as the pages of data show them.

use crate::cx::Cx;
use crate::format;
use maud::{Markup, html};

/// A count, with the mark of an estimate where it is one.
pub(super) fn count(number: u64, is_estimate: bool) -> String {
    format!("{}{}", if is_estimate { "≈ " } else { "" }, format::count(number))
}

/// A share in percent with one decimal, and `< 0.1 %` where there is something.
pub(super) fn percent(share: f64) -> String {
    let percent = 100.0 * share;
    if percent > 0.0 && percent < 0.1 { "< 0.1 %".to_owned() } else { format!("{percent:.1} %") }
}

/// The share that a number is of all.
pub(super) fn share(number: u64, all: u64) -> String {
    percent(if all == 0 { 0.0 } else { number as f64 / all as f64 })
}

/// A number as short as it is exact enough to read.
pub(super) fn number(value: f64) -> String {
    if value == value.trunc() && value.abs() < 1e15 { format!("{value}") } else { format!("{value:.4}") }
}

/// A list of facts: names with their values.
pub(super) fn list(facts: &[(String, Markup)]) -> Markup {
    html! {
        dl.facts {
            @for (name, value) in facts { dt { (name) } dd { (value) } }
        }
    }
}

/// A table in a region of its own that scrolls where it is wide.
pub(super) fn table(caption: &str, head: &[String], rows: &[Vec<Markup>]) -> Markup {
    html! {
        div.scroll role="region" aria-label=(caption) tabindex="0" {
            table {
                thead { tr { @for name in head { th scope="col" { (name) } } } }
                tbody {
                    @for row in rows {
                        tr {
                            @for (at, cell) in row.iter().enumerate() {
                                @if at == 0 { th scope="row" { (cell) } } @else { td { (cell) } }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// Text as a cell.
pub(super) fn cell(text: impl AsRef<str>) -> Markup {
    html! { (text.as_ref()) }
}

/// A value of the data: cut in its middle, with the whole in its title, and kept in its own direction.
pub(super) fn value(text: &str) -> Markup {
    html! { bdi title=(text) { (format::shortened(text, 60)) } }
}

/// A day since 1970 as `2023-11-13`.
pub(super) fn day(day: i64) -> String {
    let date = time::OffsetDateTime::from_unix_timestamp(day.saturating_mul(86_400)).map(|at| at.date());
    date.map_or_else(|_| day.to_string(), |date| date.to_string())
}

/// The sentence that says that some numbers are estimates.
pub(super) fn estimate_note(cx: &Cx, is_estimate: bool) -> Markup {
    html! { @if is_estimate { p.quiet { (cx.text("data-estimates")) } } }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_read_easily() {
        assert_eq!((count(1234, false).as_str(), count(1234, true).as_str()), ("1,234", "≈ 1,234"));
        assert_eq!([0.0, 0.0004, 0.12345, 1.0].map(percent), ["0.0 %", "< 0.1 %", "12.3 %", "100.0 %"]);
        assert_eq!((share(1, 3).as_str(), share(0, 0).as_str()), ("33.3 %", "0.0 %"));
        assert_eq!([5.0, 2.5, 1e20, 0.123456].map(number), ["5", "2.5000", "100000000000000000000.0000", "0.1235"]);
        assert_eq!((day(19_674).as_str(), day(i64::MAX)), ("2023-11-13", i64::MAX.to_string()));
    }

    #[test]
    fn values_are_text_whatever_they_are() {
        let shown = value("<script>alert(1)</script>").into_string();
        assert!(shown.contains("&lt;script&gt;") && !shown.contains("<script>"), "{shown}");
        let long = value(&"x".repeat(10_000)).into_string();
        assert!(long.matches('x').count() < 10_100 && long.contains('…'));
    }
}
