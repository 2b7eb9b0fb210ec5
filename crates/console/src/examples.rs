//! "The same by API": the calls of a page as texts for the AWS CLI, boto3, JavaScript, curl and, for lists, a plain GET.

use crate::cx::{ApiCall, Cx};
use maud::{Markup, html};
use tastemaker_wire::examples::{Call, examples};

/// Calls that a page shows; the others would be more of the same.
const CALLS_MAX: usize = 4;

/// The calls that the page has made, one for each operation.
pub fn of_page(cx: &Cx) -> Markup {
    let mut calls: Vec<ApiCall> = Vec::new();
    for call in cx.calls() {
        if !calls.iter().any(|known| known.operation == call.operation) {
            calls.push(call);
        }
    }
    panel(cx, &calls)
}

/// These calls, the first of them open.
pub fn panel(cx: &Cx, calls: &[ApiCall]) -> Markup {
    html! {
        @for (at, call) in calls.iter().take(CALLS_MAX).enumerate() {
            details.example open[at == 0] {
                summary { code { (call.operation.name()) } }
                (snippet(cx, &at.to_string(), call))
            }
        }
    }
}

/// A call in every form, as tabs of radio buttons, which need no script. `name` stands in the ids of their elements.
pub fn snippet(cx: &Cx, name: &str, call: &ApiCall) -> Markup {
    let texts = examples(&Call {
        operation: call.operation,
        input: &call.input,
        endpoint: &cx.endpoint,
        region: &cx.region,
        data_dir: Some(&cx.console.config.about.data_dir),
    });
    html! {
        div.tabs role="group" aria-label=(call.operation.name()) {
            @for (tab, example) in texts.iter().enumerate() {
                @let id = format!("example-{name}-{tab}");
                input type="radio" name=(format!("example-{name}")) id=(id) checked[tab == 0];
                label for=(id) { (example.tool.name()) }
                div.tab {
                    button.copy type="button" data-copy="" data-copy-from=(format!("#{id}-text")) hidden { (cx.text("copy")) }
                    pre tabindex="0" { code id=(format!("{id}-text")) { (example.text) } }
                }
            }
        }
    }
}
