//! Web pages and other names: what a listener that asks for no token answers to them, and cross-origin resource sharing.

use crate::harness::{
    CAMPAIGN, Options, Received, SIGNER, Server, operation, server_made, server_on_loopback, with_dataset,
};
use http::Request;
use serde_json::json;
use tastemaker_http::access::Key;
use tastemaker_http::browsers::BrowserPolicy;
use tastemaker_http::{Access, AdmissionLimits, ListenerConfig};

async fn ask(server: &Server, method: &str, uri: &str, headers: &[(&str, &str)]) -> Received {
    let mut request = Request::builder().method(method).uri(uri);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let body = if method == "POST" { r#"{"user_id":"u","items":["i1"],"eventList":[],"events":[]}"# } else { "" };
    server.send(request.body(body.as_bytes().to_vec()).unwrap()).await
}

const JSON: (&str, &str) = ("content-type", "application/json");
const HERE: (&str, &str) = ("host", "127.0.0.1:4100");
const EVIL: (&str, &str) = ("origin", "https://evil.example");
const SHOP: (&str, &str) = ("origin", "https://shop.example");

fn bare() -> Options {
    Options { bare_items: true, ..Options::default() }
}

#[tokio::test]
async fn names_of_other_machines_are_refused_on_loopback() {
    let server = server_on_loopback(bare());
    server.publish(CAMPAIGN, true, false);
    for (method, uri) in [
        ("GET", "/recommendations?user_id=known"),
        ("HEAD", "/recommendations?user_id=known"),
        ("GET", "/popular"),
        ("GET", "/metrics"),
        ("GET", "/openapi.json"),
        ("GET", "/ready"),
        ("POST", "/events"),
        ("POST", "/rerank"),
        ("POST", "/braze/currents"),
        ("POST", "/braze/webhook/x"),
    ] {
        let answer = ask(&server, method, uri, &[("host", "evil.example:4100"), JSON]).await;
        assert_eq!(answer.status(), 403, "{method} {uri}");
        let told = answer.text().contains("The Host 'evil.example:4100' is not a name of this server");
        assert!(told || method == "HEAD", "{uri}");
        for host in ["localhost:4100", "127.0.0.1", "[::1]:4100", "rec.example.com"] {
            let answer = ask(&server, method, uri, &[("host", host), JSON]).await;
            assert_ne!(answer.status(), 403, "{method} {uri} {host}: {}", answer.text());
        }
    }
    assert_eq!(ask(&server, "GET", "/health", &[("host", "evil.example")]).await.status(), 200);
    // A signature covers the name.
    assert_eq!(server.call("ListSchemas", json!({})).await.status(), 200);
}

#[tokio::test]
async fn a_token_proves_its_sender_under_any_name() {
    let browsers = BrowserPolicy::for_loopback(&[], &[]).unwrap();
    let metrics = Access::keys(vec![Key::new("own", "t"), Key::new("m", "m")]);
    let listener = ListenerConfig { browsers, metrics, ..ListenerConfig::default() };
    let options = Options { access: Access::keys(vec![Key::new("k", "t")]), ..bare() };
    let server = server_made(options, AdmissionLimits::default(), listener);
    server.publish(CAMPAIGN, true, false);
    let (proxy, token) = (("host", "rec.example.com"), ("x-api-key", "t"));
    assert_eq!(ask(&server, "GET", "/recommendations?user_id=known", &[proxy, token]).await.status(), 200);
    assert_eq!(ask(&server, "GET", "/recommendations?user_id=known", &[proxy]).await.status(), 401);
    // Without a content type, which a page could send.
    assert_eq!(ask(&server, "POST", "/rerank", &[proxy, token]).await.status(), 200);
    let foreign = ask(&server, "POST", "/rerank", &[proxy, token, EVIL]).await;
    assert!(foreign.status() == 403 && foreign.text().contains("'https://evil.example' may not post"));

    for (bearer, status) in [("Bearer t", 200), ("Bearer m", 200), ("Bearer x", 401), ("", 401)] {
        let answer = ask(&server, "GET", "/metrics", &[proxy, ("authorization", bearer)]).await;
        assert_eq!(answer.status(), status, "{bearer}");
        if status == 401 {
            assert!(answer.text().contains("/metrics wants a token on this listener"), "{}", answer.text());
            assert!(answer.header("www-authenticate").starts_with("Basic"));
        }
    }
}

#[tokio::test]
async fn ready_names_campaigns_to_those_alone_who_may_read_the_metrics() {
    for (metrics, key, told) in [
        (Access::open(), "", true),
        (Access::keys(vec![Key::new("m", "m")]), "m", true),
        (Access::keys(vec![Key::new("m", "m")]), "x", false),
        (Access::keys(vec![Key::new("m", "m")]), "", false),
    ] {
        let browsers = BrowserPolicy::for_loopback(&[], &[]).unwrap();
        let listener = ListenerConfig { browsers, metrics, ..ListenerConfig::default() };
        let server = server_made(bare(), AdmissionLimits::default(), listener);
        let ready = async || {
            let answer = ask(&server, "GET", "/ready", &[HERE, ("x-api-key", key)]).await;
            (answer.status(), answer.text().to_owned())
        };
        assert_eq!(ready().await, (200, "READY".into()));
        server.serving.campaigns.set_failures([("arn:c".to_owned(), "a file is gone".to_owned())].into());
        let named = "READY\narn:c cannot be loaded: a file is gone";
        let counted = "READY\n1 of the campaigns cannot be loaded; send the token of /metrics to see which and why";
        assert_eq!(ready().await, (200, if told { named } else { counted }.into()));
    }
}

#[tokio::test]
async fn pages_of_other_origins_neither_read_nor_post() {
    let server = server_on_loopback(bare());
    with_dataset(&server).await;
    server.publish(CAMPAIGN, true, false);
    let uri = "/recommendations?user_id=known";
    for (origin, shared) in [
        (EVIL, ""),
        (("origin", "null"), ""),
        (SHOP, "https://shop.example"),
        (("origin", "http://localhost:3000"), "http://localhost:3000"),
        (("origin", "http://127.0.0.1:4100"), "http://127.0.0.1:4100"),
    ] {
        let answer = ask(&server, "GET", uri, &[HERE, origin]).await;
        assert_eq!((answer.status(), answer.header("access-control-allow-origin")), (200, shared), "{origin:?}");
        assert_eq!(answer.header("access-control-expose-headers").is_empty(), shared.is_empty());
        assert!(answer.header("vary").contains("Origin"));
        let missing = ask(&server, "GET", "/recommendations", &[HERE, origin]).await;
        assert_eq!((missing.status(), missing.header("access-control-allow-origin")), (400, shared), "{origin:?}");
        let posted = ask(&server, "POST", "/rerank", &[HERE, JSON, origin]).await;
        assert_eq!(posted.status(), if shared.is_empty() { 403 } else { 200 }, "{origin:?} {}", posted.text());
        let document = ask(&server, "GET", "/openapi.json", &[HERE, origin]).await;
        assert_eq!(document.header("access-control-allow-origin"), shared);
    }
    for path in ["/events", "/rerank", "/braze/currents"] {
        for kind in ["text/plain", "application/x-www-form-urlencoded", "multipart/x"] {
            let posted = ask(&server, "POST", path, &[HERE, ("content-type", kind)]).await;
            assert_eq!(posted.status(), 415, "{path} {kind}");
            assert!(posted.text().contains(&format!("must be application/json, not '{kind}'")), "{}", posted.text());
        }
        assert_eq!(ask(&server, "POST", path, &[HERE]).await.status(), 415, "{path}");
        assert_ne!(ask(&server, "POST", path, &[HERE, JSON]).await.status(), 415, "{path}");
    }
}

/// An AWS SDK in the browser: its preflights, and its signed calls.
#[tokio::test]
async fn the_signed_api_answers_pages_of_chosen_origins() {
    let server = server_on_loopback(Options::default());
    server.publish(CAMPAIGN, true, false);
    let sdk = "amz-sdk-invocation-id,amz-sdk-request,authorization,content-type,x-amz-date,x-amz-security-token,\
               x-amz-target";
    let (method, names) = (("access-control-request-method", "POST"), ("access-control-request-headers", sdk));
    for path in ["/", "/recommendations", "/events", "/personalize-ranking", "/items"] {
        let allowed = ask(&server, "OPTIONS", path, &[HERE, SHOP, method, names]).await;
        assert_eq!((allowed.status(), allowed.header("access-control-allow-origin")), (204, "https://shop.example"));
        assert!(allowed.header("access-control-allow-methods").contains("POST"), "{path}");
        assert_eq!(allowed.header("access-control-allow-headers"), sdk, "{path}");
        let foreign = ask(&server, "OPTIONS", path, &[HERE, EVIL, method, names]).await;
        assert_eq!(foreign.status(), 204, "{path}");
        for name in ["access-control-allow-origin", "access-control-allow-headers", "access-control-allow-methods"] {
            assert_eq!(foreign.header(name), "", "{path} {name}");
        }
    }
    let unasked = ask(&server, "OPTIONS", "/", &[HERE, SHOP, method]).await;
    let listed = unasked.header("access-control-allow-headers").to_ascii_lowercase();
    for name in sdk.split(',') {
        assert!(listed.split(", ").any(|listed| listed == name), "{name} in {listed}");
    }
    let body = json!({"campaignArn": CAMPAIGN, "userId": "known"}).to_string();
    for (origin, shared) in [(SHOP, "https://shop.example"), (EVIL, "")] {
        let mut signed = SIGNER.sign(operation("GetRecommendations", body.clone()));
        signed.headers_mut().insert("origin", origin.1.parse().unwrap());
        let answer = server.send(signed).await;
        assert_eq!((answer.status(), answer.header("access-control-allow-origin")), (200, shared));
        let mut unsigned = operation("GetRecommendations", body.clone());
        unsigned.headers_mut().insert("origin", origin.1.parse().unwrap());
        let refused = server.send(unsigned).await;
        assert_eq!((refused.status(), refused.header("access-control-allow-origin")), (403, shared));
    }
}
