//! The packages of `cargo xtask dist`, unpacked and installed into folders that hold nothing else.

use super::{BINARY, Serving, present, repository, run, succeed};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The one file of a folder with an ending.
fn found(folder: &Path, ending: &str) -> PathBuf {
    let files = std::fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path());
    let files: Vec<PathBuf> = files.filter(|path| path.to_string_lossy().ends_with(ending)).collect();
    assert_eq!(files.len(), 1, "{ending}: {files:?}");
    files[0].clone()
}

/// The packages of the binary of these tests, without its symbols.
fn packages(folder: &Path) -> PathBuf {
    let (binary, out) = (folder.join("stripped"), folder.join("packages"));
    succeed(Command::new("strip").arg("-o").arg(&binary).arg(BINARY));
    let mut xtask = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    xtask.args(["run", "--quiet", "--package", "xtask", "--", "dist", "--compression", "0", "--binary"]);
    xtask.arg(&binary).arg("--out").arg(&out).current_dir(repository("."));
    succeed(&mut xtask);
    out
}

/// A root in which dpkg knows the libraries that the binary needs, and nothing else.
fn empty_system(root: &Path) {
    let database = root.join("var/lib/dpkg");
    for folder in ["info", "updates", "triggers"] {
        std::fs::create_dir_all(database.join(folder)).expect("made");
    }
    std::fs::create_dir_all(root.join("var/log")).expect("made");
    let architecture = succeed(Command::new("dpkg").arg("--print-architecture"));
    let paragraph = |package: &str| {
        let version = run(Command::new("dpkg-query").args(["--show", "--showformat=${Version}", package]));
        let version = if version.status.success() {
            String::from_utf8_lossy(&version.stdout).into_owned()
        } else {
            "2.99".into()
        };
        format!(
            "Package: {package}\nStatus: install ok installed\nPriority: optional\nSection: libs\nMaintainer: nobody <n@example.com>\n\
             Architecture: {}\nMulti-Arch: same\nVersion: {version}\nDescription: there\n\n",
            architecture.trim()
        )
    };
    std::fs::write(database.join("status"), paragraph("libc6") + &paragraph("libgcc-s1")).expect("written");
    std::fs::write(database.join("available"), "").expect("written");
}

fn dpkg(root: &Path, arguments: &[&str]) -> String {
    let mut command = Command::new("dpkg");
    command.arg(format!("--root={}", root.display())).args([
        "--force-not-root",
        "--force-bad-path",
        "--force-script-chrootless",
    ]);
    succeed(command.args(arguments))
}

/// A command of the installed binary with its settings, and nothing of this process's environment.
fn installed(root: &Path, command: &str) -> Command {
    let mut tastemaker = Command::new(root.join("usr/bin/tastemaker"));
    tastemaker.env_clear().current_dir(root).arg(command);
    tastemaker.arg("--config").arg(root.join("etc/tastemaker/tastemaker.toml"));
    tastemaker.arg("--data-dir").arg(root.join("var/lib/tastemaker")).args(["--listen", "127.0.0.1:0"]);
    tastemaker
}

fn recommendations(server: &Serving) -> String {
    let answer = ureq::get(format!("{}/recommendations?user_id=user42&num_results=5", server.url)).call();
    answer.expect("an answer").body_mut().read_to_string().expect("text")
}

