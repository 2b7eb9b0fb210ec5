//! The settings of the versions: those that differ, or all.

use super::shown::{Asked, Shown};
use crate::cx::Cx;
use crate::evaluation::differing;
use crate::format;
use maud::{Markup, html};

pub(super) fn table(cx: &Cx, shown: &Shown) -> Markup {
    let rows = differing(&shown.columns, shown.asked.all);
    let versions: Vec<_> = shown.columns.iter().filter(|column| !column.is_popularity()).collect();
    let toggle = if shown.asked.all { cx.text("evaluate-only-different") } else { cx.text("evaluate-all-settings") };
    html! {
        div.heading {
            h2 { (cx.text("train-settings")) }
            a href=(shown.asked.link(cx, &shown.group, |asked: &mut Asked| asked.all = !asked.all)) { (toggle) }
        }
        @if rows.is_empty() {
            p.hint { (cx.text("evaluate-no-difference")) }
        } @else {
            div.scroll tabindex="0" {
                table {
                    thead { tr {
                        th scope="col" { (cx.text("evaluate-setting")) }
                        @for column in &versions { th scope="col" title=(column.label) { (format::shortened(&column.label, 32)) } }
                    } }
                    tbody {
                        @for row in &rows {
                            tr class=[row.differs().then_some("differs")] {
                                th scope="row" { code { (row.name) } }
                                @for value in &row.values { td { @if let Some(value) = value { code { (value) } } @else { "–" } } }
                            }
                        }
                    }
                }
            }
        }
    }
}
