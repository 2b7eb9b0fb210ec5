//! Webhooks: every change arrives, signed, in order for each resource, whatever the receiver and the server go through.

use crate::receiver::{Message, Receiver};
use crate::server::Server;
use crate::server::caller::{Caller, Line};
use crate::{done, refused};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::process::Command;
use std::time::Duration;

const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

/// A server with one webhook.
fn server(url: &str, more: &str) -> (tempfile::TempDir, Server) {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("t.toml");
    let toml = format!("[[webhooks]]\nurl = '{url}'\nsecret = '{SECRET}'\nretry_s = 1\n{more}\n");
    std::fs::write(&file, toml).expect("written");
    let server = Server::start_with(&[("TASTEMAKER_CONFIG", file.to_str().expect("text"))]);
    (folder, server)
}

fn create_group(server: &Server, name: &str) -> String {
    let caller = Caller::new(server);
    let mut line = Line::connect(&caller.address).expect("the server listens");
    let made = line.call(&caller.control("CreateDatasetGroup", &json!({"name": name})));
    made["datasetGroupArn"].as_str().expect("an ARN").to_owned()
}

fn delete_group(server: &Server, arn: &str) {
    let caller = Caller::new(server);
    let mut line = Line::connect(&caller.address).expect("the server listens");
    line.call(&caller.control("DeleteDatasetGroup", &json!({"datasetGroupArn": arn})));
}

/// The statuses of a resource in the order in which they were taken.
fn taken(messages: &[Message], resource: &str) -> Vec<String> {
    let ok = messages.iter().filter(|message| message.answered == 200);
    ok.map(Message::what).filter(|(arn, _)| arn == resource).map(|(_, status)| status).collect()
}

#[test]
fn changes_arrive_signed_and_again_until_they_are_taken() {
    let receiver = Receiver::start();
    receiver.plan(&[503, 0, 302]);
    let (_folder, server) = server(&receiver.url(), "");
    let arn = create_group(&server, "first");
    let messages = receiver.wait(|messages| taken(messages, "dataset-group/first").contains(&"ACTIVE".to_owned()));
    assert_eq!(messages.iter().filter(|message| message.answered != 200).count(), 3, "{messages:#?}");
    let ids: BTreeSet<&str> = messages.iter().take(4).map(Message::id).collect();
    assert_eq!(ids.len(), 1, "the same id in every attempt: {messages:#?}");
    let event = messages[0].event();
    assert_eq!((&event["source"], &event["version"]), (&json!("tastemaker.personalize"), &json!("0")));
    assert_eq!((&event["id"], &event["resources"]), (&json!(messages[0].id()), &json!([arn])));
    assert_eq!(event["detail"]["datasetGroupArn"], json!(arn));

    // What a receiver in Python does.
    let check = "import base64, hashlib, hmac, sys, time\n\
                 secret, id, timestamp, signature, body = sys.argv[1:]\n\
                 key = base64.b64decode(secret.removeprefix('whsec_'))\n\
                 signed = f'{id}.{timestamp}.{body}'.encode()\n\
                 expected = 'v1,' + base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()\n\
                 assert hmac.compare_digest(expected, signature), (expected, signature)\n\
                 assert abs(time.time() - int(timestamp)) < 300, timestamp\n";
    for message in &messages {
        let header = |name: &str| message.headers[name].clone();
        let arguments = [header("webhook-id"), header("webhook-timestamp"), header("webhook-signature")];
        let checked = Command::new("python3").args(["-c", check, SECRET]).args(arguments).arg(&message.body).output();
        let checked = checked.expect("python runs");
        assert!(checked.status.success(), "{}", String::from_utf8_lossy(&checked.stderr));
    }

    delete_group(&server, &arn);
    let messages = receiver.wait(|messages| taken(messages, "dataset-group/first").contains(&"DELETED".to_owned()));
    let statuses = taken(&messages, "dataset-group/first");
    assert_eq!(statuses.last().map(String::as_str), Some("DELETED"), "{statuses:?}");
    let numbers: Vec<u64> = messages
        .iter()
        .filter(|m| m.answered == 200)
        .filter_map(|m| m.event()["detail"]["sequence"].as_u64())
        .collect();
    assert!(numbers.is_sorted(), "in order: {numbers:?}");
}

