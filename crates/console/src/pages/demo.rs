//! The sample shop on the first page: the offer to load it, how far that is, and the way to its recommendations.

use crate::cx::{Cx, segment};
use crate::page::{Fragment, PageError};
use crate::ports::{DemoPhase, DemoReady, DemoState, DemoStep, DemoStepKind};
use crate::state::ConsoleState;
use axum::Router;
use axum::response::Redirect;
use axum::routing::{get, post};
use http::HeaderMap;
use http::header::HOST;
use maud::{Markup, html};
use std::time::Duration;

/// Time for which the first page says that the shop is loaded.
const SAID_FOR: Duration = Duration::from_secs(600);

/// The routes of the panel.
pub fn routes() -> Router<ConsoleState> {
    Router::new().route("/demo", post(start)).route("/demo/progress", get(progress))
}

/// Begins, and leads back to the first page, which shows how far it is.
async fn start(cx: Cx, headers: HeaderMap) -> Result<Redirect, PageError> {
    let host = headers.get(HOST).and_then(|host| host.to_str().ok());
    let host = host.ok_or_else(|| PageError::BadInput("Host is missing".to_owned()))?;
    // The links of the shop's products are those by which the caller reaches the console.
    let scheme = if cx.client.tls(&headers) { "https" } else { "http" };
    cx.console.ports.demo_shop.start(&format!("{scheme}://{host}{}", cx.link("/demo")));
    Ok(Redirect::to(&cx.link("/")))
}

async fn progress(cx: Cx) -> Fragment {
    Fragment(panel(&cx))
}

/// The offer to load the shop, for a server without data.
pub fn offer(cx: &Cx) -> Markup {
    html! {
        form.offer method="post" action=(cx.link("/demo")) {
            h2 { (cx.text("demo-offer-title")) }
            p { (cx.text("demo-offer")) }
            @if cx.may_edit() { button.primary { (cx.text("demo-load")) } }
        }
    }
}

/// Whether [`offer`] makes sense: the shop is not being loaded and was not loaded by this process.
pub fn may_offer(cx: &Cx) -> bool {
    matches!(cx.console.ports.demo_shop.state().phase, DemoPhase::Absent)
}

/// Whether the shop is being loaded, so that pages without scripts should be read again.
pub fn is_running(cx: &Cx) -> bool {
    cx.console.ports.demo_shop.state().phase == DemoPhase::Running
}

/// How far the loading of the shop is; nothing when there is none, or it has ended well some time ago.
pub fn panel(cx: &Cx) -> Markup {
    let state = cx.console.ports.demo_shop.state();
    let said = state.ended.is_some_and(|ended| ended.elapsed() > SAID_FOR);
    match state.phase {
        DemoPhase::Absent => html! {},
        DemoPhase::Done if said => html! {},
        DemoPhase::Running => html! {
            section.demo.panel id="demo" aria-labelledby="demo-title" hx-get=(cx.link("/demo/progress")) hx-trigger="every 1s"
                hx-swap="outerMorph" {
                h2 id="demo-title" { (cx.text("demo-running-title")) }
                (steps(cx, &state))
            }
        },
        DemoPhase::Done => html! {
            section.demo.panel id="demo" aria-labelledby="demo-title" {
                h2 id="demo-title" { (cx.text("demo-done-title")) }
                (steps(cx, &state))
                @if let Some(ready) = &state.ready {
                    p { a.button.primary href=(cx.link(&try_page(ready))) { (cx.text("demo-try")) } }
                }
            }
        },
        DemoPhase::Failed(ref why) => html! {
            section.demo.panel id="demo" aria-labelledby="demo-title" {
                h2 id="demo-title" { (cx.text("demo-failed-title")) }
                (steps(cx, &state))
                p.error role="alert" { (why) }
                @if cx.may_edit() {
                    form method="post" action=(cx.link("/demo")) { button { (cx.text("demo-again")) } }
                }
            }
        },
    }
}

/// The page that shows the shop's recommendations, below the console's path.
pub fn try_page(ready: &DemoReady) -> String {
    format!(
        "/g/{}/try?c={}&user={}",
        segment(&ready.dataset_group),
        segment(&ready.campaign_arn),
        segment(&ready.user_id)
    )
}

fn steps(cx: &Cx, state: &DemoState) -> Markup {
    html! {
        ol.demo-steps {
            @for (at, step) in state.steps.iter().enumerate() {
                @let failed = step.seconds.is_none() && state.phase != DemoPhase::Running;
                li class=(class(step, failed)) {
                    span { (sentence(cx, step.kind)) }
                    @if let Some(seconds) = step.seconds {
                        span.quiet { (cx.text_with("demo-seconds", &[("seconds", format!("{seconds:.1}").into())])) }
                    } @else if !failed && step.total > 0 {
                        @let name = sentence(cx, step.kind);
                        progress id={ "demo-step-" (at) } aria-label=(name) value=(step.done.min(step.total)) max=(step.total) {}
                    }
                }
            }
        }
    }
}

fn class(step: &DemoStep, failed: bool) -> &'static str {
    match step.seconds {
        Some(_) => "done",
        None if failed => "failed",
        None => "running",
    }
}

fn sentence(cx: &Cx, kind: DemoStepKind) -> String {
    match kind {
        DemoStepKind::Upload => cx.text("demo-step-upload"),
        DemoStepKind::Import { dataset } => {
            let dataset = match dataset {
                "interactions" => cx.text("demo-interactions"),
                "items" => cx.text("demo-items"),
                _ => cx.text("demo-users"),
            };
            cx.text_with("demo-step-import", &[("dataset", dataset.into())])
        }
        DemoStepKind::Train { recipe, preset: None } => cx.text_with("demo-step-train", &[("recipe", recipe.into())]),
        DemoStepKind::Train { recipe, preset: Some(preset) } => {
            cx.text_with("demo-step-train-preset", &[("recipe", recipe.into()), ("preset", preset.into())])
        }
        DemoStepKind::Deploy => cx.text("demo-step-deploy"),
        DemoStepKind::Update => cx.text("demo-step-update"),
    }
}
