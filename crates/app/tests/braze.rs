//! The binary beside a Braze that checks its limits: a sync that is killed, limits and refusals.

#[allow(dead_code)]
mod server;

use std::collections::BTreeMap;
use std::io::Write;
use std::net::TcpListener;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};
use tastemaker_testkit::braze::{Answered, ConnectedContent, CurrentsSender, FakeBraze, Fault, serve_json};

const BINARY: &str = env!("CARGO_BIN_EXE_tastemaker");

#[test]
fn a_reader_who_has_read_enough_is_no_fault() {
    let directory = tempfile::tempdir().expect("a directory");
    let template = directory.path().join("template.html");
    std::fs::write(&template, "Hello {{${first_name}}}").expect("written");
    let mut preview = Command::new(BINARY)
        .args(["braze", "preview", "--template"])
        .arg(&template)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the binary runs");
    drop(preview.stdout.take());
    let output = preview.wait_with_output().expect("it ends");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && !said.contains("panicked"), "{} {said}", output.status);
}

/// Templates that never end are stopped with a sentence, before they take the machine with them.
#[test]
fn a_preview_that_does_not_end_is_stopped() {
    let directory = tempfile::tempdir().expect("a directory");
    let double = "{% assign a = 'abcdefgh' %}{% for i in (1..60) %}{% assign a = a | append: a %}{% endfor %}";
    for (template, words) in [
        ("{% for a in (1..1000000000) %}x{% endfor %}", "has 1000000000 numbers"),
        ("{% for a in (1..2000) %}{% for b in (1..2000) %}x{% endfor %}{% endfor %}", "look for loops within loops"),
        (double, "look for a text that is appended to itself"),
    ] {
        let file = directory.path().join("template.html");
        std::fs::write(&file, template).expect("written");
        let began = Instant::now();
        let output =
            Command::new(BINARY).args(["braze", "preview", "--template"]).arg(&file).output().expect("the binary runs");
        let said = [output.stdout, output.stderr].concat();
        let said = String::from_utf8_lossy(&said).split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(said.contains(words), "{template}: {said}");
        assert!(began.elapsed() < Duration::from_secs(60), "{template}");
    }
}