#[test]
fn a_change_committed_before_the_server_died_arrives_after_its_restart() {
    let port = {
        let free = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
        free.local_addr().expect("an address").port()
    };
    // Nobody listens there yet.
    let (_folder, mut server) = server(&format!("http://127.0.0.1:{port}/hook"), "events = ['dataset-group:ACTIVE']");
    create_group(&server, "kept");
    std::thread::sleep(Duration::from_millis(300));
    server.kill();
    let receiver = Receiver::on(port);
    server.restart();
    let messages = receiver.wait(|messages| !messages.is_empty());
    assert_eq!(taken(&messages, "dataset-group/kept"), ["ACTIVE"]);
    // And only once, as its answer was noted.
    server.kill_and_restart();
    create_group(&server, "next");
    let messages = receiver.wait(|messages| !taken(messages, "dataset-group/next").is_empty());
    assert_eq!(taken(&messages, "dataset-group/kept"), ["ACTIVE"]);
}

#[test]
fn what_a_receiver_does_not_take_goes_to_the_dead_letters_and_can_be_sent_again() {
    let receiver = Receiver::start();
    receiver.slow(Duration::from_millis(1500));
    receiver.plan(&[500]);
    let (_folder, server) = server(&receiver.url(), "timeout_s = 1\nattempts = 2\nevents = ['dataset-group:ACTIVE']");
    create_group(&server, "lost");
    let began = std::time::Instant::now();
    let found = loop {
        let found: Value =
            serde_json::from_str(&done(&["webhooks", "dead-letters", "--json"], server.data())).expect("JSON");
        if found["deadLetters"].as_array().is_some_and(|letters| !letters.is_empty()) {
            break found;
        }
        assert!(began.elapsed() < Duration::from_secs(60), "{}", server.log());
        std::thread::sleep(Duration::from_millis(200));
    };
    let letter = &found["deadLetters"][0];
    assert_eq!((&letter["attempts"], &letter["event"]["detail"]["status"]), (&json!(2), &json!("ACTIVE")));
    assert!(letter["lastError"].as_str().is_some_and(|error| error.contains("timeout")), "{letter}");
    let table = done(&["webhooks", "dead-letters"], server.data());
    assert!(table.contains("dataset-group/lost") && table.starts_with("ID"), "{table}");
    assert!(!server.log().contains("/hook"), "an address may be a secret: {}", server.log());

    let unknown = refused(&["webhooks", "dead-letters", "--retry", "nothing"], server.data());
    assert!(unknown.contains("There is no dead letter with the id 'nothing'."), "{unknown}");
    receiver.slow(Duration::ZERO);
    let before = receiver.messages().len();
    let id = letter["id"].as_str().expect("an id");
    assert!(done(&["webhooks", "dead-letters", "--retry", id], server.data()).contains("1 are sent again"));
    let messages = receiver.wait(|messages| messages.len() > before);
    assert!(messages[before..].iter().any(|message| message.id() == id), "{messages:#?}");
    assert!(done(&["webhooks", "dead-letters"], server.data()).contains("no dead letters"));
}

#[test]
fn a_sample_says_what_a_receiver_answers() {
    let receiver = Receiver::start();
    let data = tempfile::tempdir().expect("a folder");
    let sent = done(&["webhooks", "test", &receiver.url(), "--secret", SECRET], data.path());
    assert!(sent.contains("took the sample") && sent.contains("HTTP status 200"), "{sent}");
    receiver.plan(&[404]);
    let said = refused(&["webhooks", "test", &receiver.url(), "--secret", SECRET], data.path());
    assert!(said.contains("did not take the sample: HTTP status 404: nope"), "{said}");
    assert!(refused(&["webhooks", "test", &receiver.url()], data.path()).contains("no webhook with the url"));
}
