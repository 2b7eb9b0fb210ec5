//! The search in the top bar.

use super::world::world;
use http::StatusCode;
use serde_json::json;

#[tokio::test]
async fn resources_are_found_by_a_part_of_their_name_or_arn() {
    let world = world(|_| {});
    let arn = |resource: &str| format!("arn:aws:personalize:eu-west-1:000000000000:{resource}");
    let (group, solution, campaign) = (arn("dataset-group/shop"), arn("solution/lamp-model"), arn("campaign/lamps"));
    {
        let mut answers = world.api.answers.lock();
        answers.insert(
            "ListSolutions",
            json!({ "solutions": [{ "name": "lamp-model", "solutionArn": solution, "status": "ACTIVE" }] }),
        );
        answers.insert("DescribeSolution", json!({ "solution": { "datasetGroupArn": group } }));
        answers.insert(
            "ListCampaigns",
            json!({ "campaigns": [{ "name": "lamps", "campaignArn": campaign, "status": "CREATE FAILED" }] }),
        );
        answers.insert("DescribeCampaign", json!({ "campaign": { "solutionVersionArn": format!("{solution}/abc") } }));
        answers.insert("ListRecommenders", json!({ "recommenders": [] }));
        answers.insert("ListFilters", json!({ "filters": [] }));
    }
    let mut browser = world.user().await;
    let seen = browser.get("/search?q=LAMP&g=shop").await;
    assert_eq!(seen.status, StatusCode::OK, "{}", seen.body);
    for part in
        ["href=\"/console/g/shop/train/lamp-model\"", "href=\"/console/g/shop/deploy/lamps\"", "▲", "/try?user=LAMP\""]
    {
        assert!(seen.body.contains(part), "{part}: {}", seen.body);
    }
    let version = browser.get(&format!("/search?q={solution}/abc")).await;
    assert!(version.body.contains("/g/shop/train/lamp-model/abc\""), "{}", version.body);
    let group = browser.get("/search?q=sho").await;
    assert!(group.body.contains("href=\"/console/g/shop/\"") && !group.body.contains("user=sho"), "{}", group.body);
    for nothing in ["/search?q=%3Cscript%3E", "/search?q=", "/search", "/search?q=%E2%84%AA"] {
        let seen = browser.get(nothing).await;
        assert!(seen.status == StatusCode::OK && seen.body.contains("Nothing has"), "{nothing}: {}", seen.body);
        assert!(!seen.body.contains("<script>"));
    }
}
