//! Acknowledged writes survive `kill -9`: a child process writes and tells each acknowledgement, the parent kills it in
//! the middle, opens the files again and looks for everything it was told.

use std::collections::HashSet;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;

use tastemaker_backend_sql::{SqliteEvents, SqliteRecords};
use tastemaker_store::{Blobs, Events, NewEvent, ObjectStoreBlobs, Precondition, Records, RecordsExt, put_json};

const DIRECTORY: &str = "TASTEMAKER_KILL_TEST_DIRECTORY";
const ACKNOWLEDGEMENTS_MIN: usize = 300;
const WRITERS: usize = 6;

/// The child: does nothing when run as a test of its own.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn child() {
    let Ok(directory) = std::env::var(DIRECTORY) else { return };
    let directory = Path::new(&directory);
    let events = Arc::new(SqliteEvents::open(directory.join("events")).await.expect("events"));
    let records = Arc::new(SqliteRecords::open(directory.join("records")).await.expect("records"));
    let blobs = Arc::new(ObjectStoreBlobs::open_directory(directory.join("blobs")).await.expect("blobs"));
    let writers: Vec<_> = (0..WRITERS)
        .map(|writer| {
            let (events, records, blobs) = (events.clone(), records.clone(), blobs.clone());
            tokio::spawn(async move {
                for n in 0.. {
                    let name = format!("{writer}-{n}");
                    let event = NewEvent { id: name.clone(), body: name.clone().into() };
                    events.append("s", vec![event]).await.expect("append");
                    println!("acknowledged event {name}");
                    let pair = ["left", "right"].map(|side| put_json(format!("{side}/{name}"), &name).expect("json"));
                    records
                        .commit(vec![Precondition::Absent(format!("left/{name}"))], pair.into())
                        .await
                        .expect("commit");
                    println!("acknowledged record {name}");
                    if n % 10 == 0 {
                        blobs.put(&format!("b/{name}"), name.clone().into()).await.expect("put");
                        println!("acknowledged blob {name}");
                    }
                }
            })
        })
        .collect();
    for writer in writers {
        writer.await.expect("writer");
    }
}

#[tokio::test]
async fn acknowledged_writes_survive_a_kill() {
    let root = tempfile::tempdir().expect("directory");
    let mut child = Command::new(std::env::current_exe().expect("executable"))
        .args(["--exact", "child", "--nocapture", "--test-threads=1"])
        .env(DIRECTORY, root.path())
        .stdout(Stdio::piped())
        .spawn()
        .expect("spawn");
    let mut lines = BufReader::new(child.stdout.take().expect("stdout")).lines();
    let mut acknowledged = Vec::new();
    while acknowledged.len() < ACKNOWLEDGEMENTS_MIN {
        acknowledged.push(lines.next().expect("the child goes on").expect("line"));
    }
    child.kill().expect("kill");
    acknowledged.extend(lines.map_while(Result::ok));
    child.wait().expect("wait");

    let told = |kind: &str| -> Vec<String> {
        let name = |line: &String| line.split_once(&format!("acknowledged {kind} ")).map(|(_, name)| name.to_owned());
        acknowledged.iter().filter_map(name).collect()
    };
    let (told_events, told_records, told_blobs) = (told("event"), told("record"), told("blob"));
    assert!(!told_events.is_empty() && !told_records.is_empty() && !told_blobs.is_empty());

    let events = SqliteEvents::open(root.path().join("events")).await.expect("events");
    let found: HashSet<_> =
        events.read("s", 0, usize::MAX).await.expect("read").into_iter().map(|event| event.id).collect();
    for name in told_events {
        assert!(found.contains(&name), "event {name} was acknowledged and is lost");
    }
    let records = SqliteRecords::open(root.path().join("records")).await.expect("records");
    let names = async |prefix: &str| -> HashSet<String> {
        let all = records.scan_all_json::<String>(prefix).await.expect("scan");
        all.into_iter().map(|(_, _, name)| name).collect()
    };
    let (left, right) = (names("left/").await, names("right/").await);
    assert_eq!(left, right, "a batch is there as a whole or not at all");
    for name in told_records {
        assert!(left.contains(&name), "record {name} was acknowledged and is lost");
    }
    let blobs = ObjectStoreBlobs::open_directory(root.path().join("blobs")).await.expect("blobs");
    for name in told_blobs {
        let body = tastemaker_store::BlobsExt::read_all(&blobs, &format!("b/{name}")).await;
        assert_eq!(body.expect("an acknowledged blob is there"), name.as_bytes());
    }
    assert_eq!(std::fs::read_dir(root.path().join("blobs/incoming")).expect("list").count(), 0);
}
