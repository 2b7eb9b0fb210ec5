//! The listener with TLS, as clients, commands and operators meet it.

#[allow(dead_code)]
mod server;

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair};
use server::{Server, python, run};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

/// Files of an authority and of a certificate for this machine.
struct Files(tempfile::TempDir);

impl Files {
    fn new() -> Self {
        let files = Self(tempfile::tempdir().expect("a temporary directory"));
        files.make_anew();
        files
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// Another authority and another certificate.
    fn make_anew(&self) {
        let mut parameters = CertificateParams::new(Vec::<String>::new()).expect("no names");
        parameters.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        parameters.distinguished_name.push(DnType::CommonName, "An authority of one's own");
        let authority = CertifiedIssuer::self_signed(parameters, KeyPair::generate().expect("a key")).expect("signed");
        let key = KeyPair::generate().expect("a key");
        let names = vec!["localhost".to_owned(), "127.0.0.1".to_owned()];
        let certificate = CertificateParams::new(names).expect("names").signed_by(&key, &authority).expect("signed");
        let client_key = KeyPair::generate().expect("a key");
        let client = CertificateParams::new(vec!["shop".to_owned()]).expect("a name");
        let client = client.signed_by(&client_key, &authority).expect("signed");
        std::fs::write(self.path("client.pem"), client.pem()).expect("written");
        std::fs::write(self.path("client.key"), client_key.serialize_pem()).expect("written");
        std::fs::write(self.path("authority.pem"), authority.pem()).expect("written");
        std::fs::write(self.path("certificate.pem"), certificate.pem()).expect("written");
        std::fs::write(self.path("key.pem"), key.serialize_pem()).expect("written");
    }

    fn server(&self) -> Server {
        let text = |name: &str| self.path(name).display().to_string();
        Server::start_with(&[
            ("TASTEMAKER_TLS__CERTIFICATE", &text("certificate.pem")),
            ("TASTEMAKER_TLS__KEY", &text("key.pem")),
            ("TASTEMAKER_TLS__MINIMUM_VERSION", "1.3"),
        ])
    }
}

fn curl(authority: &Path, url: &str, more: &[&str]) -> Option<String> {
    let mut command = Command::new("curl");
    command.args(["-sS", "--noproxy", "*", "--max-time", "20", "-w", "\n%{http_code} %{http_version}", "--cacert"]);
    let output = command.arg(authority).args(more).arg(url).output().expect("curl runs");
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).into_owned())
}

#[test]
fn boto3_and_the_command_line_over_tls() {
    let files = Files::new();
    let server = files.server();
    let Some(python) = python() else {
        println!("skipped: tls.py needs Python with boto3; `cargo xtask test` makes one");
        return;
    };
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/clients/tls.py");
    let mut command = Command::new(python);
    command.arg(script).env("PYTHONDONTWRITEBYTECODE", "1").env("AWS_CA_BUNDLE", files.path("authority.pem"));
    assert!(run(&mut command, &server).contains("TLS: the API, S3 and plain GETs were answered"));
}

