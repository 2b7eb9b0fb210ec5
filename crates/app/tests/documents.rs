//! The README and the guides, typed into a shell from top to bottom as they are printed.

mod printed;
#[allow(dead_code)]
mod server;

use printed::blocks::{Block, blocks};
use printed::document;
use printed::session::Session;
use std::collections::BTreeMap;

/// The documents that one session goes through: the chapters go on where the README ends.
const JOURNEY: &[&str] =
    &["README", "docs/guide/data", "docs/guide/training", "docs/guide/evaluation", "docs/guide/filters"];
/// The other documents that stand in both languages.
const OTHERS: &[&str] = &[
    "docs/guide/backup",
    "docs/guide/braze",
    "docs/guide/buckets",
    "docs/guide/console",
    "docs/guide/install",
    "docs/guide/keys",
    "docs/guide/listener",
    "docs/guide/observe",
    "docs/guide/processes",
    "docs/guide/shell",
    "docs/guide/storage",
    "docs/guide/webhooks",
];

/// A document's path in English and in Korean.
fn languages(name: &str) -> [String; 2] {
    if name == "README" {
        ["README.md".into(), "README.ko.md".into()]
    } else {
        ["en", "ko"].map(|l| format!("{name}.{l}.md"))
    }
}

fn english(name: &str) -> Vec<Block> {
    blocks(&document(&languages(name)[0]))
}

/// The Korean documents hold the blocks that are run in English.
#[test]
fn both_languages_hold_the_same_blocks() {
    for name in JOURNEY.iter().chain(OTHERS) {
        let [english, korean] = languages(name).map(|path| document(&path));
        let told =
            |document: &str| blocks(document).into_iter().map(|block| (block.kind, block.text)).collect::<Vec<_>>();
        for (english, korean) in told(&english).into_iter().zip(told(&korean)) {
            assert_eq!(english, korean, "{name}");
        }
        assert_eq!(told(&english).len(), told(&korean).len(), "{name}");
        let headings = |document: &str| document.lines().filter(|line| line.starts_with('#')).count();
        assert_eq!(headings(&english), headings(&korean), "{name}");
    }
}

/// Every relative link of a document leads to a file.
#[test]
fn links_lead_somewhere() {
    for path in JOURNEY.iter().chain(OTHERS).flat_map(|name| languages(name)) {
        let folder = printed::root().join(&path).parent().expect("a folder").to_owned();
        for link in
            document(&path).split("](").skip(1).filter_map(|rest| rest.split([')', '#']).next().map(str::to_owned))
        {
            if !link.is_empty() && !link.starts_with("http") {
                assert!(folder.join(&link).exists(), "{path}: {link}");
            }
        }
    }
}

#[test]
fn the_readme_and_the_chapters_work_as_printed() {
    let Some(python) = server::python().filter(|python| python.with_file_name("aws").exists()) else {
        println!("skipped: the README needs the AWS CLI; `cargo xtask test` installs one");
        return;
    };
    let mut session = Session::start(Some(&python));
    for name in JOURNEY {
        english(name).iter().for_each(|block| session.play(block));
    }
}

#[test]
fn the_listener_guide_works_as_printed() {
    let mut session = Session::start(None);
    english("docs/guide/listener").iter().for_each(|block| session.play(block));
}

#[test]
fn the_install_guide_works_as_printed() {
    let mut session = Session::start(None);
    english("docs/guide/install").iter().for_each(|block| session.play(block));
    for file in ["man/tastemaker-serve.1", "tastemaker.bash"] {
        assert!(!session.file(file).is_empty(), "{file}");
    }
}

#[test]
fn the_observe_guide_works_as_printed() {
    let mut session = Session::start(None);
    english("docs/guide/observe").iter().for_each(|block| session.play(block));
}

#[test]
fn the_backup_guide_works_as_printed() {
    let mut session = Session::start(None);
    english("docs/guide/backup").iter().for_each(|block| session.play(block));
}

#[test]
fn the_keys_guide_works_as_printed() {
    let mut session = Session::start(None);
    english("docs/guide/keys").iter().for_each(|block| session.play(block));
}

