//! Recommenders and the event tracker.

use super::super::testing::{ARN, Site, refusal, refusal_of};
use super::has;
use crate::ports::TrafficSpan;
use http::StatusCode;
use serde_json::json;
use tastemaker_wire::Operation;

#[tokio::test]
async fn a_recommender_is_changed_and_keeps_what_the_form_does_not_show() {
    let site = Site::shop();
    let page = site.page("/g/shop/recommenders/bought").await;
    has(
        &page,
        &[
            "Best sellers",
            "value=\"7\"",
            "value=\"0.6\"",
            "0.2500",
            "Stop recommender",
            "topics=recommender-traffic%3Abought",
        ],
    );
    let form = [("tps", "9"), ("metadata", "true")];
    let got = site.post("/g/shop/recommenders/bought", &form).await;
    assert_eq!(got.location.as_deref(), Some("/console/g/shop/recommenders/bought"), "{}", got.body);
    let expected = json!({"recommenderArn": format!("{ARN}:recommender/bought"), "recommenderConfig": {
        "enableMetadataWithRecommendations": true, "minRecommendationRequestsPerSecond": 9,
        "trainingDataConfig": {"excludedDatasetColumns": {"Items": ["PRICE"]}}}});
    assert_eq!(site.calls(Operation::UpdateRecommender), [expected]);
    let got = site.post("/g/shop/recommenders/bought", &[("tps", "many")]).await;
    assert_eq!((got.status, site.calls(Operation::UpdateRecommender).len()), (StatusCode::UNPROCESSABLE_ENTITY, 1));
    has(&got.body, &["id=\"field-tps-error\"", "value=\"many\""]);
    let refusing = Site::with(|operation, _| {
        let member = "recommenderConfig.itemExplorationConfig.explorationItemAgeCutOff";
        (operation == Operation::UpdateRecommender).then(|| Err(refusal_of(member, "Too old.")))
    });
    let got = refusing.post("/g/shop/recommenders/bought", &[("cut-off", "9999")]).await;
    assert_eq!(got.status, StatusCode::UNPROCESSABLE_ENTITY);
    has(&got.body, &["id=\"field-cut-off-error\">Too old.", "value=\"9999\""]);
    assert_eq!(site.get("/g/shop/recommenders/none").await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_recommender_is_stopped_started_and_deleted() {
    let site = Site::shop();
    let got = site.post("/g/shop/recommenders/bought/stop", &[]).await;
    assert_eq!(got.location.as_deref(), Some("/console/g/shop/recommenders/bought"), "{}", got.body);
    assert_eq!(site.calls(Operation::StopRecommender).len(), 1);
    let stopped = Site::with(|operation, _| {
        let arn = format!("{ARN}:recommender/bought");
        let answer = json!({"recommender": {"name": "bought", "recommenderArn": arn, "status": "INACTIVE",
            "latestRecommenderUpdate": {"status": "CREATE FAILED", "failureReason": "No memory."}}});
        (operation == Operation::DescribeRecommender).then_some(Ok(answer))
    });
    let page = stopped.page("/g/shop/recommenders/bought").await;
    has(&page, &["Start recommender", "No memory.", "The change of the settings is CREATE FAILED."]);
    assert!(!page.contains("Stop recommender") && !page.contains("/try?c="), "{page}");
    stopped.post("/g/shop/recommenders/bought/start", &[]).await;
    assert_eq!(stopped.calls(Operation::StartRecommender).len(), 1);

    let got = site.post("/g/shop/recommenders/bought/delete", &[("confirm", "other")]).await;
    assert_eq!((got.status, site.calls(Operation::DeleteRecommender).len()), (StatusCode::UNPROCESSABLE_ENTITY, 0));
    has(&got.body, &["This is not the name of the recommender."]);
    let got = site.post("/g/shop/recommenders/bought/delete", &[("confirm", "bought")]).await;
    assert_eq!(got.location.as_deref(), Some("/console/g/shop/deploy"), "{}", got.body);
    let gone = Site::with(|operation, _| {
        (operation == Operation::DeleteRecommender).then(|| Err(refusal("ResourceNotFoundException", "Gone.")))
    });
    let got = gone.post("/g/shop/recommenders/bought/delete", &[("confirm", "bought")]).await;
    assert_eq!(got.location.as_deref(), Some("/console/g/shop/deploy?gone=bought"));
    let busy = Site::with(|operation, _| {
        (operation == Operation::StopRecommender).then(|| Err(refusal("ResourceInUseException", "It is updated.")))
    });
    let got = busy.post("/g/shop/recommenders/bought/stop", &[]).await;
    assert_eq!(got.status, StatusCode::UNPROCESSABLE_ENTITY);
    has(&got.body, &["ResourceInUseException: It is updated."]);
}

#[tokio::test]
async fn the_requests_of_a_recommender_are_shown() {
    let span = TrafficSpan { requests: 120, prepared: 6, p95_ms: Some(3.25), ..TrafficSpan::default() };
    let site = Site::with_traffic(span);
    has(&site.page("/g/shop/recommenders/bought").await, &["6 (5.0 %)", "3.2 ms"]);
}

#[tokio::test]
async fn the_event_tracker_shows_its_id_the_call_and_what_came() {
    let quiet = Site::shop().page("/g/shop/event-tracker").await;
    let call = ["9d5b-track", "put-events", "put_events", "PutEventsCommand", "POST /events", "/events", "user-1"];
    has(&quiet, &call);
    has(&quiet, &["No event has come", "topics=events"]);
    let site = Site::with_traffic(TrafficSpan { events: 30, ..TrafficSpan::default() });
    let page = site.page("/g/shop/event-tracker").await;
    // A span stands for each of 1440 minutes.
    has(
        &page,
        &["43,200 events in the last 24 hours", "p&lt;1&gt;", "user42", "2027-01-15 07:43:20 UTC", "1800000000"],
    );
    has(&site.page("/g/shop/deploy").await, &["30 events in the last hour", "/g/shop/event-tracker\""]);
    // The call is about the last user who was known.
    assert!(page.contains("\"userId\": \"user42\"") || page.contains("userId=&quot;user42&quot;"), "{page}");
}

#[tokio::test]
async fn an_event_tracker_is_made_and_deleted() {
    let site = Site::with(|operation, _| {
        (operation == Operation::ListEventTrackers).then(|| Ok(json!({"eventTrackers": []})))
    });
    has(&site.page("/g/shop/event-tracker").await, &["Create event tracker", "name=\"name\""]);
    let got = site.post("/g/shop/event-tracker", &[("name", "web")]).await;
    assert_eq!(got.location.as_deref(), Some("/console/g/shop/event-tracker"), "{}", got.body);
    let made = json!({"name": "web", "datasetGroupArn": format!("{ARN}:dataset-group/shop")});
    assert_eq!(site.calls(Operation::CreateEventTracker), [made]);
    let taken = Site::with(|operation, _| match operation {
        Operation::ListEventTrackers => Some(Ok(json!({"eventTrackers": []}))),
        Operation::CreateEventTracker => Some(Err(refusal("ResourceAlreadyExistsException", "There is one."))),
        _ => None,
    });
    let got = taken.post("/g/shop/event-tracker", &[("name", "web")]).await;
    assert_eq!(got.status, StatusCode::UNPROCESSABLE_ENTITY);
    has(&got.body, &["id=\"field-name-error\">There is one.", "value=\"web\""]);

    let site = Site::shop();
    let got = site.post("/g/shop/event-tracker/delete", &[("confirm", "other")]).await;
    assert_eq!((got.status, site.calls(Operation::DeleteEventTracker).len()), (StatusCode::UNPROCESSABLE_ENTITY, 0));
    has(&got.body, &["This is not the name of the event tracker."]);
    let got = site.post("/g/shop/event-tracker/delete", &[("confirm", "web")]).await;
    assert_eq!(got.location.as_deref(), Some("/console/g/shop/event-tracker"), "{}", got.body);
    assert_eq!(site.calls(Operation::DeleteEventTracker).len(), 1);
}

#[tokio::test]
async fn a_version_shows_what_its_training_used() {
    let page = Site::shop().page("/g/shop/train/for-you/v1").await;
    has(
        &page,
        &[
            "18446744073709551615",
            "300.0 MiB",
            "1.2 MiB",
            "refit: network",
            "1 min 4 s",
            "1.2 s",
            "98.1 %",
            "split: 9 &lt;training&gt; users",
            "Log of the training (1)",
            "Attempts",
        ],
    );
    let korean = Site::shop().korean().page("/g/shop/train/for-you/v1").await;
    has(&korean, &["1분 4초", "1.2초"]);
    // One of an earlier build has no record.
    assert!(!Site::shop().page("/g/shop/train/for-you/v2").await.contains("Time of the stages"));
}

#[tokio::test]
async fn versions_to_compare_are_found_by_their_state() {
    let site = Site::with(|operation, _| {
        let version = |id: &str, status: &str| json!({"solutionVersionArn": format!("{ARN}:solution/for-you/{id}"), "status": status, "creationDateTime": 1.7e9});
        let all = [version("good", "ACTIVE"), version("bad", "CREATE FAILED"), version("new", "CREATE PENDING")];
        (operation == Operation::ListSolutionVersions).then(|| Ok(json!({"solutionVersions": all})))
    });
    let page = site.page("/g/shop/evaluate").await;
    has(&page, &["for-you / good", "for-you / bad", "for-you / new", "<option value=\"failed\">"]);
    let boxes = page.matches("type=\"checkbox\" name=\"v\"").count();
    assert_eq!((boxes, page.matches("\" disabled aria-label").count()), (3, 2), "{page}");
    let page = site.page("/g/shop/evaluate?state=failed").await;
    has(&page, &["for-you / bad", "<option value=\"failed\" selected"]);
    assert!(!page.contains("for-you / good") && !page.contains("for-you / new"), "{page}");
    // Only versions that were evaluated have metrics.
    let page = site.page("/g/shop/evaluate?state=in-progress&q=ndcg%4025+%3E+0").await;
    assert!(!page.contains("for-you / new"), "{page}");
}
