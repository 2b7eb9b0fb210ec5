//! `tastemaker learn`, `tastemaker recommend` and `tastemaker segment` as a user runs them, from CSV files.

#![allow(clippy::unwrap_used)]

use std::fmt::Write;
use std::path::Path;
use std::process::{Command, Output};

fn tastemaker(directory: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_tastemaker")).args(arguments).current_dir(directory).output().unwrap()
}

fn succeeds(directory: &Path, arguments: &[&str]) -> String {
    let output = tastemaker(directory, arguments);
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    assert!(output.status.success(), "{arguments:?}: {}", text(&output.stderr));
    text(&output.stdout) + &text(&output.stderr)
}

/// Blue users take from the first shelf and red ones from the second.
fn write_shop(directory: &Path) {
    let (mut taken, mut people) = ("USER_ID,ITEM_ID,TIMESTAMP\n".to_owned(), "USER_ID,COLOUR\n".to_owned());
    for user in 0..300 {
        for k in 0..8 {
            let item = (user / 2 * 7 + k * 3) % 15;
            writeln!(taken, "u{user},{}-{item},{}", user % 2, 1_700_000_000 + user * 100 + k).unwrap();
        }
        writeln!(people, "u{user},{}", ["blue", "red"][user % 2]).unwrap();
    }
    people += "new-blue,blue\nnew-red,red\n";
    std::fs::write(directory.join("taken.csv"), taken).unwrap();
    std::fs::write(directory.join("people.csv"), people).unwrap();
    std::fs::write(directory.join("strangers"), "new-blue\nnew-red\n").unwrap();
    std::fs::write(directory.join("no-id.csv"), "USER,COLOUR\nnew-red,red\n").unwrap();
}

#[test]
fn users_metadata_from_learn_to_recommend() {
    let directory = tempfile::tempdir().unwrap();
    let directory = directory.path();
    write_shop(directory);
    let learn = ["learn", "--recipe", "aws-user-personalization", "--interactions", "taken.csv"];
    let learn = [&learn[..], &["--hyperparameter", "hidden_dimension=32", "--threads", "1"]].concat();
    let told = succeeds(directory, &[&learn[..], &["--users", "people.csv", "--model-dir", "model"]].concat());
    assert!(told.contains("validate epoch 1: ") && told.contains("users' metadata counts"), "{told}");

    let recommend = ["recommend", "--histories", "taken.csv", "--users", "strangers", "--num-results", "5"];
    let lists = |more: &[&str]| {
        let told = succeeds(directory, &[&recommend[..], &["--out", "lists"], more].concat());
        let lists = std::fs::read_to_string(directory.join("lists")).unwrap();
        let of_second = |line: &str| {
            let list: serde_json::Value = serde_json::from_str(line).unwrap();
            let items = list["items"].as_array().unwrap();
            items.iter().filter(|item| item.as_str().unwrap().starts_with("1-")).count()
        };
        (lists.lines().map(of_second).collect::<Vec<_>>(), told)
    };
    let with = ["--user-metadata", "people.csv"];
    assert_eq!(lists(&[&["--model-dir", "model"], &with[..]].concat()).0, [0, 5]);
    let plain = lists(&["--model-dir", "model"]).0;
    assert_eq!(plain[0], plain[1]);

    let arguments =
        [&recommend[..], &["--out", "lists", "--model-dir", "model", "--user-metadata", "no-id.csv"]].concat();
    let refused = tastemaker(directory, &arguments);
    assert!(!refused.status.success());
    assert!(String::from_utf8_lossy(&refused.stderr).contains("USER_ID"), "{refused:?}");

    // Trained without it, the model says that it has no use for it.
    succeeds(directory, &[&learn[..], &["--model-dir", "without"]].concat());
    let (same, told) = lists(&[&["--model-dir", "without"], &with[..]].concat());
    assert!(same[0] == same[1] && told.contains("takes nothing from this metadata"), "{same:?} {told}");
}

/// Clubs are texts in the training, and all numbers in the file of who joined since.
#[test]
fn users_metadata_from_learn_to_segment() {
    let directory = tempfile::tempdir().unwrap();
    let directory = directory.path();
    write_shop(directory);
    let mut people = "USER_ID,CLUB,NOTE\n".to_owned();
    let mut histories = "USER_ID,ITEM_ID,TIMESTAMP\n".to_owned();
    for user in 0..300 {
        writeln!(people, "u{user},{},n", ["7", "x"][user % 2]).unwrap();
    }
    let joined = "USER_ID,CLUB,NOTE\nnew-7,7,n\nnew-8,8,n\n";
    // A stranger's item says nothing of the shelves.
    histories += "new-7,strange,1700000000\nnew-8,strange,1700000000\n";
    std::fs::write(directory.join("people.csv"), people).unwrap();
    std::fs::write(directory.join("joined.csv"), joined).unwrap();
    std::fs::write(directory.join("histories.csv"), histories).unwrap();
    std::fs::write(directory.join("queries"), "0-3\n").unwrap();
    let learn = ["learn", "--recipe", "aws-item-affinity", "--interactions", "taken.csv", "--users", "people.csv"];
    succeeds(directory, &[&learn[..], &["--threads", "1", "--model-dir", "model"]].concat());
    let segment =
        ["segment", "--model-dir", "model", "--histories", "histories.csv", "--queries", "queries", "--out", "out"];
    let told = succeeds(directory, &[&segment[..], &["--users", "joined.csv"]].concat());
    // Members of club 7 are at home on the first shelf; nothing is known of club 8.
    let line: serde_json::Value =
        serde_json::from_str(std::fs::read_to_string(directory.join("out")).unwrap().trim()).unwrap();
    assert_eq!(line["users"], serde_json::json!(["new-7"]), "{line}");
    assert!(told.contains("the model takes nothing from NOTE"), "{told}");
}
