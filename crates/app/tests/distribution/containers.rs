//! The image's Dockerfile, whose steps are replayed here, and the compose file.

use super::{BINARY, present, repository, run, text};
use serde_norway::Value;
use std::collections::BTreeSet;
use std::process::Command;

/// The libraries of gcr.io/distroless/cc-debian12 that a program may name.
const DISTROLESS_CC: &[&str] = &[
    "libc.so.6",
    "libm.so.6",
    "libgcc_s.so.1",
    "libstdc++.so.6",
    "libgomp.so.1",
    "libdl.so.2",
    "libpthread.so.0",
    "librt.so.1",
    "ld-linux-x86-64.so.2",
    "ld-linux-aarch64.so.1",
];
/// Its glibc.
const GLIBC_MINOR: u32 = 36;

/// An instruction and its arguments, further lines joined.
fn instructions(dockerfile: &str) -> Vec<(String, String)> {
    let lines = dockerfile.lines().filter(|line| !line.trim_start().starts_with('#')).collect::<Vec<_>>().join("\n");
    let joined = lines.replace("\\\n", " ");
    let lines = joined.lines().filter_map(|line| line.trim().split_once(' '));
    lines.map(|(name, rest)| (name.to_owned(), rest.split_whitespace().collect::<Vec<_>>().join(" "))).collect()
}

/// The last stage: from its `FROM` on.
fn last_stage() -> Vec<(String, String)> {
    let all = instructions(&text("deploy/Dockerfile"));
    let from = all.iter().rposition(|(name, _)| name == "FROM").expect("a stage");
    all[from..].to_vec()
}

fn argument(of: &str) -> String {
    let found: Vec<String> = last_stage().into_iter().filter(|(name, _)| name == of).map(|(_, rest)| rest).collect();
    assert_eq!(found.len(), 1, "{of}");
    found[0].clone()
}

#[test]
fn the_image_is_small_and_belongs_to_nobody_with_rights() {
    let stage = last_stage();
    assert_eq!(stage[0].1, "gcr.io/distroless/cc-debian12:nonroot");
    assert_eq!(argument("USER"), "65532:65532");
    assert_eq!(argument("VOLUME"), "/var/lib/tastemaker");
    assert!(!stage.iter().any(|(name, _)| name == "RUN" || name == "ADD"), "it has no shell");
    let known = [
        "FROM",
        "COPY",
        "ENV",
        "USER",
        "WORKDIR",
        "VOLUME",
        "EXPOSE",
        "STOPSIGNAL",
        "HEALTHCHECK",
        "ENTRYPOINT",
        "CMD",
    ];
    for (name, _) in &stage {
        assert!(known.contains(&name.as_str()), "{name}");
    }
}

/// The sources of all copies are there: files of the repository, and what the first stage's commands put into `/image`.
#[test]
fn everything_that_is_copied_exists() {
    let all = instructions(&text("deploy/Dockerfile"));
    let built = &all.iter().find(|(name, _)| name == "RUN").expect("a build").1;
    for (_, rest) in all.iter().filter(|(name, _)| name == "COPY") {
        let words: Vec<&str> = rest.split(' ').filter(|word| !word.starts_with("--")).collect();
        let source = words[0];
        if rest.contains("--from=build") {
            assert!(built.contains(source), "{source} is not made by: {built}");
        } else {
            assert!(repository(source).exists(), "{source}");
        }
    }
    assert!(built.contains("--profile dist") && built.contains("--locked"), "{built}");
}

/// The libraries that the binary names, and the glibc that it asks for, are those of the image.
#[test]
fn the_image_has_the_libraries_of_the_binary() {
    if !present("objdump") {
        return;
    }
    let told = super::succeed(Command::new("objdump").args(["--private-headers", BINARY]));
    let needed: BTreeSet<&str> =
        told.lines().filter_map(|line| line.trim().strip_prefix("NEEDED")).map(str::trim).collect();
    assert!(needed.contains("libc.so.6"), "{told}");
    for library in &needed {
        assert!(DISTROLESS_CC.contains(library), "{library}");
    }
    let versions = told
        .split_whitespace()
        .filter_map(|word| word.strip_prefix("GLIBC_2.")?.split('.').next()?.parse::<u32>().ok());
    let newest = versions.max().expect("a version");
    assert!(newest <= GLIBC_MINOR, "glibc 2.{newest}");
}

