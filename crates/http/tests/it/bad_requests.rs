//! Faulty requests and the errors that callers read.

use crate::harness::{SIGNER, Signer, operation, server};
use http::Request;
use serde_json::json;
use tastemaker_http::operations::BUILT;
use tastemaker_wire::Operation;

#[tokio::test]
async fn unsigned_and_wrongly_signed_requests() {
    let server = server();
    let list = || operation("ListSchemas", "{}");
    let missing = "MissingAuthenticationTokenException";
    server.send(list()).await.is_error(403, missing, "tastemaker env");
    server.send(operation("GetRecommendations", "{}")).await.is_error(403, missing, "signed");
    server.send(operation("NoSuchThing", "{}")).await.is_error(403, missing, "signed");
    server.send(Request::post("/").body(Vec::new()).unwrap()).await.is_error(403, missing, "signed");

    let unknown = Signer { key: "AKIDEXAMPLE", ..SIGNER };
    let answer = server.send(unknown.sign(list())).await;
    answer.is_error(403, "UnrecognizedClientException", "eval \"$(tastemaker env)\"");
    let wrong = Signer { secret: "wrong", ..SIGNER };
    server.send(wrong.sign(list())).await.is_error(403, "InvalidSignatureException", "signature");
    let old = Signer { seconds_ago: 3600, ..SIGNER };
    server.send(old.sign(list())).await.is_error(403, "InvalidSignatureException", "");
    let other = Signer { service: "execute-api", ..SIGNER };
    server.send(other.sign(list())).await.is_error(403, "InvalidSignatureException", "'personalize'");

    for region in ["a'b", "EU-WEST-1", &"x".repeat(33)] {
        let answer = server.send(Signer { region, ..SIGNER }.sign(list())).await;
        answer.is_error(403, "InvalidSignatureException", &format!("a valid region, not '{region}'"));
    }

    for service in ["s3", "sts", "iam"] {
        let bucket = Request::get("/bucket/key").body(Vec::new()).unwrap();
        let answer = server.send(Signer { region: "a'b", service, ..SIGNER }.sign(bucket)).await;
        assert!(answer.status() == 403 && answer.text().contains("a valid region, not"), "{service} {}", answer.text());
    }

    let mut changed = SIGNER.sign(list());
    *changed.body_mut() = b"{\"maxResults\": 5}".to_vec();
    server.send(changed).await.is_error(403, "InvalidSignatureException", "");
    let mut cut = SIGNER.sign(list());
    cut.headers_mut().insert("authorization", "AWS4-HMAC-SHA256 Credential=x".parse().unwrap());
    server.send(cut).await.is_error(403, "IncompleteSignatureException", "SignedHeaders");
}

#[tokio::test]
async fn bodies_that_are_not_what_they_should_be() {
    let server = server();
    let serialization = "SerializationException";
    for body in ["{", "[]", "nope", "\"x\"", "{\"maxResults\": \"ten\"}", "{\"maxResults\": 1.5}", "{\"nextToken\": 1}"]
    {
        let answer = server.send(SIGNER.sign(operation("ListSchemas", body))).await;
        answer.is_error(400, serialization, "");
    }
    for body in [&b"\xff\xfe"[..], b"{\"a\": \"\xff\"}", b"\0"] {
        server.send(SIGNER.sign(operation("PutEvents", body))).await.is_error(400, serialization, "");
    }
    let deep = format!("{{\"x\":{}{}}}", "[".repeat(5000), "]".repeat(5000));
    server.send(SIGNER.sign(operation("ListSchemas", deep))).await.is_error(400, serialization, "");
    let large = server.send(SIGNER.sign(operation("ListSchemas", vec![b' '; 10 << 20]))).await;
    large.is_error(413, "RequestEntityTooLargeException", "4194304");

    let empty = server.send(SIGNER.sign(operation("ListSchemas", ""))).await;
    assert_eq!((empty.status(), empty.text()), (200, "{\"schemas\":[]}"));
    let unknown = server.call("ListSchemas", json!({"newMember": {"a": [1]}, "maxResults": null})).await;
    assert_eq!(unknown.status(), 200, "{}", unknown.text());
}

#[tokio::test]
async fn unknown_operations() {
    let server = server();
    let unknown = "UnknownOperationException";
    server.call("NoSuchThing", json!({})).await.is_error(400, unknown, "AmazonPersonalize.NoSuchThing");
    let path = Request::post("/no-such-thing").body(b"{}".to_vec()).unwrap();
    server.send(SIGNER.sign(path)).await.is_error(404, unknown, "POST /no-such-thing");
    let method = Request::get("/events").body(Vec::new()).unwrap();
    server.send(SIGNER.sign(method)).await.is_error(404, unknown, "GET /events");
    let target = Request::post("/").body(b"{}".to_vec()).unwrap();
    server.send(SIGNER.sign(target)).await.is_error(400, unknown, "POST /");
}

#[tokio::test]
async fn constraints_are_reported_in_the_form_of_aws() {
    let server = server();
    let invalid = "InvalidInputException";
    let answer = server.call("CreateDatasetGroup", json!({"name": "!", "domain": "FOO"})).await;
    answer.is_error(400, invalid, "2 validation errors detected: ");
    server.call("CreateSchema", json!({"name": "a"})).await.is_error(400, invalid, "Value null at 'schema'");
    server.call("ListSchemas", json!({"maxResults": 101})).await.is_error(400, invalid, "less than or equal to 100");
    let token = server.call("ListSchemas", json!({"nextToken": "made-up"})).await;
    token.is_error(400, "InvalidNextTokenException", "");
}

/// Every operation that is not built checks its input and then says that it is not there.
#[tokio::test]
async fn operations_that_are_not_built_say_so() {
    let server = server();
    for operation in Operation::all().filter(|o| !BUILT.contains(o)) {
        let row = operation.descriptor();
        let mut request = Request::post(row.path);
        if let Some(target) = row.target {
            request = request.header("x-amz-target", target);
        }
        let wrong = SIGNER.sign(request.body(b"{\"nextToken\": 5, \"name\": 5, \"campaignArn\": 5}".to_vec()).unwrap());
        let status = server.send(wrong).await.status();
        assert_eq!(status, 400, "{}", row.name);
    }
}

#[tokio::test]
async fn members_that_would_be_ignored_are_refused() {
    let server = server();
    let group = "arn:aws:personalize:eu-west-1:123456789012:dataset-group/g";
    for (member, value) in
        [("performAutoML", json!(true)), ("solutionConfig", json!({"autoMLConfig": {"metricName": "coverage"}}))]
    {
        let recipe = "arn:aws:personalize:::recipe/aws-user-personalization";
        let body = json!({"name": "s", "datasetGroupArn": group, "recipeArn": recipe, member: value});
        let refused = server.call("CreateSolution", body).await;
        refused.is_error(400, "InvalidInputException", &format!("'{member}"));
        refused.is_error(400, "InvalidInputException", "recipeArn");
    }
}
