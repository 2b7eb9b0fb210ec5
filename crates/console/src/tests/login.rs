//! Logging in and out, and what it allows.

use super::world::{KEY_ID, START_S, TOKEN, world};
use crate::config::Login;
use crate::session::Role;
use http::StatusCode;
use std::net::IpAddr;
use std::sync::atomic::Ordering;

#[tokio::test]
async fn a_stranger_is_led_to_the_login_and_back() {
    let world = world(|_| {});
    let mut browser = world.stranger();
    let seen = browser.get("/about?x=1").await;
    assert_eq!((seen.status, seen.location()), (StatusCode::SEE_OTHER, "/console/login?next=%2Fabout%3Fx%3D1"));
    let form = browser.get("/login?next=%2Fabout%3Fx%3D1").await;
    assert!(form.body.contains("value=\"/about?x=1\""), "{}", form.body);
    let token = TOKEN.replace(' ', "+");
    let seen = browser.post("/login", &format!("key_id={KEY_ID}&token={token}&next=/about?x=1")).await;
    assert_eq!((seen.status, seen.location()), (StatusCode::SEE_OTHER, "/console/about?x=1"));
    let cookie = seen.header("set-cookie");
    assert!(
        cookie.contains("HttpOnly") && cookie.contains("SameSite=Lax") && cookie.contains("Path=/console"),
        "{cookie}"
    );
    assert!(!cookie.contains("Secure") && cookie.contains("Max-Age=3600"), "{cookie}");
    let about = browser.get("/about").await;
    assert!(about.status == StatusCode::OK && about.body.contains("1.2.3") && about.body.contains(KEY_ID));
    world.now_s.store(START_S + 3600, Ordering::SeqCst);
    assert_eq!(browser.get("/about").await.status, StatusCode::SEE_OTHER, "the session is over");
}

#[tokio::test]
async fn a_wrong_login_is_refused_and_five_a_minute_are_enough() {
    let world = world(|_| {});
    let mut browser = world.stranger();
    for form in
        [format!("key_id={KEY_ID}&token=wrong"), "key_id=x&token=wrong".into(), format!("key_id=x&token={TOKEN}")]
    {
        let seen = browser.post("/login", &form).await;
        assert_eq!((seen.status, seen.header("set-cookie")), (StatusCode::UNAUTHORIZED, ""), "{form}");
        assert!(seen.body.contains("is not right"), "{}", seen.body);
    }
    for _ in 0..2 {
        assert_eq!(browser.get("/login?code=wrong").await.status, StatusCode::UNAUTHORIZED);
    }
    let right = format!("key_id={KEY_ID}&token={}", TOKEN.replace(' ', "+"));
    let seen = browser.post("/login", &right).await;
    assert_eq!((seen.status, seen.header("retry-after")), (StatusCode::TOO_MANY_REQUESTS, "60"));
    let code = world.secrets.make_code(Role::Edit, START_S);
    assert_eq!(browser.get(&format!("/login?code={code}")).await.status, StatusCode::TOO_MANY_REQUESTS);
    let mut other = world.stranger();
    other.client.address = Some(IpAddr::from([10, 0, 0, 9]));
    assert_eq!(other.post("/login", &right).await.status, StatusCode::SEE_OTHER, "another address may");
    world.now_s.store(START_S + 60, Ordering::SeqCst);
    assert_eq!(browser.post("/login", &right).await.status, StatusCode::SEE_OTHER, "and this one a minute later");
}

#[tokio::test]
async fn a_link_logs_in_once_and_a_look_at_it_does_not_use_it_up() {
    let world = world(|_| {});
    let mut browser = world.stranger();
    let link = format!("/login?code={}&next=/about", world.secrets.make_code(Role::Edit, START_S));
    assert_eq!(browser.send("HEAD", &link, "").await.status, StatusCode::OK);
    let seen = browser.get(&link).await;
    assert_eq!((seen.status, seen.location()), (StatusCode::SEE_OTHER, "/console/about"));
    assert_eq!(browser.get("/about").await.status, StatusCode::OK);
    let again = world.stranger().get(&link).await;
    assert!(again.status == StatusCode::UNAUTHORIZED && again.body.contains("tastemaker console"), "{}", again.body);
}

