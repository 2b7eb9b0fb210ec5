//! The server process with buckets of other S3 servers: those of customers, and one that its own blobs lie in.

#[path = "buckets/backups.rs"]
mod backups;
#[allow(dead_code)]
mod server;

use server::{Server, python_script, run};
use std::fmt::Write;
use std::path::PathBuf;
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use tastemaker_store::remote::{Credentials, Location, RemoteSettings};
use tastemaker_store::{Blobs, ObjectStoreBlobs, conformance};
use tastemaker_testkit::s3_servers::{ACCESS_KEY_ID, Fault, FaultProxy, S3Kind, S3Server, SECRET_ACCESS_KEY};

/// A folder with a configuration and the keys of the S3 servers.
struct Folder(tempfile::TempDir);

impl Folder {
    fn new() -> Self {
        let folder = tempfile::tempdir().expect("folder");
        let keys = format!("[shop]\naws_access_key_id={ACCESS_KEY_ID}\naws_secret_access_key={SECRET_ACCESS_KEY}\n");
        std::fs::write(folder.path().join("credentials"), keys).expect("written");
        Self(folder)
    }

    fn credentials(&self) -> PathBuf {
        self.0.path().join("credentials")
    }

    /// The settings of a bucket as TOML.
    fn reached_by(&self, endpoint: &str) -> String {
        let file = self.credentials();
        format!(
            "endpoint = '{endpoint}'\ncredentials = 'profile'\nprofile = 'shop'\ncredentials_file = '{}'\n",
            file.display()
        )
    }

    fn config(&self, toml: &str) -> String {
        let file = self.0.path().join("tastemaker.toml");
        std::fs::write(&file, toml).expect("written");
        file.display().to_string()
    }
}

/// Import, training, export, batch jobs and deletion with everything in a customer's bucket, and what is refused.
#[test]
fn boto3_external_buckets() {
    let Some(moto) = S3Server::start(S3Kind::Moto, "shop-data") else { return };
    let (folder, denying) = (Folder::new(), FaultProxy::start(moto.port()));
    let denied = Fault::Answer("403 Forbidden", "<Error><Code>AccessDenied</Code><Message>Not yours</Message></Error>");
    denying.plan((0..1_000).map(|_| denied.clone()));
    let mut toml = String::new();
    for (bucket, endpoint) in [("shop-*", moto.endpoint()), ("denied", denying.endpoint())] {
        write!(toml, "[[s3.external]]\nbucket = '{bucket}'\n{}", folder.reached_by(&endpoint)).expect("text");
    }
    let server = Server::start_with(&[("TASTEMAKER_CONFIG", &folder.config(&toml))]);
    python_script("external_buckets.py", &[&moto.endpoint(), ACCESS_KEY_ID, SECRET_ACCESS_KEY], &server);
}

/// The main journey of a server whose blobs lie in a bucket; another server is refused there, and a killed one comes back.
#[test]
fn boto3_main_journey_with_blobs_in_a_bucket() {
    let Some(moto) = S3Server::start(S3Kind::Moto, "blobs") else { return };
    let folder = Folder::new();
    let toml = format!("[store]\nblobs = 's3://blobs/tastemaker'\n[store.s3]\n{}", folder.reached_by(&moto.endpoint()));
    let config = folder.config(&toml);
    let mut server = Server::start_with(&[("TASTEMAKER_CONFIG", &config)]);
    if python_script("journey.py", &[], &server).is_empty() {
        return;
    }
    assert!(!server.data().join("blobs/blobs").exists(), "nothing lies in the data directory");
    server.kill_and_restart();
    python_script("external_blobs_after_restart.py", &[], &server);

    let other = tempfile::tempdir().expect("a directory");
    let mut second = Command::new(env!("CARGO_BIN_EXE_tastemaker"));
    second.args(["serve", "--listen", "127.0.0.1:0", "--config", &config, "--data-dir"]).arg(other.path());
    let refused = second.output().expect("it ends");
    let said = String::from_utf8_lossy(&refused.stderr);
    assert!(!refused.status.success(), "{said}");
    assert!(said.contains("s3://blobs/tastemaker") && said.contains("the records are empty"), "{said}");
}

