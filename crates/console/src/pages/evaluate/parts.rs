//! The parts of an ensemble: the weight of each, its quality alone, and what the whole is worth without it.

use super::shown::Shown;
use crate::cx::Cx;
use crate::evaluation::Column;
use crate::format;
use crate::report::{Ensemble, Signal};
use maud::{Markup, html};

/// The requests that weights are for: in session, and in the next session.
const MODES: usize = 2;

pub(super) fn tables(cx: &Cx, shown: &Shown) -> Markup {
    let ensemble = |column: &Column| column.report.as_ref()?.ensemble.clone().filter(|found| !found.signals.is_empty());
    let versions: Vec<(&Column, Ensemble)> =
        shown.columns.iter().filter_map(|column| Some((column, ensemble(column)?))).collect();
    html! {
        @if !versions.is_empty() {
            h2 { (cx.text("evaluate-parts")) }
            p.hint { (cx.text("evaluate-parts-help")) }
            @for (column, ensemble) in &versions {
                @if versions.len() > 1 { h3 title=(column.label) { (format::shortened(&column.label, 60)) } }
                (table(cx, ensemble))
            }
        }
    }
}

fn table(cx: &Cx, ensemble: &Ensemble) -> Markup {
    // Related items have no next session.
    let modes = if ensemble.signals.iter().all(|signal| signal.weights[1] == 0.0) { 1 } else { MODES };
    let (used, unused): (Vec<&Signal>, Vec<&Signal>) =
        ensemble.signals.iter().partition(|signal| signal.weights.iter().any(|weight| *weight != 0.0));
    html! {
        div.scroll tabindex="0" {
            table {
                thead {
                    tr {
                        th scope="col" { (cx.text("evaluate-part")) }
                        @for mode in 0..modes {
                            @for measure in [cx.text("evaluate-part-weight"), cx.text("evaluate-part-alone"), cx.text("evaluate-part-without")] {
                                th.number scope="col" { (measure) @if modes > 1 { br; small { (mode_name(cx, mode)) } } }
                            }
                        }
                    }
                }
                tbody {
                    @for signal in &used { (row(ensemble, modes, signal)) }
                    tr {
                        th scope="row" { (cx.text("evaluate-part-all")) }
                        @for mode in 0..modes { td {} td {} td.number { strong { (number(ensemble.quality[mode])) } } }
                    }
                }
            }
        }
        @if !unused.is_empty() {
            details {
                summary { (cx.text_with("evaluate-parts-unused", &[("count", unused.len().into())])) }
                ul.plain { @for signal in &unused { li { code { (signal.name) } " · " (cx.text("evaluate-part-alone")) " " (number(signal.single[0])) } } }
            }
        }
        (components(cx, ensemble, modes))
    }
}

fn row(ensemble: &Ensemble, modes: usize, signal: &Signal) -> Markup {
    html! {
        tr {
            th scope="row" { code { (signal.name) } }
            @for mode in 0..modes {
                td.number { @if signal.weights[mode] == 0.0 { "–" } @else { (format!("{:.3}", signal.weights[mode])) } }
                td.number { (number(signal.single[mode])) }
                (without(signal.without[mode], ensemble.quality[mode]))
            }
        }
    }
}

/// Signals that belong together, taken out as a whole.
fn components(cx: &Cx, ensemble: &Ensemble, modes: usize) -> Markup {
    html! {
        @if ensemble.components.len() > 1 {
            div.scroll tabindex="0" {
                table {
                    thead { tr {
                        th scope="col" { (cx.text("evaluate-component")) }
                        @for mode in 0..modes {
                            th.number scope="col" { (cx.text("evaluate-part-without")) @if modes > 1 { br; small { (mode_name(cx, mode)) } } }
                        }
                    } }
                    tbody {
                        @for component in &ensemble.components {
                            tr {
                                th scope="row" { code { (component.name) } }
                                @for mode in 0..modes { (without(component.without[mode], ensemble.quality[mode])) }
                            }
                        }
                    }
                }
            }
        }
    }
}

fn mode_name(cx: &Cx, mode: usize) -> String {
    if mode == 0 { cx.text("evaluate-in-session") } else { cx.text("evaluate-next-session") }
}

/// The quality without a part and how much that is less; a dash where it was not measured.
fn without(value: f64, whole: f64) -> Markup {
    html! {
        td.number { @if value == 0.0 { "–" } @else { (number(value)) br; small { (format!("{:+.4}", value - whole)) } } }
    }
}

/// A quality; a dash where it was not measured.
fn number(value: f64) -> String {
    if value == 0.0 { "–".to_owned() } else { format!("{value:.4}") }
}
