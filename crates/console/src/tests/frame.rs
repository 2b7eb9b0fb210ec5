//! Names, other sites, paths, headers, languages and errors.

use super::world::{START_S, world};
use crate::client::Client;
use crate::language::Language;
use crate::session::Role;
use http::StatusCode;

#[tokio::test]
async fn a_page_of_another_site_changes_nothing() {
    let world = world(|_| {});
    for (headers, status) in [
        (&[("origin", "https://evil.example")][..], StatusCode::FORBIDDEN),
        (&[("origin", "null")], StatusCode::FORBIDDEN),
        (&[("sec-fetch-site", "cross-site")], StatusCode::FORBIDDEN),
        (&[("sec-fetch-site", "same-site"), ("origin", "http://127.0.0.1:3000")], StatusCode::FORBIDDEN),
        (&[("sec-fetch-site", "same-origin")], StatusCode::SEE_OTHER),
        (&[("origin", "http://127.0.0.1:4100")], StatusCode::SEE_OTHER),
        (&[("origin", "https://127.0.0.1:4100")], StatusCode::SEE_OTHER),
        (&[], StatusCode::SEE_OTHER),
    ] {
        let mut browser = world.user().await;
        for (name, value) in headers {
            browser = browser.with(name, value);
        }
        let seen = browser.post("/preferences", "language=ko&theme=dark&next=/about").await;
        assert_eq!(seen.status, status, "{headers:?}");
        assert_eq!(seen.body.contains("sent from another site"), status == StatusCode::FORBIDDEN);
    }
}

#[tokio::test]
async fn names_of_others_are_misdirected() {
    let world = world(|config| config.hosts = vec!["rec.example.com".into()]);
    for (host, status) in [
        ("evil.example", StatusCode::MISDIRECTED_REQUEST),
        ("evil.example:4100", StatusCode::MISDIRECTED_REQUEST),
        ("rec.example.com", StatusCode::OK),
        ("localhost:4100", StatusCode::OK),
        ("10.0.0.7:4100", StatusCode::OK),
    ] {
        let seen = world.user().await.with("host", host).get("/about").await;
        assert_eq!(seen.status, status, "{host}");
        assert_eq!(seen.body.contains("console.hosts"), status != StatusCode::OK, "{host}");
        assert!(!seen.body.contains("/data") || status == StatusCode::OK);
    }
    // The name and the origin of one foreign page agree, which is why the name counts.
    let mut browser = world.user().await.with("host", "evil.example").with("origin", "http://evil.example");
    let seen = browser.post("/preferences", "language=ko&theme=dark&next=/").await;
    assert_eq!(seen.status, StatusCode::MISDIRECTED_REQUEST);
}

#[tokio::test]
async fn links_hold_below_a_path() {
    let world = world(|config| config.base_path = "/rec".into());
    let mut browser = world.user().await;
    let seen = browser.get("/about").await;
    assert!(seen.body.contains("href=\"/rec/console/about\"") && seen.body.contains("src=\"/rec/console/assets/"));
    assert!(!seen.body.contains("=\"/console"), "{}", seen.body);
    browser.client = Client { by_trusted_proxy: true, ..browser.client };
    let mut browser = browser.with("x-forwarded-prefix", "/a/b").with("x-forwarded-proto", "https");
    let seen = browser.get("/about").await;
    assert!(seen.body.contains("href=\"/a/b/console/about\"") && !seen.body.contains("/rec/"), "{}", seen.body);
    let link = format!("/login?code={}", world.secrets.make_code(Role::Edit, START_S));
    let seen = browser.get(&link).await;
    let cookie = seen.header("set-cookie");
    assert!(
        seen.location() == "/a/b/console/" && cookie.contains("Path=/a/b/console") && cookie.contains("Secure"),
        "{cookie}"
    );
}

#[tokio::test]
async fn a_browser_that_came_over_tls_shall_do_so_again() {
    let world = world(|config| config.hosts = vec!["rec.example.com".into()]);
    let mut browser = world.user().await;
    assert_eq!(browser.get("/about").await.header("strict-transport-security"), "");
    browser.client = Client { over_tls: true, ..browser.client };
    assert_eq!(
        browser.get("/about").await.header("strict-transport-security"),
        "",
        "of another server on this machine, too"
    );
    let mut browser = browser.with("host", "rec.example.com");
    let seen = browser.get("/about").await;
    assert_eq!(seen.header("strict-transport-security"), "max-age=15552000");
    let link = format!("/login?code={}", world.secrets.make_code(Role::Edit, START_S));
    assert!(browser.get(&link).await.header("set-cookie").contains("Secure"));
}

