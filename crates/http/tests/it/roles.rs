//! Processes that share the work: each answers what is of its role, and says of the rest where it belongs.

use crate::harness::{CAMPAIGN, Options, SIGNER, Server, Signer, operation, server_made};
use http::Request;
use serde_json::json;
use tastemaker_domain::role::{Role, Roles};
use tastemaker_http::{AdmissionLimits, ListenerConfig};

fn with_roles(roles: &[Role]) -> Server {
    let listener = ListenerConfig { roles: roles.iter().copied().collect::<Roles>(), ..ListenerConfig::default() };
    let server = server_made(Options::default(), AdmissionLimits::default(), listener);
    server.publish(CAMPAIGN, true, false);
    server
}

#[tokio::test]
async fn what_is_of_another_role_is_refused_with_its_name() {
    let (api, serving) = (with_roles(&[Role::Api]), with_roles(&[Role::Serving]));
    let list = || SIGNER.sign(operation("ListSchemas", json!({}).to_string()));
    assert_eq!(api.send(list()).await.status(), 200);
    let refused = serving.send(list()).await;
    refused.is_error(503, "ServiceUnavailableException", "ListSchemas is answered by processes with the role api");
    refused.is_error(503, "ServiceUnavailableException", "this one has: serving");
    assert_eq!(serving.get("/recommendations?user_id=known&n=1").await.status(), 200);
    let refused = api.get("/recommendations?user_id=known&n=1").await;
    assert_eq!(refused.status(), 503);
    assert!(refused.text().contains("with the role serving; this one has: api"), "{}", refused.text());
    let body = json!({"campaignArn": CAMPAIGN, "userId": "known"}).to_string().into_bytes();
    let ask = || SIGNER.sign(Request::post("/recommendations").body(body.clone()).unwrap());
    assert_eq!(serving.send(ask()).await.status(), 200);
    api.send(ask()).await.is_error(503, "ServiceUnavailableException", "GetRecommendations is answered by");
    let bucket = || {
        let request = Request::put("/a-bucket").body(Vec::new()).unwrap();
        Signer { service: "s3", ..SIGNER }.sign(request)
    };
    assert_eq!(api.send(bucket()).await.status(), 200);
    let refused = serving.send(bucket()).await;
    assert!(refused.status() == 503 && refused.text().contains("S3 is answered by"), "{}", refused.text());
}

#[tokio::test]
async fn every_process_tells_its_roles_when_it_is_ready() {
    for (roles, told) in [
        (&Role::ALL[..], "READY"),
        (&[Role::Api, Role::Worker], "READY\nroles: api, worker"),
        (&[Role::Serving], "READY\nroles: serving"),
    ] {
        let server = with_roles(roles);
        assert_eq!(server.get("/ready").await.text(), told);
        assert_eq!(server.get("/health").await.status(), 200);
        assert_eq!(server.get("/openapi.json").await.status(), 200);
    }
}