#[test]
fn the_shell_guide_works_as_printed() {
    let mut session = Session::start(None);
    english("docs/guide/shell").iter().for_each(|block| session.play(block));
}

#[test]
fn the_webhooks_guide_works_as_printed() {
    let mut session = Session::start(None);
    english("docs/guide/webhooks").iter().for_each(|block| session.play(block));
}

#[test]
fn the_console_guide_works_as_printed() {
    let mut session = Session::start(None);
    english("docs/guide/console").iter().for_each(|block| session.play(block));
}

/// The guide for Braze, and beside it what its readers will do with the server of the first section.
#[test]
fn the_braze_guide_works_as_printed() {
    let mut session = Session::start(None);
    let address = session.address.clone();
    let write = |session: &Session, name: &str, text: &str| {
        std::fs::write(session.directory().join(name), text.replace("127.0.0.1:4100", &address)).expect("written");
    };
    write(&session, "workshop.html", include_str!("clients/workshop.html"));
    write(&session, "profile.json", r#"{"user_id": "test_user_rds_user42", "first_name": "Mina"}"#);
    write(&session, "card-4.json", &card());
    let all = english("docs/guide/braze");
    let served =
        all.iter().position(|block| block.text.contains("tastemaker demo")).expect("the guide starts a server");
    let (before, after) = all.split_at(served + 1);
    before.iter().for_each(|block| session.play(block));
    session.typed("tastemaker braze preview --template workshop.html --profile profile.json --json > workshop.json", 0);
    session.typed("tastemaker braze preview --card card-4.json --user-id user42 --json > preview.json", 0);
    workshop_mail(&session.file("workshop.json"), &address);
    let preview: serde_json::Value = serde_json::from_str(&session.file("preview.json")).expect("JSON");
    let cached = preview["calls"].as_array().expect("calls").iter().filter(|call| call["cached"] == true).count();
    assert_eq!(cached, 3, "four fields, one request");
    after.iter().for_each(|block| session.play(block));
    for part in [
        "This seems like a great fit for you: ",
        "of 2048 bytes",
        "[no-abort]",
        "The message is not sent: no recommendation",
        "write {{recommendations[0].name}}",
        "[one-slash]",
        "PUT /catalogs/products/items",
    ] {
        assert!(session.transcript.contains(part), "{part} is not in\n{}", session.transcript);
    }
    let sent = session.file("would-send.txt");
    assert!(sent.contains(r#""external_id":"user42""#), "{sent}");
    assert!(session.file("refused.json").contains("Unauthorized"), "{}", session.file("refused.json"));
}

/// A card with the same call in four fields.
fn card() -> String {
    let call = "{% connected_content http://127.0.0.1:4100/recommendations?user_id={{${user_id} | url_param_escape}} :save r %}{{r[0].KEY}}";
    let field = |key: &str| call.replace("KEY", key);
    let fields = [("title", "name"), ("message", "price"), ("image", "image"), ("url", "url")];
    serde_json::json!(fields.iter().map(|(name, key)| ((*name).to_owned(), field(key))).collect::<BTreeMap<_, _>>())
        .to_string()
}

/// The e-mail of the Retail Demo Store's workshop in its own spelling and shape, against a live campaign: four products.
fn workshop_mail(preview: &str, address: &str) {
    let preview: serde_json::Value = serde_json::from_str(preview).expect("JSON");
    let mail = preview["fields"][0]["text"].as_str().expect("a rendered mail");
    assert!(mail.contains("Hello Mina,"), "{mail}");
    assert_eq!(mail.matches(&format!("<a href=\"http://{address}/console/demo/products/p")).count(), 4, "{mail}");
    assert_eq!(mail.matches(&format!("<img src=\"http://{address}/console/demo/images/p")).count(), 4, "{mail}");
    let cells: Vec<&str> =
        mail.split("</a><br>").skip(1).map(|cell| cell.split("</td>").next().unwrap_or_default()).collect();
    for cell in cells {
        let (name, price) = cell.split_once("<br>").expect("name and price");
        assert!(!name.is_empty() && price.parse::<f64>().is_ok_and(|price| price > 0.0), "{cell}");
    }
    assert_eq!(preview["calls"][0]["status"], 200);
}
