//! The parts of ensembles on the page Evaluate.

use super::has;
use crate::cx::segment;
use crate::pages::testing::{Site, version_arn};
use serde_json::{Value, json};

/// A report with an ensemble of two used signals and one that is not used.
fn report(member: &str, next_weight: f64) -> Value {
    let signal = |name: &str, weights: [f64; 2], alone: f64, without: f64| json!({"name": name, "weights": weights, "single": [alone, 0.0], "without": [without, 0.0]});
    json!({member: {
        "signals": [signal("network", [0.7, next_weight], 0.31, 0.2), signal("popular", [0.3, 0.0], 0.1, 0.0), signal("seen <x>", [0.0, 0.0], 0.05, 0.0)],
        "components": [{"name": "network", "without": [0.2, 0.0]}, {"name": "popularity", "without": [0.3, 0.0]}],
        "points": [90, 40], "quality": [0.32, 0.4], "by_history": []}})
}

async fn page(report: impl Fn() -> Value + Send + Sync + 'static) -> String {
    let site = Site::with_reports(move |_| Some(report()), |_, _| None);
    site.page(&format!("/g/shop/evaluate?v={}", segment(&version_arn("v1")))).await
}

#[tokio::test]
async fn weights_alone_and_without_each() {
    let shown = page(|| report("ensemble", 0.5)).await;
    let texts = [
        "Parts of the ensemble",
        "<code>network</code>",
        "0.700",
        "0.500",
        "0.3100",
        "0.2000<br><small>-0.1200</small>",
        "Offered and not used: 1",
        "seen &lt;x&gt;",
        "<code>popularity</code>",
        "next session",
        "<strong>0.4000</strong>",
    ];
    has(&shown, &texts);
    // The report of an earlier build has another name for it; related items have no next session.
    let shown = page(|| report("blend", 0.0)).await;
    has(&shown, &["Parts of the ensemble", "0.700"]);
    assert!(!shown.contains("next session"), "{shown}");
}

#[tokio::test]
async fn a_model_of_one_part_has_none() {
    let shown = page(|| json!({"metrics": {"coverage": 0.5}})).await;
    assert!(!shown.contains("Parts of the ensemble"), "{shown}");
}