/// The server and its health check with the image's variables, in a root that nobody may write to but for the volume.
#[test]
fn the_entry_point_and_the_health_check_run() {
    let words =
        |text: &str| serde_json::from_str::<Vec<String>>(text).unwrap_or_else(|error| panic!("{text}: {error}"));
    let entry = [words(&argument("ENTRYPOINT")), words(&argument("CMD"))].concat();
    let health = argument("HEALTHCHECK");
    let health = words(health.split_once(" CMD ").expect("a command").1);
    assert_eq!((entry[0].as_str(), health[0].as_str()), ("/usr/bin/tastemaker", "/usr/bin/tastemaker"));
    let folder = tempfile::tempdir().expect("a temporary directory");
    let data = folder.path().join("data");
    let environment: Vec<(String, String)> = argument("ENV")
        .split(' ')
        .map(|pair| pair.split_once('=').expect("a pair"))
        // The folder and a free port of this machine, on the same addresses.
        .map(|(name, value)| {
            let value = value.replace("/var/lib/tastemaker", &data.display().to_string()).replace(":4100", ":0");
            (name.to_owned(), value)
        })
        .collect();
    assert_eq!(environment.len(), 2);
    let command = |arguments: &[String]| {
        let mut command = Command::new(BINARY);
        command.env_clear().envs(environment.iter().map(|(name, value)| (name, value))).args(&arguments[1..]);
        command
    };
    // Others reach the listener: it wants TLS or a word.
    let refused = run(&mut command(&entry));
    assert!(!refused.status.success() && String::from_utf8_lossy(&refused.stderr).contains("--insecure-http"));
    let mut start = command(&entry);
    start.env("TASTEMAKER_INSECURE_HTTP", "true");
    let mut server = super::Serving::start(start);
    let mut check = command(&health);
    check.env("TASTEMAKER_INSECURE_HTTP", "true");
    assert!(super::succeed(&mut check).contains("is healthy"));
    server.terminate();
    let after = run(&mut check);
    assert_eq!(after.status.code(), Some(1));
}

#[test]
fn the_compose_file_names_what_is_there() {
    let file: Value = serde_norway::from_str(&text("deploy/compose.yaml")).expect("YAML");
    let names =
        |value: &Value| value.as_mapping().into_iter().flatten().map(|(name, _)| name.clone()).collect::<Vec<Value>>();
    let services = file["services"].as_mapping().expect("services");
    let mut mounted = 0;
    for (name, service) in services {
        for key in names(service) {
            let known = [
                "image",
                "build",
                "environment",
                "ports",
                "volumes",
                "secrets",
                "read_only",
                "tmpfs",
                "cap_drop",
                "security_opt",
                "stop_grace_period",
                "ulimits",
                "restart",
                "profiles",
                "command",
                "depends_on",
            ];
            assert!(key.as_str().is_some_and(|key| known.contains(&key)), "{name:?}: {key:?}");
        }
        for port in service["ports"].as_sequence().into_iter().flatten() {
            assert!(port.as_str().is_some_and(|port| port.starts_with("127.0.0.1:")), "{name:?}: {port:?}");
        }
        for volume in service["volumes"].as_sequence().into_iter().flatten() {
            let source = volume.as_str().expect("a text").split(':').next().expect("a source").to_owned();
            if let Some(path) = source.strip_prefix("./") {
                assert!(repository("deploy").join(path).exists(), "{source}");
                mounted += 1;
            } else {
                assert!(names(&file["volumes"]).contains(&source.clone().into()), "{source}");
            }
        }
        for secret in service["secrets"].as_sequence().into_iter().flatten() {
            assert!(names(&file["secrets"]).contains(secret), "{secret:?}");
        }
        if *name != "tastemaker" {
            assert_eq!(service["profiles"][0], "monitoring", "{name:?} is no part of a single node");
        }
    }
    assert!(mounted >= 2);
    let own = &file["services"]["tastemaker"];
    assert_eq!((&own["read_only"], &own["cap_drop"][0]), (&true.into(), &"ALL".into()));
    let build = &own["build"];
    assert!(
        repository("deploy")
            .join(build["context"].as_str().expect("a folder"))
            .join(build["dockerfile"].as_str().expect("a file"))
            .exists()
    );
    // Its variables are settings.
    let folder = tempfile::tempdir().expect("a temporary directory");
    let mut command = Command::new(BINARY);
    command.args(["check", "--data-dir"]).arg(folder.path());
    for (name, value) in own["environment"].as_mapping().expect("variables") {
        // A variable of whoever starts it, which is empty without them.
        let value = value.as_str().expect("text");
        let value = if value.starts_with("${") && value.ends_with(":-}") { "" } else { value };
        command.env(name.as_str().expect("text"), value);
    }
    let said = String::from_utf8_lossy(&run(&mut command).stderr).into_owned();
    assert!(said.contains("is no data directory") && !said.contains("sets nothing"), "{said}");
}
