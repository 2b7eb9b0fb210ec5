//! The place of the web console in the server, with toy pages.

use crate::harness::{CAMPAIGN, SIGNER, Server, Signer, operation, server, server_with_console};
use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::Request as PageRequest;
use axum::response::sse::{Event, Sse};
use axum::routing::{get, post};
use futures::stream::{self, StreamExt};
use http::{Request, StatusCode};
use http_body_util::BodyExt;
use serde_json::json;
use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;
use tastemaker_http::{ConsoleClient, InProcessApi};
use tastemaker_wire::Operation;
use tokio::sync::{Notify, Semaphore};
use tower::ServiceExt;

/// Pages that say how they were asked.
fn told() -> Router {
    Router::new().fallback(|request: PageRequest| async move {
        let client = request.extensions().get::<ConsoleClient>().cloned().expect("the server's word");
        let host = request.headers().get("host").map_or("", |host| host.to_str().expect("text")).to_owned();
        let said = json!({
            "method": request.method().as_str(),
            "path": request.uri().to_string(),
            "host": host,
            "request_id": client.request_id,
            "by_trusted_proxy": client.by_trusted_proxy,
        });
        said.to_string()
    })
}

async fn open(server: &Server, request: Request<Body>) -> http::Response<Body> {
    server.router.clone().oneshot(request).await.expect("infallible")
}

fn request(method: &str, uri: &str) -> Request<Body> {
    Request::builder().method(method).uri(uri).body(Body::empty()).expect("a request")
}

#[tokio::test]
async fn pages_get_their_paths_and_what_the_server_knows() {
    let server = server_with_console("/rec", told());
    for (uri, path) in [
        ("/console", "/"),
        ("/console/", "/"),
        ("/console?x=1", "/?x=1"),
        ("/console/g/a%2Fb/data?x=%26", "/g/a%2Fb/data?x=%26"),
        ("/rec/console/about", "/about"),
        ("http://rec.example.com/console/about", "/about"),
    ] {
        let answer = server.get_with(uri, "x-forwarded-for", "10.0.0.1").await;
        let said = answer.json();
        assert_eq!((answer.status(), &said["path"]), (200, &json!(path)), "{uri}");
        assert_eq!(said["request_id"], answer.header("x-amzn-requestid"));
        assert_eq!(said["by_trusted_proxy"], false);
        assert_eq!(said["host"], if uri.starts_with("http") { "rec.example.com" } else { "" });
    }
    let front = server.get_with("/", "accept", "text/html,*/*;q=0.8").await;
    assert_eq!((front.status(), front.header("location")), (303, "console/"));
    assert_eq!(server.get_with("/rec", "accept", "text/html").await.header("location"), "rec/console/");
    assert_eq!(server.get("/").await.status(), 404);
}

#[tokio::test]
async fn without_a_console_nothing_is_there() {
    let server = server();
    for path in ["/console", "/console/about", "/"] {
        let answer = server.get_with(path, "accept", "text/html").await;
        assert_eq!(answer.status(), 404, "{path}");
        assert!(answer.json()["message"].as_str().expect("text").contains("Nothing answers"), "{path}");
    }
}

#[tokio::test]
async fn a_bucket_called_console_is_reached_with_a_signature() {
    let server = server_with_console("", told());
    let s3 = Signer { service: "s3", ..SIGNER };
    let send = |method: &str, path: &str, body: &str| {
        server.send(s3.sign(Request::builder().method(method).uri(path).body(body.into()).expect("a request")))
    };
    assert_eq!(send("PUT", "/console", "").await.status(), 200);
    assert_eq!(send("PUT", "/console/about", "an object").await.status(), 200);
    assert_eq!(send("GET", "/console/about", "").await.text(), "an object");
    assert!(send("GET", "/console?list-type=2", "").await.text().contains("<Key>about</Key>"));
    assert_eq!(server.get("/console/about").await.json()["path"], "/about");
}

#[tokio::test]
async fn no_page_of_another_origin_reads_the_console() {
    let server = server_with_console("", told());
    for origin in ["http://localhost:3000", "https://shop.example"] {
        let answer = server.get_with("/console/about", "origin", origin).await;
        assert_eq!(answer.header("access-control-allow-origin"), "");
        let preflight = Request::builder().method("OPTIONS").uri("/console/about").header("origin", origin);
        let preflight = preflight.header("access-control-request-method", "POST").body(Vec::new()).unwrap();
        let answer = server.send(preflight).await;
        assert_eq!((answer.status(), answer.header("access-control-allow-methods")), (200, ""));
        assert_eq!(answer.json()["method"], "OPTIONS", "the console judges it");
    }
}

