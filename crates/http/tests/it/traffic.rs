//! The counts of requests for lists, by campaign and for all.

use crate::harness::{CAMPAIGN, REGION, SIGNER, Server, server};
use http::Request;
use serde_json::json;
use tastemaker_http::InProcessApi;
use tastemaker_http::traffic::{TrafficCounts, TrafficWindow};

/// The counts of the second that ends now.
fn counted(server: &Server, campaign: Option<&str>) -> Option<TrafficCounts> {
    server.state.traffic.requests(campaign, TrafficWindow::Seconds(1)).pop()
}

#[tokio::test]
async fn lists_of_both_families_count_for_their_campaign_and_nothing_else_does() {
    let server = server();
    server.publish(CAMPAIGN, true, false);
    assert_eq!(server.get("/recommendations?user_id=known&n=1").await.status(), 200);
    let ask = |user: &str| {
        let body = json!({"campaignArn": CAMPAIGN, "userId": user}).to_string().into_bytes();
        SIGNER.sign(Request::post("/recommendations").body(body).unwrap())
    };
    assert_eq!(server.send(ask("known")).await.status(), 200);
    assert_eq!(server.send(ask("stranger")).await.status(), 200);
    let body = json!({"campaignArn": format!("{CAMPAIGN}-absent"), "userId": "known"}).to_string().into_bytes();
    let refused = server.send(SIGNER.sign(Request::post("/recommendations").body(body).unwrap())).await;
    assert_eq!(refused.status(), 404);
    assert_eq!(server.call("ListSchemas", json!({})).await.status(), 200);
    assert_eq!(server.get("/health").await.status(), 200);
    server.state.traffic.tick(1_000);
    let (all, of_campaign) = (counted(&server, None).unwrap(), counted(&server, Some(CAMPAIGN)).unwrap());
    assert_eq!((all.requests(), all.client_errors(), all.server_errors()), (4, 1, 0));
    assert_eq!((of_campaign.requests(), of_campaign.client_errors()), (3, 0));
    assert_eq!((all.cold_starts(), of_campaign.cold_starts()), (1, 1), "the stranger's list");
    assert_eq!(counted(&server, Some(&format!("{CAMPAIGN}-absent"))), None, "names of others make no counts");
}

#[tokio::test]
async fn callers_in_the_process_know_the_region() {
    assert_eq!(InProcessApi::new(server().state.clone()).default_region(), REGION);
}
