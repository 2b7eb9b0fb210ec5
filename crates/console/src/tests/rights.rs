//! Every route with each role: who is not logged in, who may only look, and a console in which nobody changes anything.

use super::world::{START_S, world};
use crate::session::Role;
use http::StatusCode;
use std::collections::BTreeSet;
use std::path::Path;

/// Routes that change nothing of the server's, or that everybody may use.
const FOR_ALL: &[&str] = &["/login", "/logout", "/preferences"];
/// Files without a login.
const FILES: &[&str] = &["/assets/", "/demo/images/", "/demo/products/"];

/// The methods and paths of all routes in the sources, with a word in place of each variable.
fn routes() -> BTreeSet<(&'static str, String)> {
    let mut found = BTreeSet::new();
    look(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut found);
    found
}

fn look(folder: &Path, found: &mut BTreeSet<(&'static str, String)>) {
    for entry in std::fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            if !path.ends_with("tests") {
                look(&path, found);
            }
            continue;
        }
        let text = std::fs::read_to_string(&path).expect("a source");
        for rest in text.split(".route(").skip(1) {
            let call = until_closed(rest);
            let Some((target, handlers)) = call.split_once(',') else { continue };
            let target = match target.trim().strip_prefix('"') {
                Some(quoted) => quoted.trim_end_matches('"').to_owned(),
                None => FOR_ALL[0].to_owned(),
            };
            let word = |segment| match segment {
                "{kind}" => "INTERACTIONS",
                segment if segment.starts_with('{') => "shop",
                segment => segment,
            };
            let named: Vec<&str> = target.split('/').map(word).collect();
            for (method, word) in [("GET", "get("), ("POST", "post(")] {
                if handlers.contains(word) {
                    found.insert((method, named.join("/")));
                }
            }
        }
    }
}

/// The text up to the parenthesis that closes one opened before it.
fn until_closed(text: &str) -> &str {
    let mut depth = 1;
    for (at, c) in text.char_indices() {
        match c {
            '(' => depth += 1,
            ')' => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return &text[..at];
        }
    }
    text
}

#[tokio::test]
async fn every_change_needs_its_right() {
    let routes = routes();
    let changes = routes.iter().filter(|(method, _)| *method == "POST").count();
    assert!(routes.len() >= 8 && changes >= 3, "{routes:?}");
    let open = world(|_| {});
    let mut viewer = open.stranger();
    viewer.get(&format!("/login?code={}", open.secrets.make_code(Role::View, START_S))).await;
    let closed = world(|config| config.read_only = true);
    let mut editor = closed.user().await;
    for (method, path) in &routes {
        if FILES.iter().any(|file| path.starts_with(file)) {
            continue;
        }
        let is_own = FOR_ALL.contains(&path.as_str());
        let stranger = open.stranger().send(method, path, "").await.status;
        let expected = match *method {
            _ if path == FOR_ALL[0] => None,
            "GET" => Some(StatusCode::SEE_OTHER),
            _ => Some(StatusCode::UNAUTHORIZED),
        };
        assert!(expected.is_none_or(|expected| stranger == expected), "a stranger's {method} {path}: {stranger}");
        if *method == "POST" && !is_own {
            for (who, browser) in [("a viewer", &mut viewer), ("read-only", &mut editor)] {
                let status = browser.send(method, path, "").await.status;
                assert_eq!(status, StatusCode::FORBIDDEN, "{who}: {path}");
            }
        }
    }
    let asked: Vec<_> = closed.api.calls.lock().iter().map(|(operation, _)| operation.name()).collect();
    let changing =
        |name: &&&str| !name.starts_with("List") && !name.starts_with("Describe") && !name.starts_with("Get");
    assert_eq!(asked.iter().find(changing), None, "nothing reached the API");
}

/// A reload, or a choice of language in the answer to a form, asks for the form's address.
#[tokio::test]
async fn addresses_of_forms_lead_to_a_page() {
    let world = world(|_| {});
    let mut browser = world.user().await;
    for (_, path) in routes().into_iter().filter(|(method, _)| *method == "POST") {
        let mut at = path.clone();
        let mut seen = browser.get(&at).await;
        while seen.status == StatusCode::SEE_OTHER {
            at = seen
                .location()
                .strip_prefix("/console")
                .expect("a page of the console")
                .split('#')
                .next()
                .unwrap()
                .to_owned();
            seen = browser.get(&at).await;
        }
        assert!(!seen.body.contains("There is no page at this address"), "{path} leads to {at}, {}", seen.status);
    }
    let seen = browser.get("/g/shop/deploy/lamps/version?x=1").await;
    assert_eq!((seen.status, seen.location()), (StatusCode::SEE_OTHER, "/console/g/shop/deploy/lamps"));
}
