//! The notifications of the server to systemd, and the unit.

use super::{BINARY, Serving, present, repository, succeed, text};
use std::os::unix::net::UnixDatagram;
use std::process::Command;
use std::time::Duration;

/// Messages of the server, by lines.
struct Messages(UnixDatagram);

impl Messages {
    /// The lines of the next message.
    fn next(&self) -> Vec<String> {
        let mut bytes = [0; 4096];
        let length = self.0.recv(&mut bytes).expect("a message in time");
        String::from_utf8_lossy(&bytes[..length]).lines().map(str::to_owned).collect()
    }
}

#[test]
fn systemd_is_told_of_the_start_of_life_and_of_the_end() {
    let folder = tempfile::tempdir().expect("a temporary directory");
    let path = folder.path().join("notify");
    let messages = Messages(UnixDatagram::bind(&path).expect("a socket"));
    messages.0.set_read_timeout(Some(Duration::from_secs(120))).expect("set");
    let mut command = Command::new(BINARY);
    command.args(["serve", "--listen", "127.0.0.1:0", "--data-dir"]).arg(folder.path().join("data"));
    command.env("NOTIFY_SOCKET", &path).env("WATCHDOG_USEC", "600000");
    let mut server = Serving::start(command);
    assert_eq!(messages.next(), ["READY=1".to_owned(), format!("STATUS=serving at {}", server.url)]);
    assert_eq!([messages.next(), messages.next()], [["WATCHDOG=1"], ["WATCHDOG=1"]]);
    let signal = |name: &str| succeed(Command::new("kill").args([name, &server.process.id().to_string()]));
    let after_life =
        || std::iter::repeat_with(|| messages.next()).find(|lines| lines[0] != "WATCHDOG=1").expect("endless");
    signal("-HUP");
    assert_eq!(after_life()[0], "RELOADING=1");
    assert_eq!(after_life(), ["READY=1"]);
    // A process that is stopped gives no sign of life.
    signal("-STOP");
    // What was under way arrives.
    std::thread::sleep(Duration::from_millis(500));
    messages.0.set_nonblocking(true).expect("set");
    while messages.0.recv(&mut [0; 4096]).is_ok() {}
    messages.0.set_nonblocking(false).expect("set");
    messages.0.set_read_timeout(Some(Duration::from_secs(2))).expect("set");
    assert!(messages.0.recv(&mut [0; 4096]).is_err());
    signal("-CONT");
    messages.0.set_read_timeout(Some(Duration::from_secs(120))).expect("set");
    assert_eq!(messages.next(), ["WATCHDOG=1"]);
    server.terminate();
    assert_eq!(after_life()[0], "STOPPING=1");
}

#[test]
fn a_server_without_systemd_tells_nobody() {
    let folder = tempfile::tempdir().expect("a temporary directory");
    let log = folder.path().join("log");
    let mut command = Command::new(BINARY);
    command.args(["serve", "--listen", "127.0.0.1:0", "--data-dir"]).arg(folder.path().join("data"));
    command.env_remove("NOTIFY_SOCKET").stderr(std::fs::File::create(&log).expect("made"));
    Serving::start(command).terminate();
    let said = std::fs::read_to_string(log).expect("read");
    assert!(!said.contains("service manager"), "{said}");
}

#[test]
fn systemd_takes_the_unit() {
    let unit = text("deploy/systemd/tastemaker.service");
    for line in
        ["Type=notify", "DynamicUser=yes", "StateDirectory=tastemaker", "ProtectSystem=strict", "NoNewPrivileges=yes"]
    {
        assert!(unit.lines().any(|other| other == line), "{line}");
    }
    if !present("systemd-analyze") {
        return;
    }
    let folder = tempfile::tempdir().expect("a temporary directory");
    let here = folder.path().join("tastemaker.service");
    // The binary is not installed here.
    let unit = unit.replace("ExecStart=/usr/bin/tastemaker", &format!("ExecStart={BINARY}"));
    std::fs::write(&here, unit.replace("Documentation=man:tastemaker(1)\n", "")).expect("written");
    let output = super::run(Command::new("systemd-analyze").arg("verify").arg(&here));
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success() && !said.contains("tastemaker.service"), "{said}");
    // Of ten; without its settings for safety it is above nine.
    let mut security = Command::new("systemd-analyze");
    security
        .args(["security", "--offline=true", "--threshold=20"])
        .arg(repository("deploy/systemd/tastemaker.service"));
    succeed(&mut security);
}
