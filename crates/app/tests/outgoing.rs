//! The server and the demo send nothing to other machines: they run in a network namespace that has nothing but loopback, whose kernel
//! counts each packet and connection for which there is no way. Needs root, or user namespaces, and `ip`; says so elsewhere.
#![allow(clippy::expect_used, missing_docs)]

use std::process::{Command, Output};

/// Runs a script of the shell where nothing but loopback is, and gives back its output; the last line is the number of attempts to
/// reach another machine. `None` where such a place cannot be made.
fn isolated(script: &str) -> Option<(Output, u64)> {
    let count = "cat /proc/net/snmp /proc/net/snmp6 | awk '/^Ip:/ { if (!at) { for (i = 1; i <= NF; i++) if ($i == \"OutNoRoutes\") at = i } \
                 else if (!seen) { seen = 1; sum += $at } } /^Ip6OutNoRoutes/ { sum += $2 } END { print sum }'";
    let inside = format!("ip link set lo up || exit 99\n{script}\nstatus=$?\n{count}\nexit $status");
    let attempt = |flags: &[&str]| {
        let mut command = Command::new("unshare");
        command.args(flags).args(["sh", "-c", &inside]);
        for proxy in ["http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY"] {
            command.env_remove(proxy);
        }
        command.env("TASTEMAKER_BINARY", env!("CARGO_BIN_EXE_tastemaker")).output().ok()
    };
    let works = |flags: &&[&str]| {
        let probe = Command::new("unshare").args(*flags).args(["ip", "link", "set", "lo", "up"]).output();
        probe.is_ok_and(|output| output.status.success())
    };
    let flags = [&["-n"][..], &["-r", "-n"]].into_iter().find(works);
    let Some(flags) = flags else {
        println!("skipped: a network namespace needs root or user namespaces, and the command ip");
        return None;
    };
    let output = attempt(flags).expect("unshare runs");
    let told = String::from_utf8_lossy(&output.stdout).into_owned();
    let attempts = told.lines().last().and_then(|line| line.trim().parse().ok());
    let attempts = attempts.unwrap_or_else(|| panic!("{told}\n{}", String::from_utf8_lossy(&output.stderr)));
    Some((output, attempts))
}

/// The watch sees what it watches for: a connection, a datagram, and a server whose settings name an endpoint elsewhere.
#[test]
fn the_watch_sees_connections_and_datagrams() {
    for attempt in ["bash -c 'exec 3<>/dev/tcp/192.0.2.1/80'", "bash -c 'echo x > /dev/udp/192.0.2.1/53'"] {
        let Some((_, attempts)) = isolated(&format!("{attempt}; true")) else { return };
        assert!(attempts > 0, "{attempt} was not seen");
    }
    let loopback = "bash -c 'exec 3<>/dev/tcp/127.0.0.1/1'; true";
    let Some((_, attempts)) = isolated(loopback) else { return };
    assert_eq!(attempts, 0, "loopback is no other machine");
    let elsewhere = "cd \"$(mktemp -d)\" && \"$TASTEMAKER_BINARY\" braze sync users --braze-url https://192.0.2.1 --users /dev/null; \
                     TASTEMAKER_STORE__RECORDS=postgres://u@192.0.2.1/d TASTEMAKER_STORE__WAIT_S=1 timeout 20 \"$TASTEMAKER_BINARY\" serve; true";
    let Some((_, attempts)) = isolated(elsewhere) else { return };
    assert!(attempts > 0, "the server's own connections are not seen");
}

/// The whole journey of the demo, from an upload to recommendations, and a server that is started on its data, answers, reads its
/// configuration again and stops.
#[test]
fn the_journey_and_the_server_reach_no_other_machine() {
    let script = r#"
set -e
cd "$(mktemp -d)"
"$TASTEMAKER_BINARY" demo --exit --data-dir data > demo.log 2>&1 || { cat demo.log; exit 1; }
"$TASTEMAKER_BINARY" serve --data-dir data --listen 127.0.0.1:4100 > serve.log 2>&1 &
server=$!
until grep -q 'is ready' serve.log; do kill -0 $server; sleep 0.1; done
curl -fsS --noproxy '*' 'http://127.0.0.1:4100/recommendations?user_id=user42'
curl -fsS --noproxy '*' http://127.0.0.1:4100/health
curl -sS --noproxy '*' http://127.0.0.1:4100/console/login > console.html
curl -fsS --noproxy '*' http://127.0.0.1:4100/metrics > metrics.txt
kill -HUP $server
sleep 2
kill $server
wait $server
echo journey ended
"#;
    let Some((output, attempts)) = isolated(script) else { return };
    let told = String::from_utf8_lossy(&output.stdout);
    assert!(told.contains("journey ended"), "{told}\n{}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(attempts, 0, "attempts to reach another machine; {told}");
}