#[tokio::test]
async fn every_answer_is_protected() {
    let world = world(|config| config.image_hosts = vec!["https://cdn.shop.example".into()]);
    let mut browser = world.user().await;
    let page = browser.get("/about").await;
    let start = page.body.find("/console/assets/console.").expect("a style sheet") + "/console".len();
    let asset = page.body[start..].split('"').next().expect("its end").to_owned();
    for (path, status, caching) in [
        ("/about", StatusCode::OK, "no-store"),
        ("/login", StatusCode::OK, "no-store"),
        ("/nothing", StatusCode::NOT_FOUND, "no-store"),
        (asset.as_str(), StatusCode::OK, "public, max-age=31536000, immutable"),
    ] {
        let seen = browser.get(path).await;
        assert_eq!((seen.status, seen.header("cache-control")), (status, caching), "{path}");
        let policy = seen.header("content-security-policy");
        assert!(
            policy.contains("default-src 'none'") && policy.contains("https://cdn.shop.example"),
            "{path}: {policy}"
        );
        assert!(!policy.contains("unsafe"));
        for (name, value) in [
            ("x-content-type-options", "nosniff"),
            ("referrer-policy", "same-origin"),
            ("cross-origin-opener-policy", "same-origin"),
        ] {
            assert_eq!(seen.header(name), value, "{path}");
        }
    }
    let mut zipped = world.stranger().with("accept-encoding", "gzip, br");
    let seen = zipped.get(&asset).await;
    assert_eq!((seen.status, seen.header("content-encoding")), (StatusCode::OK, "gzip"), "no login for assets");
    assert_eq!(zipped.get("/assets/console.000000000000.css").await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn languages_and_themes_are_chosen() {
    let world = world(|_| {});
    let mut browser = world.user().await.with("accept-language", "ko-KR,en;q=0.5");
    let seen = browser.get("/about").await;
    assert!(seen.body.contains("<html lang=\"ko\"") && seen.body.contains("데이터 디렉터리"));
    let chosen = browser.post("/preferences", "language=en&theme=dark&next=/about").await;
    assert_eq!(chosen.location(), "/console/about");
    let seen = browser.get("/about").await;
    assert!(seen.body.contains("<html lang=\"en\" data-theme=\"dark\""), "{}", seen.body);
    browser.post("/preferences", "language=en&theme=system&next=//evil.example").await;
    assert!(!browser.get("/about").await.body.contains("data-theme"));
    let fixed = self::world(|config| config.language = Some(Language::Ko));
    assert!(fixed.stranger().get("/login").await.body.contains("<html lang=\"ko\""));
}

#[tokio::test]
async fn a_refusal_of_the_api_is_shown_as_it_is() {
    let world = world(|_| {});
    world.api.answers.lock().remove("DescribeDatasetGroup");
    let mut browser = world.user().await;
    let seen = browser.get("/g/other/").await;
    assert_eq!(seen.status, StatusCode::NOT_FOUND, "{}", seen.body);
    assert!(seen.body.contains("ResourceNotFoundException") && seen.body.contains("finds &lt;nothing&gt;"));
    assert!(seen.body.contains("request-1"), "{}", seen.body);
    let seen = browser.with("hx-request", "true").get("/g/other/").await;
    assert!(seen.header("hx-retarget") == "#messages" && !seen.body.contains("<html"), "{}", seen.body);
}

#[tokio::test]
async fn odd_paths_stay_inside() {
    let world = world(|_| {});
    let mut browser = world.user().await;
    for path in ["/g/%2e%2e/", "/g/a%2Fb/", "/g/%3Cscript%3E/", "/g/%EC%83%81%EC%A0%90/", "/g/%FF/"] {
        let seen = browser.get(path).await;
        assert!(seen.status.is_success() || seen.status.is_client_error(), "{path}: {}", seen.status);
        assert!(!seen.body.contains("<script>"), "{path}");
    }
    let named: Vec<_> = world.api.calls.lock().iter().map(|(_, input)| input.to_string()).collect();
    assert!(named.iter().any(|input| input.contains("dataset-group/a/b")), "{named:?}");
    let seen = browser.get("/g?g=a%2F..%2Fb").await;
    assert_eq!(seen.location(), "/console/g/a%2F..%2Fb/");
}

/// Eight requests at most: the page, its style sheet, its scripts and its icon, all of this server.
#[tokio::test]
async fn a_first_visit_is_few_requests() {
    let world = world(|_| {});
    let mut browser = world.user().await;
    for path in ["/", "/about", "/g/shop/", "/g/shop/data"] {
        let seen = browser.get(path).await;
        let resources: std::collections::BTreeSet<&str> =
            ["src=\"", "<link rel=\"stylesheet\" href=\"", "<link rel=\"icon\" href=\""]
                .iter()
                .flat_map(|begin| seen.body.split(begin).skip(1).filter_map(|rest| rest.split('"').next()))
                .collect();
        assert!((3..8).contains(&resources.len()), "{path}: {resources:?}");
        assert!(resources.iter().all(|resource| resource.starts_with("/console/assets/")), "{path}: {resources:?}");
        assert!(seen.body.len() < 40 << 10, "{path}: {} bytes", seen.body.len());
    }
}