#[tokio::test]
async fn a_full_console_is_said_and_delays_no_list() {
    let (entered, leave) = (Arc::new(Semaphore::new(0)), Arc::new(Notify::new()));
    let (inside, gate) = (entered.clone(), leave.clone());
    let waits = move || {
        let (inside, gate) = (inside.clone(), gate.clone());
        async move {
            let left = gate.notified();
            inside.add_permits(1);
            left.await;
            "done"
        }
    };
    let server = server_with_console("", Router::new().route("/waits", get(waits)));
    server.publish(CAMPAIGN, true, false);
    let waiting: Vec<_> = (0..64)
        .map(|_| {
            let router = server.router.clone();
            tokio::spawn(async move { router.oneshot(request("GET", "/console/waits")).await.expect("infallible") })
        })
        .collect();
    let all = entered.acquire_many(64).await.expect("open");
    let refused = server.get("/console/waits").await;
    assert_eq!((refused.status(), refused.header("retry-after")), (503, "2"), "{}", refused.text());
    for _ in 0..100 {
        let body = json!({ "campaignArn": CAMPAIGN, "userId": "known", "numResults": 2 });
        let list = server.call("GetRecommendations", body).await;
        assert_eq!(list.status(), 200, "{}", list.text());
    }
    drop(all);
    leave.notify_waiters();
    for answer in waiting {
        assert_eq!(answer.await.expect("no panic").status(), 200);
    }
    let _free = open(&server, request("GET", "/console/waits"));
}

