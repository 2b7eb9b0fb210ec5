//! The list of insights: what was found, what it does to recommendations, and what to do.

use super::facts;
use crate::cx::Cx;
use crate::format;
use crate::insights::{Code, Insight, Severity};
use maud::{Markup, html};

/// The insights of a dataset, by severity.
pub(crate) fn list(cx: &Cx, group: &str, insights: &[Insight]) -> Markup {
    html! {
        @if insights.is_empty() {
            p { (cx.text("data-no-insights")) }
        } @else {
            ul.insights {
                @for insight in insights {
                    @let [said, effect, remedy] = insight.code.texts();
                    li class={ "insight " (class(insight.severity)) } id=(insight.anchor()) {
                        p { (severity(cx, insight.severity)) " " strong { (sentence(cx, said, insight)) } }
                        p { (cx.text(effect)) }
                        p {
                            (cx.text(remedy)) " "
                            @if leads_to_import(insight.code) {
                                a href=(cx.group_link(group, "/data/add")) { (cx.text("data-add")) }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// The insights by severity, in a few words.
pub(super) fn summary(cx: &Cx, insights: &[Insight]) -> Markup {
    let severities = [Severity::Stop, Severity::Warn, Severity::Hint];
    html! {
        @for kind in severities {
            @let count = insights.iter().filter(|insight| insight.severity == kind).count();
            @if count > 0 { span.tally { (severity(cx, kind)) " " (count) } " " }
        }
    }
}

fn sentence(cx: &Cx, key: &str, insight: &Insight) -> String {
    cx.text_with(
        key,
        &[
            ("count", format::counted(insight.count)),
            ("percent", facts::percent(insight.percent / 100.0).into()),
            ("column", insight.column.as_str().into()),
            ("detail", insight.detail.as_str().into()),
        ],
    )
}

/// A severity as a word with a shape.
fn severity(cx: &Cx, severity: Severity) -> Markup {
    let (shape, text) = match severity {
        Severity::Stop => ("■", cx.text("data-severity-stop")),
        Severity::Warn => ("▲", cx.text("data-severity-warn")),
        Severity::Hint => ("●", cx.text("data-severity-hint")),
    };
    html! { span class={ "severity " (class(severity)) } { span aria-hidden="true" { (shape) } " " (text) } }
}

fn class(severity: Severity) -> &'static str {
    match severity {
        Severity::Stop => "stop",
        Severity::Warn => "warn",
        Severity::Hint => "hint",
    }
}

/// Whether another import is what helps.
fn leads_to_import(code: Code) -> bool {
    !matches!(code, Code::HeadHeavy | Code::ItemsWithoutInteractions | Code::ManyEventTypes | Code::HeavyUser)
}