/// A server on other records is told by the instance that the prefix belongs to another one.
#[test]
fn two_instances_on_one_prefix_are_refused() {
    let Some(moto) = S3Server::start(S3Kind::Moto, "blobs") else { return };
    let folder = Folder::new();
    let config = |prefix: &str| {
        let place = folder.reached_by(&moto.endpoint());
        folder.config(&format!("[store]\nblobs = 's3://blobs/{prefix}'\n[store.s3]\n{place}"))
    };
    let first = Server::start_with(&[("TASTEMAKER_CONFIG", &config("a"))]);
    let mut second = Server::start_with(&[("TASTEMAKER_CONFIG", &config("b"))]);
    second.kill();
    config("a");
    let mut again = Command::new(env!("CARGO_BIN_EXE_tastemaker"));
    again.args(["serve", "--listen", "127.0.0.1:0", "--config"]).arg(folder.0.path().join("tastemaker.toml"));
    let refused = again.arg("--data-dir").arg(second.data()).output().expect("it ends");
    let said = String::from_utf8_lossy(&refused.stderr);
    assert!(!refused.status.success() && said.contains("but the blobs those of instance"), "{said}");
    drop(first);
}

/// Blobs in a bucket of this server itself.
#[tokio::test(flavor = "multi_thread")]
async fn blobs_conform_on_this_server() {
    let server = Server::start();
    let environment = server.environment();
    let value = |name: &str| environment.iter().find(|(n, _)| n == name).expect(name).1.clone();
    let folder = tempfile::tempdir().expect("folder");
    let file = folder.path().join("credentials");
    let (key, secret) = (value("AWS_ACCESS_KEY_ID"), value("AWS_SECRET_ACCESS_KEY"));
    std::fs::write(&file, format!("[default]\naws_access_key_id={key}\naws_secret_access_key={secret}\n"))
        .expect("written");
    let made = "import boto3; boto3.client('s3').create_bucket(Bucket='conformance')";
    let Some(python) = server::python() else { return };
    run(Command::new(python).args(["-c", made]), &server);
    let settings = RemoteSettings {
        endpoint: Some(value("AWS_ENDPOINT_URL")),
        credentials: Credentials::Profile,
        credentials_file: Some(file),
        retries: 3,
        ..RemoteSettings::default()
    };
    let next = AtomicUsize::new(0);
    let factory = async || {
        let text = format!("s3://conformance/run/{}", next.fetch_add(1, Ordering::SeqCst));
        let location = Location::parse(&text).expect("a scheme").expect("a location");
        let blobs = ObjectStoreBlobs::open_location(&location, &settings).await.expect("opened");
        Arc::new(blobs) as Arc<dyn Blobs>
    };
    conformance::blobs::run_all(factory).await;
    let parts = factory().await;
    let body = bytes::Bytes::from(vec![7; 20_000_000]);
    let mut writer = parts.writer("large").await.expect("writer");
    writer.write(body.clone()).await.expect("write");
    writer.finish().await.expect("finish");
    let stored = tastemaker_store::collect(parts.read("large", None).await.expect("read")).await.expect("bytes");
    assert!(stored == body);
}

/// `tastemaker learn` reads from a bucket what it reads from a file.
#[test]
fn learn_reads_from_a_bucket() {
    let Some(moto) = S3Server::start(S3Kind::Moto, "shop-data") else { return };
    let directory = tempfile::tempdir().expect("a directory");
    let mut taken = "USER_ID,ITEM_ID,TIMESTAMP\n".to_owned();
    for user in 0..200 {
        for k in 0..8 {
            writeln!(taken, "u{user},i{},{}", (user * 7 + k) % 15, 1_700_000_000 + user * 100 + k).expect("text");
        }
    }
    std::fs::write(directory.path().join("taken.csv"), &taken).expect("written");
    let put = ureq::put(&format!("{}/shop-data/in/taken.csv", moto.endpoint())).send(taken.as_bytes());
    assert!(put.expect("stored").status().is_success());
    let learn = |interactions: &str, model: &str| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_tastemaker"));
        command.args(["learn", "--recipe", "aws-popularity-count", "--threads", "1", "--interactions", interactions]);
        command.args(["--model-dir", model]).current_dir(directory.path());
        command
            .env("AWS_ENDPOINT_URL", moto.endpoint())
            .env("AWS_ACCESS_KEY_ID", "k")
            .env("AWS_SECRET_ACCESS_KEY", "s");
        command.output().expect("it runs")
    };
    for (interactions, model) in [("taken.csv", "of-file"), ("s3://shop-data/in/taken.csv", "of-bucket")] {
        let output = learn(interactions, model);
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }
    let model = |name: &str| std::fs::read(directory.path().join(name).join("metrics.json")).expect("a model");
    assert_eq!(model("of-file"), model("of-bucket"));
    let absent = learn("s3://shop-data/in/absent.csv", "of-nothing");
    let said = String::from_utf8_lossy(&absent.stderr).into_owned();
    assert!(!absent.status.success() && said.contains("There is no object s3://shop-data/in/absent.csv."), "{said}");
}