#[tokio::test]
async fn live_pages_count_until_they_end() {
    let live = || async {
        let events = stream::once(async { Ok::<_, Infallible>(Event::default().data("x")) });
        Sse::new(events.chain(stream::pending()))
    };
    let server =
        server_with_console("", Router::new().route("/live", get(live)).route("/page", get(|| async { "page" })));
    let mut open_pages = Vec::new();
    for _ in 0..64 {
        let answer = open(&server, request("GET", "/console/live")).await;
        assert_eq!(answer.status(), StatusCode::OK);
        open_pages.push(answer);
    }
    assert_eq!(open(&server, request("GET", "/console/live")).await.status(), StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(server.get("/console/page").await.text(), "page", "pages have permits of their own");
    open_pages.pop();
    assert_eq!(open(&server, request("GET", "/console/live")).await.status(), StatusCode::OK);
}

/// A body of so many pieces, each after a pause.
fn slowly(pieces: usize, pause: Duration) -> Body {
    Body::from_stream(stream::unfold(0, move |at| async move {
        if at == pieces {
            return None;
        }
        tokio::time::sleep(pause).await;
        Some((Ok::<_, Infallible>(Bytes::from_static(b"piece")), at + 1))
    }))
}

#[tokio::test(start_paused = true)]
async fn an_upload_may_take_its_time_but_not_fall_silent() {
    let reads = |body: Body| async {
        match body.collect().await {
            Ok(read) => (StatusCode::OK, read.to_bytes().len().to_string()),
            Err(error) => (StatusCode::REQUEST_TIMEOUT, error.to_string()),
        }
    };
    let server = server_with_console("", Router::new().route("/upload", post(reads)));
    for (content_type, pieces, pause_s, status) in [
        ("multipart/form-data; boundary=x", 20, 30, 200),
        ("multipart/form-data; boundary=x", 1, 61, 408),
        ("application/x-www-form-urlencoded", 20, 30, 503),
        ("application/x-www-form-urlencoded", 20, 1, 200),
    ] {
        let request = Request::post("/console/upload").header("content-type", content_type);
        let request = request.body(slowly(pieces, Duration::from_secs(pause_s))).unwrap();
        let answer = open(&server, request).await;
        assert_eq!(answer.status(), status, "{content_type} {pieces} {pause_s}");
        if status == 408 {
            let said = answer.into_body().collect().await.expect("a body").to_bytes();
            assert!(String::from_utf8_lossy(&said).contains("60 seconds"), "{said:?}");
        }
    }
}

#[tokio::test]
async fn operations_answer_callers_in_the_process() {
    let server = server();
    server.publish(CAMPAIGN, true, false);
    let api = InProcessApi::new(server.state.clone());
    let call = |operation: Operation, input: serde_json::Value| {
        let api = api.clone();
        async move { api.call("eu-west-1", operation, input.to_string().as_bytes()).await }
    };
    let made = call(Operation::CreateDatasetGroup, json!({ "name": "shop" })).await.expect("made");
    let signed = server.call("ListDatasetGroups", json!({})).await;
    assert!(signed.text().contains("dataset-group/shop"), "{}", signed.text());
    assert!(String::from_utf8_lossy(&made).contains("arn:aws:personalize:eu-west-1:123456789012:dataset-group/shop"));
    let list = call(Operation::GetRecommendations, json!({ "campaignArn": CAMPAIGN, "userId": "known" })).await;
    let wire =
        server
            .send(SIGNER.sign(operation(
                "GetRecommendations",
                json!({ "campaignArn": CAMPAIGN, "userId": "known" }).to_string(),
            )))
            .await;
    let list: serde_json::Value = serde_json::from_slice(&list.expect("a list")).expect("JSON");
    assert_eq!(list["itemList"], wire.json()["itemList"]);
    for (operation, input, status, name, word) in [
        (Operation::CreateDatasetGroup, json!({ "name": "shop" }), 400, "ResourceAlreadyExistsException", "shop"),
        (Operation::CreateDatasetGroup, json!({}), 400, "InvalidInputException", "name"),
        (
            Operation::GetRecommendations,
            json!({ "campaignArn": "arn:aws:personalize:eu-west-1:123456789012:campaign/x", "userId": "u" }),
            404,
            "ResourceNotFoundException",
            "x",
        ),
    ] {
        let refused = call(operation, input).await.expect_err(name);
        assert_eq!((refused.status, refused.name), (status, name), "{}", refused.message);
        assert!(refused.message.contains(word), "{}", refused.message);
    }
}

/// Forms show a refusal beside the field of its member; the bytes on the wire do not name it.
#[tokio::test]
async fn refusals_in_the_process_name_the_member_that_they_are_about() {
    let server = server();
    let api = InProcessApi::new(server.state.clone());
    let group = "arn:aws:personalize:eu-west-1:123456789012:dataset-group/g";
    let recipe = |name: &str| format!("arn:aws:personalize:::recipe/{name}");
    let solution = |recipe_name: &str, config: serde_json::Value| json!({"name": "s", "datasetGroupArn": group, "recipeArn": recipe(recipe_name), "solutionConfig": config});
    let version = "arn:aws:personalize:eu-west-1:123456789012:solution/s/v";
    let campaign =
        |config: serde_json::Value| json!({"name": "c", "solutionVersionArn": version, "campaignConfig": config});
    let (percentile, most) = ("min_user_history_length_percentile", "max_user_history_length_percentile");
    for (operation, input, member) in [
        (
            Operation::CreateSolution,
            solution("aws-user-personalization", json!({"algorithmHyperParameters": {"bptt": "9999"}})),
            "solutionConfig.algorithmHyperParameters.bptt",
        ),
        (
            Operation::CreateSolution,
            solution(
                "aws-user-personalization",
                json!({"featureTransformationParameters": {percentile: "0.9", most: "0.1"}}),
            ),
            "solutionConfig.featureTransformationParameters.min_user_history_length_percentile",
        ),
        (
            Operation::CreateSolution,
            solution(
                "aws-user-personalization",
                json!({"hpoConfig": {"hpoResourceConfig": {"maxNumberOfTrainingJobs": "99"}}}),
            ),
            "solutionConfig.hpoConfig.hpoResourceConfig.maxNumberOfTrainingJobs",
        ),
        (
            Operation::CreateSolution,
            solution(
                "aws-user-personalization-v2",
                json!({"eventsConfig": {"eventParametersList": [
                {"eventType": "a"}, {"eventType": "A"}]}}),
            ),
            "solutionConfig.eventsConfig.eventParametersList.2.member.eventType",
        ),
        (
            Operation::CreateSolution,
            solution(
                "aws-user-personalization",
                json!({"autoTrainingConfig": {"schedulingExpression": "rate(99 days)"}}),
            ),
            "solutionConfig.autoTrainingConfig.schedulingExpression",
        ),
        (
            Operation::CreateCampaign,
            campaign(json!({"itemExplorationConfig": {"explorationWeight": "7"}})),
            "campaignConfig.itemExplorationConfig.explorationWeight",
        ),
        (Operation::CreateCampaign, json!({"name": "not a name", "solutionVersionArn": version}), "name"),
        (
            Operation::CreateFilter,
            json!({"name": "f", "datasetGroupArn": group, "filterExpression": "EXCLUDE ItemID WHERE"}),
            "filterExpression",
        ),
        (
            Operation::CreateDatasetImportJob,
            json!({"jobName": "j", "datasetArn": "arn:aws:personalize:eu-west-1:123456789012:dataset/g/INTERACTIONS",
                "dataSource": {"dataLocation": "http://elsewhere"}, "roleArn": "arn:aws:iam::123456789012:role/r"}),
            "dataSource.dataLocation",
        ),
    ] {
        let name = operation.name();
        let refused = api.call("eu-west-1", operation, input.to_string().as_bytes()).await.expect_err(name);
        assert_eq!(refused.member.as_deref(), Some(member), "{name}: {}", refused.message);
        assert_eq!(refused.name, "InvalidInputException", "{name}: {}", refused.message);
        let answer = server.call(name, input).await;
        assert!(!answer.text().contains("\"member\""), "{}", answer.text());
    }
}