#[tokio::test]
async fn logging_out_takes_the_cookie_away() {
    let world = world(|_| {});
    let mut browser = world.user().await;
    let seen = browser.post("/logout", "").await;
    assert_eq!((seen.status, seen.location()), (StatusCode::SEE_OTHER, "/console/login"));
    assert_eq!(browser.get("/about").await.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn whoever_may_only_look_changes_nothing() {
    let world = world(|_| {});
    let mut viewer = world.stranger();
    viewer.get(&format!("/login?code={}", world.secrets.make_code(Role::View, START_S))).await;
    assert_eq!(viewer.get("/about").await.status, StatusCode::OK);
    let seen = viewer.post("/g/shop/anything", "").await;
    assert!(seen.status == StatusCode::FORBIDDEN && seen.body.contains("(edit)"), "{}", seen.body);
    assert_eq!(viewer.post("/preferences", "language=ko&theme=dark&next=/about").await.status, StatusCode::SEE_OTHER);
    let mut ticked = world.stranger();
    ticked.post("/login", &format!("key_id={KEY_ID}&token={}&view=1", TOKEN.replace(' ', "+"))).await;
    assert_eq!(ticked.post("/g/shop/anything", "").await.status, StatusCode::FORBIDDEN);
    assert_eq!(
        world.user().await.post("/g/shop/anything", "").await.status,
        StatusCode::NOT_FOUND,
        "an editor may try"
    );
}

#[tokio::test]
async fn read_only_is_for_all() {
    let world = world(|config| config.read_only = true);
    let mut browser = world.user().await;
    assert_eq!(browser.get("/about").await.status, StatusCode::OK);
    let seen = browser.post("/g/shop/anything", "").await;
    assert!(seen.status == StatusCode::FORBIDDEN && seen.body.contains("console.read_only"), "{}", seen.body);
    assert_eq!(browser.post("/logout", "").await.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn only_this_machine_may_be_free_of_logins() {
    let free = |loopback: bool| {
        world(move |config| (config.login, config.listens_on_loopback) = (Login::LoopbackFree, loopback))
    };
    let world = free(true);
    let mut local = world.stranger();
    let seen = local.get("/about").await;
    assert!(seen.status == StatusCode::OK && !seen.body.contains("/console/logout"));
    let mut forwarded = world.stranger().with("x-forwarded-for", "10.0.0.1");
    assert_eq!(forwarded.get("/about").await.status, StatusCode::SEE_OTHER, "somebody behind a proxy here");
    let mut remote = world.stranger();
    remote.client.peer = Some(IpAddr::from([10, 0, 0, 9]));
    assert_eq!(remote.get("/about").await.status, StatusCode::SEE_OTHER);
    let world = free(false);
    assert_eq!(world.stranger().get("/about").await.status, StatusCode::SEE_OTHER, "others reach the listener");
}

#[tokio::test]
async fn a_session_that_ended_keeps_what_was_typed() {
    let world = world(|_| {});
    let mut script = world.stranger().with("hx-request", "true");
    let seen = script.post("/g/shop/anything", "a=b").await;
    assert_eq!((seen.status, seen.header("hx-retarget")), (StatusCode::UNAUTHORIZED, "#messages"));
    assert!(seen.body.contains("Your session has ended") && !seen.body.contains("<html"), "{}", seen.body);
    let seen = world.stranger().post("/g/shop/anything", "a=b").await;
    assert!(seen.status == StatusCode::UNAUTHORIZED && seen.body.contains("<html"));
}

#[tokio::test]
async fn a_form_goes_through_the_login_and_comes_back_filled() {
    let world = world(|_| {});
    assert_eq!(world.stranger().with("hx-request", "true").get("/session").await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(world.user().await.get("/session").await.status, StatusCode::NO_CONTENT);
    let path = "/g/shop/new-campaign?x=1";
    let mut browser = world.stranger().with("sec-fetch-site", "same-origin");
    let asked = browser.post(path, "name=a%22%3Cb%3E&note=two+words&name=c").await;
    assert_eq!(asked.status, StatusCode::UNAUTHORIZED);
    for said in ["name=\"again\" value=\"/g/shop/new-campaign?x=1\"", "name=a%22%3Cb%3E&amp;note=two+words&amp;name=c"]
    {
        assert!(asked.body.contains(said), "{said}: {}", asked.body);
    }
    let carried =
        "again=%2Fg%2Fshop%2Fnew-campaign%3Fx%3D1&fields=name%3Da%2522%253Cb%253E%26note%3Dtwo%2Bwords%26name%3Dc";
    let wrong = browser.post("/login", &format!("key_id={KEY_ID}&token=no&{carried}")).await;
    assert!(wrong.status == StatusCode::UNAUTHORIZED && wrong.body.contains("name=\"again\""), "{}", wrong.body);
    let token = TOKEN.replace(' ', "+");
    let back = browser.post("/login", &format!("key_id={KEY_ID}&token={token}&{carried}")).await;
    assert_eq!(back.status, StatusCode::OK, "{}", back.body);
    for said in [
        "action=\"/console/g/shop/new-campaign?x=1\"",
        "name=\"name\" value=\"a&quot;&lt;b&gt;\"",
        "name=\"note\" value=\"two words\"",
        "name=\"name\" value=\"c\"",
        "Send it now",
    ] {
        assert!(back.body.contains(said), "{said}: {}", back.body);
    }
    assert_eq!(browser.get("/about").await.status, StatusCode::OK, "the session is there");
    // Nothing of another site's form is offered, and no other site is the target of one.
    for site in ["cross-site", "same-site", "none"] {
        let asked = world.stranger().with("sec-fetch-site", site).post(path, "name=x").await;
        assert!(asked.status == StatusCode::UNAUTHORIZED && !asked.body.contains("name=\"again\""), "{site}");
    }
    let asked = world.stranger().with("origin", "http://evil.example").post(path, "name=x").await;
    assert!(!asked.body.contains("name=\"again\""));
    let asked = world.stranger().with("origin", "http://127.0.0.1:4100").post(path, "name=x").await;
    assert!(asked.body.contains("name=\"again\""), "{}", asked.body);
    let evil = format!("key_id={KEY_ID}&token={token}&again=%2F%2Fevil.example&fields=a%3Db");
    let back = world.stranger().post("/login", &evil).await;
    assert!(back.body.contains("action=\"/console/\"") && !back.body.contains("evil.example\""), "{}", back.body);
    let long = world.stranger().with("sec-fetch-site", "same-origin").post(path, &"x".repeat(300 << 10)).await;
    assert!(long.status == StatusCode::UNAUTHORIZED && !long.body.contains("name=\"again\""));
}
