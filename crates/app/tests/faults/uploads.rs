//! `kill -9` in uploads: every acknowledged object is there and whole.

use crate::process::*;
use crate::server::directory::files;
use std::time::Duration;

const ROUNDS: usize = 4;

#[test]
fn acknowledged_uploads_survive_kill_9() {
    let data = shop();
    let body = |key: &str| key.repeat(20_000);
    let mut acknowledged = Vec::new();
    for round in 0..ROUNDS {
        let server = Process::start(data.path());
        std::thread::scope(|scope| {
            let writers: Vec<_> = (0..3)
                .map(|writer| {
                    let server = &server;
                    scope.spawn(move || {
                        let keys = (0..).map(|n| format!("k{round}-{writer}-{n}"));
                        keys.take_while(|key| server.put_object(key, &body(key)).is_ok_and(|status| status == 200))
                            .collect::<Vec<_>>()
                    })
                })
                .collect();
            std::thread::sleep(Duration::from_millis(150 + 40 * round as u64));
            server.kill_now();
            acknowledged.extend(writers.into_iter().flat_map(|writer| writer.join().expect("no panic")));
        });
    }
    let server = Process::start(data.path());
    for key in &acknowledged {
        let (status, bytes) = server.object(key);
        assert!(status == 200 && bytes == body(key).into_bytes(), "{key}: {status}");
    }
    assert!(acknowledged.len() >= ROUNDS, "only {} uploads", acknowledged.len());
    assert!(files(&data.path().join("blobs/incoming")).is_empty());
    drop(server);
    assert!(check(data.path()).0);
    survived(
        "kill -9 in uploads",
        &format!("{ROUNDS} kills, {} acknowledged uploads, none lost or changed", acknowledged.len()),
    );
}
