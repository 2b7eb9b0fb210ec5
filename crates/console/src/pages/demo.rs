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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pages::testing::Site;
    use crate::ports::FixedDemoShop;
    use http::StatusCode;
    use std::sync::Arc;
    use std::time::Instant;

    fn site(phase: DemoPhase) -> (Site, Arc<FixedDemoShop>) {
        let step = |kind, seconds, total| DemoStep { kind, seconds, stage: "train".into(), done: total / 4, total };
        let recipe = "aws-user-personalization";
        let state = DemoState {
            ended: (!matches!(phase, DemoPhase::Absent | DemoPhase::Running)).then(Instant::now),
            ready: (phase == DemoPhase::Done).then(|| DemoReady {
                dataset_group: "demo-shop".into(),
                campaign_arn: "arn:campaign/a b".into(),
                user_id: "user&7".into(),
            }),
            steps: vec![
                step(DemoStepKind::Import { dataset: "items" }, Some(1.25), 0),
                step(DemoStepKind::Train { recipe, preset: Some("fast") }, None, 8),
            ],
            phase,
        };
        let shop = Arc::new(FixedDemoShop { state, ..FixedDemoShop::default() });
        (Site::with_demo_shop(shop.clone()), shop)
    }

    #[tokio::test]
    async fn a_running_shop_asks_for_news_and_an_ended_one_does_not() {
        let (running, _) = site(DemoPhase::Running);
        let page = running.page("/").await;
        assert!(page.contains("hx-trigger=\"every 1s\""), "{page}");
        assert!(page.contains("Import the items") && page.contains(">1.2 s<"), "{page}");
        assert!(page.contains("Train aws-user-personalization with the preset fast"));
        assert!(page.contains("value=\"2\" max=\"8\""), "{page}");
        let part = running.page("/demo/progress").await;
        assert!(part.starts_with("<section") && !part.contains("<html"), "{part}");

        let (done, _) = site(DemoPhase::Done);
        let page = done.page("/").await;
        assert!(!page.contains("every 1s"));
        assert!(page.contains("/g/demo-shop/try?c=arn%3Acampaign%2Fa%20b&amp;user=user%267"), "{page}");
        let (absent, _) = site(DemoPhase::Absent);
        assert!(!absent.page("/").await.contains("id=\"demo\""));
    }

    #[tokio::test]
    async fn a_failed_shop_says_why_and_may_be_loaded_again() {
        let (failed, shop) = site(DemoPhase::Failed("CreateSolution: <limit>".into()));
        let page = failed.page("/").await;
        assert!(page.contains("CreateSolution: &lt;limit&gt;"), "{page}");
        assert!(page.contains("li class=\"failed\""), "{page}");
        assert!(page.contains("Try again"), "{page}");
        let korean = failed.korean().page("/").await;
        assert!(korean.contains("데모 상점을 불러오지 못했습니다"), "{korean}");

        let answer = Site::with_demo_shop(shop.clone()).post("/demo", &[]).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER);
        let begun = shop.begun.lock().clone();
        assert!(
            begun.len() == 1 && begun[0].starts_with("http://") && begun[0].ends_with("/console/demo"),
            "{begun:?}"
        );
    }

    #[tokio::test]
    async fn products_have_pages_and_pictures() {
        let (site, _) = site(DemoPhase::Absent);
        let product = site.page("/demo/products/p1").await;
        assert!(
            product.contains("Kettle") && product.contains("12.05") && product.contains("../images/p1.png"),
            "{product}"
        );
        assert_eq!(site.get("/demo/images/p1.png").await.status, StatusCode::OK);
        for absent in ["/demo/images/p1", "/demo/images/p2.png", "/demo/products/p2"] {
            assert_eq!(site.get(absent).await.status, StatusCode::NOT_FOUND, "{absent}");
        }
    }
}