#[test]
fn commands_speak_to_a_listener_that_wants_certificates_of_its_clients() {
    let (files, others) = (Files::new(), Files::new());
    let text = |files: &Files, name: &str| files.path(name).display().to_string();
    let server = Server::start_with(&[
        ("TASTEMAKER_TLS__CERTIFICATE", &text(&files, "certificate.pem")),
        ("TASTEMAKER_TLS__KEY", &text(&files, "key.pem")),
        ("TASTEMAKER_TLS__CLIENT_CA", &text(&files, "authority.pem")),
    ]);
    let data = server.data().display().to_string();
    let tastemaker = |arguments: &[&str], flags: &[String], variables: &[(String, String)]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_tastemaker"));
        command.args(arguments).args(flags).envs(variables.iter().map(|(name, value)| (name, value)));
        let output = command.output().expect("it runs");
        let said = [&output.stdout[..], &output.stderr[..]].concat();
        (output.status.code(), String::from_utf8_lossy(&said).into_owned())
    };
    let flag = |name: &str, files: &Files, file: &str| format!("--{name}={}", text(files, file));
    let authority = flag("ca-certificate", &files, "authority.pem");
    let shown = [flag("client-certificate", &files, "client.pem"), flag("client-key", &files, "client.key")];
    let all = [std::slice::from_ref(&authority), shown.as_slice()].concat();
    for (arguments, words) in [
        (&["health"][..], "is healthy"),
        (&["health", "--ready"], "is ready"),
        (&["keys", "create", "--user", "shop", "--policy", "read-only"], "secret access key"),
        (&["keys", "list"], "shop"),
        (&["jobs"], "no jobs"),
        (&["stats"], "no dataset groups"),
        (&["campaigns"], "no campaigns"),
        (&["webhooks", "dead-letters"], ""),
        (&["doctor"], "the server of this data directory answers at https://127.0.0.1:"),
    ] {
        let here = [arguments, &["--data-dir", &data]].concat();
        let (status, said) = tastemaker(&here, &all, &[]);
        assert!((status == Some(0) || arguments[0] == "doctor") && said.contains(words), "{arguments:?}: {said}");
        let (status, said) = tastemaker(&here, std::slice::from_ref(&authority), &[]);
        assert!(status == Some(1) && !said.contains("panicked"), "without a certificate, {arguments:?}: {said}");
        let wrong = [&[flag("ca-certificate", &others, "authority.pem")], shown.as_slice()].concat();
        let (status, said) = tastemaker(&here, &wrong, &[]);
        assert!(status == Some(1) && !said.contains("panicked"), "of another authority, {arguments:?}: {said}");
    }
    // This machine's own is asked for its health without knowing who signed its certificate.
    assert_eq!(tastemaker(&["health", "--data-dir", &data], &shown, &[]).0, Some(0));
    // By its address and the variables of `tastemaker env`, with the authority of AWS's variable.
    let url = format!("https://{}", server.address);
    assert_eq!(tastemaker(&["health", "--url", &url], &all, &[]).0, Some(0));
    assert_eq!(tastemaker(&["health", "--url", &url], &shown, &[]).0, Some(1));
    let bundle = [("AWS_CA_BUNDLE".to_owned(), text(&files, "authority.pem"))];
    let environment = [server.environment(), bundle.to_vec()].concat();
    for arguments in [&["keys", "list"][..], &["jobs"]] {
        let (status, said) = tastemaker(arguments, &shown, &environment);
        assert_eq!(status, Some(0), "{arguments:?}: {said}");
    }
    // Files that do not belong together, and half of a pair.
    let mixed = [flag("client-certificate", &files, "client.pem"), flag("client-key", &files, "key.pem")];
    let (status, said) = tastemaker(&["health", "--data-dir", &data], &mixed, &[]);
    assert!(status == Some(1) && said.contains("--client-key: the key is not that of the first certificate"), "{said}");
    let (status, said) = tastemaker(&["health", "--data-dir", &data], &shown[..1], &[]);
    assert!(status == Some(2) && said.contains("--client-key"), "{said}");
}

