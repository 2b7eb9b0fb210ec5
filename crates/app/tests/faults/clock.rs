//! Clock jumps: the server's clock is moved by a small library that stands before the C library's.
#![cfg(target_os = "linux")]

use crate::process::*;
use serde_json::json;
use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

const YEAR_S: i64 = 365 * 24 * 3600;

/// Builds the library; says so and returns nothing without a C compiler.
fn library(folder: &Path) -> Option<std::path::PathBuf> {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/faults/clock.c");
    let library = folder.join("clock.so");
    let built = Command::new("cc").args(["-shared", "-fPIC", "-O1", "-o"]).arg(&library).arg(source).status();
    if !built.is_ok_and(|status| status.success()) {
        println!("skipped: a clock jump needs a C compiler");
        return None;
    }
    Some(library)
}

#[test]
fn a_clock_that_ran_ahead_or_behind_stops_nothing_afterwards() {
    let folder = tempfile::tempdir().expect("a temporary directory");
    let Some(library) = library(folder.path()) else { return };
    let clock = folder.path().join("clock");
    let set = |moved_s: i64| {
        use std::os::unix::fs::FileExt;
        let file = fs::OpenOptions::new().create(true).truncate(false).write(true).open(&clock).expect("open");
        file.write_all_at(&moved_s.to_ne_bytes(), 0).expect("write");
    };
    let preload = format!("export FAULT_CLOCK={} LD_PRELOAD={}", clock.display(), library.display());
    let data = shop();
    set(0);
    let start = || Process::try_start(data.path(), &[], Some(&preload)).unwrap_or_else(|log| panic!("{log}"));
    let mut server = start();
    for (n, moved_s) in [10 * YEAR_S, -10 * YEAR_S].into_iter().enumerate() {
        for restarted in [false, true] {
            // Work is under way when the clock jumps.
            let job = server.begin_export(&format!("jump-{n}-{restarted}"));
            set(moved_s);
            if restarted {
                server.kill();
                server = start();
            }
            let refused = server.line().send(&server.caller.control("ListCampaigns", &json!({}))).expect("an answer").0;
            assert_eq!(refused, 403, "the server's clock has moved, and signatures are of another time");
            std::thread::sleep(Duration::from_millis(500));
            set(0);
            let end = server.end_of("DescribeDatasetExportJob", "datasetExportJob", &job);
            assert_eq!(end, ("ACTIVE".to_owned(), String::new()), "{moved_s} {restarted}");
            assert_eq!(server.recommend("personal").0, 200);
            assert_eq!(server.export(&format!("after-{n}-{restarted}")).0, "ACTIVE");
        }
    }
    server.kill();
    let server = Process::start(data.path());
    assert_eq!(server.export("afterwards").0, "ACTIVE");
    survived("clock jumps by ten years, there and back", "work under way and new work end; lists go on");
}
