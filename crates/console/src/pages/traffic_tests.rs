//! Traffic on Home and beside campaigns, and failures that are put away.

use super::testing::{ARN, Site, version_arn};
use crate::ports::{LastRequest, RequestsKept, TrafficSpan};
use http::StatusCode;
use serde_json::json;
use tastemaker_wire::Operation;

#[tokio::test]
async fn home_and_deploy_show_the_traffic() {
    let quiet = Site::shop();
    assert!(quiet.page("/").await.contains("Nobody has asked for recommendations"));
    assert!(quiet.page("/g/shop/deploy").await.contains("No requests in the last hour"));
    let span = TrafficSpan {
        requests: 120,
        client_errors: 3,
        server_errors: 1,
        cold_starts: 12,
        prepared: 6,
        p95_ms: Some(3.25),
        events: 30,
        ..TrafficSpan::default()
    };
    let site = Site::with_traffic(span);
    let page = site.page("/").await;
    for said in [
        "Requests per second: 2.0",
        "95 of 100 answered within: 3.2 ms",
        "Errors: 4",
        "Events per second: 0.5",
        "topics=jobs,traffic",
    ] {
        assert!(page.contains(said), "{said}: {page}");
    }
    assert_eq!(page.matches("chart-sparkline").count(), 4);
    let list = site.page("/g/shop/deploy").await;
    assert!(list.contains("2.0 per second, p95 3.2 ms · 4 errors in the last hour"), "{list}");
    let campaign = site.page("/g/shop/deploy/home").await;
    for said in ["6 (5.0 %)", "12 (10.0 %)", "3 (2.5 %)", "1 (0.8 %)", "topics=campaign-traffic%3Ahome"] {
        assert!(campaign.contains(said), "{said}: {campaign}");
    }
    assert!(site.korean().page("/").await.contains("초당 요청"));
}

#[tokio::test]
async fn a_failure_that_was_put_away_is_shown_no_more() {
    let site = Site::with(|operation, _| {
        let failed = json!({"solutionVersionArn": version_arn("v1"), "status": "CREATE FAILED", "creationDateTime": 1_799_999_000.0,
            "lastUpdatedDateTime": 1_799_999_900.0, "failureReason": "There are 3 users."});
        (operation == Operation::ListSolutionVersions).then(|| Ok(json!({"solutionVersions": [failed]})))
    });
    let page = site.page("/").await;
    assert!(page.contains("There are 3 users.") && page.contains("action=\"/console/dismiss\""), "{page}");
    let arn = version_arn("v1");
    let got = site.post("/dismiss", &[("arn", &arn), ("group", "shop")]).await;
    assert_eq!((got.status, got.location.as_deref()), (StatusCode::SEE_OTHER, Some("/console/g/shop/")));
    for path in ["/", "/g/shop/"] {
        assert!(!site.page(path).await.contains("There are 3 users."), "{path}");
    }
    assert_eq!(site.post("/dismiss", &[]).await.status, StatusCode::UNPROCESSABLE_ENTITY);
    let long = site.post("/dismiss", &[("arn", &"x".repeat(301))]).await;
    assert!(long.status == 422 && long.body.contains("at most 300 bytes, not 301"), "{}", long.body);
}

#[tokio::test]
async fn a_campaign_that_nobody_asked_for_a_week_says_so() {
    let at = |days: i64| 1_800_000_000_000 - days * 24 * 3_600_000;
    let home = format!("{ARN}:campaign/home");
    let asked = |days| RequestsKept {
        since_ms: at(30),
        campaigns: [(home.clone(), LastRequest { at_ms: at(days), ..LastRequest::default() })].into(),
    };
    let list = Site::with_last_requests(asked(9)).page("/g/shop/deploy").await;
    assert!(list.contains("Not asked for 9 days"), "{list}");
    let page = Site::with_last_requests(asked(9)).page("/g/shop/deploy/home").await;
    assert!(page.contains("Not asked for 9 days") && page.contains("Last request: <time"), "{page}");
    let list = Site::with_last_requests(asked(6)).page("/g/shop/deploy").await;
    assert!(!list.contains("Not asked") && list.contains("No requests in the last hour"), "{list}");
    let never = RequestsKept { since_ms: at(30), ..RequestsKept::default() };
    let list = Site::with_last_requests(never).korean().page("/g/shop/deploy").await;
    assert!(list.contains("30일 이상 요청 없음"), "{list}");
}