#[test]
fn curl_meets_a_certificate_that_is_exchanged_while_the_server_runs() {
    let files = Files::new();
    let server = files.server();
    let old = files.0.path().join("old.pem");
    std::fs::copy(files.path("authority.pem"), &old).expect("copied");
    let url = format!("https://{}/health", server.address);
    assert_eq!(curl(&old, &url, &[]).as_deref(), Some("OK\n200 2"));
    assert_eq!(curl(&old, &url, &["--http1.1"]).as_deref(), Some("OK\n200 1.1"));
    assert_eq!(curl(&old, &url, &["--tls-max", "1.2"]), None, "below the minimum");
    assert_eq!(curl(&old, &url.replace("https", "http"), &[]), None, "no TLS");
    let front = curl(&old, &url.replace("/health", "/console/login"), &["-i"]).expect("answered");
    assert!(!front.to_lowercase().contains("strict-transport-security"), "of an address of this machine: {front}");
    // A key without its certificate is said, and the former certificate goes on.
    let key = std::fs::read(files.path("key.pem")).expect("read");
    std::fs::write(files.path("key.pem"), KeyPair::generate().expect("a key").serialize_pem()).expect("written");
    let waits = |until: &dyn Fn() -> bool| {
        let began = Instant::now();
        while !until() {
            assert!(began.elapsed() < Duration::from_secs(30), "{}", server.log());
            std::thread::sleep(Duration::from_millis(100));
        }
    };
    waits(&|| server.log().contains("the new certificate cannot be used, the former one goes on"));
    assert!(server.log().contains("tls.key: the key is not that of the first certificate"), "{}", server.log());
    assert_eq!(curl(&old, &url, &[]).as_deref(), Some("OK\n200 2"));
    std::fs::write(files.path("key.pem"), key).expect("written");
    files.make_anew();
    waits(&|| curl(&files.path("authority.pem"), &url, &[]).is_some());
    assert_eq!(curl(&old, &url, &[]), None);
}

#[test]
fn a_hangup_takes_other_files_and_refuses_the_key_of_another_certificate() {
    let (first, second) = (Files::new(), Files::new());
    let settings = tempfile::NamedTempFile::new().expect("a temporary file");
    let write = |certificate: &Files, key: &Files| {
        let (certificate, key) = (certificate.path("certificate.pem"), key.path("key.pem"));
        let toml = format!("[tls]\ncertificate = '{}'\nkey = '{}'\n", certificate.display(), key.display());
        std::fs::write(settings.path(), toml).expect("written");
    };
    write(&first, &first);
    let server = Server::start_with(&[("TASTEMAKER_CONFIG", &settings.path().display().to_string())]);
    let url = format!("https://{}/health", server.address);
    let answers = |files: &Files| curl(&files.path("authority.pem"), &url, &[]).is_some();
    let hangup = |words: &str| {
        let id = server.process_id().to_string();
        assert!(Command::new("kill").args(["-HUP", &id]).status().expect("kill runs").success());
        let began = Instant::now();
        while !server.log().contains(words) {
            assert!(began.elapsed() < Duration::from_secs(30), "{}", server.log());
            std::thread::sleep(Duration::from_millis(50));
        }
    };
    assert!(answers(&first) && !answers(&second));
    write(&second, &first);
    hangup(":3: tls.key: the key is not that of the first certificate");
    assert!(server.log().contains("the new configuration is not taken, the former one goes on"), "{}", server.log());
    assert!(answers(&first) && !answers(&second), "the former certificate goes on");
    write(&second, &second);
    hangup("tls.key has its new value");
    assert!(!answers(&first) && answers(&second));
}

#[test]
fn a_start_with_unusable_files_says_why() {
    let files = Files::new();
    let other = Files::new();
    let start = |certificate: &Path, key: &Path| {
        let data = tempfile::tempdir().expect("a temporary directory");
        let mut command = Command::new(env!("CARGO_BIN_EXE_tastemaker"));
        command.args(["serve", "--listen", "0.0.0.0:0", "--data-dir"]).arg(data.path());
        command.arg("--tls-certificate").arg(certificate).arg("--tls-key").arg(key);
        let output = command.output().expect("it runs");
        assert!(!output.status.success());
        String::from_utf8_lossy(&output.stderr).into_owned()
    };
    let said = start(&files.path("certificate.pem"), &other.path("key.pem"));
    assert!(
        said.contains(
            "error: bad configuration: the flag --tls-key: tls.key: the key is not that of the first certificate"
        ),
        "{said}"
    );
    let said = start(&files.path("absent.pem"), &other.path("key.pem"));
    assert!(
        said.contains("error: bad configuration: the flag --tls-certificate: tls.certificate: ")
            && said.contains("absent.pem cannot be read"),
        "{said}"
    );
}
