//! Deployments in the middle of requests: the rules and the answer of one request concern one model.

use crate::harness::{CAMPAIGN, Options, Received, Server, Successor, arn, server_admitting};
use serde_json::json;
use std::sync::Arc;
use std::time::Duration;
use tastemaker_domain::catalog;
use tastemaker_http::AdmissionLimits;

/// One list at a time, and enough time for it however slow the machine is.
fn one_at_a_time() -> Server {
    let options = Options { budget: Duration::from_secs(60), bare_items: true, ..Options::default() };
    server_admitting(options, AdmissionLimits { computing_max: 1, waiting_max: 1 })
}

/// The answer to a request whose model was looked up, and its rules checked, before `deploy`.
async fn answered_across(server: &Server, request: impl Future<Output = Received>, deploy: impl FnOnce()) -> Received {
    let permit = server.admission.acquire(CAMPAIGN, 1, Duration::ZERO).await.unwrap();
    let mut request = Box::pin(request);
    while server.admission.waiting() == 0 {
        assert!(futures::poll!(&mut request).is_pending());
        tokio::task::yield_now().await;
    }
    deploy();
    drop(permit);
    request.await
}

#[tokio::test]
async fn get_recommendations_answers_with_the_model_that_was_checked() {
    let server = one_at_a_time();
    server.publish(CAMPAIGN, true, true);
    let body = || json!({"campaignArn": CAMPAIGN, "userId": "known", "metadataColumns": {"ITEMS": ["NAME"]}});
    let before = server.call("GetRecommendations", body()).await.json();
    assert_eq!(before["itemList"][0], json!({"itemId": "i/2", "metadata": {"name": "Lamp"}, "score": 0.3678794}));
    let deploy = || server.publish_model(CAMPAIGN, &catalog::AWS_SIMS, Arc::new(Successor), false);
    let across = answered_across(&server, server.call("GetRecommendations", body()), deploy).await.json();
    assert_eq!(across["itemList"], before["itemList"]);
    let after = server.call("GetRecommendations", body()).await;
    after.is_error(400, "InvalidInputException", "itemId is required by the recipe aws-sims");
}

#[tokio::test]
async fn a_ranking_answers_with_the_model_that_was_checked() {
    let server = one_at_a_time();
    server.publish_model(CAMPAIGN, &catalog::AWS_PERSONALIZED_RANKING, Arc::new(Successor), false);
    let body = || json!({"campaignArn": CAMPAIGN, "userId": "known", "inputList": ["i0", "i3", "i/2"]});
    let before = server.call("GetPersonalizedRanking", body()).await.json();
    let deploy = || server.publish(CAMPAIGN, false, false);
    let across = answered_across(&server, server.call("GetPersonalizedRanking", body()), deploy).await.json();
    assert_eq!(across["personalizedRanking"], before["personalizedRanking"]);
    let after = server.call("GetPersonalizedRanking", body()).await;
    after.is_error(400, "InvalidInputException", "needs PERSONALIZED_RANKING");
}

#[tokio::test]
async fn a_plain_list_is_that_of_the_planned_model() {
    let server = one_at_a_time();
    server.publish(CAMPAIGN, true, false);
    let ask = async |user: &str| {
        let uri = format!("/recommendations?user_id={user}&n=2&shape=ids");
        server.get_with(&uri, "cache-control", "no-cache").await
    };
    let before = ask("known").await;
    let deploy = || server.publish(CAMPAIGN, false, false);
    let across = answered_across(&server, ask("known"), deploy).await;
    assert_eq!(across.header("x-personalize-recipe"), "aws-user-personalization");
    assert_eq!((across.status(), across.json()), (200, before.json()));
    assert_eq!(ask("known").await.status(), 404, "no model of users is left");
}

#[tokio::test]
async fn related_items_are_ordered_by_the_planned_ranking() {
    let server = one_at_a_time();
    let ranking = arn("campaign/ranking");
    server.publish_model(CAMPAIGN, &catalog::AWS_SIMS, Arc::new(Successor), false);
    server.publish_model(&ranking, &catalog::AWS_PERSONALIZED_RANKING, Arc::new(Successor), false);
    let ask = async |user: &str| {
        let uri = format!("/related?item_id=i0&user_id={user}&n=2&shape=ids");
        server.get_with(&uri, "cache-control", "no-cache").await
    };
    let (before, unranked) = (ask("known").await, ask("").await);
    assert_ne!(before.json(), unranked.json());
    let retire = || server.serving.campaigns.retire(&ranking);
    let across = answered_across(&server, ask("known"), retire).await;
    assert_eq!(across.json(), before.json());
    assert_eq!(ask("known").await.json(), unranked.json());
}