/// A fresh Debian with nothing but the package: install, start, demo, backup, purge, restore, check.
#[test]
fn the_packages_hold_everything_and_the_debian_package_lives_and_dies_well() {
    let folder = tempfile::tempdir().expect("a temporary directory");
    let out = packages(folder.path());
    succeed(Command::new("sha256sum").args(["--check", "--strict", "SHA256SUMS"]).current_dir(&out));
    tarball(folder.path(), &out);
    bill_of_materials(&out);
    if !present("dpkg") {
        return;
    }
    let package = found(&out, ".deb").display().to_string();
    let (root, backups) = (folder.path().join("root"), folder.path().join("backups"));
    let data = root.join("var/lib/tastemaker");
    empty_system(&root);
    dpkg(&root, &["--install", &package]);
    assert!(dpkg(&root, &["--verify", "tastemaker"]).is_empty());
    for file in ["usr/share/man/man1/tastemaker-serve.1.gz", "usr/lib/systemd/system/tastemaker.service"] {
        assert!(root.join(file).exists(), "{file}");
    }

    succeed(installed(&root, "demo").arg("--exit"));
    let mut server = Serving::start(installed(&root, "serve"));
    assert!(succeed(&mut installed(&root, "health")).contains("is healthy"));
    let answered = recommendations(&server);
    assert!(answered.matches("\"id\"").count() == 5, "{answered}");
    succeed(installed(&root, "backup").arg(&backups));
    server.terminate();

    // Removing keeps data and settings, purging does not.
    std::fs::write(root.join("etc/tastemaker/tastemaker.toml"), "region = \"eu-west-1\"\n").expect("written");
    dpkg(&root, &["--remove", "tastemaker"]);
    assert!(data.join("credentials.json").exists() && root.join("etc/tastemaker/tastemaker.toml").exists());
    assert!(!root.join("usr/bin/tastemaker").exists());
    dpkg(&root, &["--purge", "tastemaker"]);
    assert!(!data.exists() && !root.join("etc/tastemaker").exists());

    dpkg(&root, &["--install", &package]);
    succeed(installed(&root, "restore").arg(&backups));
    assert!(succeed(&mut installed(&root, "check")).ends_with("everything is as it was written\n"));
    let mut server = Serving::start(installed(&root, "serve"));
    assert_eq!(recommendations(&server), answered);
    server.terminate();
}

fn tarball(folder: &Path, out: &Path) {
    succeed(
        Command::new("tar").arg("--extract").arg("--file").arg(found(out, ".tar.xz")).arg("--directory").arg(folder),
    );
    let unpacked = found(folder, "-linux-gnu");
    let version = succeed(Command::new(unpacked.join("tastemaker")).arg("--version"));
    assert_eq!(version, succeed(Command::new(BINARY).arg("--version")));
    for file in [
        "README.md",
        "LICENSE",
        "THIRD-PARTY-LICENSES.gz",
        "tastemaker.toml",
        "systemd/tastemaker.service",
        "completions/tastemaker.bash",
        "completions/_tastemaker",
        "completions/tastemaker.fish",
        "man/tastemaker.1.gz",
    ] {
        assert!(unpacked.join(file).exists(), "{file}");
    }
    let licenses =
        succeed(Command::new("gzip").args(["--decompress", "--stdout"]).arg(unpacked.join("THIRD-PARTY-LICENSES.gz")));
    for part in ["\ntokio 1.", "Permission is hereby granted, free of charge", "CDLA-Permissive-2.0"] {
        assert!(licenses.contains(part), "{part}");
    }
    assert!(
        !licenses.contains("\ntastemaker-") && !licenses.contains("\ncriterion "),
        "only packages of others, and none of tests"
    );
    let sections = succeed(Command::new("objdump").arg("--section-headers").arg(unpacked.join("tastemaker")));
    assert!(sections.contains(".dep-v0"), "{sections}");
}

/// Every component has what a scanner looks for, and every reference leads to one.
fn bill_of_materials(out: &Path) {
    let bill = std::fs::read(found(out, ".cdx.json")).expect("read");
    let bill: serde_json::Value = serde_json::from_slice(&bill).expect("JSON");
    assert_eq!((&bill["bomFormat"], &bill["specVersion"]), (&"CycloneDX".into(), &"1.5".into()));
    assert_eq!(bill["metadata"]["component"]["name"], "tastemaker");
    let components = bill["components"].as_array().expect("components");
    let text = |value: &serde_json::Value| value.as_str().unwrap_or_else(|| panic!("{value} is no text")).to_owned();
    let mut references: BTreeSet<String> = components.iter().map(|component| text(&component["bom-ref"])).collect();
    assert!(references.len() == components.len() && components.len() > 200, "{}", components.len());
    references.insert(text(&bill["metadata"]["component"]["bom-ref"]));
    for component in components.iter().filter(|component| component.get("purl").is_some()) {
        assert!(component["hashes"][0]["content"].as_str().is_some_and(|sum| sum.len() == 64), "{component}");
        assert!(component["licenses"][0]["expression"].is_string(), "{component}");
    }
    for edge in bill["dependencies"].as_array().expect("edges") {
        assert!(references.contains(&text(&edge["ref"])), "{edge}");
        for other in edge["dependsOn"].as_array().expect("a list") {
            assert!(references.contains(&text(other)), "{other}");
        }
    }
}