/// A recommender whose lists change with every question.
fn restless_recommender() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = listener.local_addr().expect("an address").to_string();
    let asked = std::sync::atomic::AtomicUsize::new(0);
    serve_json(listener, move |target| {
        let n = asked.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
        assert!(target.starts_with("/recommendations?"), "{target}");
        (200, format!(r#"["item-{n}","item-b"]"#))
    });
    address
}

fn sync(braze: &FakeBraze, recommender: &str, directory: &Path, more: &[&str]) -> Command {
    let mut command = Command::new(BINARY);
    command
        .args(["braze", "sync", "users", "--braze-url", &braze.url, "--listen", recommender, "--batch", "20"])
        .arg("--users")
        .arg(directory.join("users.txt"))
        .arg("--data-dir")
        .arg(directory.join("data"))
        .args(more)
        .env("TASTEMAKER_BRAZE_KEY", &braze.key)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command
}

#[test]
fn a_sync_killed_at_any_moment_sends_everybody_exactly_once() {
    const USERS: usize = 400;
    let (braze, recommender) = (FakeBraze::start().expect("a Braze"), restless_recommender());
    let directory = tempfile::tempdir().expect("a temporary directory");
    let ids: Vec<String> = (0..USERS).map(|n| format!("u{n}")).collect();
    let mut file = std::fs::File::create(directory.path().join("users.txt")).expect("a file");
    writeln!(file, "{}", ids.join("\n")).expect("written");
    braze.know(ids);
    // Killed while Braze works on a batch that it takes, twice, and on one that it never sees.
    for (batches, fault) in [
        (3, Fault::TakenUnanswered(Duration::from_secs(60))),
        (5, Fault::Lost),
        (4, Fault::TakenUnanswered(Duration::from_secs(60))),
    ] {
        let tracked =
            |braze: &FakeBraze| braze.state().requests.iter().filter(|(_, path, _)| path == "/users/track").count();
        let before = tracked(&braze);
        let mut process = sync(&braze, &recommender, directory.path(), &[]).spawn().expect("the sync starts");
        let deadline = Instant::now() + Duration::from_secs(60);
        while tracked(&braze) < before + batches {
            assert!(Instant::now() < deadline, "the sync does not get on");
            std::thread::sleep(Duration::from_millis(2));
        }
        braze.fail("/users/track", fault);
        let seen = tracked(&braze);
        while tracked(&braze) <= seen && Instant::now() < deadline && process.try_wait().expect("a process").is_none() {
            if braze.faults_left() == 0 {
                break;
            }
            std::thread::sleep(Duration::from_millis(2));
        }
        process.kill().expect("kill -9");
        process.wait().expect("it ends");
    }
    let last = sync(&braze, &recommender, directory.path(), &[]).output().expect("the sync runs");
    assert!(last.status.success(), "{}", String::from_utf8_lossy(&last.stderr));
    let state = braze.state();
    let counts: BTreeMap<usize, usize> = state.profiles.values().fold(BTreeMap::new(), |mut counts, sent| {
        *counts.entry(sent.len()).or_default() += 1;
        counts
    });
    assert_eq!(counts, BTreeMap::from([(1, USERS)]), "assignments of a user -> users");
    assert!(state.requests.iter().all(|(_, _, status)| *status < 300), "Braze found nothing to refuse");
    drop(state);
    let dry = sync(&braze, &recommender, directory.path(), &["--dry-run"]).output().expect("the sync runs");
    assert!(String::from_utf8_lossy(&dry.stdout).contains("POST /users/track"));
}

#[test]
fn limits_are_obeyed_and_a_refusal_is_told_in_brazes_words() {
    let (braze, recommender) = (FakeBraze::start().expect("a Braze"), restless_recommender());
    let directory = tempfile::tempdir().expect("a temporary directory");
    std::fs::write(directory.path().join("users.txt"), (0..80).map(|n| format!("u{n}\n")).collect::<String>())
        .expect("written");
    braze.limit(2, 1);
    braze.fail("/users/track", Fault::Status(503));
    let flags = ["--create-profiles", "--num-results", "20"];
    let output = sync(&braze, &recommender, directory.path(), &flags).output().expect("the sync runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(braze.state().profiles.values().all(|sent| sent.len() == 1));
    assert_eq!(braze.state().profiles.len(), 80);
    let refused = sync(&braze, &recommender, directory.path(), &flags)
        .env("TASTEMAKER_BRAZE_KEY", "wrong")
        .output()
        .expect("the sync runs");
    let errors = String::from_utf8_lossy(&refused.stderr);
    assert!(!refused.status.success() && errors.contains("with 401: Invalid API key"), "{errors}");
}

#[test]
fn a_catalog_sync_passes_brazes_checks() {
    let braze = FakeBraze::start().expect("a Braze");
    let directory = tempfile::tempdir().expect("a temporary directory");
    let file = directory.path().join("items.csv");
    let rows: String = (0..120).map(|n| format!("p {n},Lamp {n},{n}.5,\"{}\"\n", "long ".repeat(1200))).collect();
    std::fs::write(&file, format!("ITEM_ID,NAME,PRICE,TEXT\n{rows}")).expect("written");
    let sync = || {
        Command::new(BINARY)
            .args(["braze", "sync", "catalog", "--braze-url", &braze.url, "--catalog", "products", "--items"])
            .arg(&file)
            .arg("--data-dir")
            .arg(directory.path().join("data"))
            .env("TASTEMAKER_BRAZE_KEY", &braze.key)
            .output()
            .expect("the sync runs")
    };
    for _ in 0..2 {
        let output = sync();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        assert_eq!(braze.state().catalogs["products"].items.len(), 120);
        let prices: Vec<_> =
            braze.state().catalogs["products"].items.values().map(|item| item["price"].clone()).collect();
        assert!(prices.contains(&serde_json::json!(7.5)) && prices.iter().all(|price| price.is_f64()), "{prices:?}");
    }
    assert_eq!(braze.state().requests.iter().filter(|(method, ..)| method == "PUT").count(), 3, "once");
}

/// An empty server says what is missing to Braze's own clients, in time and without a redirect.
#[test]
fn brazes_clients_meet_an_empty_server() {
    let server = server::Server::start();
    let client = ConnectedContent::new(&[]);
    let url = format!("http://{}/recommendations?user_id=u", server.address);
    assert_eq!(client.get(&url), Answered::Nothing(404));
    assert_eq!(client.get(&url.replace("/recommendations?", "/recommendations/?")), Answered::Nothing(404));
    let currents = CurrentsSender::new(&format!("http://{}/braze/currents", server.address), None);
    let opened = serde_json::json!({"event_type": "users.messages.email.Open", "id": "1"});
    assert_eq!(currents.send(&vec![opened; 250]), [200, 200, 200], "what no rule knows is taken and dropped");
}
