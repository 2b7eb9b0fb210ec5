//! The commands that packages, images and units call.

use super::{BINARY, Serving, present, run, succeed};
use std::io::{Read, Write};
use std::net::TcpListener;
use std::process::Command;

fn tastemaker(arguments: &[&str]) -> Command {
    let mut command = Command::new(BINARY);
    command.args(arguments);
    command
}

/// The exit code and everything that was said.
fn told(arguments: &[&str]) -> (Option<i32>, String) {
    let output = run(&mut tastemaker(arguments));
    let said = [output.stdout, output.stderr].concat();
    (output.status.code(), String::from_utf8_lossy(&said).into_owned())
}

#[test]
fn the_version_says_what_it_was_built_from() {
    let version = succeed(&mut tastemaker(&["--version"]));
    let expected = format!("tastemaker {} (", env!("CARGO_PKG_VERSION"));
    assert!(version.starts_with(&expected) && version.ends_with(")\n"), "{version}");
    assert!(["(development build)", "(commit "].iter().any(|word| version.contains(word)), "{version}");
}

#[test]
fn health_is_an_exit_code_and_a_sentence() {
    let folder = tempfile::tempdir().expect("a temporary directory");
    let data = folder.path().join("data").display().to_string();
    let (code, said) = told(&["health", "--data-dir", &data]);
    assert_eq!(code, Some(1));
    assert!(said.contains(&format!("error: no server runs on the data directory {data}; ")), "{said}");
    let mut server = Serving::on(folder.path().join("data").as_path());
    let url = server.url.clone();
    for (arguments, state) in [
        (&["health", "--data-dir", &data][..], "healthy"),
        (&["health", "--data-dir", &data, "--ready"], "ready"),
        (&["health", "--url", &url], "healthy"),
        (&["health", "--url", &format!("{url}/")], "healthy"),
    ] {
        assert_eq!(told(arguments), (Some(0), format!("the server at {url} is {state}\n")), "{arguments:?}");
    }
    server.terminate();
    let (code, said) = told(&["health", "--url", &url]);
    assert_eq!(code, Some(1));
    assert!(said.starts_with(&format!("error: the server at {url} does not answer: ")), "{said}");
}

#[test]
fn health_is_not_what_answers_something_else_or_too_late() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let url = format!("http://{}", listener.local_addr().expect("an address"));
    std::thread::spawn(move || {
        let mut late = Vec::new();
        for (n, connection) in listener.incoming().map_while(Result::ok).enumerate() {
            let mut connection = connection;
            let _ = connection.read(&mut [0; 1024]);
            if n == 0 {
                let _ = connection.write_all(b"HTTP/1.1 503 Service Unavailable\r\ncontent-length: 0\r\n\r\n");
            } else {
                late.push(connection);
            }
        }
    });
    let (code, said) = told(&["health", "--url", &url]);
    assert_eq!(
        (code, said),
        (Some(1), format!("error: the server at {url} is not healthy: it answers /health with 503\n"))
    );
    let began = std::time::Instant::now();
    let (code, said) = told(&["health", "--url", &url, "--timeout", "1"]);
    assert_eq!(code, Some(1));
    assert!(said.contains("does not answer: timeout"), "{said}");
    assert!(began.elapsed().as_secs() < 30);
    let (code, said) = told(&["health", "--url", &url, "--timeout", "0"]);
    assert!(code == Some(2) && said.contains("1..=3600"), "{said}");
}

/// A listener with TLS is asked by the data directory although its certificate is for another name, and by its URL not.
#[test]
fn health_over_tls_knows_its_own_server() {
    let folder = tempfile::tempdir().expect("a temporary directory");
    let made = rcgen::generate_simple_self_signed(vec!["rec.example.com".to_owned()]).expect("a certificate");
    let (certificate, key) = (folder.path().join("tls.crt"), folder.path().join("tls.key"));
    std::fs::write(&certificate, made.cert.pem()).expect("written");
    std::fs::write(&key, made.signing_key.serialize_pem()).expect("written");
    let data = folder.path().join("data");
    let mut command = tastemaker(&["serve", "--listen", "127.0.0.1:0", "--data-dir"]);
    command.arg(&data).arg("--tls-certificate").arg(&certificate).arg("--tls-key").arg(&key);
    let server = Serving::start(command);
    assert!(server.url.starts_with("https://"), "{}", server.url);
    let (code, said) = told(&["health", "--data-dir", &data.display().to_string()]);
    assert_eq!((code, said), (Some(0), format!("the server at {} is healthy\n", server.url)));
    let (code, said) = told(&["health", "--url", &server.url]);
    assert!(code == Some(1) && said.contains("does not answer"), "{said}");
}

#[test]
fn shells_take_the_completions() {
    for (shell, words) in [
        ("bash", &["_tastemaker()", "complete -F"][..]),
        ("zsh", &["#compdef tastemaker"]),
        ("fish", &["complete -c tastemaker"]),
        ("elvish", &["edit:completion"]),
        ("powershell", &["Register-ArgumentCompleter"]),
    ] {
        let text = succeed(&mut tastemaker(&["completions", shell]));
        for word in words.iter().chain(&["backup", "data-dir"]) {
            assert!(text.contains(word), "{shell}: {word}");
        }
    }
    // Bash itself completes with them.
    let script = format!(
        "source <({BINARY} completions bash)\nCOMP_WORDS=(tastemaker heal) COMP_CWORD=1\n\
         _tastemaker tastemaker heal tastemaker\necho \"${{COMPREPLY[*]}}\""
    );
    assert_eq!(succeed(Command::new("bash").args(["-c", &script])), "health\n");
    let (code, said) = told(&["completions", "tcsh"]);
    assert!(code == Some(2) && said.contains("possible values: bash"), "{said}");
}

#[test]
fn every_command_has_a_page() {
    let folder = tempfile::tempdir().expect("a temporary directory");
    let out = folder.path().join("man");
    succeed(tastemaker(&["manual", "--out"]).arg(&out));
    for (page, words) in [
        ("tastemaker.1", &["tastemaker\\-serve(1)", "tastemaker\\-health(1)"][..]),
        ("tastemaker-serve.1", &["\\-\\-accept\\-mismatch", "\\-\\-tls\\-certificate"]),
        ("tastemaker-braze-preview.1", &["\\-\\-template"]),
    ] {
        let text = std::fs::read_to_string(out.join(page)).unwrap_or_else(|error| panic!("{page}: {error}"));
        for word in words {
            assert!(text.contains(word), "{page}: {word} is not in\n{text}");
        }
    }
    if present("man") {
        let page =
            succeed(Command::new("man").args(["--warnings", "--local-file"]).arg(out.join("tastemaker-health.1")));
        assert!(page.contains("--timeout"), "{page}");
    }
    let file = folder.path().join("file");
    std::fs::write(&file, "").expect("written");
    let (code, said) = told(&["manual", "--out", &file.display().to_string()]);
    assert!(code == Some(1) && said.contains("cannot make the directory"), "{said}");
}
