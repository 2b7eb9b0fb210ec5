//! The endpoint alone on a port, over SQLite and a directory, for trying S3 clients against it:
//!
//! `cargo run -p tastemaker-s3 --example serve -- --port 4199 --directory DIR` and then, with the access key `test` and
//! the secret `secret`, `aws --endpoint-url http://127.0.0.1:4199 s3 ls`.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::SystemTime;

use clap::Parser;
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto::Builder;
use hyper_util::service::TowerToHyperService;
use tastemaker_backend_sql::SqliteRecords;
use tastemaker_s3::S3Config;
use tastemaker_store::ObjectStoreBlobs;

#[derive(Parser)]
struct Arguments {
    #[arg(long, default_value_t = 4199)]
    port: u16,
    #[arg(long)]
    directory: PathBuf,
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let Arguments { port, directory } = Arguments::parse();
    std::fs::create_dir_all(&directory)?;
    let records = Arc::new(SqliteRecords::open(directory.join("records.sqlite")).await?);
    let blobs = Arc::new(ObjectStoreBlobs::open_directory(directory.join("blobs")).await?);
    println!("{} blobs that nobody named were removed", tastemaker_s3::sweep_orphans(&*records, &*blobs).await?);
    let service = tastemaker_s3::service(S3Config {
        records,
        blobs,
        region: "us-east-1".to_owned(),
        credentials: Arc::new(|key| (key == "test").then(|| "secret".to_owned())),
        host_domains: vec!["localhost".to_owned()],
        clock: Arc::new(SystemTime::now),
    });
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", port)).await?;
    println!("http://{}", listener.local_addr()?);
    loop {
        let (socket, _) = listener.accept().await?;
        let service = TowerToHyperService::new(service.clone());
        tokio::spawn(async move {
            if let Err(error) = Builder::new(TokioExecutor::new()).serve_connection(TokioIo::new(socket), service).await
            {
                eprintln!("a connection ended: {error}");
            }
        });
    }
}
