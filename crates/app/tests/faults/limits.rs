//! Low limits of the operating system.

use crate::process::*;

#[test]
fn few_file_descriptors_are_enough() {
    let data = shop();
    let server = Process::try_start(data.path(), &[], Some("ulimit -n 128")).unwrap_or_else(|log| panic!("{log}"));
    for n in 0..50 {
        assert_eq!(server.recommend("popular").0, 200, "{n}");
        assert_eq!(server.put_object(&format!("o{n}"), "x").expect("an answer"), 200, "{n}");
    }
    assert_eq!(server.export("export").0, "ACTIVE");
    survived("128 file descriptors", "uploads, an export and recommendations");
}

#[test]
fn little_memory_is_enough() {
    let data = shop();
    let server = Process::try_start(data.path(), &[], Some("ulimit -v 4000000")).unwrap_or_else(|log| panic!("{log}"));
    assert_eq!(server.recommend("personal").0, 200);
    assert_eq!(server.export("export").0, "ACTIVE");
    survived("4 GB of address space", "an export and recommendations");
}

/// Files of earlier builds, as their umask made them.
#[cfg(unix)]
#[test]
fn what_earlier_builds_left_open_to_others_is_closed() {
    use std::os::unix::fs::PermissionsExt;
    let data = shop();
    let mode = |name: &str| {
        std::fs::metadata(data.path().join(name)).map(|found| found.permissions().mode() & 0o777).expect("there")
    };
    for (name, open) in [("", 0o755), ("blobs", 0o755), ("records.sqlite", 0o644), ("events.sqlite", 0o644)] {
        std::fs::set_permissions(data.path().join(name), std::fs::Permissions::from_mode(open)).expect("opened");
    }
    let _server = Process::start(data.path());
    for (name, closed) in [
        ("", 0o700),
        ("blobs", 0o700),
        ("records.sqlite", 0o600),
        ("events.sqlite", 0o600),
        ("records.sqlite-wal", 0o600),
        ("events.sqlite-wal", 0o600),
    ] {
        assert_eq!(mode(name), closed, "{name}");
    }
    survived("directory open to others", "0700 and 0600 after the start");
}
