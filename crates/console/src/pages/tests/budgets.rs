//! Sizes of pages with much on them, and the calls that they make.

use crate::cx::segment;
use crate::pages::testing::{ARN, Site, version_arn};
use serde_json::json;
use tastemaker_wire::Operation;

/// Bytes of the page that compares as many versions as stand side by side.
const COMPARISON_BYTES_MAX: usize = 60_000;

const METRICS: [&str; 14] = [
    "coverage",
    "mean_reciprocal_rank_at_25",
    "normalized_discounted_cumulative_gain_at_5",
    "normalized_discounted_cumulative_gain_at_10",
    "normalized_discounted_cumulative_gain_at_25",
    "precision_at_5",
    "precision_at_10",
    "precision_at_25",
    "average_rewards_at_k",
    "diversity_at_10",
    "hit_ratio_at_10",
    "novelty_at_10",
    "recall_at_10",
    "recall_at_25",
];

/// A thousand versions, each with fourteen metrics and their intervals.
fn site() -> Site {
    Site::with_reports(
        |arn| {
            let n = arn.rsplit('n').next().and_then(|n| n.parse::<f64>().ok())?;
            let value = 0.2 + n / 10_000.0;
            let all = |value: serde_json::Value| METRICS.iter().map(|key| ((*key).to_owned(), value.clone())).collect();
            let metrics: serde_json::Map<_, _> = all(json!(value));
            let intervals: serde_json::Map<_, _> = all(json!([value - 0.01, value + 0.01]));
            Some(json!({"metrics": metrics, "popularity_baseline": metrics, "confidence_95": intervals,
                "over_popularity_95": intervals, "parameters": {"hidden_dimension": n.to_string()}}))
        },
        |operation, input| {
            let from: usize = input["nextToken"].as_str().and_then(|token| token.parse().ok()).unwrap_or(0);
            let version = |n: usize| json!({"solutionVersionArn": version_arn(&format!("n{n}")), "status": "ACTIVE", "creationDateTime": 1.7e9 - n as f64});
            let arn = input["solutionVersionArn"].as_str().unwrap_or_default();
            match operation {
                Operation::ListSolutionVersions => {
                    let page: Vec<_> = (from..(from + 100).min(1000)).map(version).collect();
                    let next = (from + 100 < 1000).then(|| (from + 100).to_string());
                    Some(Ok(json!({"solutionVersions": page, "nextToken": next})))
                }
                Operation::DescribeSolutionVersion => {
                    let group = format!("{ARN}:dataset-group/shop");
                    Some(Ok(
                        json!({"solutionVersion": {"solutionVersionArn": arn, "status": "ACTIVE", "datasetGroupArn": group}}),
                    ))
                }
                Operation::GetSolutionMetrics => {
                    let n = arn.rsplit('n').next().and_then(|n| n.parse::<f64>().ok()).unwrap_or(0.0);
                    let metrics: serde_json::Map<_, _> =
                        METRICS.iter().map(|key| ((*key).to_owned(), json!(0.2 + n / 10_000.0))).collect();
                    Some(Ok(json!({"solutionVersionArn": arn, "metrics": metrics})))
                }
                _ => None,
            }
        },
    )
}

#[tokio::test]
async fn twelve_versions_with_fourteen_metrics_are_a_small_page() {
    let site = site();
    let versions: Vec<String> = (0..12).map(|n| format!("v={}", segment(&version_arn(&format!("n{n}"))))).collect();
    for more in ["", "&transpose=1", "&all=1"] {
        let page = site.page(&format!("/g/shop/evaluate?{}{more}", versions.join("&"))).await;
        let main = page.split("<main").nth(1).unwrap();
        assert_eq!(main.matches("<svg><path").count(), 12 * 14, "{more}");
        assert!(page.len() <= COMPARISON_BYTES_MAX, "{} bytes {more}", page.len());
    }
}

#[tokio::test]
async fn a_thousand_versions_are_offered_fifty_at_a_time() {
    let site = site();
    let page = site.page("/g/shop/evaluate").await;
    assert_eq!(page.matches("type=\"checkbox\" name=\"v\"").count(), 50);
    assert!(page.contains("Shown are 50 of 1000") && page.len() < COMPARISON_BYTES_MAX, "{}", page.len());
    assert_eq!(site.calls(Operation::ListSolutionVersions).len(), 10, "each page of the API once");
    assert!(site.calls(Operation::GetSolutionMetrics).is_empty(), "nothing is read of versions that are only offered");
    let page = site.page("/g/shop/evaluate?q=N999").await;
    assert_eq!(page.matches("type=\"checkbox\" name=\"v\"").count(), 1);
    // Versions n0 to n999 have NDCG@25 from 0.2 to 0.2999.
    let page = site.page(&format!("/g/shop/evaluate?q={}", segment("ndcg@25 > 0.2989, n99"))).await;
    assert_eq!(page.matches("type=\"checkbox\" name=\"v\"").count(), 10, "{page}");
}
