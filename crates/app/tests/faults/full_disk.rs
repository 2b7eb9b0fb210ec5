//! A disk that is full: a small file system in memory, where the test may mount one.

use crate::process::*;
use crate::server::directory;
use serde_json::{Value, json};
use std::fs;
use std::io::Write;
use std::path::PathBuf;
use std::process::Command;

const DISK_MIB: u32 = 24;

/// A mounted file system, unmounted at the end.
struct Disk(tempfile::TempDir);

impl Disk {
    fn mount() -> Option<Self> {
        let point = tempfile::tempdir().expect("a temporary directory");
        let size = format!("size={DISK_MIB}m");
        let mounted = Command::new("mount").args(["-t", "tmpfs", "-o", &size, "tmpfs"]).arg(point.path()).output();
        if !mounted.is_ok_and(|output| output.status.success()) {
            println!("skipped: a full disk needs the right to mount a file system");
            return None;
        }
        Some(Self(point))
    }

    fn data(&self) -> PathBuf {
        self.0.path().join("data")
    }

    fn filler(&self) -> PathBuf {
        self.0.path().join("filler")
    }

    /// Writes until nothing fits any more.
    fn fill(&self) {
        let mut file = fs::OpenOptions::new().create(true).append(true).open(self.filler()).expect("open");
        for piece in [1 << 16, 1 << 10, 1] {
            while file.write_all(&vec![0; piece]).is_ok() {}
        }
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg(self.0.path()).output();
    }
}

/// Ten events; PutEvents' body for both doors.
fn ten_events(tracking_id: &str, n: usize) -> Value {
    let event = |k: usize| json!({"eventId": format!("full-{n}-{k}"), "eventType": "view", "itemId": "i1", "sentAt": 1_710_000_000});
    let events: Vec<_> = (0..10).map(event).collect();
    json!({"trackingId": tracking_id, "userId": "u1", "sessionId": "s", "eventList": events})
}

/// The first status that is no 200.
fn first_refusal(send: impl FnMut(usize) -> u16) -> Option<u16> {
    (1..2_000).map(send).find(|status| *status != 200)
}

#[test]
fn a_full_disk_refuses_for_now_and_deletes() {
    let Some(disk) = Disk::mount() else { return };
    let data = disk.data();
    directory::copy(&directory::fixture().join("data"), &data);
    let server = Process::start(&data);
    let listed = server.control("ListEventTrackers", &json!({}));
    let tracker = server
        .control("DescribeEventTracker", &json!({"eventTrackerArn": listed["eventTrackers"][0]["eventTrackerArn"]}));
    let tracking_id = tracker["eventTracker"]["trackingId"].as_str().expect("an id").to_owned();
    let signed =
        |n| server.line().send(&server.caller.post("/events", &ten_events(&tracking_id, n))).expect("an answer").0;
    let plain = |n: usize| server.post_unsigned("/events", &ten_events(&tracking_id, 10_000 + n));
    assert_eq!((signed(0), plain(0)), (200, 200));
    for n in 0..4 {
        assert_eq!(server.put_object(&format!("large-{n}"), &"x".repeat(200_000)).expect("an answer"), 200);
    }

    disk.fill();
    // What the write-ahead log has room for is still taken.
    assert_eq!(first_refusal(signed), Some(503), "PutEvents");
    assert_eq!(first_refusal(plain), Some(503), "POST /events");
    let put = |n| server.put_object(&format!("small-{n}"), "y").expect("an answer");
    assert_eq!(first_refusal(put), Some(503), "PUT");
    disk.fill();
    assert_eq!(server.recommend("personal").0, 200, "reading goes on");
    for n in 0..4 {
        assert_eq!(server.delete_object(&format!("large-{n}")), 204, "{n}");
        assert_eq!(server.object(&format!("large-{n}")).0, 404, "{n}");
    }
    assert_eq!((signed(5_000), plain(5_000)), (200, 200), "there is room again");
    server.kill();

    disk.fill();
    let Err(log) = Process::try_start(&data, &[], None) else { panic!("it started") };
    assert!(log.contains("disk full: the data directory"), "{log}");
    fs::remove_file(disk.filler()).expect("removed");
    let server = Process::start(&data);
    assert_eq!(server.object("items.csv").0, 200);
    survived(
        "full disk",
        "PutEvents, POST /events and PUT answer 503, reading and S3 DELETE work, the start says disk full, nothing is lost",
    );
}
